"""What there is to see of random engagements, and what the oracle says of it."""

from __future__ import annotations

import json
from collections import Counter

from tests.engagement_oracle import PAGE
from tests.engagement_teams import CONTACTS, INCIDENTS, RandomTeam


class Watched(RandomTeam):
    """A random team that is engaged, whose pages and timelines are those of the oracle."""

    def __init__(self, seed, aws):
        super().__init__(seed, aws)
        self.backwards = self.chance.random() < 0.2  # whether the clock goes back now and then
        self.engagements, self.pages = {}, {}
        # Incidents with their dedupe strings, those that are open, and who was missing.
        self.records, self.open, self.missing = {}, {}, []

    def look(self):
        """Compare all that there is to see with what the oracle says."""
        self._look_at_pages()
        listed = {each["EngagementArn"]: each for each in self._all("Engagements")}
        assert listed.keys() == self.engagements.keys()
        for arn, engagement in self.engagements.items():
            stop = engagement.stop
            assert listed[arn]["ContactArn"] == engagement.contact
            assert listed[arn]["StartTime"] == engagement.start
            assert listed[arn].get("StopTime") == (
                None if stop is None else self.world.clocks[stop]
            )
        for incident in self.records:
            self._look_at_timeline(incident)

    def _look_at_pages(self):
        for arn, engagement in self.engagements.items():
            found = self._all("Pages", "ListPagesByEngagement", EngagementId=arn)
            pages = [self._page(each, arn) for each in found]
            came = Counter((e.time, e.about, e.way) for e in engagement.course() if e.what == PAGE)
            assert Counter((p["time"], p["channel"], p["way"]) for p in pages) == came
            assert [p["time"] for p in pages] == sorted(p["time"] for p in pages)

    def _page(self, told, engagement):
        """Return a page as it was seen first, with what was done to it since."""
        arn, where = told["PageArn"], (CONTACTS, {"PageId": told["PageArn"]})
        if arn not in self.pages:
            [sent] = self._receipts(*where, "SENT")
            resolutions = self._ask(CONTACTS, "ListPageResolutions", PageId=arn)["PageResolutions"]
            self.pages[arn] = {
                "arn": arn,
                "engagement": engagement,
                "contact": told["ContactArn"],
                "time": told["SentTime"],
                "channel": sent["ContactChannelArn"],
                "way": tuple(
                    (r["ContactArn"], r["Type"], r.get("StageIndex")) for r in resolutions
                ),
            }
            assert self.pages[arn]["way"][-1][0] == told["ContactArn"]
        page = self.pages[arn]
        assert (told["EngagementArn"], told["SentTime"]) == (page["engagement"], page["time"])
        for name in ("DeliveryTime", "ReadTime"):
            assert told.get(name) == page.get(name)
        return page

    def _receipts(self, service, where, kind):
        receipts = self._ask(service, "ListPageReceipts", **where)["Receipts"]
        return [each for each in receipts if each["ReceiptType"] == kind]

    def _look_at_timeline(self, incident):
        came = Counter(
            (time, "Engagement Failure", arn) for i, time, arn in self.missing if i == incident
        )
        for each in self.engagements.values():
            if each.incident == incident:
                came.update((e.time, e.what, e.about) for e in each.course())
                came[each.start, "Engagement", each.contact] += 1
                if each.stop is not None:
                    came[self.world.clocks[each.stop], "Engagement Stop", each.contact] += 1
        for page in self.pages.values():
            if self.engagements[page["engagement"]].incident == incident and "ReadTime" in page:
                came[page["ReadTime"], "Page Acknowledgement", page["channel"]] += 1
        told = [*self._told(incident)]
        assert Counter((time, kind, _about(data)) for time, kind, data in told) == came
        self._see_order([(kind, data.get("pageArn")) for _, kind, data in told])

    def _told(self, incident):
        given = {"incidentRecordArn": incident, "sortOrder": "ASCENDING"}
        for event in self._all("eventSummaries", "ListTimelineEvents", INCIDENTS, **given):
            if event["eventType"].startswith("SSM Contacts "):
                kind = event["eventType"][len("SSM Contacts ") : -len(" for Incident")]
                data = self._event(incident, event["eventId"])
                yield event["eventTime"], kind, data

    def _event(self, incident, name):
        given = {"incidentRecordArn": incident, "eventId": name}
        return json.loads(self._ask(INCIDENTS, "GetTimelineEvent", **given)["event"]["eventData"])

    def _see_order(self, told):
        """See that each page is there before its acknowledgement, unless time went back."""
        paged = set()
        for kind, page in told:
            if kind == PAGE:
                assert page not in paged
                paged.add(page)
            elif kind == "Page Acknowledgement":
                assert self.backwards or page in paged


def _about(data):
    return data.get("contactChannelArn") or data["contactArn"]
