"""What is evaluated: by `--permissions`, and for tests by the control API until a reset.

`off`: nothing. `services`, the default: what AWS's services do on somebody's behalf. `enforce`:
the same, and whatever a user or a role of the local IAM asks for. Keys that the local IAM does not
know, like `test`, are those of somebody who may do everything: so the first user can be made.
"""

from __future__ import annotations

from dataclasses import dataclass

MODES = ("off", "services", "enforce")
DEFAULT = "services"


@dataclass
class Permissions:
    """Which of the modes is on."""

    mode: str = DEFAULT

    @property
    def of_services(self) -> bool:
        """Whether what services do is evaluated."""
        return self.mode != "off"

    @property
    def of_callers(self) -> bool:
        """Whether what users and roles ask for is evaluated."""
        return self.mode == "enforce"


PERMISSIONS = Permissions()
