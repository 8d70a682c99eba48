"""Teams of `oncall` that a person can follow on paper, known by short words instead of ARNs."""

from __future__ import annotations

from dataclasses import replace

from pulumi_incidents.oncall.team import (
    ESCALATION,
    PERSON,
    SCHEDULE,
    Channel,
    Contact,
    Rotation,
    Stage,
    Target,
    Team,
)
from tests.rotas import at, recurrence

MONDAY = at("2026-05-04")


def team(*parts, unseen=()):
    """Return a team of such parts; what is unseen has a word for a reason."""
    found = Team({}, {}, {}, {each: f"{each} is hidden" for each in unseen})
    for part in parts:
        for each in part:
            kind = {Contact: "contacts", Channel: "channels", Rotation: "rotations"}[type(each)]
            found = replace(found, **{kind: {**getattr(found, kind), each.arn: each}})
    return found


def person(name, *stages):
    """Return a person with a channel for each stage: (5, "sms") is `ana/sms`, told off by `-sms`.

    A channel that ends in `?` is in the plan and not there.
    """
    channels = [
        Channel(f"{name}/{word.lstrip('-')}", name, word, "SMS", not word.startswith("-"))
        for _, word in stages
        if not word.endswith("?")
    ]
    told = [
        Stage(minutes, (Target(f"{name}/{word.lstrip('-')}", is_channel=True),))
        for minutes, word in stages
    ]
    return [Contact(name, name, name.title(), PERSON, tuple(told)), *channels]


def plan(name, *stages):
    """Return an escalation plan: (5, "ana!", "ben") engages two, of whom the first is essential."""
    told = [Stage(minutes, tuple(map(_target, words))) for minutes, *words in stages]
    return [Contact(name, name, name.title(), ESCALATION, tuple(told))]


def schedule(name, *rotations):
    """Return an on-call schedule of rotations by their names."""
    return [Contact(name, name, name.title(), SCHEDULE, (), rotations)]


def turns(name, people, *hand_offs, overrides=(), **more):
    """Return a rotation in UTC, from Monday, 4 May 2026, on."""
    rule = recurrence(*hand_offs, **more)
    return [Rotation(name, name, tuple(people.split()), "UTC", rule, MONDAY, overrides)]


def _target(word):
    return Target(word.rstrip("!"), is_essential=word.endswith("!"))
