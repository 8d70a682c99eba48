"""Whom engagements may reach at all, and when they would page nobody. Pure.

Some teams are on paper. Random ones are those of the local AWS in any state, read by its API in
this process, with some of it hidden; beside them is a walk from each of many starts.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from pulumi_incidents.oncall.reach import (
    Unreached,
    last_stage,
    named,
    people,
    reachable,
    unreached,
    unseen,
)
from pulumi_incidents.oncall.team import PERSON, Override
from pulumi_incidents.oncall.walk import What, walk
from tests.direct import Direct, backends
from tests.forecasts import Forecast
from tests.paper_teams import MONDAY, person, plan, schedule, team, turns
from tests.rotas import at, windows

# So many random teams are walked from many starts; ONCALL_REACHED=10000 are more of them.
REACHED = int(os.environ.get("ONCALL_REACHED", "300"))
SHARDS = 3
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEK = (MONDAY, MONDAY + 7 * 24 * HOUR)
ANA, BEN = person("ana", (5, "sms"), (0, "call")), person("ben", (5, "-sms"), (0, "call?"))
OFFICE = turns("office", "ana ben", "MON 00:00", coverages=windows("MON TUE", "09:00-17:00"))
NIGHT = turns("night", "ben ana", "00:00")
SHOP = schedule("shop", "office")


def test_somebody_with_a_channel_is_reached_at_any_time():
    """A person who is engaged directly, however late, makes every start a page."""
    late = plan("late", (30, "ben"), (30,), (0, "ana"))
    assert unreached(team(ANA, BEN, late), ["late"], *WEEK) == []
    assert unreached(team(ANA, BEN), ["ben"], *WEEK) == [WEEK]
    assert unreached(team(ANA, BEN), ["ben", "ana"], *WEEK) == []


def test_nobody_is_nobody():
    """Without any engagement, and where all that is engaged is gone, no start is a page."""
    assert unreached(team(), [], *WEEK) == unreached(team(), ["ana"], *WEEK) == [WEEK]
    assert unreached(team(SHOP), ["shop"], *WEEK) == [WEEK]
    assert unreached(team(), [], MONDAY, MONDAY) == []


def test_starts_are_moved_by_the_stages_before():
    """A schedule that is engaged after half an hour is asked half an hour after the start."""
    made = team(ANA, BEN, OFFICE, SHOP, plan("slow", (30,), (0, "shop")))
    opens, closes, half = 9 * HOUR, 17 * HOUR, HOUR / 2
    assert unreached(made, ["slow"], *WEEK) == [
        Unreached(MONDAY, MONDAY + opens - half),
        Unreached(MONDAY + closes - half, MONDAY + 24 * HOUR + opens - half),
        Unreached(MONDAY + 24 * HOUR + closes - half, WEEK[1]),
    ]


def test_a_turn_of_somebody_without_a_channel_reaches_nobody():
    """Whoever cannot be paged is on call every other day, but for an override."""
    over = Override(MONDAY + 5 * HOUR, MONDAY + 7 * HOUR, ("ana",))
    (night,) = NIGHT
    made = team(ANA, BEN, [night._replace(overrides=(over,))], schedule("nights", "night"))
    assert unreached(made, ["nights"], *WEEK)[:3] == [
        Unreached(at("2026-05-04T00:00"), at("2026-05-04T05:00")),
        Unreached(at("2026-05-04T07:00"), at("2026-05-05T00:00")),
        Unreached(at("2026-05-06T00:00"), at("2026-05-07T00:00")),
    ]


def test_a_page_may_have_to_be_sent_in_time():
    """What the stages before take, and the person's own, is taken off the time that is left."""
    made = team(ANA, plan("slow", (10,), (0, "ana")))
    assert unreached(made, ["slow"], *WEEK, 10 * MINUTE) == []
    assert unreached(made, ["slow"], *WEEK, 9 * MINUTE) == [WEEK]
    late, later = person("cy", (7, "-sms"), (0, "call")), plan("later", (3,), (0, "turns"))
    mixed = turns("mixed", "ana cy", "00:00")
    made = team(ANA, late, mixed, schedule("turns", "mixed"), later)
    assert unreached(made, ["later"], *WEEK, 10 * MINUTE) == []
    assert unreached(made, ["later"], *WEEK, 9 * MINUTE)[:2] == [
        Unreached(MONDAY + 24 * HOUR - 3 * MINUTE, MONDAY + 48 * HOUR - 3 * MINUTE),
        Unreached(MONDAY + 72 * HOUR - 3 * MINUTE, MONDAY + 96 * HOUR - 3 * MINUTE),
    ]


def test_plans_that_engage_one_another_come_to_an_end():
    """A circle of plans is gone through once, and leads to whomever it names."""
    first, second = plan("first", (5,), (0, "second")), plan("second", (5, "first"), (0, "ana"))
    made = team(ANA, first, second)
    assert unreached(made, ["first"], *WEEK) == []
    assert people(made, "second") == {"ana"}
    assert last_stage(made, "first") == 15 * MINUTE


def test_people_are_all_who_may_ever_be_on_call():
    """Members and those of overrides, with or without a channel; not those who are gone."""
    (night,) = NIGHT
    over = Override(MONDAY, MONDAY + HOUR, ("cy", "dan"))
    nights = [night._replace(overrides=(over,))]
    made = team(ANA, BEN, person("cy"), nights, schedule("nights", "night"))
    assert people(made, "nights") == {"ana", "ben", "cy"}
    assert people(made, "ana") == {"ana"}
    assert people(made, "gone") == set()


def test_a_plan_with_the_name_of_a_stand_in_who_is_gone_is_not_reachable():
    """Nor is anybody by way of it; whoever is gone, or in a circle, is named once."""
    (night,) = NIGHT
    over = Override(MONDAY, MONDAY + HOUR, ("was-cy", "gone", "ben"))
    nights = [night._replace(overrides=(over,))]
    was = plan("was-cy", (0, "dan"))
    made = team(ANA, BEN, person("dan"), was, nights, schedule("nights", "night", "lost"))
    assert reachable(made, ["nights"]) == ["nights", "night", "lost", "ben", "ana", "gone"]
    first, second = plan("first", (5, "nights"), (0, "second")), plan("second", (0, "first", "cy"))
    made = team(first, second, schedule("nights", "night"), nights)
    assert named(made, ["ben", "first"]) == ["ben", "first", "nights", "second", "cy"]


def test_the_last_page_is_that_of_the_slowest_way():
    """Stages of plans and of people add up; channels that are not paged do not count."""
    deep = plan("deep", (30, "shop"), (10, "ben"), (7,))
    made = team(ANA, BEN, OFFICE, SHOP, deep)
    assert last_stage(made, "deep") == 5 * MINUTE
    assert last_stage(made, "ben") == timedelta()
    later = team(ANA, BEN, OFFICE, SHOP, plan("deep", (30, "ana"), (10,), (0, "shop")))
    assert last_stage(later, "deep") == 45 * MINUTE


def test_what_is_unseen_may_page():
    """It is told, and no time is called unreached because of it."""
    for hidden in ("ben/sms", "ben/channels"):
        made = team(ANA, [BEN[0]], NIGHT, schedule("nights", "night"), unseen=[hidden])
        assert unreached(made, ["nights"], *WEEK) == []
        assert unseen(made, ["nights"]) == {hidden: f"{hidden} is hidden"}
        assert unseen(made, ["ana"]) == {}
    made = team(schedule("nights", "night"), unseen=["night"])
    assert unreached(made, ["nights"], *WEEK) == []
    assert unreached(team(unseen=["cy"]), ["cy"], *WEEK) == []
    assert [*unseen(made, ["nights"])] == ["night"]


@pytest.fixture
def direct(monkeypatch):
    """Let the backends of this process be there, and empty them afterwards."""
    yield from backends(monkeypatch)


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_walk_from_each_start_finds_the_same(shard):
    """Starts without a page, late pages, the last page and everybody who is paged, as walks say."""
    partly = 0
    for seed in range(shard, REACHED, SHARDS):
        chance = random.Random(seed)  # noqa: S311 - the same in each run
        forecast = Forecast(seed, Direct())
        made = hide(forecast.read(), chance)
        plans = [each.arn for each in made.contacts.values() if each.type != PERSON]
        everything = [*plans, *plans, *made.contacts, *made.unseen, "nobody"]
        engaged = chance.sample(everything, chance.choice([1, 1, 1, 2]))
        start = forecast.now
        window = (start, start + chance.choice([5, 30]) * HOUR)
        limit = chance.choice([timedelta.max, timedelta.max, *(n * MINUTE for n in (0, 5, 30))])
        found = unreached(made, engaged, *window, limit)
        partly += found not in ([], [window])
        see(made, engaged, starts(chance, window, found), found, limit)
    assert partly > REACHED / SHARDS / 25


def hide(made, chance):
    """Return a team in which many have no channel, and some of it is often unseen."""
    everything = [*made.contacts, *made.channels, *made.rotations]
    hidden = {*chance.sample(everything, chance.choice([0, 0, 1, 2]))}
    some = chance.sample([*made.contacts], chance.choice([0, 0, 0, 1]))
    without = {*some, *chance.sample([*made.contacts], len(made.contacts) // 2)}
    channels = {each.arn for each in made.channels.values() if each.contact in without}
    kinds = ("contacts", "channels", "rotations")
    left = {
        kind: {a: e for a, e in getattr(made, kind).items() if a not in hidden | channels}
        for kind in kinds
    }
    unseen = {*hidden, *(f"{person}/channels" for person in some)}
    return replace(made, **left, unseen={arn: f"{arn} is hidden" for arn in unseen})


def starts(chance, window, found):
    """Return starts in a range: both sides of each edge that was found, and random ones."""
    start, end = window
    moment = timedelta(microseconds=1)
    edges = [edge + by for each in found for edge in each for by in (-moment, 0 * moment)]
    some = [start + chance.random() * (end - start) for _ in range(60)]
    return [start, end - moment, *some, *(each for each in edges if start <= each < end)]


def see(made, engaged, moments, found, limit):
    """See that walks from some starts are what is said of all starts."""
    hidden, paged, last = unseen(made, engaged), set(), timedelta()
    for moment in moments:
        events = walk(made, engaged, moment)
        sent = [each for each in events if each.what in (What.PAGE, What.UNSEEN)]
        reached = any(each.time - moment <= limit for each in sent)
        assert reached is not any(each.start <= moment < each.end for each in found)
        assert hidden or not any(each.what is What.UNSEEN for each in events)
        paged |= {each.way[-1].arn for each in sent if each.what is What.PAGE}
        last = max([last, *(each.time - moment for each in sent)])
    assert paged <= {each for arn in engaged for each in people(made, arn)}
    assert last <= max(last_stage(made, arn) for arn in engaged)
    if not any(each.rotations for each in made.contacts.values()):
        assert last == max(last_stage(made, arn) for arn in engaged)
