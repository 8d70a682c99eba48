"""Random teams of a local AWS, engaged: the pages that are predicted, and those that are sent.

The team is read by the API as any program would read it. Nothing that decides who is paged is
shared: the one side is `oncall`, the other the local AWS.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from pulumi_incidents.oncall import team as teams
from pulumi_incidents.oncall.walk import Step, What, walk
from tests.engagement_teams import CONTACTS, ESCALATION, INCIDENTS, MINUTE, PERSON, SCHEDULE
from tests.odd_teams import OddTeam

# What is on the timeline of an incident when there is nobody to page.
FAILURES = {What.SKIPPED: "Page Failure", What.NOBODY: "Engagement Failure"}
LONG = timedelta(hours=12)  # longer than any plan
# How long somebody takes to answer: at once, at the very time of a stage, in between, too late.
ANSWERS = [each * MINUTE for each in (0, 0, 1, 2, 5, 5, 7.5, 10, 30, 31, 300)]


class Forecast(OddTeam):
    """A random team in any state, and one incident or engagement of it."""

    def __init__(self, seed, aws):
        super().__init__(seed, aws)
        for _ in range(self.chance.randint(0, 8)):
            self.chance.choice(
                [
                    *(self._toggle, self._override, self._override, self._drop_override),
                    *(self._delete_channel, self._delete_contact, self._make_again),
                    *(self._delete_rotation, self._change_rotation, self._replan),
                    *(self._nest, self._nest, self._postpone, self._lose_stand_in),
                ]
            )()
        self._go_to(self.now + self.chance.choice([0, 0.25, 1, 7, 61, 1440]) * MINUTE)
        people = self._contacts(PERSON)
        self.answers = {
            each: self.chance.choice(ANSWERS) for each in people if self.chance.random() < 0.5
        }

    # Reading

    def read(self):
        """Return the team as the API tells of it."""
        listed = self._all("Contacts", "ListContacts")
        contacts = [self._ask(CONTACTS, "GetContact", ContactId=e["ContactArn"]) for e in listed]
        channels = [
            teams.channel(channel)
            for each in listed
            if each["Type"] == PERSON
            for channel in self._all(
                "ContactChannels", "ListContactChannels", ContactId=each["ContactArn"]
            )
        ]
        rotations = map(self._read_rotation, self._all("Rotations", "ListRotations"))
        return teams.Team(
            {each["ContactArn"]: teams.contact(each) for each in contacts},
            {each.arn: each for each in channels},
            {each.arn: each for each in rotations},
        )

    def _read_rotation(self, listed):
        arn = listed["RotationArn"]
        window = {"StartTime": self.now - LONG, "EndTime": self.now + LONG}
        given = {name: time.timestamp() for name, time in window.items()}
        # `_all` takes lists for such as begin with the newest, and this one ends with it.
        found = self._all("RotationOverrides", "ListRotationOverrides", RotationId=arn, **given)
        overrides = tuple(map(teams.override, reversed(found)))
        return teams.rotation(self._ask(CONTACTS, "GetRotation", RotationId=arn), overrides)

    # What is predicted, and what comes

    def come(self):
        """Engage, let people answer, see that they did; return what was predicted, and the pages.

        Each is by time, channel, the way that led there and the contact that was engaged.
        """
        team, start = self.read(), self.now
        self.question = team, self._begin(), start
        self.predicted = walk(*self.question, self.answers)
        for event in self.predicted:
            if event.what is What.ACKNOWLEDGED:
                self._answer(event)
        self._go_to(start + LONG)
        sent = Counter(page for arn in self.engaged for page in self._sent(arn))
        return _pages(self.predicted), sent

    def without_answers(self):
        """Return the pages that are predicted if all people sleep."""
        return _pages(walk(*self.question))

    def _begin(self):
        """Start an incident, or an engagement alone; return the contacts that are to be engaged."""
        if self.chance.random() < 0.3:
            contact = self.chance.choice(self._contacts(PERSON, ESCALATION, SCHEDULE))
            given = {"ContactId": contact, "Sender": "test", "Subject": "s", "Content": "c"}
            arn = self._ask(CONTACTS, "StartEngagement", **given)["EngagementArn"]
            self.incident, self.engaged = None, {arn: contact}
            return [contact]
        plan = self.chance.choice([*self.plans])
        started = self._ask(INCIDENTS, "StartIncident", responsePlanArn=plan)
        self.incident = started["incidentRecordArn"]
        listed = self._all("Engagements", IncidentId=self.incident)
        self.engaged = {each["EngagementArn"]: each["ContactArn"] for each in listed}
        return self._ask(INCIDENTS, "GetResponsePlan", arn=plan)["engagements"]

    def failures(self):
        """Return who or what could not be paged: as predicted, and on the incident's timeline.

        The local AWS passes over people who are gone by the overrides of their rotation alone.
        """
        predicted = Counter(
            (each.time, FAILURES[each.what], each.about)
            for each in self.predicted
            if each.what in FAILURES and not self._is_gone_by_override(each)
        )
        told = Counter(
            (time, kind, data.get("contactChannelArn") or data["contactArn"])
            for time, kind, data in self._told(self.incident)
            if kind in FAILURES.values()
        )
        return predicted, told

    def is_nested(self):
        """Tell whether a plan in a plan engages somebody."""
        ways = [[step.type for step in each.way] for each in self.predicted]
        return any(types.count(ESCALATION) > 1 for types in ways)

    def loses_stand_in(self):
        """Tell whether somebody stands in who is gone."""
        return any(map(self._is_gone_by_override, self.predicted))

    def awaits_rotation(self):
        """Tell whether a rotation has not begun at the start."""
        team, _, start = self.question
        return any(each.start > start for each in team.rotations.values())

    def _is_gone_by_override(self, event):
        on_call = event.way and event.way[-1].type == SCHEDULE and event.way[-1].arn != event.about
        return on_call and not self.question[0].may_be_person(event.about)

    def _go_to(self, time):
        self.now = time
        self.aws.set_clock(time)

    def _answer(self, event):
        """Acknowledge the first page of a person when the time has come."""
        self._go_to(event.time)
        [engagement] = [arn for arn, who in self.engaged.items() if who == event.engaged]
        page = self._pages_of(engagement, event.about)[0]
        given = {"AcceptType": "READ", "AcceptCode": "000000", "AcceptCodeValidation": "IGNORE"}
        self._ask(CONTACTS, "AcceptPage", PageId=page["PageArn"], **given)

    def _pages_of(self, engagement, person):
        pages = self._all("Pages", "ListPagesByEngagement", EngagementId=engagement)
        return [each for each in pages if each["ContactArn"] == person]

    def _sent(self, engagement):
        pages = self._all("Pages", "ListPagesByEngagement", EngagementId=engagement)
        for person in {each["ContactArn"] for each in pages}:
            self._see_answer([each for each in pages if each["ContactArn"] == person])
        for page in pages:
            where = (CONTACTS, {"PageId": page["PageArn"]})
            [sent] = self._receipts(*where, "SENT")
            told = self._ask(CONTACTS, "ListPageResolutions", PageId=page["PageArn"])
            way = tuple(
                Step(each["ContactArn"], each["Type"], each.get("StageIndex"))
                for each in told["PageResolutions"]
            )
            yield page["SentTime"], sent["ContactChannelArn"], way, self.engaged[engagement]

    def _see_answer(self, pages):
        """See that a person has answered the first page after so long, or sleeps."""
        first, *more = [each.get("ReadTime") for each in pages]
        answer = self.answers.get(pages[0]["ContactArn"])
        assert first == (None if answer is None else pages[0]["SentTime"] + answer)
        assert not any(more)


def _pages(events):
    return Counter(
        (each.time, each.about, each.way, each.engaged) for each in events if each.what is What.PAGE
    )
