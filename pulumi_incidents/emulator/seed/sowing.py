"""Makes what a seed asks for: by the operations of the API, and all of it or nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from moto.core.exceptions import ServiceException

from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.partitions import PARTITIONS
from pulumi_incidents.emulator.protocol.requests import read_body
from pulumi_incidents.emulator.protocol.service import Owner, Service
from pulumi_incidents.emulator.protocol.validation import Failures, check
from pulumi_incidents.emulator.seed.naming import Names
from pulumi_incidents.emulator.seed.reading import (
    ACTIVATED,
    CHANNELS,
    CONTACTS,
    PLANS,
    ROTATIONS,
    WAITING,
    Seed,
    SeedError,
    Wanted,
    wanted,
)
from pulumi_incidents.emulator.services import SERVICES
from pulumi_incidents.emulator.ssm_contacts.homes import HOMES
from pulumi_incidents.emulator.ssm_contacts.models import backends as contacts
from pulumi_incidents.emulator.storage.lock import LOCK
from pulumi_incidents.emulator.storage.snapshots import all_or_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.core.model import StructureShape
    from werkzeug.wrappers import Request

    from pulumi_incidents.emulator.protocol.service import Call

_SERVICES = (SERVICES["ssm-contacts"], SERVICES["ssm-incidents"])
_MOST_TOLD = 20


def sow(seed: Seed) -> dict[str, Any]:
    """Make what a seed asks for, in the replication set that there is; return ARNs by names.

    Raises SeedError with everything that is wrong, and then nothing is made.
    """
    with LOCK:
        owner = _owner()
        if not owner:
            raise SeedError(
                f"{seed.title} is not taken: there is no replication set for its contacts: "
                "start with --replication-set REGION, or make one first."
            )
        backends = [service.backend(owner) for service in _SERVICES]
        for backend in backends:
            backend.settle()  # what is due is none of the seed's, and stays
        sowing = _Sowing(owner)
        with all_or_nothing(*backends):
            try:
                sowing.make(wanted(seed.content))
            except ValidationException as error:
                sowing.note("", error)
            if sowing.mistakes:
                raise SeedError(f"{seed.title} is not taken: {_told(sowing.mistakes)}.")
        sowing.send_codes()
        return sowing.made


def sow_if_empty(seed: Seed) -> None:
    """Make what a seed asks for unless the account has contacts or response plans already."""
    with LOCK:
        owner = _owner()
        if owner and _has_any(owner):
            sys.stderr.write(f"{seed.title} is not taken: there are contacts or plans already.\n")
        else:
            sow(seed)


class _UnmadeError(Exception):
    """A request names something whose own request was refused."""


class _Sowing:
    """What came of a seed by now: `made`, ARNs by kind and name, and `mistakes`.

    Codes of channels are sent at the end: what is sent cannot be taken back.
    """

    def __init__(self, owner: Owner) -> None:
        self.made: dict[str, Any] = {CONTACTS: {}, CHANNELS: {}, ROTATIONS: {}, PLANS: {}}
        self.mistakes: list[str] = []
        self._owner = owner
        self._waiting: list[str] = []  # channels for their code

    def make(self, requests: list[Wanted]) -> None:
        """Make one thing after the other, and go on after a mistake: all are told at once."""
        for want in requests:
            arn = ""
            try:
                arn = self._call(want)
            except _UnmadeError:
                pass  # that mistake is noted
            except ServiceException as error:
                self.note(want.path, error)
            if want.kind:
                self._named(want).setdefault(want.name, arn)

    def note(self, path: str, error: ServiceException) -> None:
        """Note what is wrong, where in the seed."""
        fields = getattr(error, "Fields", None)
        if fields:
            prefix = f"{path}." if path else ""
            self.mistakes += [f"{prefix}{each['Name']}: {each['Message']}" for each in fields]
        else:
            self.mistakes.append(f"{path}: {error.message.rstrip('.')}")

    def send_codes(self) -> None:
        """Send their code to the channels whose activation is not deferred."""
        backend = _SERVICES[0].backend(self._owner)
        for arn in self._waiting:
            backend.call("SendActivationCode", {"ContactChannelId": arn}, self._owner.region)

    def _call(self, want: Wanted) -> str:
        service = next(each for each in _SERVICES if want.operation in each.operations)
        parameters = self._checked(service, want)
        answer = service.backend(self._owner).call(want.operation, parameters, self._owner.region)
        arn = str(next(iter(answer.values()), ""))
        if want.channel == ACTIVATED:
            backend = contacts[self._owner.account][self._owner.place]
            backend.channels[resource_of(arn)].is_active = True
        elif want.channel == WAITING:
            self._waiting.append(arn)
        return arn

    def _checked(self, service: Service, want: Wanted) -> dict[str, Any]:
        shape = cast("StructureShape", service.operations[want.operation].input_shape)
        failures = Failures()
        own = self.made[CHANNELS].get(want.owner, {})
        names = Names({**self.made, CHANNELS: own}, failures)
        parameters = names.resolve(want.parameters, shape)
        failures.raise_if_any()
        if names.unmade:
            raise _UnmadeError
        checked: dict[str, Any] = check(parameters, shape, "", failures)
        failures.raise_if_any()
        service.check(want.operation, checked)
        return checked

    def _named(self, want: Wanted) -> dict[str, str]:
        made: dict[str, Any] = self.made[want.kind]
        if want.kind == CHANNELS:
            return made.setdefault(want.owner, {})  # type: ignore[no-any-return]
        return made


def _owner() -> Owner | None:
    """Return whose the seed is: the account that everybody has, where its replication set is."""
    account = _SERVICES[0].owner_of("", "").account
    for partition in PARTITIONS:
        if regions := HOMES.of(account, partition):
            return Owner(account, partition, regions[0])
    return None


def _has_any(owner: Owner) -> bool:
    people, incidents = (service.backend(owner) for service in _SERVICES)
    return bool(
        people.call("ListContacts", {})["Contacts"]  # without any, there are no rotations
        or incidents.call("ListResponsePlans", {})["responsePlanSummaries"]
    )


def _told(mistakes: list[str]) -> str:
    more = len(mistakes) - _MOST_TOLD
    return "; ".join(mistakes[:_MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")


CALLS: Mapping[str, Call] = {"POST seed": lambda request: sow(_seed(request))}


def _seed(request: Request) -> Seed:
    return Seed(read_body(request))
