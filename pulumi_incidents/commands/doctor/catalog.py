"""Every check, in the order in which they are told."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checking import (
    alarms,
    drift,
    drills,
    incidents,
    pagerduty,
    people,
    plans,
    quotas,
    replication,
    rule_roles,
    rules,
    runbooks,
    starts,
    topics,
)
from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = (
    *plans.CHECKS,
    *replication.CHECKS,
    *people.CHECKS,
    *topics.CHECKS,
    *runbooks.CHECKS,
    *pagerduty.CHECKS,
    *alarms.CHECKS,
    *rules.CHECKS,
    *rule_roles.CHECKS,
    *starts.CHECKS,
    *incidents.CHECKS,
    *drift.CHECKS,
    *drills.CHECKS,
    *quotas.CHECKS,
)
BY_NAME = {check.name: check for check in CHECKS}
