"""A document that exists is looked up in preview: a plan takes a name that nothing has.

pulumi-aws asks Systems Manager by GetDocument (its API reference), and tells what AWS answered as a
text: only the code of an error is read of it. What is unknown in a preview, or answered by nothing,
as unit tests may do, is let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any, cast

import pulumi
import pulumi_aws as aws

from pulumi_incidents.stacks._documents import document_of, parameter_mistakes
from pulumi_incidents.stacks._mistakes import refuse, unvalued

_TOKEN = "aws:ssm/getDocument:getDocument"  # noqa: S105 - the name of a function
# The codes of GetDocument for what is not there, or not for this account.
_ABSENT = re.compile(r"\bInvalidDocument(Version)?: ")
_RUNS = "Automation"


def existing_document(
    component: pulumi.ComponentResource, args: Mapping[str, Any], opts: pulumi.InvokeOutputOptions
) -> pulumi.Output[str]:
    """Return the name of the document of a runbook, once it is known to be there.

    The name stays known where the answer is not: a preview shows it.
    """
    name: pulumi.Output[str] = pulumi.Output.from_input(args["document_name"])
    if args.get("skip_look_up"):
        return name
    looked_up = _look_up(component, args, opts)
    return pulumi.Output.all(name, looked_up).apply(lambda known: cast("str", known[0]))


async def _look_up(
    component: pulumi.ComponentResource, args: Mapping[str, Any], opts: pulumi.InvokeOutputOptions
) -> None:
    given = pulumi.Output.all(args["document_name"], args.get("document_version"))
    named = pulumi.InvokeOutputOptions(depends_on=[*await given.resources()])
    after = pulumi.InvokeOutputOptions.merge(opts, named)
    # Unknown while something is yet to be made of what the document may come from.
    made = aws.get_partition_output(opts=after).partition
    if not (await given.is_known() and await made.is_known()):
        return
    name, version = cast("list[Any]", await given.future())
    if not name:
        refuse(component, ["set either document_name or content"])
    try:
        found = await _document(component, name, version)
    except Exception as error:  # noqa: BLE001 - the SDK has no narrower one
        mistakes = iter([_failure_told(str(error), name, version)])
    else:
        # What is made by this program, too, may be about to change.
        is_stable = not await pulumi.Output.from_input(after.depends_on).future()
        mistakes = _found_mistakes(found, args, name, is_stable=is_stable)
    refuse(component, unvalued(mistakes) if await given.is_secret() else mistakes)


async def _document(
    component: pulumi.ComponentResource, name: str, version: str | None
) -> aws.ssm.GetDocumentResult:
    """Return what `aws.ssm.get_document` does, without what would not do here.

    That waits in a loop of its own, one within the other, and where `get_document_output` fails the
    SDK tells that, too, with a traceback.
    """
    args = {"name": name, "documentVersion": version or None}
    opts = pulumi.InvokeOptions(parent=component, version=metadata.version("pulumi_aws"))
    found = await pulumi.runtime.invoke_async(_TOKEN, args, opts, aws.ssm.GetDocumentResult)
    return cast("aws.ssm.GetDocumentResult", found)


def _failure_told(error: str, name: str, version: str | None) -> str:
    if _ABSENT.search(error):
        which = f"{name!r} in version {version!r}" if version else repr(name)
        return (
            "document_name must be a document that AWS finds in this account and region: correct "
            f"it, make it first, or set skip_look_up where it is made later; got {which}"
        )
    text = " ".join(error.split()).split("error occurred: * ")[-1]
    reason = text.removeprefix(f"invoke of {_TOKEN} failed: ").removesuffix(" ()").rstrip(".")
    return (
        "document_name could not be looked up: see to that, or set skip_look_up to go on without; "
        f"got {reason}"
    )


def _found_mistakes(
    found: aws.ssm.GetDocumentResult, args: Mapping[str, Any], name: str, *, is_stable: bool
) -> Iterator[str]:
    """Find what of a document that is there Incident Manager could not run."""
    if found.document_type and found.document_type != _RUNS:
        yield (
            f"document_name must be a document of the type {_RUNS}, which is what Incident Manager "
            f"runs; got {name!r}, of the type {found.document_type}"
        )
    elif is_stable:
        yield from parameter_mistakes(args, document_of(found.content))
