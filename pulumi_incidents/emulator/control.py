"""The control API below `/_local/`: what tests want of a local AWS, and AWS does not have.

Errors are answered as AWS does in its JSON protocols, so that they read alike.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from werkzeug.wrappers import Response

from pulumi_incidents import __version__
from pulumi_incidents.emulator.front.faults import Faults, read_fault
from pulumi_incidents.emulator.front.request_log import RequestLog
from pulumi_incidents.emulator.permissions.denials import DENIALS
from pulumi_incidents.emulator.permissions.mode import PERMISSIONS
from pulumi_incidents.emulator.protocol.responses import error_response, read_body
from pulumi_incidents.emulator.ssm_incidents.control import (
    add_finding,
    get_settling,
    set_mode,
    set_settling,
)
from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    ResourceNotFoundException,
    UnmodelledException,
)
from pulumi_incidents.emulator.ssm_incidents.notifications import SENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

PREFIX = "/_local/"


class Control:
    """The control API, over the log and the faults that it shares with the server."""

    def __init__(
        self,
        log: RequestLog,
        faults: Faults,
        reset: Callable[[], None],
        save: Callable[[], None],
    ) -> None:
        self._faults = faults
        self._reset = reset
        self._calls: dict[str, Callable[[Request], dict[str, Any] | None]] = {
            "GET health": self._health,
            "GET messages": lambda request: {"messages": SENT.about(request.args.get("incident"))},
            "GET requests": lambda request: {"requests": log.matching(request.args)},
            "DELETE requests": lambda _: log.clear(),
            "GET faults": lambda _: {"faults": faults.left()},
            "POST faults": lambda request: faults.add(read_fault(read_body(request))),
            "DELETE faults": lambda _: faults.heal(),
            "POST reset": self._start_over,
            "POST save": lambda _: save(),
            "POST findings": lambda request: add_finding(read_body(request)),
            "GET denials": lambda _: {"denials": DENIALS.all()},
            "GET permissions": lambda _: {"mode": PERMISSIONS.mode},
            "PUT permissions": lambda request: set_mode(read_body(request)),
            "GET replication": lambda _: get_settling(),
            "PUT replication": lambda request: set_settling(read_body(request)),
        }

    def respond(self, request: Request) -> Response:
        """Answer one call: 200 with JSON, 204, 400, or 404, also for a call that there is not."""
        name = f"{request.method} {request.path.removeprefix(PREFIX)}"
        if name not in self._calls:
            message = f"The control API has {', '.join(self._calls)}; not {name[:100]}."
            return error_response(404, "UnknownOperationException", message)
        try:
            content = self._calls[name](request)
        except ResourceNotFoundException as error:
            return error_response(404, error.code, error.message)
        except UnmodelledException as error:
            return error_response(error.status, error.code, error.message)
        except ServiceException as error:
            return error_response(400, error.code, error.message)
        if content is None:
            return Response(status=204)
        return Response(json.dumps(content), content_type="application/json")

    def _health(self, _: Request) -> dict[str, Any]:
        name = "pulumi-incidents local AWS"
        return {"service": name, "pid": os.getpid(), "version": __version__}

    def _start_over(self, _: Request) -> None:
        self._faults.heal()
        self._reset()
