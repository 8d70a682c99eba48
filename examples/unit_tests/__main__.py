"""Brings up the response of the checkout service."""

import pulumi
from response import declare

checkout = declare(pulumi.Config().require("on_call"))
pulumi.export("plan_arn", checkout.plan_arn)
