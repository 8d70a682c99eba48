r"""The patterns of AWS's models, which are Java's.

Java's know the categories of Unicode (`\p{L}` is any letter), and Python's do not; those that
pydantic takes do, and have no lookahead, which others of AWS's need.
"""

from __future__ import annotations

import functools
import re

from pydantic_core import SchemaValidator, core_schema


def matches(pattern: str, value: str) -> bool:
    """Tell whether the whole of a text is as a pattern of a model wants it."""
    # fullmatch, because `$` alone lets a trailing line break through.
    if r"\p{" not in pattern:
        return re.fullmatch(pattern, value) is not None
    return _categories(pattern).isinstance_python(value)


@functools.cache
def _categories(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=f"^(?:{pattern})$"))
