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
from pulumi_incidents.emulator.protocol.errors import UnmodelledException, error_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

    from pulumi_incidents.emulator.protocol.service import Call

PREFIX = "/_local/"


class Control:
    """The control API: calls by method and name, like `POST reset`."""

    def __init__(self, calls: Mapping[str, Call]) -> None:
        self._calls = {"GET health": _health, **calls}

    def respond(self, request: Request) -> Response:
        """Answer one call: 200 with JSON, 204, 400, or 404, also for a call that there is not."""
        name = f"{request.method} {request.path.removeprefix(PREFIX)}"
        if name not in self._calls:
            message = f"The control API has {', '.join(self._calls)}; not {name[:100]}."
            return error_response(404, "UnknownOperationException", message)
        try:
            content = self._calls[name](request)
        except UnmodelledException as error:
            return error_response(error.status, error.code, error.message)
        except ServiceException as error:
            status = 404 if error.code == "ResourceNotFoundException" else 400
            return error_response(status, error.code, error.message)
        if content is None:
            return Response(status=204)
        return Response(json.dumps(content), content_type="application/json")


def _health(_: Request) -> dict[str, Any]:
    name = "pulumi-incidents local AWS"
    return {"service": name, "pid": os.getpid(), "version": __version__}
