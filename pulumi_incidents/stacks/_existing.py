"""The topics of a response that exist already, and how many it may have with those it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from pulumi_incidents.stacks._mistakes import refuse

# What of a response makes a topic -> its topics that exist, and how many AWS takes in a plan (API,
# *IncidentTemplate* and *ChatChannel*).
_TOPICS = {"notifications": ("notification_topic_arns", 10), "chat": ("chat_topic_arns", 5)}
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:(\d{12}):.+")


def existing_topics(
    component: pulumi.ComponentResource, field: str, arns: Sequence[pulumi.Input[str]] | None
) -> list[pulumi.Output[str]]:
    """Return topics that exist, once they are known to be topics of the plan's account.

    AWS's guide asks for topics in the region of the plan in one place, and advises one in each
    region of the replication set in another, so every region is let through.
    """
    if not arns:
        return []

    def own(known: list[Any]) -> str:
        account, arn, path = known
        found = _TOPIC.fullmatch(str(arn))
        if not found or found[1] != account:
            refuse(component, [f"{path} must be an SNS topic of account {account}; got {arn}"])
        return str(arn)

    invoke = pulumi.InvokeOutputOptions(parent=component)
    account = aws.get_caller_identity_output(opts=invoke).account_id
    return [
        pulumi.Output.all(account, arn, f"{field}[{number}]").apply(own)
        for number, arn in enumerate(arns)
    ]


def number_mistakes(given: Mapping[str, Any]) -> Iterator[str]:
    """Find more topics than a plan can have, in inputs of a response that are as declared."""
    for key, (field, most) in _TOPICS.items():
        made = given.get(key)
        here = 0 if made is None else 1 + len(made.get("other_regions") or ())
        number = here + len(given.get(field) or ())
        if number > most:
            yield f"{key} and {field} are {number} topics; a plan takes at most {most}"
