r"""The patterns of AWS's models, which are Java's, as Python has them.

Java's know the categories of Unicode (`\p{L}` is any letter), and Python's do not.
"""

from __future__ import annotations

import functools
import itertools
import re
import sys
import unicodedata


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of a model; its categories are, as in all of them, in brackets."""
    return re.compile(re.sub(r"\\p\{(\w+)\}", lambda found: _category(found[1]), pattern))


@functools.cache
def _category(name: str) -> str:
    """Return the characters of a category as they stand in brackets: as ranges."""
    codes = (
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)).startswith(name)
    )
    runs = itertools.groupby(enumerate(codes), lambda each: each[1] - each[0])
    ranges = ([code for _, code in run] for _, run in runs)
    return "".join(rf"\U{run[0]:08x}-\U{run[-1]:08x}" for run in ranges)
