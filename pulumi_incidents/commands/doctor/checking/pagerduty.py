"""Checks of integrations with PagerDuty: the secret of each, and its key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checking import _keys, _letting_in
from pulumi_incidents.commands.doctor.checking._keys import Encrypted
from pulumi_incidents.commands.doctor.checking._letting_in import INCIDENTS, Asked
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.pagerduty import Secret, secrets
from pulumi_incidents.commands.doctor.reading.replication import ReplicationSet
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_READ = "secretsmanager:GetSecretValue"


def _exists(facts: Facts) -> Iterator[Result]:
    """Whether the secret of each integration with PagerDuty is there, and stays there.

    Looked at is the secret that the plan names, by `secretsmanager:DescribeSecret` in the region
    that is called, or in that of its ARN. What is in it is never read. Without it no incident is
    made in PagerDuty.

    A secret that is to be deleted cannot be read any more: `aws secretsmanager restore-secret`
    takes that back. One that is gone is made again, with the key of PagerDuty in it, a policy that
    lets Incident Manager read it and a customer managed key, as *Storing PagerDuty access
    credentials* in the Incident Manager user guide says.
    """
    for plan, secret_id in _named(facts):
        found = facts.pagerduty[secret_id]
        if isinstance(found, Unseen):
            yield NotSeen(plan.arn, found.why)
        elif found is None:
            seen = f"The secret {secret_id} with the key of PagerDuty does not exist."
            yield Finding(plan.arn, seen, "Make it again, or name another one in the plan.")
        elif found.deletion:
            seen = f"The secret {secret_id} with the key of PagerDuty is to be deleted."
            where = f"--secret-id {found.arn} --region {found.region}"
            mend = f"Keep it with `aws secretsmanager restore-secret {where}`."
            yield Finding(plan.arn, seen, mend)
        else:
            yield Fine(plan.arn)


def _readable(facts: Facts) -> Iterator[Result]:
    """Whether the policy of each secret lets Incident Manager read it.

    Looked at is the policy that `secretsmanager:GetResourcePolicy` answers; it is evaluated here.
    It takes a statement such as this, whose Resource in such a policy is the secret alone:

    ```json
    {
      "Effect": "Allow",
      "Principal": {"Service": "ssm-incidents.amazonaws.com"},
      "Action": "secretsmanager:GetSecretValue",
      "Resource": "*"
    }
    ```

    *Unverified*: which account and ARN AWS tells Secrets Manager, where a condition asks.
    """
    for plan, found in _seen(facts):
        policy = found.policy if isinstance(found, Secret) else found
        if isinstance(policy, Unseen):
            yield NotSeen(plan.arn, policy.why)
        elif isinstance(found, Secret):
            yield _read_by(facts, plan, found.arn, policy)


def _read_by(facts: Facts, plan: Plan, arn: str, policy: str) -> Result:
    asked = Asked(INCIDENTS, _READ, arn)
    refused = _letting_in.shut_out(facts, plan, asked, "resource-based policy", policy)
    if refused is None:
        return Fine(plan.arn)
    if refused.unclear:
        what = f"Incident Manager may read the secret {arn}"
        return NotSeen(plan.arn, _letting_in.unclear(refused, what))
    return Finding(
        plan.arn,
        f"The secret {arn} with the key of PagerDuty shuts Incident Manager out: "
        f"{_letting_in.told(refused)}.",
        f"Let the service {INCIDENTS} {_READ} in the policy of the secret.",
    )


def _key(facts: Facts) -> Iterator[Result]:
    """Whether Incident Manager can use the key that encrypts each secret.

    Looked at are the key of the secret (`secretsmanager:DescribeSecret`), by `kms:DescribeKey`, and
    its policy, by `kms:GetKeyPolicy`. It has to be a customer managed key that is Enabled, and let
    `ssm-incidents.amazonaws.com` `kms:GenerateDataKey*` and `kms:Decrypt`; a secret without a key
    of its own has one of AWS's, `aws/secretsmanager`, which the Incident Manager user guide rules
    out. The key of a secret is changed with `aws secretsmanager update-secret`.

    Grants of a key are not looked at.
    """
    secrets: dict[str, Secret] = {}
    plans: dict[str, list[Plan]] = defaultdict(list)
    for plan, found in _seen(facts):
        if isinstance(found, Unseen):
            yield NotSeen(plan.arn, found.why)
        else:
            secrets[found.arn] = found
            plans[found.arn].append(plan)
    for arn, secret in secrets.items():
        context = {
            "kms:encryptioncontext:secretarn": arn,
            "kms:viaservice": f"secretsmanager.{secret.region}.amazonaws.com",
        }
        encrypted = Encrypted(arn, "secret", secret.key_id, secret.key, (INCIDENTS,), context)
        yield _keys.look(facts, plans[arn], encrypted)


def _replicated(facts: Facts) -> Iterator[Result]:
    """Whether each secret is in every region of the replication set.

    Looked at are the regions of the secret that `secretsmanager:DescribeSecret` answers, with its
    replicas that are in sync, and those of the replication set. The Incident Manager user guide
    wants it replicated wherever the plan is: an incident of a region without it makes none in
    PagerDuty. It is replicated with `aws secretsmanager replicate-secret-to-regions`, with a key
    of each region.

    Keys of replicas are not looked at, nor policies, which are replicated with the secret.
    """
    for plan, found in _seen(facts):
        regions = found.regions if isinstance(found, Secret) else found
        unseen = [each for each in (regions, facts.replication) if isinstance(each, Unseen)]
        if unseen:
            yield NotSeen(plan.arn, unseen[0].why)
        elif isinstance(found, Secret) and isinstance(facts.replication, ReplicationSet):
            wanted = {region.name for region in facts.replication.regions}
            yield _where(plan, found, sorted(wanted - frozenset(regions)))


def _where(plan: Plan, secret: Secret, missing: list[str]) -> Result:
    if not missing:
        return Fine(plan.arn)
    there = " and ".join(missing)
    added = " ".join(f"Region={region},KmsKeyId=KEY" for region in missing)
    return Finding(
        plan.arn,
        f"The secret with the key of PagerDuty is not in {there}, where the replication set is.",
        "Replicate it with `aws secretsmanager replicate-secret-to-regions --secret-id "
        f"{secret.arn} --add-replica-regions {added}`, each KEY a customer managed key there.",
    )


def _named(facts: Facts) -> Iterator[tuple[Plan, str]]:
    for plan in facts.plans:
        for secret_id in secrets(plan):
            yield plan, secret_id


def _seen(facts: Facts) -> Iterator[tuple[Plan, Secret | Unseen]]:
    """Return the secrets that may be there; that one is not, another check tells."""
    for plan, secret_id in _named(facts):
        if found := facts.pagerduty[secret_id]:
            yield plan, found


CHECKS = (
    Check(
        "pagerduty-secret",
        Level.ERROR,
        "Secrets for PagerDuty exist",
        "Without its secret an incident is told to nobody in PagerDuty.",
        _exists,
    ),
    Check(
        "pagerduty-policy",
        Level.ERROR,
        "Secrets for PagerDuty let Incident Manager read them",
        "A secret that shuts it out makes no incident in PagerDuty.",
        _readable,
    ),
    Check(
        "pagerduty-key",
        Level.ERROR,
        "Keys that encrypt secrets for PagerDuty let Incident Manager in",
        "Without the key the secret cannot be read, whatever its policy says.",
        _key,
    ),
    Check(
        "pagerduty-replicated",
        Level.WARNING,
        "Secrets for PagerDuty are in each region of the replication set",
        "Where it is not, an incident is told to nobody in PagerDuty.",
        _replicated,
    ),
)
