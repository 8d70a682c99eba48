"""The provider of incidents. Real: its methods, boto3 and the local AWS over HTTP."""

from __future__ import annotations

import pytest

from pulumi_incidents.providers import _aws
from pulumi_incidents.providers.incident import IncidentProvider

pytestmark = pytest.mark.usefixtures("configured")

PROVIDER = IncidentProvider()

EVERY_ITEM = [
    {
        "identifier": {"type": "METRIC", "value": {"metric_definition": '{"metric": 1}'}},
        "title": "Failed payments",
    },
    {"identifier": {"type": "OTHER", "value": {"url": "https://example.com/runbook"}}},
    {
        "identifier": {
            "type": "INVOLVED_RESOURCE",
            "value": {"arn": "arn:aws:ec2:us-east-1:123456789012:instance/i-1"},
        }
    },
    {
        "identifier": {
            "type": "TASK",
            "value": {
                "pager_duty_incident_detail": {
                    "id": "P1",
                    "auto_resolve": True,
                    "secret_id": "pagerduty-key",
                }
            },
        }
    },
]


@pytest.fixture
def plan(incidents, name):
    """Return the ARN of a plan without a dedupe string."""
    template = {"title": "Checkout fails", "impact": 2}
    return incidents.create_response_plan(name=name, incidentTemplate=template)["arn"]


def declared(plan, **inputs):
    """Return the inputs of an incident of `plan`, as the resource's `__init__` completes them."""
    context = {"identity": f"acme/urn:pulumi:test::incidents::type::{plan}", "secrets": []}
    return {"response_plan_arn": plan, "context": context, **inputs}


def record(incidents, arn):
    """Return the incident record as AWS has it."""
    return incidents.get_incident_record(arn=arn)["incidentRecord"]


def test_every_field_of_the_declaration_reaches_aws(configured, incidents, plan):
    """All members of StartIncident are sent, and the record shows them."""
    details = {
        "source": "com.example.deploy",
        "timestamp": "2026-01-31T03:00:00Z",
        "trigger_arn": "arn:aws:codedeploy:us-east-1:123456789012:deployment/d-1",
        "raw_data": '{"deployment": 1}',
    }
    inputs = declared(
        plan, title="Deploy failed", impact=4.0, related_items=EVERY_ITEM, trigger_details=details
    )
    result = PROVIDER.create(inputs)
    (sent,) = (
        request["parameters"]
        for request in configured.requests()
        if request["operation"] == "StartIncident"
    )
    assert sent["triggerDetails"]["rawData"] == details["raw_data"]
    live = record(incidents, result.id)
    assert (live["title"], live["impact"], live["status"]) == ("Deploy failed", 4, "OPEN")
    assert live["incidentRecordSource"]["source"] == details["source"]
    assert live["incidentRecordSource"]["resourceArn"] == details["trigger_arn"]
    items = incidents.list_related_items(incidentRecordArn=result.id)["relatedItems"]
    assert [item["identifier"]["type"] for item in items] == [
        "METRIC",
        "OTHER",
        "INVOLVED_RESOURCE",
        "TASK",
        "OTHER",
    ]
    assert items[-1]["title"].startswith("Started by Pulumi: ")
    assert result.outs["status"] == "OPEN"
    assert result.outs["started_here"] is True


def test_a_repeated_create_finds_the_same_incident(incidents, plan):
    """After a crash, when nothing was recorded, the next run pages nobody again."""
    first = PROVIDER.create(declared(plan, triggers={"drill": "1"}))
    second = PROVIDER.create(declared(plan, triggers={"drill": "1"}))
    assert first.id == second.id
    pages = incidents.get_paginator("list_incident_records").paginate()
    arns = [summary["arn"] for page in pages for summary in page["incidentRecordSummaries"]]
    assert [arn for arn in arns if plan.rpartition("/")[2] in arn] == [first.id]


def test_other_triggers_are_another_incident(plan):
    """Each occurrence has a client token of its own."""
    first = PROVIDER.create(declared(plan, triggers={"drill": "1"}))
    second = PROVIDER.create(declared(plan, triggers={"drill": "2"}))
    assert first.id != second.id


def test_a_resolved_incident_of_an_earlier_life_is_not_taken_for_the_new_one(incidents, plan):
    """Destroy, then up again: a new incident, not the old, resolved one."""
    inputs = declared(plan)
    lives = []
    for _ in range(3):
        result = PROVIDER.create(inputs)
        lives.append(result.id)
        assert record(incidents, result.id)["status"] == "OPEN"
        PROVIDER.delete(result.id, result.outs)
        assert record(incidents, result.id)["status"] == "RESOLVED"
    assert len(set(lives)) == 3


def test_title_and_impact_are_edited_in_place_with_one_call(configured, incidents, plan):
    """An edit sends what changed and starts nothing."""
    olds = PROVIDER.create(declared(plan)).outs
    arn = PROVIDER.create(declared(plan)).id
    news = declared(plan, title="New title", impact=1.0)
    result = PROVIDER.diff(arn, olds, news)
    assert (result.changes, result.replaces) == (None, [])
    configured.forget()
    outs = PROVIDER.update(arn, olds, news).outs
    assert configured.operations() == ["UpdateIncidentRecord"]
    live = record(incidents, arn)
    assert (live["title"], live["impact"]) == ("New title", 1)
    assert PROVIDER.diff(arn, outs, news).changes is False
    assert outs["status"] == "OPEN"


def test_related_items_are_added_and_removed_in_place(configured, incidents, plan):
    """Only the items that differ are sent, one call each."""
    olds = PROVIDER.create(declared(plan, related_items=EVERY_ITEM[:2]))
    news = declared(plan, related_items=EVERY_ITEM[1:3])
    configured.forget()
    PROVIDER.update(olds.id, olds.outs, news)
    assert configured.operations() == ["UpdateRelatedItems", "UpdateRelatedItems"]
    items = incidents.list_related_items(incidentRecordArn=olds.id)["relatedItems"]
    kept = [item for item in items if not item.get("title", "").startswith("Started by Pulumi")]
    assert {item["identifier"]["type"] for item in kept} == {"OTHER", "INVOLVED_RESOURCE"}
    assert len(items) == len(kept) + 1


@pytest.mark.parametrize("key", ["triggers", "response_plan_arn"])
def test_only_triggers_and_the_plan_replace(plan, key):
    """A new occurrence is asked for by these two inputs and by nothing else."""
    value = {"n": 2} if key == "triggers" else f"{plan}-b"
    result = PROVIDER.diff("arn", declared(plan), declared(plan, **{key: value}))
    assert (result.changes, result.replaces) == (None, [key])


@pytest.mark.parametrize(
    "inputs",
    [
        {"on_delete": "retain"},
        {"trigger_details": {"source": "x", "timestamp": 1.0}},
    ],
)
def test_what_cannot_be_edited_is_noted_without_a_call(configured, plan, inputs):
    """`on_delete` and the details of a start that is over are kept in the state only."""
    olds = PROVIDER.create(declared(plan))
    configured.forget()
    assert PROVIDER.diff(olds.id, olds.outs, declared(plan, **inputs)).replaces == []
    PROVIDER.update(olds.id, olds.outs, declared(plan, **inputs))
    assert configured.operations() == []


def test_responders_cause_no_drift(configured, incidents, plan):
    """A retitled and resolved incident is shown as such and neither edited nor started again."""
    inputs = declared(plan, title="Ours")
    result = PROVIDER.create(inputs)
    incidents.update_incident_record(arn=result.id, title="Theirs", impact=5, status="RESOLVED")
    configured.forget()
    read = PROVIDER.read(result.id, result.outs)
    assert configured.operations() == ["GetIncidentRecord"]
    assert read.outs["status"] == "RESOLVED"
    assert read.inputs is None
    assert PROVIDER.diff(result.id, read.outs, inputs).changes is False


def test_a_deleted_record_pages_nobody_again(incidents, plan):
    """The resource stays, as deleted; only new triggers start another incident."""
    result = PROVIDER.create(declared(plan))
    incidents.delete_incident_record(arn=result.id)
    read = PROVIDER.read(result.id, result.outs)
    assert (read.id, read.outs["status"]) == (result.id, "DELETED")
    assert PROVIDER.diff(result.id, read.outs, declared(plan)).changes is False
    PROVIDER.delete(result.id, read.outs)


def test_retain_leaves_the_incident_open(configured, incidents, plan):
    """With `on_delete="retain"` a delete calls nothing."""
    result = PROVIDER.create(declared(plan, on_delete="retain"))
    configured.forget()
    PROVIDER.delete(result.id, result.outs)
    assert configured.operations() == []
    assert record(incidents, result.id)["status"] == "OPEN"


@pytest.fixture
def deduping(incidents, name):
    """Return the ARN of a plan whose starts AWS joins while an incident is open."""
    template = {"title": "Checkout fails", "impact": 2, "dedupeString": name}
    return incidents.create_response_plan(name=name, incidentTemplate=template)["arn"]


def test_somebody_elses_incident_is_not_resolved(incidents, deduping):
    """A start that AWS joined to an incident that was open before leaves that one open."""
    theirs = incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    result = PROVIDER.create(declared(deduping))
    assert (result.id, result.outs["started_here"]) == (theirs, False)
    PROVIDER.delete(result.id, result.outs)
    assert record(incidents, theirs)["status"] == "OPEN"


def test_our_own_incident_is_ours_after_a_crash_though_aws_would_join_it(incidents, deduping):
    """The mark tells the incident of an interrupted run from somebody else's."""
    first = PROVIDER.create(declared(deduping))
    second = PROVIDER.create(declared(deduping))
    assert (second.id, second.outs["started_here"]) == (first.id, True)
    PROVIDER.delete(second.id, second.outs)
    assert record(incidents, first.id)["status"] == "RESOLVED"


def test_of_two_incidents_that_aws_joins_one_is_ours(deduping):
    """Two declarations of one dedupe string share a record; only the first may resolve it."""
    other = {"identity": "acme/urn:pulumi:test::incidents::type::other", "secrets": []}
    first = PROVIDER.create(declared(deduping))
    second = PROVIDER.create({**declared(deduping), "context": other})
    assert first.id == second.id
    assert (first.outs["started_here"], second.outs["started_here"]) == (True, False)


def test_our_own_incident_is_ours_though_lists_lag_behind(configured, incidents, deduping):
    """Related items that are listed late make no stranger of the incident that we started."""
    configured.fault("*", times=None, lag=3)
    result = PROVIDER.create(declared(deduping))
    assert result.outs["started_here"] is True
    PROVIDER.delete(result.id, result.outs)
    assert record(incidents, result.id)["status"] == "RESOLVED"


def test_somebody_elses_incident_is_theirs_though_lists_lag_behind(configured, incidents, deduping):
    """An incident that is listed too late to be known of is still not taken for ours."""
    configured.fault("*", times=None, lag=3)
    theirs = incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    result = PROVIDER.create(declared(deduping))
    assert (result.id, result.outs["started_here"]) == (theirs, False)
    PROVIDER.delete(result.id, result.outs)
    assert record(incidents, theirs)["status"] == "OPEN"


@pytest.mark.parametrize("lag", [1, 300])
def test_a_repeated_create_finds_the_same_incident_though_lists_lag_behind(
    configured, incidents, deduping, lag
):
    """The token finds it at once, whatever the lists say."""
    configured.fault("*", times=None, lag=lag)
    configured.lose_answer("StartIncident", times=None)
    with pytest.raises(_aws.IncidentManagerError):
        PROVIDER.create(declared(deduping))
    configured.heal()
    configured.fault("*", times=None, lag=lag)
    result = PROVIDER.create(declared(deduping))
    configured.heal()
    pages = incidents.get_paginator("list_incident_records").paginate()
    arns = [summary["arn"] for page in pages for summary in page["incidentRecordSummaries"]]
    assert arns == [result.id]


def test_a_forgotten_token_starts_nothing_twice(configured, incidents, plan):
    """When AWS no longer knows the token, the mark on the open record is found."""
    first = PROVIDER.create(declared(plan))
    configured.forget()
    # Another token, as AWS sees it once the first has expired.
    inputs = declared(plan, title="Edited after the crash")
    second = PROVIDER.create(inputs)
    assert first.id == second.id
    assert "StartIncident" not in configured.operations()
    assert record(incidents, first.id)["title"] == "Edited after the crash"


def test_a_token_that_was_used_with_other_details_leads_to_a_new_start(incidents, plan):
    """A crash, a resolution and an edit later, the declared incident is started, and once."""
    first = PROVIDER.create(declared(plan))
    incidents.update_incident_record(arn=first.id, status="RESOLVED")
    inputs = declared(plan, title="Edited after the crash")
    second, third = PROVIDER.create(inputs), PROVIDER.create(inputs)
    assert first.id != second.id == third.id
    assert record(incidents, second.id)["title"] == "Edited after the crash"


def test_nothing_fails_after_people_were_paged(configured, plan):
    """When the record cannot be read after the start, the incident is recorded all the same."""
    configured.fail("GetIncidentRecord", "AccessDeniedException", times=None)
    result = PROVIDER.create(declared(plan))
    assert result.id.startswith("arn:aws:ssm-incidents::123456789012:incident-record/")
    assert (result.outs["status"], result.outs["started_here"]) == ("OPEN", True)


def test_a_disabled_incident_calls_nothing_until_it_is_enabled(configured, plan):
    """`enabled=False` starts nothing, and becoming enabled replaces the placeholder."""
    inputs = declared(plan, enabled=False)
    configured.forget()
    result = PROVIDER.create(inputs)
    assert result.outs["status"] == "DISABLED"
    assert PROVIDER.diff(result.id, result.outs, inputs).changes is False
    PROVIDER.read(result.id, result.outs)
    PROVIDER.update(result.id, result.outs, {**inputs, "title": "New"})
    PROVIDER.delete(result.id, result.outs)
    assert configured.operations() == []
    assert PROVIDER.diff(result.id, result.outs, declared(plan)).replaces == ["enabled"]
    edited = declared(plan, enabled=False, triggers={"n": 1})
    assert PROVIDER.diff(result.id, result.outs, edited).replaces == []


def test_disabling_leaves_a_started_incident_as_it_is(configured, plan):
    """Whoever turns drills off does not resolve the incident that is open."""
    result = PROVIDER.create(declared(plan))
    configured.forget()
    news = declared(plan, enabled=False)
    diff = PROVIDER.diff(result.id, result.outs, news)
    assert (diff.changes, diff.replaces) == (None, [])
    PROVIDER.update(result.id, result.outs, news)
    assert configured.operations() == []


def test_an_override_that_is_taken_back_changes_nothing(plan):
    """A title or impact cannot be cleared at AWS, so leaving it out is no change."""
    result = PROVIDER.create(declared(plan, title="Ours", impact=1.0))
    assert PROVIDER.diff(result.id, result.outs, declared(plan)).changes is False


def test_an_incident_that_was_opened_elsewhere_is_read(incidents, plan):
    """`Incident.get` shows the record and its plan, and nothing is edited."""
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    outs = PROVIDER.read(arn, {"context": {"looked_up": True}}).outs
    assert outs["response_plan_arn"] == plan
    assert (outs["status"], outs["title"], outs["impact"]) == ("OPEN", "Checkout fails", 2)
    assert outs["console_url"].endswith("/systems-manager/incidents/home?region=us-east-1")


def test_a_resolution_is_noted_in_the_timeline_once(configured, plan):
    """Responders see who resolved the incident; one that is resolved already gets no note."""
    result = PROVIDER.create(declared(plan))
    configured.forget()
    PROVIDER.delete(result.id, result.outs)
    PROVIDER.delete(result.id, result.outs)
    assert configured.operations() == [
        "GetIncidentRecord",
        "UpdateIncidentRecord",
        "CreateTimelineEvent",
        "GetIncidentRecord",
    ]


def test_a_secret_is_never_repeated_whoever_refuses_it(plan):
    """What only the documents refuse is masked like what the model refuses."""
    inputs = declared(plan, on_delete="hunter2")
    inputs["response_plan_arn"] = "arn:aws:sns:us-east-1:123456789012:hunter3"
    inputs["context"]["secrets"] = ["on_delete", "response_plan_arn"]
    sentences = [failure.reason for failure in PROVIDER.check({}, inputs).failures]
    assert sorted(sentences) == [
        "on_delete must be one of resolve, retain",
        "response_plan_arn must be the ARN of a response plan",
    ]


def test_a_missing_plan_is_one_sentence(name):
    """The sentence names the operation, the plan and what AWS said."""
    arn = f"arn:aws:ssm-incidents::123456789012:response-plan/{name}"
    with pytest.raises(_aws.NotFoundError, match=rf"StartIncident.*{name}.*ResourceNotFound"):
        PROVIDER.create(declared(arn))


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"on_delete": "delete"}, "on_delete must be one of resolve, retain; got 'delete'"),
        ({"triggers": "x"}, "triggers must be a map"),
        ({"enabled": "no"}, "enabled must be true or false"),
        (
            {"response_plan_arn": "arn:aws:sns:us-east-1:123456789012:topic"},
            "response_plan_arn must be the ARN of a response plan",
        ),
        (
            {"trigger_details": {"source": "aws.ec2", "timestamp": 1}},
            "trigger_details.source must not start with aws., which is AWS's own",
        ),
        (
            {
                "related_items": [
                    {**EVERY_ITEM[0], "generated_id": f"related-item/METRIC/{'A' * 32}"}
                ]
            },
            "related_items[0].generated_id is made by AWS; leave it out",
        ),
        ({"trigger": {}}, "trigger does not exist; did you mean triggers?"),
        ({"impact": 0}, "impact must be 1 to 5 (1 critical"),
    ],
)
def test_check_reports_what_aws_would_refuse(configured, plan, inputs, sentence):
    """What the model says and what only the documents say is found offline."""
    configured.forget()
    (failure,) = PROVIDER.check({}, declared(plan, **inputs)).failures
    assert failure.reason.startswith(sentence)
    assert configured.operations() == []
