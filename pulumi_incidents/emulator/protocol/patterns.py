r"""The patterns of AWS's models, which are Java's.

Java's know the categories of Unicode (`\p{L}` is any letter), and Python's do not; those that
pydantic takes do. They end in linear time, whatever the value: `([\w:]+)*`, which AWS's have, could
take Python for ever. They have no lookahead, though, which others need.
"""

from __future__ import annotations

import functools
import re

from pydantic_core import SchemaError, SchemaValidator, core_schema


def matches(pattern: str, value: str) -> bool:
    """Tell whether the whole of a text is as a pattern of a model wants it."""
    linear = _linear(pattern)
    if linear:
        return linear.isinstance_python(value)
    # fullmatch, because `$` alone lets a trailing line break through.
    return re.fullmatch(pattern, value) is not None


@functools.cache
def _linear(pattern: str) -> SchemaValidator | None:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=f"^(?:{pattern})$"))
    except SchemaError:
        return None
