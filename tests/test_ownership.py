"""Names, owners and tags. Pure: nothing is called."""

from __future__ import annotations

import re

import pytest
from pulumi.output import Unknown

from pulumi_incidents.providers import _model, _ownership

IDENTITY = "acme/urn:pulumi:prod::incidents::my:index:Parent$dynamic/x:ResponsePlan::checkout"
CONTEXT = {"identity": IDENTITY, "secrets": []}
TAG = _ownership.OWNER_TAG


def test_an_automatic_name_is_stable_and_differs_between_stacks():
    """The same resource always gets the same name; another stack's gets another."""
    name = _ownership.automatic_name(IDENTITY)
    assert re.fullmatch(r"checkout-[0-9a-f]{7}", name)
    assert _ownership.automatic_name(IDENTITY) == name
    assert _ownership.automatic_name(IDENTITY.replace("prod", "dev")) != name


@pytest.mark.parametrize("resource", ["x" * 500, "with space/and:colon", "ünïcode", "a"])
def test_automatic_names_and_owners_keep_to_the_limits(resource):
    """Whatever the resource is called, AWS takes the name and the owner's tag."""
    identity = IDENTITY.replace("::checkout", f"::{resource}")
    shape = _model.inputs_of("CreateResponsePlan")
    inputs = {
        "name": _ownership.automatic_name(identity),
        "incident_template": {"title": "t", "impact": 1},
        "tags": {TAG: _ownership.owner(identity)},
    }
    assert list(_model.check(shape, inputs)) == []


def test_the_owner_reads_well_at_3_am():
    """The tag says organisation, project, stack and resource."""
    assert _ownership.owner(IDENTITY).startswith("acme/incidents/prod/checkout@")


def test_a_name_stays_with_a_resource_that_moves():
    """A resource with a new identity, by an alias, keeps its automatic name."""
    first = _ownership.named({}, {"context": CONTEXT})
    moved = {"context": {**CONTEXT, "identity": f"{IDENTITY}-moved"}}
    assert _ownership.named(first, moved)["name"] == first["name"]
    assert _ownership.named({}, moved)["name"] != first["name"]


def test_a_declared_or_unknown_name_is_left_alone():
    """Only a missing name is made up."""
    unknown = Unknown()
    assert _ownership.named({}, {"name": "mine", "context": CONTEXT})["name"] == "mine"
    assert _ownership.named({}, {"name": unknown, "context": CONTEXT})["name"] is unknown


def test_a_plan_belongs_to_the_resource_that_made_it():
    """The owner's tag, or an automatic name, tells an interrupted run from somebody else's plan."""
    mine, theirs = _ownership.owner(IDENTITY), _ownership.owner(f"{IDENTITY}2")
    assert _ownership.is_ours({"context": CONTEXT}, {TAG: mine})
    assert not _ownership.is_ours({"context": CONTEXT}, {TAG: theirs})
    assert not _ownership.is_ours({"context": CONTEXT}, {})
    assert not _ownership.is_ours({}, {})
    assert _ownership.is_ours({"context": {**CONTEXT, "automatic_name": True}}, {})


def test_no_more_tags_than_needed_are_added():
    """One tag for a chosen name, none for an automatic one, none where it would be the 51st."""
    assert _ownership.created_tags({"context": CONTEXT, "tags": {"a": "1"}}) == {
        "a": "1",
        TAG: _ownership.owner(IDENTITY),
    }
    automatic = {**CONTEXT, "automatic_name": True}
    assert _ownership.created_tags({"context": automatic}) == {}
    many = {str(number): "" for number in range(50)}
    assert _ownership.created_tags({"context": CONTEXT, "tags": many}) == many


@pytest.mark.parametrize(
    ("live", "own", "defaults", "expected"),
    [
        ({"a": "1", TAG: "x", "aws:y": "z"}, {"a": "1"}, {}, ({"a": "1"}, {})),
        ({"a": "1", "d": "1"}, {"a": "1"}, {"d": "1"}, ({"a": "1"}, {"d": "1"})),
        ({"d": "2"}, {"d": "2"}, {"d": "1"}, ({"d": "2"}, {"d": "1"})),
        ({"d": "edited"}, {}, {"d": "1"}, ({}, {"d": "edited"})),
        ({}, {"a": "1"}, {"d": "1"}, ({}, {})),
        ({"new": "1"}, {}, {}, ({"new": "1"}, {})),
    ],
)
def test_live_tags_are_parted_into_the_resources_and_the_stacks(live, own, defaults, expected):
    """Drift shows where the tag is declared; AWS's tags and the owner's never show."""
    props = {"tags": own, "default_tags": defaults}
    assert _ownership.users_tags(live, props) == expected
