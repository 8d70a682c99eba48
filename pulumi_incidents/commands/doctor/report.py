"""What all checks found, and how the command ends; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.ignoring import Ignore
from pulumi_incidents.commands.doctor.results import Finding, Level, NotSeen, Result

LEVELS = (*Level,)
_FINE, _FOUND, _UNSEEN = 0, 1, 2


class Entry(NamedTuple):
    """What a check found of one subject."""

    check: Check
    result: Result
    reason: str | None = None
    """Why it is ignored, if it is."""

    @property
    def level(self) -> Level | None:
        """How bad it is; None unless it is a finding that is not ignored."""
        if not isinstance(self.result, Finding) or self.reason:
            return None
        return self.result.level or self.check.level

    @property
    def is_unseen(self) -> bool:
        """Whether nobody knows, and that is not ignored."""
        return isinstance(self.result, NotSeen) and not self.reason


class Report(NamedTuple):
    """What was looked at, and found."""

    account: str
    region: str
    now: datetime
    plans: Mapping[str, str]
    """The names of the response plans by ARN, as people read them."""
    checks: Sequence[Check]
    """Those that were made, in their order."""
    entries: Sequence[Entry]
    unused: Sequence[Ignore] = ()
    """What was to be ignored and is not there."""

    def at_least(self, level: Level) -> list[Entry]:
        """Return what is as bad as that, or worse, in order of checks."""
        bad = LEVELS[: LEVELS.index(level) + 1]
        return [entry for entry in self.entries if entry.level in bad]

    @property
    def unseen(self) -> list[Entry]:
        """What could not be looked at."""
        return [entry for entry in self.entries if entry.is_unseen]

    @property
    def ignored(self) -> list[Entry]:
        """What is ignored."""
        return [entry for entry in self.entries if entry.reason]

    def of(self, check: Check) -> list[Entry]:
        """Return what a check found, in its order."""
        return [entry for entry in self.entries if entry.check is check]

    def status(self, fail_on: Level | None) -> int:
        """Return the exit code: 1 if something that bad was found, else 2 if something is unseen.

        Something bad is certain, so it comes before what nobody knows.
        """
        if fail_on and self.at_least(fail_on):
            return _FOUND
        return _UNSEEN if self.unseen else _FINE


def entries(
    found: Mapping[Check, Iterable[Result]], ignores: Sequence[Ignore]
) -> tuple[list[Entry], list[Ignore]]:
    """Return what was found, and what there was nothing to ignore of."""
    used: set[Ignore] = set()
    made = []
    for check, results in found.items():
        # Things are read side by side; sorted, one night's report is like that of the next.
        for result in sorted(results, key=lambda result: result.subject):
            fitting = [each for each in ignores if each.fits(check.name, result.subject)]
            ignored = bool(fitting) and isinstance(result, Finding | NotSeen)
            used.update(fitting if ignored else ())
            made.append(Entry(check, result, fitting[0].reason if ignored else None))
    looked_at = {check.name for check in found}
    return made, [each for each in ignores if each not in used and each.check in looked_at]
