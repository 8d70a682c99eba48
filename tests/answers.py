"""What an answer of an emulated service has to be, by botocore's model and by its parser.

Nothing here comes from the emulator.
"""

from __future__ import annotations

import json
import re

from botocore.model import ListShape, MapShape, StructureShape
from botocore.parsers import create_parser

from tests.patterns import plain
from tests.wire import YEARS

_TYPES = {
    "boolean": bool,
    "integer": int,
    "list": list,
    "map": dict,
    "string": str,
    "structure": dict,
    "timestamp": (int, float),
}


def code_of(answer, service):
    """Return the code of an answer, after making sure that it is an error in AWS's shape.

    `service`: its model.
    """
    status, headers, body = answer
    assert 400 <= status < 500, answer
    content = json.loads(body)
    code = headers["X-Amzn-ErrorType"]
    parsed = _parsed(service, answer, None)
    assert parsed["Error"]["Code"] == content.pop("__type") == code
    # Models spell the message in two ways, and moto in both where a model has the one.
    spelled = {content[name] for name in ("message", "Message") if name in content}
    assert {parsed["Error"]["Message"]} == spelled
    known = {shape.name: shape for shape in service.error_shapes}
    if code in known:
        for spelling in {"message", "Message"} - known[code].members.keys():
            content.pop(spelling, None)
        assert list(mistakes(known[code], content)) == []
        assert status == known[code].metadata.get("error", {}).get("httpStatusCode", 400)
    return code


def check_success(operation, answer):
    """Make sure that an answer is what the model says of the operation's output."""
    status, _, body = answer
    assert status == operation.http.get("responseCode", 200), answer
    content = json.loads(body) if body else {}
    found = mistakes(operation.output_shape, content)
    if operation.name == "ListPreviewRotationShifts":
        # It takes any words for people, and answers them where its model has ARNs.
        found = (each for each in found if " breaks its pattern: " not in each)
    assert list(found) == []
    assert _parsed(operation.service_model, answer, operation.output_shape).keys() >= content.keys()


def _parsed(service, answer, shape):
    status, headers, body = answer
    received = {"status_code": status, "headers": headers, "body": body}
    return create_parser(service.metadata["protocol"]).parse(received, shape)


def mistakes(shape, value, path=""):
    """Yield what in a JSON value is not as its shape in the model says.

    Lower bounds of lists and maps are left out: they are those of requests, and things that have
    no tags answer none.
    """
    wanted = _TYPES[shape.type_name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        yield f"{path} is no {shape.type_name}: {value!r}"
        return
    if isinstance(value, str | list | dict) and len(value) > shape.metadata.get("max", len(value)):
        yield f"{path} has a length of {len(value)}"
    if isinstance(shape, StructureShape):
        yield from _members_missing_or_unknown(shape, value, path)
    for name, inner, item in _parts(shape, value):
        yield from mistakes(inner, item, f"{path}.{name}")
    if shape.type_name == "string":
        yield from _string_mistakes(shape, value, path)
    elif shape.type_name in ("integer", "timestamp"):
        years = YEARS if shape.type_name == "timestamp" else (value, value)
        low, high = shape.metadata.get("min", years[0]), shape.metadata.get("max", years[1])
        if not low <= value <= high:
            yield f"{path} is out of range: {value}"


def _members_missing_or_unknown(shape, value, path):
    yield from (f"{path}.{name} is missing" for name in shape.required_members if name not in value)
    yield from (f"{path}.{name} is unknown" for name in value if name not in shape.members)
    if shape.is_tagged_union and len(value) != 1:
        yield f"{path} is a union of {len(value)}"


def _parts(shape, value):
    if isinstance(shape, StructureShape):
        for name in value.keys() & shape.members.keys():
            yield name, shape.members[name], value[name]
    elif isinstance(shape, ListShape):
        yield from ((index, shape.member, item) for index, item in enumerate(value))
    elif isinstance(shape, MapShape):
        yield from ((key, shape.key, key) for key in value)
        yield from ((key, shape.value, item) for key, item in value.items())


def _string_mistakes(shape, value, path):
    if len(value) < shape.metadata.get("min", 0):
        yield f"{path} is too short"
    if not re.fullmatch(plain(shape) or "(?s:.*)", value):
        yield f"{path} breaks its pattern: {value!r}"
    if shape.enum and value not in shape.enum:
        yield f"{path} is none of its values: {value!r}"
