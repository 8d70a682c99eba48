"""Checks of the replication set: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS with moto's KMS.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Finding, Fine, NotSeen
from tests import doctored

HERE, THERE = "us-east-1", "eu-west-1"


@pytest.fixture
def arn(incidents):
    """Return the ARN of the set that is there at the start, with one region."""
    [found] = incidents.list_replication_sets()["replicationSetArns"]
    return found


def add(incidents, arn, region, **members):
    """Add a region."""
    action = {"addRegionAction": {"regionName": region, **members}}
    incidents.update_replication_set(arn=arn, actions=[action])


def remove(incidents, arn, region):
    """Remove a region."""
    action = {"deleteRegionAction": {"regionName": region}}
    incidents.update_replication_set(arn=arn, actions=[action])


def test_an_account_without_a_set_is_found_and_one_that_is_made_is_fine(local_aws, incidents, arn):
    """No replication set is an error, and the other checks have nothing to say of it."""
    incidents.delete_replication_set(arn=arn)
    [found] = doctored.findings(local_aws, "replication-active")
    assert "has no replication set in aws." in found.seen
    for check in ("replication-keys", "replication-protected", "replication-region"):
        assert not doctored.results(local_aws, check)
    made = incidents.create_replication_set(regions={HERE: {}})["arn"]
    assert doctored.results(local_aws, "replication-active") == [Fine(made)]


def test_a_region_that_failed_is_found_until_it_is_put_in_again(local_aws, incidents, arn):
    """What AWS says of a region is told, and the mend is to take it out and put it in."""
    local_aws.settle(0, failure="The key may not be used")
    add(incidents, arn, THERE)
    [found] = doctored.findings(local_aws, "replication-active")
    assert found.seen == (f"The replication set is FAILED in {THERE}: The key may not be used.")
    assert f"take {THERE} out of the set by a call of {HERE}, and put it in again" in found.mend
    local_aws.settle(0)
    remove(incidents, arn, THERE)
    add(incidents, arn, THERE)
    assert doctored.results(local_aws, "replication-active") == [Fine(arn)]


def test_the_last_region_is_never_to_be_taken_out(local_aws, incidents, arn):
    """That would delete the set, with all plans and people."""
    incidents.delete_replication_set(arn=arn)
    local_aws.settle(0, failure="The key may not be used")
    incidents.create_replication_set(regions={HERE: {}})
    [found] = doctored.findings(local_aws, "replication-active")
    assert "FAILED" in found.seen
    assert "take" not in found.mend
    assert "without its last region the set is deleted" in found.mend


def test_a_set_that_is_being_changed_is_found_until_that_is_over(local_aws, incidents, arn):
    """A region that is still coming is told, and waiting mends it."""
    local_aws.settle(600)
    add(incidents, arn, THERE)
    [found] = doctored.findings(local_aws, "replication-active")
    assert f"CREATING in {THERE}" in found.seen
    local_aws.advance(600)
    assert doctored.results(local_aws, "replication-active") == [Fine(arn)]


def test_a_set_is_found_to_be_deleted(local_aws, incidents, arn):
    """A set that goes is told by each region that goes."""
    local_aws.settle(600)
    incidents.delete_replication_set(arn=arn)
    [found] = doctored.findings(local_aws, "replication-active")
    assert f"DELETING in {HERE}" in found.seen


@pytest.fixture
def key(local_aws, incidents, arn):
    """Return a client of KMS, and the id of the key that encrypts the set."""
    kms = local_aws.client("kms")
    made = kms.create_key()["KeyMetadata"]["KeyId"]
    incidents.delete_replication_set(arn=arn)
    incidents.create_replication_set(regions={HERE: {"sseKmsKeyId": made}})
    return kms, made


def test_a_key_that_is_disabled_is_found_until_it_is_enabled(local_aws, key):
    """A key of the account has to be usable."""
    kms, made = key
    assert doctored.results(local_aws, "replication-keys") == [Fine(made)]
    kms.disable_key(KeyId=made)
    [found] = doctored.findings(local_aws, "replication-keys")
    assert found.seen == (
        f"The key {made}, which encrypts the replication set in {HERE}, is Disabled."
    )
    assert found.mend == f"Enable it with `aws kms enable-key --key-id {made} --region {HERE}`."
    kms.enable_key(KeyId=made)
    assert doctored.results(local_aws, "replication-keys") == [Fine(made)]


def test_a_key_that_is_to_be_deleted_is_found_until_that_is_taken_back(local_aws, key):
    """The day of the deletion is told, and the mend is to cancel it and to enable the key."""
    kms, made = key
    date = kms.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)["DeletionDate"]
    [found] = doctored.findings(local_aws, "replication-keys")
    assert f"is PendingDeletion, and will be deleted on {date:%Y-%m-%d}." in found.seen
    kms.cancel_key_deletion(KeyId=made)
    [found] = doctored.findings(local_aws, "replication-keys")
    assert "is Disabled" in found.seen
    kms.enable_key(KeyId=made)
    assert doctored.results(local_aws, "replication-keys") == [Fine(made)]


def test_a_key_that_is_not_there_is_found_until_the_region_has_another(local_aws, incidents, arn):
    """Each key is looked for in the region that it encrypts, and another one mends it."""
    stray = local_aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    add(incidents, arn, THERE, sseKmsKeyId=stray)
    [found] = doctored.findings(local_aws, "replication-keys")
    assert found.subject == stray
    assert found.seen.endswith(f"in {THERE}, does not exist.")
    made = local_aws.client("kms", region_name=THERE).create_key()["KeyMetadata"]["KeyId"]
    remove(incidents, arn, THERE)
    add(incidents, arn, THERE, sseKmsKeyId=made)
    assert doctored.results(local_aws, "replication-keys") == [Fine(made)]


def test_keys_of_aws_are_not_looked_at(local_aws):
    """A set that AWS's own key encrypts has nothing to look at, and KMS is not called."""
    assert not doctored.results(local_aws, "replication-keys")
    assert not local_aws.requests("kms")


def test_a_key_that_may_not_be_read_is_not_fine(local_aws, key):
    """Who may not describe the key is told so."""
    denied = doctored.without(local_aws, "kms:DescribeKey")
    [found] = doctored.results(local_aws, "replication-keys", **denied)
    assert isinstance(found, NotSeen)
    assert found.subject == key[1]
    assert "kms:DescribeKey" in found.why


def test_a_set_without_protection_is_found_until_it_is_protected(local_aws, incidents, arn):
    """A set that one call deletes is a warning."""
    [found] = doctored.findings(local_aws, "replication-protected")
    assert isinstance(found, Finding)
    assert "not protected" in found.seen
    assert arn in found.mend
    incidents.update_deletion_protection(arn=arn, deletionProtected=True)
    assert doctored.results(local_aws, "replication-protected") == [Fine(arn)]


def test_a_region_that_is_not_of_the_set_is_found_until_it_is_taken_in(local_aws, incidents, arn):
    """The region of the configuration has to be one of the set, or another one is called."""
    [found] = doctored.findings(local_aws, "replication-region", region=THERE)
    assert found.seen == f"{THERE} is called, and the replication set is in {HERE}."
    assert f"--region {HERE}" in found.mend
    assert doctored.results(local_aws, "replication-region", region=HERE) == [Fine(HERE)]
    add(incidents, arn, THERE)
    assert doctored.results(local_aws, "replication-region", region=THERE) == [Fine(THERE)]


@pytest.mark.parametrize("operation", ["ListReplicationSets", "GetReplicationSet"])
def test_a_set_that_may_not_be_read_is_not_fine(local_aws, operation):
    """Who may not look at the set is told which permission is missing, once."""
    local_aws.fail(operation, "AccessDeniedException", times=None)
    [found] = doctored.results(local_aws, "replication-active")
    assert isinstance(found, NotSeen)
    assert f"ssm-incidents:{operation}" in found.why
    assert not doctored.results(local_aws, "replication-protected")
