"""What Incident Manager, a runbook and a rule need, made in a local AWS as components make it."""

from __future__ import annotations

import json
from pathlib import Path

from pulumi_incidents.stacks import _policies
from tests.declarations import CHAT, TOPIC

ACCOUNT = "123456789012"
# What the components made before they followed AWS's documents: of plan `checkout`.
BEFORE = {
    name: json.dumps(policy)
    for name, policy in json.loads(
        Path(__file__).with_name("data").joinpath("policies_before.json").read_text()
    ).items()
}
DOCUMENT = {
    "schemaVersion": "0.3",
    "mainSteps": [{"name": "wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}],
}


def let_publish(sns, topic):
    """Let Incident Manager publish to a topic."""
    policy = _policies.notification_topic(topic, ACCOUNT)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def topic(sns, name, **attributes):
    """Create a topic that Incident Manager may publish to, and return its ARN."""
    arn = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    let_publish(sns, arn)
    return arn


def role(iam, name, trust, *permissions):
    """Create a role with a trust policy and inline policies, and return its ARN."""
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=as_text(trust))["Role"]["Arn"]
    for number, policy in enumerate(permissions):
        grant(iam, name, policy, f"policy-{number}")
    return arn


def grant(iam, name, policy, policy_name="policy-0"):
    """Give a role an inline policy, in place of the one of this name."""
    iam.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=as_text(policy))


def runbook_role(iam, plan="checkout", document="Restart-Checkout", name="runbook", **more):
    """Create the role of a runbook of a plan, and return its ARN."""
    trust = _policies.runbook_trust("aws", ACCOUNT, plan)
    return role(iam, name, trust, _policies.runbook_permissions("aws", ACCOUNT, document, **more))


def plan_topics(local_aws, *names):
    """Make topics with these names or ARNs, and forget that anybody asked."""
    sns = local_aws.client("sns")
    for name in names:
        topic(sns, name.rsplit(":", 1)[-1])
    sns.close()
    local_aws.forget()


def event_role(iam, plan_arn, name="events"):
    """Create the role with which a rule starts a plan, and return its ARN."""
    permissions = _policies.event_permissions(plan_arn)
    return role(iam, name, _policies.event_trust("aws", ACCOUNT), permissions)


def document(ssm, name="Restart-Checkout", **more):
    """Create an automation document."""
    content = json.dumps({**DOCUMENT, **more})
    ssm.create_document(Name=name, DocumentType="Automation", Content=content)


def pages_documents(local_aws):
    """Make the documents that the programs of the pages name, with the parameters they give."""
    ssm = local_aws.client("ssm")
    document(ssm, parameters={"Service": {"type": "String", "default": "checkout"}})
    document(ssm, "Read-Timeline", parameters={"Incident": {"type": "String"}})
    ssm.close()
    local_aws.forget()


def owner_of_document(local_aws, arn):
    """Return Systems Manager as the account sees it that owns a document."""
    owner = arn.split(":")[4]
    keys = local_aws.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{owner}:role/owner", RoleSessionName="owner"
    )["Credentials"]
    return local_aws.client(
        "ssm",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def share(ssm, name):
    """Share a document with the account."""
    ssm.modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=[ACCOUNT])


def alarm(*actions, name="errors"):
    """Return the parameters of PutMetricAlarm for an alarm with these actions."""
    return {
        "AlarmName": name,
        "Namespace": "Shop",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "Threshold": 1,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [*actions],
    }


def furnish(local_aws):
    """Make the topics that `declarations.full` names, so that a plan may name them."""
    plan_topics(local_aws, TOPIC, CHAT)


def as_text(policy):
    """Return a policy as text."""
    return policy if isinstance(policy, str) else json.dumps(policy)


def allow(action, resource="*", **more):
    """Return a policy with one statement that allows something."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def plan_with_runbook(local_aws, incidents, name="checkout", **more):
    """Create a plan with a runbook that may run, its document and its role; return both ARNs."""
    ssm, iam = local_aws.client("ssm"), local_aws.client("iam")
    document(ssm)
    role_arn = runbook_role(iam, name)
    runbook = {"documentName": "Restart-Checkout", "roleArn": role_arn}
    plan = incidents.create_response_plan(
        name=name,
        incidentTemplate={"title": "Checkout fails", "impact": 2},
        actions=[{"ssmAutomation": runbook}],
        **more,
    )
    ssm.close()
    iam.close()
    return plan["arn"], role_arn
