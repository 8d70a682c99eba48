"""One incident response for each stack, from the stack's configuration file."""

import pulumi

from pulumi_incidents.stacks import IncidentResponse, load_settings

config = pulumi.Config()

# A drill is one change of configuration: `pulumi config set drill 2026-Q4-1`, then `pulumi up`.
response = IncidentResponse("response", load_settings(config))

pulumi.export("plan_arn", response.plan_arn)
pulumi.export("plan_name", response.plan_name)
pulumi.export("on_call_arn", response.on_call_arn)
pulumi.export("topic_arn", response.topic_arn)
pulumi.export("role_arn", response.role_arn)
pulumi.export("alarm_arns", response.alarm_arns)
pulumi.export("rule_arns", response.rule_arns)
pulumi.export("incident_arn", response.drill_arn)
