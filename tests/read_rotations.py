"""Rotations as both readings have them, the local AWS's and that of `oncall`, and random ones."""

from __future__ import annotations

from datetime import timedelta

from pulumi_incidents.emulator.ssm_contacts import shifts as local
from pulumi_incidents.oncall.team import Override, Rotation
from tests.rotas import DAYS, MINUTE, WEEK, ZONES, at, recurrence, windows

# Clocks of these are not as others: half an hour of summer, an hour at midnight, and quarters.
ODD_ZONES = (*ZONES, "America/St_Johns", "Africa/Casablanca", "Asia/Beirut", "Pacific/Chatham")
TIMES = ("00:00", "00:00", "00:30", "01:30", "02:00", "02:10", "02:30", "03:00", "09:00", "23:59")


def rotation(rota, arn="arn:aws:ssm-contacts:us-east-1:123456789012:rotation/1"):
    """Return a rotation of the local AWS as `oncall` has it."""
    overrides = tuple(Override(*each) for each in rota.overrides)
    return Rotation(arn, "turns", rota.members, rota.zone, rota.recurrence, rota.start, overrides)


def random_rota(chance):
    """Return a rotation of any kind, and a range around a day on which some clocks change."""
    members = tuple(f"m{number}" for number in range(chance.choice([1, 2, 3, 3, 5, 30])))
    start = at("2026-01-01") + chance.randint(-3650 * 24 * 60, 400 * 24 * 60) * MINUTE
    rule = _recurrence(chance, len(members))
    begin = at(chance.choice(DAYS)) - chance.randint(0, 40 * 24 * 60) * MINUTE
    end = begin + chance.choice([timedelta(hours=5), timedelta(days=4), timedelta(days=60)])
    overrides = tuple(
        local.Override(since, since + chance.randint(30, 3000) * MINUTE, _some(chance, members))
        for _ in range(chance.randint(0, 4))
        for since in [begin + chance.randint(-1000, int((end - begin) / MINUTE)) * MINUTE]
    )
    zone = chance.choice(ODD_ZONES)
    return local.Rota(members, zone, rule, start, overrides), (begin, end)


def _recurrence(chance, members):
    day = chance.choice(["", *(f"{each} " for each in (chance.choice(WEEK), 29, 31))])
    times = [f"{day}{each}" for each in chance.sample(_times(chance), chance.randint(1, 8))]
    if day and chance.random() < 0.5:
        other = chance.choice(WEEK) if day[:3] in WEEK else chance.choice([1, 30])
        times += [f"{other} {chance.choice(TIMES)}"]
    return recurrence(
        *dict.fromkeys(times),
        every=chance.choice([1, 1, 1, 2, 3, 100]),
        at_once=chance.randint(1, members),
        coverages=_coverages(chance) if chance.random() < 0.5 else None,
    )


def _times(chance):
    return [*{*TIMES, *(f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}" for _ in "12345")}]


def _coverages(chance):
    def span(opens):
        minutes = int(opens[:2]) * 60 + int(opens[3:]) + chance.randint(30, 24 * 60)
        return f"{opens}-{minutes // 60 % 24:02}:{minutes % 60:02}"

    days = chance.sample(WEEK, chance.randint(1, 7))
    return {
        day: windows(day, *map(span, chance.sample(_times(chance), chance.randint(1, 3))))[day]
        for day in days
    }


def _some(chance, members):
    return tuple(chance.sample(members, min(chance.randint(0, 2), len(members))))
