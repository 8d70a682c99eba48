"""Promises for every declaration there can be, checked on thousands of random ones.

Real: botocore's model, the provider classes, boto3 and the local AWS over HTTP. What AWS should
have is worked out here by `meaning`, which shares no code with the providers.

Every run checks the same examples. To search further, with random seeds and, here, 20 times as
many examples: `PROPERTY_SEARCH=20 pytest tests/test_properties.py`. What fails is replayed first
the next time.
"""

from __future__ import annotations

import copy
import http.client
import itertools
import json
import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.model import ListShape, MapShape, StructureShape
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import Unknown

from pulumi_incidents.providers import _diff, _model
from pulumi_incidents.providers.incident import IncidentProvider
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from tests.strategies import edited, examples, mutated, places, replaced, respelled, valid

PLAN = _model.inputs_of("ssm-incidents", "CreateResponsePlan")
START = _model.inputs_of("ssm-incidents", "StartIncident")
PLANS, INCIDENTS = ResponsePlanProvider(), IncidentProvider()

OWNER = "pulumi-incidents:owner"
SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm-incidents/aws4_request"
SERVICES = re.compile(" must be the (ARN of an SNS topic|name (or the ARN of a secret|of an auto))")
EMPTIES = ("", [], {})
# Lists whose order means nothing, from the documents of CreateResponsePlan.
SETS = ("engagements", "chatbotSns", "notificationTargets")


def meaning(shape, value, spelled=xform_name):
    """Return what AWS stores for `value` in the API's names; None is "not set".

    `spelled` gives the key in `value` of a member. What is wrong in `value` stays as it is.
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return _members(shape, value, spelled)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_entry(shape.member, item, spelled) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _entry(shape.value, item, spelled) for key, item in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, str):
        return _seconds(value)
    if shape.type_name == "timestamp" and isinstance(value, float) and abs(value) < 1e9:
        return timedelta(seconds=value).total_seconds()  # a microsecond is the least there is
    whole = shape.type_name == "integer" and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _members(shape, value, spelled):
    known = {spelled(name): name for name in shape.members}
    result = {}
    for key, item in value.items():
        if key not in known:
            result[key] = "unknown"  # AWS overlooks a null; for a user it is a mistake all the same
            continue
        name = known[key]
        stored = meaning(shape.members[name], item, spelled)
        if name in SETS and isinstance(stored, list):
            stored = sorted(stored, key=json.dumps)
        # The choice of a union counts even where it says nothing.
        if shape.is_tagged_union and item not in (None, []):
            result[name] = {} if stored is None else stored
        elif stored is not None and (name in shape.required_members or stored not in EMPTIES):
            result[name] = stored
    says_nothing = shape.is_tagged_union and all(item == {} for item in result.values())
    return None if says_nothing or not result else result


def _seconds(text):
    try:
        moment = datetime.fromisoformat(re.sub("Z$", "+00:00", text))
    except ValueError:
        return text
    return moment.timestamp() if moment.tzinfo else text


def _entry(shape, value, spelled):
    """Return an entry of a list or a map, which is there even if it says nothing."""
    stored = meaning(shape, value, spelled)
    return {} if stored is None and isinstance(value, dict) else stored


def refusals(provider, declared):
    """Return the sentences with which `check` refuses a declaration."""
    return [failure.reason for failure in provider.check({}, copy.deepcopy(declared)).failures]


# The life of a plan


def with_room(declared):
    """Return a declaration that leaves AWS's last place for a mark of ours, as `check` wants it."""
    room = dict(declared)
    if isinstance(room.get("tags"), dict) and len(room["tags"]) == 50:
        room["tags"] = dict([*room["tags"].items()][:49])
    if isinstance(room.get("related_items"), list) and len(room["related_items"]) == 100:
        room["related_items"] = room["related_items"][:99]
    return room


@st.composite
def lives(draw):
    """Draw three declarations of one plan: each another one, an edited one or a respelled one."""
    steps = [with_room(draw(valid(PLAN)))]
    for _ in range(2):
        kinds = [valid(PLAN), edited(PLAN, steps[-1]), respelled(PLAN, steps[-1])]
        steps.append({**with_room(draw(st.one_of(kinds))), "name": steps[0]["name"]})
    return steps


def as_checked(declared):
    """Return a declaration as the engine hands it to the methods after `check`."""
    context = {"identity": "acme/urn:pulumi:test::incidents::type::plan", "secrets": []}
    result = PLANS.check({}, {**copy.deepcopy(declared), "context": context})
    assert result.failures == []
    return result.inputs


def calls_between(olds, news):
    """Return the calls that AWS needs to take a plan from one declaration to another."""
    before, after = meaning(PLAN, olds), meaning(PLAN, news)
    old_tags, new_tags = (with_owner(plan.pop("tags", {})) for plan in (before, after))
    return [
        *(["UpdateResponsePlan"] if before != after else []),
        *(["UntagResource"] if old_tags.keys() - new_tags.keys() else []),
        *(["TagResource"] if new_tags.items() - old_tags.items() else []),
    ]


def with_owner(tags):
    """Return the tags that a plan has: the user's, and the owner's mark."""
    return {**tags, OWNER: "any"}


def assert_live(incidents, arn, declared, outs):
    """Assert that AWS has what is declared, and that a refresh and a diff see it so."""
    live = incidents.get_response_plan(arn=arn)
    tags = incidents.list_tags_for_resource(resourceArn=arn)["tags"]
    live["tags"] = {key: value for key, value in tags.items() if key != OWNER}
    del live["arn"], live["ResponseMetadata"]
    assert meaning(PLAN, live, str) == meaning(PLAN, declared)
    assert PLANS.diff(arn, PLANS.read(arn, outs).inputs, declared).changes is False
    assert PLANS.diff(arn, outs, declared).changes is False


@pytest.mark.parametrize("_part", range(3))
@examples(200)
@given(data=st.data())
def test_any_plan_can_become_any_other(configured, incidents, data, _part):
    """AWS has what was declared last, whatever came before, and no call was made in vain."""
    first, *rest = steps = data.draw(lives())
    configured.forget()
    created = PLANS.create(as_checked(first))
    arn, outs = created.id, created.outs
    expected = ["CreateResponsePlan"]
    try:
        assert_live(incidents, arn, first, outs)
        for olds, news in itertools.pairwise(steps):
            inputs, calls = as_checked(news), calls_between(olds, news)
            assert PLANS.diff(arn, outs, inputs).changes is (None if calls else False)
            outs = PLANS.update(arn, outs, inputs).outs
            expected += calls
            assert_live(incidents, arn, news, outs)
        imported = PLANS.read(arn, {"context": {"looked_up": True}}).outs
        assert PLANS.diff(arn, imported, rest[-1]).changes is False
    finally:
        PLANS.delete(arn, outs)
    made = [entry["operation"] for entry in configured.requests() if entry["mutating"]]
    assert made == [*expected, "DeleteResponsePlan"]


@pytest.mark.usefixtures("configured")
def test_the_last_place_is_for_the_mark(incidents):
    """49 tags and 99 related items are the user's, and one more is refused in preview, by name."""
    few = {"name": "p", "incident_template": {"title": "t", "impact": 1.0}}
    most = {**few, "tags": {str(key): "" for key in range(49)}}
    created = PLANS.create(as_checked(few))
    updated = PLANS.update(created.id, created.outs, as_checked(most))
    assert_live(incidents, created.id, most, updated.outs)
    (reason,) = refusals(PLANS, {**few, "tags": {str(key): "" for key in range(50)}})
    assert reason == "tags must be at most 49 entries: one more says whose it is"
    item = {"identifier": {"type": "OTHER", "value": {"url": "https://example.com"}}}
    start = {"response_plan_arn": created.id, "related_items": [item] * 100}
    (reason,) = refusals(INCIDENTS, start)
    assert reason == "related_items must be at most 99 items: one more says who has started it"
    assert refusals(INCIDENTS, {**start, "related_items": [item] * 99}) == []


# What AWS would refuse


class Unchecked:
    """Incident Manager without anything on the way to it that would stop or mend a request."""

    def __init__(self, local_aws):
        self.client = local_aws.client("ssm-incidents", config=Config(parameter_validation=False))
        self._address = urlsplit(local_aws.url)

    def post(self, operation, body):
        """Return the status of an answer to raw JSON, and what the answer says."""
        connection = http.client.HTTPConnection(self._address.hostname, self._address.port)
        connection.request("POST", f"/{operation}", json.dumps(body), {"Authorization": SCOPE})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        return response.status, answer

    def create(self, parameters):
        """Return what AWS says to CreateResponsePlan: nothing when it takes it."""
        status, answer = self.post("createResponsePlan", parameters)
        if status == 201:
            self.client.delete_response_plan(arn=answer["arn"])
        return refusal(status, answer)

    def start(self, parameters):
        """Return what AWS says to StartIncident: nothing when it takes it."""
        status, answer = self.post("startIncident", parameters)
        if status == 200:
            self.client.delete_incident_record(arn=answer["incidentRecordArn"])
        return refusal(status, answer)


def refusal(status, answer):
    """Return what a ValidationException says; any other error is a fault of the test."""
    assert status in (200, 201, 400), answer
    return answer["message"] if status == 400 else ""


@pytest.fixture(autouse=True)
def _unminded(local_aws):
    """Let plans name topics that are not there: those of random plans."""
    local_aws.permissions("off")


@pytest.fixture(scope="module")
def unchecked(local_aws):
    """Return a way to ask AWS itself what it refuses."""
    return Unchecked(local_aws)


@pytest.fixture
def started_plan(incidents):
    """Return the ARN of a plan without a dedupe string."""
    template = {"title": "Checkout fails", "impact": 2}
    return incidents.create_response_plan(name="started", incidentTemplate=template)["arn"]


@examples(1000)
@given(declared=mutated(PLAN))
def test_check_refuses_a_plan_exactly_if_aws_does(unchecked, declared):
    """What `check` lets through AWS takes, and what it refuses AWS would have refused."""
    declared = with_room(declared)
    reasons = refusals(PLANS, declared)
    if reasons:
        # What is of another service the local AWS does not look at without permissions.
        elsewhere = all(SERVICES.search(reason) for reason in reasons)
        assert elsewhere or unchecked.create(meaning(PLAN, declared) or {}), reasons
        return
    request = _model.to_api(PLAN, _diff.canonical(PLAN, declared))
    assert meaning(PLAN, request, str) == meaning(PLAN, declared)
    arn = unchecked.client.create_response_plan(**request)["arn"]
    unchecked.client.delete_response_plan(arn=arn)


@examples(1000)
@given(declared=mutated(START))
def test_check_refuses_a_start_exactly_if_aws_does(unchecked, started_plan, declared):
    """What `check` lets through AWS takes, and what it refuses AWS would have refused."""
    declared = with_room(declared)
    plan_arn = {"response_plan_arn": declared.get("response_plan_arn")}
    if not list(_model.check(START, plan_arn)):
        declared = {**declared, "response_plan_arn": started_plan}
    reasons = refusals(INCIDENTS, declared)
    if reasons:
        assert all(map(SERVICES.search, reasons)) or unchecked.start(
            meaning(START, declared) or {}
        ), reasons
        return
    request = _model.to_api(START, _diff.canonical(START, declared))
    assert meaning(START, request, str) == meaning(START, declared)
    arn = unchecked.client.start_incident(**request)["incidentRecordArn"]
    unchecked.client.delete_incident_record(arn=arn)


@examples(500)
@given(declared=st.one_of(valid(PLAN), mutated(PLAN)), key=st.sampled_from([*PLAN.members]))
def test_the_apis_own_spelling_is_refused(declared, key):
    """A camelCase key is never taken for an input, nor silently dropped."""
    if key == xform_name(key):
        return
    assert any(reason.startswith(key) for reason in refusals(PLANS, {**declared, key: "x"}))


# Translation and comparison

DECLARATIONS = st.one_of(
    st.tuples(st.just(shape), st.just(operation), valid(shape))
    for operation, shape in (("CreateResponsePlan", PLAN), ("StartIncident", START))
)


@st.composite
def pairs(draw, *ways):
    """Draw a shape and two of its values; one of `ways` leads from the first to the second."""
    shape, _operation, value = draw(DECLARATIONS)
    return shape, value, draw(draw(st.sampled_from(ways))(shape, value))


def another(shape, _value):
    """Return values that have nothing to do with the first."""
    return valid(shape)


@examples(400)
@given(DECLARATIONS)
def test_a_valid_declaration_survives_translation(declaration):
    """What is sent is what is declared, also to botocore, and comes back as the same."""
    shape, operation, declared = declaration
    assert list(_model.check(shape, declared)) == []
    canonical = _diff.canonical(shape, declared)
    assert _diff.canonical(shape, canonical) == canonical
    request = _model.to_api(shape, canonical)
    assert ParamValidator().validate(request, shape).generate_report() == ""
    assert on_the_wire(operation, request) == meaning(shape, declared)
    returned = _model.from_api(shape, request)
    assert _diff.canonical(shape, returned) == canonical


def on_the_wire(operation, request):
    """Return the body that botocore makes of a request."""
    serializer = create_serializer("rest-json", include_validation=False)
    model = _model._service_model("ssm-incidents").operation_model(operation)
    body = json.loads(serializer.serialize_to_request(request, model)["body"])
    return meaning(model.input_shape, body, str)


@examples(400)
@given(pairs(respelled))
def test_another_spelling_is_no_change(pair):
    """Order of set-like lists, whole floats and every spelling of "unset" mean the same."""
    shape, value, other = pair
    assert list(_model.check(shape, other)) == []
    assert _diff.changed(shape, value, value) == []
    assert _diff.changed(shape, value, other) == []
    assert _diff.changed(shape, other, value) == []


@examples(600)
@given(pairs(another, edited, respelled))
def test_exactly_what_means_something_else_is_a_change(pair):
    """The changed properties are those that AWS would store differently, from either side."""
    shape, olds, news = pair
    before, after = meaning(shape, olds), meaning(shape, news)
    names = _model.members(shape)
    different = [key for key, name in names.items() if before.get(name) != after.get(name)]
    assert _diff.changed(shape, olds, news) == different
    assert _diff.changed(shape, news, olds) == different


@examples(600)
@given(pairs(another, edited, respelled))
def test_a_refresh_takes_over_drift_and_only_drift(pair):
    """What is stored means what is live, in the user's own spelling where nothing drifted."""
    shape, declared, live = pair
    stored = _diff.reconcile(shape, declared, live)
    drifted = _diff.changed(shape, declared, live)
    assert _diff.changed(shape, stored, live) == []
    untouched = declared.keys() - set(drifted)
    assert {key: stored.get(key, "gone") for key in untouched} == {
        key: declared[key] for key in untouched
    }
    assert stored.keys() <= untouched | set(drifted)


@examples(600)
@given(DECLARATIONS, st.data())
def test_what_is_not_known_yet_is_never_refused(declaration, data):
    """An output of another resource adds no failure in any place, and counts as a change there."""
    shape, _operation, declared = declaration
    path, _inner, _value = data.draw(st.sampled_from(list(places(shape, declared))))
    preview = replaced(declared, path, Unknown())
    provider = INCIDENTS if shape is START else PLANS
    assert set(refusals(provider, preview)) <= set(refusals(provider, declared))
    assert path[0] in _diff.changed(shape, declared, preview)
