"""Sample events that are made of event patterns. Pure.

Whether a sample matches, the local AWS's own reading of patterns says, which knows nothing of how
samples are made, and is itself tried against the examples of AWS's documents.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.commands.doctor.samples import NoSampleError, NothingMatchesError, sample
from pulumi_incidents.emulator.mended import patterns
from tests.strategies import examples

BASE = {
    "version": "0",
    "id": "1",
    "detail-type": "Sample",
    "source": "sample",
    "account": "123456789012",
    "time": "2026-03-01T12:00:00Z",
    "region": "us-east-1",
    "resources": [],
}


def matches(pattern, event):
    """Tell whether an event matches, by the local AWS's reading of patterns."""
    return patterns.read(json.dumps(pattern)).matches(event)


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        5,
        True,
        None,
        {"prefix": "run"},
        {"prefix": ""},
        {"prefix": {"equals-ignore-case": "RUN"}},
        {"suffix": ".png"},
        {"equals-ignore-case": "Alarm"},
        {"wildcard": "dir/*\\*.p*g"},
        {"wildcard": "*"},
        {"numeric": ["=", 3.5]},
        {"numeric": [">", 0, "<", 1]},
        {"numeric": [">=", 5, "<=", 6]},
        {"numeric": ["<", 0]},
        {"exists": True},
        {"exists": False},
        {"cidr": "10.0.0.0/24"},
        {"cidr": "2001:db8::/32"},
        {"anything-but": "sample"},
        {"anything-but": ["sample", "Quota"]},
        {"anything-but": [1, 200]},
        {"anything-but": {"prefix": "sam"}},
        {"anything-but": {"prefix": ["sam", "Q"]}},
        {"anything-but": {"suffix": "e"}},
        {"anything-but": {"equals-ignore-case": ["SAMPLE"]}},
        {"anything-but": {"wildcard": "*a*"}},
    ],
)
def test_a_sample_matches_the_pattern_that_it_is_made_of(entry):
    """With each operator, in a field of its own, in one of several, and within alternatives."""
    wanted = [
        {"detail": {"field": [entry]}},
        {"detail": {"a": {"b": [entry]}, "field": ["x", entry]}, "source": ["aws.ec2"]},
        {"$or": [{"source": [{"exists": False}]}, {"detail": {"field": [entry]}}]},
    ]
    for pattern in wanted:
        assert matches(pattern, sample(pattern, BASE)), pattern


def test_a_sample_has_the_fields_that_every_event_has():
    """What the pattern does not name stays as it is; resources are a list."""
    pattern = {
        "detail-type": [{"prefix": "EC2"}],
        "resources": [{"suffix": "/i-1"}],
        "detail": {"state": ["running"]},
    }
    made = sample(pattern, BASE)
    assert made == {
        **BASE,
        "detail-type": "EC2",
        "resources": ["/i-1"],
        "detail": {"state": "running"},
    }
    assert matches(pattern, made)
    assert sample({"resources": [{"exists": False}]}, BASE)["resources"] == []
    assert sample({"replay-name": [{"prefix": "r"}]}, BASE)["replay-name"] == "r"
    for name in ("detail", "detailType", "source.name"):
        outer, _, inner = name.partition(".")
        entry = [{"exists": False}]
        pattern = {outer: {inner: entry} if inner else entry}
        assert matches(pattern, sample(pattern, BASE))


_NUMBERS = st.integers(-5, 5)
_TEXTS = st.text("ab*é", min_size=1, max_size=3)
_ENTRIES = st.one_of(
    _TEXTS,
    _NUMBERS,
    st.booleans(),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.builds(
        lambda name, text: {name: text},
        st.sampled_from(["prefix", "suffix", "equals-ignore-case"]),
        _TEXTS,
    ),
    st.builds(lambda texts: {"anything-but": texts}, st.lists(_TEXTS, min_size=1, max_size=3)),
    st.builds(
        lambda low, high: {"numeric": [">", low, "<=", low + high]}, _NUMBERS, st.integers(1, 3)
    ),
)
_VALUES = st.lists(_ENTRIES, min_size=1, max_size=2)
_FIELDS = st.recursive(
    _VALUES, lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, min_size=1), max_leaves=6
)
_DETAIL = st.dictionaries(st.sampled_from("xyz"), _FIELDS, min_size=1)


@examples(300)
@given(_DETAIL, st.lists(_DETAIL, min_size=2, max_size=3))
def test_samples_of_any_pattern_match_it(detail, others):
    """Whatever fields, operators and alternatives a pattern has."""
    for pattern in ({"detail": detail}, {"$or": [{"detail": each} for each in others]}):
        assert matches(pattern, sample(pattern, BASE))


@pytest.mark.parametrize(
    ("pattern", "field"),
    [
        ({"source": [{"exists": False}]}, "source"),
        ({"account": [123456789012]}, "account"),
        ({"detail": [{"exists": True}]}, "detail"),
        ({"region": {"name": ["us-east-1"]}}, "region.name"),
        ({"resources": [7]}, "resources"),
        ({"detailType": ["Alarm"]}, "detailType"),
        ({"Detail": {"a": [1]}}, "Detail.a"),
        ({"replay-name": [1]}, "replay-name"),
        ({"$or": [{"time": [None]}, {"id": [1]}], "detail": {"a": [1]}}, "time"),
    ],
)
def test_what_no_event_is_like_is_said(pattern, field):
    """A field that every event has as a text is neither absent nor a number."""
    with pytest.raises(NothingMatchesError, match=f"no event has such a {field}$"):
        sample(pattern, BASE)
    assert not matches(pattern, {**BASE, "detail": {"a": 1}})


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ({"detail": {"a": [{"sounds-like": "x"}]}}, "the operator sounds-like is not known here"),
        ({"detail": {"a": [{"anything-but": {"wildcard": "*"}}]}}, "anything-but leaves"),
        ({"detail": {"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}}, "with cidr is not known"),
    ],
)
def test_a_pattern_of_which_no_sample_can_be_made_says_why(pattern, reason):
    """That is no proof that nothing matches."""
    with pytest.raises(NoSampleError, match=reason):
        sample(pattern, BASE)
