"""moto's documents of Systems Manager, which it knows by their names alone: by their ARNs, too.

The ARN is how a document is named that another account has shared (*Sharing SSM documents* in the
Systems Manager user guide). That one of another region is not found is unverified.

A version may be `$DEFAULT`, and one that is missing is an InvalidDocumentVersion (*GetDocument* in
the Systems Manager API reference). AWS's own documents are not here, and nobody is told that they
do not exist.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

from pulumi_incidents.emulator.permissions.resources import OF_AWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.ssm.models import Documents

_ARN = re.compile(r"arn:[^:]+:ssm:([^:]+):(\d{12}):document/(.+)")


@functools.cache
def connect() -> None:
    """Let documents be found as at AWS from now on; a second time changes nothing."""
    # Loaded when needed: moto's Systems Manager brings EC2 along, more than half of a start's time.
    from moto.ssm.models import Documents, SimpleSystemManagerBackend  # noqa: PLC0415

    get = _of_account(_by_arn(SimpleSystemManagerBackend.get_document))
    describe = _of_account(SimpleSystemManagerBackend.describe_document)
    SimpleSystemManagerBackend.get_document = get  # type: ignore[method-assign]
    SimpleSystemManagerBackend.describe_document = describe  # type: ignore[method-assign]
    Documents.find = _by_version(Documents.find)  # type: ignore[method-assign]


def document(arn: str, account: str) -> Documents | None:
    """Return a document with all of its versions, if an account has it or it is shared with it."""
    named = _ARN.fullmatch(arn)
    if not named:
        return None
    region, owner, name = named.groups()
    backends = get_backend("ssm")
    if owner not in backends or region not in backends[owner]:
        return None
    # moto has no public way to a document that tells whom it is shared with.
    found: Documents | None = backends[owner][region]._documents.get(name)  # noqa: SLF001
    shared = found is not None and (owner == account or {account, "all"} & {*found.permissions})
    return found if shared else None


def _by_arn(get: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @functools.wraps(get)
    def got(backend: Any, name: str, **more: Any) -> dict[str, Any]:
        named = _ARN.fullmatch(name)
        if named and named[1] == backend.region_name and document(name, backend.account_id):
            region, owner, name = named.groups()
            backend = get_backend("ssm")[owner][region]
        return get(backend, name, **more)

    return got


def _of_account(ask: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Say of AWS's own documents that they are not here, and not that there are none."""

    @functools.wraps(ask)
    def answered(backend: Any, name: str, *more: Any, **members: Any) -> dict[str, Any]:
        from moto.ssm.exceptions import InvalidDocument  # noqa: PLC0415 - as above

        try:
            return ask(backend, name, *more, **members)
        except InvalidDocument:
            if OF_AWS.match(name):
                raise NotImplementedError(f"{name} is a document of AWS's own") from None
            raise

    return answered


def _by_version(find: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(find)
    def found(
        documents: Documents,
        document_version: str | None = None,
        version_name: str | None = None,
        strict: bool = True,  # noqa: FBT001, FBT002 - as moto has it
    ) -> Any:
        from moto.ssm.exceptions import InvalidDocumentVersion  # noqa: PLC0415 - as above

        version = None if document_version == "$DEFAULT" else document_version
        answer = find(documents, version, version_name, strict=False)
        if strict and not answer:
            raise InvalidDocumentVersion("The document version is not valid or does not exist.")
        return answer

    return found
