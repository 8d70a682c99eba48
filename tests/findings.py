"""What checks could have found: one of each kind, for tests of how it is told."""

from __future__ import annotations

from datetime import datetime, timezone

from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.ignoring import Ignore
from pulumi_incidents.commands.doctor.report import Report, entries
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen

ACCOUNT = "123456789012"
SHOP = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/shop"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:chat"
ANA = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact/ana"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runbook"
NOW = datetime(2026, 12, 24, 18, tzinfo=timezone.utc)
DENIED = f"iam:GetRole on {ROLE} was answered with AccessDenied: no. Allow iam:GetRole on {ROLE}."
CLOSED = Finding(TOPIC, "Its policy shuts Incident Manager <out>.", "Let it in.", plans=(SHOP,))
LONELY = Finding(ANA, "Ana has a mailbox & nothing else.", "Add a phone.", Level.NOTE)


def check(name, level, title, why="It matters."):
    """Return a check that looks at nothing."""

    def look(_facts):
        """Whether nothing is there, by `ssm-incidents:GetResponsePlan`."""
        return ()

    return Check(name, level, title, why, look)


PLAN = check("plan-exists", Level.ERROR, "Every response plan exists")
POLICY = check("topic-policy", Level.ERROR, "Topics let Incident Manager publish")
KINDS = check("two-kinds", Level.WARNING, "Everybody has channels of two kinds")
TRUST = check("role-trust", Level.ERROR, "Roles of runbooks trust Incident Manager")
SECRET = check("pagerduty-secret", Level.ERROR, "Secrets of PagerDuty can be read")
CHECKS = (PLAN, POLICY, KINDS, TRUST, SECRET)
FOUND = {
    PLAN: [Fine(SHOP)],
    POLICY: [CLOSED, Fine(f"{TOPIC}-2")],
    KINDS: [LONELY],
    TRUST: [NotSeen(ROLE, DENIED, (SHOP,))],
    SECRET: [],
}
PATIENCE = Ignore("two-kinds", "*:contact/ana", "has a satellite phone")
NOTHING = Ignore("two-kinds", "*:contact/zoe", "left")


def report(*ignores, found=FOUND):
    """Return a report of that."""
    told, unused = entries(found, ignores)
    return Report(ACCOUNT, "us-east-1", NOW, {SHOP: "Shop"}, [*found], told, unused)
