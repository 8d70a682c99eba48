"""Drills, and the real thing while one is open.

Real: the engine, the stand-in of pulumi-aws and the local AWS, which joins a start to the open
incident of the same dedupe string, and whose alarms start incidents.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import ROOT
from tests.program import Program

PAGE = (ROOT / "docs/incident.md").read_text()
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/"

# A drill beside the plan that it rehearses, of which it knows the ARN alone; and one of a response.
ALONE = """
import pulumi
from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks import AlarmTrigger, Drill, IncidentTopic

config = pulumi.Config()
updates = IncidentTopic("updates")
plan = ResponsePlan(
    "shop",
    incident_template={
        "title": "Down",
        "impact": 1,
        "dedupe_string": "shop",
        "notification_targets": [{"sns_topic_arn": updates.arn}],
    },
    engagements=config.require_object("engagements"),
    chat_channel={"chatbot_sns": [updates.arn]},
)
alarm = AlarmTrigger(
    "errors", plan, {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}
)
drill = Drill(
    "drill", {"occurrence": "1", "plan_arn": plan.arn, "paging": config.require_bool("paging")}
)
pulumi.export("plan", plan.arn)
pulumi.export("topics", [updates.arn])
pulumi.export("alarm", alarm.alarm_arn)
pulumi.export("drill", drill.incident_arn)
"""
RESPONSE = """
import pulumi
from pulumi_incidents.stacks import IncidentResponse

config = pulumi.Config()
shop = IncidentResponse(
    "shop",
    {
        "title": "Down",
        "impact": 1,
        "dedupe_string": "shop",
        "engagements": config.require_object("engagements"),
        "chat": {},
        "alarms": {"errors": {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}},
        "drill": {"occurrence": "1", "paging": config.require_bool("paging")},
    },
)
pulumi.export("plan", shop.plan_arn)
pulumi.export("topics", [shop.topic_arn, shop.chat_topic_arn])
pulumi.export("alarm", shop.alarm_arns["errors"])
pulumi.export("drill", shop.drill_arn)
"""


class Rehearsal(Program):
    """A program with a plan, an alarm that starts it, and a drill."""

    def bring(self, *contacts, paging):
        """Bring the stack to a plan that engages these contacts, and return its outputs."""
        self.configure(engagements=[CONTACT + contact for contact in contacts], paging=paging)
        return self.up()


def began(incidents, arn):
    """Return title and impact of an incident, and who was engaged when it began."""
    record = incidents.get_incident_record(arn=arn)["incidentRecord"]
    listed = incidents.list_timeline_events(incidentRecordArn=arn)["eventSummaries"]
    data = [
        json.loads(
            incidents.get_timeline_event(eventId=event["eventId"], incidentRecordArn=arn)["event"][
                "eventData"
            ]
        )
        for event in listed
    ]
    (engaged,) = (entry["contactsEngage"] for entry in data if "contactsEngage" in entry)
    names = [entry["contactArn"].rpartition("/")[2] for entry in engaged]
    return record["title"], record["impact"], sorted(names)


@pytest.fixture(params=[ALONE, RESPONSE], ids=["alone", "response"])
def rehearsal(request, tmp_path, stack_environment):
    """Return a program with a drill of its own, or of a response."""
    return Rehearsal(tmp_path / "drill", stack_environment, request.param)


def test_a_drill_that_is_open_never_swallows_the_real_alarm(rehearsal, local_aws, incidents):
    """It engages the plan's people, and the real thing still starts, and engages them as well."""
    outputs = rehearsal.bring("oncall", "boss", paging=True)
    assert began(incidents, outputs["drill"]) == ("Drill 1", 5, ["boss", "oncall"])
    record = incidents.get_incident_record(arn=outputs["drill"])["incidentRecord"]
    assert sorted(record["chatChannel"]["chatbotSns"]) == [outputs["topics"][-1]]
    assert record["notificationTargets"] == [{"snsTopicArn": outputs["topics"][0]}]

    started = incidents.start_incident(responsePlanArn=outputs["plan"])["incidentRecordArn"]
    assert began(incidents, started) == ("Down", 1, ["boss", "oncall"])
    incidents.update_incident_record(arn=started, status="RESOLVED")

    alarm = outputs["alarm"].rpartition(":")[2]
    local_aws.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="real"
    )
    records = incidents.list_incident_records()["incidentRecordSummaries"]
    (real,) = {record["arn"] for record in records} - {started, outputs["drill"]}
    assert began(incidents, real) == ("Down", 1, ["boss", "oncall"])
    rehearsal.destroy()


def test_a_drill_follows_the_plan_and_only_paging_starts_another(rehearsal, incidents):
    """Who is engaged may change while it is open; paging starts an incident that engages them."""
    muted = rehearsal.bring("oncall", paging=False)
    assert began(incidents, muted["drill"]) == ("Drill 1", 5, [])
    paging = rehearsal.bring("oncall", paging=True)
    assert began(incidents, paging["drill"]) == ("Drill 1", 5, ["oncall"])
    status = incidents.get_incident_record(arn=muted["drill"])["incidentRecord"]["status"]
    assert status == "RESOLVED"

    followed = rehearsal.bring("boss", paging=True)
    assert followed["drill"] == paging["drill"]
    name = followed["drill"].split("/")[-2]
    plans = incidents.list_response_plans()["responsePlanSummaries"]
    (drilled,) = (plan["arn"] for plan in plans if plan["name"] == name)
    plan = incidents.get_response_plan(arn=drilled)
    assert plan["engagements"] == [f"{CONTACT}boss"]
    assert plan["displayName"].startswith("Drill, ")  # by which the console marks its incidents
    assert plan["incidentTemplate"]["summary"] == (
        f"A drill. Rehearses {followed['plan']}. Engaged: {CONTACT}boss."
    )
    rehearsal.destroy()


def test_the_drill_of_an_incident_runs_on_when_its_setting_goes(
    tmp_path, stack_environment, incidents
):
    """As docs/incident.md says: a setting starts it, none leaves it, another one starts another."""
    (source,) = re.findall(r"## Drills\n.*?```python\n(.*?)```", PAGE, re.DOTALL)
    program = Program(tmp_path / "drill", stack_environment, source)

    def records():
        found = incidents.list_incident_records()["incidentRecordSummaries"]
        return {record["arn"]: record["status"] for record in found}

    def bring(**drill):
        program.configure(**drill)
        program.up(settled=False)
        return records()

    assert bring() == {}
    (first,) = bring(drill="2026-Q4-1")
    assert bring() == {first: "OPEN"}
    program.settled()
    assert bring(drill="2026-Q4-1") == {first: "OPEN"}
    (second,) = set(bring(drill="2027-Q1-1")) - {first}
    assert records() == {first: "RESOLVED", second: "OPEN"}
    program.destroy()
    assert records() == {first: "RESOLVED", second: "RESOLVED"}
