"""Who answers a request: the console, one of the emulated services, or moto.

An AWS request is routed by the service in its signature's credential scope (AWS Signature
Version 4, *Create a signed request*).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator import console
from pulumi_incidents.emulator.front import callers
from pulumi_incidents.emulator.front.callers import Sent
from pulumi_incidents.emulator.front.moto_services import MotoServices, operation_of
from pulumi_incidents.emulator.protocol.exchange import Exchange
from pulumi_incidents.emulator.protocol.responses import respond
from pulumi_incidents.emulator.services import SERVICES

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from pulumi_incidents.emulator.protocol.needs import Need
    from pulumi_incidents.emulator.protocol.responses import Meet
    from pulumi_incidents.emulator.protocol.service import Service

_SCOPE = re.compile(
    r"Credential=(?P<access_key>[^/,\s]+)/\d+/(?P<region>[^/,\s]*)/(?P<service>[^/,\s]+)/aws4_request"
)


class Routing:
    """Everybody who answers; `meet` says which fault a request meets."""

    def __init__(self, meet: Meet) -> None:
        self._meet = meet
        self._moto = MotoServices()

    def respond(self, request: Request) -> tuple[str, Exchange]:
        """Answer one request; return the service that did, by the name in a signature."""
        if console.serves(request):
            return console.respond(request, self._meet)
        scope = _SCOPE.search(request.headers.get("Authorization", ""))
        if not scope:
            return "unsigned", self._moto.respond(request)
        name, asks = scope["service"].lower(), (scope["access_key"], scope["region"])
        if name in SERVICES:
            return name, self._emulated(SERVICES[name], request, *asks)
        checked = callers.check(request, Sent(*asks, name, operation_of(request)))
        if isinstance(checked, Exchange):
            return name, checked
        exchange = self._moto.respond(request)
        exchange.needs = checked
        return name, exchange

    def _emulated(
        self, service: Service, request: Request, access_key: str, region: str
    ) -> Exchange:
        def authorize(operation: str, parameters: dict[str, Any]) -> list[Need]:
            return callers.authorize(Sent(access_key, region, service.name, operation), parameters)

        owner = service.owner_of(access_key, region)
        return respond(service, request, owner, self._meet, authorize)
