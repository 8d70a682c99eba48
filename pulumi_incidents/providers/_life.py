"""What the providers of all kinds share: configuration, checks, errors as one sentence.

Nothing is ever on an instance: the state keeps a reference to the class, and `configure` is told to
`_aws`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar, cast

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, ResourceProvider

from pulumi_incidents.providers import _aws, _diff, _model, _settings
from pulumi_incidents.providers._aws import Service
from pulumi_incidents.providers._declaration import AWS_PROVIDER, check_failures, context_of

if TYPE_CHECKING:
    from botocore.model import StructureShape

Method = TypeVar("Method", bound=Callable[..., Any])


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
        more = [
            *_settings.check_options(sent),
            *self.beyond_the_model(sent),
            *self.beyond_a_change(_olds, sent),
        ]
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

    def beyond_a_change(
        self, _olds: Mapping[str, Any], _inputs: Mapping[str, Any]
    ) -> Iterable[_model.Failure]:
        """Yield what AWS could make, and cannot make of what was declared before."""
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


def is_looked_up(props: Mapping[str, Any]) -> bool:
    """Tell whether something else manages the resource."""
    return bool(context_of(props).get("looked_up"))
