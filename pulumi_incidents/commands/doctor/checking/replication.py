"""Checks of the replication set and its keys."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands.doctor.checking._keys import mend_of
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.replication import Region, ReplicationSet
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_SUBJECT = "the replication set"
_LAST = "without its last region the set is deleted, and all that is in it"
_OTHER_KEY = (
    "Take the region out of the set and put it in again with a key that exists, with a second "
    f"region in the set meanwhile: {_LAST}."
)


def _active(facts: Facts) -> Iterator[Result]:
    """Whether the account has a replication set, and it is active in each of its regions.

    Looked at is the set that `ssm-incidents:ListReplicationSets` answers, by
    `ssm-incidents:GetReplicationSet`. Without a set there are no response plans and no contacts.
    While a set is being made or deleted, Incident Manager cannot be used; a region that FAILED has
    no copy of plans, incidents and people, and none of them can be used there.

    A set that is missing is made by a `ReplicationSet` of the program, or by
    `aws ssm-incidents create-replication-set`. A change takes minutes: wait, and look again. A
    region that FAILED is taken out of the set and put in again, with what AWS says of it mended
    first: often that is the policy of its key. The last region is never taken out, as that deletes
    the set, and all that is in it.

    *Unverified*: what can be done about a region that FAILED, as no document says it.
    """
    found = facts.replication
    if found is None:
        yield Finding(
            _SUBJECT,
            f"The account {facts.account} has no replication set in {facts.partition}.",
            "Declare a ReplicationSet, or make it with `aws ssm-incidents create-replication-set`.",
        )
    elif isinstance(found, Unseen):
        yield NotSeen(_SUBJECT, found.why)
    else:
        yield from _regions_of(found) or [_set_of(found)]


def _regions_of(found: ReplicationSet) -> list[Result]:
    return [_inactive(found, each) for each in found.regions if each.status != "ACTIVE"]


def _inactive(found: ReplicationSet, region: Region) -> Finding:
    said = f": {region.message.rstrip('.')}" if region.message else ""
    seen = f"The replication set is {region.status} in {region.name}{said}."
    mend = "Wait until AWS is done, which takes minutes, and look again."
    others = [each.name for each in found.regions if each.status == "ACTIVE"]
    if region.status == "FAILED" and others:
        mend = (
            f"Mend what AWS says of it, take {region.name} out of the set by a call of "
            f"{others[0]}, and put it in again."
        )
    elif region.status == "FAILED":
        mend = f"Mend what AWS says of it, and ask AWS Support to go on: {_LAST}."
    return Finding(found.arn, seen, mend)


def _set_of(found: ReplicationSet) -> Result:
    if found.status == "ACTIVE":
        return Fine(found.arn)
    seen = f"The replication set is {found.status}, and active in each of its regions."
    return Finding(found.arn, seen, "Wait until it is ACTIVE, and look again.", Level.WARNING)


def _keys(facts: Facts) -> Iterator[Result]:
    """Whether Incident Manager can encrypt with the key of each region.

    Looked at is each region of the replication set that is encrypted with a key of the account, by
    `kms:DescribeKey` in that region. With a key that is disabled, deleted or about to be, AWS can
    read neither plans nor people, and an incident pages nobody. A set without keys of the account
    is encrypted with one of AWS's own, and there is nothing to look at.

    A key that is disabled is enabled again; a deletion that is pending is taken back, and the key
    enabled. What was encrypted with a key that is deleted is lost: the region is taken out of the
    set and put in again with another key, where the set has a second region.

    *Unverified*: what of an incident goes on while a key cannot be used. Its policy is not looked
    at: AWS makes grants for itself, and needs no statement.
    """
    for found in _sets(facts):
        for region in found.regions:
            if region.key_id:
                yield _key_of(region)


def _key_of(region: Region) -> Result:
    subject = region.key_id
    if isinstance(region.key, Unseen):
        return NotSeen(subject, region.key.why)
    named = f"The key {subject}, which encrypts the replication set in {region.name},"
    if region.key is None:
        return Finding(subject, f"{named} does not exist.", _OTHER_KEY)
    mend = mend_of(region.key.state, subject, region.name)
    if not mend:
        return Fine(subject)
    deletion = region.key.deletion
    when = f", and will be deleted on {deletion:%Y-%m-%d}" if deletion else ""
    return Finding(subject, f"{named} is {region.key.state}{when}.", mend)


def _protected(facts: Facts) -> Iterator[Result]:
    """Whether the replication set is protected from deletion.

    Looked at is `deletionProtected`, as `ssm-incidents:GetReplicationSet` answers it. Without
    protection, one call deletes the set, and with it every response plan, incident, contact and
    rotation of the account in all regions.

    `ReplicationSet` protects the set unless told otherwise; without a program,
    `aws ssm-incidents update-deletion-protection` does.
    """
    for found in _sets(facts):
        if found.is_protected:
            yield Fine(found.arn)
        else:
            yield Finding(
                found.arn,
                "The replication set is not protected from deletion.",
                f"Protect it with `aws ssm-incidents update-deletion-protection --arn {found.arn} "
                "--deletion-protected`, or `deletion_protected` of its ReplicationSet.",
            )


def _region(facts: Facts) -> Iterator[Result]:
    """Whether the region that is called is one of the replication set.

    Looked at are the regions that `ssm-incidents:GetReplicationSet` answers, and the region of the
    configuration. Elsewhere AWS knows no contacts of the account, so that alarms and programs that
    are in that region alone find nobody to engage, and this command neither.

    Call another region, with `--region` or `aws:region` of the stack, or take the region into the
    set.

    *Unverified*: whether AWS answers for the set in a region that is not in it.
    """
    for found in _sets(facts):
        names = [region.name for region in found.regions]
        if facts.region in names:
            yield Fine(facts.region)
        else:
            yield Finding(
                facts.region,
                f"{facts.region} is called, and the replication set is in {' and '.join(names)}.",
                f"Call one of its regions, as with `--region {names[0]}`, or take {facts.region} "
                "into the set.",
            )


def _sets(facts: Facts) -> Iterator[ReplicationSet]:
    """Return the set that was seen; that there is none, or was not seen, one check tells."""
    if isinstance(facts.replication, ReplicationSet) and facts.replication.regions:
        yield facts.replication


CHECKS = (
    Check(
        "replication-active",
        Level.ERROR,
        "The replication set is active in each of its regions",
        "Where it is not, there are no response plans, nobody is engaged, and no incident starts.",
        _active,
    ),
    Check(
        "replication-keys",
        Level.ERROR,
        "Keys of the replication set can be used",
        "What AWS cannot decrypt it cannot read, and an incident then pages nobody.",
        _keys,
    ),
    Check(
        "replication-protected",
        Level.WARNING,
        "The replication set is protected from deletion",
        "One call deletes it with all plans, incidents, people and rotations of the account.",
        _protected,
    ),
    Check(
        "replication-region",
        Level.ERROR,
        "The region that is called is one of the replication set",
        "Outside of it AWS knows nobody of the account, and engages nobody.",
        _region,
    ),
)
