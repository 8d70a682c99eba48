"""The backends of the local AWS in this process: as it has them, without HTTP."""

from __future__ import annotations

from pulumi_incidents.emulator.clock import CLOCK
from pulumi_incidents.emulator.ssm_contacts.homes import HOMES
from pulumi_incidents.emulator.ssm_contacts.models import backends as contacts
from pulumi_incidents.emulator.ssm_incidents.models import backends as incidents
from pulumi_incidents.emulator.storage.snapshots import Key, restore, take
from tests.engagement_teams import CONTACTS, INCIDENTS

ACCOUNT, REGION = "123456789012", "us-east-1"
BACKENDS = {CONTACTS: contacts, INCIDENTS: incidents}


class Direct:
    """The backends of this process, asked without HTTP."""

    def __init__(self):
        for each in BACKENDS:
            self.backend(each).reset()
        self.ask(INCIDENTS, "CreateReplicationSet", {"regions": {REGION: {}}})

    def ask(self, service, operation, parameters):
        """Call an operation."""
        return self.backend(service).call(operation, parameters, REGION)

    def set_clock(self, time):
        """Put the clock to a time, and stop it."""
        CLOCK.set(time, running=False)

    def code_of(self, channel):
        """Return the code that was sent to a channel."""
        return self.backend(CONTACTS)._channel(channel).code

    def restart(self):
        """Forget everything, and go on with what was kept of it."""
        self.go_on({each: take(self.backend(each)) for each in BACKENDS})

    def go_on(self, kept):
        """Go on with what was kept once."""
        for service, snapshot in kept.items():
            kind = type(self.backend(service))
            self.backend(service).reset()
            restore(Key(f"{kind.__module__}.{kind.__name__}", ACCOUNT, "aws"), snapshot)

    def backend(self, service):
        """Return what a service keeps."""
        return BACKENDS[service][ACCOUNT]["aws"]


def backends(monkeypatch):
    """Yield the backends, empty, and empty them afterwards: for a fixture."""
    monkeypatch.setattr(HOMES, "of", lambda account, part: incidents[account][part].regions())
    yield Direct()
    for each in BACKENDS.values():
        each[ACCOUNT]["aws"].reset()
    CLOCK.follow_wall()
