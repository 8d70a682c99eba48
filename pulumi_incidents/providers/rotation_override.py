"""An override: other people than usual are on call for a while.

Follows CreateRotationOverride, GetRotationOverride and DeleteRotationOverride of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_Operations_AWS_Systems_Manager_Incident_Manager_Contacts.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, overload

import pulumi
from pulumi.dynamic import ReadResult
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _aws, _documented, _model, _people
from pulumi_incidents.providers._aws import Thing
from pulumi_incidents.providers._declaration import newest
from pulumi_incidents.providers._life import Operations, one_sentence
from pulumi_incidents.providers._numbered import Numbered
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from typing_extensions import Unpack


class RotationOverrideArgs(TypedDict):
    """The inputs of a `RotationOverride`. AWS cannot change one: any change is another one."""

    rotation_id: pulumi.Input[str]
    """ARN of the rotation."""
    new_contact_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """ARNs of up to 30 members of the rotation who are on call instead, those included who are on
    call anyway and stay."""
    start_time: pulumi.Input[str]
    """When it begins, ISO 8601 with a zone; at most six months from now."""
    end_time: pulumi.Input[str]
    """When it ends, at least 30 minutes later."""
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this override alone, in place of the stack's `aws:`
    configuration."""


class RotationOverrideProvider(Numbered):
    """The lifecycle of an override. Its id is the rotation's ARN, a comma and the override's id."""

    service = _aws.CONTACTS
    noun = "override of rotation"
    name = "rotation_id"
    replaced_by = ("rotation_id", "new_contact_ids", "start_time", "end_time")
    tagged = False
    own = ("aws_config",)
    operations = Operations(
        create="CreateRotationOverride",
        get="GetRotationOverride",
        delete="DeleteRotationOverride",
    )

    def named(self, _olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs as they are: an override has no name."""
        return dict(news)

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what makes no override."""
        rules = {"rotation_id": _people.ROTATION, "new_contact_ids[]": _people.CONTACT}
        yield from _documented.failures(self.inputs(), inputs, rules)
        yield from _people.override_failures(inputs)

    @classmethod
    def thing(cls, props: Mapping[str, Any], arn: str = "") -> Thing:
        """Return the override, as the resource with these `props` has it."""
        rotation = props.get("rotation_id") or arn.partition(",")[0]
        return Thing(cls.service, props, arn, f"{cls.noun} {rotation.rpartition('/')[2]}")

    @classmethod
    def named_by(cls, identifier: str) -> dict[str, str]:
        """Return the members that name an override in a request."""
        rotation, _, override = identifier.partition(",")
        return {"RotationId": rotation, "RotationOverrideId": override}

    @classmethod
    def identified(cls, thing: Thing, answer: Mapping[str, Any]) -> str:
        """Return the id of an override that was just made."""
        return f"{thing.props['rotation_id']},{answer['RotationOverrideId']}"

    @classmethod
    def live(cls, thing: Thing, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the override as properties."""
        rotation = answer.get("RotationArn") or thing.arn.partition(",")[0]
        return super().live(thing, {**answer, "RotationId": rotation})

    @one_sentence
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the override; one that is over may be gone, and stays as it was declared."""
        result = super().read(id_, props)
        if not result.id and is_over(props):
            return ReadResult(id_, newest(props))
        return result


def is_over(props: Mapping[str, Any]) -> bool:
    """Tell whether an override has ended."""
    try:
        return _model.seconds(props.get("end_time")) < datetime.now(timezone.utc).timestamp()
    except ValueError:
        return False


class RotationOverride(AwsResource, module="ssmcontacts", name="RotationOverride"):
    """Other people than usual on call for a while.

    Takes the fields of `RotationOverrideArgs`, as a map or as keywords. Once it is over, it may
    stay in the program and may be taken out of it.
    """

    declares = RotationOverrideArgs
    life = RotationOverrideProvider
    outputs = ()

    rotation_id: pulumi.Output[str]
    new_contact_ids: pulumi.Output[Sequence[str]]
    start_time: pulumi.Output[str]
    end_time: pulumi.Output[str]

    @overload
    def __init__(
        self,
        resource_name: str,
        args: RotationOverrideArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[RotationOverrideArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)
