"""The stack's `aws:` configuration. Pure: nothing is read but what the test passes."""

from __future__ import annotations

import json

import pytest

from pulumi_incidents.providers._settings import (
    Role,
    Settings,
    read_default_tags,
    read_settings,
)

CONFIG = {
    "region": "eu-west-1",
    "accessKey": "AKIA",
    "secretKey": "hunter2",
    "token": "hunter3",
    "endpoints": json.dumps(
        [{"sns": "http://sns"}, {"ssmincidents": "http://a", "sts": "http://b"}]
    ),
    "assumeRoles": json.dumps(
        [
            {"roleArn": "arn:aws:iam::111111111111:role/a", "externalId": "x", "sessionName": "s"},
            {"roleArn": "arn:aws:iam::222222222222:role/b"},
        ]
    ),
    "allowedAccountIds": json.dumps(["222222222222"]),
    "maxRetries": "2",
    "defaultTags": json.dumps({"tags": {"team": "payments"}}),
}


def test_everything_that_pulumi_aws_reads_is_read():
    """Region, keys, endpoints, roles, accounts and retries come from the stack."""
    assert read_settings(CONFIG.get) == Settings(
        region="eu-west-1",
        access_key="AKIA",
        secret_key="hunter2",
        token="hunter3",
        endpoints=(("sns", "http://sns"), ("ssmincidents", "http://a"), ("sts", "http://b")),
        roles=(
            Role(
                "arn:aws:iam::111111111111:role/a",
                (("ExternalId", "x"), ("RoleSessionName", "s")),
            ),
            Role("arn:aws:iam::222222222222:role/b"),
        ),
        allowed_accounts=("222222222222",),
        max_attempts=3,
    )
    assert read_default_tags(CONFIG.get) == {"team": "payments"}


def test_an_empty_configuration_leaves_everything_to_boto3():
    """Without `aws:` keys the environment and the shared files decide."""
    assert read_settings({}.get) == Settings()
    assert read_default_tags({}.get) == {}


def test_structured_values_are_taken_decoded_as_well():
    """Whether the engine hands over JSON text or values makes no difference."""
    decoded = {
        key: json.loads(value) if value.startswith(("[", "{")) else value
        for key, value in CONFIG.items()
    }
    assert read_settings(decoded.get) == read_settings(CONFIG.get)


def test_no_key_is_ever_printed():
    """Whatever prints the settings, in a traceback or a log, shows no credentials."""
    assert "hunter" not in repr(read_settings(CONFIG.get))
    assert "AKIA" not in f"{read_settings(CONFIG.get)}"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (None, {}),
        ({"region": "us-west-2"}, {"region": "us-west-2"}),
        (
            {"profile": "audit"},
            {
                "profile": "audit",
                "access_key": None,
                "secret_key": None,
                "token": None,
                "roles": (),
            },
        ),
        ({"assume_role_arn": "arn:r"}, {"roles": (Role("arn:r"),)}),
    ],
)
def test_a_resource_may_differ_from_the_stack(changes, expected):
    """An override changes what it names; a profile or role takes the place of the stack's own."""
    settings = read_settings(CONFIG.get)
    assert settings.overridden(changes) == settings._replace(**expected)
