"""Whether an event matches a pattern, as EventBridge has it. Pure; over HTTP where it says so.

The rows follow the examples of the EventBridge user guide (*Comparison operators for use in event
patterns*, *Creating event patterns*) and what AWS's open-source engine documents of arrays.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.emulator.mended import patterns
from pulumi_incidents.emulator.mended.operators import PatternError
from tests.calls import refused
from tests.strategies import examples

EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2026-03-01T12:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-1", "arn:aws:s3:::shop"],
    "detail": {
        "state": "running",
        "count": 5,
        "limit": 301.8,
        "on": True,
        "none": None,
        "empty": "",
        "source-ip": "10.0.0.33",
        "ip6": "2001:db8::7",
        "path": "dir/file*.png",
        "list": [1, "two", None],
        "nothing": [],
        "tags": {"Team": "Shop"},
        "findings": [
            {"Severity": {"Label": "LOW"}, "Type": "a", "Notes": [["x"], ["y"]]},
            {"Severity": {"Label": "CRITICAL"}, "Type": "b", "Fix": "none"},
        ],
    },
}
FINDINGS = "detail.findings"
MATCHING = [
    ("source", ["aws.ec2", "aws.fargate"]),
    ("resources", ["arn:aws:s3:::shop"]),
    ("time", [{"prefix": "2026-03-"}]),
    ("detail.state", [{"prefix": "run"}]),
    ("detail.state", [{"prefix": {"equals-ignore-case": "RUN"}}]),
    ("detail.state", [{"suffix": "ing"}]),
    ("detail.state", [{"suffix": {"equals-ignore-case": "ING"}}]),
    ("detail.state", [{"equals-ignore-case": "Running"}]),
    ("detail.state", [{"wildcard": "r*n*g"}]),
    ("detail.state", [{"wildcard": "running*"}]),
    ("detail.path", [{"wildcard": "dir/*\\*.png"}]),
    ("detail.state", [{"anything-but": "stopped"}]),
    ("detail.state", [{"anything-but": ["stopped", "overloaded"]}]),
    ("detail.state", [{"anything-but": 5}]),
    ("detail.count", [{"anything-but": [1, 2]}]),
    ("detail.count", [{"anything-but": {"prefix": "5"}}]),
    ("detail.none", [{"anything-but": "stopped"}]),
    ("detail.state", [{"anything-but": {"prefix": ["init", "stop"]}}]),
    ("detail.state", [{"anything-but": {"suffix": "ed"}}]),
    ("detail.state", [{"anything-but": {"equals-ignore-case": ["STOPPED", "LOST"]}}]),
    ("detail.state", [{"anything-but": {"wildcard": "*bin*"}}]),
    ("detail.list", [{"anything-but": 1}]),
    ("detail.count", [{"numeric": [">", 0, "<=", 5]}]),
    ("detail.count", [{"numeric": ["=", 5.0]}]),
    ("detail.limit", [{"numeric": ["=", 3.018e2]}]),
    ("detail.limit", [301.8]),
    ("detail.source-ip", [{"cidr": "10.0.0.0/24"}]),
    ("detail.ip6", [{"cidr": "2001:db8::/32"}]),
    ("detail.on", [True]),
    ("detail.none", [None]),
    ("detail.empty", [""]),
    ("detail.list", [None]),
    ("detail.none", [{"exists": True}]),
    ("detail.missing", [{"exists": False}]),
    ("detail.missing", ["x", {"exists": False}]),
    ("detail.nothing", [{"exists": False}]),
    ("detail.tags", [{"exists": False}]),  # only leaves exist
    ("detail.tags.Team", [{"exists": True}]),
    (f"{FINDINGS}.Severity.Label", ["CRITICAL"]),
    (f"{FINDINGS}.Notes", ["y"]),
]
FAILING = [
    ("source", ["AWS.EC2"]),
    ("account", [123456789012]),
    ("detail.state", [{"prefix": "ing"}]),
    ("detail.count", [{"prefix": "5"}]),
    ("detail.state", [{"wildcard": "r*x"}]),
    ("detail.path", [{"wildcard": "dir/\\*.png"}]),
    ("detail.state", [{"anything-but": ["running", "stopped"]}]),
    ("detail.state", [{"anything-but": {"prefix": "run"}}]),
    ("detail.missing", [{"anything-but": "x"}]),
    ("detail.count", [{"numeric": ["<", 5]}]),
    ("detail.state", [{"numeric": [">", 0]}]),
    ("detail.on", [1]),
    ("detail.on", [{"numeric": ["=", 1]}]),
    ("detail.source-ip", [{"cidr": "10.0.1.0/24"}]),
    ("detail.state", [{"cidr": "10.0.1.0/24"}]),
    ("detail.on", ["true"]),
    ("detail.empty", [None]),
    ("detail.none", [{"exists": False}]),
    ("detail.nothing", [{"exists": True}]),
    ("detail.missing", [None]),
    (f"{FINDINGS}.Severity.Label", ["HIGH"]),
    (f"{FINDINGS}.Severity", ["LOW"]),
]


def nested(path, values):
    """Return the pattern for one field."""
    for name in reversed(path.split(".")):
        values = {name: values}
    return values


def matches(pattern, event=EVENT):
    """Say whether an event matches."""
    return patterns.read(json.dumps(pattern)).matches(event)


@pytest.mark.parametrize(("path", "values"), MATCHING)
def test_what_matches(path, values):
    """Every operator lets through what AWS's documents say."""
    assert matches(nested(path, values))


@pytest.mark.parametrize(("path", "values"), FAILING)
def test_what_does_not_match(path, values):
    """Every operator keeps out the rest, types apart: true is not 1, and "5" is no number."""
    assert not matches(nested(path, values))


def of(findings):
    """Return a pattern for the findings of an event."""
    return {"detail": {"findings": findings}}


def test_values_match_together_only_in_one_element_of_an_array():
    """Two fields of two elements are no match, what is absent is looked for in the same element."""
    critical = {"Severity": {"Label": ["CRITICAL"]}}
    assert matches(of({**critical, "Type": ["b"]}))
    assert not matches(of({**critical, "Type": ["a"]}))
    assert matches(of({"Severity": {"Label": ["LOW"]}, "Notes": ["x"]}))
    assert not matches(of({**critical, "Notes": ["x"]}))
    assert matches(of({"Type": ["a"], "Zeal": [{"exists": False}]}))
    assert not matches(of({"Fix": [{"exists": False}], "Type": ["b"]}))


def test_alternatives_are_within_what_else_has_to_match():
    """`$or` is one of its objects at that place of the pattern; several of them multiply."""
    either = {"$or": [{"state": ["lost"]}, {"count": [{"numeric": ["<", 10]}], "on": [True]}]}
    assert matches({"source": ["aws.ec2"], "detail": either})
    assert not matches({"source": ["aws.s3"], "detail": either})
    neither = {"$or": [{"state": ["lost"]}, {"count": [6]}]}
    assert not matches({"detail": neither})
    assert not matches({**neither, "detail": either})
    assert matches({"$or": [{"detail": neither}, {"detail": {"$or": [either, neither]}}]})


def test_a_long_array_is_looked_at_in_a_moment():
    """What matches together is found without trying every combination."""
    element = {f"f{i}": "x" for i in range(8)}
    many = {"detail": {"list": [element] * 300}}
    wanted = {f"f{i}": ["x"] for i in range(7)}
    assert matches({"detail": {"list": {**wanted, "f7": ["x"]}}}, many)
    assert not matches({"detail": {"list": {**wanted, "f7": ["y"]}}}, many)


_LEAVES = st.sampled_from([None, True, False, 0, 1, -2.5, 1e300, "", "a", "1", "true", "ä"])
_KEYS = st.sampled_from("abc")
_EVENTS = st.dictionaries(
    _KEYS,
    st.recursive(
        _LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
        max_leaves=8,
    ),
)


@examples(60)
@given(_EVENTS)
def test_an_event_matches_what_is_made_of_one_of_its_leaves(event):
    """Whatever an event is like, each leaf of it is found at its path, and not its opposite."""

    def leaves(node, path):
        if isinstance(node, dict):
            for name, value in node.items():
                yield from leaves(value, [*path, name])
        elif isinstance(node, list):
            for value in node:
                yield from leaves(value, path)
        else:
            yield path, node

    for path, leaf in leaves(event, []):
        pattern, absent = [leaf], [{"exists": False}]
        for name in reversed(path):
            pattern, absent = {name: pattern}, {name: absent}
        assert matches(pattern, event)
        assert not matches(absent, event)


WRONG = [
    ([], "Filter is not an object"),
    ({}, "Empty objects are not allowed"),
    ({"detail": {}}, "Empty objects are not allowed"),
    ({"source": []}, "Empty arrays are not allowed"),
    ({"source": "aws.ec2"}, "'source' must be an object or an array"),
    ({"source": [["aws.ec2"]]}, "Match value must be String, number, true, false, or null"),
    ({"source": [{}]}, "Match expression name not found"),
    ({"source": [{"prefix": "a", "suffix": "b"}]}, "Only one key allowed in match expression"),
    ({"source": [{"regex": "a"}]}, "Unrecognized match type regex"),
    ({"source": [{"prefix": 1}]}, "prefix match pattern must be a string"),
    ({"source": [{"prefix": ["a"]}]}, "prefix match pattern must be a string"),
    ({"source": [{"prefix": {"wildcard": "a"}}]}, "Unsupported prefix pattern: wildcard"),
    ({"source": [{"equals-ignore-case": ["a"]}]}, "equals-ignore-case match pattern must be"),
    ({"source": [{"wildcard": "a**"}]}, "Consecutive wildcard characters at pos 1"),
    ({"source": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 1"),
    ({"source": [{"wildcard": "a\\"}]}, "Invalid escape character at pos 1"),
    ({"source": [{"anything-but": ["a", 1]}]}, "mixed type is not supported"),
    ({"source": [{"anything-but": []}]}, "Empty arrays are not allowed"),
    ({"source": [{"anything-but": True}]}, "either all values are number or string"),
    ({"source": [{"anything-but": {"numeric": ["=", 1]}}]}, "Unsupported anything-but pattern"),
    ({"source": [{"anything-but": {}}]}, "Unsupported anything-but pattern"),
    ({"source": [{"anything-but": {"prefix": ""}}]}, "Null prefix/suffix not allowed"),
    ({"source": [{"numeric": "1"}]}, "Value of numeric must be an array."),
    ({"source": [{"numeric": ["~", 1]}]}, "Unrecognized numeric range operator: ~"),
    ({"source": [{"numeric": [[], 1]}]}, "Unrecognized numeric range operator: []"),
    ({"source": [{"numeric": ["<", "1"]}]}, "Value of < must be numeric"),
    ({"source": [{"numeric": ["<", 1, ">", 0]}]}, "Bad numeric range operator: >"),
    ({"source": [{"numeric": [">", 1, "<", 1]}]}, "Bottom must be less than top"),
    ({"source": [{"numeric": [">"]}]}, "elements in numeric expression"),
    ({"source": [{"exists": "yes"}]}, "exists match pattern must be either true or false."),
    ({"source": [{"cidr": "10.0.0.1"}]}, "Malformed CIDR, one '/' required"),
    ({"source": [{"cidr": "10.0.0.x/8"}]}, "Malformed CIDR"),
    ({"source": [{"cidr": "10.0.0.1/32"}]}, "IPv4 mask bits must be < 32"),
    ({"$or": {}}, "It must be an Array followed with $or."),
    ({"$or": [{"source": ["a"]}]}, "There must have at least 2 Objects"),
    ({"$or": [{"source": ["a"]}, "b"]}, "Only JSON object is allowed"),
    ({"$or": [{"prefix": ["a"]}, {"suffix": ["b"]}]}, "prefix is a reserved name"),
    (
        {f"f{i}": {"$or": [{"a": [1]}, {"b": [1]}]} for i in range(10)},
        "more than 1000 combinations",
    ),
]


@pytest.mark.parametrize(("pattern", "reason"), WRONG)
def test_a_pattern_that_is_none_is_refused_with_its_reason(pattern, reason):
    """Nothing of a pattern is ignored: what AWS refuses is refused, and says why."""
    with pytest.raises(PatternError) as caught:
        patterns.read(json.dumps(pattern))
    assert reason in str(caught.value)


def test_eventbridge_decides_by_it(local_aws):
    """Over HTTP: TestEventPattern answers, and PutRule, archives and TestEventPattern refuse."""
    events = local_aws.client("events")
    text = json.dumps(EVENT)
    for label, result in (("CRITICAL", True), ("HIGH", False)):
        pattern = json.dumps(of({"Severity": {"Label": [label]}}))
        assert events.test_event_pattern(EventPattern=pattern, Event=text)["Result"] is result
    for wrong in ('{"source": [{"prefix": 1}]}', "{", '{"source": "a"}', "[]"):
        with refused("InvalidEventPatternException") as seen:
            events.put_rule(Name="rule", EventPattern=wrong)
        assert seen["Error"]["Message"].startswith("Event pattern is not valid. Reason: ")
        with refused("InvalidEventPatternException"):
            events.test_event_pattern(EventPattern=wrong, Event=text)
        with refused("InvalidEventPatternException"):
            bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
            events.create_archive(ArchiveName="all", EventSourceArn=bus, EventPattern=wrong)
    assert events.list_rules()["Rules"] == []
    for wrong in ("{", "[]", '{"source": "a"}'):
        with refused("ValidationException") as seen:
            events.test_event_pattern(EventPattern='{"source": ["a"]}', Event=wrong)
        assert seen["Error"]["Message"].startswith("Parameter Event is not valid. Reason: it ")
