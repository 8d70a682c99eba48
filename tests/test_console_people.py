"""On call, People and engagements in the console, as a person has them in a browser.

Real: headless Chromium, the server process, and boto3 beside it. The clock is that of the local
AWS, which the page goes by, so that nothing here waits for its time.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser import assert_accessible, at
from tools.team import MORNING, make

LATE = "The contact channel does not exist, or is not activated."


@pytest.fixture
def contacts(local_aws):
    """Look at people with boto3, as any other program would."""
    return local_aws.client("ssm-contacts")


@pytest.fixture
def team(local_aws):
    """Give a team, on a Monday morning, at 09:58."""
    return make(local_aws)


@pytest.fixture
def incident(incidents, team):
    """Start an incident that engages the team."""
    return incidents.start_incident(responsePlanArn=team.plan)["incidentRecordArn"]


def labelled(page, label):
    """Return the control that is called so for who does not see it."""
    return page.until(lambda: page.all(f"[aria-label='{label}']"), f"no {label}")[0]


def mistakes(page):
    """Return what the browser complains of besides requests that were refused."""
    return [each for each in page.complaints() if each["source"] != "network"]


def open_clock(page):
    """Open what moves the clock."""
    page.driver.find_element("css selector", "#clock summary").click()


def steps(page):
    """Return the steps of the engagements on the page: when, and what happens then."""
    return [each.text.split("\n") for each in page.all(".stage")]


# People


def test_a_person_activates_a_channel_with_the_code_that_was_sent(page, contacts, team):
    """The code is beside the channel; a wrong one is refused in words, the right one activates."""
    channel = team.channels["ben", "VOICE"]
    page.open("#/people?text=ben")
    page.sees("After 5 min: Call (landline), not activated")
    row = page.all(".channel")[1]
    code = row.find_element("css selector", "code").text
    field = labelled(page, "Code of Call landline")
    field.send_keys("1" + code[1:] if code[0] != "1" else "2" + code[1:], Keys.ENTER)
    page.sees(
        "The activation code is not the one that was sent", ".channel form .error:not([hidden])"
    )
    assert contacts.get_contact_channel(ContactChannelId=channel)["ActivationStatus"] != "ACTIVATED"
    field.clear()
    field.send_keys(code, Keys.ENTER)
    labelled(page, "Deactivate Call landline")
    assert contacts.get_contact_channel(ContactChannelId=channel)["ActivationStatus"] == "ACTIVATED"
    assert "not activated" not in page.text(".steps")
    labelled(page, "Deactivate Call landline").click()
    page.press("Deactivate", "dialog")
    labelled(page, "Send code to Call landline").click()
    page.press("Send", "dialog")
    page.until(lambda: len(page.all(".channel code")) == 2, "no other code")
    assert mistakes(page) == []


def test_whom_no_page_reaches_is_warned_of(page, contacts, team):
    """A plan of channels that are not active, no plan at all, no channel at all."""
    for kind in ("SMS", "VOICE"):
        contacts.deactivate_contact_channel(ContactChannelId=team.channels["ana", kind])
    contacts.create_contact(Alias="dora", Type="PERSONAL", Plan={"Stages": []})
    page.open("#/people")
    page.sees("4 people")
    cards = {each.text.split("\n")[0]: each.text for each in page.all(".person")}
    assert "No channel of this plan is active" in cards["Ana ana"]
    assert "No channel of this plan is active" not in cards["Ben ben"]
    assert "No channel yet" in cards["dora"]
    assert "nobody is paged" in cards["dora"]
    page.driver.find_element("id", "search").send_keys("dor")
    page.until(lambda: len(page.all(".person")) == 1, "it is not found")


def test_pages_without_anybody_say_what_to_do(page, incidents):
    """What to make for something to be there; and where there can be nothing, why."""
    page.open("#/people")
    page.sees("There is nobody yet")
    page.open("#/on-call")
    page.sees("Nobody is on call yet")
    (arn,) = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=arn)
    for path in ("#/people", "#/on-call"):
        page.open(path)
        page.sees("This account has no replication set")
    assert mistakes(page) == []


# On call


def test_who_is_on_call_now_and_next_is_said_in_words(page, local_aws, team):
    """For each rotation, until when and who is next; and it follows the clock."""
    del team
    page.open("#/on-call")
    page.sees("Weekdays: Ben is on call until Sat 6 Feb, 00:00 · next Chidi from Mon 8 Feb, 09:00")
    page.sees("Saturdays: Nobody is on call until Sat 6 Feb, 00:00 · next Ben")
    page.sees("Times of Europe/London.")
    assert not page.all(".nobody")
    local_aws.set_clock("2027-02-06T12:00:00Z")
    page.sees("Saturdays: Ben is on call until Sun 7 Feb, 00:00")
    local_aws.set_clock("2027-02-07T12:00:00Z")
    page.until(lambda: len(page.all(".nobody")) == 2, "on Sunday nobody is on call")


def test_the_calendar_shows_turns_overrides_and_gaps(page, team):
    """Four weeks from today on, with names in the bars, and the same in a table."""
    del team
    page.open("#/on-call")
    page.until(lambda: len(page.all(".week")) == 4, "no calendar")
    assert [each.text for each in page.all(".week:first-child .day")][:2] == ["Mon 1 Feb", "Tue 2"]
    first, second = (
        [each.text for each in page.all(f".week:nth-child({week}) .shift")] for week in (1, 2)
    )
    assert first == ["Ana", "Ben", "Ben", "nobody"]
    assert second == ["Ben", "Chidi", "Ana for Chidi", "Chidi", "Chidi", "nobody"]
    [override] = page.all(".override")
    assert override.get_attribute("title") == (
        "Ana, for Chidi, Wed 10 Feb, 09:00 – Fri 12 Feb, 09:00"
    )
    assert len(page.all(".gap")) == 4
    page.press("The next four weeks as a table")
    rows = [
        [cell.text for cell in row.find_elements("css selector", "td")]
        for row in page.all("tbody tr")
    ]
    assert rows[1] == ["Mon 1 Feb, 09:00", "Sat 6 Feb, 00:00", "Ben", "Weekdays"]
    assert ["Sun 7 Feb, 00:00", "Mon 8 Feb, 00:00", "nobody", "none"] in rows
    assert [
        "Wed 10 Feb, 09:00",
        "Fri 12 Feb, 09:00",
        "Ana (override, in place of Chidi)",
        "Weekdays",
    ] in rows
    assert page.complaints() == []


def test_a_bar_is_as_long_as_its_shift(page, team):
    """And begins at its hour: the page draws no other times than it tells."""
    del team
    page.open("#/on-call")
    page.until(lambda: page.all(".override"), "no override")
    script = """
        const [bar] = document.querySelectorAll(".override");
        const [track, inner] = [bar.parentElement, bar].map((each) => each.getBoundingClientRect());
        return [(inner.left - track.left) / track.width, inner.width / track.width];
    """
    start, size = page.driver.execute_script(script)
    assert start == pytest.approx((2 + 9 / 24) / 7, abs=0.003)
    assert size == pytest.approx(2 / 7, abs=0.003)


def test_times_are_those_of_the_zone_of_a_rotation(page, local_aws, contacts, team):
    """A day on which its clocks change is as long as it is, and another zone is told."""
    local_aws.set_clock("2027-03-10T12:00:00Z")
    rotation = contacts.create_rotation(
        Name="Elsewhere",
        ContactIds=[team.people["ana"]],
        TimeZoneId="America/Los_Angeles",
        StartTime=datetime(2027, 3, 1, tzinfo=timezone.utc),
        Recurrence={
            "NumberOfOnCalls": 1,
            "RecurrenceMultiplier": 1,
            "DailySettings": [{"HourOfDay": 9, "MinuteOfHour": 0}],
            "ShiftCoverages": {
                "SUN": [
                    {
                        "Start": {"HourOfDay": 0, "MinuteOfHour": 0},
                        "End": {"HourOfDay": 0, "MinuteOfHour": 0},
                    }
                ]
            },
        },
    )["RotationArn"]
    contacts.create_contact(Alias="west", Type="ONCALL_SCHEDULE", Plan={"RotationIds": [rotation]})
    contacts.update_contact(
        ContactId=team.escalation.replace("checkout-escalation", "primary"),
        Plan={"RotationIds": [team.rotations["Weekdays"], rotation]},
    )
    page.open("#/on-call")
    page.sees("Times of America/Los_Angeles.")
    page.sees("Days of Europe/London; the times of each rotation are those of its own zone.")
    bars = page.all("[aria-labelledby$='/west'] .shift:not(.gap)")
    assert bars[0].get_attribute("title") == "Ana, Sun 14 Mar, 00:00 – Mon 15 Mar, 00:00"
    sunday = page.driver.execute_script(
        "const [bar] = arguments; return bar.offsetWidth / bar.parentElement.offsetWidth", bars[0]
    )
    assert sunday == pytest.approx(23 / 167, abs=0.004)


def test_a_person_overrides_and_takes_it_back(page, contacts, team):
    """By the clocks of the zone of the rotation; what the API refuses is said in the form."""
    rotation = team.rotations["Weekdays"]
    page.open("#/on-call")
    page.press("Override Weekdays")
    assert page.field("From", "dialog").get_property("value") == "2027-02-01T10:00"
    choice(page, "Chidi").click()
    put(page, "From", "2027-12-01T10:00")
    put(page, "Until", "2027-12-02T10:00")
    page.press("Add the override", "dialog")
    page.sees("at most six months", "dialog")
    put(page, "From", "2027-02-03T08:30")
    put(page, "Until", "2027-02-04T08:30")
    page.press("Add the override", "dialog")
    page.sees("Override: Chidi")
    page.sees("Wed 3 Feb, 08:30 – Thu 4 Feb, 08:30 · Weekdays")
    page.sees("Chidi for Ben", ".week:first-child")
    window = {"StartTime": MORNING, "EndTime": MORNING + timedelta(days=7)}
    (made,) = contacts.list_rotation_overrides(RotationId=rotation, **window)["RotationOverrides"]
    assert made["NewContactIds"] == [team.people["chidi"]]
    assert made["StartTime"] == datetime(2027, 2, 3, 8, 30, tzinfo=timezone.utc)
    labelled(page, "Remove the override of Chidi, Wed 3 Feb, 08:30 – Thu 4 Feb, 08:30").click()
    page.press("Remove", "dialog")
    page.until(lambda: "Chidi for Ben" not in page.text(".week:first-child"), "it stays")
    assert mistakes(page) == []


def choice(page, name):
    """Return the choice of somebody in a dialog."""
    return next(each for each in page.all("dialog label.choice") if each.text == name)


def put(page, label, value):
    """Give a field of date and time a value, as a person does with the browser's own picker."""
    page.driver.execute_script(
        "arguments[0].value = arguments[1]", page.field(label, "dialog"), value
    )


def test_an_escalation_plan_is_told_in_words(page, team):
    """Stage by stage, and whose word ends it."""
    del team
    page.open("#/on-call")
    page.sees("At once: Primary")
    page.sees("After 10 min: Ana")
    page.sees("It ends when Primary or Ana acknowledges.")


# Engagements


def test_an_incident_escalates_when_the_clock_is_moved_on(page, team, incident):
    """Who was paged over what and when, who is next and in how long: what was to come has come."""
    del team
    page.open(at("incident", incident))
    page.sees("Next: Ben in 5 min 0 s", ".standing")
    assert steps(page) == [
        [
            "At once 09:58:00",
            "Ben by text message +12065550200",
            "stage 1 of Checkout escalation · on call in Primary",
            "Acknowledge",
        ],
        ["After 5 min 10:03:00", "Ben will not be paged by call +12065550201", LATE],
        [
            "After 10 min 10:08:00",
            "Ana by text message +12065550100",
            "stage 2 of Checkout escalation",
        ],
        [
            "After 15 min 10:13:00",
            "Ana by call +12065550101",
            "stage 2 of Checkout escalation · stage 2 of their own plan",
        ],
    ]
    open_clock(page)
    page.press("+ 5 min", "#clock")
    page.sees("Next: Ana in 5 min 0 s", ".standing")
    page.until(lambda: steps(page)[1][1:] == ["Ben was not paged", LATE], "nothing happened")
    assert page.text("#clock-news") == "The clock says 1 Feb 2027, 10:03:00."
    page.press("To what is next, 10:08:00", "#clock")
    page.until(lambda: page.text("#news") == "Paged Ana", "it is not announced")
    page.until(lambda: len(page.all(".stage:not(.later)")) == 3, "no second page")
    page.sees("ana was paged by text message", ".timeline")
    page.press("+ 1 h", "#clock")
    page.sees("Everybody was paged, and nobody has acknowledged.", ".standing")
    page.sees("Nothing is due.", "#clock")
    assert page.complaints() == []


def test_an_acknowledgement_ends_what_was_to_come(page, contacts, incident):
    """By the button, with the code of the page; the moment and the person are told."""
    page.open(at("incident", incident))
    open_clock(page)
    page.press("+ 1 min", "#clock")
    page.sees("Next: Ben in 4 min 0 s", ".standing")
    page.keys(Keys.ESCAPE)
    labelled(page, "Acknowledge the text message to Ben").click()
    page.press("Acknowledge", "dialog")
    page.sees("Acknowledged by Ben after 1 min. Nobody else is paged.", ".standing")
    page.sees("Acknowledged 09:59:00, after 1 min", ".stage")
    page.sees("ben acknowledged the page by text message", ".timeline")
    assert not page.all(".stage.later")
    assert not page.all("[aria-label^='Acknowledge']")
    (engagement,) = contacts.list_engagements(IncidentId=incident)["Engagements"]
    pages = contacts.list_pages_by_engagement(EngagementId=engagement["EngagementArn"])["Pages"]
    assert [each["ReadTime"] for each in pages] == [MORNING + timedelta(minutes=1)]
    assert page.complaints() == []


def test_whose_word_ends_nothing_has_acknowledged_and_others_are_paged(
    page, local_aws, contacts, incidents, team
):
    """The engagement says both: who has acknowledged, and who is next all the same."""
    stages = [
        {
            "DurationInMinutes": 10,
            "Targets": [
                {"ContactTargetInfo": {"ContactId": team.people[alias], "IsEssential": False}}
            ],
        }
        for alias in ("chidi", "ana")
    ]
    contacts.update_contact(ContactId=team.escalation, Plan={"Stages": stages})
    incident = incidents.start_incident(responsePlanArn=team.plan)["incidentRecordArn"]
    local_aws.advance(90)
    page.open(at("incident", incident))
    labelled(page, "Acknowledge the text message to Chidi").click()
    page.press("Acknowledge", "dialog")
    page.sees("Acknowledged by Chidi after 1 min. Next: Ana in 8 min 30 s", ".standing")
    page.open("#/on-call")
    page.sees("No acknowledgement ends it.")
    assert page.complaints() == []


def test_a_person_stops_an_engagement(page, contacts, incident):
    """With a reason, which the timeline has; nobody else is paged."""
    page.open(at("incident", incident))
    labelled(page, "Stop the engagement of Checkout escalation").click()
    page.fill("Reason", "False alarm", "dialog")
    page.press("Stop", "dialog")
    page.sees("Stopped just now.", ".standing")
    page.sees("False alarm", ".timeline")
    assert not page.all(".stage.later")
    (engagement,) = contacts.list_engagements(IncidentId=incident)["Engagements"]
    assert engagement["StopTime"] == MORNING


def test_a_contact_that_there_is_not_is_told(page, incidents, team):
    """A plan may name anybody; who is not there is engaged by no incident."""
    gone = team.escalation.replace("checkout-escalation", "gone")
    incidents.update_response_plan(arn=team.plan, engagements=[gone])
    arn = incidents.start_incident(responsePlanArn=team.plan)["incidentRecordArn"]
    page.open(at("incident", arn))
    page.sees("gone was not engaged: The contact does not exist.")
    incidents.update_response_plan(arn=team.plan, engagements=[])
    arn = incidents.start_incident(responsePlanArn=team.plan)["incidentRecordArn"]
    page.open(at("incident", arn))
    page.sees("The plan engaged nobody.")


def test_time_that_passes_by_itself_pages_and_is_seen(page, local_aws, incident):
    """The countdown counts, and what comes at its end is there without a reload."""
    page.open(at("incident", incident))
    page.sees("Next: Ben in 5 min 0 s", ".standing")
    local_aws.set_clock(MORNING + timedelta(minutes=9, seconds=57), running=True)
    page.until(lambda: page.text("#news") == "Paged Ana", "nobody is paged")
    page.until(lambda: len(page.all(".stage:not(.later)")) == 3, "it is not seen")


# The clock


def test_the_clock_goes_by_keyboard(page, local_aws, team):
    """Open, move, stop, close: with the keys alone, and each move is announced."""
    del team
    local_aws.set_clock("2030-06-01T12:00:00Z", running=True)
    page.open("#/people")
    page.driver.execute_script("document.querySelector('#clock summary').focus()")
    page.keys(Keys.ENTER)
    page.until(lambda: page.all("#clock details[open]"), "it does not open")
    for name in ("+ 1 min", "+ 5 min", "+ 10 min", "+ 1 h"):
        page.keys(Keys.TAB)
        assert page.focused() == name
    page.keys(Keys.ENTER)
    page.sees("The clock says 1 Jun 2030, 13:0", "#clock-news")
    page.keys(Keys.TAB)
    assert page.focused() == "Stop the clock"
    page.keys(Keys.ENTER)
    page.sees("stopped", ".where")
    page.until(lambda: page.focused() == "Let it run", "the button lost the focus")
    assert local_aws.clock() == local_aws.clock()
    page.keys(Keys.ESCAPE)
    page.until(lambda: not page.all("#clock details[open]"), "it stays open")
    assert "stopped" in page.focused()
    open_clock(page)
    page.press("Back to the wall", "#clock")
    page.until(lambda: "stopped" not in page.text(".where"), "it stays stopped")
    assert abs(local_aws.clock() - datetime.now(timezone.utc)) < timedelta(minutes=1)


# For everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_view_of_people_is_accessible(page, incident, scheme, width):
    """axe-core finds nothing, light and dark, wide and narrow; nothing is wider than the page."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for path, button in {
            "#/people": "Send another code",
            "#/on-call": "Override Weekdays",
            at("incident", incident): "Acknowledge",
        }.items():
            page.open(path)
            page.until(lambda: page.all("main[aria-busy='false']"), "it is still busy")
            for summary in page.all("main summary"):
                if summary.is_displayed():
                    summary.click()
            assert_accessible(page, path)
            assert page.driver.execute_script(
                "return document.documentElement.scrollWidth <= window.innerWidth"
            )
            page.press(button, "main")
            assert_accessible(page, f"{path}, {button}")
            page.press("Cancel", "dialog")
            open_clock(page)
            assert_accessible(page, f"{path}, the clock")
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_hostile_names_are_text(page, contacts, incidents, local_aws):
    """Whatever of a person, a channel or a rotation may hold markup, it is shown and never runs."""
    make(local_aws)
    hostile = "javascript_alert.1 - x"
    arn = contacts.create_contact(
        Alias="x", DisplayName=hostile, Type="PERSONAL", Plan={"Stages": []}
    )["ContactArn"]
    contacts.create_contact_channel(
        ContactId=arn,
        Name=hostile,
        Type="EMAIL",
        DeliveryAddress={"SimpleAddress": "<img/src=x/onerror=window.ran=1>@example.com"},
    )
    plan = incidents.create_response_plan(
        name="hostile", incidentTemplate={"title": "t", "impact": 5}, engagements=[arn]
    )["arn"]
    incident = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    for path in ("#/people", at("incident", incident)):
        page.open(path)
        page.sees(hostile)
        assert page.driver.execute_script("return window.ran") is None
        assert page.all("main img, main script") == []
