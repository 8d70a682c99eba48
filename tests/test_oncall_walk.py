"""Whom an engagement pages: what `oncall` predicts is what the local AWS sends.

Random teams in any state are read by the API, engaged, and acknowledge after random times; most of
them in the backends of this process, some on a running local AWS, over HTTP with boto3. What both
may have read wrong, nobody could compare with AWS. Some teams are on paper.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from botocore import xform_name

from pulumi_incidents.oncall.team import ESCALATION, PERSON, SCHEDULE, Override
from pulumi_incidents.oncall.walk import Step, What, walk
from tests.direct import BACKENDS, Direct, backends
from tests.forecasts import Forecast
from tests.paper_teams import MONDAY, person, plan, schedule, team, turns

# So many teams are engaged; ONCALL_TEAMS=100000 are more of them.
TEAMS = int(os.environ.get("ONCALL_TEAMS", "1000"))
SHARDS = 6
SERVED = 25
MINUTE = timedelta(minutes=1)
ANA = person("ana", (5, "sms"), (5, "call"), (0, "home"))
BEN, CY = person("ben", (0, "sms")), person("cy", (0, "sms"))


def minutes(events, *kinds):
    """Return what came to pass at which minute after the start: pages, or other kinds of it."""
    kinds = kinds or (What.PAGE,)
    return [((each.time - MONDAY) / MINUTE, each.about) for each in events if each.what in kinds]


def after(count):
    """Return so many minutes."""
    return count * MINUTE


def test_a_person_is_paged_stage_by_stage_until_the_answer():
    """As in AWS's example: three channels at 0, 5 and 10 minutes."""
    made = team(ANA)
    assert minutes(walk(made, ["ana"], MONDAY)) == [
        (0, "ana/sms"),
        (5, "ana/call"),
        (10, "ana/home"),
    ]
    found = walk(made, ["ana"], MONDAY, {"ana": after(4)})
    assert [(each.what, each.about, each.time - MONDAY) for each in found] == [
        (What.PAGE, "ana/sms", after(0)),
        (What.ACKNOWLEDGED, "ana", after(4)),
    ]
    assert found[0].way == found[1].way == (Step("ana", PERSON, 0),)
    late = walk(made, ["ana"], MONDAY, {"ana": after(7)})
    assert minutes(late, What.ACKNOWLEDGED) == [(7, "ana")]  # the first page alone is answered


def test_a_stage_of_the_same_minute_comes_before_the_answer():
    """Whatever is due when somebody acknowledges has been sent by then."""
    made = team(ANA)
    at_five = walk(made, ["ana"], MONDAY, {"ana": after(5)})
    assert minutes(at_five) == [(0, "ana/sms"), (5, "ana/call")]
    dan = person("dan", (0, "sms"), (0, "call"), (1, "x"), (0, "y"))
    at_once = walk(team(dan), ["dan"], MONDAY, {"dan": after(0)})
    assert minutes(at_once) == [(0, "dan/sms"), (0, "dan/call"), (0, "dan/x")]


@pytest.mark.parametrize(
    ("answers", "paged"),
    [
        ({}, [(0, "akuam/sms"), (5, "alejr/sms"), (10, "anasi/sms")]),
        ({"akuam": 3}, [(0, "akuam/sms")]),
        ({"alejr": 2}, [(0, "akuam/sms"), (5, "alejr/sms"), (10, "anasi/sms")]),
        ({"akuam": 7}, [(0, "akuam/sms"), (5, "alejr/sms")]),
    ],
)
def test_an_essential_answer_ends_the_plan(answers, paged):
    """As in AWS's example: one of akuam does, one of alejr does not."""
    people = [person(name, (0, "sms")) for name in ("akuam", "alejr", "anasi")]
    made = team(*people, plan("plan", (5, "akuam!"), (5, "alejr"), (0, "anasi")))
    found = walk(made, ["plan"], MONDAY, {name: after(count) for name, count in answers.items()})
    assert minutes(found) == paged


def test_everybody_of_an_essential_schedule_stands_for_it():
    """Two are on call: the answer of either ends the plan, and the own stages of that one alone."""
    made = team(
        *(ANA, BEN, CY),
        turns("turns", "ana ben", "00:00", at_once=2),
        schedule("shop", "turns", "turns"),
        plan("plan", (10, "shop!"), (0, "cy")),
    )
    assert minutes(walk(made, ["plan"], MONDAY, {"ben": after(1)})) == [
        *[(0, "ana/sms"), (0, "ben/sms"), (5, "ana/call"), (10, "ana/home")]
    ]
    (page, *_) = walk(made, ["plan"], MONDAY)
    steps = (Step("plan", ESCALATION, 0), Step("shop", SCHEDULE), Step("ana", PERSON, 0))
    assert page.way == steps


def test_a_schedule_is_whoever_is_on_call_when_its_stage_begins():
    """The shift changes while the plan waits; an override that has begun by then counts."""
    over = Override(MONDAY + after(30), MONDAY + after(90), ("cy",))
    rotation = turns("turns", "ana ben", "00:00", "00:20", overrides=(over,))
    for minute, who in (10, "ana"), (20, "ben"), (25, "ben"), (30, "cy"):
        late = plan("plan", (minute,), (0, "shop"))
        made = team(ANA, BEN, CY, rotation, schedule("shop", "turns"), late)
        assert minutes(walk(made, ["plan"], MONDAY))[0] == (minute, f"{who}/sms")


def test_engagements_know_nothing_of_one_another():
    """An answer in one leaves the other one as it is, and each of them is told apart."""
    made = team(ANA, BEN, plan("plan", (5, "ben!"), (0, "ana")))
    found = walk(made, ["plan", "ana"], MONDAY, {"ben": after(1)})
    assert [(each.what, each.about, each.engaged) for each in found] == [
        (What.PAGE, "ben/sms", "plan"),
        (What.PAGE, "ana/sms", "ana"),
        (What.ACKNOWLEDGED, "ben", "plan"),
        (What.PAGE, "ana/call", "ana"),
        (What.PAGE, "ana/home", "ana"),
    ]


def test_who_has_acknowledged_is_not_paged_again():
    """A second stage that engages the same person does so in vain."""
    made = team(ANA, BEN, plan("plan", (10, "ben"), (0, "ben", "ana")))
    assert (10, "ben/sms") in minutes(walk(made, ["plan"], MONDAY))
    assert (10, "ben/sms") not in minutes(walk(made, ["plan"], MONDAY, {"ben": after(1)}))


def test_what_cannot_be_paged_is_told():
    """A channel that is gone or not activated, whoever is gone, and plans that lead nowhere."""
    made = team(
        person("dan", (1, "-sms"), (0, "mail?")),
        *(person("eve"), schedule("empty"), plan("blank")),
        turns("turns", "gone dan", "00:00"),
        schedule("shop", "turns"),
    )
    engaged = ["dan", "eve", "empty", "blank", "nobody", "shop"]
    found = walk(made, engaged, MONDAY)
    assert [(each.what, each.about, each.why) for each in found] == [
        (What.SKIPPED, "dan/sms", "is not activated"),
        (What.NOBODY, "eve", "has no stages"),
        (What.NOBODY, "empty", "has nobody on call"),
        (What.NOBODY, "blank", "has no stages"),
        (What.NOBODY, "nobody", "is no longer there"),
        (What.NOBODY, "gone", "is no longer there"),
        (What.NOBODY, "shop", "has nobody on call"),
        (What.SKIPPED, "dan/mail?", "is no longer there"),
    ]


def test_another_contact_with_the_name_of_somebody_who_is_gone_is_not_engaged():
    """An override has a name that an escalation plan got: it does not stand in."""
    over = Override(MONDAY, MONDAY + after(60), ("was-cy", "ana"))
    rotation = turns("turns", "ben", "00:00", overrides=(over,))
    made = team(ANA, BEN, rotation, schedule("shop", "turns"), plan("was-cy", (0, "ben")))
    found = walk(made, ["shop"], MONDAY)
    assert minutes(found) == [(0, "ana/sms"), (5, "ana/call"), (10, "ana/home")]
    assert minutes(found, What.NOBODY) == [(0, "was-cy")]


def test_plans_that_engage_one_another_come_to_an_end():
    """The one that is on the way to itself is told, and not gone through again."""
    made = team(BEN, plan("first", (5, "ben"), (0, "second")), plan("second", (5,), (0, "first")))
    found = walk(made, ["first"], MONDAY)
    assert minutes(found) == [(0, "ben/sms")]
    (circle,) = [each for each in found if each.what is What.NOBODY]
    assert (circle.about, circle.time) == ("first", MONDAY + after(10))
    assert circle.way == (Step("first", ESCALATION, 1), Step("second", ESCALATION, 1))


def test_what_is_unseen_is_never_nobody():
    """It has its reason, whatever it is, and nobody is said to be on call, or gone, instead."""
    shop = schedule("shop", "turns")
    for hidden, made in {
        "ana": team(unseen=["ana"]),
        "turns": team(shop, unseen=["turns"]),
        "cy": team(shop, turns("turns", "cy", "00:00"), unseen=["cy"]),
    }.items():
        (event,) = walk(made, ["ana" if hidden == "ana" else "shop"], MONDAY)
        assert (event.what, event.about, event.why) == (What.UNSEEN, hidden, f"{hidden} is hidden")
    for hidden in ("ben/sms", "ben/channels"):
        (event,) = walk(team([BEN[0]], unseen=[hidden]), ["ben"], MONDAY)
        assert (event.what, event.about) == (What.UNSEEN, "ben/sms")
        assert event.why == f"{hidden} is hidden"


def test_nothing_comes_to_pass_from_the_end_on():
    """The end is not in the range: neither a stage nor an answer of that moment."""
    made = team(ANA)
    assert minutes(walk(made, ["ana"], MONDAY, until=MONDAY + after(5))) == [(0, "ana/sms")]
    assert walk(made, ["ana"], MONDAY, until=MONDAY) == []
    answered = walk(made, ["ana"], MONDAY, {"ana": after(5)}, MONDAY + after(5))
    assert minutes(answered, *What) == [(0, "ana/sms")]


@pytest.fixture
def direct(monkeypatch):
    """Let the backends of this process be there, and empty them afterwards."""
    yield from backends(monkeypatch)


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_predicted_pages_are_the_pages_sent(shard):
    """Time, channel, way and engagement of every page; whoever cannot be paged is told, too."""
    paged = answered = ended = nested = lost = awaited = 0
    for seed in range(shard, TEAMS, SHARDS):
        forecast = Forecast(seed, Direct())
        predicted, sent = forecast.come()
        assert predicted == sent, forecast
        if forecast.incident:
            assert forecast.failures()[0] == forecast.failures()[1], forecast
        paged += bool(sent)
        answered += any(each.what is What.ACKNOWLEDGED for each in forecast.predicted)
        ended += forecast.without_answers() > predicted
        nested += forecast.is_nested()
        lost += forecast.loses_stand_in()
        awaited += forecast.awaits_rotation()
    assert min(paged, 2 * answered, 4 * ended) > TEAMS / SHARDS / 4
    assert min(nested, lost, awaited) > TEAMS / SHARDS / 100


class Served:
    """A running local AWS, asked by boto3."""

    def __init__(self, local_aws):
        local_aws.reset()
        self.local_aws = local_aws
        self.clients = {each: local_aws.client(each) for each in BACKENDS}

    def ask(self, service, operation, parameters):
        """Call an operation."""
        return getattr(self.clients[service], xform_name(operation))(**parameters)

    def set_clock(self, time):
        """Put the clock to a time, and stop it."""
        self.local_aws.set_clock(time)

    def code_of(self, channel):
        """Return the code that was sent to a channel."""
        [sent] = self.local_aws.activations(channel)
        return sent["activationCode"]


def test_the_predicted_pages_are_the_pages_of_a_running_local_aws(local_aws):
    """Over HTTP, as any program would ask."""
    sent = 0
    for seed in range(SERVED):
        predicted, pages = Forecast(seed, Served(local_aws)).come()
        assert predicted == pages, seed
        sent += sum(pages.values())
    assert sent > SERVED
