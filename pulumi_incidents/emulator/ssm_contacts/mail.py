"""E-mail to people, for an SMTP server of this machine: only if one is named, and never further."""

from __future__ import annotations

import ipaddress
from collections import deque
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import NamedTuple

from pulumi_incidents.emulator.clock import now

SENDER = "incident-manager@localhost"
_MAX_PORT = 65535


class Mail(NamedTuple):
    """One e-mail: to whom, and what; `page` is the ARN of the page that it is, if it is one."""

    to: str
    subject: str
    text: str
    page: str | None = None

    def message(self) -> EmailMessage:
        """Return it as it is sent; the time is that of the local AWS."""
        message = EmailMessage()
        message["From"] = f"Incident Manager <{SENDER}>"
        message["To"] = self.to
        message["Subject"] = " ".join(self.subject.split())  # a header is one line
        message["Date"] = format_datetime(now())
        message["Message-ID"] = make_msgid(domain="localhost")
        message.set_content(self.text)
        return message


class SmtpServer(NamedTuple):
    """Where an SMTP server listens on this machine."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> SmtpServer:
        """Return the server of HOST:PORT; ValueError for anything but a port of this machine."""
        host, _, port = text.rpartition(":")
        if not port.isdecimal() or not 0 < int(port) <= _MAX_PORT:
            raise ValueError(f"{text!r} is not HOST:PORT, like 127.0.0.1:1025")
        host = host.removeprefix("[").removesuffix("]")
        if not _is_loopback(host):
            raise ValueError(
                f"{host!r} is not this machine: people are not to be told of what is local, so "
                "name a server on 127.0.0.1, [::1] or localhost"
            )
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Outbox:
    """What waits for the courier. It is closed unless there is one: then nothing is kept."""

    def __init__(self) -> None:
        self.is_open = False
        self._waiting: deque[Mail] = deque()

    def put(self, mail: Mail) -> None:
        """Keep an e-mail for the courier, if there is one."""
        if self.is_open:
            self._waiting.append(mail)

    def take(self) -> list[Mail]:
        """Return what waits, the oldest first, and leave none."""
        taken = list(self._waiting)
        self.clear()
        return taken

    def clear(self) -> None:
        """Leave none."""
        self._waiting.clear()


# Used under the lock of the storage.
OUTBOX = Outbox()
