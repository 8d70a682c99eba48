"""A rotation: who is on call by turns.

Follows CreateRotation, GetRotation, UpdateRotation and DeleteRotation of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_Operations_AWS_Systems_Manager_Incident_Manager_Contacts.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _aws, _diff, _documented, _marks, _model, _people
from pulumi_incidents.providers._aws import Thing
from pulumi_incidents.providers._life import Operations
from pulumi_incidents.providers._numbered import Numbered
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from typing_extensions import Unpack


class HandOffTimeArgs(TypedDict):
    """A time of day, in the time zone of the rotation."""

    hour_of_day: pulumi.Input[int]
    """0-23."""
    minute_of_hour: pulumi.Input[int]
    """0-59."""


class WeeklySettingArgs(TypedDict):
    """A day of the week on which the next shift begins."""

    day_of_week: pulumi.Input[Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]]
    """The day."""
    hand_off_time: pulumi.Input[HandOffTimeArgs]
    """When on that day."""


class MonthlySettingArgs(TypedDict):
    """A day of the month on which the next shift begins."""

    day_of_month: pulumi.Input[int]
    """1-31; what AWS makes of the 31st in a shorter month no document says."""
    hand_off_time: pulumi.Input[HandOffTimeArgs]
    """When on that day."""


class CoverageTimeArgs(TypedDict):
    """A part of a day in which somebody is on call."""

    start: pulumi.Input[HandOffTimeArgs]
    """When it begins."""
    end: pulumi.Input[HandOffTimeArgs]
    """When it ends, at least 30 minutes later; a time that is not later is one of the next day."""


class RecurrenceArgs(TypedDict):
    """When the next one takes over: daily, weekly or monthly, exactly one of them."""

    number_of_on_calls: pulumi.Input[int]
    """How many are on call at once, at least 1 and at most the number of members."""
    recurrence_multiplier: pulumi.Input[int]
    """How many days, weeks or months a shift lasts, 1-100."""
    daily_settings: NotRequired[pulumi.Input[Sequence[pulumi.Input[HandOffTimeArgs]] | None]]
    """The times of day at which the next shift begins, in the order given."""
    weekly_settings: NotRequired[pulumi.Input[Sequence[pulumi.Input[WeeklySettingArgs]] | None]]
    """The days and times of the week, in the order given."""
    monthly_settings: NotRequired[pulumi.Input[Sequence[pulumi.Input[MonthlySettingArgs]] | None]]
    """The days and times of the month, in the order given."""
    shift_coverages: NotRequired[
        pulumi.Input[
            Mapping[
                Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"],
                pulumi.Input[Sequence[pulumi.Input[CoverageTimeArgs]]],
            ]
            | None
        ]
    ]
    """The hours of each day in which somebody is on call; left out, that is always."""


class RotationArgs(TypedDict):
    """The inputs of a `Rotation`: the members of CreateRotation in snake_case."""

    contact_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """ARNs of 1-30 people, in the order of their shifts."""
    time_zone_id: pulumi.Input[str]
    """Time zone of IANA, such as `Europe/Dublin`, by which hand-offs are meant."""
    recurrence: pulumi.Input[RecurrenceArgs]
    """When the next one takes over."""
    start_time: NotRequired[pulumi.Input[str | None]]
    """When the first shift begins, ISO 8601 with a zone. Left out, AWS decides, and taking it out
    again is no change."""
    name: NotRequired[pulumi.Input[str | None]]
    """Name for people, 1-255 letters, digits, spaces, `_`, `-` and `.`. Another name is another
    rotation, as AWS cannot rename one.

    Left out, it is the resource's name and seven characters that are this stack's own.
    """
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """At most 49 tags; keys 1-128 letters, digits and `\\/_+=-`, values 1-256 characters.

    `aws:defaultTags` of the stack are added. AWS takes 50: one more says whose the rotation is,
    `pulumi-incidents/owner`.
    """
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this rotation alone, in place of the stack's `aws:`
    configuration."""


class RotationProvider(Numbered):
    """The lifecycle of a rotation. Its id is the rotation's ARN."""

    service = _aws.CONTACTS
    noun = "rotation"
    identifier = "RotationId"
    own = ("aws_config",)
    computed = ("start_time",)
    operations = Operations(
        create="CreateRotation",
        get="GetRotation",
        update="UpdateRotation",
        delete="DeleteRotation",
        list="ListRotations",
    )

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what makes no rotation."""
        yield from super().beyond_the_model(inputs)
        yield from _documented.failures(self.inputs(), inputs, {"contact_ids[]": _people.CONTACT})
        yield from _people.rotation_failures(inputs)

    @classmethod
    def changed(
        cls, olds: Mapping[str, Any], news: Mapping[str, Any], options: Iterable[str]
    ) -> list[str]:
        """List what is declared otherwise; a start that is taken out stays as it is."""
        changed = super().changed(olds, news, options)
        return [key for key in changed if key != "start_time" or news.get(key) is not None]

    @classmethod
    def patch(cls, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return what UpdateRotation takes: a change of anything sends the whole rotation.

        The recurrence is required, and whether the rest stays when it is left out is in no
        document.
        """
        skip = (*cls.replaced_by, "tags")
        if not set(cls.changed(olds, news, ())).difference(skip):
            return {}
        whole = {key: value for key, value in news.items() if key not in skip}
        request = _model.to_api(cls.inputs(), _diff.canonical(cls.inputs(), whole))
        return dict(request)

    @classmethod
    def started(cls, thing: Thing) -> Iterator[str]:
        """Yield the rotations of this name that have no owner."""
        name = thing.props["name"]
        for page in cls.service.pages(
            thing.props, cls.operations.list, thing.subject, RotationNamePrefix=name
        ):
            for each in page["Rotations"]:
                arn = each["RotationArn"]
                if each["Name"] == name and not _marks.mark_of(thing._replace(arn=arn)):
                    yield arn


class Rotation(AwsResource, module="ssmcontacts", name="Rotation"):
    """People who are on call by turns.

    Takes the fields of `RotationArgs`, as a map or as keywords. An on-call schedule, a `Contact` of
    type ONCALL_SCHEDULE, names rotations in its plan.
    """

    declares = RotationArgs
    life = RotationProvider

    contact_ids: pulumi.Output[Sequence[str]]
    time_zone_id: pulumi.Output[str]
    recurrence: pulumi.Output[Mapping[str, Any]]
    start_time: pulumi.Output[str | None]
    name: pulumi.Output[str]
    tags: pulumi.Output[Mapping[str, str] | None]
    owner: pulumi.Output[str | None]
    """The tag `pulumi-incidents/owner` of the rotation: who made it."""

    @overload
    def __init__(
        self, resource_name: str, args: RotationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[RotationArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)
