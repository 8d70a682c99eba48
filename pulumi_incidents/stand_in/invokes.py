"""The Pulumi functions that the local stack has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pulumi_incidents.stand_in._clients import is_gone

if TYPE_CHECKING:
    from pulumi_incidents.stand_in._clients import LocalAws

Function = Callable[["LocalAws", Mapping[str, Any]], dict[str, Any]]

# AWS's own documents, which the local AWS does not have.
_OF_AWS = re.compile(r"aws|amazon|amzn", re.IGNORECASE)
# What the local AWS says of them.
_NOT_HERE = "NotImplementedException"


def get_caller_identity(aws: LocalAws, args: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001 # part of the shape
    """Answer who the local AWS takes the program for."""
    found = aws.client("sts").get_caller_identity()
    return {
        "accountId": found["Account"],
        "arn": found["Arn"],
        "id": found["Account"],
        "userId": found["UserId"],
    }


def get_document(aws: LocalAws, args: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a document in one of its versions; of AWS's own nothing but the name is known."""
    name, wanted = args["name"], args.get("documentFormat") or "JSON"
    client = aws.client("ssm", args.get("region"))
    version = {"DocumentVersion": args["documentVersion"]} if args.get("documentVersion") else {}
    try:
        found = client.get_document(Name=name, DocumentFormat=wanted, **version)
    except ClientError as error:
        is_missing = is_gone(error) or error.response["Error"]["Code"] == _NOT_HERE
        if not (is_missing and _OF_AWS.match(name.rpartition("/")[2])):
            raise
        found = {"Name": name}
    account = aws.client("sts").get_caller_identity()["Account"]
    place = f"arn:{client.meta.partition}:ssm:{client.meta.region_name}:{account}"
    answer = {
        "arn": name if name.startswith("AWS-") else f"{place}:document/{name}",
        "content": found.get("Content"),
        "documentFormat": wanted,
        "documentType": found.get("DocumentType"),
        "documentVersion": found.get("DocumentVersion"),
        "id": found["Name"],
        "name": found["Name"],
        "region": client.meta.region_name,
    }
    return {key: value for key, value in answer.items() if value is not None}


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
    "aws:ssm/getDocument:getDocument": get_document,
}
