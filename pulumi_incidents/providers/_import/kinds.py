"""The kinds that can be imported: how an id tells its kind, and what pulumi-aws calls it.

A new kind is one more row of `KINDS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.providers import _people
from pulumi_incidents.providers._managed import Managed
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers.contact import Contact
from pulumi_incidents.providers.contact_channel import ContactChannel
from pulumi_incidents.providers.contact_plan import ContactPlan
from pulumi_incidents.providers.replication_set import ReplicationSet
from pulumi_incidents.providers.response_plan import ResponsePlan
from pulumi_incidents.providers.rotation import Rotation
from pulumi_incidents.providers.rotation_override import RotationOverride


class Kind(NamedTuple):
    """A kind of resource, as the command knows it."""

    resource: type[AwsResource]
    """What a program declares."""
    noun: str
    """What the command calls one; an `s` makes it several."""
    official: str
    """Type token of the resource of pulumi-aws for the same thing; empty if there is none."""
    pattern: re.Pattern[str] | None
    """What its ids look like; None if the id is that of another kind."""
    title: Callable[[str, Mapping[str, Any]], str]
    """What a resource is called in a program, by its id and its inputs."""

    @property
    def life(self) -> type[Managed]:
        """Its provider."""
        return cast("type[Managed]", self.resource.life)

    @property
    def official_name(self) -> str:
        """What a Python program calls the resource of pulumi-aws: `aws.ssmcontacts.Plan`."""
        _, module, name = re.split("[:/]", self.official.rpartition(":")[0])
        return f"aws.{module}.{name[0].upper()}{name[1:]}"


def _alias(identifier: str, _inputs: Mapping[str, Any]) -> str:
    return identifier.split("/")[1]


def _named(_identifier: str, inputs: Mapping[str, Any]) -> str:
    return slug(inputs["name"])


def slug(text: str) -> str:
    """Return a text as a name: letters, digits, `_` and `-` alone."""
    return re.sub(r"[^\w-]+", "-", text)


_ROTATION = _people.ROTATION.pattern.pattern
_PLAN = re.compile(r"arn:aws[a-z-]*:ssm-incidents::\d{12}:response-plan/[a-zA-Z0-9_-]+")

_SET = re.compile(r"arn:aws[a-z-]*:ssm-incidents::\d{12}:replication-set/[a-zA-Z0-9-]+")

REPLICATION_SET = Kind(
    ReplicationSet,
    "replication set",
    "aws:ssmincidents/replicationSet:ReplicationSet",
    _SET,
    lambda *_: "replication",
)
RESPONSE_PLAN = Kind(
    ResponsePlan,
    "response plan",
    "aws:ssmincidents/responsePlan:ResponsePlan",
    _PLAN,
    _alias,
)
CONTACT = Kind(
    Contact,
    "contact",
    "aws:ssmcontacts/contact:Contact",
    _people.CONTACT.pattern,
    _alias,
)
CONTACT_CHANNEL = Kind(
    ContactChannel,
    "contact channel",
    "aws:ssmcontacts/contactChannel:ContactChannel",
    _people.CHANNEL.pattern,
    lambda identifier, inputs: f"{identifier.split('/')[1]}-{slug(inputs['name'])}",
)
CONTACT_PLAN = Kind(
    ContactPlan,
    "plan",
    "aws:ssmcontacts/plan:Plan",
    None,
    lambda identifier, _: f"{identifier.split('/')[1]}-plan",
)
OVERRIDE = Kind(
    RotationOverride,
    "override",
    "",
    re.compile(f"{_ROTATION},[0-9a-zA-Z-]+"),
    lambda identifier, _: f"override-{identifier.rpartition(',')[2][:8]}",
)
ROTATION = Kind(
    Rotation,
    "rotation",
    "aws:ssm/contactsRotation:ContactsRotation",
    re.compile(f"(?!.*,){_ROTATION}"),
    _named,
)
KINDS = (
    *(REPLICATION_SET, RESPONSE_PLAN),
    *(CONTACT, CONTACT_CHANNEL, CONTACT_PLAN, ROTATION, OVERRIDE),
)
OFFICIAL = {kind.official: kind for kind in KINDS if kind.official}


def known(identifier: str) -> Kind | None:
    """Return the kind of what has this id; None if it is none that can be imported."""
    for kind in KINDS:
        if kind.pattern and kind.pattern.fullmatch(identifier):
            return kind
    return None


def kind_of(identifier: str) -> Kind:
    """Return the kind of what has this id.

    :raises IncidentManagerError: one sentence, if it is none that can be imported.
    """
    kind = known(identifier)
    if not kind:
        raise IncidentManagerError(
            f"{identifier} is not the ARN of a response plan, a replication set, a contact, a "
            "contact channel or a rotation, such as "
            "arn:aws:ssm-incidents::123456789012:response-plan/checkout; an override is "
            "the ARN of its rotation, a comma and its id."
        )
    return kind
