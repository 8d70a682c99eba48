"""moto's documents of Systems Manager, which it knows by their names alone: by their ARNs, too.

The ARN is how a document is named that another account has shared (*Sharing SSM documents* in the
Systems Manager user guide). That one of another region is not found is unverified.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.ssm.models import Documents

_ARN = re.compile(r"arn:[^:]+:ssm:([^:]+):(\d{12}):document/(.+)")


@functools.cache
def connect() -> None:
    """Let GetDocument take ARNs from now on; a second time changes nothing."""
    # Loaded when needed: moto's Systems Manager brings EC2 along, more than half of a start's time.
    from moto.ssm.models import SimpleSystemManagerBackend  # noqa: PLC0415

    get = _by_arn(SimpleSystemManagerBackend.get_document)
    SimpleSystemManagerBackend.get_document = get  # type: ignore[method-assign]


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
