"""Random engagements: their pages are exactly those that a plain re-computation gives.

Teams, plans, rotations, incidents, acknowledgements, moves of the clock and restarts are random and
seeded. Most of it is in this process: the real backends, their clock and their snapshots, without
HTTP. A smaller part is on a server process with `--state` that is ended and killed, asked by boto3.
The oracle, `engagement_oracle`, shares nothing with them but the pure shifts of a rotation.
"""

from __future__ import annotations

import itertools
import os
import signal

import pytest
from botocore import xform_name

from pulumi_incidents.emulator.storage.snapshots import take
from tests.direct import BACKENDS, Direct, backends
from tests.engagement_teams import CONTACTS
from tests.engagement_walks import Walk
from tests.kept import Emulator
from tests.teams import MINUTE, Team, essential

# So many incidents begin, beside engagements without one; ENGAGED_INCIDENTS=10000 are more of them.
ENGAGED_INCIDENTS = int(os.environ.get("ENGAGED_INCIDENTS", "1000"))
SHARDS = 10
STEPS = 80


@pytest.fixture
def direct(monkeypatch):
    """Return the backends, empty, and empty them afterwards."""
    yield from backends(monkeypatch)


def walk_on(seed, steps):
    """Let a team live through so many steps; return how many incidents began, and all pages."""
    walk = Walk(seed, Direct())
    for _ in range(steps):
        walk.step()
    walk.look()
    return walk.begun, len(walk.pages)


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_pages_are_those_of_a_plain_recomputation(shard):
    """Page by page: contact, channel, time and way; and timelines, acknowledgements and stops."""
    started, pages, seeds = 0, 0, itertools.count(shard, SHARDS)
    while started < ENGAGED_INCIDENTS / SHARDS:
        begun, paged = walk_on(next(seeds), STEPS)
        started, pages = started + begun, pages + paged
    assert pages > started


class Served:
    """A server process, asked by boto3, that goes on after each of its ends."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.ends = itertools.cycle([signal.SIGKILL, signal.SIGTERM])
        self._connect()

    def ask(self, service, operation, parameters):
        """Call an operation."""
        return getattr(self.clients[service], xform_name(operation))(**parameters)

    def set_clock(self, time):
        """Put the clock to a time, and stop it."""
        self.emulator.set_clock(time)

    def code_of(self, channel):
        """Return the code that was sent to a channel."""
        [sent] = self.emulator.activations(channel)
        return sent["activationCode"]

    def restart(self):
        """Kill it after a save, or ask it to end; start it again."""
        number = next(self.ends)
        if number == signal.SIGKILL:
            self.emulator.save()
        self.emulator.restart(number)
        self._connect()

    def _connect(self):
        self.clients = {each: self.emulator.client(each) for each in BACKENDS}


@pytest.fixture
def emulator(tmp_path):
    """Give a running local AWS with a state file, and end it however the test ends."""
    emulator = Emulator(tmp_path / "aws.state").start()
    yield emulator
    emulator.end(signal.SIGKILL)


def test_restarts_change_no_page(emulator):
    """A server that is killed after a save, or ended, goes on as one that was there all the time.

    This is the smaller part: one team, asked over HTTP, that lives on through two ends and more.
    """
    served = Served(emulator)
    walk = Walk(SHARDS, served)
    for _ in range(2):
        for _ in range(STEPS // 2):
            walk.step()
        served.restart()
        walk.look()
    assert walk.begun
    assert len(walk.pages) > 10


def test_a_killed_server_comes_to_the_same_pages(emulator):
    """What was sent after the last save is sent again as it was: ARNs, codes, times, receipts.

    Whether a save of its own accord came between makes no difference.
    """
    team = Team(emulator)
    ana, ben = team.person("ana", 5, 5, 0), team.person("ben", 1, 1)
    incident = team.respond(team.escalation("on-call", (10, essential(ana)), (0, ben)))
    before = team.pages()
    emulator.save()
    team.at(11)
    sent = team.pages()
    assert len(sent) == 5
    receipts = seen(team, sent)
    emulator.restart(signal.SIGKILL)
    team = Team(emulator)
    assert team.pages()[: len(before)] == before
    team.at(11)
    assert team.pages() == sent
    assert seen(team, sent) == receipts
    assert team.timeline(incident) == ["Engagement", *["Page"] * 5]


def test_the_same_snapshot_comes_to_the_same_pages(direct):
    """Pages are made of what was kept alone: gone on from it twice, they are the same twice."""
    walk = Walk(1, direct)
    while len(walk.engagements) < 5:
        walk.step()
    kept = {each: take(direct.backend(each)) for each in BACKENDS}
    came = []
    for _ in range(2):
        direct.go_on(kept)
        direct.set_clock(walk.now + 300 * MINUTE)
        direct.ask(CONTACTS, "ListEngagements", {})
        came.append([(p.arn, p.code, p.sent) for p in direct.backend(CONTACTS).pages.values()])
    assert came[0] == came[1]
    assert len(came[0]) > len(walk.pages)


def seen(team, pages):
    """Return the receipts of pages."""
    receipts = [team.contacts.list_page_receipts(PageId=each["pageArn"]) for each in pages]
    return [each["Receipts"] for each in receipts]
