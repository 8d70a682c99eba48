"""The Pulumi functions that the local stack has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_incidents.stand_in._clients import LocalAws

Function = Callable[["LocalAws", Mapping[str, Any]], dict[str, Any]]


def get_caller_identity(aws: LocalAws, args: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001 # part of the shape
    """Answer who the local AWS takes the program for."""
    found = aws.client("sts").get_caller_identity()
    return {
        "accountId": found["Account"],
        "arn": found["Arn"],
        "id": found["Account"],
        "userId": found["UserId"],
    }


def get_partition(aws: LocalAws, args: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001 # part of the shape
    """Answer the partition of the configured region, by the region's name."""
    partition, suffix = "aws", "amazonaws.com"
    if aws.region.startswith("cn-"):
        partition, suffix = "aws-cn", "amazonaws.com.cn"
    elif aws.region.startswith("us-gov-"):
        partition = "aws-us-gov"
    return {
        "id": partition,
        "partition": partition,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def get_region(aws: LocalAws, args: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the configured region, or the one that was asked about."""
    region = args.get("region") or args.get("name") or aws.region
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


INVOKES: dict[str, Function] = {
    "aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity,
    "aws:index/getPartition:getPartition": get_partition,
    "aws:index/getRegion:getRegion": get_region,
}
