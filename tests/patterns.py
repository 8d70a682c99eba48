"""The patterns of AWS's models as Python's `re` has them, for judges that are not the emulator."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

_SEPARATORS = "".join(
    each for each in map(chr, range(0x110000)) if unicodedata.category(each).startswith("Z")
)
# Java's categories of Unicode and its spaces; Python's \w is letters, numbers and the underscore.
_CLASSES = {
    r"[.\s\S]": r"[\d\D]",
    r"\s": r" \t\n\v\f\r",
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": _SEPARATORS,
}
# `([\w:]+)*` is `[\w:]*`, and takes Python no longer than the text.
_NESTED = re.compile(r"\((\[[^]]+\])\+\)\*")


def plain(shape):
    """Return the pattern of a shape in a model, or None if it has none."""
    pattern = shape.metadata.get("pattern")
    return None if pattern is None else _plain(pattern)


@cache
def _plain(pattern):
    for written, characters in _CLASSES.items():
        pattern = pattern.replace(written, characters)
    return _NESTED.sub(r"\1*", pattern)


def fits(pattern, text):
    r"""Tell whether the whole of a text is as a pattern of `plain` has it, however long it is.

    `.*\S.*` takes `re` the square of its length, and a policy may have 395,000 characters; what
    pydantic takes, which knows no lookahead, ends in linear time.
    """
    if "(?!" in pattern:
        return re.fullmatch(pattern, text) is not None
    try:
        _linear(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


@cache
def _linear(pattern):
    return TypeAdapter(Annotated[str, StringConstraints(pattern=rf"\A(?:{pattern})\z")])
