"""How a local AWS is reached: by its control API, and by clients of boto3."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from http.client import HTTPException
from threading import Lock
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import boto3
import botocore.session
from botocore.config import Config

REGION = "us-east-1"
_CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
# As botocore's `session_vars`: key in the file, environment variable, default, conversion.
_NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_ANSWER_SECONDS = 60
_DIRECT = build_opener(ProxyHandler({}))  # whatever proxy the environment names


class LocalAwsError(Exception):
    """The local AWS did not start, does not answer, or refuses what it was told, in a sentence."""


class Connection:
    """A running local AWS at the base address `url`, and how to reach it."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        core = botocore.session.Session(session_vars=_NO_FILES)
        self._session: Any = boto3.Session(botocore_session=core)
        self._making_client = Lock()  # a session may not be used by two threads

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this process, changed so that any AWS SDK or tool finds this AWS.

        Every `AWS_*` variable is replaced, so no profile of a real account has a say. Give it to
        `subprocess.run(…, env=…)`, or to `mock.patch.dict(os.environ, …, clear=True)` for code in
        this process that makes its own clients.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        bypass = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost"]))
        return {
            **kept,
            **{name.upper(): value for name, value in _CREDENTIALS.items()},
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,  # the one that boto3 and the AWS CLI read
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": bypass,
            "no_proxy": bypass,
        }

    def client(self, service: str, **arguments: Any) -> Any:
        """Return a boto3 client of any service that this AWS has.

        `arguments` are those of `boto3.client`. Unless they say otherwise, the region is
        us-east-1, the account 123456789012, and no request is tried twice, so that a test sees
        every answer; with `config=Config(retries={"total_max_attempts": 3})` botocore retries.
        """
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        given = {"region_name": REGION, "endpoint_url": self.url, **_CREDENTIALS, **arguments}
        given["config"] = config.merge(arguments.get("config", Config()))
        with self._making_client:
            return self._session.client(service, **given)

    def _control(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = Request(f"{self.url}/_local/{path}", body, method=method)  # noqa: S310 - http
        try:
            with _DIRECT.open(request, timeout=_ANSWER_SECONDS) as answer:
                text = answer.read()
        except HTTPError as refusal:
            with refusal:
                raise LocalAwsError(_message(refusal)) from None
        except (OSError, HTTPException) as error:
            raise LocalAwsError(self._silence(error)) from error
        return json.loads(text) if text else None

    def _silence(self, error: Exception) -> str:
        return f"The local AWS at {self.url} does not answer: {error}."


def _message(refusal: HTTPError) -> str:
    try:
        return str(json.load(refusal)["message"])
    except (ValueError, KeyError, TypeError):
        return f"{refusal.url} answers {refusal.code}: it is not a local AWS."
