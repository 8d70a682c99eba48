"""All that was read, as data: what checks look at, and nothing that could call.

Each field is what the reader of its name in `reading` returned. Of a thing there are its facts,
None if it does not exist, or `Unseen` if nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_incidents.commands.doctor.reading import (
    alarms,
    drift,
    drills,
    incidents,
    pagerduty,
    quotas,
    replication,
    rules,
    runbooks,
    topics,
)
from pulumi_incidents.commands.doctor.scope import Scope
from pulumi_incidents.oncall.team import Team


@dataclass(frozen=True, kw_only=True)
class Facts(Scope):
    """What is known of an account, or of some of its plans."""

    team: Team
    """Everybody whom the plans lead to, or everybody, with overrides of the next 90 days."""
    replication: replication.Replication
    topics: topics.Topics
    runbooks: runbooks.Runbooks
    pagerduty: pagerduty.PagerDuty
    alarms: alarms.Alarms
    rules: rules.Rules
    drift: drift.Drift
    drills: drills.Drills
    incidents: incidents.Incidents
    quotas: quotas.Quotas
