"""What LocalStack tells whoever waits for it, so that they can wait for this AWS as well.

Follows `/_localstack/health` of localstack/localstack. Each service is there from the start: the
emulated ones, and moto's, which may lack operations, by the names that botocore has for them.
"""

from __future__ import annotations

import functools
import json

import botocore.session
from moto.backend_index import backend_url_patterns
from werkzeug.wrappers import Response

from pulumi_incidents import __version__
from pulumi_incidents.emulator.services import SERVICES

HEALTH = "/_localstack/health"
_EDITION = "pulumi-incidents"


def health() -> Response:
    """Return which services there are."""
    services = dict.fromkeys(sorted({*SERVICES, *_moto_services()}), "running")
    content = {"services": services, "edition": _EDITION, "version": __version__}
    return Response(json.dumps(content), content_type="application/json")


@functools.cache
def _moto_services() -> frozenset[str]:
    """Return botocore's names of moto's modules, which are called alike but for some characters."""
    known = botocore.session.get_session().get_available_services()
    names = {name.replace("-", ""): name for name in known}
    modules = {module.removeprefix("aws") for module, _ in backend_url_patterns}
    return frozenset(names[module] for module in modules & names.keys())
