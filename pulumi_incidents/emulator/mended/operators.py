"""The comparison operators of event patterns: what each may be given, and what it lets through.

Follows *Comparison operators for use in event patterns* in the EventBridge user guide. Pure.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

# Says whether the value of a field is one that is looked for.
Test = Callable[[Any], bool]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LOWER, _UPPER = (">", ">="), ("<", "<=")
_PAIR, _RANGE = 2, 4
_WILDCARD = re.compile(r"\\(.?)|(\*)", re.DOTALL)


class PatternError(Exception):
    """An event pattern is not valid, for a reason."""


def is_absent(value: Any) -> bool:
    """Stand for what is true of no value: that there is none."""
    del value
    return False


def matcher(declared: Any) -> Test:
    """Return what one entry of the array of a field lets through.

    :raises PatternError: with the reason, if it is no entry.
    """
    if isinstance(declared, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    if not isinstance(declared, dict):
        return _equal(declared)
    if len(declared) != 1:
        reason = "Only one key allowed in match expression"
        raise PatternError(reason if declared else "Match expression name not found")
    [(name, argument)] = declared.items()
    if name not in OPERATORS:
        raise PatternError(f"Unrecognized match type {name}")
    return OPERATORS[name](argument)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(wanted: Any) -> Test:
    if _is_number(wanted):
        return lambda value: _is_number(value) and value == wanted
    return lambda value: type(value) is type(wanted) and value == wanted  # True is not 1


def _string(argument: Any, name: str) -> str:
    if not isinstance(argument, str):
        raise PatternError(f"{name} match pattern must be a string")
    return argument


def _of_strings(test: Callable[[str], bool]) -> Test:
    return lambda value: isinstance(value, str) and test(value)


def _affix(name: str, does: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    """Return the operator for the beginning or the end of a string."""

    def operate(argument: Any) -> Test:
        if isinstance(argument, dict):
            if [*argument] != [_IGNORE_CASE]:
                told = ", ".join(argument) or "none"
                raise PatternError(f"Unsupported {name} pattern: {told}")
            small = _string(argument[_IGNORE_CASE], _IGNORE_CASE).lower()
            return _of_strings(lambda value: does(value.lower(), small))
        wanted = _string(argument, name)
        return _of_strings(lambda value: does(value, wanted))

    return operate


def _ignore_case(argument: Any) -> Test:
    small = _string(argument, _IGNORE_CASE).lower()
    return _of_strings(lambda value: value.lower() == small)


def _wildcard(argument: Any) -> Test:
    text = _string(argument, "wildcard")
    expression, end = "", 0
    for found in _WILDCARD.finditer(text):
        escaped, star = found.groups()
        if star and text[found.start() + 1 : found.start() + 2] == "*":
            raise PatternError(f"Consecutive wildcard characters at pos {found.start()}")
        if not star and escaped not in ("*", "\\"):
            raise PatternError(f"Invalid escape character at pos {found.start()}")
        expression += re.escape(text[end : found.start()])
        expression += ".*" if star else re.escape(escaped)
        end = found.end()
    pattern = re.compile(expression + re.escape(text[end:]), re.DOTALL)
    return _of_strings(lambda value: bool(pattern.fullmatch(value)))


def _numeric(argument: Any) -> Test:
    """Compare with one number, or with two as the ends of a range."""
    if not isinstance(argument, list):
        raise PatternError("Value of numeric must be an array.")
    if len(argument) not in (_PAIR, _RANGE):
        raise PatternError("Too many elements in numeric expression")
    pairs = list(zip(argument[::2], argument[1::2], strict=True))
    for sign, number in pairs:
        if not isinstance(sign, str) or sign not in _COMPARISONS:
            raise PatternError(f"Unrecognized numeric range operator: {sign}")
        if not _is_number(number):
            raise PatternError(f"Value of {sign} must be numeric")
    signs = argument[::2]
    if len(signs) > 1 and not (signs[0] in _LOWER and signs[1] in _UPPER):
        raise PatternError(f"Bad numeric range operator: {signs[1]}")
    if len(signs) > 1 and not argument[1] < argument[3]:
        raise PatternError("Bottom must be less than top")
    return lambda value: (
        _is_number(value) and all(_COMPARISONS[sign](value, number) for sign, number in pairs)
    )


def _exists(argument: Any) -> Test:
    if not isinstance(argument, bool):
        raise PatternError("exists match pattern must be either true or false.")
    return (lambda _: True) if argument else is_absent


def _cidr(argument: Any) -> Test:
    text = _string(argument, "cidr")
    if text.count("/") != 1:
        raise PatternError("Malformed CIDR, one '/' required")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise PatternError(f"Malformed CIDR: {text}") from None
    if network.prefixlen == network.max_prefixlen:
        bits = network.max_prefixlen
        raise PatternError(f"IPv{network.version} mask bits must be < {bits}")

    def within(value: str) -> bool:
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return _of_strings(within)


def _anything_but(argument: Any) -> Test:
    """Let through whatever is there and is none of what is given, nor like it."""
    if isinstance(argument, dict):
        [name, *more] = argument or [""]
        if more or name not in _BUT:
            raise PatternError(f"Unsupported anything-but pattern: {', '.join(argument)}")
        given = argument[name]
        values = given if isinstance(given, list) else [given]
        if name in ("prefix", "suffix") and "" in values:
            raise PatternError("Null prefix/suffix not allowed")
        tests = [OPERATORS[name](_string(value, name)) for value in values]
    else:
        values = argument if isinstance(argument, list) else [argument]
        if not all(isinstance(value, str) for value in values) and not all(map(_is_number, values)):
            raise PatternError(
                "Inside anything but list, either all values are number or string, "
                "mixed type is not supported"
            )
        tests = [_equal(value) for value in values]
    if not tests:
        raise PatternError("Empty arrays are not allowed")
    return lambda value: not any(test(value) for test in tests)


_IGNORE_CASE = "equals-ignore-case"
_BUT = (_IGNORE_CASE, "prefix", "suffix", "wildcard")
OPERATORS: Mapping[str, Callable[[Any], Test]] = {
    "prefix": _affix("prefix", str.startswith),
    "suffix": _affix("suffix", str.endswith),
    _IGNORE_CASE: _ignore_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "exists": _exists,
    "cidr": _cidr,
}
