"""The file for `pulumi import`, and the place in a stack that it is for.

Its format is `importSpec` of https://github.com/pulumi/pulumi, `pkg/cmd/pulumi/operations`. What is
marked there as a secret is encrypted in the state.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from typing import Any

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_incidents.providers._declaration import CONTEXT
from pulumi_incidents.providers._import.things import Found

# How files of Pulumi mark a secret: `resource.SigKey` and `resource.SecretSig` of its SDK for Go.
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


def stack() -> Sequence[str]:
    """Return organisation, project and name of the selected stack, or nothing without one."""
    try:
        answer = subprocess.run(
            ["pulumi", "about", "--json"],  # noqa: S607 - whichever Pulumi will import
            capture_output=True,
            check=True,
        )
        return str(json.loads(answer.stdout)["currentStack"]["fullyQualifiedName"]).split("/")
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError, TypeError):
        return []


def import_file(things: Iterable[Found], place: Sequence[str]) -> str:
    """Return the file, in which each thing carries its own provider, and addresses are secrets."""
    parents: dict[str, str] = {}
    resources = []
    for thing in things:
        wanted = thing.wanted
        properties = {
            **thing.declared(_secret(thing.address)),
            **thing.added,
            **_context(thing, place),
            "__provider": serialize_provider(thing.kind.life()),
        }
        entry = {
            "type": thing.kind.resource.token(),
            "name": wanted.old_urn or f"{thing.kind.noun} {thing.name}",
            "logicalName": thing.name,
        }
        if wanted.parent:
            parents[wanted.parent] = entry["parent"] = wanted.parent
        outputs = {**properties, **thing.outputs}
        resources.append({**entry, "id": thing.id, "inputs": properties, "outputs": outputs})
    return f"{json.dumps({'nameTable': parents, 'resources': resources}, indent=2)}\n"


def addresses(things: Iterable[Found]) -> str:
    """Return the addresses as `pulumi config set-all --json` takes them, or nothing."""
    found = {
        thing.key: {"value": thing.address, "secret": True}
        for thing in things
        if thing.address is not None
    }
    return f"{json.dumps(found, indent=2)}\n" if found else ""


def _secret(value: Any) -> dict[str, str]:
    return {_SIGNATURE: _SECRET, "plaintext": json.dumps(value)}


def _context(thing: Found, place: Sequence[str]) -> dict[str, Any]:
    """Return what the resource itself will say of its place, or a refresh would show it as new."""
    match place:
        case [organization, project, name]:
            parent = thing.wanted.parent
            within = f"{parent.split('::')[2]}$" if parent else ""
            token = thing.kind.resource.token()
            urn = f"urn:pulumi:{name}::{project}::{within}{token}::{thing.name}"
            secrets = list(thing.kind.resource.personal)
            return {CONTEXT: {"identity": f"{organization}/{urn}", "secrets": secrets}}
        case _:
            return {}
