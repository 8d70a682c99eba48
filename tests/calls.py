"""Calls of boto3 that several test files make: plain, as another account, and refused by AWS."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code):
    """Expect an AWS error, and yield a dictionary that will hold its response."""
    seen = {}
    with pytest.raises(ClientError) as caught:
        yield seen
    seen.update(caught.value.response)
    assert seen["Error"]["Code"] == code


def incidents_as(aws, role):
    """Return a client of Incident Manager in the account of a role, which it takes on."""
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return aws.client(
        "ssm-incidents",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def create_plan(incidents, name, **template):
    """Make a response plan as somebody else, and return its ARN."""
    template = {"title": "Checkout fails", "impact": 2, **template}
    return incidents.create_response_plan(name=name, incidentTemplate=template)["arn"]


def items_of(incidents, arn):
    """Return the related items of an incident but the one that AWS adds to each: its OpsItem."""
    pages = incidents.get_paginator("list_related_items").paginate(incidentRecordArn=arn)
    items = [item for page in pages for item in page["relatedItems"]]
    [ops_item] = [item for item in items if item.get("title") == "parentItem"]
    assert ":opsitem/oi-" in ops_item["identifier"]["value"]["arn"]
    return [item for item in items if item is not ops_item]


def record(incidents, arn):
    """Return the incident record as AWS has it."""
    return incidents.get_incident_record(arn=arn)["incidentRecord"]
