"""What AWS answers, as one sentence: what happened, to what, what to do. Pure.

Follows the *Common Errors* of the Incident Manager API reference and what its model says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import exceptions

_ADVICE = {
    "ExpiredTokenException": "Sign in again, then run again.",
    "IncompleteSignature": "Check the credentials of this stack.",
    "InternalServerException": "Run again; nothing is done twice.",
    "InvalidSignatureException": "Check the credentials of this stack.",
    "ServiceQuotaExceededException": "Remove what is not needed or ask AWS for a higher quota.",
    "ThrottlingException": "Run again in a minute; nothing is done twice.",
    "UnrecognizedClientException": "Check the credentials and the region of this stack.",
    # Not in botocore's model: what an account gets that never used the service before it closed.
    "UnsupportedOperationException": (
        "This account never used Incident Manager, which takes no new customers since 2025-11-07: "
        "use an account that has it."
    ),
}
THE_SET = "the replication set"
"""The subject of calls about the one replication set of an account."""

_SERVER_ERROR = 500
# How services spell the member by which a repeated request is known.
_TOKENS = frozenset(("clientToken", "IdempotencyToken"))
# What ssm-contacts answers to everything in a region that no replication set of the account has.
_NO_ACCOUNT = "account not found"
_NO_REPLICATION_SET = (
    "This account has no replication set in this region: use a region of the one that it has; or "
    "if it has none, declare a ReplicationSet that this depends on, or create one, for example "
    "with `aws ssm-incidents create-replication-set --regions '{\"us-east-1\": {}}'`."
)
_PAGER_DUTY = (
    "These credentials need secretsmanager:GetSecretValue on the secret, in this region, and "
    "kms:Decrypt and kms:GenerateDataKey* on its customer-managed KMS key; the policies of both "
    "must let ssm-incidents.amazonaws.com read it."
)
_ROLE = "Check that the role exists and trusts ssm-incidents.amazonaws.com."


class IncidentManagerError(Exception):
    """An expected failure, told in one sentence: what happened, to what, what to do."""

    # `traceback` leaves the module out of the name only for builtins.
    __module__ = "builtins"

    unsure = False
    """AWS may have done what it was asked, and nobody knows."""


class NotFoundError(IncidentManagerError):
    """The plan, record or replication set that a call names does not exist."""

    __module__ = "builtins"


class ExistsError(IncidentManagerError):
    """A plan of this name exists already."""

    __module__ = "builtins"

    arn = ""


class QuotaError(IncidentManagerError):
    """A quota of the account is used up."""

    __module__ = "builtins"


class TokenUsedError(IncidentManagerError):
    """The client token was used before, with other details."""

    __module__ = "builtins"


def explain(
    action: str, subject: str, answer: Mapping[str, Any], sent: Mapping[str, Any] | None = None
) -> IncidentManagerError:
    """Return the error for what AWS answered to an action on a subject, with what was sent.

    `action` is an operation by the name that IAM policies have for it.

    AWS repeats in its messages what it was given, so a plan that is called `token-service` says
    nothing about tokens.
    """
    code = answer["Error"].get("Code", "an unknown error")
    message = answer["Error"].get("Message", "").rstrip(".")
    said = own_words(message, sent or {})
    sentence = f"{action} on {subject} was answered with {code}: {message}."
    # The error of a reused client token is not documented; every AWS service says "token" in it.
    reused = (
        not _TOKENS.isdisjoint(sent or {})
        and code in ("ConflictException", "ValidationException")
        and "token" in said
    )
    kind = TokenUsedError if reused else _KINDS.get(code, IncidentManagerError)
    if _NO_ACCOUNT in said:
        kind = NotFoundError
    error = kind(f"{sentence} {_advice(code, said, action, subject, answer)}".rstrip())
    error.unsure = code == "InternalServerException" or _status(answer) >= _SERVER_ERROR
    if isinstance(error, ExistsError):
        error.arn = answer.get("resourceIdentifier") or answer.get("ResourceId", "")
    return error


def own_words(message: str, sent: Any) -> str:
    """Return a message of AWS in lower case, without what it repeats of what was sent."""
    texts = {text.lower() for text in _texts(sent) if text.strip()}
    said = message.lower()
    for text in sorted(texts, key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", " ", said)
    return said


# Members whose keys are the user's words, too.
_MAPS = re.compile(r"tags$|parameters$", re.IGNORECASE)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, and of an ARN the names in it as well."""
    if isinstance(value, str):
        yield value
        if value.startswith("arn:"):
            yield from value.rpartition(":")[2].split("/")[1:]
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item)
            if _MAPS.search(key) and isinstance(item, Mapping):
                yield from item
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _status(answer: Mapping[str, Any]) -> int:
    return int((answer.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0)


def explain_unsent(
    action: str, subject: str, error: exceptions.BotoCoreError
) -> IncidentManagerError:
    """Return the error for a call that did not reach AWS or got no answer."""
    what = f"{action} on {subject}"
    if isinstance(error, exceptions.NoRegionError):
        return IncidentManagerError(
            f"{what} was not sent, because no region is set: run "
            "`pulumi config set aws:region us-east-1` or set AWS_REGION."
        )
    if isinstance(error, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        return IncidentManagerError(
            f"{what} was not sent, because there are no AWS credentials: sign in and set "
            "aws:profile or AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    if isinstance(error, exceptions.ProfileNotFound):
        return IncidentManagerError(f"{what} was not sent: {error}. Check aws:profile.")
    if isinstance(error, (exceptions.HTTPClientError, exceptions.EndpointConnectionError)):
        endpoint = error.kwargs.get("endpoint_url", "AWS")
        unanswered = IncidentManagerError(
            f"{what} got no answer from {endpoint}: check the network, aws:endpoints and "
            "AWS_ENDPOINT_URL, then run again; nothing is done twice."
        )
        unanswered.unsure = True
        return unanswered
    return IncidentManagerError(f"{what} failed: {str(error).rstrip('.')}.")


_KINDS: dict[str, type[IncidentManagerError]] = {
    "ConflictException": ExistsError,
    "ResourceNotFoundException": NotFoundError,
    "ServiceQuotaExceededException": QuotaError,
}


def _dependent(answer: Mapping[str, Any]) -> str:
    """Return what AWS says depends on the subject, by its ARNs."""
    entities = answer.get("DependentEntities") or []
    return ", ".join(arn for each in entities for arn in each["DependentResourceIds"])


def _advice(code: str, said: str, action: str, subject: str, answer: Mapping[str, Any]) -> str:
    of_set = answer.get("resourceType") == "REPLICATION_SET" or "replication set" in said
    if (of_set and subject != THE_SET) or _NO_ACCOUNT in said:
        return _NO_REPLICATION_SET
    if dependent := _dependent(answer):
        return f"It is needed by {dependent}: take it out of there first."
    if code == "AccessDeniedException":
        return f"Allow {action} on {subject} for these credentials, then run again."
    if "pagerduty" in said or "secret" in said:
        return _PAGER_DUTY
    if re.search(r"\brole\b", said):
        return _ROLE
    return _ADVICE.get(code, "")
