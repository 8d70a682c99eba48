"""What is found, ignored and not seen, and how the command ends by it.

Real: the functions that the command calls; the findings are made by hand.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor import ignoring
from pulumi_incidents.commands.doctor.ignoring import Ignore
from pulumi_incidents.commands.doctor.results import Fine, Level
from pulumi_incidents.identity.errors import IncidentManagerError
from tests.findings import (
    CLOSED,
    FOUND,
    KINDS,
    LONELY,
    NOTHING,
    PATIENCE,
    PLAN,
    POLICY,
    SECRET,
    TRUST,
    report,
)

NAMES = [check.name for check in FOUND]
ALL_BUT_UNSEEN = {check: found for check, found in FOUND.items() if check is not TRUST}


@pytest.mark.parametrize(
    ("found", "fail_on", "status"),
    [
        ((PLAN, SECRET), Level.NOTE, 0),
        ((PLAN, KINDS), Level.NOTE, 1),
        ((PLAN, KINDS), Level.WARNING, 0),
        ((PLAN, POLICY), Level.ERROR, 1),
        ((PLAN, POLICY), None, 0),
        ((PLAN, TRUST), Level.ERROR, 2),
        ((PLAN, TRUST), None, 2),
        ((POLICY, TRUST), Level.WARNING, 1),
        ((KINDS, TRUST), Level.WARNING, 2),
    ],
)
def test_the_exit_code_is_of_the_worst_that_is_certain(found, fail_on, status):
    """What is found comes before what nobody knows, and that is never fine."""
    told = report(found={check: FOUND[check] for check in found})
    assert told.status(fail_on) == status


def test_a_finding_has_its_own_level_before_that_of_its_check():
    """A check may find something that is less bad than what it mostly finds."""
    told = report()
    assert [entry.result for entry in told.at_least(Level.NOTE)] == [CLOSED, LONELY]
    assert [entry.result for entry in told.at_least(Level.WARNING)] == [CLOSED]


def test_a_report_is_in_one_order():
    """What was read side by side does not come as it happened to be answered."""
    twins = [Fine("b"), Fine("c"), Fine("a")]
    for given in (twins, [*reversed(twins)]):
        told = report(found={PLAN: given})
        assert [entry.result.subject for entry in told.entries] == ["a", "b", "c"]


def test_what_is_ignored_fails_nothing_and_keeps_its_reason():
    """It is told apart from what is fine, and so is what there is no longer."""
    told = report(PATIENCE, NOTHING, found={PLAN: FOUND[PLAN], KINDS: FOUND[KINDS]})
    assert told.status(Level.NOTE) == 0
    assert [(entry.result, entry.reason) for entry in told.ignored] == [(LONELY, PATIENCE.reason)]
    assert told.unused == [NOTHING]


def test_one_may_decide_to_live_without_looking():
    """What may not be looked at can be ignored as well, with a reason."""
    told = report(Ignore("role-trust", "*", "IAM is another team's"), found={TRUST: FOUND[TRUST]})
    assert told.status(Level.NOTE) == 0
    assert told.unseen == []


def test_what_is_fine_needs_no_ignoring():
    """An entry for something that was mended is told as one to take out."""
    unneeded = Ignore("plan-exists", "*", "none")
    assert report(unneeded).unused == [unneeded]


def test_a_pattern_is_of_one_check_alone():
    """Nothing is ignored that another check finds of the same resource."""
    told = report(Ignore("topic-policy", "*", "all of them"))
    assert [entry.result for entry in told.ignored] == [CLOSED]


def test_an_ignore_is_read_as_it_is_written():
    """An ARN has colons, and a reason may have whatever it wants."""
    text = "topic-policy:arn:aws:sns:*:chat=ours: we know (a=b)"
    read = ignoring.ignore(text, NAMES)
    assert read == Ignore("topic-policy", "arn:aws:sns:*:chat", "ours: we know (a=b)")
    assert str(read) == text


@pytest.mark.parametrize(
    "text", ["", "topic-policy", "topic-policy:*", "topic-policy:*=", "topic-policy:=x", ":*=x"]
)
def test_nothing_is_ignored_without_a_reason(text):
    """Who ignores something says what and why."""
    with pytest.raises(IncidentManagerError, match="CHECK:RESOURCE=reason"):
        ignoring.ignore(text, NAMES)


@pytest.mark.parametrize(
    ("name", "advice"), [("topic-polcy", "did you mean topic-policy"), ("weather", "--list")]
)
def test_an_unknown_check_is_told_with_what_could_be_meant(name, advice):
    """A typing error would else ignore nothing, and nobody would hear of it."""
    with pytest.raises(IncidentManagerError, match=f"no check {name}.*{advice}"):
        ignoring.ignore(f"{name}:*=x", NAMES)


def test_a_file_has_one_in_a_line():
    """Empty lines and comments are for those who read it."""
    lines = ["# known", "", "  two-kinds:*:contact/ana=has a satellite phone  "]
    assert ignoring.ignores(lines, NAMES) == [PATIENCE]
