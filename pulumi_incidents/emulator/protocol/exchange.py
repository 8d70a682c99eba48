"""One request and what was answered to it, whichever service it was for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from werkzeug.wrappers import Response

from pulumi_incidents.emulator.protocol.needs import Need

REQUEST_ID = "x-amzn-RequestId"
# S3 has a name of its own for it.
_REQUEST_IDS = (REQUEST_ID, "x-amz-request-id")
# Others that begin with Test do what they test, such as TestFailover.
_READING = re.compile(
    r"(BatchGet|Describe|Get|List|Lookup|Search|Simulate)[A-Z]|TestEventPattern$|(GET|HEAD) "
)


def only_reads(operation: str) -> bool:
    """Say whether an operation changes nothing, by its name; in every service."""
    return bool(_READING.match(operation))


@dataclass
class Exchange:
    """One request and what was answered to it; `parameters` only if the request was a valid one.

    `lost`: the answer must not reach the client. `needs`: the rights that it took, where those of
    callers are evaluated.
    """

    operation: str
    response: Response = field(default_factory=Response)
    error: str | None = None
    parameters: Any = None
    lost: bool = False
    needs: list[Need] = field(default_factory=list)

    @property
    def mutating(self) -> bool:
        """Whether the operation may change something."""
        return not only_reads(self.operation)

    @property
    def request_id(self) -> str | None:
        """What AWS calls a request, by a header of its answer."""
        return next(filter(None, map(self.response.headers.get, _REQUEST_IDS)), None)

    def identify(self) -> None:
        """Give the request an id, as every request to AWS has, unless it has one."""
        if not self.request_id:
            self.response.headers[REQUEST_ID] = str(uuid4())
