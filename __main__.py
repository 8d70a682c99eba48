"""One incident response for each stack, from the stack's configuration file."""

import pulumi

from pulumi_incidents.providers import Incident
from pulumi_incidents.stacks import IncidentResponse, load_settings

config = pulumi.Config()
response = IncidentResponse("response", load_settings(config).args())

pulumi.export("plan_arn", response.plan_arn)
pulumi.export("plan_name", response.plan_name)
pulumi.export("topic_arn", response.topic_arn)
pulumi.export("role_arn", response.role_arn)

# A drill is one change of configuration: `pulumi config set drill 2026-Q4-1`, then `pulumi up`.
drill = config.get("drill")
if drill:
    incident = Incident(
        "drill",
        response_plan_arn=response.plan_arn,
        title=f"Drill {drill}",
        impact=5,
        triggers={"drill": drill},
    )
    pulumi.export("incident_arn", incident.arn)
