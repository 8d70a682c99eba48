"""The HTTP side of the console: what it serves, what it lets pass, and what it refuses.

Real: the server process, HTTP on 127.0.0.1 and boto3. The headers of browsers are written by hand
here; tests/test_console_browser.py has a browser that sends them.
"""

from __future__ import annotations

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

from pulumi_incidents.emulator.ssm_incidents.notifications import Sent
from tests import rights
from tests.calls import incidents_as
from tests.conftest import PACKAGE
from tools.team import make

STATIC = PACKAGE / "emulator/console/static"
FILES = sorted(path.name for path in STATIC.iterdir())
CALL = "/_local/console/call/"
CLOCK = "/_local/console/clock"
PERSON = {"Alias": "ana", "Type": "PERSONAL", "Plan": {"Stages": []}}
TEMPLATE = {"title": "Down", "impact": 3}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request, "
    "SignedHeaders=host, Signature=0"
}
CREATE_TOPIC = b"Action=CreateTopic&Name=stolen&Version=2010-03-31"


def send(aws, method, path, body=None, **headers):
    """Send one request as it is; return status, headers and body."""
    address = urlsplit(aws.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def call(aws, operation, content=None, query="", service="ssm-incidents", **headers):
    """Call an operation as the page does; return the status and the JSON of the answer."""
    return post(aws, f"{CALL}{service}/{operation}{query}", content, **headers)


def post(aws, path, content=None, **headers):
    """Send what only the page may; return the status and the JSON of the answer."""
    sent = {"Origin": aws.url, "Content_Type": "application/json", **headers}
    sent = {name: value for name, value in sent.items() if value is not None}
    body = json.dumps(content or {}) if not isinstance(content, bytes) else content
    status, _, answer = send(aws, "POST", path, body, **sent)
    return status, json.loads(answer or b"{}")


def look(aws, path):
    """Get JSON."""
    return json.loads(send(aws, "GET", path)[2])


def version(aws):
    """Return what the page compares."""
    return look(aws, "/_local/console/state")


@pytest.fixture
def topic(local_aws):
    """Give a topic."""
    return rights.topic(local_aws.client("sns"), "told")


@pytest.fixture
def plan(incidents, topic):
    """Give a plan that notifies the topic."""
    template = {**TEMPLATE, "notificationTargets": [{"snsTopicArn": topic}]}
    return incidents.create_response_plan(name="plan", incidentTemplate=template)["arn"]


# What is served


def test_the_root_is_the_page_under_a_strict_policy(local_aws):
    """A person who opens the address gets the page, and nothing but its own files may run in it."""
    status, headers, body = send(local_aws, "GET", "/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert body == (STATIC / "index.html").read_bytes()
    policy = headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    for part in ("script-src 'self'", "form-action 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", FILES)
def test_each_file_of_the_page_is_served(local_aws, name):
    """With its type, and under the same policy as the page."""
    status, headers, body = send(local_aws, "GET", f"/_local/console/{name}")
    assert status == 200
    assert body == (STATIC / name).read_bytes()
    kind = {"js": "text/javascript", "css": "text/css", "html": "text/html", "svg": "image/svg+xml"}
    assert headers["Content-Type"].startswith(kind[name.rsplit(".", 1)[1]])
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_page_can_turn_text_into_code(name):
    """Nothing parses HTML or evaluates text, and nothing is fetched from elsewhere."""
    source = (STATIC / name).read_text()
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc"
    assert not re.search(sinks, source)
    assert not re.search(r"(src|href|import|url)[ (=\"']+https?:", source)
    assert len(source.splitlines()) <= 280


@pytest.mark.parametrize(
    "path",
    [
        "../server.py",
        "../../server.py",
        "%2e%2e/__init__.py",
        "..%2f__init__.py",
        "static/main.js",
        "/etc/passwd",
        "main.js/",
        "main.js%00.html",
        "",
    ],
)
def test_no_other_file_is_served(local_aws, path):
    """The page has a fixed list of files."""
    assert send(local_aws, "GET", f"/_local/console/{path}")[0] == 404


def test_the_root_still_answers_programs(local_aws):
    """A signed request to the root is AWS's, as is one that is no plain GET."""
    assert local_aws.client("s3").list_buckets()["Buckets"] == []
    assert b"ListAllMyBucketsResult" in send(local_aws, "GET", "/?max-buckets=1")[2]
    assert send(local_aws, "POST", "/", CREATE_TOPIC, **FORM, **SIGNED)[0] == 200
    assert len(local_aws.client("sns").list_topics()["Topics"]) == 1


# Calls


def test_a_call_does_what_the_api_does(local_aws, incidents, plan):
    """What the page starts is an incident as any other, and errors are those of the API."""
    given = {"responsePlanArn": plan, "title": "By hand", "clientToken": "one"}
    status, answer = call(local_aws, "StartIncident", given)
    assert status == 200
    assert call(local_aws, "StartIncident", given) == (200, answer)
    (found,) = incidents.list_incident_records()["incidentRecordSummaries"]
    assert (found["arn"], found["title"]) == (answer["incidentRecordArn"], "By hand")
    status, read = call(local_aws, "GetIncidentRecord", {"arn": found["arn"]})
    assert (status, read["incidentRecord"]["title"]) == (200, "By hand")
    status, refused = call(local_aws, "StartIncident", {**given, "title": "x" * 201})
    assert status == 400
    assert "title" in refused["message"]
    missing = f"{plan}-missing"
    assert call(local_aws, "GetResponsePlan", {"arn": missing})[0] == 404


def test_every_place_of_an_input_is_filled(local_aws, plan):
    """Members travel in the path and the query too, with whatever characters they have."""
    tags = {"a b=c/d:e+f@g": "x y/z=+"}
    assert call(local_aws, "TagResource", {"resourceArn": plan, "tags": tags})[0] == 204
    assert call(local_aws, "ListTagsForResource", {"resourceArn": plan}) == (200, {"tags": tags})
    gone = {"resourceArn": plan, "tagKeys": list(tags)}
    assert call(local_aws, "UntagResource", gone)[0] == 204
    assert call(local_aws, "ListTagsForResource", {"resourceArn": plan}) == (200, {"tags": {}})


def test_an_open_page_does_not_disturb_a_test(local_aws, plan):
    """What the page reads is in no log and uses up no fault; what it changes is and does."""
    local_aws.forget()
    local_aws.fail("*", "ThrottlingException")
    assert call(local_aws, "ListIncidentRecords")[0] == 200
    assert local_aws.operations() == []
    assert local_aws.faults_left() == 1
    assert call(local_aws, "StartIncident", {"responsePlanArn": plan})[0] == 429
    assert call(local_aws, "StartIncident", {"responsePlanArn": plan})[0] == 200
    assert local_aws.operations() == ["StartIncident", "StartIncident"]


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"null",
        b"{",
        b'"x"',
        b"\xff",
        b'{"unknown": 1}',
        b'{"incidentRecordArn": {}, "eventTime": "x", "eventType": "Note", "eventData": ""}',
        b'{"incidentRecordArn": "x", "eventTime": 1e999, "eventType": "Note", "eventData": ""}',
        b'{"incidentRecordArn": "x", "eventTime": 1e300, "eventType": "Note", "eventData": ""}',
        b'{"incidentRecordArn": "x", "eventTime": true, "eventType": 5, "eventData": [[[]]]}',
        b'{"incidentRecordArn": null, "eventTime": null, "eventType": null, "eventData": null}',
        b"[" * 100_000,
    ],
)
def test_a_call_that_makes_no_sense_is_refused_in_words(local_aws, content):
    """Whatever the page sends, the answer is an error that says why."""
    status, answer = call(local_aws, "CreateTimelineEvent", content)
    assert status == 400
    assert answer["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": None}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": None}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Sec_Fetch_Site": "same-site"}, 403),
    ],
)
def test_only_the_page_can_call(local_aws, plan, incidents, headers, status):
    """A call needs the page's own origin and a content type that no form can send."""
    assert call(local_aws, "StartIncident", {"responsePlanArn": plan}, **headers)[0] == status
    assert incidents.list_incident_records()["incidentRecordSummaries"] == []


def test_a_call_is_a_post_of_a_known_operation(local_aws):
    """Anything else says what there is."""
    assert call(local_aws, "Nothing")[0] == 404
    assert call(local_aws, "ListIncidentRecords", service="ssm-contacts")[0] == 404
    assert call(local_aws, "ListTopics", service="sns")[0] == 404
    assert post(local_aws, f"{CALL}ListIncidentRecords")[0] == 404
    assert send(local_aws, "GET", f"{CALL}ssm-incidents/ListIncidentRecords")[0] == 415
    assert send(local_aws, "DELETE", "/_local/console/state")[0] == 405


def test_a_call_names_the_service_that_is_asked(local_aws, incidents):
    """Both have a TagResource; people are in the first region of the replication set."""
    incidents.update_replication_set(
        arn=incidents.list_replication_sets()["replicationSetArns"][0],
        actions=[{"addRegionAction": {"regionName": "eu-west-1"}}],
    )
    local_aws.forget()
    status, made = call(local_aws, "CreateContact", PERSON, service="ssm-contacts")
    assert (status, made["ContactArn"].split(":")[3]) == (200, "us-east-1")
    tags = {"ResourceARN": made["ContactArn"], "Tags": [{"Key": "team", "Value": "shop"}]}
    assert call(local_aws, "TagResource", tags, service="ssm-contacts") == (200, {})
    contacts = local_aws.client("ssm-contacts", region_name="eu-west-1")
    asked = contacts.list_tags_for_resource(ResourceARN=made["ContactArn"])
    assert asked["Tags"] == tags["Tags"]
    assert call(local_aws, "TagResource", tags)[0] == 400
    status, refused = call(local_aws, "CreateContact", PERSON, service="ssm-contacts")
    assert (status, refused["__type"]) == (400, "ConflictException")
    logged = [each["operation"] for each in local_aws.requests("ssm-contacts")]
    assert logged == ["CreateContact", "TagResource", "ListTagsForResource", "CreateContact"]


def test_without_a_replication_set_there_are_no_people(local_aws, incidents):
    """The page is told so as any program is."""
    (arn,) = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=arn)
    status, refused = call(local_aws, "ListContacts", service="ssm-contacts")
    assert (status, refused["__type"]) == (400, "ValidationException")
    assert "Account not found" in refused["Message"]


# The clock


def test_the_page_moves_the_clock_as_a_program_does(local_aws):
    """On, to a time, stopped, running, and with the wall again; and no service was asked."""
    noon = "2030-06-01T12:00:00.000Z"
    stopped = {"time": noon, "running": False}
    assert post(local_aws, CLOCK, stopped) == (200, stopped)
    later = {"time": "2030-06-01T12:10:00.000Z", "running": False}
    assert post(local_aws, CLOCK, {"advance": 600}) == (200, later)
    assert local_aws.clock().isoformat() == "2030-06-01T12:10:00+00:00"
    assert post(local_aws, CLOCK, {"running": True})[1]["running"] is True
    assert look(local_aws, "/_local/console/state")["clock"]["stopped"] is None
    assert post(local_aws, CLOCK)[1]["time"] < noon
    assert look(local_aws, "/_local/console/state")["clock"] == {"ahead": 0, "stopped": None}
    assert local_aws.operations() == []


@pytest.mark.parametrize(
    "change", [{"advance": 0}, {"advance": "x"}, {"time": "noon"}, {"back": 1}, b"[]", b"{"]
)
def test_a_wrong_move_of_the_clock_is_refused_in_words(local_aws, change):
    """And the clock is where it was."""
    kept = local_aws.set_clock("2030-06-01T12:00:00Z")
    status, refused = post(local_aws, CLOCK, change)
    assert (status, bool(refused["message"])) == (400, True)
    assert local_aws.clock() == kept


@pytest.mark.parametrize(
    ("headers", "status"), [({"Origin": None}, 403), ({"Content_Type": "text/plain"}, 415)]
)
def test_only_the_page_moves_its_clock(local_aws, headers, status):
    """A form of another page, or of none, does not."""
    kept = local_aws.set_clock("2030-06-01T12:00:00Z")
    assert post(local_aws, CLOCK, {"advance": 60}, **headers)[0] == status
    assert local_aws.clock() == kept


# Other pages


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("GET", "/"),
        ("GET", "/?Action=CreateTopic&Name=stolen"),
        ("POST", "/listIncidentRecords"),
        ("GET", "/_local/messages"),
        ("GET", "/_local/console/main.js"),
        ("GET", "/_local/console/state"),
        ("GET", "/moto-api/data.json"),
    ],
)
def test_the_page_of_another_site_is_refused_on_every_path(local_aws, method, path, headers):
    """Moto would let every site read, and would take the form of any."""
    body = CREATE_TOPIC if method == "POST" else None
    status, answered, _ = send(local_aws, method, path, body, **FORM, **SIGNED, **headers)
    assert status == 403
    assert "Access-Control-Allow-Origin" not in answered
    assert local_aws.client("sns").list_topics()["Topics"] == []


def test_a_link_to_the_page_can_be_followed_from_anywhere(local_aws):
    """From a chat for example; that opens the page and does nothing else."""
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert send(local_aws, "GET", "/", **link, Sec_Fetch_Dest="document")[0] == 200
    assert send(local_aws, "GET", "/", **link, Sec_Fetch_Dest="iframe")[0] == 403
    assert send(local_aws, "POST", "/", **link, Sec_Fetch_Dest="document")[0] == 403


def test_what_moto_answers_is_no_page_of_this_origin(local_aws):
    """HTML that somebody put into S3 may not act as the console."""
    s3 = local_aws.client("s3", config=Config(s3={"addressing_style": "path"}))
    s3.create_bucket(Bucket="pages")
    s3.put_object(Bucket="pages", Key="x.html", Body=b"<script>", ACL="public-read")
    status, headers, _ = send(local_aws, "GET", "/pages/x.html")
    assert (status, headers["Content-Security-Policy"]) == (200, "sandbox")


# What is new


def test_every_change_can_be_seen_and_no_reading_is_one(local_aws, incidents, plan):
    """The page asks for a few bytes each second, and for more only after a change."""
    seen = [version(local_aws)]

    def is_new():
        seen.append(version(local_aws))
        return seen[-1] != seen[-2]

    assert not is_new()
    incidents.list_response_plans()
    call(local_aws, "GetResponsePlan", {"arn": plan})
    assert not is_new()
    incidents.update_response_plan(arn=plan, displayName="New")
    assert is_new()
    local_aws.set_clock("2026-12-25T03:00:00Z", running=True)
    assert is_new()
    assert not is_new()
    alarms = local_aws.client("cloudwatch")
    alarms.put_metric_alarm(
        AlarmName="alarm",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        AlarmActions=[plan],
    )
    alarms.set_alarm_state(AlarmName="alarm", StateValue="ALARM", StateReason="of the test")
    assert is_new()
    local_aws.reset()
    assert is_new()
    assert {state["boot"] for state in seen} == {seen[0]["boot"]}


def test_what_time_alone_brings_about_is_new(local_aws):
    """A page that is due is sent, and seen, though nobody asks for anything."""
    team = make(local_aws)
    incidents = local_aws.client("ssm-incidents")
    incidents.start_incident(responsePlanArn=team.plan)
    before = version(local_aws)["accounts"]
    local_aws.advance(299)
    assert version(local_aws)["accounts"] == before
    local_aws.advance(1)
    assert version(local_aws)["accounts"] != before
    after = version(local_aws)["accounts"]
    local_aws.client("ssm-contacts").deactivate_contact_channel(
        ContactChannelId=team.channels["ana", "SMS"]
    )
    assert version(local_aws)["accounts"] != after


def test_each_account_with_something_in_it_is_known(local_aws, plan):
    """The page can look at what another account has, and works on that account only."""
    role = "arn:aws:iam::210987654321:role/other"
    other = incidents_as(local_aws, role)
    assert other.list_response_plans()["responsePlanSummaries"] == []
    assert [each["account"] for each in version(local_aws)["accounts"]] == ["123456789012"]
    other.create_replication_set(regions={"us-east-1": {}})
    accounts = [each["account"] for each in version(local_aws)["accounts"]]
    assert accounts == ["123456789012", "210987654321"]
    there = call(local_aws, "ListResponsePlans", query="?account=210987654321&partition=aws")
    assert there == (200, {"responsePlanSummaries": []})
    here = call(local_aws, "ListResponsePlans", query="?account=../x&partition=aws")
    assert [each["arn"] for each in here[1]["responsePlanSummaries"]] == [plan]


# Messages


def test_what_was_sent_can_be_read(local_aws, incidents, topic, plan):
    """A test asks whom an incident told of what, without a queue; a reset forgets it."""
    first = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    second = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    incidents.update_incident_record(arn=first, status="RESOLVED")
    found = local_aws.messages()
    assert [(each["kind"], each["incident"]) for each in found] == [
        ("SSM Incident Start", first),
        ("SSM Incident Start", second),
        ("SSM Incident Record Update", first),
    ]
    assert {each["topic"] for each in found} == {topic}
    assert {each["error"] for each in found} == {None}
    assert json.loads(found[2]["body"])["detail"]["status"] == "RESOLVED"
    assert local_aws.messages(second) == [found[1]]
    local_aws.reset()
    assert local_aws.messages() == []


def test_the_last_thousand_messages_are_kept():
    """A local AWS that runs for weeks does not fill the memory."""
    sent = Sent()
    for number in range(1001):
        body = json.dumps({"resources": [f"incident {number}"], "detail-type": "kind"})
        sent.add("topic", body, None)
    kept = sent.about(None)
    assert (len(kept), kept[0]["incident"], sent.total) == (1000, "incident 1", 1001)
