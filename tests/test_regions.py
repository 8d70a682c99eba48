"""Which change of a replication set comes next, for every set and every wish. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.providers import _regions
from pulumi_incidents.providers._regions import Region

HOME = "us-east-1"
KEY = "arn:aws:kms:us-east-1:123456789012:key/a"
NAMES = (HOME, "eu-west-1", "eu-north-1", "ap-south-1", "us-west-2", "ca-central-1")
REGIONS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
WITH_HOME = REGIONS.filter(lambda names: HOME in names)


def a_set(*names, failed=(), status="ACTIVE"):
    """Return a set as AWS answers it."""
    regions = {name: {"status": "ACTIVE", "sseKmsKeyId": "DefaultKey"} for name in names}
    for name in failed:
        regions[name] = {"status": "FAILED", "sseKmsKeyId": "DefaultKey", "statusMessage": "No."}
    return {"status": status, "regionMap": regions}


def done(found, step):
    """Return a set after a step, as AWS makes it."""
    names = [*found["regionMap"]]
    if "addRegionAction" in step:
        name = step["addRegionAction"]["regionName"]
        assert name not in names, "added twice"
        return a_set(*names, name)
    return a_set(*(name for name in names if name != step["deleteRegionAction"]["regionName"]))


def steps(found, wanted, removable):
    """Return the sets on the way from one to what is wanted."""
    way = [found]
    regions = [Region(name) for name in wanted]
    while step := _regions.next_step(way[-1], regions, removable):
        way.append(done(way[-1], step))
        assert len(way) <= 7
    return way


@given(before=WITH_HOME, wanted=WITH_HOME)
def test_every_way_ends_where_it_is_to_and_never_without_the_own_region(before, wanted):
    """At most three regions at any time, the fewest steps, and as many regions as there is room."""
    way = steps(a_set(*before), wanted, before)
    names = [set(each["regionMap"]) for each in way]
    assert names[-1] == set(wanted)
    assert len(way) - 1 == len(set(before) ^ set(wanted))
    assert all(HOME in each and len(each) <= 3 for each in names)
    assert all(len(each) >= min(len(set(before) | set(wanted)), 2) for each in names[1:-1])


@given(before=WITH_HOME, wanted=WITH_HOME, known=REGIONS)
def test_what_nobody_has_declared_is_never_removed(before, wanted, known):
    """A region that is not in the state stays, and what AWS has no room for is asked for anyway."""
    found, regions = a_set(*before), [Region(name) for name in wanted]
    while step := _regions.next_step(found, regions, known):
        if "addRegionAction" in step and len(found["regionMap"]) == 3:
            break  # AWS refuses this one, in its own words
        found = done(found, step)
    assert set(before) - set(known) - set(wanted) <= set(found["regionMap"])


def test_regions_are_added_before_others_are_removed():
    """Data is never in fewer places than it has to be; where there are three, one goes first."""
    two, three = a_set(HOME, "eu-west-1"), a_set(HOME, "eu-west-1", "eu-north-1")
    wanted = [Region(HOME), Region("us-west-2", "arn:key")]
    removable = {"eu-west-1", "eu-north-1"}
    add = {"addRegionAction": {"regionName": "us-west-2", "sseKmsKeyId": "arn:key"}}
    remove = {"deleteRegionAction": {"regionName": "eu-north-1"}}
    assert _regions.next_step(two, wanted, removable) == add
    assert _regions.next_step(three, wanted, removable) == remove


def test_a_region_that_failed_goes_first():
    """A set that is FAILED takes no new region until then."""
    found = a_set(HOME, "eu-west-1", failed=["eu-west-1"], status="FAILED")
    wanted = [Region(HOME), Region("eu-north-1")]
    assert _regions.trouble_told(found, wanted, {"eu-west-1"}) is None
    step = _regions.next_step(found, wanted, {"eu-west-1"})
    assert step == {"deleteRegionAction": {"regionName": "eu-west-1"}}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (a_set(HOME, "eu-west-1", failed=["eu-west-1"], status="FAILED"), "eu-west-1: No:"),
        (a_set(HOME, status="FAILED"), "AWS says: no reason given"),
        (a_set(HOME, "us-west-2", failed=["us-west-2"]), "us-west-2: No:"),
    ],
)
def test_what_failed_and_is_to_stay_is_told_in_the_words_of_aws(found, told):
    """So is a region that nobody has declared, which this resource may not remove."""
    wanted = [Region(HOME), Region("eu-west-1")]
    assert told in _regions.trouble_told(found, wanted, {HOME, "eu-west-1"})


@pytest.mark.parametrize(
    ("key", "live", "same"),
    [
        (None, "DefaultKey", True),
        (KEY, "DefaultKey", False),
        (None, "a", False),
        (KEY, KEY, True),
        (KEY, "a", True),
        (KEY, "b", False),
    ],
)
def test_a_key_is_known_by_its_arn_and_by_its_id(key, live, same):
    """No document says which of them AWS answers."""
    assert _regions.is_key(key, live) is same
    found = {"regionMap": {HOME: {"status": "ACTIVE", "sseKmsKeyId": live}}}
    declared = {"regions": [{"name": HOME, "sse_kms_key_id": key}]}
    [region] = _regions.live(found, declared)
    expected = key if same else None if live == "DefaultKey" else live
    assert region.get("sse_kms_key_id") == expected
