"""What an emulated service is made of, and whose state it works on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from moto.core.base_backend import BackendDict
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.iam import models as iam

from pulumi_incidents.emulator.protocol.backend import Backend
from pulumi_incidents.emulator.protocol.needs import Need, Place
from pulumi_incidents.emulator.protocol.routing import ROUTERS, Router

if TYPE_CHECKING:
    from moto.core.model import OperationModel, ServiceModel, StructureShape
    from werkzeug.wrappers import Request

# Of a request to the control API: what is answered as JSON, or None for nothing.
Call = Callable[["Request"], "dict[str, Any] | None"]


class Owner(NamedTuple):
    """Whose state a request works on: an account, and the region or partition it is kept for.

    `region` is where the request was sent.
    """

    account: str
    place: str
    region: str = ""


def _nothing(*_: Any) -> None:
    pass


def _no_needs(*_: Any) -> Iterable[Need]:
    return ()


def _same(region: str) -> str:
    return region


@dataclass(frozen=True, kw_only=True, eq=False)
class Service:
    """One AWS API: what its model says, found by `name`, and what is its own.

    `name`: what botocore and signatures call it. `title`: what people call it. `backends`: its
    state by account and place, and `place`: for which of these a region stands. `check`: raises
    what the documents forbid and the model allows. `deliver`: gets the messages of a call, once
    others may be served. `needs`: what an action of any service takes, called as IAM does, besides
    what its parameters say, because of what there is here. `calls`: its part of the control API, by
    method and name. `connect`: lets moto's services work with it; a second time changes nothing.
    `forget`: drops at a reset what is in no backend.
    """

    name: str
    title: str
    backends: BackendDict[Any]
    place: Callable[[str], str] = _same
    check: Callable[[str, dict[str, Any]], None] = _nothing
    deliver: Callable[[list[Any]], None] = _nothing
    needs: Callable[[str, Mapping[str, Any], Place], Iterable[Need]] = _no_needs
    calls: Mapping[str, Call] = field(default_factory=dict)
    connect: Callable[[], None] = _nothing
    forget: Callable[[], None] = _nothing

    @cached_property
    def model(self) -> ServiceModel:
        """AWS's own model of it."""
        return get_service_model(self.name)

    @cached_property
    def operations(self) -> Mapping[str, OperationModel]:
        """The model of each operation."""
        return {name: self.model.operation_model(name) for name in self.model.operation_names}

    @cached_property
    def errors(self) -> Mapping[str, StructureShape]:
        """The model of each error, by its code."""
        return {shape.name: cast("StructureShape", shape) for shape in self.model.error_shapes}

    @cached_property
    def protocol(self) -> str:
        """Its protocol, as botocore calls it: rest-json or json."""
        return str(self.model.metadata["protocol"])

    @cached_property
    def route(self) -> Router:
        """What finds the operation of a request."""
        return ROUTERS[self.protocol](self.model)

    @cached_property
    def serializer(self) -> Callable[..., Any]:
        """What makes the class that writes its answers."""
        return get_serializer_class(self.name, self.protocol)

    @cached_property
    def content_type(self) -> str:
        """The type of its answers; rest-json has no versions, though a model may name one."""
        if self.protocol == "rest-json":
            return "application/json"
        return f"application/x-amz-json-{self.model.metadata['jsonVersion']}"

    def owner_of(self, access_key: str, region: str) -> Owner:
        """Return whose state a request of this access key in this region works on.

        The account is found as for moto's own services, so that ARNs agree.
        """
        account = os.environ.get("MOTO_ACCOUNT_ID") or iam.get_account_id_from(access_key)
        return Owner(account, self.place(region), region)

    def backend(self, owner: Owner) -> Backend:
        """Return that state; ask under the lock, since a reset puts another in its place."""
        found: Backend = self.backends[owner.account][owner.place]
        return found
