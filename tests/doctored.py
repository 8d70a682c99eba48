"""Checks of `doctor`, run as the command runs them: real readers over HTTP, then the checks."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone

import boto3

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands.doctor import looking
from pulumi_incidents.commands.doctor.catalog import BY_NAME
from pulumi_incidents.commands.doctor.results import Finding, NotSeen
from pulumi_incidents.identity.settings import Settings
from tests import rights

_KEPT = {}
_KEYS = {"access_key": "test", "secret_key": "test", "region": "us-east-1"}


def account(local_aws, **settings):
    """Return the account of a local AWS, read as the commands read it, with fresh answers."""
    endpoints = tuple((name.replace("-", ""), local_aws.url) for name in _services())
    made = Account(Settings(**{**_KEYS, "endpoints": endpoints, **settings}))
    if not settings:
        # To make sessions and clients is most of what a look at a small account takes.
        kept = _KEPT.setdefault(local_aws.url, made)
        made._session, made._clients = kept._session, kept._clients
    return made


@functools.cache
def _services():
    return boto3.Session().get_available_services()


def facts(local_aws, *plans, at=None, declared=None, **settings):
    """Read what the plans with these ARNs lead to; without any, the whole account."""
    looked_at = account(local_aws, **settings)
    now = at or datetime.now(timezone.utc)
    scope = looking.scope(looked_at, plans or None, now, declared)
    return looking.read(looked_at, scope)


def results(local_aws, check, *plans, **options):
    """Return what one check yields, for the options of `facts`."""
    return [*BY_NAME[check].look(facts(local_aws, *plans, **options))]


def findings(local_aws, check, *plans, **options):
    """Return the findings alone; it fails where something could not be looked at."""
    found = results(local_aws, check, *plans, **options)
    unseen = [each for each in found if isinstance(each, NotSeen)]
    assert not unseen, unseen
    return [each for each in found if isinstance(each, Finding)]


def later(**ahead):
    """Return a time from now on, which is another one in each test."""
    return datetime.now(timezone.utc) + timedelta(**ahead)


def without(local_aws, *actions):
    """Return the settings of a user who may do everything but these actions of IAM policies."""
    iam = local_aws.client("iam")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": [*actions], "Resource": "*"},
        ],
    }
    iam.create_user(UserName="reader")
    iam.put_user_policy(
        UserName="reader", PolicyName="all-but", PolicyDocument=rights.as_text(policy)
    )
    keys = iam.create_access_key(UserName="reader")["AccessKey"]
    local_aws.permissions("enforce")
    return {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretAccessKey"]}
