"""What was denied, and to whom: kept for tests, the console and the eye."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from pulumi_incidents.emulator.storage.recent import Recent

ACCESS_DENIED = "AccessDeniedException"


@dataclass(frozen=True)
class Denial:
    """Something that a principal may not do, or that is not there to be done.

    `code` is AWS's, and `reason` goes on where `…is not authorized to perform…` ends.
    """

    principal: str
    action: str
    resource: str
    reason: str
    code: str = ACCESS_DENIED

    @property
    def message(self) -> str:
        """The message in AWS's words."""
        if self.code != ACCESS_DENIED:
            return self.reason
        return (
            f"User: {self.principal} is not authorized to perform: {self.action} "
            f"on resource: {self.resource} {self.reason}"
        )


class Denials(Recent):
    """What was denied lately."""

    def add(self, denial: Denial, effect: str) -> None:
        """Keep a denial and what came of it, and tell both on stderr in one line."""
        self.keep(
            principal=denial.principal,
            action=denial.action,
            resource=denial.resource,
            code=denial.code,
            message=denial.message,
            effect=effect,
        )
        sys.stderr.write(f"{effect}: {denial.code}, {denial.message}\n")


DENIALS = Denials()
