"""The life of a thing at AWS that is created, updated and deleted, written once.

A kind's provider says only what is its own: its operations, what its name is and what replaces it,
what AWS's documents refuse. Where a kind has tags, one of them says whose the thing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast

from botocore import xform_name
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, UpdateResult

from pulumi_incidents.identity.settings import without_ignored
from pulumi_incidents.providers import _aws, _diff, _marks, _model, _ownership, _settings, _tags
from pulumi_incidents.providers._aws import Changes, Thing
from pulumi_incidents.providers._declaration import (
    AWS_PROVIDER,
    CONTEXT,
    declared_twice,
    identity_of,
    newest,
)
from pulumi_incidents.providers._life import Life, is_looked_up, one_sentence

# What comes after an update that was half done: then the state says what AWS has.
REFRESH = "run `pulumi refresh` before anything else"


class Managed(Life):
    """The life of a thing that is created, updated and deleted here."""

    noun: ClassVar[str]
    """What errors call it, such as `response plan`."""
    identifier: ClassVar[str] = "arn"
    """The member in which the operations but `create` take its ARN."""
    name: ClassVar[str] = "name"
    """The input that is its name."""
    unique: ClassVar[bool] = True
    """Whether only one thing at a place can have a name."""
    replaced_by: ClassVar[tuple[str, ...]] = ("name",)
    """Inputs of which another value is another thing."""
    tagged: ClassVar[bool] = True
    """Whether things of the kind have tags, and so a mark of their owner."""
    told: ClassVar[tuple[str, ...]] = ()
    """Members of the answer of `get` that are outputs, and no inputs."""
    completes: ClassVar[tuple[str, ...]] = ()
    """Inputs that take another call than `create`."""
    listed: ClassVar[tuple[str, str]] = ("name", "arn")
    """Members of an entry of `list`: the name, and the ARN."""
    computed: ClassVar[tuple[str, ...]] = ()
    """Inputs that AWS answers where they are not declared, which is no drift."""

    def completed(self, _olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with a name, and with the stack's tags beside the own ones."""
        inputs = self.named(_olds, news)
        defaults = _settings.default_tags(_olds, news) if self.tagged else {}
        return {**inputs, **({"default_tags": defaults} if defaults else {})}

    def named(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs with a name."""
        return _ownership.named(olds, news, self.name)

    def sent(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with all tags that they will have, the owner's mark aside."""
        if not self.tagged:
            return inputs
        own = inputs.get("tags")
        wrong = own and not isinstance(own, Mapping)  # or not known yet: the model tells
        tags = own if wrong else _ownership.declared_tags(inputs)
        declared = {key: value for key, value in inputs.items() if key != "default_tags"}
        return {**declared, **({"tags": tags} if tags else {})}

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what two resources would fight for, and a tag too many."""
        if self.unique:
            yield from declared_twice(self.noun, inputs, _settings.told_apart(inputs), self.name)
        yield from _ownership.tag_failures(inputs.get("tags"), _settings.ignores(inputs))

    @one_sentence
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is declared now with what was; a new name is a new thing."""
        ignores = _settings.ignores(_news)
        olds, news = (
            without_ignored(each, ignores, "tags", "default_tags") for each in (_olds, _news)
        )
        changed = self.changed(olds, news, ("aws_config", "default_tags"))
        replaces = [key for key in self.replaced_by if key in changed]
        return DiffResult(
            changes=None if changed else False,
            replaces=replaces,
            # Asked for by other means than a new name, a replacement would meet its own name.
            delete_before_replace=self.name not in changed,
        )

    @one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the thing in one call, or take over one that exists where that is asked for."""
        owner = _ownership.new_mark(identity_of(props)) if self.tagged else None
        thing = self.thing(props)
        try:
            answer = thing.call(self.operations.create, **self.request(props, owner))
            arn = self.identified(thing, answer)
        except _aws.ExistsError as conflict:
            arn = conflict.arn if conflict.arn.startswith("arn:") else self.find(thing)
            self._take_over(thing._replace(arn=arn), owner)
        return CreateResult(
            arn, {**self._completed(thing._replace(arn=arn)), **_ownership.owned(owner)}
        )

    @one_sentence
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the thing and its tags, in the user's spelling where nothing drifted."""
        props = newest(props)
        thing, looked_up = self.thing(props, id_), is_looked_up(props)
        try:
            answer, live_tags = self.look(thing), self.tags_of(thing)
        except _aws.NotFoundError:
            if looked_up and props.keys().isdisjoint(_model.required(self.inputs())):
                raise  # there never was one to look up
            _aws.confirm_gone(thing)
            return ReadResult("", {})
        mark = live_tags.get(_ownership.OWNER_TAG)
        if not looked_up and _marks.is_lost(thing, mark, "this stack goes on without it"):
            return ReadResult("", {})
        live = self.live(thing, answer)
        live["tags"], default_tags = _ownership.users_tags(live_tags, props)
        inputs = _diff.reconcile(self.inputs(), props, live)
        inputs.update(
            {key: props[key] for key in (*self.own, CONTEXT, AWS_PROVIDER) if key in props}
        )
        inputs.update(self.own_live(props, answer))
        if default_tags:
            inputs["default_tags"] = default_tags
        owner = mark if looked_up else props.get("owner")
        outs = {**inputs, **_ownership.owned(owner), **self.seen(answer)}
        return ReadResult(id_, outs, inputs=None if looked_up else inputs)

    @one_sentence
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Send what changed, and only that, in one call; tags take calls of their own."""
        thing = self.thing(_news, _id)
        changes = Changes(thing, REFRESH)
        if not self.tagged:
            self._patch(changes, _olds, _news)
            return UpdateResult({**self.kept(_olds), **_news})
        mark = _marks.require_ours(thing, _olds)
        owner = _olds.get("owner") or _ownership.new_mark(identity_of(_news))
        self._patch(changes, _olds, _news)
        _tags.bring(
            changes, _ownership.marked_tags(_olds, mark), _ownership.marked_tags(_news, owner)
        )
        return UpdateResult({**self.kept(_olds), **_news, "owner": owner})

    @one_sentence
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the thing; one that is gone is as good, and one of others is left alone."""
        thing = self.thing(newest(_props), _id)
        try:
            mark = self.tags_of(thing).get(_ownership.OWNER_TAG)
            if not _marks.is_lost(thing, mark, "it is not deleted"):
                thing.call(self.operations.delete, **self.named_by(_id))
        except _aws.NotFoundError:
            _aws.confirm_gone(thing)

    @classmethod
    def thing(cls, props: Mapping[str, Any], arn: str = "") -> Thing:
        """Return the thing, as the resource with these `props` has it."""
        name = props.get(cls.name) or arn.rpartition("/")[2]
        return Thing(cls.service, props, arn, f"{cls.noun} {name}")

    @classmethod
    def named_by(cls, identifier: str) -> dict[str, str]:
        """Return the members that name a thing by its id, in all requests but `create`."""
        return {cls.identifier: identifier}

    @classmethod
    def identified(cls, _thing: Thing, answer: Mapping[str, Any]) -> str:
        """Return the id of a thing that `create` has made: its ARN."""
        (arn,) = (each for each in answer.values() if str(each).startswith("arn:"))
        return str(arn)

    @classmethod
    def request(cls, props: Mapping[str, Any], owner: str | None) -> dict[str, Any]:
        """Return what `create` takes, the owner's mark included."""
        tags = {"tags": _ownership.marked_tags(props, owner)} if cls.tagged else {}
        shape = cls.inputs()
        request = _model.to_api(shape, _diff.canonical(shape, {**props, **tags}))
        for member in [name for name in request if name.lower() == "tags"]:
            request[member] = _tags.spelled(cls.service, request[member])
        return cast("dict[str, Any]", request)

    @classmethod
    def look(cls, thing: Thing) -> Mapping[str, Any]:
        """Return what AWS answers about a thing, its tags aside."""
        answer = thing.call(cls.operations.get, **cls.named_by(thing.arn))
        return cast("Mapping[str, Any]", answer)

    @classmethod
    def live(cls, thing: Thing, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what AWS answers as properties, without what is declared by nobody."""
        live = _model.from_api(cls.inputs(), answer)
        if is_looked_up(thing.props):
            return cast("dict[str, Any]", live)
        hidden = {key for key in cls.computed if thing.props.get(key) is None}
        return {key: value for key, value in live.items() if key not in hidden}

    @classmethod
    def seen(cls, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs that only AWS knows."""
        return {xform_name(name): answer[name] for name in cls.told if name in answer}

    @classmethod
    def own_live(cls, _props: Mapping[str, Any], _answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return inputs of the provider itself as they are at AWS."""
        return {}

    @classmethod
    def complete(cls, thing: Thing) -> None:
        """Do for a new thing what `create` cannot: the inputs of `completes`."""

    @classmethod
    def kept(cls, olds: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of them that an update leaves as they were."""
        keys = map(xform_name, cls.told)
        return {key: olds[key] for key in keys if olds.get(key) is not None}

    @classmethod
    def tags_of(cls, thing: Thing) -> dict[str, str]:
        """Return the tags of a thing, if its kind has any."""
        return _tags.read(thing) if cls.tagged else {}

    @classmethod
    def find(cls, thing: Thing) -> str:
        """Return the ARN of the thing with the declared name, where a conflict did not tell it."""
        name, arn = cls.listed
        for page in thing.service.pages(thing.props, cls.operations.list, thing.subject):
            for entry in next(value for value in page.values() if isinstance(value, list)):
                if entry[name] == thing.props[cls.name]:
                    return str(entry[arn])
        raise _aws.NotFoundError(f"{thing.subject} exists and is not listed: run again.")

    @classmethod
    def patch(cls, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of `update` that take a thing from `olds` to `news`."""
        return _diff.patch(cls.inputs(), olds, news, skip=(*cls.replaced_by, "tags"))

    def _completed(self, thing: Thing) -> dict[str, Any]:
        """Complete a thing that was just made; return its properties without what failed.

        An error would lose track of what there is by now; the next run does what is missing.
        """
        try:
            self.complete(thing)
        except _aws.IncidentManagerError as error:
            missing = [key for key in self.completes if thing.props.get(key) is not None]
            _aws.tell(f"{thing.arn} was made without its {', '.join(missing)}: {error} Run again.")
            return {key: value for key, value in thing.props.items() if key not in missing}
        return dict(thing.props)

    def _patch(self, changes: Changes, olds: Mapping[str, Any], news: Mapping[str, Any]) -> None:
        if patch := self.patch(olds, news):
            changes.call(self.operations.update, **self.named_by(changes.thing.arn), **patch)

    def _take_over(self, thing: Thing, owner: str | None) -> None:
        """Bring a thing of the declared name to what is declared, if that is asked for.

        That an interrupted run of this very state has made it cannot be proved: its state says
        nothing, and its name, and what is made of names, may be those of another stack.
        """
        live, live_tags = self.live(thing, self.look(thing)), self.tags_of(thing)
        mark = live_tags.get(_ownership.OWNER_TAG)
        if not thing.props.get("adopt_existing"):
            made = f"made by {_ownership.holder(mark)}" if mark else "without an owner's mark"
            raise _aws.IncidentManagerError(
                f"{thing.arn} exists already, {made}, and nothing proves that this resource made "
                "it: set adopt_existing=True to take it over, import it, or choose another name."
            )
        changes = Changes(thing, "run again")
        if owner:
            users, _ = _ownership.users_tags(live_tags, {})
            # The mark first: from then on whoever had the thing leaves it alone.
            _tags.bring(
                changes,
                _ownership.marked_tags({"tags": users}, mark),
                _ownership.marked_tags(thing.props, owner),
            )
            _marks.confirm(thing, owner)
        self._patch(changes, live, thing.props)
