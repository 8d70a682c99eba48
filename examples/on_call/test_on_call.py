"""Who is paged when checkout fails at night, and what an acknowledgement changes."""

from datetime import timedelta
from pathlib import Path

import pytest

from pulumi_incidents.emulator.testing import LocalAws

TEAM = Path(__file__).with_name("team.json")


def fail(aws: LocalAws, time: str) -> str:
    """Let checkout fail at a time; return the ARN of the incident."""
    plan = aws.seed(TEAM)["ResponsePlans"]["checkout"]
    aws.set_clock(time)
    incidents = aws.client("ssm-incidents")
    return str(incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"])


def paged(aws: LocalAws, incident: str) -> list[str]:
    """Return who was paged by now, in order."""
    return [person.alias for person in aws.engaged(incident)]


@pytest.mark.parametrize(
    ("night", "who"), [("2026-12-02T03:00:00Z", "ana"), ("2026-12-09T03:00:00Z", "ben")]
)
def test_whose_week_it_is_is_woken(incident_manager: LocalAws, night: str, who: str) -> None:
    """One after the other, from Monday morning to Monday morning."""
    incident = fail(incident_manager, night)
    assert paged(incident_manager, incident) == [who]


def test_who_sleeps_is_called_and_then_somebody_else(incident_manager: LocalAws) -> None:
    """Ana gets a text message, and a call five minutes later; at ten minutes it is Cleo."""
    incident = fail(incident_manager, "2026-12-02T03:00:00Z")
    incident_manager.advance(timedelta(minutes=5))
    assert [page["type"] for page in incident_manager.pages(incident, "ana")] == ["SMS", "VOICE"]
    assert paged(incident_manager, incident) == ["ana"]
    incident_manager.advance(timedelta(minutes=5))
    assert paged(incident_manager, incident) == ["ana", "cleo"]


def test_an_acknowledgement_lets_the_others_sleep(incident_manager: LocalAws) -> None:
    """Once Ana has acknowledged, nobody is paged any more."""
    incident = fail(incident_manager, "2026-12-02T03:00:00Z")
    incident_manager.advance(timedelta(minutes=2))
    incident_manager.acknowledge("ana", incident)
    incident_manager.advance(timedelta(hours=1))
    [ana] = incident_manager.engaged(incident)
    assert (ana.alias, len(ana.paged)) == ("ana", 1)
