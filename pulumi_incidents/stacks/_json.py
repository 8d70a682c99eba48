"""JSON where a person may write text or a map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def parsed(value: Any) -> Any:
    """Return what a text says as JSON, None if it says nothing; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None


def as_text(value: Any) -> Any:
    """Return a map as JSON; a text is taken as it is written, and so is what is not set."""
    return json.dumps(value) if isinstance(value, Mapping) else value
