"""Whether whoever sends a request may do so: users and roles of the local IAM, with `enforce`.

Each operation takes what `permissions.resources` says, and some take more because of what there is:
those the services know themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.utilities.utils import get_partition
from werkzeug.wrappers import Response

from pulumi_incidents.emulator.permissions import identities, resources, services
from pulumi_incidents.emulator.permissions.denials import DENIALS, Denial
from pulumi_incidents.emulator.permissions.mode import PERMISSIONS
from pulumi_incidents.emulator.protocol.errors import UnmodelledException
from pulumi_incidents.emulator.protocol.exchange import Exchange
from pulumi_incidents.emulator.protocol.needs import Need, Place
from pulumi_incidents.emulator.protocol.refusals import refuse
from pulumi_incidents.emulator.services import SERVICES

if TYPE_CHECKING:
    from moto.core.model import OperationModel
    from werkzeug.wrappers import Request

    from pulumi_incidents.iam.identities import Identity

# The signature of a request -> botocore's name of a service whose requests are read.
_READ = {
    "cloudwatch": "cloudwatch",
    "events": "events",
    "iam": "iam",
    "kms": "kms",
    "monitoring": "cloudwatch",
    "sns": "sns",
    "ssm": "ssm",
    "sts": "sts",
}
_FORBIDDEN = 403
# What services of the older protocols call a denial.
_CODES = {"iam": "AccessDenied", "sts": "AccessDenied", "sns": "AuthorizationError"}


class Sent(NamedTuple):
    """A request to a service: by which access key, for which region, which operation."""

    access_key: str
    region: str
    service: str
    operation: str


class Checked(NamedTuple):
    """What a request takes, as far as that was looked at, and what is wrong with its sender."""

    needs: list[Need]
    denial: Denial | None


def authorize(sent: Sent, parameters: Mapping[str, Any]) -> list[Need]:
    """Let somebody do what a request to an emulated service asks for; return what it takes.

    :raises UnmodelledException: AccessDeniedException (403), if they may not.
    """
    identity = _sender(sent)
    if not identity:
        return []
    needs, denial = _checked(identity, sent, parameters)
    if denial:
        raise UnmodelledException(denial.code, denial.message, status=_FORBIDDEN)
    return needs


def check(request: Request, sent: Sent) -> Exchange | list[Need]:
    """Return what a request for one of moto's services takes, or the answer that refuses it."""
    identity = _sender(sent)
    if not identity:
        return []
    model = _model(sent)
    needs, denial = _checked(identity, sent, _parameters(request, model) if model else {})
    if not denial:
        return needs
    code = _CODES.get(sent.service, denial.code)
    if not model:
        return Exchange(sent.operation, refuse(request, _FORBIDDEN, code, denial.message), code)
    serializer = get_serializer_class(model.service_model.service_name, _protocol(request, model))
    # moto looks for the model of an error by where its class is: not among its own.
    error = UnmodelledException(code, denial.message)
    answer = serializer(operation_model=model).serialize(error)
    return Exchange(sent.operation, Response(answer["body"], _FORBIDDEN, answer["headers"]), code)


def _sender(sent: Sent) -> Identity | None:
    """Return who sends a request, if that is to be evaluated and somebody whom IAM knows."""
    return identities.of_key(sent.access_key, sent.region) if PERMISSIONS.of_callers else None


def _checked(identity: Identity, sent: Sent, parameters: Mapping[str, Any]) -> Checked:
    place = Place(get_partition(sent.region), sent.region, identity.principal.account)
    action = resources.action_of(sent.service, sent.operation)
    needs = [
        *resources.needs(sent.service, sent.operation, parameters, place),
        *(
            need
            for service in SERVICES.values()
            for need in service.needs(action, parameters, place)
        ),
    ]
    denial = services.first_denial(identity, needs, sent.region)
    if not denial and sent.operation == "AssumeRole":
        given = {"sts:externalid": "ExternalId", "sts:rolesessionname": "RoleSessionName"}
        context = {key: parameters[name] for key, name in given.items() if name in parameters}
        taking = Need("sts:AssumeRole", parameters["RoleArn"], context)
        denial = services.trust_denial(identity, taking, sent.region)
    if denial:
        DENIALS.add(denial, f"{sent.service} refused {sent.operation}")
    return Checked(needs, denial)


def _model(sent: Sent) -> OperationModel | None:
    """Return the model of an operation whose parameters say what it is about."""
    name = _READ.get(sent.service)
    model = get_service_model(name) if name else None
    known = model and sent.operation in model.operation_names
    return model.operation_model(sent.operation) if model and known else None


def _protocol(request: Request, model: OperationModel) -> str:
    return determine_request_protocol(model.service_model, request.content_type)


def _parameters(request: Request, model: OperationModel) -> dict[str, Any]:
    parser = PROTOCOL_PARSERS[_protocol(request, model)](model, map_type=dict)
    parsed: dict[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": {},
        }
    )
    return parsed
