"""Which backend keeps the stack: what tells two stacks of one name apart. Calls nothing.

Pulumi Cloud has organisations, whose names are unique. On every other backend the organisation is
called "organization", so the backend itself has to make the difference. It is found as the CLI
finds it: https://www.pulumi.com/docs/iac/concepts/state-and-backends/.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

_NO_ORGANIZATION = "organization"


def told_apart(identity: str) -> str:
    """Return an identity, organisation and URN, that no other backend gives to a resource."""
    organization, _, urn = identity.partition("/")
    if organization != _NO_ORGANIZATION:
        return identity
    return f"{organization}@{_backend()}/{urn}"


@functools.cache
def _backend() -> str:
    # Hashed, because an address may hold names and paths that are nobody's business at AWS.
    return hashlib.sha256(_place(_url()).encode()).hexdigest()[:12]


def _url() -> str:
    """Return the address that the CLI works with: environment, project file, `pulumi login`."""
    told = itertools.chain(_of_environment(), _of_project(), _of_login())
    return next((str(url) for url in told if url), "")


def _of_environment() -> Iterator[Any]:
    yield os.environ.get("PULUMI_BACKEND_URL")


def _of_project() -> Iterator[Any]:
    for folder in (Path.cwd(), *Path.cwd().parents):
        for name in ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json"):  # JSON is YAML as well
            if (folder / name).is_file():
                yield _member(yaml.safe_load((folder / name).read_text("utf-8")), "backend", "url")
                return


def _of_login() -> Iterator[Any]:
    home = os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi"
    file = Path(os.environ.get("PULUMI_CREDENTIALS_PATH") or home) / "credentials.json"
    if file.is_file():
        yield _member(json.loads(file.read_text("utf-8")), "current")


def _member(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _place(url: str) -> str:
    """Return what is different for any two backends, without credentials.

    Two people may have the same path, each on a machine of their own, and a state that is lost may
    come back at the same path: what was started there is then refused by its mark, and never taken.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = Path(unquote(url[len("file://") :].partition("?")[0]))
        return str(path.expanduser().resolve())
    account = os.environ.get("AZURE_STORAGE_ACCOUNT", "") if parts.scheme == "azblob" else ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}?{parts.query}#{account}"
