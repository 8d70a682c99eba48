"""The console as a person has it: in a browser, by mouse and by keyboard, and under attack.

Real: headless Chromium, the server process, boto3 beside it, and a hostile web site on other
origins. Only the clock of the browser and the network between the two are what they are.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from urllib.parse import quote, urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pulumi_incidents.emulator.testing import LocalAws
from tests import rights
from tests.browser import Page, assert_accessible, at
from tests.conftest import ROOT

ACCOUNT = "123456789012"
CONTACT = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact/checkout-oncall"
QUIET = {"title": "Quiet", "impact": 5}
# How the component of drills calls the plans that it makes.
DRILL = "Drill,"
HOSTILE = (
    "<script>window.ran=1</script><img src=x onerror='window.ran=1'>"
    "${window.ran=1}{{7*7}}\"'><svg onload='window.ran=1'>"
)


@pytest.fixture
def topic(local_aws):
    """Give a topic for messages."""
    return rights.topic(local_aws.client("sns"), "checkout-chat")


@pytest.fixture
def plan(local_aws, incidents, topic):
    """Give a plan with everything that a start brings about."""
    strings = {"Service": {"type": "String"}, "Incident": {"type": "String"}}
    rights.document(local_aws.client("ssm"), parameters=strings)
    runbook = {
        "documentName": "Restart-Checkout",
        "roleArn": rights.runbook_role(local_aws.client("iam")),
        "parameters": {"Service": ["checkout"]},
        "dynamicParameters": {"Incident": {"variable": "INCIDENT_RECORD_ARN"}},
    }
    return incidents.create_response_plan(
        name="checkout",
        displayName="Checkout",
        incidentTemplate={"title": "Checkout is failing", "impact": 2, "summary": "Look at it."},
        engagements=[CONTACT],
        chatChannel={"chatbotSns": [topic]},
        actions=[{"ssmAutomation": runbook}],
        tags={"service": "checkout"},
    )["arn"]


def records(incidents):
    """Return all records."""
    found = incidents.list_incident_records()["incidentRecordSummaries"]
    return [incidents.get_incident_record(arn=each["arn"])["incidentRecord"] for each in found]


def test_a_person_starts_an_incident_from_a_plan(page, incidents, plan):
    """Search, read what a start does, start: and all of it is on the incident's page."""
    incidents.create_response_plan(name="chess", incidentTemplate={"title": "Mate", "impact": 5})
    page.open("#/plans")
    page.driver.find_element(By.ID, "search").send_keys("check")
    page.until(lambda: page.names() == ["Checkout"], "it is not found")
    page.press("Checkout", "main .rows")
    page.sees("checkout-oncall")
    page.sees("service = checkout")
    page.press("Start an incident")
    page.sees("Engages checkout-oncall. Their pages appear in the incident", "dialog")
    page.sees("1 topic of the local AWS: checkout-chat", "dialog")
    page.fill("Title", "Cards are refused", "dialog")
    page.choose("Impact", "1 Critical", "dialog")
    page.fill("Related link", "not an address", "dialog")
    page.press("Start the incident", "dialog")
    page.sees("must start with https://", "dialog")
    assert page.field("Title", "dialog").get_attribute("value") == "Cards are refused"
    page.fill("Related link", "https://example.com/dashboard", "dialog")
    page.press("Start the incident", "dialog")
    page.until(lambda: page.text("main h1") == "Cards are refused", "no page of the incident")
    (record,) = records(incidents)
    assert (record["title"], record["impact"]) == ("Cards are refused", 1)
    assert record["arn"].split("/")[1] == plan.split("/")[1]
    for text in (
        "1 Critical",
        "The incident started; engaged checkout-oncall",
        "The runbook Restart-Checkout was started",
        "Triggered by hand or by a program",
        "https://example.com/dashboard",
        "Incident started → checkout-chat",
        record["arn"],
    ):
        page.sees(text)
    page.driver.back()
    page.until(lambda: page.text("main h1") == "Checkout", "the back button does not work")
    assert page.complaints() == []


def test_lists_tell_what_matters_at_a_glance(page, incidents, plan):
    """Plans by impact, people and what is open; a drill is no emergency; nobody is called moto."""
    rehearsed = incidents.create_response_plan(
        name="drill", displayName=f"{DRILL} nobody is engaged", incidentTemplate=QUIET
    )["arn"]
    incidents.create_response_plan(name="drilling", incidentTemplate=QUIET)
    arns = [incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"] for _ in range(2)]
    drill = incidents.start_incident(responsePlanArn=rehearsed)["incidentRecordArn"]
    page.open("#/plans")
    page.sees("checkout · engages checkout-oncall")
    rows = {row.text.split("\n")[1]: row.text.split("\n") for row in page.all("main .row")}
    assert rows["Checkout"][0] == "2 High"
    assert rows["Checkout"][-1] == "2 open"
    assert rows["drilling"] == ["5 No impact", "drilling", "engages nobody"]
    incidents.update_incident_record(arn=arns[0], status="RESOLVED")
    page.sees("1 open", "main .row:first-child")
    page.press("1 open", "main .row:first-child")
    page.until(lambda: len(page.names()) == 1, "not those of the plan")
    page.open("#/incidents")
    page.sees("2 open (1 drill), 1 resolved")
    assert page.driver.title.startswith("1 open")
    [marked] = [
        row for row in page.all("main .row") if row.find_elements(By.CSS_SELECTOR, ".drill")
    ]
    assert "Quiet" in marked.text
    incidents.delete_response_plan(arn=rehearsed)
    page.until(lambda: not page.all(".drill"), "a title alone made it a drill")
    incidents.update_incident_record(arn=drill, title="Drill 2026-Q4-1")
    page.until(lambda: page.all(".drill"), "its title is that of a drill")
    page.open(at("incident", drill))
    page.sees("Drill", ".state")
    page.sees("Somebody changed the title", ".timeline")
    assert "moto" not in page.text("main")


def test_an_address_of_nothing_says_so(page, incidents, plan):
    """In one sentence with ways on, whether no view is called so or a view has no such part."""
    del incidents, plan
    for path in ("#/nowhere", "#/nowhere/else", "#/plans/checkout", "#/incident", "#/constructor"):
        page.open(path)
        page.sees(
            f"The console has nothing at {path}: look for it among the incidents or the plans."
        )
        assert page.text("main h1") == "There is no such page"
    page.press("plans", "main")
    page.until(lambda: page.names() == ["Checkout"], "no way on")
    assert page.complaints() == []


def test_a_person_works_on_an_incident(page, incidents, plan):
    """Edit, note, link, unlink, resolve, reopen: each is at the API, and on the page at once."""
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    page.open(at("incident", arn))
    page.press("Edit")
    page.fill("Title", "Checkout is slow", "dialog")
    page.choose("Impact", "3 Medium", "dialog")
    page.fill("Summary", "Two lines\nof text", "dialog")
    page.press("Save", "dialog")
    page.until(lambda: page.text("main h1") == "Checkout is slow", "the title stays")
    page.sees("Somebody changed the title, set the impact to 3 Medium, changed the summary")
    page.fill("Add a note", "Called the provider")
    page.press("Add to the timeline")
    page.sees("Called the provider", ".timeline")
    page.press("Add a link")
    page.fill("Address", "https://example.com/ticket/1")
    page.fill("Title", "Ticket")
    page.press("Add the link")
    page.until(lambda: page.all("a[href='https://example.com/ticket/1']"), "no link")
    items = incidents.list_related_items(incidentRecordArn=arn)["relatedItems"]
    assert "Ticket" in [item.get("title") for item in items]
    page.driver.find_element(By.CSS_SELECTOR, "button[aria-label='Remove Ticket']").click()
    page.press("Remove", "dialog")
    page.until(lambda: not page.all("a[href='https://example.com/ticket/1']"), "it stays")
    page.press("Resolve", ".actions")
    page.sees("A message goes to 1 topic: checkout-chat.", "dialog")
    page.press("Resolve", "dialog")
    page.until(lambda: page.text(".state .status") == "Resolved", "it stays open")
    page.press("Reopen", ".actions")
    page.press("Reopen", "dialog")
    page.until(lambda: page.text(".state .status") == "Open", "it stays resolved")
    (record,) = records(incidents)
    assert record["summary"] == "Two lines\nof text"
    assert (record["status"], record["impact"]) == ("OPEN", 3)
    assert page.complaints() == []


def test_the_page_goes_by_the_clock_of_the_local_aws(page, local_aws, incidents, plan):
    """How long ago something was, and when a note is written, a test says that moves the clock."""
    noon = local_aws.set_clock("2030-06-01T12:00:00Z")
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    page.open(at("incident", arn))
    page.sees("stopped", ".where")
    page.sees("just now", ".timeline")
    later = local_aws.advance(600)
    page.sees("10 min ago", ".timeline")
    page.fill("Add a note", "Called the provider")
    page.press("Add to the timeline")
    page.sees("Called the provider", ".timeline")
    events = incidents.list_timeline_events(incidentRecordArn=arn)["eventSummaries"]
    assert {event["eventTime"] for event in events} == {noon, later}
    local_aws.set_clock(later, running=True)
    page.sees("moved", ".where")
    local_aws.release_clock()
    page.until(lambda: "moved" not in page.text(".where"), "the clock is still told")
    assert page.complaints() == []


def test_what_others_do_appears_and_disturbs_nobody(page, incidents, plan):
    """No reload is needed, and what a person is typing stays, with its focus."""
    page.open()
    page.sees("Nothing has happened yet")
    arn = incidents.start_incident(responsePlanArn=plan, title="By boto3")["incidentRecordArn"]
    page.sees("By boto3")
    assert page.text("#news") == "New incident: By boto3"
    page.press("By boto3", "main .rows")
    note = page.field("Add a note")
    note.send_keys("half a sen")
    incidents.update_incident_record(arn=arn, title="Retitled", impact=1)
    incidents.create_timeline_event(
        incidentRecordArn=arn, eventTime=0, eventType="Note", eventData='"of a program"'
    )
    page.sees("Retitled")
    page.sees("of a program", ".timeline")
    page.keys("tence")
    assert note.get_attribute("value") == "half a sentence"
    incidents.delete_incident_record(arn=arn)
    page.sees("This does not exist")


def test_what_was_denied_is_told_where_people_look(page, local_aws, incidents, plan):
    """The timeline says that the runbook did not start and why; a rule's denial is listed."""
    iam, events = local_aws.client("iam"), local_aws.client("events")
    iam.delete_role_policy(RoleName="runbook", PolicyName="policy-0")
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    page.open(at("incident", arn))
    page.sees("The runbook Restart-Checkout did not start")
    page.sees("is not authorized to perform: ssm:StartAutomationExecution")
    page.open("#/messages")
    page.sees(f"{arn} runs no runbook")
    events.put_rule(Name="deploys", EventPattern='{"source": ["com.example"]}')
    target = {"Id": "1", "Arn": plan, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/gone"}
    events.put_targets(Rule="deploys", Targets=[target])
    events.put_events(Entries=[{"Source": "com.example", "DetailType": "d", "Detail": "{}"}])
    page.sees(f"rule/deploys started no incident of {plan}")
    page.sees("2 denials")
    assert_accessible(page, "#/messages")


def test_an_alarm_and_an_event_show_what_triggered_them(page, local_aws, plan):
    """Who is woken by an alarm sees which one, and why."""
    alarms, events = local_aws.client("cloudwatch"), local_aws.client("events")
    alarms.put_metric_alarm(
        AlarmName="failed-payments",
        Namespace="Shop",
        MetricName="FailedPayments",
        Statistic="Sum",
        Period=60,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        AlarmActions=[plan],
    )
    page.open()
    alarms.set_alarm_state(
        AlarmName="failed-payments", StateValue="ALARM", StateReason="34 is more than 10"
    )
    page.sees("started by a CloudWatch alarm")
    page.press("Checkout is failing", "main .rows")
    page.sees("Triggered by the alarm failed-payments")
    page.sees("34 is more than 10")
    page.sees("Metric · Shop FailedPayments")
    pattern = json.dumps({"source": ["com.example.deploy"]})
    events.put_rule(Name="deploys", EventPattern=pattern)
    role = rights.event_role(local_aws.client("iam"), plan)
    events.put_targets(Rule="deploys", Targets=[{"Id": "1", "Arn": plan, "RoleArn": role}])
    deployment = {
        "deploymentGroupArn": f"arn:aws:codedeploy:us-east-1:{ACCOUNT}:deploymentgroup:shop/blue",
        "deploymentId": "d-ABC123",
        "startTime": 0,
    }
    (record,) = records(local_aws.client("ssm-incidents"))
    finding = {
        "incidentRecordArn": record["arn"],
        "details": {"codeDeployDeployment": deployment},
    }
    body = json.dumps(finding).encode()
    urllib.request.urlopen(f"{local_aws.url}/_local/findings", body).close()
    page.sees("Deployment d-ABC123 to blue")
    page.press("Incidents", "#nav")
    event = {"Source": "com.example.deploy", "DetailType": "Failed", "Detail": "{}"}
    events.put_events(Entries=[event])
    page.sees("started by com.example.deploy")
    assert page.complaints() == []


def test_hostile_content_is_text(page, local_aws, incidents, topic):
    """Whatever is in a title, a name, an address or an event, it is shown and never runs."""
    plan = incidents.create_response_plan(
        name="hostile",
        displayName=HOSTILE,
        incidentTemplate={
            "title": HOSTILE,
            "impact": 1,
            "summary": HOSTILE + "x" * 7000,
            "notificationTargets": [{"snsTopicArn": topic}],
        },
        integrations=[
            {
                "pagerDutyConfiguration": {
                    "name": HOSTILE,
                    "secretId": HOSTILE,
                    "pagerDutyIncidentConfiguration": {"serviceId": HOSTILE},
                }
            }
        ],
    )["arn"]
    local_aws.client("sns").delete_topic(TopicArn=topic)  # for the event of a message unsent
    addresses = ["javascript:window.ran=1", "data:text/html,<script>", " javascript:x", HOSTILE]
    arn = incidents.start_incident(
        responsePlanArn=plan,
        triggerDetails={"source": HOSTILE[:50], "rawData": HOSTILE, "timestamp": 0},
        relatedItems=[
            {"identifier": {"type": "OTHER", "value": {"url": url}}, "title": HOSTILE}
            for url in addresses
        ],
    )["incidentRecordArn"]
    for kind, data in (("Note", HOSTILE), ("Custom Event", json.dumps({HOSTILE: HOSTILE}))):
        incidents.create_timeline_event(
            incidentRecordArn=arn, eventTime=0, eventType=kind, eventData=data
        )
    incidents.start_incident(responsePlanArn=plan, title="W" * 200)
    for path in ("#/incidents", "#/plans", "#/messages", at("plan", plan), at("incident", arn)):
        page.open(path)
        page.sees(HOSTILE if path != "#/messages" else "Messages sent")
        for summary in page.all("main summary"):
            summary.click()
        assert page.driver.execute_script("return window.ran") is None
        assert page.all("main script, main img, main svg, main iframe") == []
        assert page.driver.execute_script(
            "return document.documentElement.scrollWidth <= window.innerWidth"
        )
    hrefs = [link.get_attribute("href") for link in page.all("main a")]
    assert all(href.startswith(page.aws.url) for href in hrefs)
    page.press("Edit")
    assert page.field("Title", "dialog").get_attribute("value") == HOSTILE
    page.press("Cancel", "dialog")
    page.driver.get(f"{page.aws.url}/#/incident/{quote(HOSTILE)}")
    page.sees("This cannot be shown")
    assert page.driver.execute_script("return window.ran") is None
    complaints = [each for each in page.complaints() if each["source"] != "network"]
    assert complaints == []


@contextlib.contextmanager
def site(content):
    """Serve one page at every path, at a port of its own; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Tries each request of `attempts` by fetch and each of `forms` by form, a frame and an image.
ATTACK = """<!doctype html><title>Attack</title>
<iframe name="sink"></iframe><iframe id="framed" src="{url}/"></iframe>
<img src="{url}/?Action=CreateTopic&Name=stolen">
<script>
const url = {url!r}, start = JSON.stringify({{ responsePlanArn: {plan!r} }});
const headers = {{ Authorization: "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0, " +
  "Credential=test/20260101/us-east-1/ssm-incidents/aws4_request" }};
const call = "/_local/console/call/ssm-incidents/StartIncident";
const json = {{ "Content-Type": "application/json" }};
const attempts = [
  ["/listIncidentRecords", {{ method: "POST", body: "{{}}", headers }}],
  ["/startIncident", {{ method: "POST", body: start, headers }}],
  [call, {{ method: "POST", body: start }}],
  [call, {{ method: "POST", body: start, mode: "no-cors" }}],
  [call, {{ method: "POST", body: start, headers: json }}],
  ["/_local/console/clock", {{ method: "POST", body: "{{}}", mode: "no-cors" }}],
  ["/_local/console/clock", {{ method: "POST", body: "{{}}", headers: json }}],
  ["/pages", {{}}],
  ["/_local/console/state", {{}}],
  ["/_local/messages", {{}}],
  ["/_local/reset", {{ method: "POST", mode: "no-cors" }}],
  ["/moto-api/reset", {{ method: "POST", mode: "no-cors" }}],
];
const forms = [
  ["/", {{ Action: "CreateTopic", Name: "stolen" }}],
  ["/pages", {{ key: "stolen", success_action_status: "201", file: "stolen" }}],
  ["/_local/reset", {{}}],
  [call, {{ responsePlanArn: {plan!r} }}],
];
addEventListener("load", async () => {{
  window.read = [];
  for (const [path, options] of attempts) {{
    try {{
      const answer = await fetch(url + path, options);
      if (answer.type !== "opaque") read.push([path, await answer.text()]);
    }} catch {{ /* the browser keeps an answer that allows nobody */ }}
  }}
  const sink = document.getElementsByName("sink")[0];
  for (const [path, fields] of forms) {{
    const form = document.createElement("form");
    Object.assign(form, {{ action: url + path, method: "POST", target: "sink" }});
    if (path === "/pages") form.enctype = "multipart/form-data";
    for (const [name, value] of Object.entries(fields))
      form.append(Object.assign(document.createElement("input"), {{ name, value }}));
    document.body.append(form);
    const loaded = new Promise((resolve) => sink.onload = resolve);
    form.submit();
    await loaded;
  }}
  document.title = "done";
}});
</script>
"""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_another_site_can_read_and_change_nothing(page, local_aws, incidents, plan, host):
    """By fetch, form, frame or image, whether its host has another name or just another port."""
    local_aws.client("s3").create_bucket(Bucket="pages")
    attack = ATTACK.format(url=local_aws.url, plan=plan).encode()
    with site(attack) as port:
        page.driver.get(f"http://{host}:{port}/")
        page.until(lambda: page.driver.title == "done", "the attack does not end")
        assert page.driver.execute_script("return window.read") == []
        page.driver.switch_to.frame(page.driver.find_element(By.ID, "framed"))
        assert page.all("#nav") == []
        page.driver.switch_to.default_content()
    assert incidents.list_incident_records()["incidentRecordSummaries"] == []
    assert [each["arn"] for each in incidents.list_response_plans()["responsePlanSummaries"]] == [
        plan
    ]
    topics = [each["TopicArn"] for each in local_aws.client("sns").list_topics()["Topics"]]
    assert [topic.rsplit(":")[-1] for topic in topics] == ["checkout-chat"]
    assert local_aws.client("s3").list_objects_v2(Bucket="pages")["KeyCount"] == 0


def test_everything_goes_by_keyboard(page, incidents, plan):
    """From the skip link to a resolved incident, with the focus where a person expects it."""
    incidents.start_incident(responsePlanArn=plan, title="By keys")
    page.open()
    page.sees("By keys")
    page.keys(Keys.TAB)
    assert page.focused() == "Skip to the content"
    page.keys(Keys.ENTER)
    tab_to(page, "By keys")
    page.keys(Keys.ENTER)
    page.until(lambda: page.text("main h1") == "By keys", "no page of the incident")
    page.until(lambda: page.focused() == "By keys", "the heading has no focus")
    tab_to(page, "Resolve")
    page.keys(Keys.ENTER)
    page.until(lambda: page.all("dialog[open]"), "no dialog")
    page.keys(Keys.ESCAPE)
    page.until(lambda: not page.all("dialog"), "the dialog stays")
    assert page.focused() == "Resolve"
    page.keys(Keys.ENTER)
    tab_to(page, "Resolve")
    page.keys(Keys.ENTER)
    page.until(lambda: page.text(".state .status") == "Resolved", "it stays open")
    assert records(incidents)[0]["status"] == "RESOLVED"


def tab_to(page, name):
    """Press Tab until something with this text has the focus."""
    for _ in range(40):
        page.keys(Keys.TAB)
        if page.focused() == name:
            return
    pytest.fail(f"Tab does not reach {name}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible(page, incidents, plan, scheme):
    """axe-core finds nothing against WCAG 2.1 AA or its best practices, dialogs included."""
    arn = incidents.start_incident(
        responsePlanArn=plan,
        relatedItems=[{"identifier": {"type": "OTHER", "value": {"url": "https://example.com"}}}],
    )["incidentRecordArn"]
    incidents.create_response_plan(
        name="long", incidentTemplate={"title": "Long", "impact": 5, "summary": "x " * 3000}
    )
    other = incidents.list_response_plans()["responsePlanSummaries"][1]["arn"]
    for impact in (1, 3, 4, 5):
        started = incidents.start_incident(responsePlanArn=other, impact=impact)
    incidents.update_incident_record(arn=started["incidentRecordArn"], status="RESOLVED")
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    views = {
        "#/incidents": None,
        "#/incidents?text=nothing": None,
        at("incident", arn): "Resolve",
        at("incident", started["incidentRecordArn"]): "Edit",
        "#/plans": None,
        at("plan", plan): "Start an incident",
        at("plan", other): None,
        "#/messages": None,
        "#/replication-set": None,
        at("incident", f"{arn}x"): None,
        "#/nowhere": None,
    }
    for path, dialog in views.items():
        page.open(path)
        page.until(lambda: page.all("main[aria-busy='false']"), "it is still busy")
        for summary in page.all("main summary"):
            summary.click()
        assert_accessible(page, path)
        if dialog:
            page.press(dialog, ".actions")
            assert_accessible(page, f"{path}, {dialog}")


def test_a_lost_answer_starts_one_incident(page, local_aws, incidents, plan):
    """The page says that nothing came back, keeps what was typed, and a second try is no second."""
    page.open(at("plan", plan))
    page.press("Start an incident")
    page.fill("Title", "Only once", "dialog")
    # The browser itself asks once more where a connection that it used before is closed.
    local_aws.lose_answer("StartIncident", times=None)
    page.press("Start the incident", "dialog")
    page.sees("The local AWS gave no answer", "dialog")
    assert page.field("Title", "dialog").get_attribute("value") == "Only once"
    local_aws.heal()
    page.press("Start the incident", "dialog")
    page.until(lambda: page.text("main h1") == "Only once", "no page of the incident")
    assert len(records(incidents)) == 1


def test_an_error_of_the_api_is_shown_where_it_happened(page, local_aws, incidents, plan):
    """In the words of the API, with what was typed still there."""
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    page.open(at("incident", arn))
    page.fill("Add a note", "Important")
    local_aws.fail("CreateTimelineEvent", "ThrottlingException")
    page.press("Add to the timeline")
    page.sees("Rate exceeded (ThrottlingException)", "form .error")
    assert page.field("Add a note").get_attribute("value") == "Important"
    page.press("Add to the timeline")
    page.sees("Important", ".timeline")
    page.until(lambda: page.field("Add a note").get_attribute("value") == "", "it stays")


def test_thousands_of_plans_stay_fast(page, incidents):
    """Fifty are drawn, any is found, and the rest is there on demand."""
    for number in range(1200):
        incidents.create_response_plan(
            name=f"plan-{number:04}", incidentTemplate={"title": "Down", "impact": 5}
        )
    page.open("#/plans")
    page.sees("1,200 plans")
    assert len(page.all("main .row")) == 50
    page.press("Show more: 1,150 plans left")
    page.until(lambda: len(page.all("main .row")) == 100, "no more")
    page.driver.find_element(By.ID, "search").send_keys("1199")
    page.until(lambda: page.names() == ["plan-1199"], "it is not found")
    page.sees("5 No impact", "main .rows")


def start_server(port=0):
    """Start a local AWS of the test's own."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    return process, process.stdout.readline().strip()


def test_a_restart_is_noticed(page):
    """The page says that nobody answers, and goes on by itself with what is there then."""
    process, url = start_server()
    with process:
        mine = Page(page.driver, LocalAws(url))
        aws = mine.aws.client("ssm-incidents")
        aws.create_replication_set(regions={"eu-west-1": {}})
        mine.open("#/replication-set")
        mine.sees("eu-west-1")
        aws.close()
        process.kill()
    mine.sees("Not connected", "#link")
    mine.sees("has not answered since", "#away")
    mine.sees("eu-west-1")
    process, _ = start_server(urlsplit(url).port)
    with process:
        mine.sees("The local AWS was restarted.", "#away")
        mine.sees("This account has no replication set")
        mine.sees("Live", "#link")
        page.driver.get("about:blank")
        process.terminate()


def test_a_hidden_page_asks_nothing(page, incidents, plan):
    """A tab that nobody looks at costs nothing, and is up to date as soon as it is seen."""
    page.open()
    mine = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    try:
        incidents.start_incident(responsePlanArn=plan, title="Meanwhile")
        page.until(
            lambda: page.driver.execute_script("return performance.now() > 3000"), "no time passes"
        )
    finally:
        page.driver.close()
        page.driver.switch_to.window(mine)
    page.sees("Meanwhile")
    asked = page.driver.execute_script(
        "const url = `${location.origin}/_local/console/state`;"
        "return performance.getEntriesByName(url).map((each) => each.startTime)"
    )
    assert max(after - before for before, after in pairwise(asked)) > 2500


def test_another_account_can_be_looked_at(page, local_aws, plan):
    """The page shows one account at a time; a link to a thing leads to the account it is in."""
    role = "arn:aws:iam::210987654321:role/other"
    keys = local_aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    other = local_aws.client(
        "ssm-incidents",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    page.open("#/plans")
    page.sees("Checkout")
    assert page.text("#accounts") == f"Account {ACCOUNT}"
    other.create_replication_set(regions={"us-east-1": {}})
    page.until(lambda: page.all("#account"), "there is no choice")
    page.choose("Account", "210987654321", "#accounts")
    page.sees("There is no response plan yet")
    template = {"title": "Elsewhere", "impact": 4}
    theirs = other.create_response_plan(name="theirs", incidentTemplate=template)["arn"]
    page.press("theirs", "main .rows")
    page.sees("Elsewhere")
    page.driver.get(f"{page.aws.url}/{at('plan', plan)}")
    page.sees("Checkout is failing")
    chosen = page.field("Account", "#accounts").get_property("value")
    assert chosen == f"{ACCOUNT} aws"
    page.driver.get(f"{page.aws.url}/{at('plan', theirs)}")
    page.sees("Elsewhere")
    assert page.complaints() == []


def test_a_thing_is_asked_for_in_its_own_account(page, plan):
    """Also when a person has gone to another account while the page that asks for it loads."""
    page.open("#/plans")
    page.sees("Checkout")
    ask = """
        const [arn, done] = arguments;
        import("/_local/console/api.js").then(async ({ call, workIn }) => {
          workIn({ account: "210987654321", partition: "aws" });
          const { name } = await call("GetResponsePlan", { arn });
          const { responsePlanSummaries: others } = await call("ListResponsePlans");
          done([name, others.length]);
        }).catch((error) => done([error.message]));
    """
    assert page.driver.execute_async_script(ask, plan) == ["checkout", 0]
    assert page.complaints() == []
