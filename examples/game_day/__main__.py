"""A game day: drills of response plans that another stack has made. Nobody is paged."""

import pulumi

from pulumi_incidents.stacks import Drill

config = pulumi.Config()
made = pulumi.StackReference(config.require("stack"))
plans = made.require_output("plans")

drills = {
    service: Drill(
        service,
        {
            "occurrence": config.require("occurrence"),
            "title": f"Game day: {service}",
            "plan_arn": plans[service],
            "notification_topic_arn": made.require_output("topic_arn"),
            # "paging": True engages and tells whomever the real plan does.
        },
    )
    for service in config.require_object("services")
}

pulumi.export("incidents", {service: drill.incident_arn for service, drill in drills.items()})
