"""Engagements of the local AWS: whom they page when, and what ends them.

Real: the server process, HTTP on 127.0.0.1, boto3. The clock stands, and is moved on as the tests
say. Nothing is patched.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.calls import refused
from tests.people import (
    DAILY,
    MONDAY,
    NOBODY,
    PLACE,
    WORDS,
    People,
    answered,
    by,
    stage,
    whom,
)

MINUTE = 60


@pytest.fixture
def people(local_aws):
    """Give a team that is to be made, on a Monday at nine."""
    local_aws.set_clock(MONDAY)
    return People(local_aws)


def later(people, minutes):
    """Move the clock on; return whom pages went to since."""
    before = len(people.pages())
    people.local_aws.advance(minutes * MINUTE)
    return people.sent()[before:]


# One person


def test_an_engagement_is_described_and_listed_as_it_was_started(people):
    """With its words in the one, without them in the other; the ARN names what was engaged."""
    ana = people.contact("ana")
    words = {"PublicSubject": "Shop", "PublicContent": "Look", "IncidentId": "INC-1"}
    arn = people.engage(ana, **words)
    assert arn.startswith(f"{PLACE}:engagement/ana/")
    summary = {
        "EngagementArn": arn,
        "ContactArn": ana,
        "Sender": WORDS["Sender"],
        "IncidentId": "INC-1",
        "StartTime": MONDAY,
    }
    described = answered(people.aws.describe_engagement(EngagementId=arn))
    assert described == {**summary, **WORDS, **words}
    assert people.aws.list_engagements()["Engagements"] == [summary]


def test_a_person_is_paged_stage_by_stage(people):
    """The three channels of the model's example ring after 0, 5 and 10 minutes, and none again."""
    ana = people.contact("ana")
    channels = [people.channel(ana, kind) for kind in ("SMS", "EMAIL", "VOICE")]
    stages = [stage(by(channel, RetryIntervalInMinutes=1)) for channel in channels]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    engagement = people.engage(ana)
    assert len(people.pages()) == 1
    people.local_aws.advance(4.999 * MINUTE)
    assert len(people.pages()) == 1
    people.local_aws.advance(60 * MINUTE)
    pages = people.pages(engagement=engagement)
    assert [each["contactChannelArn"] for each in pages] == channels
    times = [MONDAY + timedelta(minutes=minutes) for minutes in (0, 5, 10)]
    listed = people.aws.list_pages_by_engagement(EngagementId=engagement)["Pages"]
    assert [each["SentTime"] for each in listed] == times[::-1]
    assert people.aws.list_pages_by_contact(ContactId=ana)["Pages"] == listed
    assert listed[0] == {
        "PageArn": pages[2]["pageArn"],
        "EngagementArn": engagement,
        "ContactArn": ana,
        "Sender": WORDS["Sender"],
        "SentTime": times[2],
    }
    assert listed[0]["PageArn"].startswith(f"{PLACE}:page/ana/")
    described = answered(people.aws.describe_page(PageId=listed[0]["PageArn"]))
    assert described == {**listed[0], "Subject": WORDS["Subject"], "Content": WORDS["Content"]}


def test_a_text_message_says_what_is_public(people):
    """Calls and mail have the whole of it."""
    ana = people.contact("ana")
    targets = [by(people.channel(ana, kind)) for kind in ("SMS", "VOICE", "EMAIL")]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": [stage(*targets)]})
    people.engage(ana, PublicSubject="Shop", PublicContent="Look")
    told = {each["type"]: (each["subject"], each["content"]) for each in people.pages()}
    secret = (WORDS["Subject"], WORDS["Content"])
    assert told == {"SMS": ("Shop", "Look"), "VOICE": secret, "EMAIL": secret}


def test_what_is_not_activated_is_never_paged(people):
    """Neither before its code was used nor after a deactivation; the next stage goes on."""
    ana = people.contact("ana")
    new, old, good = (people.channel(ana, active=active) for active in (False, True, True))
    people.aws.deactivate_contact_channel(ContactChannelId=old)
    stages = [stage(by(new), by(old), minutes=1), stage(by(good))]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    people.engage(ana)
    assert people.sent() == []
    assert later(people, 1) == ["ana"]
    assert people.pages()[0]["contactChannelArn"] == good


def test_a_stage_without_targets_waits(people):
    """So the console says that somebody is engaged after some minutes."""
    ana = people.contact("ana")
    stages = [stage(minutes=10), stage(by(people.channel(ana)))]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    people.engage(ana)
    assert later(people, 9) == []
    assert later(people, 1) == ["ana"]


def test_whoever_cannot_be_reached_is_engaged_all_the_same(people):
    """A blank plan, an empty schedule: there is an engagement, and it has no pages."""
    for contact in (people.contact("ana"), people.contact("e", "ESCALATION"), people.schedule("s")):
        engagement = people.engage(contact)
        assert people.aws.list_pages_by_engagement(EngagementId=engagement)["Pages"] == []
    assert later(people, 600) == []


# Acknowledgements


def test_an_acknowledgement_by_its_code_ends_the_pages_of_the_person(people):
    """Delivery and reading are told by times and receipts, in AWS's order; it does not stop."""
    ana = people.contact("ana")
    first, second = people.channel(ana), people.channel(ana)
    people.aws.update_contact(ContactId=ana, Plan={"Stages": [stage(by(first)), stage(by(second))]})
    engagement = people.engage(ana)
    [page] = people.pages()
    people.local_aws.advance(2 * MINUTE)
    people.accept(page)
    read = MONDAY + timedelta(minutes=2)
    described = people.aws.describe_page(PageId=page["pageArn"])
    assert (described["DeliveryTime"], described["ReadTime"]) == (read, read)
    receipts = people.aws.list_page_receipts(PageId=page["pageArn"])["Receipts"]
    told = [(each["ReceiptType"], each["ReceiptTime"], each["ReceiptInfo"]) for each in receipts]
    code = page["acceptCode"]
    assert told[:2] == [("DELIVERED", read, code), ("READ", read, code)]
    assert told[2][:2] == ("SENT", MONDAY)
    assert {each["ContactChannelArn"] for each in receipts} == {first}
    assert later(people, 600) == []
    assert "StopTime" not in people.aws.describe_engagement(EngagementId=engagement)


def test_what_was_delivered_is_not_acknowledged(people):
    """It has a time and a receipt, and the pages go on until one is read."""
    ana = people.contact("ana")
    stages = [stage(by(people.channel(ana))) for _ in range(3)]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    people.engage(ana)
    [page] = people.pages()
    people.accept(page, "DELIVERED", Note="on my phone")
    described = people.aws.describe_page(PageId=page["pageArn"])
    assert (described["DeliveryTime"], "ReadTime" in described) == (MONDAY, False)
    assert later(people, 5) == ["ana"]
    people.accept(page)
    receipts = people.aws.list_page_receipts(PageId=page["pageArn"])["Receipts"]
    told = [(each["ReceiptType"], each["ReceiptInfo"]) for each in receipts]
    assert told[:2] == [("DELIVERED", "on my phone"), ("READ", page["acceptCode"])]
    assert later(people, 600) == []


def test_a_second_acknowledgement_changes_nothing(people):
    """Times and receipts are those of the first."""
    ana = people.person("ana")
    people.engage(ana)
    [page] = people.pages()
    people.accept(page)
    receipts = people.aws.list_page_receipts(PageId=page["pageArn"])["Receipts"]
    people.local_aws.advance(60)
    people.accept(page)
    people.accept(page, "DELIVERED")
    again = people.aws.list_page_receipts(PageId=page["pageArn"])["Receipts"]
    assert again == receipts
    assert people.aws.describe_page(PageId=page["pageArn"])["ReadTime"] == MONDAY


def test_a_wrong_code_acknowledges_nothing_unless_codes_are_ignored(people):
    """ENFORCE compares, as is done where nothing is said; IGNORE takes any code."""
    ana, ben = people.person("ana"), people.person("ben")
    people.engage(ana)
    [page] = people.pages()
    wrong = f"{(int(page['acceptCode']) + 1) % 10**6:06d}"
    asked = {"PageId": page["pageArn"], "AcceptType": "READ", "AcceptCode": wrong}
    for more in ({}, {"AcceptCodeValidation": "ENFORCE"}):
        with refused("ValidationException") as seen:
            people.aws.accept_page(**asked, **more)
        assert page["pageArn"] in seen["Error"]["Message"]
    strange = people.channel(ben)
    with refused("ValidationException") as seen:
        people.accept(page, ContactChannelId=strange)
    assert strange in seen["Error"]["Message"]
    assert "ReadTime" not in people.aws.describe_page(PageId=page["pageArn"])
    mail = people.channel(ana, "EMAIL")
    people.aws.accept_page(**asked, AcceptCodeValidation="IGNORE", ContactChannelId=mail)
    [delivered, read, sent] = people.aws.list_page_receipts(PageId=page["pageArn"])["Receipts"]
    assert (delivered["ContactChannelArn"], read["ContactChannelArn"]) == (mail, mail)
    assert sent["ContactChannelArn"] == page["contactChannelArn"]


# Escalation plans


@pytest.fixture
def escalation(people):
    """Make the escalation plan of the model's example: three people, the first essential."""
    team = [people.person(alias) for alias in ("akuam", "alejr", "anasi")]
    stages = [
        stage(whom(team[0], essential=True)),
        stage(whom(team[1])),
        stage(whom(team[2]), minutes=0),
    ]
    return people.contact("example_escalation", "ESCALATION", *stages)


def test_an_escalation_plan_engages_stage_by_stage(people, escalation):
    """Nobody answers: they hear of it after 0, 5 and 10 minutes, each by their own plan."""
    people.engage(escalation)
    assert people.sent() == ["akuam"]
    assert later(people, 4) == []
    assert later(people, 1) == ["alejr"]
    assert later(people, 5) == ["anasi"]
    assert later(people, 600) == []


@pytest.mark.parametrize(
    ("minutes", "who", "more"),
    [(3, "akuam", []), (7, "akuam", []), (7, "alejr", ["anasi"])],
)
def test_only_an_essential_contact_stops_an_escalation_plan(people, escalation, minutes, who, more):
    """An acknowledgement of the first at any time does, one of the second does not."""
    people.engage(escalation)
    people.local_aws.advance(minutes * MINUTE)
    [page] = [each for each in people.pages() if each["contactArn"].endswith(f"/{who}")]
    people.accept(page)
    assert later(people, 600) == more


def test_a_page_tells_the_way_that_led_to_it(people):
    """Escalation plan, schedule, person, each with the stage that was gone through."""
    ana, ben = people.person("ana"), people.person("ben")
    schedule = people.schedule("oncall", people.rotation(ana))
    escalation = people.contact("all", "ESCALATION", stage(whom(ben)), stage(whom(schedule)))
    people.engage(escalation)
    people.local_aws.advance(5 * MINUTE)
    ways = [
        [
            (each["ContactArn"], each["Type"], each.get("StageIndex"))
            for each in people.aws.list_page_resolutions(PageId=page["pageArn"])["PageResolutions"]
        ]
        for page in people.pages()
    ]
    assert ways == [
        [(escalation, "ESCALATION", 0), (ben, "PERSONAL", 0)],
        [
            (escalation, "ESCALATION", 1),
            (schedule, "ONCALL_SCHEDULE", None),
            (ana, "PERSONAL", 0),
        ],
    ]


def test_who_is_gone_is_passed_over(people):
    """An escalation plan keeps who is deleted, and goes on without them."""
    ana, ben = people.contact("ana"), people.person("ben")
    plan = people.contact("all", "ESCALATION", stage(whom(ana), minutes=1), stage(whom(ben)))
    people.aws.delete_contact(ContactId=ana)
    people.engage(plan)
    assert people.sent() == []
    assert later(people, 1) == ["ben"]


# Schedules


def test_a_schedule_engages_who_is_on_call_then(people):
    """Hand-offs and overrides decide at the moment of the page; each person is paged once."""
    ana, ben, cleo = (people.person(alias) for alias in ("ana", "ben", "cleo"))
    rotation = people.rotation(ana, ben, recurrence=DAILY)
    other = people.rotation(ana, cleo, recurrence=DAILY)
    schedule = people.schedule("oncall", rotation, other)
    people.engage(schedule)
    assert people.sent() == ["ana"]
    people.local_aws.advance(24 * 60 * MINUTE)
    people.engage(schedule)
    assert people.sent()[1:] == ["ben", "cleo"]
    now = people.local_aws.clock()
    people.aws.create_rotation_override(
        RotationId=rotation, NewContactIds=[], StartTime=now, EndTime=now + timedelta(hours=1)
    )
    people.engage(schedule)
    assert people.sent()[3:] == ["cleo"]


def test_an_escalation_plan_asks_a_schedule_when_it_comes_to_it(people):
    """A hand-off between the start and the stage is heeded, and whoever is on call stops it."""
    ana, ben, cleo = (people.person(alias) for alias in ("ana", "ben", "cleo"))
    schedule = people.schedule("oncall", people.rotation(ana, ben, recurrence=DAILY))
    stages = [stage(minutes=10), stage(whom(schedule, essential=True)), stage(whom(cleo))]
    plan = people.contact("all", "ESCALATION", *stages)
    people.local_aws.advance((24 * 60 - 5) * MINUTE)
    people.engage(plan)
    assert later(people, 10) == ["ben"]
    people.accept(people.pages()[0])
    assert later(people, 600) == []


# Stops


def test_a_stop_pages_nobody_any_more(people, escalation):
    """The time of the first stop stays; what is under way elsewhere goes on."""
    stopped, other = people.engage(escalation), people.engage(escalation)
    people.local_aws.advance(MINUTE)
    people.aws.stop_engagement(EngagementId=stopped, Reason="false alarm")
    people.local_aws.advance(MINUTE)
    people.aws.stop_engagement(EngagementId=stopped)
    described = people.aws.describe_engagement(EngagementId=stopped)
    assert described["StopTime"] == MONDAY + timedelta(minutes=1)
    assert later(people, 600) == ["alejr", "anasi"]
    assert people.sent(engagement=stopped) == ["akuam"]
    assert people.sent(engagement=other) == ["akuam", "alejr", "anasi"]


def test_a_page_of_what_was_stopped_can_still_be_acknowledged(people):
    """Who was paged before may say so afterwards."""
    ana = people.person("ana")
    engagement = people.engage(ana)
    people.aws.stop_engagement(EngagementId=engagement)
    [page] = people.pages()
    people.accept(page)
    assert people.aws.describe_page(PageId=page["pageArn"])["ReadTime"] == MONDAY


# Lists


def test_engagements_are_listed_newest_first_by_incident_and_time(people):
    """Both filters have to fit; the ends of a time are in it."""
    ana, made = people.contact("ana"), []
    for number in range(4):
        made.append(people.engage(ana, IncidentId=f"INC-{number % 2}"))
        people.local_aws.advance(MINUTE)

    def listed(**asked):
        found = people.aws.list_engagements(**asked)["Engagements"]
        return [made.index(each["EngagementArn"]) for each in found]

    assert listed() == [3, 2, 1, 0]
    assert listed(IncidentId="INC-1") == [3, 1]
    assert listed(IncidentId="INC-9") == []
    window = {"StartTime": MONDAY + timedelta(minutes=1), "EndTime": MONDAY + timedelta(minutes=2)}
    assert listed(TimeRangeValue=window) == [2, 1]
    assert listed(TimeRangeValue={"StartTime": window["EndTime"]}) == [3, 2]
    assert listed(TimeRangeValue={"EndTime": MONDAY}, IncidentId="INC-0") == [0]
    with refused("ValidationException") as seen:
        listed(TimeRangeValue={"StartTime": MONDAY, "EndTime": MONDAY})
    assert [field["Name"] for field in seen["Fields"]] == ["TimeRangeValue.EndTime"]


# Incidents


def start(incidents, *engaged, **template):
    """Start an incident of a plan that engages somebody, and return its ARN."""
    template = {"title": "Checkout fails", "impact": 2, **template}
    given = {"name": "checkout", "incidentTemplate": template, "engagements": [*engaged]}
    plan = incidents.create_response_plan(**given)["arn"]
    return incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]


def test_an_incident_engages_until_it_is_resolved(people, incidents, escalation):
    """Whom its plan names, with its title and summary; its engagements stop with it."""
    record = start(incidents, escalation, NOBODY, summary="All of it")
    [engagement] = people.aws.list_engagements(IncidentId=record)["Engagements"]
    assert engagement["ContactArn"] == escalation
    described = people.aws.describe_engagement(EngagementId=engagement["EngagementArn"])
    assert (described["Subject"], described["Content"]) == ("Checkout fails", "All of it")
    assert people.sent(incident=record) == ["akuam"]
    assert later(people, 5) == ["alejr"]
    incidents.update_incident_record(arn=record, status="RESOLVED")
    assert later(people, 600) == []
    [stopped] = people.aws.list_engagements(IncidentId=record)["Engagements"]
    assert stopped["StopTime"] == MONDAY + timedelta(minutes=5)


def test_an_incident_without_a_title_has_words_to_page_with(people, incidents):
    """A plan may have an empty title, and no engagement may have an empty subject."""
    record = start(incidents, people.person("ana"), title="")
    [engagement] = people.aws.list_engagements(IncidentId=record)["Engagements"]
    described = people.aws.describe_engagement(EngagementId=engagement["EngagementArn"])
    words = {described[name] for name in ("Subject", "Content", "PublicSubject", "PublicContent")}
    assert words == {"An incident has started."}


def test_the_timeline_of_an_incident_tells_of_pages_and_acknowledgements(people, incidents):
    """Also of those that came later, and nobody's address."""
    record = start(incidents, people.person("ana"))
    people.accept(people.pages()[0])
    found = incidents.list_timeline_events(incidentRecordArn=record)["eventSummaries"]
    kinds = [each["eventType"] for each in found]
    assert [kind for kind in kinds if "Contacts" in kind] == [
        "SSM Contacts Page Acknowledgement for Incident",
        "SSM Contacts Page for Incident",
        "SSM Contacts Engagement for Incident",
    ]
    for each in found:
        event = incidents.get_timeline_event(incidentRecordArn=record, eventId=each["eventId"])
        assert people.pages()[0]["address"] not in event["event"]["eventData"]
