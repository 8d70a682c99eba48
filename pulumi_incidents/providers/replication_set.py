"""The replication set of an account: in which regions Incident Manager keeps its data.

Follows CreateReplicationSet, GetReplicationSet, UpdateReplicationSet, UpdateDeletionProtection and
DeleteReplicationSet of https://docs.aws.amazon.com/incident-manager/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, UpdateResult
from pulumi.output import Unknown
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.identity.errors import THE_SET
from pulumi_incidents.providers import (
    _aws,
    _marks,
    _model,
    _ownership,
    _regions,
    _replication,
    _settings,
    _tags,
)
from pulumi_incidents.providers._aws import Changes, Thing
from pulumi_incidents.providers._declaration import identity_of, newest
from pulumi_incidents.providers._life import Operations, is_looked_up, one_sentence
from pulumi_incidents.providers._managed import REFRESH, Managed
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from botocore.model import StructureShape
    from typing_extensions import Unpack


# What is not in the state after a create whose last call failed, so that the next run does it.
_UNFINISHED = ("tags", "default_tags", "status")


class RegionArgs(TypedDict):
    """One region of a replication set."""

    name: pulumi.Input[str]
    """Region, such as `eu-west-1`."""
    sse_kms_key_id: NotRequired[pulumi.Input[str | None]]
    """ARN of the KMS key of this region that encrypts what is kept there. Left out, it is a key of
    AWS's own. All regions have one, or none has. AWS gives a region no other key later."""


class ReplicationSetArgs(TypedDict):
    """The inputs of a `ReplicationSet`."""

    regions: pulumi.Input[Sequence[pulumi.Input[RegionArgs]]]
    """1-3 regions, the one that the resource calls among them. New ones are added in this order,
    which means nothing otherwise."""
    deletion_protected: NotRequired[pulumi.Input[bool | None]]
    """Whether AWS refuses to delete the set and its last region, and with them everything in
    Incident Manager; true unless it is false here."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """At most 49 tags; keys 1-128 and values 0-256 letters, digits, spaces and `_=@:.+-/`.

    `aws:defaultTags` of the stack are added. AWS takes 50: one more says whose the set is,
    `pulumi-incidents:owner`.
    """
    on_delete: NotRequired[pulumi.Input[Literal["keep", "destroy"] | None]]
    """What becomes of the set when this resource goes: `keep` (default), or `destroy`, which
    deletes everything in Incident Manager, and is refused while it is protected."""
    adopt_existing: NotRequired[bool | None]
    """Take over a set that another resource has marked as its own, and take regions out of it that
    are not declared; by default that is refused. A set that nobody has marked is taken over in
    any case, as an account has only one."""
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this set alone, in place of the stack's `aws:` configuration."""


class ReplicationSetProvider(Managed):
    """The lifecycle of the replication set. Its id is the set's ARN.

    A set is never replaced, and a resource that goes leaves it there, unless that is asked for
    twice. Every change is found out from what AWS has, so that a run that was killed is resumed by
    the next one.
    """

    noun = THE_SET
    unique = False
    replaced_by = ()
    own = (*Managed.own, "on_delete")
    told = ("status",)
    operations = Operations(
        create="CreateReplicationSet",
        get="GetReplicationSet",
        update="UpdateReplicationSet",
        delete="DeleteReplicationSet",
        list="ListReplicationSets",
    )

    @classmethod
    def inputs(cls) -> StructureShape:
        """Return the shape of what may be declared: no operation takes all of it."""
        return _regions.inputs()

    def named(self, _olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs as they are: a set has no name."""
        return dict(news)

    def completed(self, _olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with the protection that is there unless it is declined."""
        inputs = super().completed(_olds, news)
        given = inputs.get("deletion_protected")
        return {**inputs, "deletion_protected": True if given is None else given}

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what makes no set."""
        yield from super().beyond_the_model(inputs)
        yield from _regions.failures(inputs, _settings.region(inputs))
        on_delete = inputs.get("on_delete")
        if not isinstance(on_delete, Unknown) and on_delete not in (None, "keep", "destroy"):
            yield _model.Failure("on_delete", "must be one of keep, destroy", repr(on_delete))

    def beyond_a_change(
        self, _olds: Mapping[str, Any], _inputs: Mapping[str, Any]
    ) -> Iterable[_model.Failure]:
        """Yield a region that is to get another key: AWS cannot do that."""
        yield from _regions.change_failures(_olds, _inputs)

    @classmethod
    def changed(
        cls, olds: Mapping[str, Any], news: Mapping[str, Any], options: Iterable[str]
    ) -> list[str]:
        """List what is declared otherwise, and what a create could not finish.

        `on_delete` is noted in the state, which is all that a delete has.
        """
        unfinished = () if olds.get("status") else ("status",)
        return [*super().changed(olds, news, (*options, "on_delete")), *unfinished]

    @one_sentence
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare as others do. Nothing asks for a replacement, and a forced one deletes nothing.

        It begins with a create, which finds the set that is there.
        """
        result = super().diff(_id, _olds, _news)
        result.delete_before_replace = False
        return result

    @one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the set of the account, or take over the one that is there; then mark it.

        The mark comes last: a set without one is what an interrupted run leaves.
        """
        thing = self.thing(props)
        _replication.require_home(thing)
        thing, is_new = _replication.there(thing)
        owner = _ownership.new_mark(identity_of(props))
        tags = _ownership.declared_tags(props)
        olds = {"tags": tags} if is_new else self._taken_over(thing, owner)
        changes = Changes(thing, "run again")
        found = _replication.bring(changes, olds)
        made = {**props, "owner": owner, **self.seen(found)}
        try:
            _tags.bring(changes, olds["tags"], _ownership.marked_tags(props, owner))
        except _aws.IncidentManagerError as error:
            # An error would lose track of the mark, which AWS may have by now.
            _aws.tell(f"{thing.arn} may have no tags yet: {error} Run again.")
            made = {key: made[key] for key in made if key not in _UNFINISHED}
        return CreateResult(thing.arn, made)

    def _taken_over(self, thing: Thing, owner: str) -> dict[str, Any]:
        """Return what may be taken away from a set that is there; raise if it is not to be taken.

        That is all that it has where somebody asks for it, and else nothing.
        """
        found, tags = self.look(thing), _tags.read(thing)
        mark = tags.get(_ownership.OWNER_TAG)
        if thing.props.get("adopt_existing"):
            _replication.require_no_trouble(thing, found, found["regionMap"])
            if mark:
                # First: from then on whoever had the set leaves it alone.
                _marks.mark(thing, owner)
                _marks.confirm(thing, owner)
            users, _ = _ownership.users_tags(tags, {})
            return {**self.live(thing, found), "tags": users}
        if mark:
            raise _aws.IncidentManagerError(
                f"{thing.arn} is the replication set of {_ownership.holder(mark)}: set "
                "adopt_existing=True to take it over, or look it up with ReplicationSet.get."
            )
        wanted = {each.name for each in _regions.declared(thing.props)}
        if more := sorted(found["regionMap"].keys() - wanted):
            raise _aws.IncidentManagerError(
                f"{thing.arn} exists already, and has {', '.join(more)} as well: declare these "
                "regions and take them out in a later `pulumi up`, or set adopt_existing=True to "
                "take them out at once."
            )
        _aws.tell(f"{thing.arn} exists already, and nobody has marked it: it is taken over.")
        return {"tags": {}}

    @one_sentence
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring the set to what is declared, in as many calls as AWS wants, with waits between."""
        thing = self.thing(_news, _id)
        _replication.require_home(thing)
        mark = _marks.require_ours(thing, _olds)
        owner = _olds.get("owner") or _ownership.new_mark(identity_of(_news))
        changes = Changes(thing, REFRESH)
        found = _replication.bring(changes, _olds)
        _tags.bring(
            changes, _ownership.marked_tags(_olds, mark), _ownership.marked_tags(_news, owner)
        )
        return UpdateResult({**_news, "owner": owner, **self.seen(found)})

    @one_sentence
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leave the set where it is and give up its mark, or delete it where that is asked for."""
        thing = self.thing(newest(_props), _id)
        try:
            mark = _marks.mark_of(thing)
            if _marks.is_lost(thing, mark, "it is not deleted"):
                return
            if _props.get("on_delete") == "destroy":
                _replication.destroy(thing)
                return
            if mark:
                _tags.bring(Changes(thing, "run again"), {_ownership.OWNER_TAG: mark}, {})
            _aws.tell(f"{thing.arn} stays, and everything in Incident Manager with it.")
        except _aws.NotFoundError:
            _aws.confirm_gone(thing)

    @classmethod
    def thing(cls, props: Mapping[str, Any], arn: str = "") -> Thing:
        """Return the set: there is one in an account."""
        return Thing(cls.service, props, arn, cls.noun)

    @classmethod
    def look(cls, thing: Thing) -> Mapping[str, Any]:
        """Return what AWS answers about a set, its tags aside."""
        return _replication.look(thing)

    @classmethod
    def live(cls, thing: Thing, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the set as properties."""
        regions = _regions.live(answer, {} if is_looked_up(thing.props) else thing.props)
        return {"regions": regions, "deletion_protected": answer["deletionProtected"]}


class ReplicationSet(AwsResource, module="ssmincidents", name="ReplicationSet"):
    """The replication set of an account: in which regions Incident Manager keeps its data.

    Takes the fields of `ReplicationSetArgs`, as a map or as keywords. An account has one: a set
    that is there is taken over. Changes take AWS minutes, and are waited for up to two hours each.
    Whatever else is of Incident Manager needs an active set, so plans and contacts of the same
    program say `depends_on` it.
    """

    declares = ReplicationSetArgs
    life = ReplicationSetProvider
    outputs = ("owner", "status")

    regions: pulumi.Output[Sequence[Mapping[str, str]]]
    deletion_protected: pulumi.Output[bool]
    tags: pulumi.Output[Mapping[str, str] | None]
    on_delete: pulumi.Output[str | None]
    owner: pulumi.Output[str | None]
    """The tag `pulumi-incidents:owner` of the set: who made it or took it over."""
    status: pulumi.Output[str]
    """`ACTIVE`, `CREATING`, `UPDATING`, `DELETING` or `FAILED`, as of the last update or
    refresh."""

    @overload
    def __init__(
        self,
        resource_name: str,
        args: ReplicationSetArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ReplicationSetArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)
