"""Declarations that several tests start from."""

from __future__ import annotations

TOPIC = "arn:aws:sns:us-east-1:123456789012:updates"
CHAT = "arn:aws:sns:us-east-1:123456789012:chat"
ROLE = "arn:aws:iam::123456789012:role/runbook"
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/oncall"


def minimal(name):
    """Return the least a response plan can be declared with."""
    return {"name": name, "incident_template": {"title": "Checkout fails", "impact": 2.0}}


def declared(plan, **inputs):
    """Return the inputs of an incident of `plan`, as the resource's `__init__` completes them."""
    context = {"identity": f"acme/urn:pulumi:test::incidents::type::{plan}", "secrets": []}
    return {"response_plan_arn": plan, "context": context, **inputs}


def full(name):
    """Return a response plan with every field of CreateResponsePlan."""
    return {
        "name": name,
        "display_name": "Checkout, first response",
        "incident_template": {
            "title": "Checkout fails",
            "impact": 1.0,
            "summary": "Customers cannot pay.",
            "dedupe_string": name,
            "incident_tags": {"service": "checkout", "empty": ""},
            "notification_targets": [{"sns_topic_arn": TOPIC}],
        },
        "actions": [
            {
                "ssm_automation": {
                    "document_name": "Restart-Checkout",
                    "document_version": "3",
                    "role_arn": ROLE,
                    "target_account": "IMPACTED_ACCOUNT",
                    "parameters": {"Hosts": ["b", "a"], "Dry": ["true"], "None": []},
                    "dynamic_parameters": {
                        "Incident": {"variable": "INCIDENT_RECORD_ARN"},
                        "Resources": {"variable": "INVOLVED_RESOURCES"},
                    },
                }
            }
        ],
        "chat_channel": {"chatbot_sns": [CHAT]},
        "engagements": [f"{CONTACT}-b", f"{CONTACT}-a"],
        "integrations": [
            {
                "pager_duty_configuration": {
                    "name": "pagerduty",
                    "pager_duty_incident_configuration": {"service_id": "P123"},
                    "secret_id": "pagerduty-key",
                }
            }
        ],
        "tags": {"team": "payments", "empty": ""},
    }


def live_form(declared):
    """Return what GetResponsePlan answers for a declaration with every field."""
    template = declared["incident_template"]
    automation = declared["actions"][0]["ssm_automation"]
    pager_duty = declared["integrations"][0]["pager_duty_configuration"]
    return {
        "name": declared["name"],
        "displayName": declared["display_name"],
        "incidentTemplate": {
            "title": template["title"],
            "impact": template["impact"],
            "summary": template["summary"],
            "dedupeString": template["dedupe_string"],
            "incidentTags": template["incident_tags"],
            "notificationTargets": [
                {"snsTopicArn": target["sns_topic_arn"]}
                for target in template["notification_targets"]
            ],
        },
        "actions": [
            {
                "ssmAutomation": {
                    "documentName": automation["document_name"],
                    "documentVersion": automation["document_version"],
                    "roleArn": automation["role_arn"],
                    "targetAccount": automation["target_account"],
                    "parameters": automation["parameters"],
                    "dynamicParameters": automation["dynamic_parameters"],
                }
            }
        ],
        "chatChannel": {"chatbotSns": declared["chat_channel"]["chatbot_sns"]},
        "engagements": sorted(declared["engagements"]),
        "integrations": [
            {
                "pagerDutyConfiguration": {
                    "name": pager_duty["name"],
                    "pagerDutyIncidentConfiguration": {
                        "serviceId": pager_duty["pager_duty_incident_configuration"]["service_id"]
                    },
                    "secretId": pager_duty["secret_id"],
                }
            }
        ],
    }
