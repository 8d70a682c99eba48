"""Rotations of the local AWS, their overrides and shifts, as the API has them.

Real: the server process, HTTP on 127.0.0.1, boto3. How shifts are computed is tested by
`test_shifts.py`, without the API. Nothing is patched.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.calls import refused
from tests.people import DAILY, MONDAY, NINE, NOBODY, PLACE, WEEKLY, People, answered

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MISSING = f"{PLACE}:rotation/missing"
LATE = {"HourOfDay": 15, "MinuteOfHour": 57}


@pytest.fixture
def people(local_aws):
    """Give a team that is to be made."""
    return People(local_aws)


@pytest.fixture
def team(people):
    """Make three people."""
    return [people.contact(alias) for alias in ("ana", "ben", "cleo")]


def shifts(people, rotation, days=21, **asked):
    """Return start, end, members and type of the shifts from Monday on."""
    window = {"StartTime": MONDAY, "EndTime": MONDAY + days * DAY, **asked}
    found = people.aws.list_rotation_shifts(RotationId=rotation, **window)["RotationShifts"]
    return [
        (
            each["StartTime"],
            each["EndTime"],
            [arn.rpartition("/")[2] for arn in each["ContactIds"]],
            each["Type"],
        )
        for each in found
    ]


# The life of a rotation


def test_a_rotation_is_got_and_listed_as_it_was_made(people, team):
    """Its members are in the order of their shifts; names may be alike, ARNs are not."""
    arn = people.rotation(*reversed(team), name="Week days 1.")
    assert arn.startswith(f"{PLACE}:rotation/")
    told = {
        "RotationArn": arn,
        "Name": "Week days 1.",
        "ContactIds": team[::-1],
        "StartTime": MONDAY,
        "TimeZoneId": "UTC",
        "Recurrence": WEEKLY,
    }
    assert answered(people.aws.get_rotation(RotationId=arn)) == told
    assert people.aws.list_rotations()["Rotations"] == [told]
    other = people.rotation(*team, name="Week days 1.")
    assert other != arn
    people.aws.delete_rotation(RotationId=arn)
    listed = people.aws.list_rotations()["Rotations"]
    assert [each["RotationArn"] for each in listed] == [other]
    with refused("ResourceNotFoundException") as seen:
        people.aws.delete_rotation(RotationId=arn)
    assert (seen["ResourceId"], seen["ResourceType"]) == (arn, "ROTATION")


def test_a_list_has_a_beginning_of_names(people, team):
    """In the order of names."""
    for name in ("nights", "days", "Days"):
        people.rotation(*team, name=name)

    def named(**asked):
        return [each["Name"] for each in people.aws.list_rotations(**asked)["Rotations"]]

    assert named() == ["Days", "days", "nights"]
    assert named(RotationNamePrefix="da") == ["days"]


def test_a_rotation_without_a_start_starts_when_it_is_made(people, team, local_aws):
    """GetRotation has to answer one."""
    local_aws.set_clock(MONDAY)
    arn = people.aws.create_rotation(
        Name="days", ContactIds=team, TimeZoneId="Australia/Sydney", Recurrence=DAILY
    )["RotationArn"]
    assert people.aws.get_rotation(RotationId=arn)["StartTime"] == MONDAY
    [first, *_] = shifts(people, arn, 1)
    assert first[0] == MONDAY


def test_an_update_is_a_patch_but_for_the_recurrence(people, team):
    """Terraform's own test goes through each kind of it, in place, with every order kept."""
    arn = people.rotation(team[0], recurrence=DAILY)
    windows = [{"Start": {"HourOfDay": 1, "MinuteOfHour": 30}, "End": LATE}]
    days = [{"DayOfWeek": day, "HandOffTime": at} for day, at in (("WED", NINE), ("FRI", LATE))]
    dates = [{"DayOfMonth": day, "HandOffTime": at} for day, at in ((20, NINE), (13, LATE))]
    counted = {"NumberOfOnCalls": 1, "RecurrenceMultiplier": 1}
    for recurrence in (
        {**counted, "MonthlySettings": dates[:1]},
        {**counted, "MonthlySettings": dates},
        {**counted, "WeeklySettings": days[:1]},
        {**counted, "WeeklySettings": days},
        {**DAILY, "ShiftCoverages": {"MON": windows}},
        {**DAILY, "ShiftCoverages": {"MON": windows, "WED": windows, "FRI": windows}},
        {**DAILY, "RecurrenceMultiplier": 2},
    ):
        people.aws.update_rotation(RotationId=arn, Recurrence=recurrence)
        found = people.aws.get_rotation(RotationId=arn)
        assert found["Recurrence"] == recurrence
        assert (found["ContactIds"], found["StartTime"]) == ([team[0]], MONDAY)
    later = MONDAY.replace(year=2046)
    people.aws.update_rotation(
        RotationId=arn,
        Recurrence=DAILY,
        ContactIds=team[::-1],
        StartTime=later,
        TimeZoneId="America/Los_Angeles",
    )
    found = people.aws.get_rotation(RotationId=arn)
    assert (found["ContactIds"], found["StartTime"]) == (team[::-1], later)
    assert (found["TimeZoneId"], found["Recurrence"]) == ("America/Los_Angeles", DAILY)


def test_thirty_people_can_take_turns(people):
    """As many as a request takes are answered, though the type of the answers says 25."""
    everybody = [people.contact(f"p{number:02d}") for number in range(30)]
    arn = people.rotation(*everybody, recurrence={**DAILY, "NumberOfOnCalls": 30})
    assert people.aws.get_rotation(RotationId=arn)["ContactIds"] == everybody
    [[_, _, on_call, _], *_] = shifts(people, arn, 1)
    assert len(on_call) == 30


WRONG = {
    "no kind": ({"NumberOfOnCalls": 1, "RecurrenceMultiplier": 1}, ["Recurrence"]),
    "two kinds": ({**WEEKLY, **DAILY}, ["Recurrence"]),
    "an empty kind": ({**DAILY, "DailySettings": []}, ["Recurrence"]),
    "more on call than there are": (
        {**DAILY, "NumberOfOnCalls": 2},
        ["Recurrence.NumberOfOnCalls"],
    ),
    "a hand-off twice": (
        {**DAILY, "DailySettings": [NINE, NINE]},
        ["Recurrence.DailySettings[1]"],
    ),
    "nothing covered": ({**DAILY, "ShiftCoverages": {"MON": []}}, ["Recurrence.ShiftCoverages"]),
    "an open window and a short one": (
        {
            **DAILY,
            "ShiftCoverages": {
                "MON": [
                    {"Start": NINE},
                    {"Start": NINE, "End": {"HourOfDay": 9, "MinuteOfHour": 29}},
                ]
            },
        },
        ["Recurrence.ShiftCoverages.MON[0]", "Recurrence.ShiftCoverages.MON[1]"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_recurrence_that_makes_no_sense_is_refused(people, team, case):
    """Everything is told at once, with the path in the request, whichever operation is asked."""
    recurrence, paths = WRONG[case]
    arn = people.rotation(team[0])
    preview = {"Members": ["Ana"], "TimeZoneId": "UTC", "EndTime": MONDAY}
    for call in (
        lambda: people.rotation(team[0], recurrence=recurrence),
        lambda: people.aws.update_rotation(RotationId=arn, Recurrence=recurrence),
        lambda: people.aws.list_preview_rotation_shifts(**preview, Recurrence=recurrence),
    ):
        with refused("ValidationException") as seen:
            call()
        assert [field["Name"] for field in seen["Fields"]] == paths
    assert people.aws.get_rotation(RotationId=arn)["Recurrence"] == WEEKLY


@pytest.mark.parametrize("zone", ["PST", "EST", "Mars/Base", "europe/dublin", "UTC+1", " UTC"])
def test_a_zone_has_its_name_at_iana(people, team, zone):
    """A shorthand that knows no summer is refused, as the documents say."""
    with refused("ValidationException") as seen:
        people.rotation(*team, TimeZoneId=zone)
    assert [field["Name"] for field in seen["Fields"]] == ["TimeZoneId"]


def test_the_members_of_a_rotation_are_people_that_there_are(people, team):
    """No schedule, nobody who is missing, and nobody twice, made or changed."""
    schedule, arn = people.schedule("s"), people.rotation(*team)
    for members, code, told in (
        ([team[0], NOBODY], "ResourceNotFoundException", NOBODY),
        ([schedule], "ValidationException", schedule),
        ([team[0], team[0]], "ValidationException", "unique"),
    ):
        for call in (
            lambda members=members: people.rotation(*members),
            lambda members=members: people.aws.update_rotation(
                RotationId=arn, Recurrence=WEEKLY, ContactIds=members
            ),
        ):
            with refused(code) as seen:
                call()
            assert told in seen["Error"]["Message"]
    assert people.aws.get_rotation(RotationId=arn)["ContactIds"] == team


def test_a_rotation_that_is_deleted_leaves_every_schedule(people, team):
    """Schedules keep their other rotations, in order."""
    first, gone, last = (people.rotation(*team, name=name) for name in ("a", "b", "c"))
    schedules = [people.schedule("s1", first, gone, last), people.schedule("s2", gone)]
    people.aws.delete_rotation(RotationId=gone)
    plans = [people.aws.get_contact(ContactId=each)["Plan"] for each in schedules]
    assert plans == [{"RotationIds": [first, last]}, {"RotationIds": []}]


# Shifts


def test_shifts_are_those_of_a_window(people, team):
    """Whole ones that overlap it, in order; without a start of it, from now on."""
    arn = people.rotation(*team)
    starts = [MONDAY + number * WEEK for number in range(4)]
    turns = ["ana", "ben", "cleo", "ana"]
    expected = [
        (start, start + WEEK, [who], "REGULAR") for start, who in zip(starts, turns, strict=True)
    ]
    assert shifts(people, arn, 22) == expected
    assert shifts(people, arn, 22, StartTime=starts[2] + DAY) == expected[2:]
    people.local_aws.set_clock(starts[1] + DAY)
    found = people.aws.list_rotation_shifts(RotationId=arn, EndTime=starts[2])["RotationShifts"]
    assert [each["StartTime"] for each in found] == [starts[1]]
    assert "ShiftDetails" not in found[0]


def test_shifts_are_on_the_clocks_of_the_zone(people, team):
    """A week with the change to summer time is an hour short."""
    start = datetime(2026, 2, 23, 17, tzinfo=timezone.utc)  # nine in Los Angeles
    arn = people.rotation(*team, start=start, TimeZoneId="America/Los_Angeles")
    ends = [end for _, end, _, _ in shifts(people, arn, 12, StartTime=start)]
    assert ends[:2] == [start + WEEK, start + 2 * WEEK - timedelta(hours=1)]


def test_a_preview_has_anybody(people):
    """Words stand for people, no rotation is made, and overrides are laid over it."""
    window = (MONDAY + DAY, MONDAY + 2 * DAY)
    override = {"NewMembers": ["Zhang"], "StartTime": window[0], "EndTime": window[1]}
    found = people.aws.list_preview_rotation_shifts(
        Members=["Ána Maria", "Ben"],
        TimeZoneId="UTC",
        Recurrence=WEEKLY,
        RotationStartTime=MONDAY,
        StartTime=MONDAY,
        EndTime=MONDAY + WEEK + DAY,
        Overrides=[override],
    )["RotationShifts"]
    told = [(each["StartTime"], each["ContactIds"], each["Type"]) for each in found]
    assert told == [
        (MONDAY, ["Ána Maria"], "REGULAR"),
        (window[0], ["Zhang"], "OVERRIDDEN"),
        (window[1], ["Ána Maria"], "REGULAR"),
        (MONDAY + WEEK, ["Ben"], "REGULAR"),
    ]
    assert found[1]["ShiftDetails"] == {"OverriddenContactIds": ["Ána Maria"]}
    assert people.aws.list_rotations()["Rotations"] == []


def test_a_preview_of_a_broken_override_is_refused(people):
    """It has members, a start and an end half an hour later at least."""
    late = {"NewMembers": [], "StartTime": MONDAY, "EndTime": MONDAY + timedelta(minutes=29)}
    with refused("ValidationException") as seen:
        people.aws.list_preview_rotation_shifts(
            Members=["Ana"],
            TimeZoneId="UTC",
            Recurrence=WEEKLY,
            StartTime=MONDAY,
            EndTime=MONDAY,
            Overrides=[{"StartTime": MONDAY}, late],
        )
    assert [field["Name"] for field in seen["Fields"]] == [
        "EndTime",
        "Overrides[0].NewMembers",
        "Overrides[0].EndTime",
        "Overrides[1].EndTime",
    ]


# Overrides


def override(people, rotation, members, start, end):
    """Put others on call; return the id of the override."""
    return people.aws.create_rotation_override(
        RotationId=rotation, NewContactIds=members, StartTime=start, EndTime=end
    )["RotationOverrideId"]


def overrides(people, rotation, start, end):
    """Return the ids of the overrides in a window."""
    window = {"RotationId": rotation, "StartTime": start, "EndTime": end}
    found = people.aws.list_rotation_overrides(**window)["RotationOverrides"]
    return [each["RotationOverrideId"] for each in found]


def test_an_override_puts_others_on_call_until_it_is_deleted(people, team, local_aws):
    """Its shifts say who would have been; after it they are as before."""
    local_aws.set_clock(MONDAY)
    ana, ben, _ = team
    arn = people.rotation(*team)
    before = shifts(people, arn)
    middle = MONDAY + 5 * DAY, MONDAY + 9 * DAY
    made = override(people, arn, [ben], *middle)
    told = {
        "RotationOverrideId": made,
        "NewContactIds": [ben],
        "StartTime": middle[0],
        "EndTime": middle[1],
        "CreateTime": MONDAY,
    }
    asked = {"RotationId": arn, "RotationOverrideId": made}
    found = answered(people.aws.get_rotation_override(**asked))
    assert found == {**told, "RotationArn": arn}
    listed = people.aws.list_rotation_overrides(RotationId=arn, StartTime=MONDAY, EndTime=middle[1])
    assert listed["RotationOverrides"] == [told]
    assert [(start, who, kind) for start, _, who, kind in shifts(people, arn, 10)] == [
        (MONDAY, ["ana"], "REGULAR"),
        (middle[0], ["ben"], "OVERRIDDEN"),
        (MONDAY + WEEK, ["ben"], "OVERRIDDEN"),
        (middle[1], ["ben"], "REGULAR"),
    ]
    window = {"StartTime": middle[0], "EndTime": MONDAY + WEEK}
    [shift] = people.aws.list_rotation_shifts(RotationId=arn, **window)["RotationShifts"]
    assert shift["ShiftDetails"] == {"OverriddenContactIds": [ana]}
    people.aws.delete_rotation_override(**asked)
    assert shifts(people, arn) == before
    for call in (people.aws.get_rotation_override, people.aws.delete_rotation_override):
        with refused("ResourceNotFoundException") as seen:
            call(**asked)
        assert (seen["ResourceId"], seen["ResourceType"]) == (made, "ROTATION_OVERRIDE")


def test_a_window_has_the_overrides_that_are_good_in_it(people, team, local_aws):
    """In the order of creation; what only touches it is not in it."""
    local_aws.set_clock(MONDAY)
    arn, other = people.rotation(*team), people.rotation(*team)
    times = [MONDAY + number * DAY for number in range(4)]
    late = override(people, arn, [], times[2], times[3])
    early = override(people, arn, team, times[0], times[1])
    override(people, other, team, times[0], times[3])
    assert overrides(people, arn, times[0], times[3]) == [late, early]
    assert overrides(people, arn, times[1], times[2]) == []
    assert overrides(people, arn, times[0] - DAY, times[0] + timedelta(minutes=1)) == [early]


def test_an_override_is_of_members_long_enough_and_soon_enough(people, team, local_aws):
    """Others, half an hour and six months: the limits of the guide."""
    local_aws.set_clock(MONDAY)
    arn = people.rotation(*team[:2])
    half = timedelta(minutes=30)
    for members, start, end, code, told in (
        ([team[2]], MONDAY, MONDAY + DAY, "ValidationException", f"{team[2]} is not a member"),
        ([NOBODY], MONDAY, MONDAY + DAY, "ResourceNotFoundException", NOBODY),
        ([team[0]] * 2, MONDAY, MONDAY + DAY, "ValidationException", "unique"),
        ([], MONDAY, MONDAY + half - timedelta(seconds=1), "ValidationException", "30 minutes"),
        ([], MONDAY + DAY, MONDAY, "ValidationException", "30 minutes"),
        (
            [],
            MONDAY.replace(month=9, minute=1),
            MONDAY.replace(month=10),
            "ValidationException",
            "six",
        ),
    ):
        with refused(code) as seen:
            override(people, arn, members, start, end)
        assert told in seen["Error"]["Message"]
    september = MONDAY.replace(month=9)
    override(people, arn, [], MONDAY, MONDAY + half)
    override(people, arn, team[:2], september, september + DAY)
    assert shifts(people, arn, 1)[0][2:] == ([], "OVERRIDDEN")


@pytest.mark.parametrize("operation", ["list_rotation_shifts", "list_rotation_overrides"])
def test_a_window_ends_after_it_begins(people, team, operation):
    """Else nothing could be in it, and somebody has mistaken one for the other."""
    arn = people.rotation(*team)
    with refused("ValidationException") as seen:
        getattr(people.aws, operation)(RotationId=arn, StartTime=MONDAY, EndTime=MONDAY)
    assert [field["Name"] for field in seen["Fields"]] == ["EndTime"]
