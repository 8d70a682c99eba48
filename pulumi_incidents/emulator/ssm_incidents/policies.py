"""The resource policies of a response plan, by which other accounts may use it.

Follows PutResourcePolicy, GetResourcePolicies and DeleteResourcePolicy in the Incident Manager API
reference and their examples in the AWS CLI reference. A policy is kept and told, and grants
nothing: every caller here is the one account's.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pulumi_incidents.emulator.ssm_incidents.exceptions import ResourceNotFoundException
from pulumi_incidents.emulator.ssm_incidents.paging import page
from pulumi_incidents.emulator.ssm_incidents.state import State


class PolicyOperations(State):
    """The part of the backend that works on resource policies; they go when their plan goes."""

    def put_resource_policy(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add a policy to a plan.

        The documents show an id of 32 hexadecimal digits. Made of the document, as here, it lets a
        repeated request change nothing; that AWS does so is unverified.
        """
        plan = self._plan(parameters["resourceArn"])
        document = parameters["policy"]
        identified = document.encode(errors="surrogatepass")
        policy_id = hashlib.md5(identified, usedforsecurity=False).hexdigest()
        plan.policies[policy_id] = document
        return {"policyId": policy_id}

    def get_resource_policies(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the policies of a plan, in the order of their ids.

        That the Region of a policy is the first of the replication set is unverified.
        """
        policies = sorted(self._plan(parameters["resourceArn"]).policies.items())
        region = self._region()

        def show(policy: tuple[str, str]) -> dict[str, str]:
            policy_id, document = policy
            return {
                "policyDocument": document,
                "policyId": policy_id,
                "ramResourceShareRegion": region,
            }

        return page("resourcePolicies", parameters, ((each[0], each) for each in policies), show)

    def delete_resource_policy(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete a policy of a plan."""
        plan = self._plan(parameters["resourceArn"])
        policy_id = parameters["policyId"]
        if policy_id not in plan.policies:
            raise ResourceNotFoundException(
                f"{plan.arn} has no resource policy {policy_id}.", policy_id, "RESOURCE_POLICY"
            )
        del plan.policies[policy_id]
        return {}
