"""What the page asks of the services: a request that botocore makes, in at the front door.

`POST call/<service>/<operation>` has the input of the operation as JSON, and the account and its
partition in the query string. The service is named as in the signatures of requests.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from botocore.exceptions import ParamValidationError
from botocore.serialize import create_serializer
from moto.core.exceptions import ServiceException
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from pulumi_incidents.emulator.protocol.errors import error_response
from pulumi_incidents.emulator.protocol.exchange import Exchange
from pulumi_incidents.emulator.protocol.partitions import PARTITIONS
from pulumi_incidents.emulator.protocol.requests import read_body
from pulumi_incidents.emulator.protocol.responses import Meet, no_fault
from pulumi_incidents.emulator.protocol.responses import respond as answer
from pulumi_incidents.emulator.protocol.service import Owner, Service
from pulumi_incidents.emulator.services import SERVICES


class Called(NamedTuple):
    """A service and an operation as a path names them; there need be neither."""

    service: str
    operation: str

    @classmethod
    def of(cls, path: str) -> Called:
        """Read `ssm-incidents/StartIncident`."""
        service, _, operation = path.partition("/")
        return cls(service, operation)

    @property
    def is_known(self) -> bool:
        """Whether there are both."""
        service = SERVICES.get(self.service)
        return service is not None and self.operation in service.operations

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return Exchange(self.operation).mutating


def respond(called: Called, request: Request, meet: Meet) -> Exchange:
    """Send what the page asks to an API, as an SDK would; a fault meets what may change something.

    What only reads meets none: an open page must not use up what a test declares.
    """
    if not called.is_known:
        message = f"The local AWS has no {'/'.join(called)[:100]} of its own."
        return Exchange(called.operation, error_response(404, "UnknownOperationException", message))
    service = SERVICES[called.service]
    try:
        made = _sdk_request(service, called.operation, read_body(request))
    # botocore raises a RuntimeError about times that no calendar has.
    except (ParamValidationError, ServiceException, RuntimeError) as error:
        return Exchange(called.operation, error_response(400, "ParamValidationError", str(error)))
    return answer(service, made, _owner(service, request), meet if called.changes else no_fault)


def refusal(request: Request, origin: str) -> Response | None:
    """Return the error to what is no JSON from the page's own origin, if it is that."""
    if request.method != "POST" or request.mimetype != "application/json":
        message = "A call is a POST of application/json."
        return error_response(415, "UnsupportedMediaType", message)
    if request.headers.get("Origin") != origin:
        message = "Only the console itself may call; the Origin header does not name it."
        return error_response(403, "AccessDeniedException", message)
    return None


@cache
def _serializer(service: Service) -> Any:
    return create_serializer(service.protocol)


def _sdk_request(service: Service, operation: str, parameters: dict[str, Any]) -> Request:
    """Return the request that every SDK makes of these parameters."""
    model = service.operations[operation]
    made = _serializer(service).serialize_to_request(parameters, model)
    builder = EnvironBuilder(
        path=made["url_path"],
        query_string=made["query_string"],
        method=made["method"],
        data=made["body"] or None,
        headers=made["headers"],
    )
    return Request(builder.get_environ())


def _owner(service: Service, request: Request) -> Owner:
    default = service.owner_of("", "us-east-1")
    account = request.args.get("account", default.account)
    partition = request.args.get("partition", default.place)
    known = re.fullmatch(r"\d{12}", account) and partition in PARTITIONS
    # Without a region it is in the first one of the replication set.
    return Owner(account, partition) if known else default._replace(region="")
