"""The life of every type of the pulumi-aws stand-in.

What it is made with, what that is changed to, and how somebody else changes it behind Pulumi's
back. `inputs` and `change` are declarations, `changed` and `drifted` what is then seen to differ.
"""

import json

TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
DOCUMENT = "aws:ssm/document:Document"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"


def policy(action, resource="*"):
    """Answer the JSON text of a policy with one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def resource_policy(action, resource):
    """Answer such a policy as a topic or queue has it, open to everybody."""
    document = json.loads(policy(action, resource))
    document["Statement"][0]["Principal"] = "*"
    return json.dumps(document)


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ssm-incidents.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)

PATTERN = '{"source": ["aws.health"]}'
PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/payments"
INVOKER = "arn:aws:iam::123456789012:role/invoker"
WATCHING = {
    "metricName": "Errors",
    "namespace": "AWS/Lambda",
    "period": 60,
    "evaluationPeriods": 3,
    "threshold": 1.5,
    "comparisonOperator": "GreaterThanThreshold",
    "statistic": "Sum",
}


def runbook(step="Wait", **parts):
    """Answer the JSON text of a runbook that sleeps a second."""
    steps = [{"name": step, "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}]
    return json.dumps({"schemaVersion": "0.3", "mainSteps": steps, **parts})


def action(name):
    """Answer the ARN of a topic that an alarm may notify."""
    return f"arn:aws:sns:eu-west-1:123456789012:{name}"


def topic(_plugin, behind):
    """Answer the life of a topic."""
    return {
        "inputs": {"displayName": "one", "tags": {"team": "a", "old": "x"}},
        "change": {"tags": {"team": "b", "new": ""}},
        "changed": ["displayName", "tags", "tagsAll"],
        "drift": lambda arn: behind.sns.set_topic_attributes(
            TopicArn=arn, AttributeName="DisplayName", AttributeValue="drifted"
        ),
        "drifted": ["displayName"],
    }


def topic_policy(plugin, behind):
    """Answer the life of a topic's policy."""
    arn, _, _ = plugin.made(TOPIC, {})
    return {
        "inputs": {"arn": arn, "policy": resource_policy("SNS:Publish", arn)},
        "change": {"arn": arn, "policy": resource_policy("SNS:Subscribe", arn)},
        "changed": ["policy"],
        "drift": lambda arn: behind.sns.set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=resource_policy("SNS:DeleteTopic", arn),
        ),
        "drifted": ["policy"],
        "remove": lambda: behind.sns.delete_topic(TopicArn=arn),
    }


def subscription(plugin, behind):
    """Answer the life of a queue's subscription to a topic."""
    arn, _, _ = plugin.made(TOPIC, {})
    _, queue, _ = plugin.made(QUEUE, {})
    same = {"topic": arn, "protocol": "sqs", "endpoint": queue["arn"]}
    return {
        "inputs": {**same, "rawMessageDelivery": True},
        "change": {**same, "filterPolicy": '{"impact": ["1"]}'},
        "changed": ["filterPolicy", "rawMessageDelivery"],
        "drift": lambda arn: behind.sns.set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true"
        ),
        "drifted": ["rawMessageDelivery"],
        # AWS chooses the filter's scope only once there is a filter.
        "unforeseen": ["filterPolicyScope"],
    }


def queue(_plugin, behind):
    """Answer the life of a queue."""
    return {
        "inputs": {"delaySeconds": 5, "tags": {"team": "a"}},
        "change": {"visibilityTimeoutSeconds": 60},
        "changed": ["delaySeconds", "tags", "tagsAll", "visibilityTimeoutSeconds"],
        "drift": lambda url: behind.sqs.tag_queue(QueueUrl=url, Tags={"drifted": "yes"}),
        "drifted": ["tags", "tagsAll"],
    }


def queue_policy(plugin, behind):
    """Answer the life of a queue's policy."""
    url, made, _ = plugin.made(QUEUE, {})
    arn = made["arn"]
    return {
        "inputs": {"queueUrl": url, "policy": resource_policy("sqs:SendMessage", arn)},
        "change": {"queueUrl": url, "policy": resource_policy("sqs:ReceiveMessage", arn)},
        "changed": ["policy"],
        "drift": lambda url: behind.sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": resource_policy("sqs:DeleteMessage", arn)}
        ),
        "drifted": ["policy"],
    }


def role(_plugin, behind):
    """Answer the life of a role."""
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    return {
        "inputs": {
            "assumeRolePolicy": TRUST,
            "description": "one",
            "maxSessionDuration": 7200,
            "permissionsBoundary": boundary,
            "tags": {"team": "a"},
        },
        "change": {"assumeRolePolicy": TRUST.replace("ssm-incidents", "events")},
        "changed": [
            "assumeRolePolicy",
            "description",
            "maxSessionDuration",
            "permissionsBoundary",
            "tags",
            "tagsAll",
        ],
        "drift": lambda name: behind.iam.update_role(RoleName=name, Description="drifted"),
        "drifted": ["description"],
    }


def role_policy(plugin, behind):
    """Answer the life of a policy within a role."""
    name, _, _ = plugin.made(ROLE, {"assumeRolePolicy": TRUST})
    return {
        "inputs": {"role": name, "policy": policy("ssm:StartAutomationExecution")},
        "change": {"role": name, "policy": policy("ssm:GetAutomationExecution")},
        "changed": ["policy"],
        "drift": lambda both: behind.iam.put_role_policy(
            RoleName=name, PolicyName=both.split(":")[1], PolicyDocument=policy("s3:GetObject")
        ),
        "drifted": ["policy"],
    }


def key(_plugin, behind):
    """Answer the life of a key."""
    return {
        "inputs": {
            "description": "one",
            "policy": resource_policy("kms:*", "*"),
            "enableKeyRotation": True,
            "deletionWindowInDays": 7,
            "tags": {"team": "a", "old": "x"},
        },
        "change": {
            "description": "two",
            "policy": resource_policy("kms:Decrypt", "*"),
            "isEnabled": False,
            "deletionWindowInDays": 8,
            "tags": {"team": "b"},
        },
        "changed": [
            "deletionWindowInDays",
            "description",
            "enableKeyRotation",
            "isEnabled",
            "policy",
            "tags",
            "tagsAll",
        ],
        "drift": lambda key_id: behind.kms.enable_key(KeyId=key_id),
        "drifted": ["isEnabled"],
        # AWS does not tell it before the deletion.
        "not imported": ["deletionWindowInDays"],
    }


def alias(plugin, behind):
    """Answer the life of an alias: named by id at first, by ARN later."""
    first, _, _ = plugin.made(KEY, {})
    _, second, _ = plugin.made(KEY, {})
    return {
        "inputs": {"targetKeyId": first},
        "change": {"targetKeyId": second["arn"]},
        "changed": ["targetKeyId"],
        "drift": lambda name: behind.kms.update_alias(AliasName=name, TargetKeyId=first),
        "drifted": ["targetKeyId"],
        "unforeseen": ["targetKeyArn"],
    }


def _shared(*accounts):
    """Answer who a document is shared with, in this order."""
    ids = ",".join(f"{account:012}" for account in accounts)
    return {"type": "Share", "account_ids": ids}


def document(_plugin, behind):
    """Answer the life of a runbook."""
    return {
        "inputs": {
            "content": runbook(description="one", parameters={"a": {"type": "String"}}),
            "documentType": "Automation",
            "versionName": "one",
            "permissions": _shared(*range(1, 31)),
            "tags": {"team": "a", "old": "x"},
        },
        "change": {
            "content": "schemaVersion: '0.3'\nmainSteps: []\n",
            "documentFormat": "YAML",
            "documentType": "Automation",
            "targetType": "/AWS::EC2::Instance",
            "permissions": _shared(*range(52, 25, -1)),
            "tags": {"team": "b"},
        },
        "changed": [
            "content",
            "documentFormat",
            "permissions",
            "tags",
            "tagsAll",
            "targetType",
            "versionName",
        ],
        "drift": lambda name: behind.ssm.remove_tags_from_resource(
            ResourceType="Document", ResourceId=name, TagKeys=["team"]
        ),
        "drifted": ["tags", "tagsAll"],
        "unforeseen": [
            "createdDate",
            "defaultVersion",
            "description",
            "documentVersion",
            "hash",
            "latestVersion",
            "parameters",
            "platformTypes",
            "schemaVersion",
            "status",
        ],
    }


def alarm(_plugin, behind):
    """Answer the life of an alarm."""
    return {
        "inputs": {
            **WATCHING,
            "dimensions": {"FunctionName": "pay", "Resource": "pay:live"},
            "alarmActions": [action("b"), action("a")],
            "okActions": [action("a")],
            "insufficientDataActions": [action("a")],
            "alarmDescription": "one",
            "datapointsToAlarm": 2,
            "treatMissingData": "breaching",
            "unit": "Count",
            "tags": {"team": "a", "old": "x"},
        },
        "change": {
            **{key: value for key, value in WATCHING.items() if key != "statistic"},
            "extendedStatistic": "p99",
            "evaluateLowSampleCountPercentiles": "ignore",
            "threshold": 0,
            "actionsEnabled": False,
            "alarmActions": [action("c"), action("a")],
            "tags": {"team": "b"},
        },
        "changed": [
            "actionsEnabled",
            "alarmActions",
            "alarmDescription",
            "datapointsToAlarm",
            "dimensions",
            "evaluateLowSampleCountPercentiles",
            "extendedStatistic",
            "insufficientDataActions",
            "okActions",
            "statistic",
            "tags",
            "tagsAll",
            "threshold",
            "treatMissingData",
            "unit",
        ],
        "drift": lambda name: behind.cloudwatch.enable_alarm_actions(AlarmNames=[name]),
        "drifted": ["actionsEnabled"],
    }


def composite(plugin, behind):
    """Answer the life of an alarm over two others."""
    errors, latency = (plugin.made(ALARM, WATCHING)[0] for _ in range(2))
    suppressor = {"alarm": errors, "waitPeriod": 60, "extensionPeriod": 120}

    def drift(name):
        behind.cloudwatch.put_composite_alarm(
            AlarmName=name, AlarmRule="FALSE", AlarmActions=[action("c")]
        )

    return {
        "inputs": {
            "alarmName": f"both-{errors}",
            "alarmRule": f'ALARM("{errors}") AND NOT OK("{latency}")',
            "alarmActions": [action("b"), action("a")],
            "okActions": [action("a")],
            "insufficientDataActions": [action("a")],
            "alarmDescription": "one",
            "actionsSuppressor": suppressor,
            "tags": {"team": "a", "old": "x"},
        },
        "change": {
            "alarmName": f"both-{errors}",
            "alarmRule": f'ALARM("{errors}")',
            "alarmActions": [action("c")],
            "tags": {"team": "b"},
        },
        "changed": [
            "actionsSuppressor",
            "alarmActions",
            "alarmDescription",
            "alarmRule",
            "insufficientDataActions",
            "okActions",
            "tags",
            "tagsAll",
        ],
        "drift": drift,
        "drifted": ["alarmRule"],
    }


def rule(_plugin, behind):
    """Answer the life of a rule."""
    return {
        "inputs": {
            "eventPattern": PATTERN,
            "description": "one",
            "roleArn": INVOKER,
            "state": "DISABLED",
            "tags": {"team": "a", "old": "x"},
        },
        "change": {"scheduleExpression": "rate(5 minutes)", "state": "ENABLED"},
        "changed": [
            "description",
            "eventPattern",
            "roleArn",
            "scheduleExpression",
            "state",
            "tags",
            "tagsAll",
        ],
        "drift": lambda name: behind.events.put_rule(
            Name=name, ScheduleExpression="rate(9 minutes)"
        ),
        "drifted": ["scheduleExpression"],
        "unforeseen": ["isEnabled"],
    }


def target(plugin, behind):
    """Answer the life of a target."""
    name, _, _ = plugin.made(RULE, {"eventPattern": PATTERN})

    def drift(both):
        [found] = behind.events.list_targets_by_rule(Rule=name)["Targets"]
        assert both == f"{name}/{found['Id']}"
        behind.events.put_targets(Rule=name, Targets=[{**found, "Arn": action("drifted")}])

    same = {"rule": name, "arn": PLAN}
    return {
        "inputs": {
            **same,
            "roleArn": INVOKER,
            "input": '{"title": "one"}',
            "retryPolicy": {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 2},
            "deadLetterConfig": {"arn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
        },
        "change": {
            **same,
            "arn": action("a"),
            "inputTransformer": {
                "inputTemplate": '{"title": <title>}',
                "inputPaths": {"title": "$.detail.title"},
            },
        },
        "changed": [
            "arn",
            "deadLetterConfig",
            "input",
            "inputTransformer",
            "retryPolicy",
            "roleArn",
        ],
        "drift": drift,
        "drifted": ["arn"],
    }


LIVES = {
    TOPIC: topic,
    TOPIC_POLICY: topic_policy,
    SUBSCRIPTION: subscription,
    QUEUE: queue,
    QUEUE_POLICY: queue_policy,
    ROLE: role,
    ROLE_POLICY: role_policy,
    KEY: key,
    ALIAS: alias,
    DOCUMENT: document,
    ALARM: alarm,
    COMPOSITE: composite,
    RULE: rule,
    TARGET: target,
}
