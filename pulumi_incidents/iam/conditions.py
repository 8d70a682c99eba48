"""The conditions of a policy statement, evaluated against what is known of a request.

Follows *IAM JSON policy elements: Condition*, *Condition operators* and *Multivalued context keys*
in the IAM user guide. Besides true and false there is a third answer: an operator or a key of
which nothing is known here cannot be evaluated, and whoever asks must not take that for allowed.
"""

from __future__ import annotations

import base64
import binascii
import functools
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from botocore.utils import parse_timestamp

# What is known of a request: key in lower case -> values. A known key without values is absent.
Context = Mapping[str, Sequence[str]]

# Keys that are evaluated: whatever a request does not have of these is absent at AWS as well.
_KNOWN = {
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
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
    "sts:rolesessionname",
}
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = ("*", "?", "$")
_ARN_PARTS = 6
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


def met(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Tell whether a request meets all conditions of a statement.

    :raises CannotEvaluate: if one of them cannot be evaluated, and none is known not to be met.
    """
    return every(
        functools.partial(_met, operator, key.lower(), _texts(expected), context)
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    )


def _met(operator: str, key: str, expected: Sequence[str], context: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    actual = context.get(key)
    if actual is None:
        if key not in _KNOWN:
            raise CannotEvaluate(f"the condition key {key}")
        actual = ()
    if name == "Null":
        return (not actual) == (expected[0].lower() == "true")
    if name not in _OPERATORS or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise CannotEvaluate(f"the condition operator {operator}")
    matches, negated = _OPERATORS[name]
    wanted = [substituted(value, context, name) for value in expected]
    # Of both AWS's documents say nothing that could be relied upon.
    if negated and any(_NO_VALUE in value for value in wanted):
        raise CannotEvaluate(f"{operator} with a policy variable that has no value")
    if not actual and if_exists and quantifier == "ForAnyValue":
        raise CannotEvaluate(f"{operator} without {key}")
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

    A variable without a value in this request matches nothing (*Variables and tags*).
    """
    escapes = operator in ("StringLike", "StringNotLike", "ArnLike", "ArnNotLike", "")

    def value(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(",")
        if name in _LITERALS:
            return f"[{name}]" if escapes and name != "$" else name
        actual = context.get(name.strip().lower())
        if actual is None and name.strip().lower() not in _KNOWN:
            raise CannotEvaluate(f"the policy variable ${{{name}}}")
        if actual:
            return actual[0]
        return default.strip().strip("'") if default else _NO_VALUE

    return _VARIABLE.sub(value, text)


@functools.lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    """Return a text with the wildcards `*` and `?` as a pattern; `[*]` is the character."""
    parts = re.split(r"(\[[*?]\]|[*?])", text)
    translated = {"*": ".*", "?": ".", "[*]": r"\*", "[?]": r"\?"}
    return re.compile("".join(translated.get(part, re.escape(part)) for part in parts), re.DOTALL)


def like(actual: str, expected: str) -> bool:
    """Tell whether a text fits one with wildcards."""
    return bool(_pattern(expected).fullmatch(actual))


def arn_like(actual: str, expected: str) -> bool:
    """Tell whether an ARN fits one with wildcards, each of its six parts by itself.

    "Each of the six colon-delimited components of the ARN is checked separately."
    """
    parts, wanted = actual.split(":", _ARN_PARTS - 1), expected.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or len(wanted) != _ARN_PARTS:
        return expected == "*"
    return all(like(part, want) for part, want in zip(parts, wanted, strict=True))


def _compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Any:
    """Return a comparison of two texts that are read; what cannot be read does not match."""

    def matches(actual: str, expected: str) -> bool:
        try:
            return bool(compare(read(actual), read(expected)))
        except (ValueError, InvalidOperation, binascii.Error):
            return False

    return matches


def _in_network(actual: str, expected: str) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(expected, strict=False)
    except ValueError:
        return False


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
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    **{
        f"{kind}{name}": (_compared(read, compare), negated)
        for kind, read in (("Numeric", Decimal), ("Date", parse_timestamp))
        for name, (compare, negated) in _ORDERS.items()
    },
}
