"""Nothing is fine that could not be looked at: each permission taken away, one at a time.

Real: the readers over HTTP, IAM of the local AWS, and an account with something wrong everywhere.
"""

from __future__ import annotations

import pytest

from benchmarks import crowd
from pulumi_incidents.commands.doctor import looking
from pulumi_incidents.commands.doctor.catalog import CHECKS
from pulumi_incidents.commands.doctor.results import Finding, Fine, NotSeen
from tests import doctored, rights

# Without these two there is nothing to look at, and the command says so in a sentence.
NEEDED = ("sts:GetCallerIdentity", "ssm-incidents:ListResponsePlans")
PREFIXES = {"monitoring": "cloudwatch"}


@pytest.fixture
def broken(local_aws, monkeypatch):
    """Give a small account in which something is wrong with each kind of thing."""
    for name, number in {"PLANS": 2, "TEAMS": 2, "ROTATIONS": 2, "PEOPLE": 10}.items():
        monkeypatch.setattr(crowd, name, number)
    crowd.settle(local_aws)
    contacts, iam = local_aws.client("ssm-contacts"), local_aws.client("iam")
    people = contacts.list_contacts(Type="PERSONAL")["Contacts"]
    for person in people[:5]:
        found = contacts.list_contact_channels(ContactId=person["ContactArn"])["ContactChannels"]
        for channel in found:
            contacts.deactivate_contact_channel(ContactChannelId=channel["ContactChannelArn"])
    local_aws.client("ssm").delete_document(Name="Restart-1")
    trust = rights.allow("sts:AssumeRole", Principal={"AWS": "*"})
    del trust["Statement"][0]["Resource"]
    iam.update_assume_role_policy(RoleName="events-1", PolicyDocument=rights.as_text(trust))
    iam.delete_role_policy(RoleName="runbook-0", PolicyName="start")
    local_aws.client("cloudwatch").disable_alarm_actions(AlarmNames=["service-0"])
    local_aws.client("events").disable_rule(Name="team-0")
    local_aws.client("sns").unsubscribe(SubscriptionArn=subscriptions(local_aws)[0])
    incidents = local_aws.client("ssm-incidents")
    plan = incidents.list_response_plans()["responsePlanSummaries"][0]["arn"]
    incidents.start_incident(responsePlanArn=plan)
    local_aws.forget()
    return local_aws


def subscriptions(local_aws):
    """Return the ARNs of all subscriptions."""
    found = local_aws.client("sns").list_subscriptions()["Subscriptions"]
    return [each["SubscriptionArn"] for each in found]


def seen(local_aws, **keys):
    """Return what each check says of each subject, by what it is."""
    found = looking.look(CHECKS, doctored.facts(local_aws, **keys))
    return {
        (check.name, result.subject): result
        for check, results in found.items()
        for result in results
    }


def actions(local_aws):
    """Return what was asked for, as IAM calls it."""
    asked = {(each["service"], each["operation"]) for each in local_aws.requests(None)}
    return sorted(f"{PREFIXES.get(service, service)}:{name}" for service, name in asked)


def test_nothing_is_fine_for_want_of_a_permission(broken):
    """Whichever is missing, all is as it was, or not seen: nothing is fine or wrong for that."""
    keys = doctored.without(broken, "ec2:*")
    broken.forget()
    whole = seen(broken, **keys)
    wrong = {check for (check, _), result in whole.items() if isinstance(result, Finding)}
    assert len(wrong) > 10, wrong
    assert not any(isinstance(result, NotSeen) for result in whole.values())
    asked = [action for action in actions(broken) if action not in NEEDED]
    assert len(asked) > 20
    iam, lies, blamed, silent = broken.client("iam"), {}, {}, []
    for action in asked:
        statements = [
            rights.allow("*")["Statement"][0],
            {"Effect": "Deny", "Action": action, "Resource": "*"},
        ]
        rights_left = {"Version": "2012-10-17", "Statement": statements}
        policy = rights.as_text(rights_left)
        iam.put_user_policy(UserName="reader", PolicyName="all-but", PolicyDocument=policy)
        partly = seen(broken, **keys)
        fine = {key for key, result in partly.items() if isinstance(result, Fine)}
        lied = {key for key in fine if not isinstance(whole.get(key, Fine("")), Fine)}
        if lied:
            lies[action] = sorted(lied)
        wrong = {key for key, result in partly.items() if isinstance(result, Finding)}
        if more := {key for key in wrong if not isinstance(whole.get(key), Finding)}:
            blamed[action] = sorted(more)
        told = any(isinstance(result, NotSeen) for result in partly.values())
        kinds = {key: type(result) for key, result in partly.items()}
        if not told and kinds != {key: type(result) for key, result in whole.items()}:
            silent.append(action)
    assert lies == {}
    assert blamed == {}
    assert silent == []
