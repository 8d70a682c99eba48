"""People in a test: what reaches them, and what they do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from pulumi_incidents.emulator.testing.connection import REGION, Connection, LocalAwsError


class Engaged(NamedTuple):
    """A person whom an incident has reached, by alias and ARN.

    `paged`: when pages were sent to channels of the person. `acknowledged`: when the person first
    acknowledged one, or None.
    """

    alias: str
    contact: str
    paged: list[datetime]
    acknowledged: datetime | None


class People(Connection):
    """What a test sees of people, and does in their place."""

    def seed(self, declared: Mapping[str, Any] | Path | str) -> dict[str, Any]:
        """Make people, rotations and plans of a seed, or of the seed file at a path.

        docs/emulator.md says what a seed is. All of it is made, or nothing. Return the ARNs by the
        names in the seed: `Contacts`, `Channels` by contact, `Rotations` and `ResponsePlans`.
        """
        seed = declared if isinstance(declared, Mapping) else _read(Path(declared))
        made: dict[str, Any] = self._control("POST", "seed", seed)
        return made

    def pages(
        self, incident: str | None = None, contact: str | None = None
    ) -> list[dict[str, Any]]:
        """Return what people's channels were sent by now, oldest first.

        `incident` is the ARN of the one to hear of, `contact` the alias or ARN of a person. Each
        page has `pageArn`, `engagementArn`, `contactArn`, `contactChannelArn`, `incidentArn` or
        None, the `type` of the channel and its `address`, `subject`, `content` and `acceptCode` as
        the person gets them, and `sentTime`, `deliveryTime` and `readTime` (ISO 8601 or None).
        """
        query = f"?{urlencode({'incident': incident})}" if incident else ""
        found: list[dict[str, Any]] = self._control("GET", f"pages{query}")["pages"]
        return [page for page in found if contact in (None, page["contactArn"], _alias(page))]

    def engaged(self, incident: str) -> list[Engaged]:
        """Return the people whom an incident has reached by now, in the order of their first page.

        Who has no active channel was not reached: the timeline of the incident says so.
        """
        pages: dict[str, list[dict[str, Any]]] = {}
        for page in self.pages(incident):
            pages.setdefault(page["contactArn"], []).append(page)
        return [
            Engaged(
                _alias(got[0]),
                arn,
                _times("sentTime", got),
                min(_times("readTime", got), default=None),
            )
            for arn, got in pages.items()
        ]

    def acknowledge(
        self, who: str | Mapping[str, Any], incident: str | None = None, *, note: str | None = None
    ) -> dict[str, Any]:
        """Acknowledge a page as the person does who got it: AcceptPage with its code.

        `who` is the alias or ARN of a person, whose newest page is meant that is not acknowledged,
        of one `incident` if its ARN is given; or a page of `pages`, or its ARN. Return the page as
        it is by then. Raises LocalAwsError also where there is no such page.
        """
        wanted = who if isinstance(who, str) else str(who["pageArn"])
        page = self._to_acknowledge(wanted, incident)
        arn = page["pageArn"]
        self._call(
            "accept_page",
            arn,
            PageId=arn,
            AcceptType="READ",
            AcceptCode=page["acceptCode"],
            AcceptCodeValidation="ENFORCE",
            **({} if note is None else {"Note": note}),
        )
        return next(each for each in self.pages() if each["pageArn"] == arn)

    def activations(self, channel: str | None = None) -> list[dict[str, Any]]:
        """Return the codes that were sent to channels and not used, of one by its ARN or of all.

        Each has `activationCode`, `contactArn`, `contactChannelArn`, the `type` of the channel, its
        `address` and `sentTime`.
        """
        query = f"?{urlencode({'channel': channel})}" if channel else ""
        found: list[dict[str, Any]] = self._control("GET", f"activations{query}")["activations"]
        return found

    def activate(self, channel: str) -> None:
        """Activate a channel, by its ARN: with the code that was sent to it, or another one."""
        if not self.activations(channel):
            self._call("send_activation_code", channel, ContactChannelId=channel)
        [sent] = self.activations(channel)
        code = sent["activationCode"]
        self._call(
            "activate_contact_channel", channel, ContactChannelId=channel, ActivationCode=code
        )

    def _to_acknowledge(self, who: str, incident: str | None) -> dict[str, Any]:
        """Return the newest page of a person, or the page itself, that is not acknowledged."""
        theirs = [
            page
            for page in self.pages(incident)
            if who in (page["pageArn"], page["contactArn"], _alias(page)) and not page["readTime"]
        ]
        if theirs:
            return theirs[-1]
        about = f" about {incident}" if incident else ""
        raise LocalAwsError(
            f"{who} has no page{about} that is not acknowledged: look at pages(), "
            "and whether the clock has come to it."
        )

    def _call(self, operation: str, arn: str, **parameters: Any) -> None:
        """Call an operation of the contacts API in the region and the account of an ARN."""
        region, _, rest = arn.partition(":ssm-contacts:")[2].partition(":")
        account = rest.partition(":")[0] or "test"  # the number of an account is a key of it
        where = {"region_name": region or REGION, "aws_access_key_id": account}
        try:
            getattr(self.client("ssm-contacts", **where), operation)(**parameters)
        except (BotoCoreError, ClientError) as error:
            raise LocalAwsError(str(error)) from None


def _alias(page: Mapping[str, Any]) -> str:
    return str(page["contactArn"]).rpartition("/")[2]


def _times(member: str, pages: list[dict[str, Any]]) -> list[datetime]:
    return [datetime.fromisoformat(page[member]) for page in pages if page[member]]


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LocalAwsError(f"The seed file {path} cannot be read: {error}.") from None
