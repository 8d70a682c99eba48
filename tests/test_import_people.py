"""Import of people and schedules that exist already, and `get` of each kind.

Real: the command as a process of its own, the Pulumi engine, its plugin processes, the local AWS.
The official provider is only in the state: entries as pulumi-aws writes them, put there by hand.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from pulumi_incidents.providers._import import kinds, program, things
from tests.importing import (
    adopt_state,
    blocks,
    declare,
    follow,
    official,
    run,
    shell,
    untouched,
    write,
)
from tests.program import Program

HOME = "arn:aws:ssm-contacts:us-east-1:123456789012"
NUMBERS = ("+15005559876", "+15005559877")
WEEKLY = {
    "NumberOfOnCalls": 1,
    "RecurrenceMultiplier": 2,
    "WeeklySettings": [
        {"DayOfWeek": "WED", "HandOffTime": {"HourOfDay": 15, "MinuteOfHour": 57}},
        {"DayOfWeek": "MON", "HandOffTime": {"HourOfDay": 4, "MinuteOfHour": 25}},
    ],
    "ShiftCoverages": {
        "MON": [
            {
                "Start": {"HourOfDay": 9, "MinuteOfHour": 30},
                "End": {"HourOfDay": 17, "MinuteOfHour": 15},
            }
        ]
    },
}


@pytest.fixture
def contacts(local_aws):
    """Return boto3's client."""
    return local_aws.client("ssm-contacts")


@pytest.fixture
def stack(tmp_path, stack_environment):
    """Return a stack of an empty program."""
    stack = Program(tmp_path / "program", stack_environment, "")
    stack.configure(**{"aws:region": "us-east-1"})
    return stack


@pytest.fixture
def team(contacts, local_aws):
    """Return the ids of a whole schedule that somebody made in the console."""
    ids = {}
    for person, number in zip(("ana", "ben"), NUMBERS, strict=True):
        arn = contacts.create_contact(
            Alias=person,
            DisplayName=person.title(),
            Type="PERSONAL",
            Plan={"Stages": []},
            Tags=[{"Key": "team", "Value": "payments"}],
        )["ContactArn"]
        ids[person] = arn
        ids[f"{person}-phone"] = channel = contacts.create_contact_channel(
            ContactId=arn, Name="phone", Type="SMS", DeliveryAddress={"SimpleAddress": number}
        )["ContactChannelArn"]
        target = {"ContactChannelId": channel, "RetryIntervalInMinutes": 5}
        stages = [
            {"DurationInMinutes": 5, "Targets": [{"ChannelTargetInfo": target}]},
            {"DurationInMinutes": 3, "Targets": []},
        ]
        contacts.update_contact(ContactId=arn, Plan={"Stages": stages})
    ids["weekly"] = contacts.create_rotation(
        Name="weekly",
        ContactIds=[ids["ben"], ids["ana"]],
        TimeZoneId="Europe/Dublin",
        Recurrence=WEEKLY,
    )["RotationArn"]
    ids["schedule"] = contacts.create_contact(
        Alias="schedule", Type="ONCALL_SCHEDULE", Plan={"RotationIds": [ids["weekly"]]}
    )["ContactArn"]
    stages = [
        {"DurationInMinutes": minutes, "Targets": [{"ContactTargetInfo": info}]}
        for minutes, info in (
            (10, {"ContactId": ids["schedule"], "IsEssential": True}),
            (0, {"ContactId": ids["ben"], "IsEssential": False}),
        )
    ]
    ids["escalation"] = contacts.create_contact(
        Alias="escalation", Type="ESCALATION", Plan={"Stages": stages}
    )["ContactArn"]
    local_aws.forget()
    return ids


def do(stack, printed):
    """Run the printed commands that come before the code is added, and add it."""
    for command in re.findall(r"^ {5}(pulumi (?:import|config|state) .*)$", printed, re.MULTILINE):
        shell(stack, command)
    declare(stack, "import imported\n")


def declarations(stack):
    """Return what the code declares: kind and name -> keywords as code, variables included."""
    found = {}
    for node in ast.walk(ast.parse((stack.folder / "imported.py").read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            inputs = {each.arg: ast.unparse(each.value) for each in node.keywords}
            found[node.func.id, ast.literal_eval(node.args[0])] = inputs
    return found


def test_a_whole_schedule_takes_one_command(stack, local_aws, contacts, team):
    """An escalation plan brings all that it leads to; nothing is left to do, and no call changed.

    Minutes of coverages, unsorted days, the order of members and a start that nobody gave stay as
    they are at AWS.
    """
    printed = write(stack, team["escalation"], "--whole")
    found = declarations(stack)
    assert sorted(found) == [
        ("Contact", "ana"),
        ("Contact", "ben"),
        ("Contact", "escalation"),
        ("Contact", "schedule"),
        ("ContactChannel", "ana-phone"),
        ("ContactChannel", "ben-phone"),
        ("ContactPlan", "ana-plan"),
        ("ContactPlan", "ben-plan"),
        ("Rotation", "weekly"),
    ]
    assert found["Rotation", "weekly"]["contact_ids"] == "[ben.arn, ana.arn]"
    assert "arn:aws" not in (stack.folder / "imported.py").read_text(), "variables, no ARNs"
    do(stack, printed)
    stack.settled()
    stack.up()
    assert untouched(local_aws)
    assert {stack.state()[each]["id"] for each in team} == set(team.values())
    code = stack.folder / "imported.py"
    code.write_text(code.read_text().replace("[ben.arn, ana.arn]", "[ana.arn, ben.arn]"))
    stack.up()
    live = contacts.get_rotation(RotationId=team["weekly"])
    assert live["ContactIds"] == [team["ana"], team["ben"]]
    assert live["Recurrence"] == WEEKLY


def test_an_address_is_in_the_clear_in_two_files_that_nobody_else_reads(stack, team):
    """The code takes it from the stack's configuration, and the state has it encrypted at once."""
    printed = write(stack, team["schedule"], "--whole")
    clear = [stack.folder / name for name in ("addresses.json", "import.json")]
    assert [path.stat().st_mode & 0o777 for path in clear] == [0o600, 0o600]
    assert all(NUMBERS[0] in path.read_text() for path in clear)
    assert "rm import.json addresses.json" in printed
    found = declarations(stack)["ContactChannel", "ana-phone"]
    assert found["delivery_address"] == "{'simple_address': config.require_secret('ana-phone')}"
    do(stack, printed)
    assert holding(stack.folder.parent, NUMBERS) == clear
    stack.settled()
    shell(stack, "rm import.json addresses.json")
    stack.up()
    assert holding(stack.folder.parent, NUMBERS) == []
    assert not any(number in printed for number in NUMBERS)


def holding(folder, words):
    """Return the files in a folder, states of before included, that have one of the words."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if any(word.encode() in path.read_bytes() for word in words)]


def test_the_code_is_laid_out_as_ruff_does(stack, team):
    """Who formats the program finds nothing to do, with a line of imports that is too long."""
    write(stack, team["escalation"], "--whole")
    code = str(stack.folder / "imported.py")
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--check", code], check=True
    )


def test_one_person_alone_keeps_what_is_not_imported_by_its_arn(stack, local_aws, team):
    """Without `--whole`, the plan names the channel that stays where it is."""
    printed = write(stack, team["ana"])
    assert set(declarations(stack)) == {("Contact", "ana"), ("ContactPlan", "ana-plan")}
    assert team["ana-phone"] in declarations(stack)["ContactPlan", "ana-plan"]["stages"]
    assert "addresses.json" not in printed
    do(stack, printed)
    stack.up()
    assert untouched(local_aws)


def test_a_policy_and_an_override_are_imported(stack, local_aws, contacts, team):
    """A policy is a map in the code; an override is named by its rotation and its id."""
    policy = {"Version": "2012-10-17", "Statement": []}
    contacts.put_contact_policy(ContactArn=team["schedule"], Policy=json.dumps(policy))
    start = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=9)
    identifier = contacts.create_rotation_override(
        RotationId=team["weekly"],
        NewContactIds=[team["ana"]],
        StartTime=start,
        EndTime=start + timedelta(hours=8),
    )["RotationOverrideId"]
    local_aws.forget()
    printed = write(stack, team["schedule"], f"{team['weekly']},{identifier}", team["weekly"])
    found = declarations(stack)
    assert ast.literal_eval(found["Contact", "schedule"]["policy"]) == policy
    override = found["RotationOverride", f"override-{identifier[:8]}"]
    assert override["rotation_id"] == "weekly.arn"
    assert ast.literal_eval(override["start_time"]) == start.isoformat()
    do(stack, printed)
    stack.up()
    assert untouched(local_aws)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", None])
def test_a_contact_without_a_policy_has_none_in_the_code(stack, local_aws, team, code):
    """Whether AWS answers without one then, or that there is none, no document says."""
    if code:
        local_aws.fail(
            "GetContactPolicy", code, ResourceId=team["ana"], ResourceType="CONTACT_POLICY"
        )
    write(stack, team["ana"])
    assert "policy" not in declarations(stack)["Contact", "ana"]


def test_what_is_named_and_gone_is_told_and_stays_named(stack, local_aws, contacts, team):
    """AWS keeps people who are deleted in escalation plans; the import says so."""
    gone = contacts.create_contact(Alias="gone", Type="PERSONAL", Plan={"Stages": []})["ContactArn"]
    info = {"ContactId": gone, "IsEssential": True}
    stages = [{"DurationInMinutes": 0, "Targets": [{"ContactTargetInfo": info}]}]
    contacts.update_contact(ContactId=team["escalation"], Plan={"Stages": stages})
    contacts.delete_contact(ContactId=gone)
    local_aws.forget()
    printed = write(stack, team["escalation"], "--whole")
    assert f"{gone} is named in what was read and does not exist: " in printed
    assert gone in declarations(stack)["Contact", "escalation"]["plan"]
    do(stack, printed)
    stack.settled()
    assert untouched(local_aws)
    done = run(stack.folder, stack.environment, gone, "--output", str(stack.folder.parent))
    assert f"error: {gone} does not exist" in done.stderr


def test_a_response_plan_brings_whom_it_engages(stack, local_aws, incidents, team):
    """`--whole` follows a plan's engagements, and leaves alone what another account shares."""
    shared = "arn:aws:ssm-contacts:us-east-1:210987654321:contact/theirs"
    arn = incidents.create_response_plan(
        name="checkout",
        incidentTemplate={"title": "Down", "impact": 1},
        engagements=[team["escalation"], shared],
    )["arn"]
    local_aws.forget()
    printed = write(stack, arn, "--whole")
    engaged = declarations(stack)["ResponsePlan", "checkout"]["engagements"]
    assert engaged == f"[escalation.arn, '{shared}']"
    do(stack, printed)
    stack.settled()
    assert untouched(local_aws)


def test_a_contact_of_a_stack_is_told(stack, contacts, team):
    """Whoever imports what another stack owns hears of it."""
    mark = {"Key": "pulumi-incidents/owner", "Value": "acme/shop/prod/ana@0123456789ab"}
    contacts.tag_resource(ResourceARN=team["ana"], Tags=[mark])
    assert f"{team['ana']} belongs to acme/shop/prod/ana: as long as" in write(stack, team["ana"])


def officials(team):
    """Return the state of pulumi-aws for all that it can say of a schedule."""
    ana = official(team["ana"], "oncall", kind="aws:ssmcontacts/contact:Contact")
    channel = official(
        team["ana-phone"],
        "oncall",
        kind="aws:ssmcontacts/contactChannel:ContactChannel",
        dependencies=[ana["urn"]],
    )
    staged = official(
        team["ana"],
        "oncall",
        kind="aws:ssmcontacts/plan:Plan",
        dependencies=[ana["urn"], channel["urn"]],
    )
    turns = official(
        team["weekly"],
        "turns",
        kind="aws:ssm/contactsRotation:ContactsRotation",
        dependencies=[ana["urn"]],
    )
    escalation = official(team["escalation"], "team", kind="aws:ssmcontacts/contact:Contact")
    return ana, channel, staged, turns, escalation


def test_every_official_kind_changes_hands(stack, local_aws, team):
    """Names stay; a contact whose plan no resource had has none here either; AWS is only read."""
    adopt_state(stack, *officials(team))
    local_aws.forget()
    shell(stack, "pulumi stack export --file exported.json")
    printed = write(stack, "--from-state", "exported.json")
    names = "aws.ssmcontacts.Contact, aws.ssmcontacts.ContactChannel, aws.ssmcontacts.Plan and "
    assert f"Replace each {names}aws.ssm.ContactsRotation of your program" in printed
    assert "rm import.json addresses.json exported.json" in printed
    found = declarations(stack)
    assert set(found) == {
        *(("Contact", "oncall"), ("ContactChannel", "oncall"), ("ContactPlan", "oncall")),
        *(("Rotation", "turns"), ("Contact", "team")),
    }
    assert "plan" not in found["Contact", "team"]
    assert found["ContactChannel", "oncall"]["contact_id"] == "oncall.arn"
    do(stack, printed)
    stack.settled()
    stack.up()
    assert not [each for each in stack.resources() if "aws:ssm" in each["type"]]
    assert untouched(local_aws)


def test_the_replication_set_changes_hands(stack, local_aws, incidents):
    """Protected or not, it is declared as it is, and what it has is not touched."""
    (arn,) = incidents.list_replication_sets()["replicationSetArns"]
    adopt_state(stack, official(arn, "set", kind="aws:ssmincidents/replicationSet:ReplicationSet"))
    local_aws.forget()
    shell(stack, "pulumi stack export --file exported.json")
    printed = write(stack, "--from-state", "exported.json")
    declared = declarations(stack)["ReplicationSet", "set"]
    assert ast.literal_eval(declared["deletion_protected"]) is False
    assert ast.literal_eval(declared["regions"]) == [{"name": "us-east-1"}]
    do(stack, printed)
    stack.settled()
    stack.up()
    assert untouched(local_aws)


LOOK_UPS = """
import pulumi
from pulumi_incidents import providers

ids = {ids}
found = {{
    "ana": providers.Contact.get("ana", ids["ana"]),
    "escalation": providers.Contact.get("escalation", ids["escalation"]),
    "phone": providers.ContactChannel.get("phone", ids["ana-phone"]),
    "plan": providers.ContactPlan.get("plan", ids["ana"]),
    "weekly": providers.Rotation.get("weekly", ids["weekly"]),
    "override": providers.RotationOverride.get("override", ids["override"]),
}}
pulumi.export("name", found["ana"].display_name)
pulumi.export("status", found["phone"].activation_status)
pulumi.export("stages", found["plan"].stages.apply(len))
pulumi.export("members", found["weekly"].contact_ids)
pulumi.export("instead", found["override"].new_contact_ids)
pulumi.export("engages", found["escalation"].plan["stages"][0]["duration_in_minutes"])
"""


def test_what_is_looked_up_is_never_changed_nor_deleted(stack, local_aws, contacts, team):
    """`get` of each kind shows what AWS has, follows it, and leaves it when the stack goes."""
    start = datetime.now(timezone.utc) + timedelta(days=9)
    override = contacts.create_rotation_override(
        RotationId=team["weekly"],
        NewContactIds=[team["ana"]],
        StartTime=start,
        EndTime=start + timedelta(hours=8),
    )["RotationOverrideId"]
    ids = {**team, "override": f"{team['weekly']},{override}"}
    local_aws.forget()
    declare(stack, LOOK_UPS.format(ids=ids))
    assert stack.up() == {
        "name": "Ana",
        "status": "NOT_ACTIVATED",
        "stages": 2,
        "members": [team["ben"], team["ana"]],
        "instead": [team["ana"]],
        "engages": 10,
    }
    assert untouched(local_aws)
    contacts.update_contact(ContactId=team["ana"], DisplayName="Ana Maria")
    local_aws.forget()
    assert stack.up()["name"] == "Ana Maria"
    stack.destroy()
    assert untouched(local_aws)
    assert contacts.get_contact(ContactId=team["ana"])["DisplayName"] == "Ana Maria"


@pytest.fixture
def documented_team(contacts, local_aws):
    """Make the schedule of the walk-through."""
    ana = contacts.create_contact(
        Alias="ana", DisplayName="Ana", Type="PERSONAL", Plan={"Stages": []}
    )["ContactArn"]
    phone = contacts.create_contact_channel(
        ContactId=ana,
        Name="phone",
        Type="SMS",
        DeliveryAddress={"SimpleAddress": NUMBERS[0]},
    )["ContactChannelArn"]
    target = {"ChannelTargetInfo": {"ContactChannelId": phone}}
    stages = [{"DurationInMinutes": 5, "Targets": [target]}]
    contacts.update_contact(ContactId=ana, Plan={"Stages": stages})
    at_nine = {"HourOfDay": 9, "MinuteOfHour": 30}
    weekly = contacts.create_rotation(
        Name="weekly",
        ContactIds=[ana],
        StartTime=datetime(2026, 1, 5, 9, 30, tzinfo=timezone.utc),
        TimeZoneId="Europe/Dublin",
        Recurrence={
            "NumberOfOnCalls": 1,
            "RecurrenceMultiplier": 1,
            "WeeklySettings": [{"DayOfWeek": "MON", "HandOffTime": at_nine}],
        },
    )["RotationArn"]
    contacts.create_contact(
        Alias="payments", Type="ONCALL_SCHEDULE", Plan={"RotationIds": [weekly]}
    )
    local_aws.forget()


@pytest.mark.usefixtures("documented_team")
def test_the_walk_through_of_a_schedule_does_what_it_says(stack, local_aws):
    """Each command prints what the document shows; in the end all agree and AWS was only read."""
    follow(stack, "A whole on-call schedule", "checkout")
    stack.up()
    assert untouched(local_aws)
    assert not (stack.folder / "addresses.json").exists()


def test_the_blocks_of_that_walk_through_are_there():
    """A heading that changed would leave nothing to follow."""
    assert len(blocks("A whole on-call schedule")) >= 3


def thing(kind, identifier, title, **inputs):
    """Return something that AWS might have."""
    wanted = things.Wanted(kind, f"{HOME}:{identifier}", title)
    return things.Found(wanted, inputs, name=title)


def test_things_that_name_each_other_in_a_circle_still_make_a_program():
    """One of them names the other by its ARN, which needs no variable."""
    a = thing(kinds.CONTACT, "contact/a", "a", alias="a", plan={"x": f"{HOME}:contact/b"})
    b = thing(kinds.CONTACT, "contact/b", "b", alias="b", plan={"x": f"{HOME}:contact/a"})
    code = program.program([a, b], "import.json")
    compile(code, "imported.py", "exec")
    assert code.index("b = Contact(") < code.index('plan={"x": b.arn}')
    assert f'plan={{"x": "{HOME}:contact/a"}}' in code


@pytest.mark.parametrize("name", ["class", "config", "2nd line", "print", "Contact", "a.b"])
def test_any_name_of_a_resource_makes_a_variable(name):
    """A word of Python, or one that the code itself uses, is no variable as it is."""
    a = thing(kinds.CONTACT, "contact/a", name, alias="a")
    rotation = thing(kinds.ROTATION, "rotation/1", "r", name="r", contact_ids=[a.id])
    code = program.program([rotation, a], "import.json")
    assigned = [node for node in ast.parse(code).body if isinstance(node, ast.Assign)]
    variable = assigned[0].targets[0].id
    assert f"contact_ids=[{variable}.arn]" in code
    assert variable != name


def test_names_that_make_the_same_variable_make_two():
    """`a-b` and `a.b` are two people."""
    people = [
        thing(kinds.CONTACT, f"contact/{number}", name, alias=str(number))
        for number, name in enumerate(("a-b", "a.b"))
    ]
    rotation = thing(
        kinds.ROTATION, "rotation/1", "r", name="r", contact_ids=[each.id for each in people]
    )
    assert "contact_ids=[a_b.arn, a_b_2.arn]" in program.program([*people, rotation], "x")


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("replication-set/0a1b-2c3d", None),
        ("contact/ana", kinds.CONTACT),
        ("contact-channel/ana/1", kinds.CONTACT_CHANNEL),
        ("rotation/0a1b", kinds.ROTATION),
        ("rotation/0a1b,0a1b-2c3d", kinds.OVERRIDE),
        ("page/ana/1", None),
        ("engagement/ana/1", None),
    ],
)
def test_an_id_tells_its_kind(identifier, kind):
    """A person names ARNs, and need not say what they are of."""
    assert kinds.known(f"{HOME}:{identifier}") is kind
