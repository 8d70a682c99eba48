"""A release of the service: which version is out, and since when."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class ReleaseProvider(ResourceProvider):
    """Notes when a version is deployed for the first time."""

    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Make another version another release."""
        changed = _olds["version"] != _news["version"]
        return DiffResult(changes=changed, replaces=["version"] if changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Note the time."""
        released = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return CreateResult(props["version"], {**props, "released": released})


class Release(Resource):
    """A version of the service."""

    version: pulumi.Output[str]
    released: pulumi.Output[str]
    """When it was deployed first, ISO 8601 in UTC."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(ReleaseProvider(), name, {"version": version, "released": None})
