"""The courier takes e-mails to an SMTP server of this machine, once a second.

No request waits for it, and none fails with it: what is not taken is a line on stderr and, of a
page, a receipt of type ERROR. That AWS has such a receipt for it is unverified. Nothing is tried
again, whatever the interval in a plan says.
"""

from __future__ import annotations

import contextlib
import smtplib
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING

from pulumi_incidents.emulator.ssm_contacts.mail import OUTBOX, SENDER, Mail
from pulumi_incidents.emulator.ssm_contacts.models import backends, settle_all
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_incidents.emulator.ssm_contacts.mail import SmtpServer

# Seconds: how often it goes, how long a server has for each answer, and how long the end waits.
_INTERVAL, _PATIENCE, _LAST = 1.0, 3.0, 5.0


class Courier:
    """A thread that lets happen what is due by the clock, and takes the e-mails that came of it.

    `changed` is called when it took any: what was sent is worth saving.
    """

    def __init__(self, server: SmtpServer, changed: Callable[[], None]) -> None:
        self._server, self._changed = server, changed
        self._ended = Event()
        OUTBOX.is_open = True
        self._thread = Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Go for the last time, and wait for that a little; after it nothing is taken."""
        self._ended.set()
        self._thread.join(_LAST)
        OUTBOX.is_open = False

    def _run(self) -> None:
        while not self._ended.wait(_INTERVAL):
            self._go()
        self._go()

    def _go(self) -> None:
        with LOCK:
            settle_all()
            mails = OUTBOX.take()
        if mails:
            self._changed()
            self._hand_over(mails)

    def _hand_over(self, mails: list[Mail]) -> None:
        """Send each e-mail, without the lock: whoever takes them may be slow."""
        try:
            connection = smtplib.SMTP(*self._server, "localhost", timeout=_PATIENCE)
        except OSError as error:  # SMTPException is one
            for mail in mails:
                self._give_up(mail, error)
            return
        for mail in mails:
            self._send(connection, mail)
        with contextlib.suppress(OSError):  # all is said
            connection.quit()

    def _send(self, connection: smtplib.SMTP, mail: Mail) -> None:
        try:
            connection.send_message(mail.message(), SENDER, [mail.to])
        except Exception as error:  # noqa: BLE001 - addresses fail in any way, the rest goes on
            self._give_up(mail, error)

    def _give_up(self, mail: Mail, error: Exception) -> None:
        reason = f"The SMTP server at {self._server} did not take it: {error!r}."
        sys.stderr.write(f"{mail.to} did not get an e-mail. {reason}\n")
        if mail.page:
            _, partition, _, _, account, _ = mail.page.split(":", 5)
            with LOCK:
                backends[account][partition].note_error(mail.page, reason)
