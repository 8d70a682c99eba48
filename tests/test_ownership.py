"""Names, owners and tags. Pure: nothing is called."""

from __future__ import annotations

import json
import re

import pytest
from pulumi.output import Unknown

from pulumi_incidents.providers import _backend, _model, _ownership

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
def test_automatic_names_and_marks_keep_to_the_limits(resource):
    """Whatever the resource is called, AWS takes the name and the owner's mark."""
    identity = IDENTITY.replace("::checkout", f"::{resource}")
    shape = _model.inputs_of("ssm-incidents", "CreateResponsePlan")
    for mark in (_ownership.new_mark(identity), _ownership.ended_mark(identity, 1000)):
        inputs = {
            "name": _ownership.automatic_name(identity),
            "incident_template": {"title": "t", "impact": 1},
            "tags": {TAG: mark},
        }
        assert list(_model.check(shape, inputs)) == []


def test_a_mark_reads_well_at_3_am():
    """The tag says organisation, project, stack and resource, and of what is over, how often."""
    mark = _ownership.new_mark(IDENTITY)
    assert re.fullmatch(r"acme/incidents/prod/checkout@[0-9a-f]{12}", mark)
    assert _ownership.holder(mark) == "acme/incidents/prod/checkout"
    over = _ownership.ended_mark(IDENTITY, 3)
    assert over == "acme/incidents/prod/checkout ended=3"
    assert (_ownership.lives_ended(over), _ownership.lives_ended(mark)) == (3, None)
    assert _ownership.holder(over) == "acme/incidents/prod/checkout"


@pytest.mark.parametrize("where", ["environment", "project", "login"])
def test_backends_without_organisations_tell_stacks_of_one_name_apart(where, tmp_path, monkeypatch):
    """The same names on another backend are another identity, wherever the CLI finds it."""
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    identity = IDENTITY.replace("acme/", "organization/")

    def on(url):
        if where == "environment":
            monkeypatch.setenv("PULUMI_BACKEND_URL", url)
        elif where == "project":
            (tmp_path / "Pulumi.yaml").write_text(f"name: x\nbackend:\n  url: {url}\n")
        else:
            (tmp_path / "home" / "credentials.json").write_text(json.dumps({"current": url}))
        _backend._backend.cache_clear()
        return _backend.told_apart(identity)

    urls = ["s3://one", "s3://two", "gs://one", "file:///one", "file:///two", "postgres://u:p@h/d"]
    assert len({on(url) for url in urls}) == len(urls)
    assert on("postgres://other:secret@h/d") == on("postgres://u:p@h/d")
    assert all(found.endswith(identity.partition("/")[2]) for found in map(on, urls))
    assert _backend.told_apart(IDENTITY) == IDENTITY, "an organisation says it already"
    _backend._backend.cache_clear()


def test_a_backend_of_files_is_the_same_however_its_path_is_spelled(tmp_path, monkeypatch):
    """Home folders, relative paths and options of the address make no other backend."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    found = set()
    for url in (
        "file://~",
        f"file://{tmp_path}",
        "file://.",
        f"file://{tmp_path}/?no_tmp_dir=true",
    ):
        monkeypatch.setenv("PULUMI_BACKEND_URL", url)
        _backend._backend.cache_clear()
        found.add(_backend.told_apart(IDENTITY.replace("acme/", "organization/")))
    assert len(found) == 1
    _backend._backend.cache_clear()


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


def test_what_has_another_mark_is_somebody_elses():
    """Only the mark that the state keeps is ours; no mark, or one that is over, is nobody's."""
    mine, theirs = _ownership.new_mark(IDENTITY), _ownership.new_mark(IDENTITY)
    state = {"context": CONTEXT, "owner": mine}
    assert mine != theirs, "the same names prove nothing"
    assert not _ownership.is_others(state, mine)
    assert _ownership.is_others(state, theirs)
    assert not _ownership.is_others(state, None)
    assert not _ownership.is_others(state, _ownership.ended_mark(IDENTITY, 1))
    assert _ownership.is_others({"context": CONTEXT}, mine)


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
