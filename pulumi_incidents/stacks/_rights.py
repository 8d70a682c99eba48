"""What is wrong with what a runbook may do: its statements, the role it assumes, who may run it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_incidents.providers._model import below
from pulumi_incidents.stacks._mistakes import is_output
from pulumi_incidents.stacks._policies import DOCUMENT_ARN

_STATEMENT = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")
_POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/\S+")
_ACCOUNT = re.compile(r"\d{12}")
# `assumeRole` of a document: the one parameter that it names, if it is no text of its own.
_PARAMETER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# What the parameter is called in AWS's own documents, and in most others.
_USUAL = "{{ AutomationAssumeRole }}"


def right_mistakes(
    args: Mapping[str, Any], document: Mapping[str, Any] | None, path: str
) -> Iterator[str]:
    """Find what types do not say of a runbook's rights; `document` is what its content says."""
    name, arn = args.get("document_name"), args.get("assume_role_arn")
    if isinstance(name, str) and name.startswith("arn:") and not DOCUMENT_ARN.fullmatch(name):
        place = below(path, "document_name")
        yield f"{place} must be the name of an automation document, or its ARN; got {name!r}"
    if arn and not is_output(arn) and not _ROLE_ARN.fullmatch(arn):
        yield f"{below(path, 'assume_role_arn')} must be the ARN of a role; got {arn!r}"
    for key in ("assume_role_arn", "statements", "managed_policies"):
        if args.get(key) and args.get("role_arn"):
            place = below(path, key)
            yield f"{place} and role_arn exclude each other: a role of yours has rights of its own"
    yield from _passing_mistakes(args, document, path)
    managed = args.get("managed_policies") or {}
    yield from _managed_mistakes(managed, below(path, "managed_policies"))
    yield from _statement_mistakes(args.get("statements") or (), below(path, "statements"))
    yield from _share_mistakes(args, args.get("share_with") or (), below(path, "share_with"))


def _passing_mistakes(
    args: Mapping[str, Any], document: Mapping[str, Any] | None, path: str
) -> Iterator[str]:
    """Find a role that the document would assume and that nobody may pass, and the reverse."""
    arn, place = args.get("assume_role_arn"), below(path, "assume_role_arn")
    if document is not None and not document.get("assumeRole"):
        if arn:
            yield f"{place} is for a document that assumes a role, and content has no assumeRole"
        return
    where, roles = _assumed(args, document, path)
    if roles and not arn and not args.get("role_arn"):
        yield (
            f"{where} names a role that the role made here may not pass, so the runbook would fail "
            "at the first incident: give it as assume_role_arn as well, or give a role_arn of yours"
        )
    elif arn and document is not None and not roles:
        yield f"{where} has to name the role as well: assume_role_arn only lets it be passed"
    elif isinstance(arn, str) and where != below(path, "content.assumeRole"):
        others = [role for role in roles if isinstance(role, str) and role != arn]
        if others:
            yield f"{where} and assume_role_arn must be the same role; got {others[0]!r}"


def _assumed(
    args: Mapping[str, Any], document: Mapping[str, Any] | None, path: str
) -> tuple[str, Sequence[Any]]:
    """Return where the role is named that the document assumes, and which roles are named there."""
    assumed = (document or {}).get("assumeRole")
    if is_output(assumed):
        return below(path, "content.assumeRole"), [assumed]
    text = str(assumed or _USUAL)
    named = _PARAMETER.fullmatch(text.strip())
    if not named:
        return below(path, "content.assumeRole"), [text]
    values = (args.get("parameters") or {}).get(named[1])
    if values is None:
        values = _map(_map((document or {}).get("parameters")).get(named[1])).get("default")
    listed = values if isinstance(values, (list, tuple)) else [values]
    return below(path, f"parameters.{named[1]}"), [value for value in listed if value]


def _map(value: Any) -> Mapping[str, Any]:
    """Return a part of a document that should be a map: of one that is none, nothing."""
    return value if isinstance(value, Mapping) else {}


def _managed_mistakes(policies: Mapping[str, Any], path: str) -> Iterator[str]:
    known: dict[str, str] = {}
    for key, arn in policies.items():
        place = f"{path}.{key}"
        if not isinstance(arn, str):
            continue
        if not _POLICY_ARN.fullmatch(arn):
            yield f"{place} must be the ARN of a managed policy; got {arn!r}"
        elif known.setdefault(arn, place) != place:
            yield f"{place} is {known[arn]} once more; take one of them out"


def _statement_mistakes(statements: Sequence[Any], path: str) -> Iterator[str]:
    for number, statement in enumerate(statements):
        place = f"{path}[{number}]"
        if is_output(statement):
            continue
        for key in statement:
            if key not in _STATEMENT:
                known = ", ".join(_STATEMENT)
                yield f"{place}.{key} is no part of a statement of a role; there are {known}"
        for key in ("Action", "Resource"):
            if not statement.get(key) and not statement.get(f"Not{key}"):
                yield f"{place}.{key} is required"


def _share_mistakes(args: Mapping[str, Any], accounts: Sequence[str], path: str) -> Iterator[str]:
    if accounts and args.get("content") is None:
        yield f"{path} is for a document made of content: the owner of another one shares it"
    for number, account in enumerate(accounts):
        place = f"{path}[{number}]"
        if not _ACCOUNT.fullmatch(account):
            yield f"{place} must be the 12 digits of an account; got {account!r}"
