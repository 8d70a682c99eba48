"""Seeds: people, rotations and plans that are there from the start, by their names.

Real: the server process with `--seed`, the control API, boto3, AWS's models, and the file of
`examples/on_call` with the tests beside it, which pytest runs in a process of its own. What reads
the file is also tried in this process.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pytest

from pulumi_incidents.emulator.seed.reading import SeedError, load
from pulumi_incidents.emulator.testing import LocalAws, LocalAwsError, running
from tests.calls import create_plan
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples/on_call/team.json"
TEAM = json.loads(EXAMPLE.read_text())
ACCOUNT = "123456789012"
REGION = ("--replication-set", "us-east-1")
START = datetime(2026, 11, 30, 9, tzinfo=timezone.utc)


def edited(*edits):
    """Return the team with something else at some paths."""
    team = copy.deepcopy(TEAM)
    for path, value in edits:
        *way, last = path
        holder = team
        for step in way:
            holder = holder[step]
        holder[last] = value
    return team


def people(aws):
    """Return all that a seed makes, as AWS lists it."""
    contacts, incidents = aws.client("ssm-contacts"), aws.client("ssm-incidents")
    found = contacts.list_contacts()["Contacts"]
    return {
        "contacts": [contacts.get_contact(ContactId=each["ContactArn"])["Plan"] for each in found],
        "channels": [
            contacts.list_contact_channels(ContactId=each["ContactArn"])["ContactChannels"]
            for each in found
        ],
        "aliases": [each["Alias"] for each in found],
        "rotations": contacts.list_rotations()["Rotations"],
        "plans": incidents.list_response_plans()["responsePlanSummaries"],
    }


@contextmanager
def served(*options):
    """Run a server with options, and yield what asks it."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0", *map(str, options)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield LocalAws(process.stdout.readline().strip()), process
        finally:
            process.terminate()


def refused(*options):
    """Start a server that cannot start; return its status and the one line that it says."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0", *map(str, options)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    [line] = done.stderr.splitlines()
    assert done.stdout == ""
    return done.returncode, line


# What is made


def test_a_seed_is_made_as_the_api_would_make_it(local_aws):
    """Each thing is under the ARN that is answered for its name, and names each other by ARN."""
    made = local_aws.seed(EXAMPLE)
    contacts, incidents = local_aws.client("ssm-contacts"), local_aws.client("ssm-incidents")
    ana = contacts.get_contact(ContactId=made["Contacts"]["ana"])
    assert (ana["Alias"], ana["Type"], ana["DisplayName"]) == ("ana", "PERSONAL", "Ana")
    targets = [stage["Targets"] for stage in ana["Plan"]["Stages"]]
    assert [each["ChannelTargetInfo"]["ContactChannelId"] for [each] in targets] == [
        made["Channels"]["ana"]["text"],
        made["Channels"]["ana"]["call"],
    ]
    schedule = contacts.get_contact(ContactId=made["Contacts"]["on-call"])
    assert schedule["Plan"]["RotationIds"] == [made["Rotations"]["weeks"]]
    checkout = contacts.get_contact(ContactId=made["Contacts"]["checkout"])
    targets = [stage["Targets"] for stage in checkout["Plan"]["Stages"]]
    assert [each["ContactTargetInfo"]["ContactId"] for [each] in targets] == [
        made["Contacts"]["on-call"],
        made["Contacts"]["cleo"],
    ]
    rotation = contacts.get_rotation(RotationId=made["Rotations"]["weeks"])
    assert rotation["StartTime"] == START
    assert rotation["ContactIds"] == [made["Contacts"]["ana"], made["Contacts"]["ben"]]
    plan = incidents.get_response_plan(arn=made["ResponsePlans"]["checkout"])
    assert plan["engagements"] == [made["Contacts"]["checkout"]]
    assert plan["incidentTemplate"]["summary"] == "Payments are refused."
    tags = contacts.list_tags_for_resource(ResourceARN=made["Contacts"]["checkout"])["Tags"]
    assert tags == [{"Key": "team", "Value": "checkout"}]


def test_a_seed_answers_every_name_of_it(local_aws):
    """Contacts, the channels of each, rotations and plans; a person without channels has none."""
    made = local_aws.seed(edited((("Contacts", 2, "Channels"), []), (("Contacts", 2, "Plan"), {})))
    names = {kind: list(found) for kind, found in made.items()}
    assert names == {
        "Contacts": ["ana", "ben", "cleo", "on-call", "checkout"],
        "Channels": ["ana", "ben"],
        "Rotations": ["weeks"],
        "ResponsePlans": ["checkout"],
    }
    assert {name: list(found) for name, found in made["Channels"].items()} == {
        "ana": ["text", "call"],
        "ben": ["text", "mail"],
    }


def test_contacts_may_be_in_any_order(local_aws):
    """A plan may name what comes after it."""
    made = local_aws.seed({**TEAM, "Contacts": TEAM["Contacts"][::-1]})
    assert people(local_aws)["aliases"] == sorted(made["Contacts"])


def test_a_channel_is_active_only_if_the_seed_says_so(local_aws):
    """An active one was sent no code; another one is sent it, unless that is deferred."""
    waiting = ("Contacts", 0, "Channels", 0, "Activated")
    made = local_aws.seed(edited((waiting, False)))
    contacts = local_aws.client("ssm-contacts")
    status = {
        (alias, name): contacts.get_contact_channel(ContactChannelId=arn)["ActivationStatus"]
        for alias, channels in made["Channels"].items()
        for name, arn in channels.items()
    }
    inactive = {each for each, found in status.items() if found == "NOT_ACTIVATED"}
    assert inactive == {("ana", "text"), ("ben", "mail")}
    [sent] = local_aws.activations()
    assert sent["contactChannelArn"] == made["Channels"]["ana"]["text"]


def test_a_time_may_be_in_epoch_seconds(local_aws):
    """As the API itself has it."""
    made = local_aws.seed(edited((("Rotations", 0, "StartTime"), START.timestamp())))
    contacts = local_aws.client("ssm-contacts")
    assert contacts.get_rotation(RotationId=made["Rotations"]["weeks"])["StartTime"] == START


def test_what_only_looks_like_a_name_is_left_alone(local_aws):
    """Tags and parameters of a runbook have keys of their own."""
    tags = {"engagements": "ana", "ContactId": "ana"}
    runbook = {
        "documentName": "Restart",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/runbook",
        "parameters": {"ContactIds": ["ana"]},
    }
    local_aws.permissions("off")
    made = local_aws.seed(
        edited(
            (("ResponsePlans", 0, "tags"), tags),
            (("ResponsePlans", 0, "actions"), [{"ssmAutomation": runbook}]),
        )
    )
    incidents = local_aws.client("ssm-incidents")
    arn = made["ResponsePlans"]["checkout"]
    assert incidents.list_tags_for_resource(resourceArn=arn)["tags"] == tags
    [action] = incidents.get_response_plan(arn=arn)["actions"]
    assert action["ssmAutomation"]["parameters"] == {"ContactIds": ["ana"]}


def test_a_seed_adds_to_what_is_there(local_aws):
    """What is not in the seed itself is named by its ARN; nothing before is touched."""
    made = local_aws.seed(TEAM)
    before = people(local_aws)
    template = {"title": "Search is slow", "impact": 4}
    more = {"name": "search", "incidentTemplate": template}
    search = {**more, "engagements": [made["Contacts"]["cleo"]]}
    arn = local_aws.seed({"ResponsePlans": [search]})["ResponsePlans"]["search"]
    assert local_aws.seed({}) == {kind: {} for kind in made}
    found = people(local_aws)
    assert [each["arn"] for each in found.pop("plans")] == sorted(
        [arn, before.pop("plans")[0]["arn"]]
    )
    assert found == before


def test_a_seed_is_no_request(local_aws):
    """The log has what programs ask for, and a seed meets no fault."""
    local_aws.fail("*", "InternalServerException", times=None)
    local_aws.seed(TEAM)
    assert local_aws.requests(None) == []
    assert local_aws.faults_left() == 1


# What is refused

PERSON = ("Contacts", 0)
STAGE = (*PERSON, "Plan", "Stages", 0)
TARGET = (*STAGE, "Targets", 0, "ChannelTargetInfo")
MEMBER = ("Contacts", 4, "Plan", "Stages", 0, "Targets", 0, "ContactTargetInfo")
NOT_A_TIME = "must be of ISO 8601 and have a zone"
MISTAKES = [
    (("People",), [], "People: Member must be one of: [Contacts, Rotations, ResponsePlans]"),
    (("Contacts",), {}, "Contacts: Member must be a list"),
    (("Rotations", 0), "weeks", "Rotations[0]: Member must be a structure"),
    ((*PERSON, "Channels"), "text", "Contacts[0].Channels: Member must be a list"),
    ((*PERSON, "Channels", 1), None, "Contacts[0].Channels[1]: Member must be a structure"),
    ((*PERSON, "Channels", 0, "Activated"), 1, "Channels[0].Activated: Member must be a boolean"),
    ((*PERSON, "Alias"), "Ana", "Contacts[0].Alias: Member must satisfy regular expression"),
    ((*PERSON, "Alias"), ["ana"], "Contacts[0].Alias: Member must be a string"),
    ((*PERSON, "Alias"), "ben", "Contacts[1]: A contact with the alias ben already exists"),
    ((*PERSON, "Type"), None, "Contacts[0].Type: Member must not be null"),
    ((*PERSON, "Plan"), None, "Contacts[0].Plan: Member must not be null"),
    ((*PERSON, "Plan"), "calls", "Contacts[0].Plan: Member must be a structure"),
    ((*PERSON, "Phone"), "+1", "Contacts[0].Phone: Member must be one that the API knows"),
    ((*STAGE, "DurationInMinutes"), 31, "Contacts[0].Plan.Stages[0].DurationInMinutes: Member"),
    (
        (*TARGET, "ContactChannelId"),
        "mail",
        "Targets[0].ChannelTargetInfo.ContactChannelId: Member must be the name of a channel of",
    ),
    (
        (*TARGET, "ContactChannelId"),
        f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact-channel/ana/1",
        f"Contacts[0]: arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact-channel/ana/1 does not",
    ),
    ((*MEMBER, "ContactId"), "weeks", "must be the name of a contact in the seed, or an ARN, not"),
    ((*MEMBER, "ContactId"), "checkout", "Contacts[4]: Invalid value provided - arn:aws:ssm-"),
    ((*MEMBER, "IsEssential"), "yes", "ContactTargetInfo.IsEssential: Member must be a boolean"),
    (
        (*PERSON, "Channels", 1, "DeliveryAddress", "SimpleAddress"),
        "110",
        "Contacts[0].Channels[1].DeliveryAddress.SimpleAddress: Member must be a + followed by",
    ),
    ((*PERSON, "Channels", 1, "Name"), "text", "Contacts[0].Channels[1]: arn:aws:ssm-contacts:us"),
    ((*PERSON, "Channels", 1, "Name"), None, "Contacts[0].Channels[1].Name: Member must not be"),
    (
        ("Contacts", 3, "Plan", "RotationIds"),
        ["weeks", "days"],
        "Contacts[3].Plan.RotationIds[1]: Member must be the name of a rotation in the seed",
    ),
    (("Rotations", 0, "ContactIds", 1), "on-call", "Rotations[0]: Invalid value provided - "),
    (("Rotations", 0, "TimeZoneId"), "PST", "Rotations[0].TimeZoneId: Member must be a time zone"),
    (("Rotations", 0, "StartTime"), "2026-11-30", f"Rotations[0].StartTime: Member {NOT_A_TIME}"),
    (
        ("Rotations", 0, "StartTime"),
        "2026-11-30T09:00:00",
        f"Rotations[0].StartTime: Member {NOT_A_TIME}",
    ),
    (
        ("Rotations",),
        [TEAM["Rotations"][0]] * 2,
        "Rotations[1].Name: Member must be the name of one rotation of the seed",
    ),
    (("ResponsePlans", 0, "engagements"), ["eve"], "ResponsePlans[0].engagements[0]: Member must"),
    (
        ("ResponsePlans", 0, "incidentTemplate", "impact"),
        6,
        "ResponsePlans[0].incidentTemplate.impact: Member must have value less than or equal to 5",
    ),
]


@pytest.mark.parametrize(("path", "value", "told"), MISTAKES, ids=[each[2] for each in MISTAKES])
def test_a_mistake_is_told_by_its_path_and_nothing_is_made(local_aws, path, value, told):
    """The answer is one sentence, and of the rest of the seed nothing is left."""
    with pytest.raises(LocalAwsError) as caught:
        local_aws.seed(edited((path, value)))
    sentence = str(caught.value)
    assert sentence.startswith("The seed is not taken: ")
    assert told in sentence
    assert sentence.endswith(".")
    assert not any(people(local_aws).values())
    assert local_aws.activations() == []


def test_all_mistakes_are_told_at_once(local_aws):
    """In one sentence, without those that only follow from another one."""
    with pytest.raises(LocalAwsError) as caught:
        local_aws.seed(
            edited(
                (("Contacts", 0, "Alias"), "Ana"),
                (("Rotations", 0, "ContactIds"), ["Ana", "eve"]),
                (("ResponsePlans", 0, "incidentTemplate", "impact"), 6),
            )
        )
    told = str(caught.value).removeprefix("The seed is not taken: ").split("; ")
    assert [each.partition(":")[0] for each in told] == [
        "Contacts[0].Alias",
        "Rotations[0].ContactIds[1]",
        "ResponsePlans[0].incidentTemplate.impact",
    ]


def test_of_many_mistakes_a_number_is_told(local_aws):
    """A sentence stays readable."""
    with pytest.raises(LocalAwsError) as caught:
        local_aws.seed({"Contacts": [{"Alias": f"A{number}"} for number in range(20)]})
    assert str(caught.value).endswith("; and 40 more.")


def test_a_refused_seed_leaves_what_was_there(local_aws, incidents):
    """People, an engagement that is under way, and what is to come of it."""
    made = local_aws.seed(TEAM)
    local_aws.set_clock("2026-12-02T03:00:00Z")
    arn = incidents.start_incident(responsePlanArn=made["ResponsePlans"]["checkout"])
    incident = arn["incidentRecordArn"]
    before = people(local_aws), local_aws.engaged(incident)
    with pytest.raises(LocalAwsError, match="alias ana already exists"):
        local_aws.seed(
            {**TEAM, "Contacts": [{**TEAM["Contacts"][0], "Alias": "eve"}, TEAM["Contacts"][0]]}
        )
    assert (people(local_aws), local_aws.engaged(incident)) == before
    local_aws.advance(timedelta(minutes=10))
    assert [each.alias for each in local_aws.engaged(incident)] == ["ana", "cleo"]


def test_without_a_replication_set_there_is_no_place_for_a_seed(local_aws, incidents):
    """As on AWS: contacts are in the regions of the set."""
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=arn)
    with pytest.raises(LocalAwsError, match=r"no replication set .* --replication-set REGION"):
        local_aws.seed(TEAM)
    incidents.create_replication_set(regions={"eu-west-1": {}})
    made = local_aws.seed(TEAM)
    assert made["Contacts"]["ana"] == f"arn:aws:ssm-contacts:eu-west-1:{ACCOUNT}:contact/ana"


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'{"Contacts": [NaN]}'])
def test_what_is_no_json_object_is_refused(local_aws, body):
    """With the same words as everywhere in the control API, and the status of a wrong request."""
    request = urllib.request.Request(f"{local_aws.url}/_local/seed", body)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as refusal:
        assert refusal.code == 400
        message = json.load(refusal)["message"]
    assert message in ("The body is not valid JSON.", "The body is not a JSON object.")


# At the start


def test_a_server_starts_with_its_seed_and_a_reset_comes_back_to_it():
    """Whatever was made or changed in between; the address is printed when all is there."""
    with served(*REGION, "--seed", EXAMPLE) as (aws, _):
        before = people(aws)
        assert before["aliases"] == ["ana", "ben", "checkout", "cleo", "on-call"]
        contacts, incidents = aws.client("ssm-contacts"), aws.client("ssm-incidents")
        [plan] = before["plans"]
        incidents.delete_response_plan(arn=plan["arn"])
        contacts.create_contact(Alias="eve", Type="PERSONAL", Plan={"Stages": []})
        aws.reset()
        after = people(aws)
        assert (after["aliases"], after["plans"]) == (before["aliases"], before["plans"])
        assert [len(each) for each in after["channels"]] == [2, 2, 0, 1, 0]
        [rotation] = after["rotations"]
        assert rotation["StartTime"] == START


def test_a_state_that_has_people_is_not_seeded_again(tmp_path):
    """A line says so; without people, the state gets the seed and keeps it."""
    state = ("--state", tmp_path / "aws.state")
    with served(*REGION, *state) as (aws, _):
        aws.client("sns").create_topic(Name="updates")
    with served(*REGION, *state, "--seed", EXAMPLE) as (aws, _):
        aws.client("ssm-contacts").create_contact(Alias="eve", Type="PERSONAL", Plan={})
        kept = people(aws)
        assert len(kept["aliases"]) == 6
        assert len(aws.client("sns").list_topics()["Topics"]) == 1
    with served(*REGION, *state, "--seed", EXAMPLE) as (aws, process):
        assert people(aws) == kept
        process.terminate()
        told = f"The seed file {EXAMPLE} is not taken: there are contacts or plans already.\n"
        assert told in process.stderr.read()


@pytest.mark.parametrize("kind", ["contact", "plan"])
def test_one_thing_is_enough_not_to_seed(tmp_path, kind):
    """Whatever there is of what a seed makes: it is somebody's work."""
    state = ("--state", tmp_path / "aws.state")
    with served(*REGION, *state) as (aws, _):
        if kind == "contact":
            aws.client("ssm-contacts").create_contact(Alias="eve", Type="PERSONAL", Plan={})
        else:
            create_plan(aws.client("ssm-incidents"), "search")
    with served(*REGION, *state, "--seed", EXAMPLE) as (aws, _):
        found = people(aws)
        assert (found["aliases"], [each["name"] for each in found["plans"]]) in [
            (["eve"], []),
            ([], ["search"]),
        ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 2"),
        (b"[]", "is not a JSON object."),
        (b"[" * 100_000, "is not JSON: "),
        (b"\xff", "is not JSON: "),
    ],
    ids=["half", "list", "deep", "bytes"],
)
def test_a_file_that_is_no_seed_is_one_sentence(tmp_path, content, told):
    """It names the file, and where in it; the status of the start is 3."""
    path = tmp_path / "team.json"
    path.write_bytes(content)
    with pytest.raises(SeedError) as caught:
        load(path)
    assert str(caught.value).startswith(f"The seed file {path} {told}")
    assert caught.value.status == 3


def test_a_start_with_a_file_that_is_not_there_is_one_sentence(tmp_path):
    """Status 2, as for all that cannot be had."""
    path = tmp_path / "team.json"
    told = f"The seed file {path} cannot be read (No such file or directory)."
    assert refused(*REGION, "--seed", path) == (2, told)


def test_a_start_without_a_replication_set_says_what_is_missing():
    """The seed alone is not enough, since a set is a choice of region."""
    status, line = refused("--seed", EXAMPLE)
    assert status == 3
    assert line == (
        f"The seed file {EXAMPLE} is not taken: there is no replication set for its contacts: "
        "start with --replication-set REGION, or make one first."
    )


def test_a_start_that_is_refused_keeps_nothing_of_the_seed(tmp_path):
    """The next start with the same state file finds nobody."""
    state, path = ("--state", tmp_path / "aws.state"), tmp_path / "team.json"
    path.write_text(json.dumps(edited((("ResponsePlans", 0, "engagements"), ["eve"]))))
    status, line = refused(*REGION, *state, "--seed", path)
    assert status == 3
    assert line.startswith(f"The seed file {path} is not taken: ResponsePlans[0].engagements[0]: ")
    with served(*REGION, *state) as (aws, _):
        assert not any(people(aws).values())


def test_a_seed_is_in_the_partition_of_its_replication_set():
    """In China, ARNs are those of China."""
    with running("cn-north-1") as aws:
        made = aws.seed(TEAM)
        assert (
            made["Contacts"]["ana"] == f"arn:aws-cn:ssm-contacts:cn-north-1:{ACCOUNT}:contact/ana"
        )


# For tests


def test_a_seed_file_that_cannot_be_read_is_a_sentence(local_aws, tmp_path):
    """Whether it is not there or no JSON."""
    path = tmp_path / "team.json"
    with pytest.raises(LocalAwsError, match=rf"^The seed file {path} cannot be read: .*No such"):
        local_aws.seed(path)
    path.write_text("{")
    with pytest.raises(LocalAwsError, match=rf"^The seed file {path} cannot be read: Expecting"):
        local_aws.seed(str(path))


def test_the_example_passes_its_own_tests(pytester):
    """Whoever copies the folder has tests that pass, of a team that is whole."""
    shutil.copytree(EXAMPLE.parent, pytester.path, dirs_exist_ok=True)
    plugin = ("-p", "pulumi_incidents.emulator.pytest_plugin", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *plugin],
        cwd=pytester.path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed" in done.stdout, done.stdout
