"""A team on call as a program declares it, and whom an incident pages, minute by minute.

Real: the Pulumi engine, its language host and plugin processes, the stand-in of pulumi-aws, and the
local AWS with its clock: nothing waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.program import EngineError, Program, configuration
from tools.people import activate

MONDAY = datetime(2026, 12, 7, 10, tzinfo=timezone.utc)
WHERE = "arn:aws:ssm-contacts:us-east-1:123456789012:contact"


class Bench:
    """A local AWS whose clock stands: what it pages, by the minutes since an incident."""

    def __init__(self, local_aws):
        self.local_aws = local_aws
        self.contacts = local_aws.client("ssm-contacts")
        self.incidents = local_aws.client("ssm-incidents")

    def activate(self):
        """Activate every channel with the code that it was sent, as people do."""
        activate(self.local_aws)

    def incident(self, plan):
        """Start an incident of a plan."""
        return self.incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]

    def pages(self, incident, since):
        """Return the pages of an incident by now: the minute, who, and how."""
        found = self.local_aws.pages(incident)
        return sorted(
            (
                (datetime.fromisoformat(page["sentTime"]) - since) // timedelta(minutes=1),
                person_of(page["contactArn"]),
                page["type"],
            )
            for page in found
        )


def person_of(arn):
    """Return the name in an automatic alias, `response-on-call-ana-1a2b3c4`."""
    return arn.rpartition("/")[2].removeprefix("response-on-call-").rpartition("-")[0]


@pytest.fixture
def bench(local_aws):
    """Return a local AWS whose clock stands on a Monday morning."""
    local_aws.set_clock(MONDAY)
    return Bench(local_aws)


def team(**changes):
    """Return the configuration of the local stack with another team."""
    config = configuration()
    response = config["incidents:response"]
    on_call = {**response["on_call"], **changes}
    return {**config, "incidents:response": {**response, "on_call": on_call}}


def people(*names):
    """Return the people of a team by their names."""
    return [{"name": name} for name in names]


AT_ONCE = [(0, "ana", "EMAIL"), (0, "ana", "SMS")]
CALLED = [(5, "ana", "VOICE")]
ALL = [(10, "ana", "EMAIL"), (10, "ana", "SMS"), (10, "ben", "EMAIL"), (10, "ben", "SMS")]


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return the program of this repository, with its local stack's team."""
    return Program.of_this_repository(tmp_path / "program", stack_environment)


def test_an_incident_pages_exactly_whom_the_program_says_minute_by_minute(program, bench):
    """Who has the shift at once, a call after five minutes, all after ten; a drill pages nobody."""
    outputs = program.up()
    bench.activate()
    assert bench.local_aws.pages() == []  # of the drill, which is open
    first = bench.incident(outputs["plan_arn"])
    for minute, expected in [
        (0, AT_ONCE),
        (4, AT_ONCE),
        (5, AT_ONCE + CALLED),
        (9, AT_ONCE + CALLED),
        (10, AT_ONCE + CALLED + ALL),
        (15, AT_ONCE + CALLED + ALL + [(15, "ana", "VOICE")]),
        (24 * 60, AT_ONCE + CALLED + ALL + [(15, "ana", "VOICE")]),
    ]:
        bench.local_aws.set_clock(MONDAY + timedelta(minutes=minute))
        assert bench.pages(first, MONDAY) == sorted(expected), minute
    bench.incidents.update_incident_record(arn=first, status="RESOLVED")

    # A week later Ben has the shift; he answers after three minutes, and nobody else is woken.
    later = MONDAY + timedelta(weeks=1)
    bench.local_aws.set_clock(later)
    second = bench.incident(outputs["plan_arn"])
    bench.local_aws.set_clock(later + timedelta(minutes=3))
    page = bench.local_aws.pages(second)[0]
    bench.contacts.accept_page(
        PageId=page["pageArn"], AcceptType="READ", AcceptCode=page["acceptCode"]
    )
    bench.local_aws.set_clock(later + timedelta(hours=1))
    assert bench.pages(second, later) == [(0, "ben", "EMAIL"), (0, "ben", "SMS")]

    program.destroy()
    assert program.state() == {}
    assert bench.contacts.list_contacts()["Contacts"] == []
    assert bench.contacts.list_rotations()["Rotations"] == []


def changed(local_aws):
    """Return the operations that changed something of people, in their order."""
    found = local_aws.requests("ssm-contacts")
    return [each["operation"] for each in found if each["mutating"]]


def test_people_come_and_go_and_the_rest_stays(program, bench):
    """Who leaves is out of rotation and stages before the contact goes; nobody else is touched."""
    outputs = program.up(settled=False)
    before = {each["Alias"] for each in bench.contacts.list_contacts()["Contacts"]}
    config = team(people=people("cy", "ana"))
    addresses = {**config["incidents:addresses"], "cy": {"voice": "+15005550102"}}
    del addresses["ben"]
    program.configure(**{**config, "incidents:addresses": addresses})
    bench.local_aws.forget()
    assert program.up()["on_call_arn"] == outputs["on_call_arn"]
    after = {each["Alias"] for each in bench.contacts.list_contacts()["Contacts"]}
    assert [name.rpartition("-")[0] for name in before - after] == ["response-on-call-ben"]
    assert [name.rpartition("-")[0] for name in after - before] == ["response-on-call-cy"]
    (rotation,) = bench.contacts.list_rotations()["Rotations"]
    members = bench.contacts.get_rotation(RotationId=rotation["RotationArn"])["ContactIds"]
    assert [person_of(arn) for arn in members] == ["cy", "ana"]
    done = changed(bench.local_aws)
    assert done.index("UpdateRotation") < done.index("DeleteContact")
    assert {"CreateRotation", "DeleteRotation", "SendActivationCode"}.isdisjoint(done)

    address = {"voice": "+15005550103"}
    program.configure(**{**config, "incidents:addresses": {**addresses, "cy": address}})
    bench.local_aws.forget()
    program.up()
    assert changed(bench.local_aws) == ["UpdateContactChannel"]
    program.destroy()


def test_an_address_in_encrypted_configuration_is_nowhere_in_the_clear(program, bench):
    """State, outputs, previews with details, failing runs and their logs have nobody's number."""
    config = configuration()
    numbers = {"ana": "+15005557788", "ben": "+15005557799"}
    del config["incidents:addresses"]
    program.configure(**config)
    for name, number in numbers.items():
        command = ("config", "set", "--path", "--secret", f"incidents:addresses.{name}.sms")
        program.run(*command, number)
    printed = [
        program.run("preview", "--diff", "--json"),
        program.run("up", "--yes", "--skip-preview"),
    ]
    program.settled()
    printed += [program.run("stack", "export"), program.run("stack", "output", "--json")]
    live = [
        bench.contacts.list_contact_channels(ContactId=person["ContactArn"])["ContactChannels"]
        for person in bench.contacts.list_contacts(Type="PERSONAL")["Contacts"]
    ]
    found = {channel["DeliveryAddress"]["SimpleAddress"] for (channel,) in live}
    assert found == set(numbers.values())

    program.run("config", "set", "--path", "--secret", "incidents:addresses.ana.sms", "5005557788")
    printed.append(fails(program, "preview"))
    assert (
        "Responder response-on-call-ana: sms must be a + followed by the country code"
        in printed[-1]
    )
    program.run(
        "config", "set", "--path", "--secret", "incidents:addresses.eve.sms", "+15005557777"
    )
    printed.append(fails(program, "preview"))
    assert "has somebody who is not made in on_call.people: ana, ben may" in printed[-1]
    assert "eve" not in printed[-1]
    program.run("config", "rm", "--path", "incidents:addresses.eve")
    taken = numbers["ben"]
    bench.contacts.create_contact_channel(
        ContactId=ana_of(bench),
        Name="taken",
        Type="SMS",
        DeliveryAddress={"SimpleAddress": taken},
    )
    program.run("config", "set", "--path", "--secret", "incidents:addresses.ana.sms", taken)
    with pytest.raises(EngineError) as failed:
        program.run("up", "--yes", "--skip-preview", "--logtostderr", "-v=3")
    printed.append(str(failed.value))
    assert "another channel with this address" in printed[-1]
    assert not [text for text in printed if "55577" in text]


def ana_of(bench):
    """Return the contact of Ana."""
    people = bench.contacts.list_contacts(Type="PERSONAL")["Contacts"]
    return next(each["ContactArn"] for each in people if "-ana-" in each["Alias"])


def fails(program, *command):
    """Run a command that has to fail, and return what it printed: never a traceback."""
    with pytest.raises(EngineError) as failed:
        program.run(*command)
    assert "Traceback" not in str(failed.value)
    return str(failed.value)


FOLLOWING = """
import pulumi
import pulumi_aws as aws
from pulumi_incidents.stacks import IncidentResponse, OnCall, Responder

home = pulumi.ResourceOptions(provider=aws.Provider("home", region="us-east-1"))
boss = Responder("boss", {"email": "boss@example.com", "alias": "boss"}, home)
ana = Responder("ana", {"sms": "+15005550100"}, home)
team = OnCall(
    "team",
    {
        "people": [ana, {"name": "ben", "voice": pulumi.Output.secret("+15005550101")}],
        "time_zone": "Europe/Dublin",
        "rotations": {
            "days": {"people": ["ana"], "daily": ["07:00"], "hours": {"MON-SUN": ["07:00-19:00"]}},
            "nights": {"people": ["ben"], "hours": {"MON-SUN": ["19:00-07:00"]}},
        },
        "behind": boss,
    },
    home,
)
args = {"title": "Down", "impact": 2, "engagements": [boss.arn], "on_call": team}
shop = IncidentResponse("shop", args, home)
alone = IncidentResponse("alone", {"title": "Down", "impact": 2, "on_call": ana}, home)
for name, made in (("shop", shop.plan_arn), ("alone", alone.plan_arn), ("team", team.arn)):
    pulumi.export(name, made)
"""


def test_a_team_of_responders_follows_its_provider_and_is_what_a_response_engages(
    tmp_path, stack_environment, bench
):
    """People of a program, its provider's region, two rotations by the hour, and who is behind."""
    program = Program(tmp_path / "following", stack_environment, FOLLOWING)
    program.configure(**{"aws:region": "eu-central-1"})  # where there is no replication set
    outputs = program.up()
    engaged = {
        name: bench.incidents.get_response_plan(arn=outputs[name])["engagements"]
        for name in ("shop", "alone")
    }
    assert engaged["shop"] == [f"{WHERE}/boss", outputs["team"]]
    assert [person_of(arn) for arn in engaged["alone"]] == ["ana"]
    bench.activate()
    since = MONDAY.replace(hour=22)
    bench.local_aws.set_clock(since)
    engagement = bench.contacts.start_engagement(
        ContactId=outputs["team"], Sender="test", Subject="Down", Content="Down"
    )["EngagementArn"]
    bench.local_aws.set_clock(since + timedelta(hours=1))
    found = [page for page in bench.local_aws.pages() if page["engagementArn"] == engagement]
    assert [(page["type"], page["address"], page["sentTime"][11:16]) for page in found] == [
        ("VOICE", "+15005550101", "22:00"),
        ("SMS", "+15005550100", "22:10"),
        ("VOICE", "+15005550101", "22:10"),
        ("EMAIL", "boss@example.com", "22:20"),
    ]
    program.destroy()
    assert program.state() == {}
