"""A whole team when everything is killed in the middle, again and again, by random schedules.

Real: the plugin process, which is killed with SIGKILL, and the local AWS, which also drops answers
before or after the effect. The engine's part is played by `World`, by the engine's rules.
"""

from __future__ import annotations

import random
import uuid

import pytest
from pulumi.runtime.proto.provider_pb2 import DiffResponse

from pulumi_incidents.providers.contact import ContactProvider
from pulumi_incidents.providers.contact_channel import ContactChannelProvider
from pulumi_incidents.providers.contact_plan import ContactPlanProvider
from pulumi_incidents.providers.rotation import RotationProvider
from pulumi_incidents.providers.rotation_override import RotationOverrideProvider
from tests.crashes import HOW, CrashError, Crashes, Plugins

SCHEDULES = 200
SHARDS = 4

# Every call that creating, updating, replacing and deleting a team makes.
CALLS = (
    *("CreateContact", "CreateContactChannel", "CreateRotation", "CreateRotationOverride"),
    *("GetContact", "GetContactChannel", "GetRotation", "GetRotationOverride"),
    *("UpdateContact", "UpdateContactChannel", "UpdateRotation", "TagResource"),
    *("ListTagsForResource", "ListRotations", "ListContactChannels"),
    *("DeleteContact", "DeleteContactChannel", "DeleteRotation", "DeleteRotationOverride"),
)
MADE_BEFORE = "nothing proves that this resource made it: set adopt_existing=True"


class World(Crashes):
    """A stack with a team, as the engine would drive it."""

    def __init__(self, plugins, local_aws):
        super().__init__(plugins, local_aws)
        self.state = {}  # resource -> (provider, id, outputs), in the order of creation
        self.to_delete = []

    def up(self, declared):
        """Bring the state to what is declared: resource -> provider and inputs, `$x` is an id."""
        self._delete_replaced()
        for name, (provider, inputs) in declared.items():
            meant = self._meant(name, inputs)
            if name in self.state:
                self._change(name, provider, meant)
            else:
                self._create(name, provider, meant)
        for name in [name for name in reversed(self.state) if name not in declared]:
            self.to_delete.append(self.state.pop(name))
        self._delete_replaced()

    def _delete_replaced(self):
        while self.to_delete:
            provider, identifier, outputs = self.to_delete[0]
            self.plugins.call(provider, "delete", identifier, outputs)
            self.to_delete.pop(0)

    def _meant(self, name, inputs):
        def find(value):
            if isinstance(value, dict):
                return {key: find(each) for key, each in value.items()}
            if isinstance(value, list):
                return [find(each) for each in value]
            if isinstance(value, str) and value.startswith("$"):
                return self.state[value[1:]][1]
            return value

        identity = f"acme/urn:pulumi:test::incidents::type::{name}"
        return {**find(inputs), "context": {"identity": identity, "secrets": []}}

    def _create(self, name, provider, inputs):
        try:
            made = self.plugins.call(provider, "create", inputs)
        except CrashError as error:
            # A contact that an interrupted run made has a name, and nothing proves by whom.
            if MADE_BEFORE not in str(error):
                raise
            made = self.plugins.call(provider, "create", {**inputs, "adopt_existing": True})
        self.state[name] = (provider, *made)

    def _change(self, name, provider, inputs):
        _, identifier, outputs = self.state[name]
        diff = self.plugins.call(provider, "diff", identifier, outputs, inputs)
        if diff.replaces and diff.deleteBeforeReplace:
            self.plugins.call(provider, "delete", identifier, outputs)
            del self.state[name]
            self._create(name, provider, inputs)
        elif diff.replaces:
            old = self.state.pop(name)
            self.to_delete.append(old)
            try:
                self._create(name, provider, inputs)
            except CrashError:
                self.state[name] = old
                self.to_delete.remove(old)
                raise
        elif diff.changes != DiffResponse.DIFF_NONE:
            changed = self.plugins.call(provider, "update", identifier, outputs, inputs)
            self.state[name] = (provider, identifier, changed)


@pytest.fixture(scope="module")
def plugins(local_aws, warm_python):
    """Return plugin processes that are ended after the tests."""
    plugins = Plugins(local_aws.url, warm_python)
    yield plugins
    plugins.gone()


def random_team(chance, name):
    """Return a team with some of its members, fields and orders left to chance."""
    shown = {"display_name": f"Ana {chance.randrange(2)}"} if chance.random() < 0.7 else {}
    number = f"+1500555010{chance.randrange(3)}"
    people = ["$ana", "$ben"] if chance.random() < 0.5 else ["$ben", "$ana"]
    hour = float(chance.randrange(24))
    turns = {
        "number_of_on_calls": 1.0,
        "recurrence_multiplier": 1.0,
        "daily_settings": [{"hour_of_day": hour, "minute_of_hour": 30.0}],
    }
    page = {"channel_target_info": {"contact_channel_id": "$phone"}}
    stages = [{"duration_in_minutes": float(chance.randrange(1, 9)), "targets": [page]}]
    team = {
        "ana": (ContactProvider, {"alias": f"{name}-ana", "type": "PERSONAL", **shown}),
        "ben": (ContactProvider, {"alias": f"{name}-ben", "type": "PERSONAL"}),
        "phone": (
            ContactChannelProvider,
            {
                "contact_id": "$ana",
                "name": "phone",
                "type": "SMS" if chance.random() < 0.7 else "VOICE",
                "delivery_address": {"simple_address": number},
            },
        ),
        "plan": (ContactPlanProvider, {"contact_id": "$ana", "stages": stages}),
        "weekly": (
            RotationProvider,
            {
                "name": f"{name}-{chance.randrange(2)}",
                "contact_ids": people,
                "time_zone_id": "Europe/Dublin",
                "recurrence": turns,
                "tags": {"n": str(chance.randrange(2))},
            },
        ),
        "schedule": (
            ContactProvider,
            {
                "alias": f"{name}-schedule",
                "type": "ONCALL_SCHEDULE",
                "plan": {"rotation_ids": ["$weekly"]},
            },
        ),
        "holiday": (
            RotationOverrideProvider,
            {
                "rotation_id": "$weekly",
                "new_contact_ids": ["$ben"],
                "start_time": "2026-01-01T00:00:00Z",
                "end_time": f"2026-01-0{chance.randrange(2, 5)}T00:00:00Z",
            },
        ),
    }
    for optional in ("holiday", "schedule", "plan"):
        if chance.random() < 0.3:
            del team[optional]
    return team


def play(seed, plugins, local_aws, contacts):
    """Play one schedule; check after each step: nothing is double, and nothing is lost."""
    chance = random.Random(seed)  # noqa: S311 - a schedule has to be the same again
    name = f"team-{uuid.uuid4().hex[:12]}"
    world = World(plugins, local_aws)
    for _ in range(2):
        declared = random_team(chance, name)
        world.up_and_crash(declared, chance.choice(CALLS), chance.choice(HOW))
        world.up(declared)
        check(world, contacts, name)
    world.up_and_crash({}, chance.choice(CALLS), chance.choice(HOW))
    world.up({})
    check(world, contacts, name)


def check(world, contacts, name):
    """Hold the promises after an undisturbed `up`: AWS has what the state has, and it alone."""
    ours = {identifier for provider, identifier, _ in world.state.values()}
    live = contacts.list_contacts(AliasPrefix=name)["Contacts"]
    people = {each["ContactArn"] for each in live}
    assert people == {each for each in ours if ":contact/" in each}
    rotations = {
        each["RotationArn"]
        for each in contacts.list_rotations(RotationNamePrefix=name)["Rotations"]
    }
    assert rotations == {each for each in ours if ":rotation/" in each and "," not in each}
    channels, overrides = set(), set()
    for each in live:
        if each["Type"] == "PERSONAL":
            found = contacts.list_contact_channels(ContactId=each["ContactArn"])
            channels |= {channel["ContactChannelArn"] for channel in found["ContactChannels"]}
    for rotation in rotations:
        window = {"StartTime": 0, "EndTime": 4e9}
        found = contacts.list_rotation_overrides(RotationId=rotation, **window)
        overrides |= {
            f"{rotation},{each['RotationOverrideId']}" for each in found["RotationOverrides"]
        }
    assert channels == {each for each in ours if ":contact-channel/" in each}
    assert overrides == {each for each in ours if "," in each}
    for provider, identifier, outputs in world.state.values():
        read, seen = world.plugins.call(provider, "read", identifier, outputs)
        assert read == identifier
        assert seen == outputs, f"{identifier} is not as it is declared"


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_crash_makes_anything_twice_or_loses_it(shard, plugins, local_aws):
    """Over 200 schedules of a team and crashes at any call, AWS ends with what is declared."""
    contacts = local_aws.client("ssm-contacts")
    for seed in range(shard, SCHEDULES, SHARDS):
        local_aws.reset()
        try:
            play(seed, plugins, local_aws, contacts)
        except AssertionError as error:
            raise AssertionError(f"schedule {seed}: {error}") from error
