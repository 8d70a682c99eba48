"""The only I/O: one client for each stack configuration, and errors as one sentence.

The configuration is that of pulumi-aws (`aws:region`, `aws:endpoints`, …), so both reach the same
account; what is not set there comes from the environment and the shared files, as in boto3.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import boto3
import botocore.exceptions
from botocore.config import Config

from pulumi_incidents.providers._model import SERVICE

if TYPE_CHECKING:
    from mypy_boto3_ssm_incidents import SSMIncidentsClient
    from pulumi.dynamic import ConfigureRequest

Method = TypeVar("Method", bound=Callable[..., Any])

# Throttling is Incident Manager's real limit. Six attempts of the standard mode back off for half
# a minute at the most; botocore repeats a call with the same client token.
_RETRIES = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=5,
    read_timeout=30,
    user_agent_extra="pulumi-incidents",
)

_ADVICE = {
    "AccessDeniedException": "Allow the action for these credentials, then run again.",
    "ConflictException": "Wait for the other change to end or choose another name.",
    "ExpiredTokenException": "Sign in again, then run again.",
    "ThrottlingException": "Run again in a minute; nothing is done twice.",
    "UnrecognizedClientException": "Check the credentials and the region of this stack.",
    # Not in botocore's model: what accounts get that never used the service before it closed.
    "UnsupportedOperationException": (
        "Incident Manager takes no new customers since 2025-11-07; use an account that has it."
    ),
}
_NO_REPLICATION_SET = (
    "This account has no replication set: create one first, "
    "for example with `aws ssm-incidents create-replication-set --regions us-east-1={}`."
)


class IncidentManagerError(Exception):
    """An expected failure, told in one sentence: what happened, to what, what to do."""

    # `traceback` leaves the module out of the name only for builtins (law 10 of the design).
    __module__ = "builtins"


class NotFoundError(IncidentManagerError):
    """The plan, record or replication set that a call names does not exist."""

    __module__ = "builtins"


def one_sentence(method: Method) -> Method:
    """Decorate a provider method: an expected failure shows no traceback, a bug keeps its own.

    The plugin process prints `traceback.format_exc()`, which has this one switch. It is set for
    every exception anew, because the process and the switch live on.
    """

    @functools.wraps(method)
    def wrapper(*args: Any) -> Any:
        try:
            return method(*args)
        except IncidentManagerError as error:
            sys.tracebacklimit = 0
            raise error from None
        except Exception:
            sys.tracebacklimit = 1000
            raise

    return cast("Method", wrapper)


_settings: dict[str, Any] = {}


def configure(request: ConfigureRequest) -> None:
    """Take the stack's `aws:` configuration; the plugin process serves one stack."""
    names = ("region", "profile", "accessKey", "secretKey", "token", "endpoints")
    found = {name: request.config.get(f"aws:{name}") for name in names}
    _settings.clear()
    _settings.update({name: value for name, value in found.items() if value})
    client.cache_clear()


@functools.cache
def client() -> SSMIncidentsClient:
    """Return the one client of this configuration; boto3 clients may be shared by threads."""
    try:
        session = boto3.Session(
            region_name=_settings.get("region"),
            profile_name=_settings.get("profile"),
            aws_access_key_id=_settings.get("accessKey"),
            aws_secret_access_key=_settings.get("secretKey"),
            aws_session_token=_settings.get("token"),
        )
        return session.client(SERVICE, endpoint_url=_endpoint(), config=_RETRIES)
    except botocore.exceptions.NoRegionError:
        raise IncidentManagerError(
            "No AWS region is set; run `pulumi config set aws:region us-east-1` or set AWS_REGION."
        ) from None
    except botocore.exceptions.BotoCoreError as error:
        raise IncidentManagerError(
            f"No client for Incident Manager could be made: {error}."
        ) from error


def call(operation: str, subject: str, /, **parameters: Any) -> dict[str, Any]:
    """Call `operation`, such as `create_response_plan`; `subject` says to what in an error."""
    try:
        result = getattr(client(), operation)(**parameters)
    except botocore.exceptions.ClientError as error:
        raise _explained(operation, subject, error) from error
    except botocore.exceptions.EndpointConnectionError as error:
        endpoint = error.kwargs.get("endpoint_url", "AWS")
        raise IncidentManagerError(
            f"{operation} of {subject} did not reach {endpoint}; "
            "check the network, aws:endpoints and AWS_ENDPOINT_URL, then run again."
        ) from error
    except (
        botocore.exceptions.NoCredentialsError,
        botocore.exceptions.PartialCredentialsError,
    ) as error:
        raise IncidentManagerError(
            f"{operation} of {subject} was not sent, because no AWS credentials were found; "
            "set aws:profile or sign in, then run again."
        ) from error
    except botocore.exceptions.BotoCoreError as error:
        raise IncidentManagerError(f"{operation} of {subject} failed: {error}.") from error
    return cast("dict[str, Any]", result)


def _endpoint() -> str | None:
    endpoints = _settings.get("endpoints") or []
    if isinstance(endpoints, str):
        endpoints = json.loads(endpoints)
    for services in endpoints:
        # pulumi-aws spells the service `ssmincidents`.
        if services.get("ssmincidents"):
            return str(services["ssmincidents"])
    return None


def _explained(
    operation: str, subject: str, error: botocore.exceptions.ClientError
) -> IncidentManagerError:
    details = cast("dict[str, Any]", error.response)
    code = details["Error"].get("Code", "an unknown error")
    message = details["Error"].get("Message", "").rstrip(".")
    advice = _ADVICE.get(code, "")
    if details.get("resourceType") == "REPLICATION_SET" or "replication set" in message.lower():
        advice = _NO_REPLICATION_SET
    kind = NotFoundError if code == "ResourceNotFoundException" else IncidentManagerError
    sentence = f"{operation} of {subject} was answered with {code}: {message}."
    return kind(f"{sentence} {advice}".rstrip())
