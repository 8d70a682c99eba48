"""The local AWS for the tests of any program: a server process, and what to ask of it.

    with running() as aws:
        aws.client("ssm-incidents").list_response_plans()

pytest has it as the fixture `incident_manager`, from `pytest_plugin`. `LocalAws` alone is for a
server that something else has started, such as a container.
"""

from __future__ import annotations

from pulumi_incidents.emulator.testing.connection import REGION, LocalAwsError
from pulumi_incidents.emulator.testing.local_aws import LocalAws
from pulumi_incidents.emulator.testing.process import running

__all__ = ["REGION", "LocalAws", "LocalAwsError", "running"]
