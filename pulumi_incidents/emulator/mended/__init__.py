"""What moto's services do otherwise than AWS where that would mislead: done as AWS does it.

`events`, with `patterns` and `operators`, is about EventBridge, `alarms` about CloudWatch,
`templates` about CloudFormation, `documents` and `executions` about Systems Manager, `simulation`
about IAM, `subscriptions` about SNS, `quotas` about Service Quotas, `accounts` about whose an
access key is. Each extends the few methods of moto that everything passes.
"""
