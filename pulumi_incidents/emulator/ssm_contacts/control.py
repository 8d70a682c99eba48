"""What the control API tells of people: what AWS sends them, and nobody else sees.

`GET /_local/pages`: the pages that were sent, oldest first; of one `incident`, `engagement` or
`contact`, by its ARN, or all. `GET /_local/activations`: the codes that were sent to channels, of
one `channel` or all, and not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.ssm_contacts.models import settle_all
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from werkzeug.wrappers import Request

    from pulumi_incidents.emulator.protocol.service import Call
    from pulumi_incidents.emulator.ssm_contacts.engaged import Page
    from pulumi_incidents.emulator.ssm_contacts.entities import Channel


def pages(request: Request) -> dict[str, Any]:
    """Return the pages that were sent by now."""
    asked = request.args
    with LOCK:
        sent = [page for backend in settle_all() for page in backend.pages.values()]
        found = [
            _page(page)
            for page in sent
            if asked.get("incident") in (None, page.members.get("IncidentId"))
            and asked.get("engagement") in (None, page.engagement)
            and asked.get("contact") in (None, page.contact)
        ]
    return {"pages": sorted(found, key=lambda each: str(each["sentTime"]))}


def activations(request: Request) -> dict[str, Any]:
    """Return the codes that activate channels."""
    asked = request.args.get("channel")
    with LOCK:
        channels = [each for backend in settle_all() for each in backend.channels.values()]
        found = [_activation(each) for each in channels if each.code]
    return {"activations": [each for each in found if asked in (None, each["contactChannelArn"])]}


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


CALLS: Mapping[str, Call] = {"GET pages": pages, "GET activations": activations}
