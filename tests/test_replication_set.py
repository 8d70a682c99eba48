"""The provider of the replication set, beyond what a program on the engine shows.

Real: the provider class, boto3 and a local AWS that starts without a set. The engine's part is
played by this file, and no pause is as long as AWS takes.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi.output import Unknown

from pulumi_incidents.emulator.testing import running
from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.providers import _aws, _replication
from pulumi_incidents.providers.replication_set import ReplicationSetProvider

HOME, WEST, NORTH = "us-east-1", "eu-west-1", "eu-north-1"
KEY = "arn:aws:kms:{}:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666"
CONTEXT = {"identity": "acme/urn:pulumi:test::incidents::type::replication", "secrets": []}

pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def local_aws():
    """Run a local AWS without a replication set."""
    with running(replication_set=None) as aws:
        yield aws


@pytest.fixture
def provider():
    """Return the provider."""
    return ReplicationSetProvider()


class Wall:
    """A clock of this process that goes on by its pauses alone, which take no time."""

    def __init__(self, monkeypatch, during=lambda: None):
        self.time, self.pauses, self.during = 0.0, [], during
        clock = SimpleNamespace(monotonic=lambda: self.time)
        monkeypatch.setattr("tenacity.time", clock)
        monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=self.sleep))

    def sleep(self, seconds):
        """Let time pass."""
        self.time += seconds
        self.pauses.append(seconds)
        self.during()


@pytest.fixture
def paused(monkeypatch):
    """Return what lets something happen in each pause; it answers the list of them."""
    return lambda during: Wall(monkeypatch, during).pauses


def declared(*regions, **inputs):
    """Return the inputs of a set, as `check` completes them."""
    given = [each if isinstance(each, dict) else {"name": each} for each in regions]
    return {"regions": given, "deletion_protected": True, "context": CONTEXT, **inputs}


def keyed(name, key=KEY):
    """Return a region with a key of its own."""
    return {"name": name, "sse_kms_key_id": key.format(name)}


def reasons(provider, news, olds=None):
    """Return what is wrong with inputs."""
    return [failure.reason for failure in provider.check(olds or {}, news).failures]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (declared(HOME, WEST, WEST), "regions[2] is there already: leave one of the two out"),
        (declared(HOME, keyed(WEST)), "regions must all have a sse_kms_key_id, or none of them"),
        (
            declared({"name": HOME, "sse_kms_key_id": KEY.format(WEST)}),
            f"regions[0].sse_kms_key_id must be a key of {HOME}, not of {WEST}",
        ),
        (
            declared({"name": HOME, "sse_kms_key_id": "alias/mine"}),
            "regions[0].sse_kms_key_id must be the ARN of a KMS key; got 'alias/mine'",
        ),
        (
            declared(HOME, "Ireland"),
            "regions[1].name must be a region, such as eu-west-1; got 'Ireland'",
        ),
        (declared(HOME, {"name": 7}), "regions[1].name must be a string; got 7"),
        (declared(HOME, {"nam": WEST}), "regions[1].nam does not exist; did you mean name?"),
        (declared(HOME, "ca-west-1", NORTH, WEST), "regions must be 1 to 3 items; got 4"),
        (declared(), "regions must be 1 to 3 items; got 0"),
        ({**declared(HOME), "regions": HOME}, f"regions must be a list; got '{HOME}'"),
        (
            {**declared(HOME), "regions": [HOME]},
            f"regions[0] must be a map with name, sse_kms_key_id; got '{HOME}'",
        ),
        (
            declared(HOME, deletion_protected="no"),
            "deletion_protected must be true or false; got 'no'",
        ),
        (
            declared(HOME, on_delete="retain"),
            "on_delete must be one of keep, destroy; got 'retain'",
        ),
        (
            declared(HOME, tags={str(number): "" for number in range(50)}),
            "tags must be at most 49 entries: one more says whose it is",
        ),
    ],
)
def test_what_aws_would_refuse_is_told_in_check(provider, inputs, reason):
    """One sentence for each mistake, with its path."""
    told = reasons(provider, inputs)
    assert reason in told
    assert all("Traceback" not in each for each in told)


def test_a_set_that_is_not_called_from_one_of_its_regions_is_refused(provider, monkeypatch):
    """It is told in check where the region is known, and before the first call where it is not."""
    told = f"regions must have {HOME}, from where this resource calls: AWS takes changes of a set"
    [reason] = reasons(provider, declared(WEST, NORTH))
    assert reason.startswith(told)
    assert reasons(provider, declared(WEST, aws_config={"region": WEST})) == []
    monkeypatch.setattr("pulumi_incidents.providers._settings.region", lambda _: None)
    assert reasons(provider, declared(WEST)) == []
    with pytest.raises(IncidentManagerError, match=told):
        provider.create(declared(WEST))


def test_what_is_not_known_yet_is_let_through(provider):
    """A region, its name or its key may be an output of something else."""
    unknown = Unknown()
    for inputs in (
        {**declared(HOME), "regions": unknown},
        {**declared(HOME), "regions": [unknown, {"name": WEST}]},
        declared(unknown, WEST),
        declared({"name": HOME, "sse_kms_key_id": unknown}),
        declared({"name": unknown}, on_delete=unknown, deletion_protected=unknown),
    ):
        assert reasons(provider, inputs) == []


def test_without_a_word_a_set_is_protected(provider):
    """So is one whose protection is taken out of the program."""
    for given in ({}, {"deletion_protected": None}):
        inputs = {key: value for key, value in declared(HOME).items() if "protect" not in key}
        assert provider.check({}, {**inputs, **given}).inputs["deletion_protected"] is True


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([keyed(HOME)], [keyed(HOME, KEY.replace("0a", "ff"))], "take us-east-1 out of regions"),
        ([HOME], [keyed(HOME)], "cannot change between AWS's own key and yours"),
        ([keyed(HOME)], [HOME, WEST], "cannot change between AWS's own key and yours"),
        ([HOME], [HOME, keyed(WEST)], "must all have a sse_kms_key_id"),
    ],
)
def test_a_key_that_cannot_change_is_told_in_check(provider, before, after, reason):
    """Each has the way that works, or that there is none."""
    [told] = reasons(provider, declared(*after), declared(*before))
    assert reason in told


def test_regions_may_come_and_go_with_their_keys(provider):
    """Only the key of a region that stays is a matter of AWS's."""
    before = declared(keyed(HOME), keyed(WEST))
    after = declared(keyed(HOME), keyed(NORTH))
    assert reasons(provider, after, before) == []


def test_nothing_asks_for_a_replacement(provider):
    """Whatever changes; and one that is forced begins with a create, which finds the set."""
    before = declared(HOME, tags={"a": "1"}, status="ACTIVE")
    for news in (
        declared(HOME, WEST),
        declared(keyed(HOME)),
        declared(HOME, deletion_protected=False),
        declared(HOME, on_delete="destroy", tags={"a": "1"}),
        declared(HOME, tags={"a": "1"}, aws_config={"region": HOME}),
    ):
        found = provider.diff("arn", before, news)
        assert found.changes is None
        assert found.replaces == []
        assert found.delete_before_replace is False
    assert provider.diff("arn", before, {**before, "adopt_existing": True}).changes is False


@pytest.fixture(params=["answer lost", "request lost"])
def broken(request, local_aws):
    """Return what lets a call fail, after AWS has done it or before; nothing is tried twice."""
    keys = {"accessKey": "test", "secretKey": "test", "region": HOME, "maxRetries": "0"}
    endpoints = json.dumps([{"ssmincidents": local_aws.url, "sts": local_aws.url}])
    settings = {f"aws:{key}": value for key, value in {**keys, "endpoints": endpoints}.items()}
    _aws.configure(ConfigureRequest(Config(settings, "incidents")))
    if request.param == "answer lost":
        return local_aws.lose_answer
    return lambda operation: local_aws.fail(operation, "InternalServerException")


def found(incidents):
    """Return the one set at AWS: its regions, its protection and the tags of the user."""
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    live = incidents.get_replication_set(arn=arn)["replicationSet"]
    tags = incidents.list_tags_for_resource(resourceArn=arn)["tags"]
    return {*live["regionMap"]}, live["deletionProtected"], tags


@pytest.mark.parametrize(
    "operation",
    [
        *("ListReplicationSets", "CreateReplicationSet", "GetReplicationSet"),
        *("UpdateDeletionProtection", "TagResource"),
    ],
)
def test_a_create_that_fails_anywhere_is_gone_on_from(provider, incidents, broken, operation):
    """The next run ends where the first one was to; nothing but tags is missing in the state."""
    inputs = declared(HOME, WEST, tags={"team": "payments"})
    broken(operation)
    if operation == "TagResource":
        made = provider.create(inputs)
        assert "tags" not in made.outs
        assert provider.diff(made.id, made.outs, inputs).changes is None
        outs = provider.update(made.id, made.outs, inputs).outs
    else:
        with pytest.raises(IncidentManagerError):
            provider.create(inputs)
        outs = provider.create(inputs).outs
    tags = {"team": "payments", "pulumi-incidents:owner": outs["owner"]}
    assert found(incidents) == ({HOME, WEST}, True, tags)


@pytest.mark.parametrize(
    "operation",
    [
        *("ListTagsForResource", "GetReplicationSet", "UpdateDeletionProtection"),
        *("UpdateReplicationSet", "UntagResource", "TagResource"),
    ],
)
def test_an_update_that_fails_anywhere_is_gone_on_from(provider, incidents, broken, operation):
    """It says what AWS has by then, as soon as that may be something."""
    made = provider.create(declared(HOME, WEST, tags={"team": "payments"}))
    inputs = declared(HOME, NORTH, deletion_protected=False, tags={"level": "1"})
    broken(operation)
    with pytest.raises(IncidentManagerError) as failed:
        provider.update(made.id, made.outs, inputs)
    is_read = operation.startswith(("List", "Get"))
    told = "the state does not know it: run `pulumi refresh` before anything else."
    assert (told in str(failed.value)) is not is_read
    outs = provider.update(made.id, made.outs, inputs).outs
    tags = {"level": "1", "pulumi-incidents:owner": outs["owner"]}
    assert found(incidents) == ({HOME, NORTH}, False, tags)
    assert provider.diff(made.id, outs, inputs).changes is False


@pytest.mark.parametrize("code", ["ServiceQuotaExceededException", "ConflictException"])
def test_a_set_that_is_listed_late_is_found(provider, local_aws, incidents, paused, code):
    """Which error a second set gets is in no document; either way the first one is taken over."""
    local_aws.fault("ListReplicationSets", lag=600, times=None)
    made = incidents.create_replication_set(regions={HOME: {}})["arn"]
    local_aws.fail("CreateReplicationSet", code)
    paused(local_aws.heal)
    local_aws.forget()
    assert provider.create(declared(HOME)).id == made
    assert local_aws.operations()[:4] == [
        *("ListReplicationSets", "CreateReplicationSet"),
        *("ListReplicationSets", "GetReplicationSet"),
    ]


def test_a_set_that_is_not_found_at_once_after_it_was_made_is_not_made_twice(
    provider, local_aws, paused
):
    """What was made is looked for by its ARN."""
    local_aws.fail("GetReplicationSet", "ResourceNotFoundException")
    pauses = paused(lambda: None)
    result = provider.create(declared(HOME))
    assert local_aws.operations().count("CreateReplicationSet") == 1
    assert result.outs["status"] == "ACTIVE"
    assert len(pauses) == 1


def test_a_set_that_is_on_its_way_out_is_waited_for_and_another_one_is_made(
    provider, local_aws, incidents, paused
):
    """An account has one, so there is no other way."""
    old = incidents.create_replication_set(regions={HOME: {}})["arn"]
    local_aws.set_clock(local_aws.clock())
    local_aws.settle(600)
    incidents.delete_replication_set(arn=old)
    local_aws.settle(0)
    paused(lambda: local_aws.advance(300))
    new = provider.create(declared(HOME)).id
    assert new != old
    assert incidents.list_replication_sets()["replicationSetArns"] == [new]


def test_a_set_that_is_nowhere_to_be_found_is_told(provider, local_aws, paused):
    """It may be in other regions than the one that is called."""
    local_aws.fail("CreateReplicationSet", "ServiceQuotaExceededException", times=None)
    pauses = paused(lambda: None)
    told = f"This account has a replication set that is not listed in {HOME}: name one of its"
    with pytest.raises(IncidentManagerError, match=told):
        provider.create(declared(HOME))
    assert len(pauses) == _replication._LOOKS - 1


def test_a_wait_is_told_now_and_then_and_ends_after_two_hours(
    provider, local_aws, incidents, monkeypatch, capfd
):
    """The pauses are short at first and half a minute later; a run that gave up can be repeated."""
    arn = incidents.create_replication_set(regions={HOME: {}, WEST: {}})["arn"]
    local_aws.set_clock(local_aws.clock())
    local_aws.settle(3600)
    add = {"addRegionAction": {"regionName": NORTH}}
    incidents.update_replication_set(arn=arn, actions=[add])
    wall = Wall(monkeypatch)
    with pytest.raises(IncidentManagerError) as failed:
        provider.create(declared(HOME, WEST, NORTH))
    told = capfd.readouterr().err.splitlines()
    regions = f"({HOME} ACTIVE, {WEST} ACTIVE, {NORTH} CREATING)"
    assert f"{arn} is UPDATING after 2:00:" in str(failed.value)
    assert "is not waited for any longer: run again, and it goes on from there" in str(failed.value)
    assert all(line.startswith(f"{arn} is UPDATING after ") for line in told)
    assert all(line.endswith(f"{regions}: AWS takes minutes for a change.") for line in told)
    assert 50 < len(told) < 70
    expected = [0.5, 1, 2, 4, 8, 16, *[30] * (len(wall.pauses) - 6)]
    assert all(0 <= took - least <= 0.5 for took, least in zip(wall.pauses, expected, strict=True))
    local_aws.advance(3600)
    assert provider.create(declared(HOME, WEST, NORTH)).id == arn


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_change_after_which_a_region_stays_is_not_tried_without_end(
    provider, local_aws, incidents, gives_up
):
    """What AWS says of a region that could not be removed is told."""
    made = provider.create(declared(HOME, WEST))
    local_aws.settle(0, failure="There is a lock.")
    local_aws.forget()
    with pytest.raises(IncidentManagerError, match=f"AWS says: {WEST}: There is a lock") as failed:
        provider.update(made.id, made.outs, declared(HOME))
    assert "AWS has done ssm-incidents:UpdateReplicationSet" in str(failed.value)
    assert local_aws.operations().count("UpdateReplicationSet") == 1
    local_aws.settle(0)
    if gives_up:
        with pytest.raises(IncidentManagerError, match="is FAILED"):
            provider.update(made.id, made.outs, declared(HOME, WEST))
        return
    provider.update(made.id, made.outs, declared(HOME))
    assert [*incidents.get_replication_set(arn=made.id)["replicationSet"]["regionMap"]] == [HOME]


def test_a_delete_that_fails_is_told(provider, local_aws):
    """What is not gone stays in the state."""
    inputs = declared(HOME, on_delete="destroy", deletion_protected=False)
    made = provider.create(inputs)
    local_aws.settle(0, failure="There is a lock.")
    with pytest.raises(IncidentManagerError, match="There is a lock: see to the cause and run"):
        provider.delete(made.id, made.outs)
    local_aws.settle(0)
    provider.delete(made.id, made.outs)
    provider.delete(made.id, made.outs)  # gone is as good


def test_a_set_with_another_key_than_declared_is_not_taken_for_it(provider, incidents):
    """What AWS has is told, and nothing is changed."""
    regions = {name: {"sseKmsKeyId": KEY.format(name)} for name in (HOME, WEST)}
    arn = incidents.create_replication_set(regions=regions)["arn"]
    other = declared(keyed(HOME), keyed(WEST, KEY.replace("0a", "ff")))
    with pytest.raises(IncidentManagerError, match=f"has {regions[WEST]['sseKmsKeyId']} in {WEST}"):
        provider.create(other)
    assert incidents.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    assert incidents.get_replication_set(arn=arn)["replicationSet"]["deletionProtected"] is False


def test_a_set_that_is_gone_is_told_by_an_update_and_forgotten_by_a_refresh(provider, incidents):
    """The next `up` after a refresh makes another one."""
    made = provider.create(declared(HOME, deletion_protected=False))
    incidents.delete_replication_set(arn=made.id)
    with pytest.raises(IncidentManagerError, match="is gone: run `pulumi refresh`"):
        provider.update(made.id, made.outs, declared(HOME, WEST))
    assert provider.read(made.id, made.outs).id == ""


def test_a_set_of_somebody_else_that_cannot_be_had_stays_theirs(provider, incidents):
    """What keeps a set from being taken over is told before anything of it is changed."""
    provider.create(declared(keyed(HOME)))
    before = found(incidents)
    for inputs in (declared(HOME), declared(keyed(HOME, KEY.replace("0a", "ff")))):
        with pytest.raises(IncidentManagerError, match=f"in {HOME}, and regions has another one"):
            provider.create({**inputs, "adopt_existing": True})
        assert found(incidents) == before


def test_a_mark_that_could_not_be_written_is_written_by_the_next_run(provider, incidents, broken):
    """Without tags there would be nothing else to do."""
    broken("TagResource")
    inputs = declared(HOME)
    made = provider.create(inputs)
    assert provider.diff(made.id, made.outs, inputs).changes is None
    outs = provider.update(made.id, made.outs, inputs).outs
    assert found(incidents) == ({HOME}, True, {"pulumi-incidents:owner": made.outs["owner"]})
    assert provider.diff(made.id, outs, inputs).changes is False


@pytest.mark.parametrize(
    "operation", ["ListReplicationSets", "CreateReplicationSet", "GetReplicationSet"]
)
def test_access_denied_names_the_action(provider, local_aws, operation):
    """It says what to allow."""
    local_aws.fail(operation, "AccessDeniedException")
    told = f"Allow ssm-incidents:{operation} on the replication set for these credentials"
    with pytest.raises(IncidentManagerError, match=told):
        provider.create(declared(HOME))
