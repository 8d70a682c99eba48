"""Teams at the local AWS for tests of the doctor, and what its checks of people say."""

from __future__ import annotations

import uuid
from datetime import timedelta

from pulumi_incidents.commands.doctor.results import Finding, Fine
from tests import doctored
from tests.people import MONDAY, People, by, stage, whom

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
TEMPLATE = {"title": "Shop is down", "impact": 2}


class Watched(People):
    """People, with response plans that engage them, looked at on a Monday at nine."""

    def __init__(self, local_aws):
        """Stop the clock on that Monday: overrides may not be far from now."""
        super().__init__(local_aws)
        self.incidents = local_aws.client("ssm-incidents")
        local_aws.set_clock(MONDAY)

    def plan(self, *engagements, name="shop", **more):
        """Make a response plan."""
        given = {"incidentTemplate": TEMPLATE, "engagements": engagements, **more}
        return self.incidents.create_response_plan(name=name, **given)["arn"]

    def escalation(self, alias, *stages):
        """Make an escalation plan: each stage is its minutes, and then whom it engages."""
        made = [stage(*map(whom, targets), minutes=minutes) for minutes, *targets in stages]
        return self.contact(alias, "ESCALATION", *made)

    def stages(self, contact, *stages):
        """Give a person stages: each is its minutes, and then channels."""
        made = [stage(*map(by, channels), minutes=minutes) for minutes, *channels in stages]
        self.aws.update_contact(ContactId=contact, Plan={"Stages": made})

    def reachable(self, alias, *kinds):
        """Make somebody with an activated channel of each kind, all of them rung at once."""
        contact = self.contact(alias)
        self.stages(contact, (5, *(self.channel(contact, kind) for kind in kinds)))
        return contact

    def override(self, rotation, *people, begin=HOUR, hours=1):
        """Put others on call from so long after Monday at nine on, and return its id."""
        given = {"StartTime": MONDAY + begin, "EndTime": MONDAY + begin + hours * HOUR}
        made = self.aws.create_rotation_override(
            RotationId=rotation, NewContactIds=people, IdempotencyToken=uuid.uuid4().hex, **given
        )
        return made["RotationOverrideId"]

    # What checks say

    def results(self, check, *plans, **more):
        """Return what a check yields, of the plans or of the whole account."""
        return doctored.results(self.local_aws, check, *plans, **{"at": MONDAY, **more})

    def finding(self, check, *plans):
        """Return the one finding of a check, as it has to be."""
        found = self.results(check, *plans)
        [finding] = [each for each in found if not isinstance(each, Fine)]
        assert isinstance(finding, Finding), finding
        return finding

    def fine(self, check, *plans):
        """Return the subjects of a check, which are fine."""
        found = self.results(check, *plans)
        assert all(isinstance(each, Fine) for each in found), found
        return {each.subject for each in found}
