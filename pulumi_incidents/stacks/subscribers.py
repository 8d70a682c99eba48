"""Who or what gets the messages of a topic."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers._model import below, echo
from pulumi_incidents.stacks._json import as_text, parsed
from pulumi_incidents.stacks._mistakes import is_output

_MAIL = ("email", "email-json")
_ADDRESS = (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address")
_ENDPOINTS = {
    **dict.fromkeys(_MAIL, _ADDRESS),
    "https": (re.compile(r"https://\S+"), "an address that starts with https://"),
    "http": (re.compile(r"http://\S+"), "an address that starts with http://"),
    "sms": (re.compile(r"\+[1-9]\d{6,14}"), "a phone number, such as +4915112345678"),
    "lambda": (re.compile(r"arn:aws[a-z-]*:lambda:\S+"), "the ARN of a function"),
    "sqs": (re.compile(r"arn:aws[a-z-]*:sqs:\S+"), "the ARN of a queue"),
    "firehose": (re.compile(r"arn:aws[a-z-]*:firehose:\S+"), "the ARN of a delivery stream"),
    "application": (re.compile(r"arn:aws[a-z-]*:sns:\S+"), "the ARN of a mobile endpoint"),
}
_HOST = re.compile(r"https?://(?:[^/?#]*@)?([^/?#:]*)")
_LONGEST_READABLE = 40
_SHOWN_DIGITS = 4
# What is JSON at AWS.
_JSON = ("filter_policy", "redrive_policy", "delivery_policy")
# Inputs that only some protocols have (SNS API, *Subscribe*).
_ONLY_FOR = {
    "raw_message_delivery": ("sqs", "https", "http", "firehose"),
    "delivery_policy": ("https", "http"),
    "subscription_role_arn": ("firehose",),
    "confirmation_timeout_in_minutes": ("https", "http"),
    "endpoint_auto_confirms": ("https", "http"),
}


class SubscriberArgs(TypedDict):
    """Somebody or something that gets every message of a topic, or those that pass a filter.

    Besides the topic, it takes all that `aws.sns.TopicSubscription` does for a standard topic.
    """

    protocol: Literal[
        "email", "email-json", "https", "http", "sms", "lambda", "sqs", "firehose", "application"
    ]
    """How it is reached."""
    endpoint: pulumi.Input[str]
    """E-mail address, https address, phone number with its country, or ARN of a function or queue.

    An e-mail address has to confirm; a queue or function needs a policy that lets SNS in.
    """
    name: NotRequired[str | None]
    """Which subscriber it is, where the endpoint is an output: needed there, and to be kept.

    Another name for the same endpoint unsubscribes it. All others are known by their endpoint.
    """
    filter_policy: NotRequired[pulumi.Input[Mapping[str, Any] | str | None]]
    """Which messages it gets, as a map or JSON."""
    filter_policy_scope: NotRequired[pulumi.Input[str | None]]
    """What the filter looks at: `MessageAttributes` (default) or `MessageBody`. The messages of
    Incident Manager are JSON without attributes."""
    raw_message_delivery: NotRequired[pulumi.Input[bool | None]]
    """Deliver the message alone, without what SNS says around it."""
    redrive_policy: NotRequired[pulumi.Input[Mapping[str, Any] | str | None]]
    """Queue for what cannot be delivered, as a map with `deadLetterTargetArn` or JSON."""
    delivery_policy: NotRequired[pulumi.Input[Mapping[str, Any] | str | None]]
    """How often an address is tried, as a map or JSON."""
    subscription_role_arn: NotRequired[pulumi.Input[str | None]]
    """Role that writes into a delivery stream; required with `firehose`."""
    confirmation_timeout_in_minutes: NotRequired[pulumi.Input[int | None]]
    """How long to wait for an address that confirms by itself."""
    endpoint_auto_confirms: NotRequired[pulumi.Input[bool | None]]
    """Whether an address confirms by itself, as PagerDuty's does."""


def inputs_of(subscriber: SubscriberArgs) -> dict[str, Any]:
    """Return what of a subscriber pulumi-aws takes; a map becomes JSON."""
    given = {key: value for key, value in subscriber.items() if key != "name"}
    return {key: _as_json(value) if key in _JSON else value for key, value in given.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value

    return pulumi.Output.from_input(value).apply(as_text)


def name_of(subscriber: SubscriberArgs) -> str:
    """Return what a subscription is called: what it is, and not where in the list it stands.

    SNS answers the subscription that is there when an endpoint subscribes again. Under another
    name it would be taken on like that, and then removed because its old name is gone.
    """
    protocol, endpoint, name = _identity(subscriber)
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name or _readable(protocol, endpoint)).strip("-")
    identity = f"{protocol} {endpoint} {name}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:7]
    return f"{protocol}-{readable[:_LONGEST_READABLE]}-{digest}"


def _identity(subscriber: SubscriberArgs) -> tuple[str, str, str]:
    """Return protocol and endpoint, or the name where the endpoint is not known yet."""
    protocol, endpoint = subscriber["protocol"], subscriber["endpoint"]
    if isinstance(endpoint, str):
        return protocol, endpoint, ""
    return protocol, "", subscriber.get("name") or ""


def _readable(protocol: str, endpoint: str) -> str:
    """Return what of an endpoint people know it by; the rest of an address may be a password."""
    if host := _HOST.match(endpoint):
        return host[1]
    if protocol == "sms":
        return endpoint[-_SHOWN_DIGITS:]
    return endpoint if protocol in _MAIL else endpoint.split(":", 5)[-1]


def subscriber_mistakes(subscribers: Sequence[SubscriberArgs], path: str) -> Iterator[str]:
    """Find what types do not say of subscribers, which stand at `path`."""
    placed = {f"{path}[{number}]": subscriber for number, subscriber in enumerate(subscribers)}
    for place, subscriber in placed.items():
        yield from _endpoint_mistakes(subscriber, place)
        yield from _option_mistakes(subscriber, place)
    yield from _repeated_mistakes(placed)


def _option_mistakes(subscriber: Mapping[str, Any], path: str) -> Iterator[str]:
    protocol = subscriber["protocol"]
    for key, protocols in _ONLY_FOR.items():
        if subscriber.get(key) is not None and protocol not in protocols:
            yield f"{below(path, key)} is for {', '.join(protocols)}, and this is {protocol}"
    if protocol == "firehose" and subscriber.get("subscription_role_arn") is None:
        yield f"{below(path, 'subscription_role_arn')} is required with firehose"
    scope, scopes = subscriber.get("filter_policy_scope"), ("MessageAttributes", "MessageBody")
    if isinstance(scope, str) and scope not in scopes:
        place = below(path, "filter_policy_scope")
        yield f"{place} must be one of {', '.join(scopes)}; got {echo(scope)}"
    for key in _JSON:
        given = subscriber.get(key)
        if isinstance(given, str) and not isinstance(parsed(given), Mapping):
            yield f"{below(path, key)} must be a map or JSON of one; got {echo(given)}"


def _endpoint_mistakes(subscriber: SubscriberArgs, path: str) -> Iterator[str]:
    endpoint, (pattern, what) = subscriber["endpoint"], _ENDPOINTS[subscriber["protocol"]]
    if isinstance(endpoint, str):
        if not pattern.fullmatch(endpoint):
            yield f"{path}.endpoint must be {what}; got {endpoint!r}"
    elif not subscriber.get("name"):
        yield f"{path}.name is required, because the endpoint is an output; keep it once chosen"


def _repeated_mistakes(subscribers: Mapping[str, SubscriberArgs]) -> Iterator[str]:
    known: dict[object, str] = {}
    for path, subscriber in subscribers.items():
        endpoint, name = subscriber["endpoint"], subscriber.get("name")
        if not is_output(endpoint):
            other = known.setdefault((subscriber["protocol"], endpoint), path)
            if other != path:
                yield f"{path} is {other} once more; take one of them out"
        if name:
            other = known.setdefault(name, path)
            if other != path:
                yield f"{path}.name is also that of {other}; choose another one"
