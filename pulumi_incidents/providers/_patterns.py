"""The patterns of AWS's models: whether a text is as one wants it, and what it says to people."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

_ARN = "arn:aws(-cn|-us-gov)?"

WORDS = {
    f"^{_ARN}:[a-z0-9-]*:[a-z0-9-]*:([0-9]{{12}})?:.+$": (
        "must be an ARN, such as arn:aws:sns:us-east-1:123456789012:incidents"
    ),
    f"^{_ARN}:iam::([0-9]{{12}})?:role/.+$": (
        "must be an ARN, such as arn:aws:iam::123456789012:role/runbook"
    ),
    f"^{_ARN}:ssm-contacts:[a-z0-9-]*:([0-9]{{12}}):contact/[a-z0-9_-]+$": (
        "must be an ARN, such as arn:aws:ssm-contacts:us-east-1:123456789012:contact/oncall"
    ),
    "^[a-zA-Z0-9-_]*$": "may only have letters, digits, - and _",
    r"^[a-zA-Z0-9_\-.:/]{3,128}$": "must be 3 to 128 letters, digits, _, -, ., : and /",
    "^(?!aws:)[A-Za-z0-9 _=@:.+-/]+$": (
        "may only have letters, digits, spaces, and _ = @ : . + , - /, and must not begin with aws:"
    ),
    "^[A-Za-z0-9 _=@:.+-/]*$": "may only have letters, digits, spaces, and _ = @ : . + , - /",
}
"""What a pattern says to people; any other one is shown as it is."""


def reason(pattern: str, value: str) -> str | None:
    """Return what a text must be and is not; None where the whole of it is as it must be."""
    if _matches(pattern, value):
        return None
    return WORDS.get(pattern) or f"must match {pattern}"


def _matches(pattern: str, value: str) -> bool:
    if not any(part in pattern for part in (r"\p{", ")*", ".*")):
        return re.fullmatch(pattern, value) is not None
    # Python's own `re` does not know Unicode's categories, as in ssm-contacts, and may take for
    # ever to find that a text is not one of groups that repeat groups, as its ARNs are, or that
    # something long has a line break in it, as a policy may have.
    return bool(_linear(pattern).isinstance_python(value))


@functools.cache
def _linear(pattern: str) -> SchemaValidator:
    from pydantic_core import SchemaValidator, core_schema  # noqa: PLC0415 - few patterns need it

    return SchemaValidator(core_schema.str_schema(pattern=f"^(?:{pattern})$"))
