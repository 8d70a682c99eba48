"""The conditions of a policy statement, evaluated against what is known of a request.

Follows *IAM JSON policy elements: Condition*, *Condition operators* and *Multivalued context keys*
in the IAM user guide. Besides true and false there is a third answer: an operator or a key of
which nothing is known here cannot be evaluated, and whoever asks must not take that for allowed.
"""

from __future__ import annotations

import base64
import functools
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from botocore.utils import parse_timestamp

from pulumi_incidents.iam.wildcards import LITERALS, arn_like, like

# What is known of a request: key in lower case -> values. A known key without values is absent.
Context = Mapping[str, Sequence[str]]

# Keys that are evaluated: whatever a request does not have of these is absent at AWS as well.
_KNOWN = {
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:username",
    "aws:viaawsservice",
    "iam:awsservicename",
    "iam:passedtoservice",
    "sts:externalid",
}
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_BOOLEANS = ("true", "false")
# What stands for a policy variable without a value: no request has it.
_NO_VALUE = "\0"


class CannotEvaluate(Exception):  # noqa: N818 - an answer, and no error
    """A part of a policy that cannot be evaluated here; `str()` says which."""


def every(checks: Iterable[Callable[[], bool]]) -> bool:
    """Tell whether all checks are true; one that is false wins over one that cannot be evaluated.

    :raises CannotEvaluate: if one of them cannot be evaluated, and none is false.
    """
    unclear: CannotEvaluate | None = None
    for check in checks:
        try:
            if not check():
                return False
        except CannotEvaluate as reason:  # noqa: PERF203 - the next one may be false
            unclear = reason
    if unclear:
        raise unclear
    return True


def met(conditions: Mapping[str, Any], context: Context, *, has_variables: bool = True) -> bool:
    """Tell whether a request meets all conditions of a statement.

    Policies of a version before 2012-10-17 have no variables: `${` is a text in them.

    :raises CannotEvaluate: if one of them cannot be evaluated, and none is known not to be met.
    """

    def all_keys(operator: str, keys: Any) -> bool:
        if not isinstance(keys, Mapping):
            raise CannotEvaluate(f"the condition {operator}")
        return every(
            functools.partial(
                _met, operator, key.lower(), _texts(expected), context, has_variables=has_variables
            )
            for key, expected in keys.items()
        )

    return every(functools.partial(all_keys, *each) for each in conditions.items())


def _met(
    operator: str, key: str, expected: Sequence[str], context: Context, *, has_variables: bool
) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    actual = context.get(key)
    if actual is None:
        if key not in _KNOWN:
            raise CannotEvaluate(f"the condition key {key}")
        actual = ()
    if operator == "Null" and {value.lower() for value in expected} <= {*_BOOLEANS}:
        return any((not actual) == (value.lower() == "true") for value in expected)
    if name not in _OPERATORS or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise CannotEvaluate(f"the condition operator {operator}")
    matches, negated = _OPERATORS[name]
    wanted = [substituted(each, context, name) for each in expected] if has_variables else expected
    # Of these AWS's documents say nothing that could be relied upon.
    if negated and any(_NO_VALUE in value for value in wanted):
        raise CannotEvaluate(f"{operator} with a policy variable that has no value")
    if not actual and if_exists and quantifier == "ForAnyValue":
        raise CannotEvaluate(f"{operator} without {key}")
    if len(actual) > 1 and not quantifier:
        raise CannotEvaluate(f"{operator} with several values of {key}")
    if not actual:
        return if_exists or quantifier == "ForAllValues" or (negated and not quantifier)
    found = [any(matches(value, each) for each in wanted) != negated for value in actual]
    return any(found) if quantifier == "ForAnyValue" else all(found)


def _texts(values: Any) -> list[str]:
    """Return the values of a condition: one or several texts, numbers or booleans."""
    several = values if isinstance(values, (list, tuple)) else [values]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in several]


def substituted(text: str, context: Context, operator: str = "") -> str:
    """Return a text with its policy variables filled in: `${aws:username}`, `${*}`.

    A variable without a value in this request matches nothing (*Variables and tags*). Only texts
    and ARNs may have one.
    """
    if operator and not operator.startswith(("String", "Arn")) and _VARIABLE.search(text):
        raise CannotEvaluate(f"{operator} with a policy variable")
    is_pattern = not operator or _OPERATORS[operator][0] in (like, arn_like)

    def value(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(",")
        if name in LITERALS:
            return LITERALS[name] if is_pattern else name
        actual = context.get(name.strip().lower())
        if (actual is None and name.strip().lower() not in _KNOWN) or len(actual or ()) > 1:
            raise CannotEvaluate(f"the policy variable ${{{name}}}")
        if actual:
            return actual[0]
        return default.strip().strip("'") if default else _NO_VALUE

    return _VARIABLE.sub(value, text)


def _compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Any:
    """Return a comparison of two texts that are read; what cannot be read is like nothing."""

    def matches(actual: str, expected: str) -> bool:
        try:
            wanted = read(expected)
        except _UNREADABLE:
            raise CannotEvaluate(f"the value {expected}") from None
        try:
            return bool(compare(read(actual), wanted))
        except _UNREADABLE:
            return False

    return matches


# What those raise that read numbers, moments, networks and base64.
_UNREADABLE = (ValueError, ArithmeticError, RuntimeError)


def _moment(text: str) -> datetime:
    """Read a moment, by ISO 8601 or in seconds; one without a zone is in UTC."""
    found: datetime = parse_timestamp(text)
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _within(actual: Any, expected: Any) -> bool:
    return actual.version == expected.version and bool(actual.subnet_of(expected))


def _same(actual: Any, expected: Any) -> bool:
    return bool(actual == expected)


_Operator = tuple[Callable[[str, str], bool], bool]
_ORDERS: dict[str, tuple[Callable[[Any, Any], bool], bool]] = {
    "Equals": (_same, False),
    "NotEquals": (_same, True),
    "LessThan": (lambda actual, expected: actual < expected, False),
    "LessThanEquals": (lambda actual, expected: actual <= expected, False),
    "GreaterThan": (lambda actual, expected: actual > expected, False),
    "GreaterThanEquals": (lambda actual, expected: actual >= expected, False),
}
# Name -> how one value is compared with one of the policy, and whether it must not match.
_OPERATORS: dict[str, _Operator] = {
    "StringEquals": (_same, False),
    "StringNotEquals": (_same, True),
    "StringEqualsIgnoreCase": (_compared(str.lower, _same), False),
    "StringNotEqualsIgnoreCase": (_compared(str.lower, _same), True),
    "StringLike": (like, False),
    "StringNotLike": (like, True),
    "ArnEquals": (arn_like, False),
    "ArnLike": (arn_like, False),
    "ArnNotEquals": (arn_like, True),
    "ArnNotLike": (arn_like, True),
    "Bool": (_compared(str.lower, _same), False),
    "BinaryEquals": (_compared(lambda text: base64.b64decode(text, validate=True), _same), False),
    "IpAddress": (_compared(_network, _within), False),
    "NotIpAddress": (_compared(_network, _within), True),
    **{
        f"{kind}{name}": (_compared(read, compare), negated)
        for kind, read in (("Numeric", Decimal), ("Date", _moment))
        for name, (compare, negated) in _ORDERS.items()
    },
}
