"""Times as people write them: to the control API, and in files."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, ConfigDict, TypeAdapter, ValidationError

_TIME = TypeAdapter(AwareDatetime, config=ConfigDict(strict=True))


def read_time(text: Any) -> datetime:
    """Return a time of ISO 8601 with a zone; ValueError for anything else."""
    try:
        return _TIME.validate_json(json.dumps(text))
    except ValidationError:
        raise ValueError(
            "must be of ISO 8601 and have a zone, like 2026-12-25T03:00:00Z, "
            f"not {str(text)[:100]!r}"
        ) from None
