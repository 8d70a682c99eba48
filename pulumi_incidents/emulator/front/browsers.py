"""What a browser may ask of the local AWS: its own page may, the page of anybody else may not.

Programs send none of these headers, so nothing here concerns them. moto lets every web site read
its answers, and a form of any site can send a request that changes something; a browser says where
a request comes from in `Origin` (Fetch standard) and `Sec-Fetch-Site` (Fetch Metadata).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_incidents.emulator.console import CONSOLE, PAGE, own_origin
from pulumi_incidents.emulator.control import PREFIX

if TYPE_CHECKING:
    from collections.abc import Container

    from werkzeug.wrappers import Request, Response

LOCAL_HOSTS = ("127.0.0.1", "localhost")
_MOTO_PAGE = "/moto-api/"
_CONTROL_PATHS = (PREFIX, _MOTO_PAGE)


def refusal(request: Request, hosts: Container[str]) -> str | None:
    """Return why a request is not answered, or None for one that is; `hosts` are our names."""
    # A page must not come in under its own name either, after rebinding it in the DNS.
    if request.host.rsplit(":", 1)[0].lower() not in hosts:
        return "The Host header is not local, nor a name given with --allow-host."
    origin = request.headers.get("Origin")
    if origin is not None:
        if origin != own_origin(request):
            return "Web pages of other origins are not served."
        if request.path.startswith(_CONTROL_PATHS) and not request.path.startswith(CONSOLE):
            return "The control API is for programs, not for web pages."
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in ("none", "same-origin") and not _opens_the_page(request):
        return "Web pages of other sites are not served."
    return None


def confine(request: Request, response: Response) -> Response:
    """Keep what moto answers, a file in S3 for example, from acting as a page of this origin.

    moto's own page needs its scripts.
    """
    if not request.path.startswith(_MOTO_PAGE):
        response.headers.setdefault("Content-Security-Policy", "sandbox")
    return response


def _opens_the_page(request: Request) -> bool:
    """Say whether this is somebody following a link to the page; in a frame it is not."""
    wanted = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    return (
        (request.method, request.path) == ("GET", PAGE)
        and not request.query_string
        and wanted.items() <= dict(request.headers.items()).items()
    )
