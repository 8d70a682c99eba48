"""What somebody has decided to live with: findings that are ignored, each with a reason; pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from pulumi_incidents.identity.errors import IncidentManagerError


class Ignore(NamedTuple):
    """One thing to live with."""

    check: str
    resource: str
    """An ARN, or a pattern of ARNs with `*`, `?` and `[…]` as in file names."""
    reason: str

    def __str__(self) -> str:
        """Return it as it is given."""
        return f"{self.check}:{self.resource}={self.reason}"

    def fits(self, check: str, subject: str) -> bool:
        """Tell whether this is about a subject of a check."""
        return check == self.check and fnmatchcase(subject, self.resource)


def ignore(text: str, checks: Collection[str]) -> Ignore:
    """Return what `CHECK:RESOURCE=reason` says.

    :raises IncidentManagerError: one sentence, if it is not written like that, or there is no such
        check.
    """
    check, _, rest = text.strip().partition(":")
    resource, _, reason = (part.strip() for part in rest.partition("="))
    if not (check and resource and reason):
        raise IncidentManagerError(
            f"{text.strip()!r} does not say what is ignored and why: write CHECK:RESOURCE=reason."
        )
    return Ignore(known(check, checks), resource, reason)


def ignores(lines: Iterable[str], checks: Collection[str]) -> list[Ignore]:
    """Return what a file says, one in a line; empty lines and those after a `#` say nothing."""
    kept = (line.strip() for line in lines)
    return [ignore(line, checks) for line in kept if line and not line.startswith("#")]


def known(check: str, checks: Collection[str]) -> str:
    """Return the name of a check.

    :raises IncidentManagerError: one sentence, if there is none of that name.
    """
    if check in checks:
        return check
    close = " or ".join(difflib.get_close_matches(check, checks))
    advice = f"did you mean {close}?" if close else "`doctor --list` has all of them."
    raise IncidentManagerError(f"There is no check {check}: {advice}")
