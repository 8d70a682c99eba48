"""The timeline of an incident in the local AWS.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched; one request is sent raw,
because boto3 sends whole seconds.
"""

from __future__ import annotations

import json
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.calls import items_of, refused

TRIGGER, START, UPDATE = (
    "SSM Incident Trigger",
    "SSM Incident Start",
    "SSM Incident Record Update",
)
TEMPLATE = {"title": "Down", "impact": 1, "dedupeString": "same"}
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:high"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/on-call"
RELATED = f"related-item/METRIC/{'0123456789ABCDEF' * 2}"
MISSING = "arn:aws:ssm-incidents::123456789012:incident-record/plan/missing"
LINK = {"identifier": {"type": "OTHER", "value": {"url": "https://example.com/1"}}, "title": "one"}


class Timeline:
    """A started incident, its plan and its timeline."""

    def __init__(self, aws, plan, arn):
        """Remember what the calls are about."""
        self.aws, self.plan, self.arn = aws, plan, arn

    def add(self, event_data="note", event_time=NOON, event_type="Custom Event", **members):
        """Create an event and return its id."""
        return self.aws.create_timeline_event(
            incidentRecordArn=self.arn,
            eventData=event_data,
            eventTime=event_time,
            eventType=event_type,
            **members,
        )["eventId"]

    def get(self, event_id):
        """Get an event."""
        return self.aws.get_timeline_event(incidentRecordArn=self.arn, eventId=event_id)["event"]

    def update(self, event_id, **members):
        """Patch an event."""
        self.aws.update_timeline_event(incidentRecordArn=self.arn, eventId=event_id, **members)

    def delete(self, event_id):
        """Delete an event."""
        self.aws.delete_timeline_event(incidentRecordArn=self.arn, eventId=event_id)

    def list(self, *filters, **members):
        """Return the summaries that match all filters, each a pair of key and condition."""
        entries = [{"key": key, "condition": condition} for key, condition in filters]
        return self.aws.list_timeline_events(
            incidentRecordArn=self.arn, filters=entries, **members
        )["eventSummaries"]

    def ids(self, *filters, **members):
        """Return the ids of what `list` returns."""
        return [summary["eventId"] for summary in self.list(*filters, **members)]

    def noted(self, kind):
        """Return the data of every event of a type that the service made, oldest first."""
        summaries = self.list(("eventType", strings(kind)), sortOrder="ASCENDING")
        return [json.loads(self.get(summary["eventId"])["eventData"]) for summary in summaries]

    def changes(self):
        """Return name and new value of each change that the service noted, oldest first."""
        return [
            [(each["attributeName"], each["newValue"]) for each in data["modifiedAttributes"]]
            for data in self.noted(UPDATE)
        ]


def strings(*values):
    """Return the condition that a value is one of these."""
    return {"equals": {"stringValues": list(values)}}


CUSTOM = ("eventType", strings("Custom Event", "Note"))


@pytest.fixture
def timeline(incidents):
    """Start an incident from a plan that has only a title, an impact and a dedupe string."""
    plan = incidents.create_response_plan(name="plan", incidentTemplate=TEMPLATE)["arn"]
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    return Timeline(incidents, plan, arn)


# Events of responders


def test_an_event_comes_back_as_it_was_given(timeline):
    """Get has every member and List all but the data; the id is a UUID."""
    references = [{"resource": TABLE}, {"relatedItemId": RELATED}]
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    event_id = timeline.add("deployed 1.2", eventReferences=references)
    assert str(uuid.UUID(event_id)) == event_id
    event = timeline.get(event_id)
    assert before < event.pop("eventUpdatedTime") < before + timedelta(minutes=1)
    assert event == {
        "eventId": event_id,
        "eventData": "deployed 1.2",
        "eventTime": NOON,
        "eventType": "Custom Event",
        "eventReferences": references,
        "incidentRecordArn": timeline.arn,
    }
    [summary] = timeline.list(CUSTOM)
    assert summary.pop("eventUpdatedTime") > before
    del event["eventData"]
    assert summary == event
    plain = timeline.get(timeline.add("", event_type="Note"))
    assert (plain["eventData"], plain["eventType"]) == ("", "Note")
    assert "eventReferences" not in plain


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_an_event_can_be_of_any_time(timeline, year):
    """The documents bound the time of an event neither in the past nor in the future."""
    time = datetime(year, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
    event_id = timeline.add(event_time=time)
    assert timeline.get(event_id)["eventTime"] == time
    place = 0 if year == 9999 else -1
    assert timeline.ids()[place] == event_id


def test_times_keep_their_milliseconds(timeline, local_aws):
    """A time with more digits is rounded to the milliseconds that the API answers."""
    body = {
        "incidentRecordArn": timeline.arn,
        "eventData": "raw",
        "eventTime": NOON.timestamp() + 0.1239,
        "eventType": "Note",
    }
    scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm-incidents/aws4_request"
    request = urllib.request.Request(
        f"{local_aws.url}/createTimelineEvent", json.dumps(body).encode(), {"Authorization": scope}
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
        event_id = json.load(answer)["eventId"]
    assert timeline.get(event_id)["eventTime"] == NOON + timedelta(milliseconds=124)


def test_an_update_patches_an_event(timeline):
    """What is given changes, references as a whole; the rest stays, but the time of update."""
    event_id = timeline.add("first", eventReferences=[{"resource": TABLE}])
    first = timeline.get(event_id)
    timeline.update(event_id, eventTime=NOON + timedelta(hours=1))
    second = timeline.get(event_id)
    assert second.pop("eventUpdatedTime") >= first.pop("eventUpdatedTime")
    assert second == {**first, "eventTime": NOON + timedelta(hours=1)}
    timeline.update(event_id, eventData="second", eventType="Note")
    timeline.update(event_id, eventReferences=[{"resource": TOPIC}])
    third = timeline.get(event_id)
    assert (third["eventData"], third["eventType"]) == ("second", "Note")
    assert third["eventReferences"] == [{"resource": TOPIC}]
    timeline.update(event_id, eventReferences=[])
    assert "eventReferences" not in timeline.get(event_id)


def test_a_deleted_event_is_gone(timeline):
    """Deleting again, or below a record that is not there, is a success: no error is modelled."""
    event_id = timeline.add()
    timeline.delete(event_id)
    timeline.delete(event_id)
    timeline.aws.delete_timeline_event(incidentRecordArn=MISSING, eventId=event_id)
    assert timeline.list(CUSTOM) == []
    for call in (timeline.get, timeline.update):
        with refused("ResourceNotFoundException") as seen:
            call(event_id)
        assert seen["resourceType"] == "TIMELINE_EVENT"
        assert seen["resourceIdentifier"] == event_id


def test_events_go_with_their_record(timeline):
    """A deleted record has no timeline any more, and a record that never was has none."""
    event_id = timeline.add()
    timeline.aws.delete_incident_record(arn=timeline.arn)
    assert timeline.list() == []
    for call in (timeline.add, lambda: timeline.get(event_id), lambda: timeline.update(event_id)):
        with refused("ResourceNotFoundException") as seen:
            call()
        assert seen["resourceType"] == "INCIDENT_RECORD"


def test_an_event_belongs_to_one_record(timeline):
    """Under another record its id is not found, and a delete there leaves it."""
    event_id = timeline.add()
    timeline.aws.update_incident_record(arn=timeline.arn, status="RESOLVED")
    arn = timeline.aws.start_incident(responsePlanArn=timeline.plan)["incidentRecordArn"]
    other = Timeline(timeline.aws, timeline.plan, arn)
    with refused("ResourceNotFoundException"):
        other.get(event_id)
    other.delete(event_id)
    assert other.list(CUSTOM) == []
    assert timeline.get(event_id)["eventData"] == "note"


def test_a_client_token_makes_a_call_happen_once(timeline):
    """A repeated create answers the first event, a repeated update has no second effect."""
    event_id = timeline.add(clientToken="t")
    assert timeline.add(clientToken="t") == event_id
    assert timeline.ids(CUSTOM) == [event_id]
    with refused("ValidationException"):
        timeline.add("other", clientToken="t")
    for data, token in (("first", "u"), ("second", "v"), ("first", "u")):
        timeline.update(event_id, eventData=data, clientToken=token)
    assert timeline.get(event_id)["eventData"] == "second"


@pytest.mark.parametrize(
    "members",
    [
        {"event_type": "Deployment"},
        {"event_type": TRIGGER},
        {"event_type": ""},
        {"event_data": "x" * 12001},
        {"eventReferences": [{"resource": "orders"}]},
        {"eventReferences": [{"relatedItemId": "related-item/OTHER/1"}]},
        {"eventReferences": [{"resource": TABLE}] * 11},
    ],
)
def test_an_event_is_checked(timeline, members):
    """Types other than the two of the documents and what breaks a limit are refused."""
    with refused("ValidationException"):
        timeline.add(**members)
    assert timeline.list(CUSTOM) == []


def test_an_event_keeps_its_limits_when_updated(timeline):
    """An update cannot make an event look like one of the service."""
    event_id = timeline.add()
    with refused("ValidationException"):
        timeline.update(event_id, eventType=TRIGGER)
    with refused("ValidationException") as seen:
        timeline.aws.get_timeline_event(incidentRecordArn=timeline.plan, eventId=event_id)
    assert "incidentRecordArn" in seen["Error"]["Message"]


# Lists


def test_events_are_sorted_by_their_time(timeline):
    """The latest is first unless asked otherwise; equal times keep the order of creation."""
    late, one, two, early = (
        timeline.add(event_time=NOON + timedelta(minutes=minutes)) for minutes in (9, 5, 5, 1)
    )
    ascending = [early, one, two, late]
    assert timeline.ids(CUSTOM) == ascending[::-1]
    assert timeline.ids(CUSTOM, sortBy="EVENT_TIME") == ascending[::-1]
    assert timeline.ids(CUSTOM, sortBy="EVENT_TIME", sortOrder="DESCENDING") == ascending[::-1]
    assert timeline.ids(CUSTOM, sortBy="EVENT_TIME", sortOrder="ASCENDING") == ascending
    timeline.update(early, eventTime=NOON + timedelta(minutes=10))
    assert timeline.ids(CUSTOM)[0] == early


@pytest.mark.parametrize("order", ["ASCENDING", "DESCENDING"])
def test_events_are_listed_page_by_page(timeline, order):
    """Every event is on one page in order; a token is good for the order it came from."""
    for minutes in (3, 1, 2, 1, 3):
        timeline.add(event_time=NOON + timedelta(minutes=minutes))
    whole = timeline.ids(sortOrder=order)
    request = {"incidentRecordArn": timeline.arn, "sortOrder": order}
    paginator = timeline.aws.get_paginator("list_timeline_events")
    pages = list(paginator.paginate(**request, PaginationConfig={"PageSize": 3}))
    paged = [[summary["eventId"] for summary in page["eventSummaries"]] for page in pages]
    assert paged == [whole[:3], whole[3:6], whole[6:]]
    token = pages[0]["nextToken"]
    timeline.delete(next(event_id for event_id in whole[:3] if event_id in timeline.ids(CUSTOM)))
    assert timeline.ids(sortOrder=order, maxResults=3, nextToken=token) == whole[3:6]
    [other] = {"ASCENDING", "DESCENDING"} - {order}
    with refused("ValidationException"):
        timeline.list(sortOrder=other, nextToken=token)


def test_events_are_filtered_by_everything_aws_documents(timeline):
    """Filters are ANDed, their values and an event's references ORed; times are exclusive."""
    one = timeline.add(eventReferences=[{"resource": TABLE}, {"relatedItemId": RELATED}])
    two = timeline.add(event_time=NOON + timedelta(hours=1), event_type="Note")
    three = timeline.add(
        event_time=NOON + timedelta(hours=2), eventReferences=[{"resource": TOPIC}]
    )

    def listed(*filters):
        return timeline.ids(CUSTOM, *filters, sortOrder="ASCENDING")

    middle = NOON + timedelta(hours=1)
    assert listed() == [one, two, three]
    assert listed(("eventType", strings("Note"))) == [two]
    assert listed(("eventTime", {"before": middle})) == [one]
    assert listed(("eventTime", {"after": middle})) == [three]
    between = [{"after": NOON}, {"before": NOON + timedelta(hours=2)}]
    assert listed(*(("eventTime", condition) for condition in between)) == [two]
    assert listed(("eventReference", strings(TABLE, TOPIC))) == [one, three]
    assert listed(("eventReference", strings(RELATED))) == [one]
    assert listed(("eventReference", strings(RELATED)), ("eventType", strings("Note"))) == []


@pytest.mark.parametrize(
    ("key", "condition"),
    [
        ("eventData", strings("note")),
        ("eventTime", strings("now")),
        ("eventType", {"before": NOON}),
        ("eventReference", {"equals": {"integerValues": [1]}}),
    ],
)
def test_filters_are_checked(timeline, key, condition):
    """A key that is not documented, and a condition that its key cannot have, are refused."""
    with refused("ValidationException") as seen:
        timeline.list((key, condition))
    assert "filters[0]" in seen["Error"]["Message"]


# Events of the service


def test_a_start_is_on_the_timeline(timeline):
    """The trigger and the start come first, at the time of the record, and refer to it."""
    created = timeline.aws.get_incident_record(arn=timeline.arn)["incidentRecord"]["creationTime"]
    events = timeline.list(sortOrder="ASCENDING")
    assert [event["eventType"] for event in events] == [TRIGGER, START]
    for event in events:
        assert event["eventTime"] == created
        assert event["eventUpdatedTime"] >= created
        assert event["eventReferences"] == [{"resource": timeline.arn}]
    assert timeline.noted(TRIGGER) == [
        {"createdIncident": True, "incidentSource": "aws.ssm-incidents.custom"}
    ]
    assert timeline.noted(START) == [{"incidentTitle": "Down", "contactsEngage": []}]


def test_a_start_tells_its_trigger_and_its_plan(incidents):
    """Raw data is found where AWS's tutorial on runbooks looks for it."""
    runbook = {
        "documentName": "Restart",
        "documentVersion": "2",
        "roleArn": "arn:aws:iam::123456789012:role/runbook",
    }
    plan = incidents.create_response_plan(
        name="full",
        incidentTemplate=TEMPLATE,
        engagements=[CONTACT],
        actions=[{"ssmAutomation": runbook}],
    )["arn"]
    raw = json.dumps({"detail": {"alarmName": "höch"}})
    details = {"source": "com.example", "timestamp": NOON, "triggerArn": ALARM, "rawData": raw}
    arn = incidents.start_incident(responsePlanArn=plan, triggerDetails=details)
    timeline = Timeline(incidents, plan, arn["incidentRecordArn"])
    assert timeline.noted(TRIGGER) == [
        {
            "createdIncident": True,
            "incidentSource": "com.example",
            "triggerArn": ALARM,
            "rawData": raw,
        }
    ]
    assert timeline.noted(START) == [
        {
            "incidentTitle": "Down",
            "contactsEngage": [{"contactArn": CONTACT}],
            "triggerArn": ALARM,
            "ssmDocumentName": "Restart",
            "ssmDocumentVersion": "2",
        }
    ]
    [event] = timeline.list(("eventReference", strings(ALARM)))
    assert event["eventType"] == TRIGGER


def test_a_start_that_is_merged_is_noted_in_the_open_incident(timeline):
    """A second trigger says that it created nothing; a repeated request is no third."""
    details = {"source": "com.example", "timestamp": NOON}
    for _ in range(2):
        answer = timeline.aws.start_incident(
            responsePlanArn=timeline.plan, triggerDetails=details, clientToken="t"
        )
        assert answer["incidentRecordArn"] == timeline.arn
    assert timeline.noted(TRIGGER)[1:] == [
        {"createdIncident": False, "incidentSource": "com.example"}
    ]
    assert len(timeline.noted(START)) == 1


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"title": "Up"}, "Up"),
        ({"impact": 3}, "3"),
        ({"summary": "s"}, "s"),
        ({"status": "RESOLVED"}, "RESOLVED"),
        ({"chatChannel": {"chatbotSns": [TOPIC]}}, f'{{"chatbotSns":["{TOPIC}"]}}'),
        ({"notificationTargets": [{"snsTopicArn": TOPIC}]}, f'[{{"snsTopicArn":"{TOPIC}"}}]'),
    ],
)
def test_a_change_of_the_record_is_noted(timeline, given, value):
    """Each attribute that UpdateIncidentRecord can change is noted with who changed it."""
    [name] = given
    timeline.aws.update_incident_record(arn=timeline.arn, **given)
    record = timeline.aws.get_incident_record(arn=timeline.arn)["incidentRecord"]
    assert timeline.noted(UPDATE) == [
        {
            "modifiedBy": record["lastModifiedBy"],
            "modifiedAttributes": [{"attributeName": name, "newValue": value}],
            "incidentTitle": record["title"],
        }
    ]
    [event] = timeline.list(("eventType", strings(UPDATE)))
    assert event["eventTime"] == record["lastModifiedTime"]
    assert event["eventReferences"] == [{"resource": timeline.arn}]


def test_only_what_changed_is_noted(timeline):
    """One update is one event, and one that changes nothing is none."""
    timeline.aws.update_incident_record(arn=timeline.arn, title="Up", impact=2, status="OPEN")
    timeline.aws.update_incident_record(arn=timeline.arn, title="Up", impact=2)
    timeline.aws.update_incident_record(arn=timeline.arn, status="RESOLVED")
    timeline.aws.update_incident_record(arn=timeline.arn, status="OPEN")
    assert timeline.changes() == [
        [("title", "Up"), ("impact", "2")],
        [("status", "RESOLVED")],
        [("status", "OPEN")],
    ]


def test_related_items_are_noted(timeline):
    """Adding and removing one is noted under its generated id; removing nothing is not."""
    for change in (
        {"itemToAdd": LINK},
        {"itemToRemove": LINK["identifier"]},
        {"itemToRemove": LINK["identifier"]},
    ):
        timeline.aws.update_related_items(incidentRecordArn=timeline.arn, relatedItemsUpdate=change)
        if "itemToAdd" in change:
            [item] = items_of(timeline.aws, timeline.arn)
    noted = [(name, json.loads(value)) for [(name, value)] in timeline.changes()]
    assert noted == [
        ("relatedItems", {"itemToAdd": LINK}),
        ("relatedItems", {"itemToRemove": LINK["identifier"]}),
    ]
    events = timeline.list(("eventReference", strings(item["generatedId"])))
    assert [event["eventType"] for event in events] == [UPDATE] * 2
    assert events[0]["eventReferences"][1:] == [{"resource": timeline.arn}]


def test_events_of_the_service_stay_as_they_are(timeline):
    """Changing or deleting one is refused, and nothing happened to it."""
    timeline.aws.update_incident_record(arn=timeline.arn, title="Up")
    before = timeline.list()
    assert len(before) == 3
    for event_id in timeline.ids():
        with refused("ValidationException") as seen:
            timeline.update(event_id, eventData="other")
        assert "Custom Event and Note" in seen["Error"]["Message"]
        with refused("ValidationException"):
            timeline.delete(event_id)
    assert timeline.list() == before


def test_the_data_of_an_event_stays_json_within_its_limit(timeline):
    """Where all that changed is longer than the type allows, its long strings are cut."""
    timeline.aws.update_incident_record(arn=timeline.arn, title='"' * 200, summary='"' * 8000)
    [event_id] = timeline.ids(("eventType", strings(UPDATE)))
    data = timeline.get(event_id)["eventData"]
    assert len(data) <= 12000
    assert dict(timeline.changes()[0]) == {"title": '"' * 200, "summary": '"' * 500}


def test_timelines_have_faults_like_everything_else(timeline, local_aws):
    """A lost answer leaves an event that the same token finds again."""
    local_aws.fail("ListTimelineEvents", "ThrottlingException")
    with refused("ThrottlingException"):
        timeline.list()
    local_aws.lose_answer("CreateTimelineEvent")
    with pytest.raises(ConnectionClosedError):
        timeline.add(clientToken="t")
    [event_id] = timeline.ids(CUSTOM)
    assert timeline.add(clientToken="t") == event_id
