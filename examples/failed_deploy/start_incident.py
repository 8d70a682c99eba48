"""Start an incident for a deployment that failed, once: a retry of the same one finds it again."""

import argparse

import pulumi
from pulumi import automation

from pulumi_incidents.providers import Incident


def start(plan_arn: str, deployment: str) -> automation.OutputMap:
    """Return ARN and console URL of the incident of a failed deployment."""

    def program() -> None:
        incident = Incident(
            "failed-deploy",
            response_plan_arn=plan_arn,
            title=f"Deployment {deployment} failed",
            triggers={"deployment": deployment},
            on_delete="retain",  # the next failure leaves this one to its responders
            # A job that has lost its state finds the incident of its own deployment again.
            adopt_existing=True,
        )
        pulumi.export("incident_arn", incident.arn)
        pulumi.export("console_url", incident.console_url)

    stack = automation.create_or_select_stack(
        stack_name=plan_arn.rpartition("/")[2],  # one for each plan
        project_name="failed-deploy",
        program=program,
    )
    return stack.up().outputs


def main() -> None:
    """Take the plan and the deployment from the command line, and print the incident."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan_arn", help="ARN of the response plan to start")
    parser.add_argument("deployment", help="id of the deployment, the same in every retry")
    arguments = parser.parse_args()
    outputs = start(arguments.plan_arn, arguments.deployment)
    print(outputs["incident_arn"].value)
    print(outputs["console_url"].value)


if __name__ == "__main__":
    main()
