"""People and teams as components. Real: the components and the SDK; the engine is the SDK's mock.

What is pure, the words of a rota and its gaps, is tested without any of it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.config import set_all_config

from pulumi_incidents.stacks import IncidentResponse, OnCall, Responder, load_settings
from pulumi_incidents.stacks._gaps import Covered, gap, told
from pulumi_incidents.stacks._stages import Step, stages
from pulumi_incidents.stacks._turns import DAYS, recurrence, windows
from tests.mocked import declared, output

WHERE = "arn:aws:ssm-contacts:us-east-1:123456789012:contact"
PHONE, OTHER, MAIL = "+15005550100", "+15005550101", "ana@example.com"
ANA = {"name": "ana", "sms": PHONE}
BEN = {"name": "ben", "email": MAIL}
TEAM = {"people": [ANA, BEN], "time_zone": "Europe/Dublin"}
SECRET = "4dabf18193072939515e22adb298388d"  # what marks a secret on its way to the engine


def made(build, kind):
    """Return the inputs of what a component declares of a kind, by name."""
    return {name: inputs for (found, name), inputs in declared(build).items() if found == kind}


def rings(**inputs):
    """Return when what rings for a person: minute and channels."""
    (plan,) = made(lambda: Responder("ana", inputs), "ContactPlan").values()
    return by_minute(
        plan["stages"],
        lambda target: target["channel_target_info"]["contact_channel_id"].removeprefix("arn:of:"),
    )


def engaged(**inputs):
    """Return whom a team's plan engages: minute, and contacts with a mark where essential."""
    found = made(lambda: OnCall("t", {**TEAM, **inputs}), "Contact")

    def who(target):
        info = target["contact_target_info"]
        return info["contact_id"].rpartition(":")[2] + ("!" if info["is_essential"] else "")

    return by_minute(found["t"]["plan"]["stages"], who)


def by_minute(planned, who):
    """Return stages as minute -> whom, pauses left out."""
    minute, found = 0, {}
    for stage in planned:
        if stage["targets"]:
            found[minute] = [who(target) for target in stage["targets"]]
        minute += int(stage["duration_in_minutes"])
    return found


def refused(build):
    """Return the sentences with which something is refused before anything is declared."""
    with pytest.raises(pulumi.RunError) as error:
        declared(build)
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"sms": PHONE}, {0: ["ana-sms"]}),
        ({"voice": PHONE}, {0: ["ana-voice"]}),
        ({"sms": PHONE, "voice": PHONE}, {0: ["ana-sms"], 5: ["ana-voice"]}),
        ({"voice": PHONE, "email": MAIL}, {0: ["ana-email", "ana-voice"]}),
        (
            {
                "sms": PHONE,
                "voice": PHONE,
                "email": MAIL,
                "channels": {"home": {"type": "VOICE", "address": OTHER}},
            },
            {0: ["ana-sms", "ana-email"], 5: ["ana-voice", "ana-home"]},
        ),
        (
            {
                "sms": PHONE,
                "email": MAIL,
                "rings": [
                    {"after_minutes": 2, "channels": ["email"]},
                    {"after_minutes": 45, "channels": ["sms", "email"]},
                ],
            },
            {2: ["ana-email"], 45: ["ana-sms", "ana-email"]},
        ),
    ],
)
def test_messages_come_first_and_a_phone_is_called_unless_somebody_says_otherwise(inputs, expected):
    """A call waits five minutes where a message was sent; a mail alone wakes nobody."""
    assert rings(**inputs) == expected


def test_an_address_is_a_secret_however_it_is_given():
    """A plain one in a program is a secret in the state as well."""
    inputs = {"sms": PHONE, "email": output(MAIL), "voice": pulumi.Output.secret(OTHER)}
    found = made(lambda: Responder("ana", inputs), "ContactChannel")
    assert {name: each["name"] for name, each in found.items()} == {
        "ana-sms": "sms",
        "ana-email": "email",
        "ana-voice": "voice",
    }
    for each in found.values():
        assert SECRET in each["delivery_address"]


def test_a_person_is_known_by_its_plan():
    """Contact, channels and plan are of one person, and the ARN waits for the plan."""
    inputs = {"sms": PHONE, "alias": "ana", "display_name": "Ana", "tags": {"team": "shop"}}
    found = declared(lambda: Responder("ana", inputs))
    kept = {key: value for key, value in inputs.items() if key != "sms"}
    assert found["Contact", "ana"] == {"type": "PERSONAL", **kept}
    assert found["ContactPlan", "ana"]["contact_id"] == "arn:of:ana"
    assert found["ContactChannel", "ana-sms"]["contact_id"] == "arn:of:ana"


def test_a_small_team_takes_turns_by_the_week_and_helps_after_ten_minutes():
    """Two names and a time zone are enough."""
    found = declared(lambda: OnCall("t", TEAM))
    assert found["Rotation", "t-weekly"] == {
        "contact_ids": ["arn:of:t-ana", "arn:of:t-ben"],
        "time_zone_id": "Europe/Dublin",
        "recurrence": {
            "number_of_on_calls": 1,
            "recurrence_multiplier": 1,
            "weekly_settings": [
                {"day_of_week": "MON", "hand_off_time": {"hour_of_day": 9, "minute_of_hour": 0}}
            ],
        },
    }
    schedule = {"type": "ONCALL_SCHEDULE", "plan": {"rotation_ids": ["arn:of:t-weekly"]}}
    assert found["Contact", "t-schedule"] == schedule
    assert found["Contact", "t"]["type"] == "ESCALATION"
    assert engaged() == {0: ["t-schedule!"], 10: ["t-ana!", "t-ben!"]}


def test_a_team_engages_whom_its_stages_name():
    """By name, by ARN, all, or who has the shift, each once; whoever is behind them is last."""
    escalation = [
        {"after_minutes": 3, "engage": ["on_call"], "essential": False},
        {"after_minutes": 40, "engage": ["ben", f"{WHERE}/boss", "everybody", "ben"]},
    ]
    assert engaged(escalation=escalation, behind=f"{WHERE}/boss") == {
        3: ["t-schedule"],
        40: ["t-ben!", "contact/boss!", "t-ana!"],
        50: ["contact/boss!"],
    }


def test_people_of_a_team_may_exist_already():
    """A Responder, an ARN or an output is taken as it is, and is in rotation and stages."""

    def build():
        cy = Responder("cy", {"sms": PHONE})
        others = OnCall("others", TEAM)
        people = [cy, f"{WHERE}/dan", output(f"{WHERE}/eve"), output(f"{WHERE}/flo")]
        rotations = {"a": {}, "b": {"people": ["dan", "cy"], "daily": ["09:00"]}}
        escalation = [{"after_minutes": 0, "engage": ["on_call", cy]}]
        inputs = {**TEAM, "people": people, "rotations": rotations, "escalation": escalation}
        OnCall("t", {**inputs, "behind": others})

    found = declared(build)
    four = ["arn:of:cy", *(f"{WHERE}/{name}" for name in ("dan", "eve", "flo"))]
    assert found["Rotation", "t-a"]["contact_ids"] == four
    assert found["Rotation", "t-b"]["contact_ids"] == [f"{WHERE}/dan", "arn:of:cy"]
    planned = by_minute(
        found["Contact", "t"]["plan"]["stages"],
        lambda target: target["contact_target_info"]["contact_id"],
    )
    assert planned == {0: ["arn:of:t-schedule", "arn:of:cy"], 10: ["arn:of:others-schedule"]}


def test_a_team_has_its_names_and_tags_and_gives_them_to_its_people():
    """The schedule is called after the team; what a person says of itself wins."""
    ben = {**BEN, "tags": {"team": "own"}}
    inputs = {"alias": "shop", "display_name": "Shop", "tags": {"team": "shop"}}
    found = made(lambda: OnCall("t", {**TEAM, **inputs, "people": [ANA, ben]}), "Contact")
    names = {name: (each.get("alias"), each.get("display_name")) for name, each in found.items()}
    assert names == {
        "t": ("shop", "Shop"),
        "t-schedule": ("shop-schedule", "Shop schedule"),
        "t-ana": (None, None),
        "t-ben": (None, None),
    }
    tags = {name: each["tags"]["team"] for name, each in found.items()}
    assert tags == {"t": "shop", "t-schedule": "shop", "t-ana": "shop", "t-ben": "own"}


@pytest.mark.parametrize("named", [[], [f"{WHERE}/boss"]])
@pytest.mark.parametrize("given", [lambda named: named or None, output])
def test_a_response_engages_its_team_beside_whom_it_names(named, given):
    """The plan has the ARN of the team's escalation plan, and so has a drill that pages."""
    drill = {"occurrence": "1", "paging": True}
    inputs = {"title": "Down", "impact": 1, "on_call": TEAM, "drill": drill}
    found = declared(lambda: IncidentResponse("x", {**inputs, "engagements": given(named)}))
    for plan in ("x-plan", "x-drill-plan"):
        assert found["ResponsePlan", plan]["engagements"] == [*named, "arn:of:x-on-call"]


def test_a_response_takes_a_team_or_a_person_that_is_declared_apart():
    """Nothing is made twice; a drill is muted by default."""

    def build():
        ana, team = Responder("ana", {"sms": PHONE}), OnCall("team", TEAM)
        base = {"title": "Down", "impact": 1, "drill": {"occurrence": "1"}}
        IncidentResponse("x", {**base, "on_call": team})
        IncidentResponse("y", {**base, "on_call": ana})

    found = declared(build)
    assert found["ResponsePlan", "x-plan"]["engagements"] == ["arn:of:team"]
    assert found["ResponsePlan", "y-plan"]["engagements"] == ["arn:of:ana"]
    assert "engagements" not in found["ResponsePlan", "x-drill-plan"]
    assert [name for kind, name in found if kind == "OnCall"] == ["team"]


@pytest.mark.parametrize(("own", "adopted"), [(None, True), (False, False)])
def test_a_response_that_takes_over_what_exists_takes_over_its_people(own, adopted):
    """After a run that was interrupted it is one switch, unless the team has its own."""
    inputs = {"title": "Down", "impact": 1, "adopt_existing": True}
    team = {**TEAM, "adopt_existing": own}
    found = declared(lambda: IncidentResponse("x", {**inputs, "on_call": team}))
    made = [each for (kind, _), each in found.items() if kind in ("Contact", "ContactPlan")]
    assert len(made) == 6
    assert {each["adopt_existing"] for each in made} == {adopted}


NONE = "has no channel, and nobody could be reached: give sms, voice or email"
NUMBER = "must be a + followed by the country code and the number, such as +15005550100"


@pytest.mark.parametrize(
    ("inputs", "sentences"),
    [
        ({}, [f"the person {NONE}."]),
        ({"sms": "5550100"}, [f"sms {NUMBER}."]),
        ({"sms": 15005550100}, ["sms must be a string."]),
        ({"email": "ana"}, ["email must be an e-mail address, such as ana@example.com."]),
        ({"channels": [PHONE]}, ["channels must be a map."]),
        ({"channels": {"home": PHONE}}, ["channels.home must be a map with type, address."]),
        (
            {"channels": {"home": {"type": "FAX", "address": PHONE}}},
            ["channels.home.type must be one of SMS, VOICE, EMAIL; got 'FAX'."],
        ),
        (
            {"channels": {"home": {"type": "SMS", "address": "x"}}},
            [f"channels.home.address {NUMBER}."],
        ),
        (
            {"email": MAIL, "channels": {"sms": {"type": "SMS", "address": PHONE}}},
            ["channels.sms has the name of the input sms: use that."],
        ),
        ({"sms": PHONE, "alias": "Ana"}, ["alias must match ^[a-z0-9_\\-]*$; got 'Ana'."]),
        (
            {
                "sms": PHONE,
                "voice": PHONE,
                "rings": [
                    {"after_minutes": 5, "channels": []},
                    {"after_minutes": 5, "channels": ["mail"]},
                    {"after_minutes": 1441, "channels": ["sms"]},
                ],
            },
            [
                "rings[1].after_minutes must be later than that of the one before, 5; got 5.",
                "rings[2].after_minutes must be 0 to 1440, a day; got 1441.",
                "rings[0].channels reaches nobody: name one of sms, voice.",
                "rings[1].channels[0] must be a channel of this person, who has sms, voice.",
                "rings never ring voice: name it in one of them, or take the channel out.",
            ],
        ),
        ({"sms": PHONE, "rings": []}, ["rings never ring sms: name it in one of them, or take"]),
    ],
)
def test_a_person_whom_nothing_would_reach_is_refused(inputs, sentences):
    """Each mistake is a sentence with its path, and no address is repeated."""
    found = refused(lambda: Responder("ana", inputs))
    assert len(found) == len(sentences)
    for line, sentence in zip(found, sentences, strict=True):
        assert line.startswith(f"Responder ana: {sentence}")
        assert "0100" not in line.removesuffix(f"{NUMBER}.")


def test_an_address_that_is_known_late_is_refused_without_it():
    """A secret of the configuration is looked at as any other, and never repeated."""
    found = refused(lambda: Responder("ana", {"sms": pulumi.Output.secret("5557788")}))
    assert found == [f"Responder ana: sms {NUMBER}."]


STAGE = {"after_minutes": 0, "engage": ["on_call"]}
ENGAGED = "must be on_call, everybody, a name of people or an ARN"
OFFICE = {"MON-FRI": ["09:00-17:00"]}


@pytest.mark.parametrize(
    ("inputs", "sentences"),
    [
        ({"people": []}, ["people has nobody: give one person at least."]),
        ({"people": [ANA, {"name": "ben"}]}, [f"people[1] {NONE}."]),
        ({"people": [ANA, {**BEN, "name": "ana"}]}, ["people[1] is called ana, as people[0] is"]),
        ({"people": [{**ANA, "name": "on_call"}]}, ["people[0] is called on_call, which means ot"]),
        ({"people": [PHONE]}, ["people[0] must be a Responder, the ARN of a person, or a map w"]),
        ({"time_zone": "PST"}, ["time_zone must be a time zone of IANA, such as Europe/Dublin; "]),
        ({"rotations": {}}, ["rotations has none, and nobody would be on call: give one, or"]),
        (
            {"rotations": {str(number): {} for number in range(9)}},
            ["rotations must be at most 8 items; got 9."],
        ),
        (
            {"rotations": {"a": {"people": []}, "b": {"people": ["eve", "ana", "ana"]}}},
            [
                "rotations.a.people has nobody: name one person at least.",
                "rotations.b.people[0] must be a name of people, who are ana, ben.",
                "rotations.b.people[2] is ana once more; take it out.",
            ],
        ),
        (
            {"rotations": {"a": {"daily": ["9:00"], "weekly": [], "monthly": ["32 09:00"]}}},
            [
                "rotations.a has daily and weekly and monthly, which exclude each other: keep one",
                "rotations.a.daily[0] must be a time of day, such as 09:00; got '9:00'.",
                "rotations.a.weekly has no hand-off: give a day and a time, such as MON 09:00.",
                "rotations.a.monthly[0] must be a day of the month and a time, such as 1 09:00; ",
            ],
        ),
        (
            {"rotations": {"a": {"weekly": ["MON 09:00", "MON 09:00"]}}},
            ["rotations.a.weekly[1] is MON 09:00 once more; take it out."],
        ),
        (
            {"rotations": {"a": {"hours": {"MO": [], "MON": ["9-17", "09:00-09:29"]}}}},
            [
                "rotations.a.hours has 'MO', which must be a day or several, such as MON or MON-F",
                "rotations.a.hours.MO covers nothing: give hours, such as 09:00-17:00, or take th",
                "rotations.a.hours.MON[0] must be hours, such as 09:00-17:00; got '9-17'.",
                "rotations.a.hours.MON[1] must be 30 minutes at least; got 09:00-09:29.",
            ],
        ),
        (
            {"rotations": {"a": {"hours": {}}}},
            ["rotations.a.hours cover nothing: give a day, or leave them out for always."],
        ),
        (
            {"rotations": {"a": {"every": 0, "at_once": 0}}},
            [
                "rotations.a.at_once must be at least 1; got 0.",
                "rotations.a.every must be 1 to 100; ",
            ],
        ),
        (
            {"rotations": {"a": {"every": 101, "at_once": 3, "time_zone": "X"}}},
            [
                "rotations.a.every must be 1 to 100; got 101.",
                "rotations.a.time_zone must be a time zone of IANA, such as Europe/Dublin; got 'X'",
                "rotations.a.at_once must be at most the number of contact_ids, 2; got 3.",
            ],
        ),
        (
            {"rotations": {"a": {"hours": OFFICE}}},
            [
                (
                    "rotations leave nobody on call, for example from THU 2026-01-01 17:00 to FRI "
                    "2026-01-02 09:00 in Europe/Dublin: cover it by hours, or set gaps."
                )
            ],
        ),
        (
            {"rotations": {"a": {"start": "2999-01-01T00:00:00Z"}}},
            ["rotations all start later, and nobody is on call until then: take start out of one,"],
        ),
        (
            {"escalation": []},
            ["escalation has no stage, and nobody would be engaged: give one, or"],
        ),
        (
            {"escalation": [{**STAGE, "engage": []}, {"after_minutes": -1, "engage": ["eve"]}]},
            [
                "escalation[1].after_minutes must be 0 to 1440, a day; got -1.",
                "escalation[0].engage reaches nobody: name on_call, everybody or one of the peop",
                f"escalation[1].engage[0] {ENGAGED}.",
                "escalation never engages on_call, and the rotations mean nothing: name it in a s",
            ],
        ),
        ({"behind": "boss"}, [f"behind {ENGAGED}."]),
        (
            {"rotations": {"a": {"people": ["ana"]}}, "escalation": [STAGE]},
            ["people[1] is in no stage, and would never be engaged: name ben in one, or in a rota"],
        ),
    ],
)
def test_a_team_in_which_somebody_is_forgotten_is_refused(inputs, sentences):
    """What only the whole shows is a sentence, in a component alone and in a response."""
    found = refused(lambda: OnCall("t", {**TEAM, **inputs}))
    assert len(found) == len(sentences), found
    for line, sentence in zip(found, sentences, strict=True):
        assert line.startswith(f"OnCall t: {sentence}"), line
        assert "0100" not in line
    response = {"title": "Down", "impact": 1, "on_call": {**TEAM, **inputs}}
    inside = refused(lambda: IncidentResponse("x", response))
    assert inside == [line.replace("OnCall t: ", "IncidentResponse x: on_call.") for line in found]


def test_a_gap_that_is_declared_is_let_through():
    """Who wants a night without anybody on call says so."""
    rotations = {"a": {"hours": OFFICE, "start": "2999-01-01T00:00:00Z"}}
    found = made(lambda: OnCall("t", {**TEAM, "rotations": rotations, "gaps": True}), "Rotation")
    coverages = found["t-a"]["recurrence"]["shift_coverages"]
    assert sorted(coverages) == ["FRI", "MON", "THU", "TUE", "WED"]
    assert found["t-a"]["start_time"] == "2999-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("rotations", "expected"),
    [
        ([("Europe/Dublin", {})], None),
        ([("Europe/Dublin", OFFICE), ("Europe/Dublin", {})], None),
        ([("Europe/Dublin", {"MON-SUN": ["00:00-00:00"]})], None),
        ([("Europe/Dublin", {"SUN-SAT": ["01:30-13:00", "13:00-01:30"]})], None),
        ([("Europe/Dublin", {"FRI-MON": ["09:00-09:00"]})], "from TUE 2026-01-06 09:00 to FRI"),
        (
            [("Europe/Dublin", {"MON-SUN": ["08:00-20:00"]}), ("Asia/Tokyo", OFFICE)],
            "from THU 2026-01-01 20:00 to FRI 2026-01-02 00:00",
        ),
        (
            [
                ("Europe/Dublin", {"MON-SUN": ["06:00-18:00"]}),
                ("America/Los_Angeles", {"MON-SUN": ["10:00-22:00"]}),
            ],
            "from MON 2026-03-09 05:00 to MON 2026-03-09 06:00",
        ),
    ],
)
def test_the_hours_of_rotations_are_laid_side_by_side_for_a_year(rotations, expected):
    """Clocks that change on different days leave an hour open that no single week shows."""
    found = gap([Covered(*rotation) for rotation in rotations])
    shown = told(found, "Europe/Dublin") if found else None
    assert shown == expected or (expected and shown.startswith(expected))


ZONES = st.sampled_from(["UTC", "Asia/Tokyo", "Asia/Kolkata"])  # whose clocks never change
EDGES = st.sampled_from([f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "30")])
HOURS = st.dictionaries(
    st.sampled_from(["MON-FRI", "SAT-SUN", "SUN", "WED-TUE"]),
    st.lists(st.builds("{}-{}".format, EDGES, EDGES), min_size=1, max_size=2),
    min_size=1,
)


def covers(rotation):
    """Return what tells whether somebody is on call at a moment: what a clock on the wall shows."""
    zone, week = ZoneInfo(rotation.zone), windows(rotation.hours)

    def at(moment):
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        today, before = (week[DAYS[(local.weekday() - back) % 7]] for back in (0, 1))
        return any(start <= minute < end for start, end in today) or any(
            minute < end - 24 * 60 for _, end in before
        )

    return at


@settings(deadline=None)  # it depends on the machine alone
@given(st.lists(st.builds(Covered, ZONES, HOURS), min_size=1, max_size=3))
def test_a_gap_is_found_where_no_clock_shows_anybodys_hours(rotations):
    """A reading of all clocks, half an hour after the other, comes to the same."""
    half = timedelta(minutes=30)
    moments = [datetime(2026, 1, 1, tzinfo=timezone.utc) + half * step for step in range(17 * 48)]
    each = [covers(rotation) for rotation in rotations]
    nobody = [moment for moment in moments if not any(at(moment) for at in each)]
    found = gap(rotations)
    assert (found is None) == (nobody == [])
    if found:
        inside = [moment for moment in nobody if found.start <= moment < found.end]
        assert len(inside) == (found.end - found.start) // half
        assert found.end not in nobody


def test_hours_are_those_of_the_days_that_are_written():
    """A range of days may go over a Sunday, and hours over midnight."""
    found = windows({"SAT-MON": ["22:00-06:00"], "MON": ["09:00-17:00"]})
    assert {day: edges for day, edges in found.items() if edges} == {
        "SAT": [(1320, 1800)],
        "SUN": [(1320, 1800)],
        "MON": [(1320, 1800), (540, 1020)],
    }


def test_a_rotation_is_said_in_words_and_means_all_that_aws_knows():
    """Hand-offs of every kind, longer shifts and more than one person at once."""
    monthly = {"monthly": ["1 09:00", "15 23:59"], "every": 2, "at_once": 2}
    assert recurrence(monthly) == {
        "number_of_on_calls": 2,
        "recurrence_multiplier": 2,
        "monthly_settings": [
            {"day_of_month": 1, "hand_off_time": {"hour_of_day": 9, "minute_of_hour": 0}},
            {"day_of_month": 15, "hand_off_time": {"hour_of_day": 23, "minute_of_hour": 59}},
        ],
    }
    assert recurrence({"daily": ["00:05"]})["daily_settings"] == [
        {"hour_of_day": 0, "minute_of_hour": 5}
    ]


def test_a_stage_begins_at_its_minute_whatever_aws_lets_one_last():
    """A wait above thirty minutes is made of pauses, at the beginning as well."""
    target = {"channel_target_info": {"contact_channel_id": "arn"}}
    assert stages([Step(0, [target])]) == [{"duration_in_minutes": 0, "targets": [target]}]
    assert stages([Step(31, [target]), Step(100, [target])]) == [
        {"duration_in_minutes": 30, "targets": []},
        {"duration_in_minutes": 1, "targets": []},
        {"duration_in_minutes": 30, "targets": [target]},
        {"duration_in_minutes": 30, "targets": []},
        {"duration_in_minutes": 9, "targets": []},
        {"duration_in_minutes": 0, "targets": [target]},
    ]


def loaded(on_call, addresses=None, *, secret=False):
    """Return what the configuration of a stack says of a response with a team."""
    response = {"title": "Down", "impact": 1, "on_call": on_call}
    config = {"incidents:response": json.dumps(response)}
    if addresses is not None:
        config["incidents:addresses"] = json.dumps(addresses)
    set_all_config(config, ["incidents:addresses"] if secret else [])
    return load_settings(pulumi.Config("incidents"))


ROTA = {"people": [{"name": "ana"}, {"name": "ben"}, f"{WHERE}/dan"], "time_zone": "UTC"}


def test_addresses_of_a_stacks_file_are_merged_into_its_people():
    """The rota can be read by everybody, and the addresses have a key of their own."""
    home = {"name": "ana", "channels": {"home": {"type": "VOICE"}}}
    addresses = {"ana": {"email": MAIL, "home": PHONE}, "ben": {"sms": OTHER}}

    def build():
        rota = {**ROTA, "people": [home, *ROTA["people"][1:]]}
        IncidentResponse("x", loaded(rota, addresses))

    channels = made(build, "ContactChannel")
    found = {name: each["delivery_address"]["value"] for name, each in channels.items()}
    assert {name: value["simple_address"] for name, value in found.items()} == {
        "x-on-call-ana-email": MAIL,
        "x-on-call-ana-home": PHONE,
        "x-on-call-ben-sms": OTHER,
    }


HOW = (
    "has no address, and nobody could be reached: set one, "
    "`pulumi config set --path --secret incidents:addresses.{}.sms +15005550100`."
)
ROTA_FILE = "incidents:response.on_call.people[{}] in Pulumi.dev.yaml"


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize(
    ("addresses", "sentences"),
    [
        (
            None,
            [
                f"{ROTA_FILE.format(0)} {HOW.format('ana')}",
                f"{ROTA_FILE.format(1)} {HOW.format('ben')}",
            ],
        ),
        (
            {"ana": {"sms": PHONE}, "ben": {"sms": OTHER}, "eve": {"sms": PHONE}},
            [
                (
                    "incidents:addresses in Pulumi.dev.yaml has somebody who is not made in "
                    "on_call.people: ana, ben may have addresses."
                )
            ],
        ),
        (
            {"ana": {"sms": 15005550100}, "ben": PHONE},
            [
                "incidents:addresses in Pulumi.dev.yaml must be a string.",
                "incidents:addresses in P",
            ],
        ),
        ([PHONE], ["incidents:addresses in Pulumi.dev.yaml must be a map."]),
    ],
)
def test_wrong_addresses_of_a_stacks_file_are_told_without_them(
    monkeypatch, addresses, sentences, secret
):
    """A person without an address, an address of nobody, and what is none."""
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    with pytest.raises(pulumi.RunError) as error:
        loaded(ROTA, addresses, secret=secret)
    found = str(error.value).splitlines()
    assert len(found) == len(sentences)
    for line, sentence in zip(found, sentences, strict=True):
        assert line.startswith(sentence), line
        assert "eve" not in line
        assert "0100" not in line.partition("set one, ")[0]
