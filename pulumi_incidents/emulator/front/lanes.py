"""Who waits for whom: the control API and the page have threads of their own.

A request keeps a thread of waitress until it is answered: for minutes in a delay on demand, for
seconds in a long poll of SQS, and for good where nobody reads its line on stderr. With threads that
no such request gets, there is always an answer to whoever wants to heal the faults, or to see what
is going on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error
from werkzeug.wrappers import Request

from pulumi_incidents.emulator import console
from pulumi_incidents.emulator.control import PREFIX
from pulumi_incidents.emulator.front.localstack import HEALTH

if TYPE_CHECKING:
    from waitress.channel import HTTPChannel
    from waitress.task import Task

# Each keeps a connection, and without a free one nobody is heard: half of them are for others.
CONNECTIONS = 1000
MAX_WAITING = CONNECTIONS // 2


class Lanes(ThreadedTaskDispatcher):
    """The threads for requests that may have to wait, beside `quick` for those that never do."""

    def __init__(self, threads: int, quick: ThreadedTaskDispatcher) -> None:
        super().__init__()
        self._quick = quick
        self.set_thread_count(threads)

    def add_task(self, task: Task) -> None:
        """Let the next request of a connection be handled; refuse it if far too many wait."""
        channel = cast("HTTPChannel", task)  # what waitress calls a task here
        if not _may_wait(channel):
            self._quick.add_task(task)
        elif len(self.queue) < MAX_WAITING:
            super().add_task(task)
        else:
            channel.requests[0].error = _OverloadError(
                f"{MAX_WAITING} requests wait already. If a fault delays them, heal it."
            )
            self._quick.add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:  # noqa: FBT001, FBT002 - as waitress has it
        """End all threads."""
        ended = self._quick.shutdown(cancel_pending, timeout)
        return super().shutdown(cancel_pending, timeout) and ended


class _OverloadError(Error):
    code, reason = 503, "Service Unavailable"


def _may_wait(channel: HTTPChannel) -> bool:
    """Say whether a fault, a long poll or the receiver of a message can hold a request up."""
    asked = channel.requests[0]
    if asked.error:  # it could not be read
        return False
    task = channel.task_class(channel, asked)  # type: ignore[arg-type]  # the stub is of errors
    request = Request(task.get_environment())
    if console.serves(request):
        return console.meets_faults(request)
    return not request.path.startswith((PREFIX, HEALTH))
