"""Reads a rota from an account: its range, and the team that its shifts come from."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pulumi_incidents.commands import _times
from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._people import read_team
from pulumi_incidents.commands.rota import schedules
from pulumi_incidents.commands.rota.schedules import MARGIN, Rota
from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.oncall.team import Team

_WEEKS, _DAY = timedelta(weeks=4), timedelta(days=1)
_LONGEST = timedelta(days=2 * 366)
_OF_NOW = ("now", "today", "tomorrow")
_WHOLE_DAY = re.compile(r"\d{4}-\d\d-\d\d|(?!now$)[a-z]+")


class Days(NamedTuple):
    """The days of a rota as a person says them, and when that is."""

    since: str
    until: str | None
    zone: str | None
    now: datetime

    def range(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return from when until when, in UTC; without an end it has 28 days.

        :raises IncidentManagerError: one sentence, if it is none, or a very long one.
        """
        start = _times.moment_of(self.since, zone, self.now)
        end = self._end(start, zone).astimezone(timezone.utc)
        if end <= start:
            since, until = (_times.told(moment, zone) for moment in (start, end))
            raise IncidentManagerError(
                f"The rota would begin on {since} and end on {until}: name a later --to."
            )
        if end - start > _LONGEST:
            raise IncidentManagerError("A rota is of two years at most: name an earlier --to.")
        return start, end

    def _end(self, start: datetime, zone: tzinfo) -> datetime:
        if self.until is None:
            first = start.astimezone(zone)
            return first.replace(hour=0, minute=0, second=0, microsecond=0) + _WEEKS
        until = self.until.strip().lower()
        # Friday is the one after --from, and tomorrow the day after today.
        since = self.now if until.startswith(_OF_NOW) else start
        end = _times.moment_of(until, zone, since).astimezone(zone)
        return end + _DAY if _WHOLE_DAY.fullmatch(until) else end


def read(account: Account, whose: str, roots: list[str], days: Days) -> Rota:
    """Return the rota of all schedules that some contacts engage.

    :param whose: what a sentence calls these contacts.
    :raises IncidentManagerError: one sentence, if there is none.
    """
    start, end = days.range(_times.zone_of(days.zone))
    team = read_team(account, roots, start - MARGIN, end + MARGIN, with_channels=False)
    _refuse(team, roots, whose)
    # Whose days these are is known only now; the margin is longer than zones are apart.
    zone = ZoneInfo(days.zone or schedules.zone_of(team, roots))
    return schedules.rota(team, roots, zone, *days.range(zone))


def _refuse(team: Team, roots: list[str], whose: str) -> None:
    """Refuse whoever has no shifts."""
    if not schedules.below(team, roots) and not any(arn in team.unseen for arn in roots):
        raise IncidentManagerError(
            f"No on-call schedule is engaged by {whose}: whoever is has no shifts, and "
            "`pulumi-incidents who` says who that is."
        )
