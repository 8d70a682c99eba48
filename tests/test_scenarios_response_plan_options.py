"""Response plans under the engine's resource options.

Real: the Pulumi engine, its language host, the plugin process of the providers and the local AWS,
which boto3 reads.
"""

from __future__ import annotations

import pytest

from tests.declarations import full, minimal
from tests.program import Plans

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")


@pytest.fixture
def program(tmp_path, stack_environment, local_aws):
    """Return a program of response plans that declares none yet."""
    return Plans(tmp_path / "program", stack_environment, local_aws)


def arn(name):
    """Return the ARN of a plan of the local AWS."""
    return f"arn:aws:ssm-incidents::123456789012:response-plan/{name}"


def test_ignore_changes_leaves_drift_alone(program, incidents, name):
    """Fields that are ignored keep what somebody else gave them, also when others are updated."""
    opts = {"ignore_changes": ["display_name", "incident_template.summary"]}
    plan = {**full(name), "opts": opts}
    program.begin(plan=plan)
    theirs = {"displayName": "theirs", "incidentTemplateSummary": "theirs"}
    incidents.update_response_plan(arn=arn(name), **theirs)
    program.settled()
    plan["engagements"] = plan["engagements"][:1]
    plan["incident_template"]["impact"] = 4
    program.declare(plan=plan)
    program.local_aws.forget()
    program.up()
    assert program.changes() == {name: ["UpdateResponsePlan"]}
    live = program.live(arn(name))
    assert (live["displayName"], live["incidentTemplate"]["summary"]) == ("theirs", "theirs")
    assert (live["engagements"], live["incidentTemplate"]["impact"]) == (plan["engagements"], 4)


def test_replace_on_changes_makes_the_plan_anew(program, name):
    """A chosen name is free again before the new plan is made, and the plan is there afterwards.

    With `--replace`, for which the engine asks no provider, the plan in the way is left as it is.
    """
    opts = {"replace_on_changes": ["incident_template.impact"]}
    program.begin(plan={**full(name), "opts": opts})
    program.bring(plan={**full(name), "display_name": "in place", "opts": opts})
    assert program.changes() == {name: ["UpdateResponsePlan"]}
    program.bring(plan={**minimal(name), "opts": opts})
    assert program.changes() == {name: ["DeleteResponsePlan", "CreateResponsePlan"]}
    urn = program.state()["plan"]["urn"]
    assert "exists already, made by" in program.fails("up", "--yes", "--replace", urn)
    assert program.live(arn(name))["name"] == name


def test_delete_before_replace_deletes_first(program, name):
    """With `delete_before_replace` the old plan goes before the new one is made."""
    opts = {"delete_before_replace": True}
    program.begin(plan={**minimal(name), "opts": opts})
    program.bring(plan={**minimal(f"{name}-2"), "opts": opts})
    order = [entry["operation"] for entry in program.local_aws.requests() if entry["mutating"]]
    assert order == ["DeleteResponsePlan", "CreateResponsePlan"]


def test_protect_keeps_the_plan(program, name):
    """A protected plan is neither deleted nor replaced, can be updated, and goes when it may."""
    opts = {"protect": True}
    program.begin(plan={**minimal(name), "opts": opts})
    program.bring(plan={**full(name), "opts": opts})
    assert program.changes() == {name: ["UpdateResponsePlan", "TagResource"]}
    program.declare(plan={**full(f"{name}-2"), "opts": opts})
    assert "protection" in program.fails("preview")
    program.declare()
    assert "protected" in program.fails("preview")
    assert program.live(arn(name))["name"] == name
    program.run("state", "unprotect", "--all", "--yes")
    program.destroy()
    assert program.incidents.list_response_plans()["responsePlanSummaries"] == []


def test_retain_on_delete_leaves_the_plan_at_aws(program, name):
    """A retained plan leaves the state and stays at AWS as it is."""
    program.begin(plan={**full(name), "opts": {"retain_on_delete": True}})
    before = program.live(arn(name))
    program.bring()
    assert program.changes() == {}
    assert "plan" not in program.state()
    assert program.live(arn(name)) == before


def test_an_alias_renames_without_touching_the_plan(program, name):
    """An alias gives a resource another name; its plan, and an automatic name, stay."""
    nameless = {"incident_template": minimal(name)["incident_template"]}
    program.begin(plan=full(name), old=nameless)
    state = program.state()
    program.bring(
        renamed={**full(name), "opts": {"aliases": ["plan"]}},
        new={**nameless, "opts": {"aliases": ["old"]}},
    )
    assert program.changes() == {}
    after = program.state()
    assert after["renamed"]["id"] == state["plan"]["id"]
    assert after["new"]["id"] == state["old"]["id"]


def test_target_touches_nothing_else(program, name):
    """`--target` brings one plan up to date and leaves the others for later."""
    plans = {"one": minimal(f"{name}-1"), "two": minimal(f"{name}-2")}
    program.begin(**plans)
    urn = program.state()["one"]["urn"]
    for plan in plans.values():
        plan["incident_template"]["impact"] = 5
    program.declare(**plans)
    program.local_aws.forget()
    program.run("up", "--yes", "--skip-preview", "--target", urn)
    assert program.changes() == {f"{name}-1": ["UpdateResponsePlan"]}
    program.bring(**plans)
    assert program.changes() == {f"{name}-2": ["UpdateResponsePlan"]}
