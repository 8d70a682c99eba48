"""Checks of topics that incidents tell: of chat channels and of notification targets."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen, region_of
from pulumi_incidents.commands.doctor.checking import _keys, _letting_in, subscribers
from pulumi_incidents.commands.doctor.checking._keys import Encrypted
from pulumi_incidents.commands.doctor.checking._letting_in import CONTACTS, INCIDENTS, Asked
from pulumi_incidents.commands.doctor.checking._of_topics import (
    Plans,
    arns,
    every,
    looked,
    named,
)
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.topics import Topic
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_PUBLISH = "sns:Publish"


def _exists(facts: Facts) -> Iterator[Result]:
    """Whether each topic exists that a plan names, for its chat channel or as a target.

    Looked at is each topic of the plans by `sns:GetTopicAttributes`, in its own region. A topic
    that is gone hears of no incident, and AWS tells nobody: it tries a topic only when a plan is
    made or changed.

    A topic that is missing is made again under the same name, with a policy that lets Incident
    Manager publish, or the plan is given another one.
    """
    for arn, plans in named(facts, every).items():
        found = facts.topics[arn]
        names = arns(plans)
        if isinstance(found, Unseen):
            yield NotSeen(arn, found.why, names)
        elif found is None:
            mend = "Make it again, or name another one in the plan."
            yield Finding(arn, "The topic does not exist.", mend, plans=names)
        else:
            yield Fine(arn, names)


def _lets_in(facts: Facts) -> Iterator[Result]:
    """Whether the policy of each topic lets Incident Manager publish, for incidents of its plans.

    Looked at is the `Policy` that `sns:GetTopicAttributes` answers; it is evaluated here, as IAM
    does. Without such a statement the topic hears of no incident:

    ```json
    {
      "Effect": "Allow",
      "Principal": {"Service": "ssm-incidents.amazonaws.com"},
      "Action": "SNS:Publish",
      "Resource": "the ARN of the topic",
      "Condition": {"StringEqualsIfExists": {"AWS:SourceAccount": "the account of the plan"}}
    }
    ```

    It is put into the policy with `aws sns set-topic-attributes --attribute-name Policy`, and an
    `IncidentTopic` has it. A condition that cannot be evaluated here is not taken for met.

    *Unverified*: which account and ARN of an incident AWS tells SNS, so that a narrower condition
    may be met here and not there.
    """
    yield from looked(facts, every, _policy_of)


def _policy_of(facts: Facts, topic: Topic, plans: Plans) -> Iterator[Result]:
    refused = _letting_in.first(
        _letting_in.shut_out(
            facts, plan, Asked(INCIDENTS, _PUBLISH, topic.arn), "topic policy", topic.policy
        )
        for plan in plans
    )
    names = arns(plans)
    if refused is None:
        yield Fine(topic.arn, names)
    elif refused.unclear:
        what = f"Incident Manager may publish to {topic.arn}"
        yield NotSeen(topic.arn, _letting_in.unclear(refused, what), names)
    else:
        yield Finding(
            topic.arn,
            f"The topic shuts Incident Manager out: {_letting_in.told(refused)}.",
            f"Let the service {INCIDENTS} {_PUBLISH} in the policy of the topic, with "
            f"StringEqualsIfExists AWS:SourceAccount {facts.account} as its one condition.",
            plans=names,
        )


def _key(facts: Facts) -> Iterator[Result]:
    """Whether Incident Manager can use the key of each encrypted topic.

    Looked at is each topic with a key (`KmsMasterKeyId` of `sns:GetTopicAttributes`), the key by
    `kms:DescribeKey` and its policy by `kms:GetKeyPolicy`. The key has to be Enabled, and its
    policy has to let both principals of Incident Manager, `ssm-incidents.amazonaws.com` and
    `ssm-contacts.amazonaws.com`, `kms:GenerateDataKey*` and `kms:Decrypt` (*Managing encryption
    keys and costs* in the SNS developer guide). SNS's own key, `alias/aws/sns`, lets no service
    in, and nobody can change that: a topic takes a key of the account instead.

    A key of another account is seen only by those whom its policy lets look. Grants of a key are
    not looked at.

    *Unverified*: which of the two principals AWS comes as, and that it tells KMS the account.
    """
    yield from looked(facts, every, _key_of)


def _key_of(facts: Facts, topic: Topic, plans: Plans) -> Iterator[Result]:
    if topic.key_id:
        context = {
            "kms:encryptioncontext:aws:sns:topicarn": topic.arn,
            "kms:viaservice": f"sns.{region_of(topic.arn)}.amazonaws.com",
        }
        users = (INCIDENTS, CONTACTS)
        encrypted = Encrypted(topic.arn, "topic", topic.key_id, topic.key, users, context)
        yield _keys.look(facts, plans, encrypted)


CHECKS = (
    Check(
        "topic-exists",
        Level.ERROR,
        "Topics that plans name exist",
        "A topic that is gone hears of no incident, and AWS says so to nobody.",
        _exists,
    ),
    Check(
        "topic-policy",
        Level.ERROR,
        "Topics let Incident Manager publish",
        "Whom a topic shuts out cannot tell it of an incident.",
        _lets_in,
    ),
    Check(
        "topic-key",
        Level.ERROR,
        "Keys of encrypted topics let Incident Manager in",
        "Without its key a topic takes no message, whatever its policy says.",
        _key,
    ),
    *subscribers.CHECKS,
)
