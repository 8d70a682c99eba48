"""The life of a thing at AWS, written once: a kind's provider says only what is its own.

`Life` is what the providers of all kinds share. `Managed` is the whole life of a thing that is
created, updated and deleted, and whose tags say whose it is. Nothing is ever on an instance: the
state keeps a reference to the class, and `configure` is told to `_aws`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar, cast

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_incidents.identity.settings import without_ignored
from pulumi_incidents.providers import _aws, _diff, _marks, _model, _ownership, _settings, _tags
from pulumi_incidents.providers._aws import Changes, Service, Thing
from pulumi_incidents.providers._declaration import (
    AWS_PROVIDER,
    CONTEXT,
    check_failures,
    context_of,
    declared_twice,
    identity_of,
    newest,
)

if TYPE_CHECKING:
    from botocore.model import StructureShape

Method = TypeVar("Method", bound=Callable[..., Any])

# What comes after an update that was half done: then the state says what AWS has.
_REFRESH = "run `pulumi refresh` before anything else"


def one_sentence(method: Method) -> Method:
    """Decorate a provider method: an expected failure shows no traceback, a bug keeps its own.

    The plugin process prints `traceback.format_exc()`, which has this one switch. It is set for
    every exception anew, because the process and the switch live on.
    """

    @functools.wraps(method)
    def wrapper(*args: Any) -> Any:
        try:
            return method(*args)
        except _aws.IncidentManagerError as error:
            sys.tracebacklimit = 0
            raise error from None
        except Exception:
            sys.tracebacklimit = 1000
            raise

    return cast("Method", wrapper)


class Operations(NamedTuple):
    """What a service calls the operations on one kind of thing."""

    create: str
    get: str = ""
    update: str = ""
    delete: str = ""
    list: str = ""


class Life(ResourceProvider):
    """What the providers of all kinds share."""

    serialize_as_secret_always = False

    service: ClassVar[Service] = _aws.INCIDENTS
    operations: ClassVar[Operations]
    """Those of the kind; the members of `create` are its inputs."""
    own: ClassVar[tuple[str, ...]] = ("adopt_existing", "aws_config")
    """Inputs of the provider itself, which stand for no member of an operation."""

    def configure(self, req: ConfigureRequest) -> None:
        """Follow the stack's `aws:` configuration."""
        _aws.configure(req)

    @one_sentence
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report every input that AWS would refuse, and that it would be made in a wrong account.

        Nothing is called but for the account's number, where accounts are allowed or forbidden.
        """
        inputs = self.completed(_olds, news)
        sent = self.sent(inputs)
        more = [*_settings.check_options(sent), *self.beyond_the_model(sent)]
        failures = check_failures(self.inputs(), sent, self.own, more)
        if not failures and _settings.is_known(inputs):
            _settings.note(inputs)
            if mistake := _aws.account_mistake(inputs):
                failures = [CheckFailure("", mistake)]
        return CheckResult(inputs, failures)

    def completed(self, _olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with what is added to them where nothing is declared."""
        return news

    def sent(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs as AWS will get them, for the model to check."""
        return inputs

    def beyond_the_model(self, _inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what AWS's documents refuse of what is sent, and its model does not say."""
        return ()

    @classmethod
    def inputs(cls) -> StructureShape:
        """Return the shape of what a program may declare."""
        return cls.service.inputs_of(cls.operations.create)

    @classmethod
    def changed(
        cls, olds: Mapping[str, Any], news: Mapping[str, Any], options: Iterable[str]
    ) -> list[str]:
        """List what is declared otherwise, among the members of the model and some options."""
        return [
            *_diff.changed(cls.inputs(), olds, news),
            *(key for key in options if (olds.get(key) or None) != (news.get(key) or None)),
            *([AWS_PROVIDER] if _settings.is_moved(olds, news) else ()),
        ]


class Managed(Life):
    """The life of a thing that is created, updated and deleted here, and has tags."""

    noun: ClassVar[str]
    """What errors call it, such as `response plan`."""
    identifier: ClassVar[str] = "arn"
    """The member in which the operations but `create` take its ARN."""
    replaced_by: ClassVar[tuple[str, ...]] = ("name",)
    """Inputs of which another value is another thing."""

    def completed(self, _olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with a name, and with the stack's tags beside the own ones."""
        inputs, defaults = _ownership.named(_olds, news), _settings.default_tags(_olds, news)
        return {**inputs, **({"default_tags": defaults} if defaults else {})}

    def sent(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with all tags that they will have, the owner's mark aside."""
        own = inputs.get("tags")
        wrong = own and not isinstance(own, Mapping)  # or not known yet: the model tells
        tags = own if wrong else _ownership.declared_tags(inputs)
        declared = {key: value for key, value in inputs.items() if key != "default_tags"}
        return {**declared, **({"tags": tags} if tags else {})}

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what two resources would fight for, and a tag too many."""
        yield from declared_twice(self.noun, inputs, _settings.told_apart(inputs))
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
            delete_before_replace="name" not in changed,
        )

    @one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the thing in one call, or take over one that exists where that is asked for."""
        owner = _ownership.new_mark(identity_of(props))
        wanted = {**props, "tags": _ownership.marked_tags(props, owner)}
        request = _model.to_api(self.inputs(), _diff.canonical(self.inputs(), wanted))
        thing = self.thing(props)
        try:
            arn = self.arn_of(thing.call(self.operations.create, **request))
        except _aws.ExistsError as conflict:
            arn = conflict.arn if conflict.arn.startswith("arn:") else self.find(thing)
            self._take_over(thing._replace(arn=arn), owner)
        return CreateResult(arn, {**props, "owner": owner})

    @one_sentence
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the thing and its tags, in the user's spelling where nothing drifted."""
        props = newest(props)
        thing, looked_up = self.thing(props, id_), is_looked_up(props)
        try:
            live, live_tags = self.live(thing), _tags.read(thing)
        except _aws.NotFoundError:
            if looked_up and props.keys().isdisjoint(_model.required(self.inputs())):
                raise  # there never was one to look up
            _aws.confirm_gone(thing)
            return ReadResult("", {})
        mark = live_tags.get(_ownership.OWNER_TAG)
        if not looked_up and _marks.is_lost(thing, mark, "this stack goes on without it"):
            return ReadResult("", {})
        live["tags"], default_tags = _ownership.users_tags(live_tags, props)
        inputs = _diff.reconcile(self.inputs(), props, live)
        inputs.update(
            {key: props[key] for key in (*self.own, CONTEXT, AWS_PROVIDER) if key in props}
        )
        if default_tags:
            inputs["default_tags"] = default_tags
        owner = mark if looked_up else props.get("owner")
        outs = {**inputs, **({"owner": owner} if owner else {})}
        return ReadResult(id_, outs, inputs=None if looked_up else inputs)

    @one_sentence
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Send what changed, and only that, in one call; tags take calls of their own."""
        thing = self.thing(_news, _id)
        mark = _marks.require_ours(thing, _olds)
        owner = _olds.get("owner") or _ownership.new_mark(identity_of(_news))
        changes = Changes(thing, _REFRESH)
        self._patch(changes, _olds, _news)
        _tags.bring(
            changes, _ownership.marked_tags(_olds, mark), _ownership.marked_tags(_news, owner)
        )
        return UpdateResult({**_news, "owner": owner})

    @one_sentence
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the thing; one that is gone is as good, and one of others is left alone."""
        thing = self.thing(newest(_props), _id)
        try:
            if not _marks.is_lost(thing, _marks.mark_of(thing), "it is not deleted"):
                thing.call(self.operations.delete, **{self.identifier: _id})
        except _aws.NotFoundError:
            _aws.confirm_gone(thing)

    @classmethod
    def thing(cls, props: Mapping[str, Any], arn: str = "") -> Thing:
        """Return the thing, as the resource with these `props` has it."""
        name = props.get("name") or arn.rpartition("/")[2]
        return Thing(cls.service, props, arn, f"{cls.noun} {name}")

    @classmethod
    def arn_of(cls, answer: Mapping[str, Any]) -> str:
        """Return the ARN in the answer of `create`."""
        return str(answer["arn"])

    @classmethod
    def live(cls, thing: Thing) -> dict[str, Any]:
        """Return a thing as properties, without its tags."""
        answer = thing.call(cls.operations.get, **{cls.identifier: thing.arn})
        return cast("dict[str, Any]", _model.from_api(cls.inputs(), answer))

    @classmethod
    def find(cls, thing: Thing) -> str:
        """Return the ARN of the thing with the declared name, where a conflict did not tell it."""
        for page in thing.service.pages(thing.props, cls.operations.list, thing.subject):
            for entry in next(value for value in page.values() if isinstance(value, list)):
                if entry["name"] == thing.props["name"]:
                    return str(entry["arn"])
        raise _aws.NotFoundError(f"{thing.subject} exists and is not listed: run again.")

    @classmethod
    def patch(cls, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of `update` that take a thing from `olds` to `news`."""
        return _diff.patch(cls.inputs(), olds, news, skip=(*cls.replaced_by, "tags"))

    def _patch(self, changes: Changes, olds: Mapping[str, Any], news: Mapping[str, Any]) -> None:
        if patch := self.patch(olds, news):
            changes.call(self.operations.update, **{self.identifier: changes.thing.arn}, **patch)

    def _take_over(self, thing: Thing, owner: str) -> None:
        """Bring a thing of the declared name to what is declared, if that is asked for.

        That an interrupted run of this very state has made it cannot be proved: its state says
        nothing, and its name, and what is made of names, may be those of another stack.
        """
        live, live_tags = self.live(thing), _tags.read(thing)
        mark = live_tags.get(_ownership.OWNER_TAG)
        if not thing.props.get("adopt_existing"):
            made = f"made by {_ownership.holder(mark)}" if mark else "without an owner's mark"
            raise _aws.IncidentManagerError(
                f"{thing.arn} exists already, {made}, and nothing proves that this resource made "
                "it: set adopt_existing=True to take it over, import it, or choose another name."
            )
        users, _ = _ownership.users_tags(live_tags, {})
        changes = Changes(thing, "run again")
        # The mark first: from then on whoever had the thing leaves it alone.
        _tags.bring(
            changes,
            _ownership.marked_tags({"tags": users}, mark),
            _ownership.marked_tags(thing.props, owner),
        )
        _marks.confirm(thing, owner)
        self._patch(changes, live, thing.props)


def is_looked_up(props: Mapping[str, Any]) -> bool:
    """Tell whether something else manages the resource."""
    return bool(context_of(props).get("looked_up"))
