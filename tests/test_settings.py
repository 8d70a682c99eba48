"""The stack's `aws:` configuration. Pure: nothing is read but what the test passes."""

from __future__ import annotations

import json

import pytest

from pulumi_incidents.identity.reading import taken
from pulumi_incidents.identity.settings import Role, Settings, overridden, settings_of

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


def read(config):
    """Return the settings of a configuration in which nothing is wrong."""
    values, failures = taken(config)
    assert failures == []
    return settings_of(values)


def test_everything_that_pulumi_aws_reads_is_read():
    """Region, keys, endpoints, roles, accounts, tags and retries come from the stack."""
    assert read(CONFIG) == Settings(
        region="eu-west-1",
        access_key="AKIA",
        secret_key="hunter2",
        token="hunter3",
        endpoints=(("sns", "http://sns"), ("ssmincidents", "http://a"), ("sts", "http://b")),
        roles=(
            Role(
                "arn:aws:iam::111111111111:role/a",
                json.dumps({"ExternalId": "x", "RoleSessionName": "s"}),
            ),
            Role("arn:aws:iam::222222222222:role/b"),
        ),
        allowed_account_ids=("222222222222",),
        max_attempts=3,
        default_tags=(("team", "payments"),),
    )


def test_an_empty_configuration_leaves_everything_to_boto3():
    """Without `aws:` keys the environment and the shared files decide."""
    assert read({}) == Settings()


def test_structured_values_are_taken_decoded_as_well():
    """Whether the engine hands over JSON text or values makes no difference."""
    decoded = {
        key: json.loads(value) if value.startswith(("[", "{")) else value
        for key, value in CONFIG.items()
    }
    assert read(decoded) == read(CONFIG)


def test_no_key_is_ever_printed():
    """Whatever prints the settings, in a traceback or a log, shows no credentials."""
    assert "hunter" not in repr(read(CONFIG))
    assert "AKIA" not in f"{read(CONFIG)}"


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
    settings = read(CONFIG)
    assert overridden(settings, changes) == settings._replace(**expected)


ROLE = {"roleArn": "arn:aws:iam::123456789012:role/a"}
ACCOUNTS = ["123456789012"]
WRONG = {
    "allowedAccountIds": ("lots", "must be a list of strings"),
    "assumeRoleWithWebIdentity": ([ROLE], "must be a map with roleArn, duration, policy,"),
    "assumeRoles": (ROLE, "must be a list of maps with roleArn, duration, externalId,"),
    "defaultTags": (["a"], "must be a map with tags"),
    "endpoints": ({"sts": "http://localhost"}, "must be a list of maps"),
    "ignoreTags": ("cost", "must be a map with keys, keyPrefixes"),
    "insecure": ("lots", "must be true or false"),
    "maxRetries": ("lots", "must be a whole number"),
    "region": (7, "must be a string"),
}


@pytest.mark.parametrize("key", WRONG)
def test_a_setting_of_a_wrong_shape_is_told_by_its_right_one(key):
    """One sentence has the setting and its form, and never what was given: it may be a secret."""
    value, form = WRONG[key]
    for given in (value, json.dumps(value)) if not isinstance(value, int) else (value,):
        _, [failure] = taken({key: given})
        assert failure.path == key
        assert failure.reason.startswith(form)
        assert "lots" not in failure.reason


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"regoin": "x"}, "regoin is no setting of pulumi-aws's provider: did you mean region?"),
        ({"colour": "x"}, "colour is no setting of pulumi-aws's provider: take it out"),
        (
            {"assumeRole": ROLE},
            "assumeRole is no setting of pulumi-aws's provider: did you mean assumeRoles?",
        ),
        (
            {"assumeRoles": [{**ROLE, "externalID": "x"}]},
            (
                "assumeRoles[0].externalID is no setting of pulumi-aws's provider: did you mean "
                "externalId?"
            ),
        ),
        ({"assumeRoles": [{"policy": "{}"}]}, "assumeRoles[0].roleArn is required"),
        ({"assumeRoles": [{**ROLE, "tags": {"a": 1}}]}, "assumeRoles[0].tags.a must be a string"),
        (
            {"assumeRoles": [{**ROLE, "duration": "2d"}]},
            "assumeRoles[0].duration must be a duration from 15m to 12h, such as 1h or 1h30m",
        ),
        (
            {"assumeRoleWithWebIdentity": ROLE},
            ("assumeRoleWithWebIdentity must have either webIdentityToken or webIdentityTokenFile"),
        ),
        (
            {"allowedAccountIds": ["shop"]},
            "allowedAccountIds must be a list of account numbers of 12 digits, quoted",
        ),
        (
            {"allowedAccountIds": ACCOUNTS, "forbiddenAccountIds": ACCOUNTS},
            ("allowedAccountIds and forbiddenAccountIds exclude each other: take one of them out"),
        ),
        (
            {"forbiddenAccountIds": ACCOUNTS, "skipRequestingAccountId": True},
            (
                "skipRequestingAccountId and forbiddenAccountIds exclude each other: take one of "
                "them out"
            ),
        ),
        ({"accessKey": "AKIA"}, "secretKey is required, because accessKey is set"),
        ({"secretKey": "x"}, "accessKey is required, because secretKey is set"),
        ({"token": "x"}, "token is of no use without accessKey and secretKey: set them, too"),
        ({"maxRetries": "-1"}, "maxRetries must be 0 or more"),
        ({"retryMode": "legacy"}, "retryMode must be standard or adaptive"),
        (
            {"ec2MetadataServiceEndpointMode": "ipv6"},
            "ec2MetadataServiceEndpointMode must be IPv4 or IPv6",
        ),
        (
            {"sharedConfigFiles": ["a", "b"]},
            "sharedConfigFiles must be a list of one path: boto3 reads no second file",
        ),
        (
            {"defaultTags": {"tags": {"cost:x": "1"}}, "ignoreTags": {"keyPrefixes": ["cost:"]}},
            "defaultTags.tags.cost:x is a tag that ignoreTags ignores: take it out of one of them",
        ),
    ],
)
def test_a_mistake_is_one_sentence(config, sentence):
    """What a setting has that cannot be followed is told by its path, as JSON text as well."""
    _, failures = taken(config)
    assert [" ".join(failure) for failure in failures] == [sentence]
    texts = {key: json.dumps(value) for key, value in config.items() if isinstance(value, list)}
    assert taken({**config, **texts}) == taken(config)


def test_both_spellings_of_members_are_one():
    """pulumi-aws's SDK writes members of a provider's settings as Python spells them."""
    python = {"assumeRoles": [{"role_arn": ROLE["roleArn"], "external_id": "x"}]}
    assert read(python) == read({"assumeRoles": [{**ROLE, "externalId": "x"}]})
