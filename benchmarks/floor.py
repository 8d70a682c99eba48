"""The engine's floor: a dynamic resource that costs what the engine costs, and nothing more.

It takes and returns the properties of a response plan, so that the state is as large, and is kept
as a reference to this module, as the real one is.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult


class FloorProvider(ResourceProvider):
    """The least a provider with updates has to answer; everything else is the SDK's own."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create nothing."""
        arn = f"arn:aws:ssm-incidents::123456789012:response-plan/{props['name']}"
        return CreateResult(arn, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Update nothing."""
        return UpdateResult(_news)


class ResponsePlan(Resource, module="benchmarks", name="ResponsePlan"):
    """Takes the fields of a response plan, and one of the size of what the real one adds."""

    def __init__(self, resource_name: str, **args: Any) -> None:
        urn = "urn:pulumi:local::benchmark::pulumi-python:dynamic/ssmincidents:ResponsePlan::"
        context = {"identity": f"organization/{urn}{resource_name}", "secrets": []}
        props: pulumi.Inputs = {**args, "context": context}
        super().__init__(FloorProvider(), resource_name, props)
