"""The provider of incidents. Real: its methods, boto3 and the local AWS over HTTP."""

from __future__ import annotations

import pytest

from pulumi_incidents.providers import _aws, incident
from pulumi_incidents.providers.incident import IncidentProvider
from tests.calls import create_plan, items_of, record
from tests.declarations import declared

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
    return create_plan(incidents, name)


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
    items = items_of(incidents, result.id)
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


def test_other_triggers_are_another_incident(plan):
    """Each occurrence has a client token of its own."""
    first = PROVIDER.create(declared(plan, triggers={"drill": "1"}))
    second = PROVIDER.create(declared(plan, triggers={"drill": "2"}))
    assert first.id != second.id


def test_title_and_impact_are_edited_in_place_with_one_call(configured, incidents, plan):
    """An edit looks whose it is, sends what changed and starts nothing."""
    created = PROVIDER.create(declared(plan))
    arn, olds = created.id, created.outs
    news = declared(plan, title="New title", impact=1.0)
    result = PROVIDER.diff(arn, olds, news)
    assert (result.changes, result.replaces) == (None, [])
    configured.forget()
    outs = PROVIDER.update(arn, olds, news).outs
    assert configured.operations() == ["ListTagsForResource", "UpdateIncidentRecord"]
    live = record(incidents, arn)
    assert (live["title"], live["impact"]) == ("New title", 1)
    assert PROVIDER.diff(arn, outs, news).changes is False
    assert outs["status"] == "OPEN"


SUMMARY = {"summary": "Customers cannot pay.", "tags": {"service": "checkout"}}


def tags(incidents, arn):
    """Return the tags of a record, without the owner's."""
    found = incidents.list_tags_for_resource(resourceArn=arn)["tags"]
    assert found.pop("pulumi-incidents:owner")
    return found


def test_summary_and_tags_come_right_after_the_start_with_one_call_more(
    configured, incidents, plan
):
    """The tags are written with the owner's mark, and the start itself is as it was."""
    configured.forget()
    created = PROVIDER.create(declared(plan, **SUMMARY))
    asked = configured.operations()
    assert asked.index("StartIncident") < asked.index("UpdateIncidentRecord")
    assert [asked.count(name) for name in ("UpdateIncidentRecord", "TagResource")] == [1, 1]
    assert record(incidents, created.id)["summary"] == SUMMARY["summary"]
    assert tags(incidents, created.id) == SUMMARY["tags"]
    assert PROVIDER.diff(created.id, created.outs, declared(plan, **SUMMARY)).changes is False


def test_a_summary_like_the_plans_takes_no_call(configured, incidents, name):
    """What the record says already is not written."""
    plan = create_plan(incidents, name, summary=SUMMARY["summary"])
    configured.forget()
    PROVIDER.create(declared(plan, summary=SUMMARY["summary"]))
    assert "UpdateIncidentRecord" not in configured.operations()


def test_summary_and_tags_are_edited_in_place(configured, incidents, plan):
    """Only what differs is sent; a summary that is taken out stays, as a title does."""
    created = PROVIDER.create(declared(plan, **SUMMARY))
    news = declared(plan, summary="They can.", tags={"team": "a", "empty": ""})
    assert PROVIDER.diff(created.id, created.outs, news).replaces == []
    configured.forget()
    outs = PROVIDER.update(created.id, created.outs, news).outs
    assert configured.operations() == [
        *("ListTagsForResource", "UpdateIncidentRecord", "UntagResource", "TagResource")
    ]
    assert record(incidents, created.id)["summary"] == "They can."
    assert tags(incidents, created.id) == {"team": "a", "empty": ""}
    configured.forget()
    without = declared(plan)
    outs = PROVIDER.update(created.id, outs, without).outs
    assert configured.operations() == ["ListTagsForResource", "UntagResource"]
    assert tags(incidents, created.id) == {}
    assert record(incidents, created.id)["summary"] == "They can."
    assert PROVIDER.diff(created.id, outs, without).changes is False


@pytest.mark.parametrize("failing", ["UpdateIncidentRecord", "TagResource"])
def test_what_could_not_be_written_after_the_start_is_written_by_the_next_run(
    configured, incidents, plan, capfd, failing
):
    """The incident is recorded, nobody is paged again, and the state does not claim it."""
    configured.fail(failing, "AccessDeniedException", times=1)
    created = PROVIDER.create(declared(plan, **SUMMARY))
    key = "summary" if failing == "UpdateIncidentRecord" else "tags"
    assert f"was started without its {key}: run again." in capfd.readouterr().err
    news = declared(plan, **SUMMARY)
    assert PROVIDER.diff(created.id, created.outs, news).changes is None
    outs = PROVIDER.update(created.id, created.outs, news).outs
    assert record(incidents, created.id)["summary"] == SUMMARY["summary"]
    found = incidents.list_tags_for_resource(resourceArn=created.id)["tags"]
    assert found["service"] == "checkout"
    assert PROVIDER.diff(created.id, outs, news).changes is False
    assert len(incidents.list_incident_records()["incidentRecordSummaries"]) == 1


def test_a_summary_is_written_also_where_the_record_cannot_be_read(configured, plan):
    """What a start has made has the title and impact that were sent, and no other summary."""
    configured.fail("GetIncidentRecord", "AccessDeniedException", times=None)
    created = PROVIDER.create(declared(plan, title="Ours", **SUMMARY))
    (sent,) = (
        request["parameters"]
        for request in configured.requests()
        if request["operation"] == "UpdateIncidentRecord"
    )
    assert sent.pop("clientToken")
    assert sent == {"arn": created.id, "summary": SUMMARY["summary"]}


def test_a_state_of_before_has_no_summary_and_needs_none(plan):
    """An incident that was started by a former version shows nothing to do."""
    created = PROVIDER.create(declared(plan))
    olds = {key: value for key, value in created.outs.items() if key != "summary"}
    assert PROVIDER.diff(created.id, olds, declared(plan)).changes is False


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"summary": "s" * 8001}, "summary must be at most 8000 characters, not 8001; got 'sss"),
        ({"tags": {"aws:x": "y"}}, "tags['aws:x'] has a key that may only have letters, digits"),
        ({"tags": {f"k{n}": "" for n in range(50)}}, "tags must be at most 49 entries: one more "),
        ({"tags": ["a"]}, "tags must be a map; got ['a']"),
    ],
)
def test_summary_and_tags_are_checked_in_preview(inputs, sentence):
    """By the limits of the operations that take them."""
    arn = "arn:aws:ssm-incidents::123456789012:response-plan/checkout"
    (failure,) = PROVIDER.check({}, declared(arn, **inputs)).failures
    assert failure.reason.startswith(sentence)


def test_related_items_are_added_and_removed_in_place(configured, incidents, plan):
    """Only the items that differ are sent, one call each."""
    olds = PROVIDER.create(declared(plan, related_items=EVERY_ITEM[:2]))
    news = declared(plan, related_items=EVERY_ITEM[1:3])
    configured.forget()
    PROVIDER.update(olds.id, olds.outs, news)
    assert configured.operations() == ["ListTagsForResource", *["UpdateRelatedItems"] * 2]
    items = items_of(incidents, olds.id)
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
    assert configured.operations() == ["GetIncidentRecord", "ListTagsForResource"]
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


def test_nothing_fails_after_people_were_paged(configured, plan):
    """When the record can be neither read nor marked, the incident is recorded all the same."""
    configured.fail("TagResource", "AccessDeniedException", times=None)
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
    looked_at = ["ListTagsForResource", "TagResource", "GetIncidentRecord"]
    assert configured.operations() == [
        *looked_at,
        "UpdateIncidentRecord",
        "CreateTimelineEvent",
        *looked_at,
    ]


def test_while_it_is_disabled_other_triggers_change_nothing(configured, plan):
    """A drill that runs stays when its setting is taken away, and the next one replaces it."""
    result = PROVIDER.create(declared(plan, triggers={"drill": "1"}))
    off = declared(plan, enabled=False, triggers={"drill": ""})
    configured.forget()
    assert PROVIDER.diff(result.id, result.outs, off).replaces == []
    outs = PROVIDER.update(result.id, result.outs, off).outs
    assert configured.operations() == []
    assert PROVIDER.diff(result.id, outs, off).changes is False
    same, other = (declared(plan, triggers={"drill": drill}) for drill in ("1", "2"))
    assert PROVIDER.diff(result.id, outs, same).replaces == []
    assert PROVIDER.diff(result.id, outs, other).replaces == ["triggers"]


def test_what_another_account_does_not_have_is_not_gone(incidents, plan, name):
    """With credentials of another account nothing is "deleted", and none is taken for resolved."""
    result = PROVIDER.create(declared(plan))
    # A role of its own: a reset of the local AWS makes the keys of one strange that are kept.
    config = {"assume_role_arn": f"arn:aws:iam::111111111111:role/{name}"}
    elsewhere = {**result.outs, "aws_config": config}
    for call, *given in (
        (PROVIDER.delete, result.id, elsewhere),
        (PROVIDER.read, result.id, elsewhere),
        (PROVIDER.update, result.id, result.outs, {**elsewhere, "title": "New"}),
    ):
        with pytest.raises(_aws.IncidentManagerError, match="credentials are for account 1111"):
            call(*given)
    assert record(incidents, result.id)["status"] == "OPEN"


@pytest.mark.parametrize(
    ("region", "partition", "host"),
    [
        ("us-east-1", "aws", "us-east-1.console.aws.amazon.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "aws-us-gov", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_is_that_of_the_partition(region, partition, host):
    """China and GovCloud have consoles of their own."""
    plan = f"arn:{partition}:ssm-incidents::123456789012:response-plan/p"
    props = {"response_plan_arn": plan, "aws_config": {"region": region}}
    assert incident._console_url(props).startswith(f"https://{host}/systems-manager/incidents/")


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
