"""The command `pulumi-incidents rota` in this process, and schedules for it to show."""

from __future__ import annotations

import json
import sys

import pytest

from pulumi_incidents.commands import app
from tests.rotas import at
from tools import rota as documented

WEEKS = ("--from", "2027-03-22", "--to", "2027-04-04")


class Rota:
    """The command, and the team of the documents in the local AWS that it looks at."""

    def __init__(self, local_aws, monkeypatch, capsys):
        self._patch, self._capsys = monkeypatch, capsys
        for name, value in local_aws.environment.items():
            monkeypatch.setenv(name, value)
        self.team = documented.make(local_aws)
        self.people = [self.team["Contacts"][name] for name in ("ana", "ben", "chidi")]
        self.contacts = local_aws.client("ssm-contacts")

    def schedule(self, name, people, rule, start):
        """Make a rotation and a schedule of it by the same name; return the ARN of the rotation."""
        made = self.contacts.create_rotation(
            Name=name,
            ContactIds=people,
            TimeZoneId=documented.ZONE,
            Recurrence=rule,
            StartTime=at(start, documented.ZONE),
        )["RotationArn"]
        plan = {"RotationIds": [made]}
        self.contacts.create_contact(Alias=name, Type="ONCALL_SCHEDULE", Plan=plan)
        return made

    def override(self, rotation, people, start, end):
        """Put others on call for a while."""
        self.contacts.create_rotation_override(
            RotationId=rotation,
            NewContactIds=people,
            StartTime=at(start, documented.ZONE),
            EndTime=at(end, documented.ZONE),
        )

    def run(self, *words):
        """Run the command; return its exit code, and what it printed on stdout and stderr."""
        self._patch.setattr(sys, "argv", ["pulumi-incidents", "rota", *words])
        with pytest.raises(SystemExit) as ended:
            app.main()
        return ended.value.code, *self._capsys.readouterr()

    def __call__(self, *words, code=1):
        """Return what a command prints that could look at everything."""
        ended, told, complaints = self.run(*words)
        assert (ended, complaints) == (code, "")
        return told

    def json(self, *words, code=1):
        """Return what it prints as JSON."""
        return json.loads(self(*words, "--json", code=code))

    def refused(self, *words):
        """Return the sentence that a command is refused with."""
        ended, told, complaint = self.run(*words)
        assert (ended, told) == (2, "")
        assert complaint.startswith("error: ")
        assert complaint.count("\n") == 1
        return complaint[len("error: ") : -1]


def lines(text):
    """Return lines without what fills them up, and none that is empty."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]
