"""The patterns of AWS's models as Python's `re` has them, for judges that are not the emulator."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

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
