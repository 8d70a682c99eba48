"""Engagements, rule by rule: who is paged when, and what ends it.

Real: the server process, HTTP on 127.0.0.1, boto3. The clock of the local AWS is moved; nothing
waits.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.calls import refused
from tests.teams import MINUTE, START, Team, essential


@pytest.fixture
def team(local_aws):
    """Return a team without people."""
    return Team(local_aws)


# Who is paged when


def test_a_person_is_paged_by_the_stages_of_the_own_plan(team):
    """One channel after another, each when the stages before it have passed."""
    ana = team.person("ana", 5, 5, 5)
    engagement = team.engage(ana)
    assert team.paged(engagement) == [(0, "ana")]
    team.at(4.99)
    assert team.paged(engagement) == [(0, "ana")]
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (5, "ana"), (10, "ana")]
    channels = [each["contactChannelArn"] for each in team.pages(engagement)]
    assert channels == [
        target["ChannelTargetInfo"]["ContactChannelId"]
        for stage in team.contacts.get_contact(ContactId=ana)["Plan"]["Stages"]
        for target in stage["Targets"]
    ]


def test_ben_is_paged_after_ten_minutes_if_ana_sleeps(team):
    """A stage lasts its minutes, and then comes the next one."""
    ana, ben = team.person("ana"), team.person("ben")
    engagement = team.engage(team.escalation("on-call", (10, essential(ana)), (0, ben)))
    team.at(9)
    assert team.paged(engagement) == [(0, "ana")]
    team.at(10)
    assert team.paged(engagement) == [(0, "ana"), (10, "ben")]


def test_ben_sleeps_if_ana_acknowledges(team):
    """An acknowledgement of an essential contact ends the plan."""
    ana, ben = team.person("ana", 20, 0), team.person("ben")
    engagement = team.engage(team.escalation("on-call", (10, essential(ana)), (0, ben)))
    team.at(9)
    team.acknowledge("ana")
    team.at(60)
    assert team.paged(engagement) == [(0, "ana")]


def test_ben_is_paged_though_ana_acknowledges_if_she_is_not_essential(team):
    """Her own stages end, the plan goes on."""
    ana, ben = team.person("ana", 20, 0), team.person("ben")
    engagement = team.engage(team.escalation("on-call", (10, ana), (0, ben)))
    team.acknowledge("ana")
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (10, "ben")]


def test_a_delivered_page_is_not_acknowledged(team):
    """It has the time of its delivery, and the plan goes on."""
    ana, ben = team.person("ana"), team.person("ben")
    engagement = team.engage(team.escalation("on-call", (10, essential(ana)), (0, ben)))
    team.at(2)
    team.acknowledge("ana", kind="DELIVERED")
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (10, "ben")]
    page = team.contacts.describe_page(PageId=team.pages(engagement)[0]["pageArn"])
    assert page["SentTime"] == START
    assert page["DeliveryTime"] == START + 2 * MINUTE
    assert "ReadTime" not in page


@pytest.mark.parametrize(
    ("who", "minute", "paged"),
    [
        (None, 0, [(0, "akuam"), (5, "alejr"), (10, "anasi")]),
        ("akuam", 3, [(0, "akuam")]),
        ("alejr", 7, [(0, "akuam"), (5, "alejr"), (10, "anasi")]),
    ],
)
def test_the_plan_of_the_sample_of_get_contact(team, who, minute, paged):
    """Essential, 5 minutes, another, 5 minutes, the last: as AWS's sample has it."""
    akuam, alejr, anasi = map(team.person, ("akuam", "alejr", "anasi"))
    plan = team.escalation("example", (5, essential(akuam)), (5, alejr), (0, anasi))
    engagement = team.engage(plan)
    if who:
        team.at(minute)
        team.acknowledge(who)
    team.at(60)
    assert team.paged(engagement) == paged


def test_an_acknowledgement_is_of_one_engagement(team):
    """The other one goes on."""
    ana = team.person("ana", 5, 5)
    first, second = team.engage(ana), team.engage(ana)
    team.acknowledge("ana", first)
    team.at(60)
    assert (team.paged(first), team.paged(second)) == ([(0, "ana")], [(0, "ana"), (5, "ana")])


def test_whoever_has_acknowledged_is_not_paged_by_a_later_stage(team):
    """The same engagement does not ask twice."""
    ana, ben = team.person("ana"), team.person("ben")
    engagement = team.engage(team.escalation("twice", (5, ana), (5, ana, ben)))
    team.acknowledge("ana")
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (5, "ben")]


def test_those_of_one_stage_are_paged_at_once_and_each_by_an_own_plan(team):
    """An acknowledgement of one leaves the stages of the other one alone."""
    ana, ben = team.person("ana", 5, 5), team.person("ben", 7, 7)
    engagement = team.engage(team.escalation("both", (30, essential(ana), ben), (0, ana)))
    team.at(1)
    team.acknowledge("ana")
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (0, "ben"), (7, "ben")]


def test_a_stage_without_targets_is_a_delay(team):
    """So a plan can begin later."""
    engagement = team.engage(team.escalation("later", (3,), (0, team.person("ana"))))
    team.at(60)
    assert team.paged(engagement) == [(3, "ana")]


def test_stages_of_no_time_begin_together(team):
    """In their order, at one time."""
    ana, ben = team.person("ana"), team.person("ben")
    engagement = team.engage(team.escalation("at-once", (0, ana), (0, ben), (0, ana)))
    assert team.paged(engagement) == [(0, "ana"), (0, "ben"), (0, "ana")]


def test_a_contact_keeps_the_stages_that_it_had(team):
    """A plan that is changed while it is worked on counts from the next engagement on."""
    ana, ben = team.person("ana", 5, 0), team.person("ben")
    plan = team.escalation("on-call", (10, ana), (0, ben))
    engagement = team.engage(plan)
    team.plan(ana)
    team.plan(plan)
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (5, "ana"), (10, "ben")]


# Schedules


def test_a_schedule_is_whoever_is_on_call_when_its_stage_begins(team):
    """Who was on call at the start of the incident sleeps by then."""
    ana, ben, cleo = map(team.person, ("ana", "ben", "cleo"))
    schedule = team.schedule("days", team.rotation(ana, ben, hours=(9, 10)))
    engagement = team.engage(team.escalation("on-call", (30, cleo), (30, schedule), (0, schedule)))
    team.at(120)
    assert team.paged(engagement) == [(0, "cleo"), (30, "ana"), (60, "ben")]


def test_an_override_made_meanwhile_counts(team):
    """Shifts are those of the moment."""
    ana, ben = team.person("ana"), team.person("ben")
    rotation = team.rotation(ana, ben)
    schedule = team.schedule("days", rotation)
    engagement = team.engage(team.escalation("on-call", (10, schedule), (0, schedule)))
    team.at(5)
    team.override(rotation, ben, begin=10)
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (10, "ben")]


def test_whoever_of_a_schedule_acknowledges_ends_the_plan_that_calls_it_essential(team):
    """Everybody who was on call stands for the schedule, also after the shift."""
    ana, ben, cleo = map(team.person, ("ana", "ben", "cleo"))
    schedule = team.schedule("days", team.rotation(ana, cleo, hours=(9, 10)), team.rotation(ben))
    plan = team.escalation("on-call", (30, essential(schedule)), (30,), (30,), (0, cleo))
    engagement = team.engage(plan)
    assert team.paged(engagement) == [(0, "ana"), (0, "ben")]
    team.at(80)
    team.acknowledge("ben", engagement)
    team.at(200)
    assert team.paged(engagement) == [(0, "ana"), (0, "ben")]


def test_whoever_is_on_call_twice_is_paged_once(team):
    """Rotations of a schedule may have the same people, under the ARN of any region."""
    ana = team.person("ana")
    rotations = [team.rotation(each) for each in (ana, ana, ana.replace("us-east-1", "eu-west-1"))]
    assert len(set(rotations)) == 3
    engagement = team.engage(team.schedule("days", *rotations))
    assert team.paged(engagement) == [(0, "ana")]


def test_nobody_is_on_call(team):
    """The plan goes on, and the timeline says so."""
    ana, ben = team.person("ana"), team.person("ben")
    rotation = team.rotation(ana)
    team.override(rotation)
    schedule = team.schedule("days", rotation)
    incident = team.respond(team.escalation("on-call", (10, schedule), (0, ben)))
    team.at(10)
    assert team.paged() == [(10, "ben")]
    assert team.timeline(incident) == ["Engagement", "Engagement Failure", "Page"]
    assert told(team, incident, "Engagement Failure")["reason"] == "Nobody is on call."


def test_somebody_else_with_the_name_of_who_is_gone_is_not_on_call(team):
    """An override may outlive its person: a schedule of that name is no person, nor itself."""
    ana, ben = team.person("ana"), team.person("ben")
    rotation = team.rotation(ana, ben)
    team.override(rotation, ana)
    contacts = team.contacts
    recurrence = contacts.get_rotation(RotationId=rotation)["Recurrence"]
    contacts.update_rotation(RotationId=rotation, ContactIds=[ben], Recurrence=recurrence)
    contacts.delete_contact(ContactId=ana)
    engagement = team.engage(team.schedule("ana", rotation))
    assert team.paged(engagement) == []
    team.at(60)
    assert team.paged(team.engage(ana)) == [(60, "ben")]


# Who cannot be reached


def test_a_channel_that_is_not_activated_is_passed_over(team):
    """Nothing is sent to it, and the timeline says so; it counts again once it is activated."""
    ana = team.contact("ana", "PERSONAL", Stages=[])
    channel, other = team.channel(ana), team.channel(ana, "EMAIL", active=False)
    team.plan(ana, (5, other), (5, channel), (5, channel), (0, other))
    incident = team.respond(ana)
    team.at(5)
    assert team.paged() == [(5, "ana")]
    team.contacts.deactivate_contact_channel(ContactChannelId=channel)
    team.contacts.send_activation_code(ContactChannelId=other)
    team.activate(other)
    team.at(60)
    assert [each["type"] for each in team.pages()] == ["SMS", "EMAIL"]
    assert team.timeline(incident) == ["Engagement", "Page Failure", "Page", "Page Failure", "Page"]
    assert told(team, incident, "Page Failure")["contactChannelArn"] == other


def test_a_contact_that_is_gone_is_passed_over(team):
    """By a plan that names it, which goes on, and by an incident."""
    ana, ben = team.person("ana"), team.person("ben")
    plan = team.escalation("on-call", (10, essential(ana)), (0, ben))
    team.contacts.delete_contact(ContactId=ana)
    incident = team.respond(plan, ana)
    team.at(10)
    assert team.paged() == [(10, "ben")]
    failures = ["Engagement Failure", "Engagement Failure"]
    assert sorted(team.timeline(incident)) == ["Engagement", *failures, "Page"]
    assert told(team, incident, "Engagement Failure")["reason"] == "The contact does not exist."
    assert [each["ContactArn"] for each in team.engagements(incident)] == [plan]


def test_whoever_goes_amid_an_engagement_is_paged_no_more(team):
    """The channels went as well, and nothing fails."""
    ana = team.person("ana", 5, 5)
    incident = team.respond(ana)
    team.contacts.delete_contact(ContactId=ana)
    team.at(60)
    assert team.paged() == [(0, "ana")]
    assert team.timeline(incident) == ["Engagement", "Page", "Page Failure"]


def test_a_plan_without_stages_reaches_nobody(team):
    """The timeline says so."""
    incident = team.respond(team.escalation("empty"))
    assert team.timeline(incident) == ["Engagement", "Engagement Failure"]
    assert told(team, incident, "Engagement Failure")["reason"] == "Its plan has no stages."


# Incidents


def test_an_incident_engages_whom_its_plan_names(team):
    """Each engagement is a related item and on the timeline, and says what the incident does."""
    ana, ben = team.person("ana", kind="EMAIL"), team.person("ben")
    incident = team.respond(ana, ben)
    engagements = team.engagements(incident)
    assert sorted(each["ContactArn"] for each in engagements) == [ana, ben]
    assert {each["IncidentId"] for each in engagements} == {incident}
    items = team.incidents.list_related_items(incidentRecordArn=incident)["relatedItems"]
    arns = {each["identifier"]["value"].get("arn") for each in items}
    assert arns > {each["EngagementArn"] for each in engagements}
    assert sorted(team.timeline(incident)) == ["Engagement", "Engagement", "Page", "Page"]
    assert {page["type"]: (page["subject"], page["content"]) for page in team.pages()} == {
        "EMAIL": ("Checkout fails", "Why"),
        "SMS": ("Checkout fails", "Checkout fails"),
    }


def test_an_acknowledgement_is_on_the_timeline_once(team):
    """After its page, at its own time; the second time changes nothing."""
    ana = team.person("ana")
    incident = team.respond(ana)
    team.at(3)
    team.acknowledge("ana")
    team.at(5)
    team.acknowledge("ana")
    assert team.timeline(incident) == ["Engagement", "Page", "Page Acknowledgement"]
    page = team.contacts.describe_page(PageId=team.pages()[0]["pageArn"])
    assert page["ReadTime"] == page["DeliveryTime"] == START + 3 * MINUTE
    receipts = team.contacts.list_page_receipts(PageId=page["PageArn"])["Receipts"]
    assert [(each["ReceiptType"], each["ReceiptTime"]) for each in receipts] == [
        ("DELIVERED", START + 3 * MINUTE),
        ("READ", START + 3 * MINUTE),
        ("SENT", START),
    ]


@pytest.mark.parametrize("end", ["resolve", "delete"])
def test_an_incident_that_is_over_pages_nobody_any_more(team, end):
    """What was due by then was sent; each engagement has the time of its stop."""
    ana = team.person("ana", 5, 5, 5)
    incident = team.respond(ana)
    team.at(6)
    if end == "resolve":
        team.resolve(incident)
    else:
        team.incidents.delete_incident_record(arn=incident)
    team.at(60)
    assert team.paged() == [(0, "ana"), (5, "ana")]
    [engagement] = team.engagements(incident)
    assert engagement["StopTime"] == START + 6 * MINUTE


def test_an_incident_that_is_opened_again_engages_nobody_anew(team):
    """Nor does what was stopped go on; what is engaged by hand then is nobody else's to stop."""
    ana = team.person("ana", 5, 5, 5)
    incident = team.respond(ana)
    team.resolve(incident)
    engagement = team.engage(ana, IncidentId=incident)
    team.incidents.update_incident_record(arn=incident, title="It was the database")
    team.at(5)
    assert team.paged() == [(0, "ana"), (0, "ana"), (5, "ana")]
    team.resolve(incident, "OPEN")
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (5, "ana"), (10, "ana")]
    assert len(team.pages()) == 4


def test_a_start_that_is_merged_engages_nobody_anew(team):
    """The open incident of the dedupe string is the one that people hear of."""
    ana = team.person("ana", 5, 0)
    incident = team.respond(ana, dedupe="checkout")
    team.at(5)
    assert team.respond(ana, dedupe="checkout") == incident
    assert team.paged() == [(0, "ana"), (5, "ana")]
    assert len(team.engagements(incident)) == 1


def test_alarms_and_rules_engage_people_too(team, local_aws):
    """An incident that starts by itself pages at once, and goes on as any other."""
    team.aws.permissions("off")
    ana = team.person("ana", 5, 0)
    plans = [
        team.incidents.create_response_plan(
            name=name, incidentTemplate={"title": name, "impact": 1}, engagements=[ana]
        )["arn"]
        for name in ("alarm", "rule")
    ]
    cloudwatch, events = local_aws.client("cloudwatch"), local_aws.client("events")
    cloudwatch.put_metric_alarm(
        AlarmName="alarm",
        AlarmActions=[plans[0]],
        MetricName="Errors",
        Namespace="shop",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="alarm", StateValue="ALARM", StateReason="test")
    assert team.paged() == [(0, "ana")]
    team.at(2)
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["shop"]}))
    role = "arn:aws:iam::123456789012:role/start"
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": plans[1], "RoleArn": role}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "down", "Detail": "{}"}])
    team.at(60)
    assert team.paged() == [(0, "ana"), (2, "ana"), (5, "ana"), (7, "ana")]


# Stops, codes and ways


def test_an_engagement_that_is_stopped_pages_nobody_any_more(team):
    """The first stop counts; it is on the timeline, and a page that was sent can be acknowledged.

    An acknowledgement alone stops nothing: the sample of the API has none of its StopTime.
    """
    ana = team.person("ana", 5, 5, 5)
    incident = team.respond(ana)
    [engagement] = [each["EngagementArn"] for each in team.engagements(incident)]
    team.at(6)
    team.contacts.stop_engagement(EngagementId=engagement, Reason="It was a drill.")
    team.at(8)
    team.contacts.stop_engagement(EngagementId=engagement, Reason="Again.")
    team.acknowledge("ana")
    team.at(60)
    told_of = ["Engagement", "Page", "Page", "Engagement Stop", "Page Acknowledgement"]
    assert team.timeline(incident) == told_of
    assert told(team, incident, "Engagement Stop")["reason"] == "It was a drill."
    described = team.contacts.describe_engagement(EngagementId=engagement)
    assert described["StopTime"] == START + 6 * MINUTE
    other = team.engage(ana)
    team.acknowledge("ana", other)
    assert "StopTime" not in team.contacts.describe_engagement(EngagementId=other)


def test_the_accept_code_is_the_one_that_was_sent(team):
    """Another one acknowledges nothing, unless the comparison is asked to be ignored."""
    engagement = team.engage(team.person("ana", 5, 0))
    [page] = team.pages(engagement)
    wrong = f"{(int(page['acceptCode']) + 1) % 10**6:06d}"
    given = {"PageId": page["pageArn"], "AcceptType": "READ", "AcceptCode": wrong}
    for validation in ({}, {"AcceptCodeValidation": "ENFORCE"}):
        with refused("ValidationException"):
            team.contacts.accept_page(**given, **validation)
    team.at(5)
    assert len(team.pages(engagement)) == 2
    team.contacts.accept_page(**given, AcceptCodeValidation="IGNORE", Note="On it.")
    receipts = team.contacts.list_page_receipts(PageId=page["pageArn"])["Receipts"]
    assert {each["ReceiptType"]: each["ReceiptInfo"] for each in receipts}["READ"] == "On it."


def test_a_page_tells_the_way_that_led_to_it(team):
    """From the plan by the schedule to the person, each with the stage that led on."""
    ana = team.person("ana", 5, 0)
    schedule = team.schedule("days", team.rotation(ana))
    plan = team.escalation("on-call", (1,), (0, schedule))
    engagement = team.engage(plan)
    team.at(60)
    ways = [
        team.contacts.list_page_resolutions(PageId=page["pageArn"])["PageResolutions"]
        for page in team.pages(engagement)
    ]
    to_ana = [
        {"ContactArn": plan, "Type": "ESCALATION", "StageIndex": 1},
        {"ContactArn": schedule, "Type": "ONCALL_SCHEDULE"},
    ]
    assert ways == [
        [*to_ana, {"ContactArn": ana, "Type": "PERSONAL", "StageIndex": stage}] for stage in (0, 1)
    ]


def test_engagements_are_listed_by_incident_and_by_time(team):
    """The newest first."""
    ana = team.person("ana")
    first = team.engage(ana)
    team.at(10)
    incident = team.respond(ana)
    everything = [each["EngagementArn"] for each in team.engagements(incident)]
    listed = team.contacts.list_engagements()["Engagements"]
    assert [each["EngagementArn"] for each in listed] == [*everything, first]
    window = {"StartTime": START + MINUTE, "EndTime": START + 60 * MINUTE}
    listed = team.contacts.list_engagements(TimeRangeValue=window)["Engagements"]
    assert [each["EngagementArn"] for each in listed] == everything
    assert listed[0]["StartTime"] == START + 10 * MINUTE


# Lists that lag, and clocks that go back


@pytest.fixture
def lagging(team):
    """Let lists lag for five minutes of the wall, and take it back."""
    team.aws.fault("*", times=None, lag=300)
    yield team
    team.aws.heal()


def test_what_becomes_due_while_a_list_lags_is_not_lost(lagging):
    """A list of the past pages nobody in the past: pages and timeline have it afterwards."""
    incident = lagging.respond(lagging.person("ana", 5, 0))
    lagging.at(5)
    [engagement] = [each["engagementArn"] for each in lagging.pages()[:1]]
    lagging.at(6)
    assert lagging.contacts.list_engagements()["Engagements"] == []
    assert lagging.incidents.list_incident_records()["incidentRecordSummaries"] == []
    assert lagging.timeline(incident) == []
    lagging.aws.heal()
    assert lagging.paged(engagement) == [(0, "ana"), (5, "ana")]
    assert lagging.timeline(incident) == ["Engagement", "Page", "Page"]


def test_a_clock_that_goes_back_pages_nobody_twice(team):
    """What happened has happened, and what is to come comes at its time."""
    engagement = team.engage(team.person("ana", 5, 5, 5))
    team.at(6)
    assert len(team.pages(engagement)) == 2
    team.aws.set_clock(START - timedelta(days=1))
    assert len(team.pages(engagement)) == 2
    team.at(60)
    assert team.paged(engagement) == [(0, "ana"), (5, "ana"), (10, "ana")]


def told(team, incident, kind):
    """Return the data of the first event of a kind on a timeline."""
    events = team.incidents.list_timeline_events(
        incidentRecordArn=incident, sortOrder="ASCENDING", maxResults=100
    )["eventSummaries"]
    name = f"SSM Contacts {kind} for Incident"
    event = next(each["eventId"] for each in events if each["eventType"] == name)
    found = team.incidents.get_timeline_event(incidentRecordArn=incident, eventId=event)
    return json.loads(found["event"]["eventData"])
