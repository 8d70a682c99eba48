"""All that was read, as data: what checks look at, and nothing that could call.

Each field is what the reader of its name in `reading` returned. Of a thing there are its facts,
None if it does not exist, or `Unseen` if nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

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


class UnreadError(Exception):
    """A check asks for what was not read; `str()` is the name of its field."""


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

    @classmethod
    def partly(cls, scope: Scope, read: Mapping[str, Any]) -> Facts:
        """Return facts of which some are not read; who asks for one of those gets `UnreadError`."""
        made = cls.__new__(cls)
        vars(made).update(vars(scope), **read)
        return made

    if not TYPE_CHECKING:  # which has to find a field that there is none of

        def __getattr__(self, name: str) -> NoReturn:
            raise (UnreadError if name in self.__dataclass_fields__ else AttributeError)(name)
