"""How resources are declared: one map of inputs, or a keyword for each. On the SDK's own mock."""

from __future__ import annotations

import pulumi
import pytest

from pulumi_incidents.providers import Incident, ResponsePlan
from tests.declarations import minimal
from tests.mocked import PLAN, declared

OPTIONS = pulumi.ResourceOptions(protect=True)


@pytest.mark.parametrize(
    ("given", "keywords"),
    [
        ((), minimal("p")),
        ((OPTIONS,), minimal("p")),
        ((), {**minimal("p"), "opts": OPTIONS}),
        ((minimal("p"),), {}),
        ((minimal("p"), OPTIONS), {}),
        ((minimal("p"),), {"opts": OPTIONS}),
        ((), {"args": minimal("p"), "opts": OPTIONS}),
    ],
)
def test_a_map_and_keywords_declare_the_same(given, keywords):
    """Both ways that people know from pulumi-aws make the same plan."""
    found = declared(lambda: ResponsePlan("p", *given, **keywords))
    assert {key: value for key, value in found["ResponsePlan", "p"].items() if value} == minimal(
        "p"
    )


@pytest.mark.parametrize("kind", [ResponsePlan, Incident])
@pytest.mark.parametrize(
    ("given", "keywords"),
    [
        (([],), {}),
        (("args",), {}),
        (({}, {}), {}),
        (({}, OPTIONS, OPTIONS), {}),
        (({},), {"title": "t"}),
        ((OPTIONS,), {"opts": OPTIONS}),
        ((), {"args": "x"}),
        ((), {"opts": "x"}),
    ],
)
def test_anything_else_is_one_sentence(kind, given, keywords):
    """Inputs both ways at once, a list or wrong options are refused before anything is declared."""
    with pytest.raises(pulumi.RunError, match=f"^{kind.__name__} p takes its inputs as one map or"):
        kind("p", *given, **keywords)


@pytest.mark.parametrize("kind", [ResponsePlan, Incident])
def test_what_a_provider_says_is_no_input(kind):
    """It is handed on by itself: who gives it as an input learns where a provider belongs."""
    with pytest.raises(pulumi.RunError, match=r"^\w+ p: aws_provider is no input of yours"):
        kind("p", aws_provider={"region": "eu-west-1"})


def test_an_incident_takes_a_map_as_well():
    """What holds of one kind holds of the other."""
    found = declared(lambda: Incident("i", {"response_plan_arn": PLAN, "title": "Down"}))
    assert found["Incident", "i"]["title"] == "Down"
