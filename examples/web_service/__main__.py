"""A web service that brings its incident response with it."""

import pulumi
from providers.release import Release
from stacks.web_service import WebService

from pulumi_incidents.stacks import IncidentResponse

config = pulumi.Config()

service = WebService("checkout")
release = Release("checkout", config.require("version"))

response = IncidentResponse(
    "checkout",
    {
        "title": "Checkout is stuck",
        "impact": 2,
        "summary": pulumi.Output.format(
            "Orders wait in {0}. Running {1}, out since {2}.",
            service.queue_name,
            release.version,
            release.released,
        ),
        "alarms": {
            "stuck-orders": {
                "namespace": "AWS/SQS",
                "metric_name": "ApproximateAgeOfOldestMessage",
                "dimensions": {"QueueName": service.queue_name},
                "statistic": "Maximum",
                "threshold": 300,
                "description": "An order has been waiting for five minutes",
            }
        },
        "tags": {"service": "checkout"},
    },
)

pulumi.export("plans", {"checkout": response.plan_arn})
pulumi.export("topic_arn", response.topic_arn)
