"""One page for one occurrence, whatever happens in between.

Real: the plugin process of the providers, spoken to as the engine does, and the local AWS.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import grpc
import pytest

from pulumi_incidents.providers.incident import IncidentProvider
from tests.calls import create_plan, items_of, record
from tests.declarations import declared
from tests.plugin import local_configuration, plugin_process


class RefusedError(Exception):
    """The plugin process ended a call with an error; the text is all it said."""


class Made(NamedTuple):
    """What the engine keeps of a resource."""

    id: str
    outs: dict


class Provider:
    """The provider of incidents in its plugin process."""

    def __init__(self, plugin):
        self.plugin = plugin.of(IncidentProvider)

    def call(self, method, *arguments):
        """Call one method; what it refuses is an error of Python's again."""
        try:
            return getattr(self.plugin, method)(*arguments)
        except grpc.RpcError as error:
            raise RefusedError(error.details()) from None

    def create(self, inputs):
        """Create; return the id and the outputs."""
        return Made(*self.call("create", inputs))

    def read(self, arn, outs):
        """Refresh; return the id and the outputs."""
        return Made(*self.call("read", arn, outs))

    def update(self, arn, olds, news):
        """Update; return the outputs."""
        return self.call("update", arn, olds, news)

    def delete(self, arn, outs):
        """Delete."""
        self.call("delete", arn, outs)


@pytest.fixture(scope="module")
def provider(local_aws):
    """Return the provider in a process that every test of this file speaks to."""
    # One retry, so that what is lost for good is soon given up.
    configuration = local_configuration(local_aws.url, **{"aws:maxRetries": "1"})
    with plugin_process(configuration) as plugin:
        yield Provider(plugin)


@pytest.fixture
def plan(incidents, name):
    """Return the ARN of a plan without a dedupe string."""
    return create_plan(incidents, name)


@pytest.fixture
def interrupted(provider, local_aws, incidents):
    """Return a create that AWS accepts and whose answers are lost; it returns the listed ARN."""

    def create(inputs):
        local_aws.lose_answer("StartIncident", times=2)  # to both attempts
        with pytest.raises(RefusedError, match="got no answer"):
            provider.create(inputs)
        return next(iter(arns(incidents)), None)

    return create


def arns(incidents):
    """Return the ARN of everything that was ever started, oldest first."""
    pages = incidents.get_paginator("list_incident_records").paginate()
    return [summary["arn"] for page in pages for summary in page["incidentRecordSummaries"]]


def ended(incidents, arn):
    """Resolve an incident as people do."""
    incidents.update_incident_record(arn=arn, status="RESOLVED")


def test_a_repeated_create_finds_the_same_incident(provider, incidents, plan, interrupted):
    """After a crash, when nothing was recorded, the next run pages nobody again."""
    first = interrupted(declared(plan, triggers={"drill": "1"}))
    second = provider.create(declared(plan, triggers={"drill": "1"}))
    assert (second.id, second.outs["started_here"]) == (first, True)
    assert arns(incidents) == [first]


def test_what_people_resolved_after_a_crash_pages_nobody_again(
    provider, incidents, plan, interrupted
):
    """The occurrence has had its page; that it is over is recorded."""
    first = interrupted(declared(plan))
    ended(incidents, first)
    second = provider.create(declared(plan))
    assert (second.id, second.outs["status"]) == (first, "RESOLVED")
    assert arns(incidents) == [first]


def test_an_incident_that_is_in_a_state_is_taken_over_only_on_request(provider, incidents, plan):
    """A name may be that of another stack: refused in one sentence, or adopted, and then its own.

    Whoever had it neither edits nor resolves it any more.
    """
    before = provider.create(declared(plan))
    with pytest.raises(RefusedError) as refused:
        provider.create(declared(plan))
    assert "was started under this name for these `triggers`, and acme/incidents/test/" in str(
        refused.value
    )
    after = provider.create(declared(plan, adopt_existing=True, title="Ours"))
    assert after.id == before.id
    assert arns(incidents) == [before.id]
    assert record(incidents, before.id)["title"] == "Ours"
    with pytest.raises(RefusedError, match="by now and is left as it is"):
        provider.update(before.id, before.outs, declared(plan, impact=1.0))
    assert provider.read(before.id, before.outs).outs["started_here"] is False
    provider.delete(before.id, before.outs)
    assert record(incidents, before.id)["status"] == "OPEN"
    provider.delete(after.id, after.outs)
    assert record(incidents, before.id)["status"] == "RESOLVED"


def test_a_resolved_incident_of_an_earlier_life_is_not_taken_for_the_new_one(
    provider, incidents, plan
):
    """Destroy, then up again: a new incident, not the old, resolved one."""
    inputs = declared(plan)
    lives = []
    for _ in range(3):
        result = provider.create(inputs)
        lives.append(result.id)
        assert record(incidents, result.id)["status"] == "OPEN"
        provider.delete(result.id, result.outs)
        assert record(incidents, result.id)["status"] == "RESOLVED"
    assert len(set(lives)) == 3


def test_retain_leaves_the_incident_open_and_lets_it_go(provider, local_aws, incidents, plan):
    """With `on_delete="retain"` it stays open, and declared again, another one is started."""
    result = provider.create(declared(plan, on_delete="retain"))
    local_aws.forget()
    provider.delete(result.id, result.outs)
    assert local_aws.operations() == ["ListTagsForResource", "TagResource"]
    assert record(incidents, result.id)["status"] == "OPEN"
    assert provider.create(declared(plan)).id != result.id


@pytest.fixture
def deduping(incidents, name):
    """Return the ARN of a plan whose starts AWS joins while an incident is open."""
    return create_plan(incidents, name, dedupeString=name)


def test_somebody_elses_incident_is_not_resolved(provider, incidents, deduping):
    """A start that AWS joined to an incident that was open before leaves that one open."""
    theirs = incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    result = provider.create(declared(deduping))
    assert (result.id, result.outs["started_here"]) == (theirs, False)
    provider.delete(result.id, result.outs)
    assert record(incidents, theirs)["status"] == "OPEN"


def test_our_own_incident_is_ours_after_a_crash_though_aws_would_join_it(
    provider, incidents, deduping, interrupted
):
    """The mark tells the incident of an interrupted run from somebody else's."""
    first = interrupted(declared(deduping))
    second = provider.create(declared(deduping))
    assert (second.id, second.outs["started_here"]) == (first, True)
    provider.delete(second.id, second.outs)
    assert record(incidents, first)["status"] == "RESOLVED"


def test_of_two_incidents_that_aws_joins_one_is_ours(provider, deduping):
    """Two declarations of one dedupe string share a record; only the first may resolve it."""
    other = {"identity": "acme/urn:pulumi:test::incidents::type::other", "secrets": []}
    first = provider.create(declared(deduping))
    second = provider.create({**declared(deduping), "context": other})
    assert first.id == second.id
    assert (first.outs["started_here"], second.outs["started_here"]) == (True, False)


def test_our_own_incident_is_ours_though_lists_lag_behind(provider, local_aws, incidents, deduping):
    """Related items that are listed late make no stranger of the incident that we started."""
    local_aws.fault("*", times=None, lag=3)
    result = provider.create(declared(deduping))
    assert result.outs["started_here"] is True
    provider.delete(result.id, result.outs)
    assert record(incidents, result.id)["status"] == "RESOLVED"


def test_somebody_elses_incident_is_theirs_though_lists_lag_behind(
    provider, local_aws, incidents, deduping
):
    """An incident that is listed too late to be known of is still not taken for ours."""
    local_aws.fault("*", times=None, lag=3)
    theirs = incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    result = provider.create(declared(deduping))
    assert (result.id, result.outs["started_here"]) == (theirs, False)
    provider.delete(result.id, result.outs)
    assert record(incidents, theirs)["status"] == "OPEN"


@pytest.mark.parametrize("lag", [1, 300])
def test_a_repeated_create_finds_the_same_incident_though_lists_lag_behind(
    provider, local_aws, incidents, deduping, lag
):
    """The token finds it at once, whatever the lists say."""
    local_aws.fault("*", times=None, lag=lag)
    local_aws.lose_answer("StartIncident", times=None)
    with pytest.raises(RefusedError):
        provider.create(declared(deduping))
    local_aws.heal()
    local_aws.fault("*", times=None, lag=lag)
    result = provider.create(declared(deduping))
    local_aws.heal()
    assert arns(incidents) == [result.id]


def test_the_mark_is_found_though_it_is_on_the_second_page(provider, incidents, plan, interrupted):
    """AWS adds items of its own to the 100 that it takes, in an order that nobody promises."""
    items = [
        {"identifier": {"type": "OTHER", "value": {"url": f"https://a.b/{i}"}}} for i in range(99)
    ]
    first = interrupted(declared(plan, related_items=items))
    about = {"incidentRecordArn": first}
    mark = items_of(incidents, first)[-1]
    del mark["generatedId"]
    for change in ({"itemToRemove": mark["identifier"]}, {"itemToAdd": mark}):
        incidents.update_related_items(**about, relatedItemsUpdate=change)
    page = incidents.list_related_items(**about, maxResults=100)["relatedItems"]
    assert mark["identifier"] not in [item["identifier"] for item in page]
    ended(incidents, first)
    second = provider.create(declared(plan, related_items=items, title="Edited after the crash"))
    assert (second.id, arns(incidents)) == (first, [first])


def test_a_forgotten_token_starts_nothing_twice(provider, local_aws, incidents, plan, interrupted):
    """When AWS no longer knows the token, the mark on the open record is found."""
    first = interrupted(declared(plan))
    local_aws.forget()
    second = provider.create(declared(plan, title="Edited after the crash"))
    assert second.id == first
    assert "StartIncident" not in local_aws.operations()
    assert record(incidents, first)["title"] == "Edited after the crash"


def test_an_edit_between_two_attempts_pages_nobody_again(provider, incidents, plan, interrupted):
    """A crash, a resolution and an edit later, the record that was resolved is found again."""
    first = interrupted(declared(plan))
    ended(incidents, first)
    second = provider.create(declared(plan, title="Edited after the crash"))
    assert (second.id, second.outs["status"]) == (first, "RESOLVED")
    assert arns(incidents) == [first]


def test_an_edit_between_two_lives_starts_the_next_one(provider, incidents, plan):
    """Destroyed, edited and declared again, an incident pages again, with what it says now."""
    before = provider.create(declared(plan, title="Before"))
    provider.delete(before.id, before.outs)
    after = provider.create(declared(plan, title="After"))
    assert arns(incidents) == [before.id, after.id]
    assert record(incidents, after.id)["title"] == "After"


def test_a_start_with_other_details_that_is_not_listed_is_refused(
    provider, local_aws, incidents, plan, interrupted
):
    """A list that lags for long starts nothing twice: one sentence says what to do."""
    local_aws.fault("*", times=None, lag=300)
    assert interrupted(declared(plan)) is None
    with pytest.raises(RefusedError) as refused:
        provider.create(declared(plan, title="Edited after the crash"))
    assert "is not listed: run again in a minute, or change `triggers`" in str(refused.value)
    local_aws.heal()
    found = provider.create(declared(plan, title="Edited after the crash")).id
    assert arns(incidents) == [found]


@pytest.mark.parametrize(
    "code", ["ValidationException", "ConflictException"], ids=["Validation", "Conflict"]
)
def test_a_plan_called_token_is_no_used_token(provider, local_aws, incidents, code):
    """What AWS says of a plan named `token-service` is one sentence after one start."""
    template = {"title": "Checkout fails", "impact": 2}
    plan = incidents.create_response_plan(name="token-service", incidentTemplate=template)["arn"]
    local_aws.fail("StartIncident", code, times=None, message=f"{plan} is not ready")
    with pytest.raises(RefusedError, match="token-service is not ready"):
        provider.create(declared(plan))
    assert local_aws.operations().count("StartIncident") == 1


def test_a_token_that_stays_used_ends_in_a_sentence(provider, local_aws, incidents, plan):
    """Whatever AWS means by it, a start is not repeated with new tokens without end."""
    message = "The clientToken was used before"
    local_aws.fail("StartIncident", "ValidationException", times=None, message=message)
    with pytest.raises(RefusedError, match="other inputs, and it is not listed"):
        provider.create(declared(plan))
    assert local_aws.operations().count("StartIncident") == 1
    assert arns(incidents) == []


class Resolver:
    """Resolves, or deletes, whatever is started, the moment it is started."""

    def __init__(self, local_aws, how):
        self.incidents = local_aws.client("ssm-incidents")
        self.how = how
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        """Work until it is over."""
        only = [{"key": "status", "condition": {"equals": {"stringValues": ["OPEN"]}}}]
        while not self.over.wait(0.005):
            for summary in self.incidents.list_incident_records(filters=only)[
                "incidentRecordSummaries"
            ]:
                if self.how == "resolves":
                    ended(self.incidents, summary["arn"])
                else:
                    self.incidents.delete_incident_record(arn=summary["arn"])

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


@pytest.mark.parametrize("how", ["resolves", "deletes"])
def test_what_ends_incidents_at_once_brings_no_second_page(
    provider, local_aws, incidents, plan, how
):
    """An auto-closer or a fast responder: the record that this call made is ours, as it is.

    A record that is gone is not told from one of an earlier life, so that starts are bounded.
    """
    local_aws.delay("GetIncidentRecord", 0.3, times=None)
    local_aws.forget()
    with Resolver(local_aws, how):
        result = provider.create(declared(plan))
    local_aws.heal()
    asked = local_aws.operations()
    assert result.outs["started_here"] is True
    if how == "resolves":
        assert (result.outs["status"], asked.count("StartIncident")) == ("RESOLVED", 1)
        assert arns(incidents) == [result.id]
    else:
        assert asked.count("StartIncident") <= 3


@pytest.mark.parametrize("lives", [1, 3])
def test_a_deleted_record_is_gone_and_declared_again_another_one_starts(
    provider, incidents, plan, lives
):
    """Record deleted, destroy, up: people are paged anew, and the ARN is that of a record."""
    for _ in range(lives):
        result = provider.create(declared(plan))
        incidents.delete_incident_record(arn=result.id)
        provider.delete(result.id, result.outs)
    result = provider.create(declared(plan))
    assert record(incidents, result.id)["status"] == "OPEN"


def test_a_tenth_life_is_found_with_as_few_calls_as_the_second(
    provider, local_aws, incidents, plan
):
    """However often an occurrence came back, the calls before its page are the same."""
    counts = []
    for _ in range(10):
        local_aws.forget()
        result = provider.create(declared(plan))
        counts.append(len(local_aws.operations()))
        assert record(incidents, result.id)["status"] == "OPEN"
        provider.delete(result.id, result.outs)
    assert len(set(counts[1:])) == 1
    assert len(set(arns(incidents))) == 10


def test_nobody_waits_for_what_others_have_open(provider, local_aws, incidents, plan, name):
    """Before the page come a few calls, whatever is open in the account, and of the plan."""
    others = incidents.create_response_plan(
        name=f"{name}-others", incidentTemplate={"title": "t", "impact": 2}
    )["arn"]
    for start in [others] * 120 + [plan] * 10:
        incidents.start_incident(responsePlanArn=start)
    local_aws.forget()
    provider.create(declared(plan))
    before = local_aws.operations().index("StartIncident")
    assert before <= 5, local_aws.operations()


def test_what_may_not_be_read_is_no_reason_not_to_page(provider, local_aws, incidents, deduping):
    """Denied every read, a start is made all the same, and what it answers is not claimed."""
    theirs = incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    for operation in (
        "GetIncidentRecord",
        "GetResponsePlan",
        "ListIncidentRecords",
        "ListRelatedItems",
        "ListTagsForResource",
    ):
        local_aws.fail(operation, "AccessDeniedException", times=None)
    result = provider.create(declared(deduping))
    assert (result.id, result.outs["started_here"]) == (theirs, False)
    local_aws.heal()
    provider.delete(result.id, result.outs)
    assert record(incidents, theirs)["status"] == "OPEN"


def test_where_marks_are_unreadable_and_lists_lag_nothing_of_others_is_ours(
    provider, local_aws, incidents, deduping
):
    """Somebody else's incident, that is not listed yet and cannot be looked into, stays theirs."""
    local_aws.fail("ListRelatedItems", "AccessDeniedException", times=None)
    local_aws.fault("ListIncidentRecords", times=None, lag=300)
    theirs = incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    result = provider.create(declared(deduping))
    assert (result.id, result.outs["started_here"]) == (theirs, False)


def test_a_join_of_an_earlier_life_is_not_taken_for_a_page(provider, incidents, deduping):
    """Joined once to what is resolved by now, a start for the next life makes an incident."""
    theirs = incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    joined = provider.create(declared(deduping))
    provider.delete(joined.id, joined.outs)
    ended(incidents, theirs)
    result = provider.create(declared(deduping))
    assert result.id != theirs
    assert record(incidents, result.id)["status"] == "OPEN"


def test_the_end_is_written_before_the_incident_is_resolved(provider, local_aws, incidents, plan):
    """A run that is killed in between, and starts again later, ends in another page."""
    result = provider.create(declared(plan))
    local_aws.fail("UpdateIncidentRecord", "AccessDeniedException")
    with pytest.raises(RefusedError):
        provider.delete(result.id, result.outs)
    assert record(incidents, result.id)["status"] == "OPEN"
    provider.delete(result.id, result.outs)
    assert record(incidents, result.id)["status"] == "RESOLVED"
    local_aws.fail("TagResource", "AccessDeniedException")
    again = provider.create(declared(plan))
    assert again.id != result.id
    local_aws.fail("TagResource", "AccessDeniedException")
    with pytest.raises(RefusedError, match="TagResource"):
        provider.delete(again.id, again.outs)
    assert record(incidents, again.id)["status"] == "OPEN"
