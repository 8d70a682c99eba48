"""An error as the protocol of a request has it, whichever that is and whatever service it is for.

Follows *Common Error Types* in AWS's references and the protocols of Smithy: AWS restJson1, JSON
1.0 and 1.1, restXml, query, EC2 query and RPC v2 CBOR. A client that gets an error of another
protocol tells of invalid XML or of nothing, and many ask again.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from pulumi_incidents.emulator.protocol.errors import error_response
from pulumi_incidents.emulator.protocol.exchange import REQUEST_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

# The names in signatures of the services that speak restXml: nothing in a request says so.
_REST_XML = ("cloudfront", "route53", "s3", "s3-object-lambda", "s3express")
_S3 = _REST_XML[2:]
_SCOPE = re.compile(r"Credential=[^,\s]+/(?P<service>[^/,\s]+)/aws4_request")
_ACTION = re.compile(rb"(?:^|&)Action=\w")
_XML = {
    "query": "<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}"
    "</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    "</Errors><RequestID>{id}</RequestID></Response>",
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId>"
    "</Error>",
}
_SERVER_ERROR = 500
_SHORT, _BYTE = 24, 256


def refuse(request: Request, status: int, code: str, message: str) -> Response:
    """Return an error in the protocol of a request, under an id of its own."""
    identifier = str(uuid4())
    response = _WRITERS[protocol_of(request)](request, status, code, message, identifier)
    response.headers[REQUEST_ID] = identifier
    return response


def service_of(request: Request) -> str | None:
    """Return the service that a request is for, as its signature has it, in a header or a URL."""
    presigned = f"Credential={request.args.get('X-Amz-Credential', '')}"
    scope = _SCOPE.search(request.headers.get("Authorization", presigned))
    return scope["service"].lower() if scope else None


def protocol_of(request: Request) -> str:
    """Return which protocol a request speaks: query, ec2, s3, json, rest-json, rest-xml or cbor."""
    service = service_of(request)
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "cbor"
    if "X-Amz-Target" in request.headers:
        return "json"
    if service in _REST_XML:
        return "s3" if service in _S3 else "rest-xml"
    if _ACTION.search(request.get_data() or request.query_string):
        return "ec2" if service == "ec2" else "query"
    return "rest-json"


def _json(request: Request, status: int, code: str, message: str, _: str) -> Response:
    kind = request.content_type or ""
    kind = kind if kind.startswith("application/x-amz-json-") else "application/json"
    return error_response(status, code, message, kind)


def _xml(form: str, _: Request, status: int, code: str, message: str, identifier: str) -> Response:
    body = _XML[form].format(
        fault="Receiver" if status >= _SERVER_ERROR else "Sender",
        code=escape(code),
        message=escape(message),
        id=identifier,
    )
    return Response(f'<?xml version="1.0"?>\n{body}', status, content_type="text/xml")


def _cbor(_: Request, status: int, code: str, message: str, __: str) -> Response:
    words = ("__type", code, "message", message)
    body = bytes([0xA0 | len(words) // 2]) + b"".join(map(_cbor_text, words))
    headers = {"smithy-protocol": "rpc-v2-cbor"}
    return Response(body, status, headers, content_type="application/cbor")


def _cbor_text(text: str) -> bytes:
    """Return a text of up to 65,535 bytes as CBOR has it (RFC 8949, major type 3)."""
    data = text.encode()[: 2**16 - 1]
    size = len(data)
    if size < _SHORT:
        return bytes([0x60 | size]) + data
    head = bytes([0x78, size]) if size < _BYTE else b"\x79" + size.to_bytes(2, "big")
    return head + data


_WRITERS: dict[str, Callable[[Request, int, str, str, str], Response]] = {
    "cbor": _cbor,
    "ec2": partial(_xml, "ec2"),
    "json": _json,
    "query": partial(_xml, "query"),
    "rest-json": _json,
    "rest-xml": partial(_xml, "query"),
    "s3": partial(_xml, "s3"),
}
