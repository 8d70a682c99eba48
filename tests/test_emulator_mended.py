"""What moto lacks and whoever looks at an account asks for. Real: the local AWS, asked by boto3.

The cases of the simulator are those of SimulatePrincipalPolicy in the IAM API reference.
"""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests import rights
from tests.calls import refused

ACCOUNT = rights.ACCOUNT
TRUST = {"Statement": []}
START = "ssm:StartAutomationExecution"
DOCUMENT = f"arn:aws:ssm:us-east-1:{ACCOUNT}:document/Restart"
ANOTHER = f"arn:aws:ssm:us-east-1:{ACCOUNT}:document/Stop"


@pytest.fixture
def iam(local_aws):
    """Look at the local IAM."""
    return local_aws.client("iam")


def simulated(iam, arn, *actions, resources=(), **more):
    """Return the results of a simulation by action, with those of each resource in it."""
    given = {"ResourceArns": [*resources]} if resources else {}
    asked = {"PolicySourceArn": arn, "ActionNames": [*actions], **given, **more}
    pages = iam.get_paginator("simulate_principal_policy").paginate(**asked)
    return {one["EvalActionName"]: one for page in pages for one in page["EvaluationResults"]}


def decisions(result):
    """Return what was decided of each resource."""
    specific = result["ResourceSpecificResults"]
    return {one["EvalResourceName"]: one["EvalResourceDecision"] for one in specific}


def test_each_action_is_tried_on_each_resource(iam):
    """What is allowed, denied and not mentioned is told apart, with what decided it."""
    deny = rights.allow("ssm:*", ANOTHER)
    deny["Statement"][0]["Effect"] = "Deny"
    role = rights.role(iam, "runbook", TRUST, rights.allow(START, [DOCUMENT, ANOTHER]), deny)
    found = simulated(iam, role, START, "ssm:GetDocument", resources=[DOCUMENT, ANOTHER])
    assert decisions(found[START]) == {DOCUMENT: "allowed", ANOTHER: "explicitDeny"}
    assert found[START]["EvalDecision"] == "explicitDeny"
    assert decisions(found["ssm:GetDocument"])[DOCUMENT] == "implicitDeny"
    [allowed, denied] = found[START]["ResourceSpecificResults"]
    assert allowed["MatchedStatements"] == [
        {"SourcePolicyId": "policy-0", "SourcePolicyType": "role"}
    ]
    assert [one["SourcePolicyId"] for one in denied["MatchedStatements"]] == ["policy-1"]


def test_without_a_resource_it_has_to_be_everything(iam):
    """A right to one document is none to all; there are no results of resources then."""
    one = rights.role(iam, "one", TRUST, rights.allow(START, DOCUMENT))
    every = rights.role(iam, "every", TRUST, rights.allow(START))
    told = {arn: simulated(iam, arn, START)[START] for arn in (one, every)}
    assert [each["EvalDecision"] for each in told.values()] == ["implicitDeny", "allowed"]
    assert all("ResourceSpecificResults" not in each for each in told.values())


def test_keys_of_the_context_are_those_that_are_given(iam):
    """A condition holds by what the request says, and a key that it lacks is named."""
    passed = rights.allow(
        "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}
    )
    role = rights.role(iam, "runbook", TRUST, passed)

    def told(*values):
        entry = {
            "ContextKeyName": "iam:PassedToService",
            "ContextKeyType": "string",
            "ContextKeyValues": [*values],
        }
        given = {"ContextEntries": [entry]} if values else {}
        found = simulated(iam, role, "iam:PassRole", resources=[role], **given)
        [one] = found["iam:PassRole"]["ResourceSpecificResults"]
        return one["EvalResourceDecision"], one["MissingContextValues"]

    assert told("ssm.amazonaws.com") == ("allowed", [])
    assert told("ec2.amazonaws.com") == ("implicitDeny", [])
    assert told() == ("implicitDeny", ["iam:PassedToService"])


def test_boundary_groups_and_managed_policies_count(iam):
    """A boundary limits, whoever sets it, and a user has what the groups have."""
    document = json.dumps(rights.allow("s3:*"))
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=document)["Policy"]["Arn"]
    role = rights.role(iam, "runbook", TRUST, rights.allow(START))
    assert "PermissionsBoundaryDecisionDetail" not in simulated(iam, role, START)[START]
    iam.put_role_permissions_boundary(RoleName="runbook", PermissionsBoundary=limit)
    bound = simulated(iam, role, START)[START]
    assert bound["EvalDecision"] == "implicitDeny"
    assert bound["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    wider = json.dumps(rights.allow("ssm:*"))
    other = simulated(iam, role, START, PermissionsBoundaryPolicyInputList=[wider])[START]
    assert other["EvalDecision"] == "allowed"
    user = iam.create_user(UserName="ana")["User"]["Arn"]
    group = iam.create_group(GroupName="team")["Group"]["Arn"]
    iam.add_user_to_group(UserName="ana", GroupName="team")
    iam.attach_group_policy(GroupName="team", PolicyArn=limit)
    for arn in (user, group):
        [one] = simulated(iam, arn, "s3:GetObject")["s3:GetObject"]["MatchedStatements"]
        assert one == {"SourcePolicyId": "limit", "SourcePolicyType": "user-managed"}
    more = simulated(iam, user, START, PolicyInputList=[wider])[START]
    assert more["EvalDecision"] == "allowed"


def test_a_simulation_has_pages(iam):
    """Actions come in their order, a page at a time."""
    role = rights.role(iam, "runbook", TRUST)
    actions = [f"ssm:Get{number}" for number in range(7)]
    page = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=actions, MaxItems=3)
    assert page["IsTruncated"]
    assert page["Marker"]
    found = simulated(iam, role, *actions, PaginationConfig={"PageSize": 3})
    assert [*found] == actions


def test_what_cannot_be_simulated_is_refused(iam):
    """Nobody is told anything of who is not there, and nothing that is asked for is passed over."""
    role = rights.role(iam, "runbook", TRUST)
    missing = f"{role}-gone"
    with refused("NoSuchEntity"):
        simulated(iam, missing, START)
    with refused("InvalidInput"):
        simulated(iam, role, "StartAutomationExecution")
    with pytest.raises(ClientError, match="the simulation with CallerArn"):
        simulated(iam, role, START, CallerArn=role)


def test_a_simulation_takes_a_right(local_aws, iam):
    """With `enforce` it is one about whose policies are tried; it is logged as a read."""
    role = rights.role(iam, "runbook", TRUST)
    iam.create_user(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    keys = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    local_aws.permissions("enforce")
    hers = local_aws.client("iam", **keys)
    with refused("AccessDenied") as seen:
        simulated(hers, role, START)
    assert f"iam:SimulatePrincipalPolicy on resource: {role}" in seen["Error"]["Message"]
    iam.put_user_policy(
        UserName="ana",
        PolicyName="reads",
        PolicyDocument=json.dumps(rights.allow("iam:SimulatePrincipalPolicy", role)),
    )
    assert simulated(hers, role, START)[START]["EvalDecision"] == "implicitDeny"
    assert not local_aws.requests("iam")[-1]["mutating"]


def test_versions_of_documents_are_named_as_at_aws(local_aws):
    """`$DEFAULT` is one; one that is missing is no missing document, and AWS's own are not here."""
    ssm = local_aws.client("ssm")
    rights.document(ssm, "Restart")
    ssm.update_document(
        Name="Restart",
        Content=json.dumps({**rights.DOCUMENT, "description": "newer"}),
        DocumentVersion="$LATEST",
    )
    for ask in (ssm.get_document, lambda **asked: ssm.describe_document(**asked)["Document"]):

        def version(number, ask=ask):
            return ask(Name="Restart", DocumentVersion=number)["DocumentVersion"]

        assert [version("$DEFAULT"), version("$LATEST"), version("2")] == ["1", "2", "2"]
        with refused("InvalidDocumentVersion"):
            version("3")
        with refused("InvalidDocument"):
            ask(Name="Nothing")
        with refused("NotImplementedException") as seen:
            ask(Name="AWS-RestartEC2Instance")
        assert "a document of AWS's own" in seen["Error"]["Message"]


def test_an_email_has_to_be_confirmed(local_aws):
    """It waits until somebody has the token; other subscriptions need nobody."""
    sns = local_aws.client("sns")
    topic = sns.create_topic(Name="checkout")["TopicArn"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:people"
    made = {
        protocol: sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        for protocol, endpoint in (("email", "ana@example.com"), ("sqs", queue))
    }
    assert made["email"]["SubscriptionArn"] == "pending confirmation"
    assert made["sqs"]["SubscriptionArn"].startswith(topic)

    def told():
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        counts = [attributes[f"Subscriptions{kind}"] for kind in ("Pending", "Confirmed")]
        listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert listed == sns.list_subscriptions()["Subscriptions"]
        return counts, [one["SubscriptionArn"] == "PendingConfirmation" for one in listed]

    assert told() == (["1", "1"], [True, False])
    again = sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="ana@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=again)["Attributes"]
    assert attributes["PendingConfirmation"] == "true"
    with refused("InvalidParameter"):
        sns.confirm_subscription(TopicArn=topic, Token="guessed")
    local_aws.confirm(topic)
    assert told() == (["0", "2"], [False, False])
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ana@example.com")
    assert told() == (["0", "2"], [False, False]), "a second subscription is the first one"


def test_nothing_local_is_sent_to_a_chat_client(local_aws):
    """The address that Amazon Q Developer subscribes with is AWS's own, and hears nothing."""
    sns = local_aws.client("sns")
    topic = rights.topic(sns, "chat")
    endpoint = "https://global.sns-api.chatbot.amazonaws.com"
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=endpoint)
    # Nobody answers at this name here: a message that was sent would fail the call.
    assert sns.publish(TopicArn=topic, Message="down")["MessageId"]
