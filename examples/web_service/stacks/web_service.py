"""The web service itself, as far as AWS is concerned."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


class WebService(pulumi.ComponentResource):
    """Takes orders from a queue, and tells a topic of each one that is done."""

    queue_name: pulumi.Output[str]
    """Name of the queue with the orders."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("web-service:index:WebService", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        orders = aws.sqs.Queue(f"{name}-orders", opts=child)
        aws.sns.Topic(f"{name}-done", opts=child)
        self.queue_name = orders.name
        self.register_outputs({"queue_name": self.queue_name})
