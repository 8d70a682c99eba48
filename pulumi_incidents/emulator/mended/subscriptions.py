"""moto's subscriptions to topics, which nobody has to confirm there: those of e-mail have to be.

Follows Subscribe, ConfirmSubscription, ListSubscriptionsByTopic and GetTopicAttributes in the SNS
API reference. The token that AWS sends by e-mail is told by `waiting`. Addresses of HTTP count as
confirmed, as those are that confirm by themselves. That of Amazon Q Developer in chat applications
is AWS's own: what is local is never sent there.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription, sns_backends
from moto.sns.responses import SNSResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHAT_CLIENT = "https://global.sns-api.chatbot.amazonaws.com"
_BY_HAND = ("email", "email-json")
_PENDING = "PendingConfirmation"


@functools.cache
def connect() -> None:
    """Let subscriptions wait for their confirmation from now on; a second time changes nothing."""
    wrapped: dict[Any, dict[str, Callable[..., Any]]] = {
        SNSBackend: {"subscribe": _subscribed},
        Subscription: {"publish": _published},
        SNSResponse: {
            "subscribe": _subscription,
            "list_subscriptions": _listed,
            "list_subscriptions_by_topic": _listed,
            "get_topic_attributes": _counted,
        },
    }
    for owner, methods in wrapped.items():
        for name, wrap in methods.items():
            setattr(owner, name, wrap(getattr(owner, name)))
    SNSResponse.confirm_subscription = _confirm  # type: ignore[method-assign,assignment]


def waiting() -> list[dict[str, str]]:
    """Return whose confirmation is awaited, in all accounts and regions, with the token of each."""
    found = (
        each
        for regions in list(sns_backends.values())
        for backend in list(regions.values())
        for each in list(backend.subscriptions.values())
    )
    return [
        {
            "topic": each.topic_arn,
            "protocol": each.protocol,
            "endpoint": each.endpoint,
            "token": _token(each),
        }
        for each in found
        if _is_pending(each)
    ]


def _token(subscription: Subscription) -> str:
    return hashlib.sha512(subscription.arn.encode()).hexdigest()


def _is_pending(subscription: Subscription) -> bool:
    return bool(subscription.attributes.get(_PENDING))


def _subscribed(subscribe: Callable[..., Subscription]) -> Callable[..., Subscription]:
    @functools.wraps(subscribe)
    def done(backend: SNSBackend, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        before = {*backend.subscriptions}
        made = subscribe(backend, topic_arn, endpoint, protocol)
        if protocol in _BY_HAND and made.arn not in before:
            made.attributes.update({_PENDING: True, "ConfirmationWasAuthenticated": False})
        return made

    return done


def _published(publish: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(publish)
    def done(subscription: Subscription, *args: Any, **more: Any) -> None:
        if subscription.endpoint.rstrip("/") != CHAT_CLIENT:
            publish(subscription, *args, **more)

    return done


def _subscription(subscribe: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    @functools.wraps(subscribe)
    def done(handler: Any) -> ActionResult:
        wants_arn = handler._get_param("ReturnSubscriptionArn")  # noqa: SLF001 - as moto's own do
        answer: Any = subscribe(handler).result
        made = handler.backend.subscriptions[answer["SubscriptionArn"]]
        arn = "pending confirmation" if _is_pending(made) and not wants_arn else made.arn
        return ActionResult({"SubscriptionArn": arn})

    return done


def _listed(listed: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    @functools.wraps(listed)
    def done(handler: Any) -> ActionResult:
        answer: Any = listed(handler).result
        return ActionResult({**answer, "Subscriptions": [*map(_shown, answer["Subscriptions"])]})

    return done


def _shown(subscription: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": _PENDING if _is_pending(subscription) else subscription.arn,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }


def _counted(told: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    @functools.wraps(told)
    def done(handler: Any) -> ActionResult:
        answer: Any = told(handler).result
        found = _of_topic(handler.backend, answer["Attributes"]["TopicArn"])
        pending = sum(map(_is_pending, found))
        counts = {
            "SubscriptionsPending": pending,
            "SubscriptionsConfirmed": len(found) - pending,
        }
        return ActionResult({"Attributes": {**answer["Attributes"], **counts}})

    return done


def _of_topic(backend: SNSBackend, arn: str) -> list[Subscription]:
    every: Iterable[Subscription] = list(backend.subscriptions.values())
    return [each for each in every if each.topic_arn == arn]


def _confirm(handler: Any) -> ActionResult:
    topic = handler.backend.get_topic(handler._get_param("TopicArn"))  # noqa: SLF001
    token = handler._get_param("Token")  # noqa: SLF001
    found = [each for each in _of_topic(handler.backend, topic.arn) if _token(each) == token]
    if not found:
        raise SNSInvalidParameter("Invalid parameter: Token")
    found[0].attributes[_PENDING] = False
    return ActionResult({"SubscriptionArn": found[0].arn})
