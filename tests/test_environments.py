"""The stacks of this repository, from their own configuration files.

Real: the engine, its plugin processes, the stand-in of pulumi-aws and the local AWS. The files are
used as whoever takes them over would: with the placeholder replaced by an account.
"""

from __future__ import annotations

import shutil

import pytest
import yaml

from tests.conftest import ROOT
from tests.program import EngineError, Program
from tools.stack import PLACEHOLDERS

ACCOUNT = "123456789012"
ENVIRONMENTS = ("dev", "staging", "prod")
IMPACT = {"dev": 4, "staging": 3, "prod": 1}
# What whoever takes a file over sets, encrypted: how people are reached there.
ADDRESSES = {
    "dev": {},
    "staging": {f"{name}.email": f"{name}@example.com" for name in ("ana", "ben")},
    "prod": {
        **{f"ana.{way}": "+15005550100" for way in ("sms", "voice")},
        **{f"ben.{way}": "+15005550101" for way in ("sms", "voice")},
    },
}

# Settings of pulumi-aws that say as whom or where AWS is called: a person's own business.
PERSONAL = ("accessKey", "secretKey", "token", "profile", "endpoints", "assumeRoles")


def config(stack):
    """Return the configuration of a stack."""
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]


def response(stack):
    """Return what a stack declares."""
    return config(stack)["incidents:response"]


def encrypted_topics(sns):
    """Return how many topics have a key, each one of its own."""
    topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    found = [sns.get_topic_attributes(TopicArn=arn)["Attributes"] for arn in topics]
    return len({topic["KmsMasterKeyId"] for topic in found if topic.get("KmsMasterKeyId")})


class Environment(Program):
    """The program of this repository as one of its stacks."""

    def __init__(self, stack, folder, environment, account=ACCOUNT):
        self.folder, self.environment = folder, environment
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: incidents\nruntime: python\n")
        shutil.copy(ROOT / "__main__.py", folder)
        text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
        for placeholder in PLACEHOLDERS:
            text = text.replace(placeholder, account or placeholder)
        (folder / f"Pulumi.{stack}.yaml").write_text(text)
        self.run("stack", "init", stack)
        for path, address in ADDRESSES[stack].items():
            key = f"incidents:addresses.{path}"
            self.run("config", "set", "--path", "--secret", key, address)


def reached(contacts):
    """Return who is reached how, as names of people and of their channels."""
    people = contacts.list_contacts(Type="PERSONAL")["Contacts"]
    return {
        (person["DisplayName"].lower(), channel["Name"])
        for person in people
        for channel in contacts.list_contact_channels(ContactId=person["ContactArn"])[
            "ContactChannels"
        ]
    }


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_an_environment_comes_up_as_its_file_says(
    tmp_path, stack_environment, local_aws, incidents, stack
):
    """Preview, up, and nothing left to do: plan, topics and triggers are those of the file."""
    program = Environment(stack, tmp_path / "program", stack_environment)
    assert set(program.preview().values()) == {"create"}
    outputs = program.up()
    plan = incidents.get_response_plan(arn=outputs["plan_arn"])
    declared = response(stack)
    engaged = [outputs["on_call_arn"]] if "on_call" in declared else []
    assert (plan["name"], plan["engagements"]) == (f"response-{stack}", engaged)
    assert reached(local_aws.client("ssm-contacts")) == {
        (path.partition(".")[0], path.rpartition(".")[2]) for path in ADDRESSES[stack]
    }
    assert plan["incidentTemplate"]["impact"] == declared["impact"] == IMPACT[stack]
    assert ("chatbotSns" in plan["chatChannel"]) is ("chat" in declared)
    asked = [bool(declared.get(part, {}).get("encrypted")) for part in ("chat", "notifications")]
    assert encrypted_topics(local_aws.client("sns")) == asked.count(True)
    assert set(outputs["alarm_arns"]) == set(declared.get("alarms", ()))
    assert set(outputs["rule_arns"]) == set(declared["events"])
    assert "incident_arn" not in outputs
    tags = incidents.list_tags_for_resource(resourceArn=outputs["plan_arn"])["tags"]
    assert (tags["environment"], tags["service"]) == (stack, "checkout")


def test_a_stack_in_another_account_than_its_own_is_refused(tmp_path, stack_environment, incidents):
    """Production is never brought up with the credentials of another account."""
    program = Environment("prod", tmp_path / "program", stack_environment, account=None)
    with pytest.raises(EngineError) as failed:
        program.run("up", "--yes", "--skip-preview")
    assert (
        f"Account {ACCOUNT} is none of aws:allowedAccountIds ({PLACEHOLDERS[2]}); "
        "sign in to one of them."
    ) in str(failed.value)
    assert incidents.list_response_plans()["responsePlanSummaries"] == []


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_a_file_holds_nothing_personal_and_no_secret(stack):
    """Who calls AWS, where and with which passphrase, is decided outside of the repository."""
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    assert list(yaml.safe_load(text)) == ["config"]
    assert not {f"aws:{name}" for name in PERSONAL} & set(config(stack))
    assert "secure:" not in text
    assert "incidents:addresses" not in config(stack)
    (account,) = config(stack)["aws:allowedAccountIds"]
    assert account in PLACEHOLDERS


def test_every_environment_has_an_account_of_its_own():
    """A mistake in one environment cannot reach another one."""
    accounts = [config(stack)["aws:allowedAccountIds"] for stack in ENVIRONMENTS]
    assert accounts == [[placeholder] for placeholder in PLACEHOLDERS]


def test_all_messages_of_production_are_encrypted():
    """What is broken there is not readable where messages are kept."""
    assert all(response("prod")[part]["encrypted"] is True for part in ("notifications", "chat"))


def test_nobody_is_engaged_in_development():
    """By day or by night."""
    engaged = [stack for stack in ENVIRONMENTS if {"engagements", "on_call"} & {*response(stack)}]
    assert engaged == ["staging", "prod"]


def test_what_may_page_people_was_in_staging_before():
    """Alarms, events, runbook and team of production are those of staging."""
    for key in ("alarms", "events", "runbook", "on_call"):
        assert response("prod")[key] == response("staging")[key]


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_a_team_without_addresses_says_how_to_set_them(
    tmp_path, stack_environment, monkeypatch, local_aws, stack
):
    """A file has none, and whoever takes it over is told each command."""
    monkeypatch.setitem(ADDRESSES, stack, {})
    program = Environment(stack, tmp_path / "program", stack_environment)
    with pytest.raises(EngineError) as failed:
        program.run("preview")
    for number, name in enumerate(("ana", "ben")):
        key = f"incidents:response.on_call.people[{number}] in Pulumi.{stack}.yaml"
        command = f"pulumi config set --path --secret incidents:addresses.{name}.sms +15005550100"
        assert f"{key} has no address" in str(failed.value)
        assert f"`{command}`." in str(failed.value)
    assert local_aws.operations(None) == []


def test_incidents_of_two_environments_never_join():
    """No two stacks share a dedupe string, so that staging cannot swallow a page of production."""
    strings = [response(stack)["dedupe_string"] for stack in (*ENVIRONMENTS, "local")]
    assert len(set(strings)) == len(strings)
