"""What goes wrong at AWS, as one sentence. Pure: answers as botocore hands them over."""

from __future__ import annotations

import pytest
from botocore import exceptions

from pulumi_incidents.identity import errors


def answer(code, message, **members):
    """Return an error as botocore has parsed it."""
    return {"Error": {"Code": code, "Message": message}, **members}


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (answer("AccessDeniedException", "no"), "Allow ssm-incidents:CreateResponsePlan on plan p"),
        (answer("UnsupportedOperationException", "no"), "takes no new customers since 2025-11-07"),
        (
            answer("ResourceNotFoundException", "none", resourceType="REPLICATION_SET"),
            "create-replication-set",
        ),
        (answer("ValidationException", "No replication set found"), "create-replication-set"),
        (
            answer("ValidationException", "Unable to read PagerDuty secret x"),
            "need secretsmanager:GetSecretValue on the secret",
        ),
        (
            answer("ValidationException", "Unable to read PagerDuty secret x"),
            "the policies of both must let ssm-incidents.amazonaws.com read it.",
        ),
        (answer("ValidationException", "Role r cannot be assumed"), "trusts ssm-incidents"),
        (answer("ThrottlingException", "slow down"), "nothing is done twice"),
        (answer("ExpiredTokenException", "expired"), "Sign in again"),
    ],
)
def test_an_answer_becomes_one_sentence_with_advice(given, advice):
    """The sentence names action, subject, code, message and what to do."""
    error = str(errors.explain("ssm-incidents:CreateResponsePlan", "plan p", given))
    assert error.startswith("ssm-incidents:CreateResponsePlan on plan p was answered with ")
    assert f"{given['Error']['Code']}: {given['Error']['Message']}" in error
    assert advice in error
    assert "\n" not in error


@pytest.mark.parametrize("name", ["role-x", "secret-service", "token-service", "replication set"])
@pytest.mark.parametrize("code", ["ValidationException", "ConflictException"])
def test_what_a_plan_is_called_gives_no_advice(name, code):
    """AWS repeats names and tags in its messages, and they say nothing of what is wrong."""
    arn = f"arn:aws:ssm-incidents::123456789012:response-plan/{name}"
    sent = {"responsePlanArn": arn, "clientToken": "t", "tags": {name: "1"}}
    for message in (f"{arn} is not ready", f"Plan {name} is not ready", f"Tag {name} is wrong"):
        error = errors.explain("ssm-incidents:StartIncident", "plan p", answer(code, message), sent)
        assert type(error) is not errors.TokenUsedError
        assert str(error).endswith(f"{message}.")


def test_a_used_token_is_known_where_one_was_sent():
    """Every AWS service says "token" of it; an operation without one has none to be used."""
    said = answer("ValidationException", "The clientToken was used before")
    used = errors.explain("ssm-incidents:StartIncident", "plan p", said, {"clientToken": "t"})
    assert type(used) is errors.TokenUsedError
    assert type(errors.explain("ssm-incidents:GetIncidentRecord", "p", said, {})) is not type(used)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer("ResourceNotFoundException", "gone"), errors.NotFoundError),
        (answer("ConflictException", "there", resourceIdentifier="arn:x"), errors.ExistsError),
        (answer("Whatever", "odd"), errors.IncidentManagerError),
    ],
)
def test_what_a_provider_acts_on_has_a_kind_of_its_own(given, kind):
    """Gone and existing are told apart from everything else."""
    error = errors.explain("ssm-incidents:GetResponsePlan", "plan p", given)
    assert type(error) is kind
    if kind is errors.ExistsError:
        assert error.arn == "arn:x"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (exceptions.NoRegionError(), "pulumi config set aws:region"),
        (exceptions.NoCredentialsError(), "there are no AWS credentials"),
        (exceptions.ProfileNotFound(profile="x"), "Check aws:profile"),
        (
            exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1/", error="no"),
            "got no answer from http://127.0.0.1:1/",
        ),
        (
            exceptions.ReadTimeoutError(endpoint_url="http://127.0.0.1:1/", error="slow"),
            "got no answer from http://127.0.0.1:1/",
        ),
    ],
)
def test_a_call_that_got_no_answer_says_why(error, advice):
    """Region, credentials, profile and endpoint are named with what to set."""
    sentence = str(errors.explain_unsent("ssm-incidents:StartIncident", "plan p", error))
    assert sentence.startswith("ssm-incidents:StartIncident on plan p")
    assert advice in sentence
