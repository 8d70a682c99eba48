"""Texts and ARNs with the wildcards of policies.

Follows *IAM JSON policy elements: Resource*, and *Condition operators* about ARNs, in the IAM user
guide.
"""

from __future__ import annotations

import functools
import re

LITERALS = {"*": "\ue000", "?": "\ue001", "$": "$"}
"""What stands in a pattern for a character that is meant as it is, by `${*}` and `${?}`."""
_ARN_PARTS = 6


@functools.lru_cache(maxsize=4096)
def _pattern(text: str, any_of: str = ".") -> str:
    """Return a text with the wildcards `*` and `?` as a pattern; each is for `any_of`."""
    translated = {
        "*": f"{any_of}*",
        "?": any_of,
        LITERALS["*"]: r"\*",
        LITERALS["?"]: r"\?",
    }
    return "".join(translated.get(each, re.escape(each)) for each in text)


def like(actual: str, expected: str) -> bool:
    """Tell whether a text fits one with wildcards."""
    return bool(re.fullmatch(_pattern(expected), actual, re.DOTALL))


def resource_like(actual: str, expected: str) -> bool:
    """Tell whether an ARN fits that of a statement (*IAM JSON policy elements: Resource*).

    Wildcards are for what is within a part. "If the * wildcard is the last character of a resource
    ARN segment, it can expand to match beyond the colon boundaries."
    """
    *parts, last = expected.split(":", _ARN_PARTS - 1)
    wanted = [
        _pattern(part[:-1], "[^:]") + ".*" if part.endswith("*") else _pattern(part, "[^:]")
        for part in parts
    ]
    return bool(re.fullmatch(":".join([*wanted, _pattern(last)]), actual, re.DOTALL))


def arn_like(actual: str, expected: str) -> bool:
    """Tell whether an ARN fits one with wildcards, each of its six parts by itself.

    "Each of the six colon-delimited components of the ARN is checked separately."
    """
    parts, wanted = actual.split(":", _ARN_PARTS - 1), expected.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or len(wanted) != _ARN_PARTS:
        return expected == "*"
    return all(like(part, want) for part, want in zip(parts, wanted, strict=True))
