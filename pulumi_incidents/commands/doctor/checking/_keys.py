"""Whether Incident Manager can use the key of what is encrypted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pulumi_incidents.commands._aws import Unseen, region_of
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checking import _letting_in
from pulumi_incidents.commands.doctor.checking._letting_in import Asked
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.keys import Key
from pulumi_incidents.commands.doctor.results import Finding, Fine, NotSeen, Result
from pulumi_incidents.iam.identities import Refusal

# States of a key in which KMS encrypts with it (KMS developer guide, *Key states*).
_USABLE = ("Enabled", "Updating")
_ENABLE = "`aws kms enable-key {key}`"
_KEEP = (
    "Take its deletion back with `aws kms cancel-key-deletion {key}`, and then enable it with "
    f"{_ENABLE}."
)
_MENDS = {
    "Disabled": f"Enable it with {_ENABLE}.",
    "PendingDeletion": _KEEP,
    "PendingReplicaDeletion": _KEEP,
    "PendingImport": "Import its key material again with `aws kms import-key-material {key}`.",
    "Unavailable": "Connect its custom key store with `aws kms connect-custom-key-store`.",
    "Creating": "Wait until it is Enabled, and look again.",
}
_USES = ("kms:GenerateDataKey", "kms:Decrypt")


class Encrypted(NamedTuple):
    """Something that a key encrypts."""

    arn: str
    kind: str
    """Such as `topic`."""
    key_id: str
    """As it names its key."""
    key: Key | Unseen | None
    users: tuple[str, ...]
    """Which services have to be let in."""
    context: Mapping[str, str]
    """What is known of a request for the key."""


def mend_of(state: str, key_id: str, region: str) -> str:
    """Return what mends the state of a key with this id or ARN; empty if it can be used."""
    if state in _USABLE:
        return ""
    key = f"--key-id {key_id.rpartition('/')[2]} --region {region}"
    return _MENDS.get(state, "Bring it back to the state Enabled.").format(key=key)


def look(facts: Facts, plans: Sequence[Plan], encrypted: Encrypted) -> Result:
    """Return what is to be said of a key, for incidents of some plans."""
    key, names = encrypted.key, tuple(plan.arn for plan in plans)
    if isinstance(key, Unseen):
        return NotSeen(encrypted.arn, key.why, names)
    said, mend = _unusable(encrypted)
    if said:
        seen = f"The key {encrypted.key_id} of the {encrypted.kind} {said}."
        return Finding(encrypted.arn, seen, mend, plans=names)
    if isinstance(key, Key) and isinstance(key.policy, Unseen):
        return NotSeen(encrypted.arn, key.policy.why, names)
    refused = _refusal(facts, plans, encrypted)
    if refused is None:
        return Fine(encrypted.arn, names)
    if refused.unclear:
        what = f"{refused.request.principal.arn} may use the key {encrypted.key_id}"
        return NotSeen(encrypted.arn, _letting_in.unclear(refused, what), names)
    return Finding(
        encrypted.arn,
        f"The key {encrypted.key_id} of the {encrypted.kind} shuts Incident Manager out: "
        f"{_letting_in.told(refused)}.",
        f"Let {' and '.join(encrypted.users)} kms:GenerateDataKey* and kms:Decrypt in its policy.",
        plans=names,
    )


def _unusable(encrypted: Encrypted) -> tuple[str, str]:
    """Return why nobody can use a key, and what mends it; nothing if it can be used."""
    another = f"Encrypt the {encrypted.kind} with a customer managed key that"
    if not isinstance(encrypted.key, Key):
        return "does not exist", f"{another} exists."
    if encrypted.key.is_of_aws:
        said = "is AWS's own, whose policy lets no other service in"
        return said, f"{another} lets Incident Manager in."
    state, arn = encrypted.key.state, encrypted.key.arn
    mend = mend_of(state, arn, region_of(arn))
    return (f"is {state}", mend) if mend else ("", "")


def _refusal(facts: Facts, plans: Sequence[Plan], encrypted: Encrypted) -> Refusal | None:
    key = encrypted.key
    if not isinstance(key, Key) or not isinstance(key.policy, str):
        return None
    policy = key.policy
    return _letting_in.first(
        _letting_in.shut_out(
            facts, plan, Asked(user, use, key.arn, encrypted.context), "key policy", policy
        )
        for plan in plans
        for user in encrypted.users
        for use in _USES
    )
