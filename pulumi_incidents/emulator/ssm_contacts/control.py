"""What the control API tells of people: what AWS sends them, and nobody else sees.

`GET /_local/pages`: the pages that were sent, oldest first; of one `incident`, `engagement` or
`contact`, by its ARN, or all. `GET /_local/upcoming`: the pages that are still to come if nobody
says a word and nothing changes, the next one first; of one of the same, or all. Whom an incident
will not reach is among them, with the `reason`. `GET /_local/activations`: the codes that were sent
to channels, of one `channel` or all, and not used.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.ssm_contacts.models import settle_all
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from werkzeug.wrappers import Request

    from pulumi_incidents.emulator.protocol.service import Call
    from pulumi_incidents.emulator.ssm_contacts.engaged import Happening, Page
    from pulumi_incidents.emulator.ssm_contacts.entities import Channel
    from pulumi_incidents.emulator.ssm_contacts.models import ContactsBackend


def pages(request: Request) -> dict[str, Any]:
    """Return the pages that were sent by now."""
    with LOCK:
        sent = [_page(page) for backend in settle_all() for page in backend.pages.values()]
    found = _asked_for(request, sent)
    return {"pages": sorted(found, key=lambda each: str(each["sentTime"]))}


def upcoming(request: Request) -> dict[str, Any]:
    """Return what is still to come of engagements."""
    with LOCK:
        ahead = [backend.ahead() for backend in settle_all()]
        coming = [_coming(page) for backend in ahead for page in backend.pages.values()]
        coming += [
            _unreached(backend, each)
            for backend in ahead
            for each in backend.happened
            if "reason" in each.data
        ]
    found = _asked_for(request, coming)
    return {"upcoming": sorted(found, key=lambda each: str(each["time"]))}


def activations(request: Request) -> dict[str, Any]:
    """Return the codes that activate channels."""
    asked = request.args.get("channel")
    with LOCK:
        channels = [each for backend in settle_all() for each in backend.channels.values()]
        found = [_activation(each) for each in channels if each.code]
    return {"activations": [each for each in found if asked in (None, each["contactChannelArn"])]}


def _asked_for(request: Request, found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is of the incident, the engagement and the contact that a request names."""
    wanted = {
        f"{name}Arn": request.args[name]
        for name in ("incident", "engagement", "contact")
        if name in request.args
    }
    return [each for each in found if all(each[name] == arn for name, arn in wanted.items())]


def _page(page: Page) -> dict[str, Any]:
    subject, content = page.words
    return {
        "pageArn": page.arn,
        "engagementArn": page.engagement,
        "contactArn": page.contact,
        "contactChannelArn": page.channel,
        "incidentArn": page.members.get("IncidentId"),
        "type": page.kind,
        "address": page.address,
        "sentTime": _iso(page.sent),
        "deliveryTime": _iso(page.delivered),
        "readTime": _iso(page.read),
        "acceptCode": page.code,
        "subject": subject,
        "content": content,
    }


def _coming(page: Page) -> dict[str, Any]:
    told = _page(page)
    kept = ("engagementArn", "incidentArn", "contactArn", "contactChannelArn", "type", "address")
    coming = {"time": told["sentTime"], **{name: told[name] for name in kept}}
    return {**coming, "resolutions": page.path, "reason": None}


def _unreached(backend: ContactsBackend, happening: Happening) -> dict[str, Any]:
    data = happening.data
    arn: str | None = data.get("contactChannelArn")
    channel = backend.channels.get(resource_of(arn)) if arn else None
    owner = re.sub(r":contact-channel/([^/]+)/.*", r":contact/\1", arn or "")
    return {
        "time": _iso(happening.time),
        "engagementArn": data["engagementArn"],
        "incidentArn": happening.incident,
        "contactArn": data.get("contactArn", owner),
        "contactChannelArn": arn,
        "type": channel and channel.kind,
        "address": channel and channel.number_or_mail,
        "resolutions": None,
        "reason": data["reason"],
    }


def _activation(channel: Channel) -> dict[str, Any]:
    return {
        "contactArn": channel.contact,
        "contactChannelArn": channel.arn,
        "type": channel.kind,
        "address": channel.number_or_mail,
        "activationCode": channel.code,
        "sentTime": _iso(channel.code_sent),
    }


def _iso(time: datetime | None) -> str | None:
    return time.isoformat(timespec="milliseconds") if time else None


CALLS: Mapping[str, Call] = {
    "GET pages": pages,
    "GET upcoming": upcoming,
    "GET activations": activations,
}
