"""What AWS's documents rule out of a plan and an incident. Real: the providers' `check`; no AWS."""

from __future__ import annotations

import pulumi
import pytest

from pulumi_incidents.providers.incident import IncidentProvider
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from pulumi_incidents.stacks import IncidentResponse
from tests.declarations import full
from tests.mocked import declared

QUEUE = "arn:aws:sqs:us-east-1:123456789012:updates"
SUBSCRIPTION = "arn:aws:sns:us-east-1:123456789012:updates:8a21d249-4329-4871-acc6-7be709c6ea7f"
PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/checkout"
TOPIC = "must be the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:incidents"
SECRET = "must be the name or the ARN of a secret, never the key that is in it"


def refusals(provider, inputs):
    """Return the sentences with which `check` refuses inputs."""
    return [failure.reason for failure in provider.check({}, inputs).failures]


def plan(**inputs):
    """Return the sentences about a plan."""
    return refusals(ResponsePlanProvider(), {**full("checkout"), **inputs})


def automation(**inputs):
    """Return actions with something else in their runbook."""
    (action,) = full("checkout")["actions"]
    return {"actions": [{"ssm_automation": {**action["ssm_automation"], **inputs}}]}


def pager_duty(secret):
    """Return integrations with another secret."""
    (one,) = full("checkout")["integrations"]
    return [{"pager_duty_configuration": {**one["pager_duty_configuration"], "secret_id": secret}}]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        *(
            ({"chat_channel": {"chatbot_sns": [arn]}}, f"chat_channel.chatbot_sns[0] {TOPIC}; got ")
            for arn in ("nope", QUEUE, SUBSCRIPTION)
        ),
        *(
            (
                {
                    "incident_template": {
                        "title": "Down",
                        "impact": 1.0,
                        "notification_targets": [{"sns_topic_arn": arn}],
                    }
                },
                f"incident_template.notification_targets[0].sns_topic_arn {TOPIC}; got ",
            )
            for arn in (QUEUE, SUBSCRIPTION)
        ),
        (
            automation(document_name="arn:aws:s3:::documents/Restart"),
            "actions[0].ssm_automation.document_name must be the name of an automation document, ",
        ),
        (
            automation(role_arn="arn:aws:sts::123456789012:assumed-role/a/b"),
            "actions[0].ssm_automation.role_arn must be an ARN, such as arn:aws:iam::",
        ),
        (
            {"engagements": ["arn:aws:ssm-incidents::123456789012:response-plan/other"]},
            "engagements[0] must be an ARN, such as arn:aws:ssm-contacts:",
        ),
        *(
            (
                {"integrations": pager_duty(secret)},
                f"integrations[0].pager_duty_configuration.secret_id {SECRET}",
            )
            for secret in ("u+abc def", "arn:aws:ssm:us-east-1:123456789012:parameter/key")
        ),
    ],
)
def test_what_is_of_another_service_is_refused_in_preview(inputs, sentence):
    """One sentence, with the path of it; a mistake that the model finds is not told twice."""
    (told,) = plan(**inputs)
    assert told.startswith(sentence)


def test_what_stands_in_place_of_a_secret_is_not_repeated():
    """It may be the key itself."""
    (told,) = plan(integrations=pager_duty("hunter2 hunter2"))
    assert "hunter2" not in told


def test_what_the_documents_have_is_let_through():
    """Topics of any partition and kind, documents and secrets by name or ARN."""
    assert plan() == []
    assert (
        plan(
            chat_channel={
                "chatbot_sns": [
                    "arn:aws-cn:sns:cn-north-1:123456789012:chat",
                    "arn:aws:sns:us-east-1:123456789012:chat.fifo",
                ]
            }
        )
        == []
    )
    arn = "arn:aws:ssm:us-east-1:210987654321:document/Shared-Restart"
    assert plan(**automation(document_name=arn)) == []
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:team/pager-duty-AbCdEf"
    assert plan(integrations=pager_duty(secret)) == []
    assert plan(integrations=pager_duty("team/pager_duty+1=a.b@c-d")) == []


def test_a_related_item_names_its_secret_as_a_plan_does():
    """The key of PagerDuty is in neither."""
    detail = {"pager_duty_incident_detail": {"id": "P1", "secret_id": "u+abc def"}}
    item = {"identifier": {"type": "TASK", "value": detail}}
    inputs = {"response_plan_arn": PLAN, "related_items": [item]}
    (told,) = refusals(IncidentProvider(), inputs)
    path = "related_items[0].identifier.value.pager_duty_incident_detail.secret_id"
    assert told == f"{path} {SECRET}"


def test_a_component_tells_it_by_the_path_that_the_person_wrote():
    """Before anything is declared."""
    inputs = {
        "title": "Down",
        "impact": 1,
        "integrations": pager_duty("u+abc def"),
        "runbook": {
            "document_name": "Restart",
            "role_arn": "arn:aws:iam::123456789012:user/me",
        },
    }
    with pytest.raises(pulumi.RunError) as refused:
        declared(lambda: IncidentResponse("x", inputs))
    role, secret = sorted(str(refused.value).splitlines(), key=lambda line: "secret" in line)
    assert role.startswith("IncidentResponse x: runbook.role_arn must be an ARN, such as arn:aws:i")
    path = "integrations[0].pager_duty_configuration.secret_id"
    assert secret == f"IncidentResponse x: {path} {SECRET}."
