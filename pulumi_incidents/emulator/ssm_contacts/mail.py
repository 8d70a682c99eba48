"""E-mail to people, to an SMTP server of this machine: only if one is named, and never further."""

from __future__ import annotations

from typing import NamedTuple


class Mail(NamedTuple):
    """One e-mail: to whom, and what."""

    to: str
    subject: str
    text: str
