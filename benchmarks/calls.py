"""The floor of the calls: a plain boto3 script that makes exactly the calls that are needed.

`python -m benchmarks.calls OPERATION THREADS` works on the plans of `plans.json`. It keeps no state
and compares nothing: it does what it is told.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.plans import AFTER, arn, request

if TYPE_CHECKING:
    from mypy_boto3_ssm_incidents import SSMIncidentsClient


def call(client: SSMIncidentsClient, operation: str, plan: dict[str, Any]) -> None:
    """Do to one plan what the command of the engine of that name does."""
    name = arn(plan["name"])
    if operation == "up":
        client.create_response_plan(**request(plan))
    elif operation == "update":
        client.list_tags_for_resource(resourceArn=name)  # which say whose it is
        client.update_response_plan(arn=name, incidentTemplateSummary=AFTER)
    elif operation == "refresh":
        client.get_response_plan(arn=name)
        client.list_tags_for_resource(resourceArn=name)
    else:
        client.list_tags_for_resource(resourceArn=name)
        client.delete_response_plan(arn=name)


def main(operation: str, threads: str) -> None:
    """Do it to all plans, `threads` at a time."""
    client = boto3.client("ssm-incidents")
    plans = json.loads(Path("plans.json").read_text()).values()
    with ThreadPoolExecutor(int(threads)) as pool:
        for _ in pool.map(lambda plan: call(client, operation, plan), plans):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
