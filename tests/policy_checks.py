"""What is wrong with a policy, by the tables of the Service Authorization Reference.

Each check is a function of a policy, which yields where something is wrong, what it is, and why.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

from tests.authorization import (
    actions,
    dependents,
    exists,
    has_key,
    is_type,
    service_of,
    type_of,
    types,
)

# Who takes a role or calls on somebody's behalf; the prefix of its actions is in the name.
SERVICES = {
    "cloudwatch.amazonaws.com",
    "events.amazonaws.com",
    "ssm.amazonaws.com",
    "ssm-contacts.amazonaws.com",
    "ssm-incidents.amazonaws.com",
    "ssm-incidents.alarms.cloudwatch.amazonaws.com",
}

# Keys that any request may have: *AWS global condition context keys* in the IAM User Guide. They
# are named one by one, because a key with a slip of the pen begins with `aws:` as well.
SOURCES = {"aws:sourceaccount", "aws:sourcearn"}
GLOBAL_KEYS = {*("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"), *SOURCES}
OPERATORS = {"StringEquals", "StringEqualsIfExists", "StringLike", "ArnEquals", "ArnLike"}

# Actions that hand a role to a service, and the key that says to which one.
HANDED = {
    "iam:PassRole": "iam:PassedToService",
    "iam:CreateServiceLinkedRole": "iam:AWSServiceName",
}

# The members of a statement, by what the policy belongs to.
MEMBERS = {
    "identity": {"Sid", "Effect", "Action", "Resource"},
    "resource": {"Sid", "Effect", "Action", "Resource", "Principal"},
    "trust": {"Sid", "Effect", "Action", "Principal"},
}

# The rest of an ARN that names nothing: `contact/*`, `alarm:*`, `rule/*/*`, and `*` alone.
NAMELESS = re.compile(r"([\w-]+[:/])?[*:/]+")


class Policy(NamedTuple):
    """A policy of an identity, of a resource, or of who may take a role, in one partition."""

    name: str
    variant: str
    kind: str
    partition: str
    statements: list

    def __str__(self):
        """Return what a message calls it."""
        return f"{self.name} ({self.variant})"


class Finding(NamedTuple):
    """One thing that is wrong: which check found it, where, what it is and why it is wrong."""

    check: str
    policy: Policy
    sid: str
    what: str
    why: str

    def __str__(self):
        """Return the message."""
        return f"{self.policy}, {self.sid}: {self.what}: {self.why}"

    @property
    def exception(self):
        """Return what a list of exceptions calls it, in whatever variant it is."""
        return self.policy.name, self.sid, self.what

    @property
    def is_excusable(self):
        """Tell whether it may be right for a reason that the reference does not know."""
        return self.check in EXCUSABLE


def findings(policy):
    """Return everything that is wrong with a policy."""
    return [Finding(check.__name__, policy, *found) for check in CHECKS for found in check(policy)]


def refused(policy, excused):
    """Return what is wrong with a policy, and is not excused by what exceptions call it."""
    return [
        str(found)
        for found in findings(policy)
        if not (found.is_excusable and found.exception in excused)
    ]


def left_over(policies, excused):
    """Return the exceptions that nothing in these policies needs."""
    found = [found for policy in policies for found in findings(policy)]
    return excused - {one.exception for one in found if one.is_excusable}


def _listed(value):
    """Return one value, several or none as a list."""
    return value if isinstance(value, list) else [value] if value else []


def _read(policy):
    """Yield of each statement: id, patterns of actions, the actions, ARNs, tests of conditions."""
    for number, given in enumerate(policy.statements, 1):
        patterns = _listed(given.get("Action"))
        called = [action for pattern in patterns for action in actions(pattern)]
        tests = [
            (operator, key, value)
            for operator, keys in given.get("Condition", {}).items()
            for key, values in keys.items()
            for value in _listed(values)
        ]
        sid = given.get("Sid", f"statement {number}")
        yield sid, patterns, called, _listed(given.get("Resource")), tests


def statement(policy):
    """Find what is no statement that the other checks could read."""
    members = MEMBERS[policy.kind]
    for given, (sid, *_) in zip(policy.statements, _read(policy), strict=True):
        for member in sorted((set(given) - {"Condition"}) ^ members):
            yield sid, member, f"the members of such a statement are {', '.join(sorted(members))}"
        if given.get("Effect") != "Allow":
            yield sid, "Effect", "the checks are for what is allowed"


def action(policy):
    """Find actions that no service has."""
    for sid, patterns, *_ in _read(policy):
        for pattern in patterns:
            if not actions(pattern):
                yield sid, pattern, "the reference has no such action"


def required(policy):
    """Find actions that no request may call, because a type of resource is not allowed."""
    if policy.kind == "trust":
        return
    sids, allowed = {}, defaultdict(list)
    for sid, _, called, arns, _ in _read(policy):
        for one in called:
            sids.setdefault(one, sid)
            allowed[one] += arns
    for one, arns in allowed.items():
        if "*" not in arns:
            for what, why in _not_reached(one, arns, policy.partition):
                yield sids[one], what, why


def _not_reached(called, arns, partition):
    known, service = types(called), service_of(called)
    reached = {name for name in known for arn in arns if is_type(arn, service, name, partition)}
    needed = [name for name in known if known[name]]
    for name in needed:
        if name not in reached:
            yield f"{called} on {name}", "the reference requires this type, and no ARN is of it"
    if not known:
        yield called, "it has no type of resource, so that its Resource has to be *"
    elif not needed and not reached:
        yield called, f"no ARN is of a type that it knows: {', '.join(known)}"


def resource(policy):
    """Find ARNs of types that no action of the statement knows, so that they allow nothing."""
    for sid, patterns, called, arns, tests in _read(policy):
        for arn in arns:
            if arn != "*" and not type_of(arn, called, policy.partition):
                known = sorted({name for one in called for name in types(one)})
                why = f"it is no {' or '.join(known) or 'resource'} of {policy.partition}"
                yield sid, f"{', '.join(patterns)} on {arn}", why
        for _, key, value in tests:
            if value.startswith("arn:") and not exists(value, policy.partition):
                yield sid, f"{key} {value}", f"it is no type of resource of {policy.partition}"


def dependent(policy):
    """Find actions that fail because they depend on one that is not allowed.

    Whoever is let in by the policy of a resource has these in a policy of their own.
    """
    if policy.kind != "identity":
        return
    allowed = {one for _, _, called, *_ in _read(policy) for one in called}
    to = {(one, service) for _, one, service in _handed(policy)}
    for sid, _, called, *_ in _read(policy):
        for one in called:
            for other in dependents(one):
                if other in HANDED and (other, service_of(one)) not in to:
                    what = f"{one} without {other} to {service_of(one)}"
                    yield sid, what, "AWS says that it depends on it"
                elif other not in allowed:
                    yield sid, f"{one} without {other}", "AWS says that it depends on it"


def handed(policy):
    """Find roles that may be handed to any service, or to one that the policy does not call."""
    services = {service_of(one) for _, _, called, *_ in _read(policy) for one in called}
    for sid, one, service in _handed(policy):
        if not service:
            yield sid, one, f"it has to say StringEquals {HANDED[one]}"
        elif service not in services:
            yield sid, f"{one} to {service}", "the policy has no action of this service"


def _handed(policy):
    """Yield who may hand a role to whom: the prefix of a service's actions, or "" for anybody."""
    for sid, _, called, _, tests in _read(policy):
        for one in HANDED.keys() & called:
            bound = ("StringEquals", HANDED[one])
            for service in [value for *test, value in tests if tuple(test) == bound] or [""]:
                yield sid, one, service.removesuffix(".amazonaws.com").split(".")[-1]


def condition(policy):
    """Find conditions that never hold: unknown operators, keys and services, and wildcards."""
    for sid, _, called, _, tests in _read(policy):
        for operator, key, value in tests:
            if operator not in OPERATORS:
                yield sid, operator, f"these policies use {', '.join(sorted(OPERATORS))}"
            if operator.startswith("StringEquals") and "*" in value:
                yield sid, f"{operator} {value}", "it takes the wildcard for a letter"
            if value.endswith(".amazonaws.com") and value not in SERVICES:
                yield sid, f"{key} {value}", f"the services are {', '.join(sorted(SERVICES))}"
            for one in called:
                if key.lower() not in GLOBAL_KEYS and not has_key(one, key):
                    yield sid, f"{one} with {key}", "the reference has no such key for it"


def principal(policy):
    """Find who is neither an account nor a service, and a service that comes for any account."""
    account = rf"arn:{policy.partition}:iam::\d{{12}}:root"
    for given, (sid, *_, tests) in zip(policy.statements, _read(policy), strict=True):
        bound = any(key.lower() in SOURCES for _, key, _ in tests)
        who = given.get("Principal", {})
        for kind, names in (who if isinstance(who, dict) else {"Anybody": who}).items():
            for name in _listed(names):
                if kind == "Service" and name in SERVICES:
                    if not bound:
                        why = f"the condition has to name {' or '.join(sorted(SOURCES))}"
                        yield sid, f"Service {name} for any account", why
                elif kind != "AWS" or not re.fullmatch(account, name):
                    why = "it is neither a service of the list nor an account"
                    yield sid, f"{kind} {name}", why


def wide(policy):
    """Find what reaches further than a name: `*`, actions with `*`, any account, a whole type."""
    for sid, patterns, called, arns, _ in _read(policy):
        for pattern in patterns:
            if "*" in pattern:
                yield sid, f"action {pattern}", "it stands for several actions"
            if "*" in arns and any(map(types, actions(pattern))):
                yield sid, f"{pattern} on *", "the reference has types of resources for it"
        for arn in arns:
            parts, name = arn.split(":", 5), type_of(arn, called, policy.partition)
            if parts[4:5] == ["*"]:
                yield sid, f"{name} of any account", f"{arn} names none"
            if NAMELESS.fullmatch("".join(parts[5:])):
                yield sid, f"every {name}", f"{arn} names none"


CHECKS = [statement, action, required, resource, dependent, handed, condition, principal, wide]
EXCUSABLE = {"dependent", "wide"}
