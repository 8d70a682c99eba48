"""What the content of an automation document says, and what is wrong with it.

Follows *Runbook schema* in the Systems Manager user guide: automation documents have the schema
0.3, and others, such as those that run commands, another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from pulumi_incidents.providers._model import below
from pulumi_incidents.stacks._json import parsed
from pulumi_incidents.stacks._mistakes import is_output

_SCHEMA = "0.3"
# What Incident Manager fills in, and the type of parameter that takes it.
_VARIABLES = {"INCIDENT_RECORD_ARN": "String", "INVOLVED_RESOURCES": "StringList"}


class Written(NamedTuple):
    """The content of a document as AWS takes it."""

    text: str
    format: str


def written(content: str | Mapping[str, Any]) -> Written:
    """Return a text as it is, comments and blocks of it included, and a map as JSON."""
    if not isinstance(content, str):
        return Written(json.dumps(content, indent=2), "JSON")
    return Written(content, "YAML" if parsed(content) is None else "JSON")


def document_of(content: Any) -> Mapping[str, Any] | None:
    """Return what the content of a document says; None while it is not known, or if it is none."""
    try:
        document = _read(content)
    except yaml.YAMLError:
        return None
    return document if isinstance(document, Mapping) else None


def _read(content: Any) -> Any:
    found = parsed(content)  # with tabs, JSON is no YAML
    return yaml.safe_load(content) if found is None and isinstance(content, str) else found


def content_mistakes(args: Mapping[str, Any], path: str) -> Iterator[str]:
    """Find what AWS would refuse of the content, and parameters that do not fit it."""
    content, place = args.get("content"), below(path, "content")
    if not content or is_output(content):
        return
    try:
        document = _read(content)
    except yaml.YAMLError as error:
        yield f"{place} is neither YAML nor JSON: {str(error).splitlines()[0]}"
        return
    if not isinstance(document, Mapping):
        yield f"{place} is no automation document: it has no mainSteps"
        return
    mistake = next(_document_mistakes(document, place), None)
    if mistake:
        yield mistake
        return
    yield from parameter_mistakes(args, document, path)


def _document_mistakes(document: Mapping[str, Any], place: str) -> Iterator[str]:
    schema = document.get("schemaVersion")
    if schema is not None and not is_output(schema) and str(schema) != _SCHEMA:
        yield (
            f"{place} is a document of the schema {schema}, such as one that runs commands, and "
            f"Incident Manager runs automations: those have the schemaVersion {_SCHEMA!r}"
        )
    if "mainSteps" not in document:
        yield f"{place} is no automation document: it has no mainSteps"
    if schema is None:
        yield f"{place} is no automation document: it has no schemaVersion, which is {_SCHEMA!r}"
    declared = document.get("parameters") or {}
    if not is_output(declared) and not _is_map_of_maps(declared):
        yield f"{place} is no automation document: its parameters are no map of maps"


def _is_map_of_maps(declared: Any) -> bool:
    return isinstance(declared, Mapping) and all(
        isinstance(parameter, Mapping) or is_output(parameter) for parameter in declared.values()
    )


def parameter_mistakes(
    args: Mapping[str, Any], document: Mapping[str, Any] | None, path: str = ""
) -> Iterator[str]:
    """Find parameters of a runbook that do not fit its document; of one unknown there are none."""
    declared = (document or {}).get("parameters") or {}
    if document is None or is_output(declared):
        return
    parameters = args.get("parameters") or {}
    dynamic = args.get("dynamic_parameters") or {}
    for key, names in (("parameters", [*parameters]), ("dynamic_parameters", [*dynamic])):
        for name in names:
            if name not in declared:
                known, place = ", ".join(declared) or "none", below(path, f"{key}.{name}")
                yield f"{place} is no parameter of the document; it declares {known}"
    for name, value in dynamic.items():
        yield from _type_mistakes(value["variable"], declared.get(name), name, path)
    for name, parameter in declared.items():
        is_given = name in parameters or name in dynamic
        if not is_output(parameter) and "default" not in parameter and not is_given:
            place = below(path, f"parameters.{name}")
            yield f"{place} is missing: the document has no default for it"


def _type_mistakes(variable: Any, parameter: Any, name: str, path: str) -> Iterator[str]:
    if parameter is None or is_output(parameter) or not isinstance(variable, str):
        return
    found, wanted = parameter.get("type", "String"), _VARIABLES.get(variable)
    if wanted and not is_output(found) and found != wanted:
        place = below(path, f"dynamic_parameters.{name}")
        yield f"{place}: {variable} is for a {wanted}, and it is a {found}"
