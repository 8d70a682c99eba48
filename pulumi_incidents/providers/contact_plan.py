"""The plan of a contact, apart from the contact: for a person, whose channels come in between.

A plan names channels, and channels name their contact; so the contact is made without a plan, then
its channels, then this. Follows UpdateContact and GetContact of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_Operations_AWS_Systems_Manager_Incident_Manager_Contacts.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import pulumi
from pulumi.dynamic import CreateResult
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _aws, _diff, _documented, _model, _people
from pulumi_incidents.providers._aws import Changes, Thing
from pulumi_incidents.providers._declaration import newest
from pulumi_incidents.providers._life import Operations, one_sentence
from pulumi_incidents.providers._managed import Managed
from pulumi_incidents.providers._people import PERSON, SCHEDULE
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs
from pulumi_incidents.providers.contact import RULES, StageArgs, empty_plan

if TYPE_CHECKING:
    from botocore.model import StructureShape
    from typing_extensions import Unpack


class ContactPlanArgs(TypedDict):
    """The inputs of a `ContactPlan`."""

    contact_id: pulumi.Input[str]
    """ARN of the contact, whose own `plan` is left out. Another one is another plan."""
    stages: NotRequired[pulumi.Input[Sequence[pulumi.Input[StageArgs]] | None]]
    """Of a person and an escalation plan; they begin one after another, in their order."""
    rotation_ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """Of an on-call schedule: at most 8 ARNs of rotations."""
    adopt_existing: NotRequired[bool | None]
    """Replace a plan that the contact has already, whoever made it; by default that is refused."""
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this plan alone, in place of the stack's `aws:` configuration."""


class ContactPlanProvider(Managed):
    """The lifecycle of a plan. Its id is the contact's ARN."""

    service = _aws.CONTACTS
    noun = "plan of contact"
    identifier = "ContactId"
    name = "contact_id"
    replaced_by = ("contact_id",)
    tagged = False
    operations = Operations(
        create="UpdateContact", get="GetContact", update="UpdateContact", delete="UpdateContact"
    )

    @classmethod
    def inputs(cls) -> StructureShape:
        """Return the shape of a contact's id and of its plan."""
        return _model.inputs_spread(cls.service.name, "UpdateContact", "ContactId", "Plan")

    def named(self, _olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs as they are: the contact is the name."""
        return dict(news)

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what no contact's plan has, and a contact with two plans."""
        yield from super().beyond_the_model(inputs)
        rules = {key.removeprefix("plan."): rule for key, rule in RULES.items()}
        yield from _documented.failures(
            self.inputs(), inputs, {"contact_id": _people.CONTACT, **rules}
        )
        if inputs.get("stages") and inputs.get("rotation_ids"):
            told = "must not be given beside stages: only a schedule has rotations"
            yield _model.Failure("rotation_ids", told)

    @one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Give the contact its plan; one that it has already is replaced only where asked for."""
        thing = self.thing(props, props["contact_id"])
        live = self.live(thing, self.look(thing))
        declared = _diff.canonical(self.inputs(), props)
        has_one = live.get("stages") or live.get("rotation_ids")
        same = not _diff.changed(self.inputs(), live, declared)
        if has_one and not same and not props.get("adopt_existing"):
            raise _aws.IncidentManagerError(
                f"{thing.arn} has a plan already, and nothing proves that this resource made it: "
                "set adopt_existing=True to replace it."
            )
        if not same:
            self._patch(Changes(thing, "run again"), live, props)
        return CreateResult(thing.arn, props)

    @classmethod
    def patch(cls, _olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the whole plan: UpdateContact replaces all of it."""
        plan = _model.to_api(cls.inputs(), _diff.canonical(cls.inputs(), news))
        del plan["ContactId"]
        return {"Plan": plan or empty_plan(SCHEDULE if _olds.get("rotation_ids") else PERSON)}

    @classmethod
    def look(cls, thing: Thing) -> Mapping[str, Any]:
        """Return the plan of the contact."""
        answer = super().look(thing)
        return {"ContactId": thing.arn, **answer["Plan"]}

    @one_sentence
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leave the contact with an empty plan; one that is gone has none."""
        thing = self.thing(newest(_props), _id)
        kind = SCHEDULE if _props.get("rotation_ids") else PERSON
        try:
            thing.call("UpdateContact", ContactId=_id, Plan=empty_plan(kind))
        except _aws.NotFoundError:
            _aws.confirm_gone(thing)


class ContactPlan(AwsResource, module="ssmcontacts", name="ContactPlan"):
    """The stages or rotations of a contact, apart from it.

    Takes the fields of `ContactPlanArgs`, as a map or as keywords.
    """

    declares = ContactPlanArgs
    life = ContactPlanProvider
    outputs = ()

    contact_id: pulumi.Output[str]
    stages: pulumi.Output[Sequence[Mapping[str, Any]] | None]
    rotation_ids: pulumi.Output[Sequence[str] | None]

    @overload
    def __init__(
        self,
        resource_name: str,
        args: ContactPlanArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ContactPlanArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)
