"""A contact: a person, an escalation plan or an on-call schedule.

Follows CreateContact, GetContact, UpdateContact, DeleteContact and PutContactPolicy of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_Operations_AWS_Systems_Manager_Incident_Manager_Contacts.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import pulumi
from pulumi.output import Unknown
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _aws, _documented, _model, _ownership, _people
from pulumi_incidents.providers._aws import Changes, Thing
from pulumi_incidents.providers._life import Operations, is_looked_up
from pulumi_incidents.providers._managed import Managed
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from botocore.model import StructureShape
    from typing_extensions import Unpack


class ChannelTargetInfoArgs(TypedDict):
    """A contact channel that is paged."""

    contact_channel_id: pulumi.Input[str]
    """ARN of a channel of this very person."""
    retry_interval_in_minutes: NotRequired[pulumi.Input[int | None]]
    """Minutes before a page that could not be sent is tried again, 0-60."""


class ContactTargetInfoArgs(TypedDict):
    """A person or an on-call schedule that is engaged."""

    contact_id: pulumi.Input[str]
    """ARN of the person or the schedule."""
    is_essential: pulumi.Input[bool]
    """Whether their acknowledgement keeps the next stages from beginning."""


class TargetArgs(TypedDict):
    """Who a stage turns to: a channel in a person's plan, a contact in an escalation plan."""

    channel_target_info: NotRequired[pulumi.Input[ChannelTargetInfoArgs | None]]
    """A channel, in the plan of a person."""
    contact_target_info: NotRequired[pulumi.Input[ContactTargetInfoArgs | None]]
    """A person or a schedule, in an escalation plan."""


class StageArgs(TypedDict):
    """One step of a plan."""

    duration_in_minutes: pulumi.Input[int]
    """Minutes until the next stage begins, 0-30; 0 only with targets."""
    targets: pulumi.Input[Sequence[pulumi.Input[TargetArgs]]]
    """All of them at once; `[]` is a pause."""


class PlanArgs(TypedDict):
    """What happens when the contact is engaged. Stages begin one after another, in their order."""

    stages: NotRequired[pulumi.Input[Sequence[pulumi.Input[StageArgs]] | None]]
    """Of a person and an escalation plan; a schedule has none."""
    rotation_ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """Of an on-call schedule: at most 8 ARNs of rotations."""


class ContactArgs(TypedDict):
    """The inputs of a `Contact`: the members of CreateContact in snake_case, and its policy."""

    type: pulumi.Input[Literal["PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"]]
    """A person, an escalation plan or an on-call schedule. Another type is another contact."""
    alias: NotRequired[pulumi.Input[str | None]]
    """Unique name in the account, 1-255 lower-case letters, digits, `-` and `_`; AWS's console
    shows up to 50. Another alias is another contact.

    Left out, it is the resource's name and seven characters that are this stack's own.
    """
    display_name: NotRequired[pulumi.Input[str | None]]
    """Name for people, at most 255 letters, digits, spaces, `_`, `.` and `-`."""
    plan: NotRequired[pulumi.Input[PlanArgs | None]]
    """Whom it engages or pages. Left out, it is left to a `ContactPlan`, and empty until then."""
    policy: NotRequired[pulumi.Input[str | Mapping[str, Any] | None]]
    """Resource policy that shares the contact with other accounts, as JSON or as a map.

    AWS has no way to remove one: give a policy that allows nothing instead.
    """
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """At most 49 tags; keys 1-128 letters, digits and `\\/_+=-`, values 1-256 characters.

    `aws:defaultTags` of the stack are added. AWS takes 50: one more says whose the contact is,
    `pulumi-incidents/owner`.
    """
    adopt_existing: NotRequired[bool | None]
    """Take over a contact of this alias that exists, whoever made it; by default that is refused.

    It is also the step after a run that was interrupted before it could record what it had made.
    """
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this contact alone, in place of the stack's `aws:`
    configuration."""


RULES = {
    "plan.stages[].targets[].channel_target_info.contact_channel_id": _people.CHANNEL,
    "plan.stages[].targets[].contact_target_info.contact_id": _people.CONTACT,
    "plan.rotation_ids[]": _people.ROTATION,
}


class ContactProvider(Managed):
    """The lifecycle of a contact. Its id is the contact's ARN."""

    service = _aws.CONTACTS
    noun = "contact"
    identifier = "ContactId"
    name = "alias"
    replaced_by = ("alias", "type")
    own = (*Managed.own, "policy")
    operations = Operations(
        create="CreateContact",
        get="GetContact",
        update="UpdateContact",
        delete="DeleteContact",
        list="ListContacts",
    )
    listed = ("Alias", "ContactArn")
    completes = ("policy",)
    computed = ("plan",)

    @classmethod
    def inputs(cls) -> StructureShape:
        """Return the shape of CreateContact, whose plan may be left out here."""
        return _model.inputs_with(cls.service.name, "CreateContact", optional=("Plan",))

    def named(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs with an alias, which has no capitals."""
        return _ownership.named(
            olds, news, self.name, lambda identity: _ownership.automatic_name(identity).lower()
        )

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what the documents rule out of the plan, and a policy that is none."""
        yield from super().beyond_the_model(inputs)
        yield from _people.plan_failures(inputs.get("type"), inputs.get("plan"))
        yield from _documented.failures(self.inputs(), inputs, RULES)
        yield from _policy_failures(inputs.get("policy"))

    def beyond_a_change(
        self, _olds: Mapping[str, Any], _inputs: Mapping[str, Any]
    ) -> Iterable[_model.Failure]:
        """Yield a policy that is taken out: AWS cannot remove one."""
        if _policy(_olds.get("policy")) and _inputs.get("policy") is None:
            told = (
                "cannot be taken out, because AWS has no way to remove one: give a policy that "
                "allows nothing"
            )
            yield _model.Failure("policy", told)

    @classmethod
    def changed(
        cls, olds: Mapping[str, Any], news: Mapping[str, Any], options: Iterable[str]
    ) -> list[str]:
        """List what is declared otherwise; policies are the same if their JSON is."""
        same = _policy(olds.get("policy")) == _policy(news.get("policy"))
        return [*super().changed(olds, news, options), *(() if same else ("policy",))]

    @classmethod
    def request(cls, props: Mapping[str, Any], owner: str | None) -> dict[str, Any]:
        """Return what CreateContact takes, which is never without a plan."""
        request = super().request(props, owner)
        return {**request, "Plan": request.get("Plan") or empty_plan(props["type"])}

    @classmethod
    def patch(cls, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of UpdateContact that take the contact from `olds` to `news`."""
        patch = super().patch(olds, news)
        if "Plan" in patch:
            patch["Plan"] = patch["Plan"] or empty_plan(news["type"])
        return patch

    def _patch(self, changes: Changes, olds: Mapping[str, Any], news: Mapping[str, Any]) -> None:
        super()._patch(changes, olds, news)
        policy = _policy(news.get("policy"))
        if policy and policy != _policy(olds.get("policy")):
            arn = changes.thing.arn
            changes.call("PutContactPolicy", ContactArn=arn, Policy=policy)

    @classmethod
    def complete(cls, thing: Thing) -> None:
        """Share a contact that was just made."""
        if policy := _policy(thing.props.get("policy")):
            thing.call("PutContactPolicy", ContactArn=thing.arn, Policy=policy)

    @classmethod
    def look(cls, thing: Thing) -> Mapping[str, Any]:
        """Return what AWS answers about a contact, its policy included where one is declared."""
        answer = super().look(thing)
        if not thing.props.get("policy") and not is_looked_up(thing.props):
            return answer
        try:
            return {**thing.call("GetContactPolicy", ContactArn=thing.arn), **answer}
        except _aws.NotFoundError:
            return answer  # it is the policy that there is not: the contact was just found

    @classmethod
    def own_live(cls, props: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the policy as it is at AWS, in the user's spelling where it is the same."""
        live, declared = answer.get("Policy"), props.get("policy")
        if not live and not declared:
            return {}
        return {"policy": declared if _policy(live) == _policy(declared) else live}


def _policy(given: Any) -> str | None:
    """Return a policy in one spelling; what is no JSON is itself, and told in `check`."""
    if not given or isinstance(given, Unknown):
        return None
    try:
        document = json.loads(given) if isinstance(given, str) else given
        return json.dumps(document, sort_keys=True)
    except (TypeError, ValueError):
        return str(given)


def _policy_failures(given: Any) -> Iterable[_model.Failure]:
    if given is None or isinstance(given, Unknown):
        return
    try:
        document = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        document = None
    if not isinstance(document, Mapping) or "Statement" not in document:
        yield _model.Failure("policy", "must be a policy, as JSON or as a map, with a Statement")


def empty_plan(kind: str) -> dict[str, Any]:
    """Return the plan of a contact that engages nobody."""
    return {"RotationIds": []} if kind == _people.SCHEDULE else {"Stages": []}


class Contact(AwsResource, module="ssmcontacts", name="Contact"):
    """A contact of Incident Manager: a person, an escalation plan or an on-call schedule.

    Takes the fields of `ContactArgs`, as a map or as keywords, checks all of them in `pulumi
    preview`, and brings AWS to what is declared, removals included.
    """

    declares = ContactArgs
    life = ContactProvider

    alias: pulumi.Output[str]
    type: pulumi.Output[str]
    display_name: pulumi.Output[str | None]
    plan: pulumi.Output[Mapping[str, Any] | None]
    policy: pulumi.Output[Any]
    tags: pulumi.Output[Mapping[str, str] | None]
    owner: pulumi.Output[str | None]
    """The tag `pulumi-incidents/owner` of the contact: who made it or took it over."""

    @overload
    def __init__(
        self, resource_name: str, args: ContactArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ContactArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)
