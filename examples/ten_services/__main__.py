"""Response plans of ten services, from one table."""

from pathlib import Path

import pulumi
import pulumi_aws as aws
import yaml

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks import IncidentTopic

services = yaml.safe_load(Path(__file__).with_name("services.yaml").read_text(encoding="utf-8"))
contacts = pulumi.Output.format(
    "arn:aws:ssm-contacts:{0}:{1}:contact",
    aws.config.region,
    aws.get_caller_identity_output().account_id,
)
updates = IncidentTopic("updates")

plans = {
    name: ResponsePlan(
        name,
        display_name=f"{name.capitalize()}, first response",
        incident_template={
            "title": service["title"],
            "impact": service["impact"],
            "notification_targets": [{"sns_topic_arn": updates.arn}],
        },
        engagements=[pulumi.Output.concat(contacts, "/", service["on_call"])],
        tags={"service": name},
    )
    for name, service in services.items()
}

pulumi.export("plans", {name: plan.arn for name, plan in plans.items()})
pulumi.export("topic_arn", updates.arn)
