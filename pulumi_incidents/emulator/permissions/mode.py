"""What is evaluated: by `--permissions`, and for tests by the control API until a reset.

`off`: nothing. `services`, the default: what AWS's services do on somebody's behalf. `enforce`:
the same, and whatever a user or a role of the local IAM asks for. Keys that the local IAM does not
know, like `test`, are those of somebody who may do everything: so the first user can be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pulumi_incidents.emulator.protocol.errors import ValidationException

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


def get_mode() -> dict[str, Any]:
    """Return what is evaluated, as the control API answers it."""
    return {"mode": PERMISSIONS.mode}


def set_mode(declared: dict[str, Any]) -> dict[str, Any]:
    """Evaluate more or less of IAM, until a reset."""
    mode = declared.pop("mode", None)
    if declared or mode not in MODES:
        raise ValidationException(
            f"The body must have mode, one of {', '.join(MODES)}, and nothing else."
        )
    PERMISSIONS.mode = mode
    return get_mode()
