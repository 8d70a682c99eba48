"""Each key of pulumi-aws's provider: a call is seen to follow it, or it is refused by its name.

The keys are those of the installed pulumi-aws: one that a new version adds fails here until
somebody decides about it. Real: the clients of the resources and of the stand-in, botocore, the
local AWS and its STS, TLS and proxies; what a call says is noted on its way there.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import pulumi_aws
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import resolve_imds_endpoint_mode
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config

from pulumi_incidents.identity.keys import (
    REFUSED,
    WITHOUT_MEANING,
    DefaultTagsKeys,
    IgnoreTagsKeys,
    ProviderKeys,
    RoleKeys,
    WebIdentityKeys,
)
from pulumi_incidents.identity.settings import Settings
from pulumi_incidents.providers import _aws, _client, _tags
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from pulumi_incidents.stand_in import _clients
from pulumi_incidents.stand_in._clients import LocalAws
from tests.conftest import ROOT
from tests.declarations import minimal
from tests.recorder import Recorder, certificate, recording

NOBODY = "http://127.0.0.1:9"
ROLE = "arn:aws:iam::210987654321:role/first"
LAST = "arn:aws:iam::111111111111:role/last"
SHARED = "[profile audit]\nregion = eu-west-1\n"
KEYS = "[audit]\naws_access_key_id = AUDIT\naws_secret_access_key = x\n"


def camel(name):
    """Return how a stack's configuration spells a key."""
    return re.sub(r"_(.)", lambda letter: letter[1].upper(), name)


def keys_of(declared):
    """Return the keys that pulumi-aws declares."""
    return {camel(name) for name in declared}


class Caller:
    """What reads a configuration and calls AWS with it."""

    service: str

    def __init__(self, url):
        self.url = url

    def config(self, **changes):
        """Return a configuration for the local AWS, with some keys changed or left out by None."""
        endpoints = [dict.fromkeys(("ssmincidents", "sns", "sts"), self.url)]
        keys = {"region": "us-east-1", "accessKey": "test", "secretKey": "test"}
        keys |= {"endpoints": endpoints, "maxRetries": 0, **changes}
        return {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in keys.items()
            if value is not None
        }


class Resources(Caller):
    """The dynamic resources."""

    service = "ssm-incidents"

    def call(self, **changes):
        """Call AWS once."""
        keys = {f"aws:{key}": value for key, value in self.config(**changes).items()}
        _aws.configure(ConfigureRequest(Config(keys, "incidents")))
        return _aws.INCIDENTS.call({}, "ListResponsePlans", "plans")


class StandIn(Caller):
    """The stand-in of pulumi-aws."""

    service = "sns"

    def call(self, **changes):
        """Call AWS once."""
        aws = LocalAws(self.config(**changes))
        try:
            return aws.client("sns").list_topics()
        finally:
            aws.close()


@pytest.fixture
def passing(local_aws, monkeypatch):
    """Note what reaches the local AWS, with nothing of this machine's configuration before it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    for cached in (_client.client, _client.account, _client._session):
        cached.cache_clear()
    with recording(local_aws.url) as recorder:
        yield recorder


@pytest.fixture(params=[Resources, StandIn])
def caller(request, passing):
    """Return each of what reads a configuration."""
    return request.param(passing.url)


def refused(caller, **changes):
    """Return the sentence with which a configuration is refused."""
    with pytest.raises((_aws.IncidentManagerError, *_clients.EXPECTED)) as failed:
        caller.call(**changes)
    return str(failed.value)


def the_call(caller, passing, **changes):
    """Make a call and return what was seen of it."""
    caller.call(**changes)
    [seen] = passing.of(caller.service)
    return seen


# How each key is shown to be followed.


class Case(NamedTuple):
    """Who calls, what sees it, and a folder for files."""

    caller: Caller
    passing: Recorder
    folder: Path


def access_key(case):
    """Show that the keys sign, and the token goes with them."""
    seen = the_call(case.caller, case.passing, accessKey="AKIA", secretKey="x", token="session")
    assert seen.key == "AKIA"
    assert seen.headers["X-Amz-Security-Token"] == "session"
    signed = {"access_key": "AKIA", "secret_key": "x", "token": "session"}
    assert signature(case.caller.service, seen, **signed) == seen.headers["Authorization"]
    another = signature(case.caller.service, seen, **{**signed, "secret_key": "y"})
    assert another != seen.headers["Authorization"]


def signature(service, seen, **keys):
    """Return how a request is signed with some keys: a secret is seen nowhere else."""
    headers = {key: value for key, value in seen.headers.items() if key.startswith("X-Amz-")}
    headers |= {key: seen.headers[key] for key in ("Content-Type", "Host") if key in seen.headers}
    request = AWSRequest("POST", f"http://{seen.headers['Host']}{seen.target}", headers, seen.body)
    request.context["timestamp"] = seen.headers["X-Amz-Date"]
    auth = SigV4Auth(Credentials(**keys), service, "us-east-1")
    text = auth.string_to_sign(request, auth.canonical_request(request))
    named = auth.signed_headers(auth.headers_to_sign(request))
    scope = f"{keys['access_key']}/{auth.credential_scope(request)}"
    signed = auth.signature(text, request)
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={named}, Signature={signed}"


def allowed_account_ids(case):
    """Show that another account is refused, and an allowed one is asked for once."""
    expected = "Account 123456789012 is none of aws:allowedAccountIds (210987654321)"
    assert expected in refused(case.caller, allowedAccountIds=["210987654321"])
    assert case.passing.of(case.caller.service) == []
    case.caller.call(allowedAccountIds=["123456789012"])
    assert len(case.passing.of(case.caller.service)) == 1


def forbidden_account_ids(case):
    """Show that a forbidden account is refused, and any other one is not."""
    expected = "Account 123456789012 is one of aws:forbiddenAccountIds; sign in to another one."
    assert expected in refused(case.caller, forbiddenAccountIds=["123456789012"])
    assert case.passing.of(case.caller.service) == []
    case.caller.call(forbiddenAccountIds=["210987654321"])


def assume_roles(case):
    """Show that roles are taken on one after the other, each with all that is said of it."""
    whole = {
        "roleArn": ROLE,
        "duration": "1h30m",
        "externalId": "shop",
        "policy": "{}",
        "policyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "sessionName": "deployment",
        "sourceIdentity": "somebody",
        "tags": {"team": "shop"},
        "transitiveTagKeys": ["team"],
    }
    assert set(whole) == set(RoleKeys.__annotations__)
    seen = the_call(case.caller, case.passing, assumeRoles=[whole, {"roleArn": LAST}])
    first, second = case.passing.of("sts")
    assert first.key == "test"
    assert {
        key: value for key, value in first.sent.items() if key not in ("Action", "Version")
    } == {
        "RoleArn": ROLE,
        "DurationSeconds": "5400",
        "ExternalId": "shop",
        "Policy": "{}",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "RoleSessionName": "deployment",
        "SourceIdentity": "somebody",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "shop",
        "TransitiveTagKeys.member.1": "team",
    }
    assert second.sent["RoleArn"] == LAST
    assert len({first.key, second.key, seen.key}) == 3


def assume_role_with_web_identity(case):
    """Show that the token is exchanged, and the next role taken on with what that gives."""
    (case.folder / "token").write_text("a.token.of.a.file\n")
    whole = {
        "roleArn": ROLE,
        "duration": "1h",
        "policy": "{}",
        "policyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "sessionName": "deployment",
        "webIdentityTokenFile": str(case.folder / "token"),
    }
    assert {*whole, "webIdentityToken"} == set(WebIdentityKeys.__annotations__)
    changes = {"accessKey": None, "secretKey": None, "assumeRoles": [{"roleArn": LAST}]}
    case.caller.call(assumeRoleWithWebIdentity=whole, **changes)
    first, second = case.passing.of("sts")
    assert first.key == ""
    sent = first.sent
    assert (sent["Action"], sent["RoleArn"]) == ("AssumeRoleWithWebIdentity", ROLE)
    assert (sent["WebIdentityToken"], sent["DurationSeconds"]) == ("a.token.of.a.file", "3600")
    assert (sent["RoleSessionName"], sent["Policy"]) == ("deployment", "{}")
    assert second.sent["RoleArn"] == LAST
    given = {"roleArn": ROLE, "webIdentityToken": "a.token"}
    case.caller.call(assumeRoleWithWebIdentity=given, **changes)
    assert case.passing.of("sts")[2].sent["WebIdentityToken"] == "a.token"
    gone = {**whole, "webIdentityTokenFile": str(case.folder / "gone")}
    assert "which cannot be read: No such file" in refused(
        case.caller, assumeRoleWithWebIdentity=gone, **changes
    )


def custom_ca_bundle(case):
    """Show that a certificate that nobody signed is taken with its own file, and not without."""
    file = certificate(case.folder)
    with recording(case.passing.url, file) as secure:
        case.caller.url = secure.url
        the_call(case.caller, case.passing, customCaBundle=str(file))
        refused(case.caller)
        assert len(secure.seen) == 1


def insecure(case):
    """Show that whoever asks for it gets a call to whomever answers."""
    with recording(case.passing.url, certificate(case.folder)) as secure, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # urllib3 warns of what was asked for
        case.caller.url = secure.url
        the_call(case.caller, case.passing, insecure=True)


def ec2_metadata_service_endpoint(case):
    """Show that the machine's role is asked for there; by the stand-in it never is."""
    no_keys = {"accessKey": None, "secretKey": None}
    if isinstance(case.caller, StandIn):
        assert (
            the_call(case.caller, case.passing, ec2MetadataServiceEndpoint=NOBODY, **no_keys).key
            == "local"
        )
        return
    seen = the_call(
        case.caller, case.passing, ec2MetadataServiceEndpoint=case.passing.url, **no_keys
    )
    assert seen.key not in ("", "test")
    assert any("/latest/meta-data/iam/" in each.target for each in case.passing.seen)
    case.passing.seen.clear()
    more = {"skipMetadataApiCheck": True, **no_keys}
    said = refused(case.caller, ec2MetadataServiceEndpoint=case.passing.url, **more)
    assert "there are no AWS credentials" in said
    assert case.passing.seen == []


def ec2_metadata_service_endpoint_mode(case):
    """Show that botocore asks at the address of that mode, which no test can have."""
    case.caller.call(ec2MetadataServiceEndpointMode="IPv6")
    session = _client._session(Settings(ec2_metadata_service_endpoint_mode="IPv6"))
    assert resolve_imds_endpoint_mode(session._session) == "ipv6"


def default_tags(case):
    """Show that everything that is made gets them."""
    assert set(DefaultTagsKeys.__annotations__) == {"tags"}
    tags = {"tags": {"team": "shop"}}
    if isinstance(case.caller, StandIn):
        assert LocalAws(case.caller.config(defaultTags=tags)).default_tags == {"team": "shop"}
        return
    case.caller.call(defaultTags=tags)
    provider = ResponsePlanProvider()
    provider.create(provider.check({}, minimal("tagged")).inputs)
    assert case.passing.seen[-1].sent["tags"]["team"] == "shop"


def ignore_tags(case):
    """Show that what is ignored is no drift, and is never removed."""
    assert set(IgnoreTagsKeys.__annotations__) == {"keys", "keyPrefixes"}
    ignored = {"keys": ["owner"], "keyPrefixes": ["cost:"]}
    if isinstance(case.caller, StandIn):
        ignores = LocalAws(case.caller.config(ignoreTags=ignored)).ignores
        assert [*map(ignores, ("owner", "owners", "cost:center"))] == [True, False, True]
        return
    provider = ResponsePlanProvider()
    case.caller.call()
    made = provider.create(minimal("ignoring"))
    thing = provider.thing(made.outs, made.id)
    _tags.add(thing, {"owner": "me", "cost:center": "42", "other": "1"})
    case.caller.call(ignoreTags=ignored)
    found = provider.read(made.id, made.outs)
    assert found.inputs["tags"] == {"other": "1"}
    stale = {**made.outs, "tags": {"cost:center": "42"}}  # as it was before it was ignored
    assert provider.diff(made.id, stale, made.outs).changes is False
    provider.update(made.id, {**found.outs, "tags": {"cost:center": "42", "other": "1"}}, made.outs)
    case.caller.call()
    kept = {key for key in _tags.read(thing) if not key.startswith("pulumi")}
    assert kept == {"owner", "cost:center"}
    case.caller.call(ignoreTags=ignored)
    adopted = provider.create({**minimal("ignoring"), "adopt_existing": True})
    case.caller.call()
    assert kept < set(_tags.read(thing))
    case.caller.call(ignoreTags=ignored)
    [failure] = provider.check({}, {**minimal("a"), "tags": {"cost:x": "1"}}).failures
    assert "is ignored by aws:ignoreTags: take it out of one of them" in failure.reason
    provider.delete(adopted.id, adopted.outs)


def endpoints(case):
    """Show that calls go to the address that is named."""
    the_call(case.caller, case.passing)


def http_proxy(case):
    """Show that a proxy gets the whole address, unless the host is excepted."""
    case.caller.url, proxy = "http://localhost:7", case.passing.url
    seen = the_call(case.caller, case.passing, httpProxy=proxy)
    assert seen.target.startswith("http://localhost:7/")
    case.passing.seen.clear()
    case.caller.url = proxy
    the_call(case.caller, case.passing, httpProxy=NOBODY, noProxy="localhost")


def https_proxy(case):
    """Show that a proxy is asked for AWS's own address; the stand-in never goes there."""
    assert connected(case.caller, case.passing) == "ssm-incidents.us-east-1.amazonaws.com:443"


def connected(caller, passing, **changes):
    """Return the host that a proxy is asked for; of the stand-in, that it is asked for none."""
    said = refused(caller, endpoints=None, httpsProxy=passing.url, **changes)
    if isinstance(caller, StandIn):
        assert said == _clients.NOT_LOCAL
        assert passing.seen == []
        return connected(Resources(caller.url), passing, **changes)
    [seen] = passing.of("CONNECT")
    return seen.target


def max_retries(case):
    """Show that a call is repeated that often, and no more."""
    with recording(NOBODY) as broken:
        case.caller.url = broken.url
        refused(case.caller, maxRetries=2)
        assert len(broken.seen) == 3


def profile(case):
    """Show that a profile of the named files signs, and its region is called."""
    (case.folder / "config").write_text(SHARED)
    (case.folder / "credentials").write_text(KEYS)
    files = {
        "sharedConfigFiles": [str(case.folder / "config")],
        "sharedCredentialsFiles": [str(case.folder / "credentials")],
    }
    nothing = {"accessKey": None, "secretKey": None}
    seen = the_call(case.caller, case.passing, profile="audit", **files, **nothing)
    assert seen.key == "AUDIT"
    gone = {key: [str(case.folder / "gone")] for key in files}
    for key in files:
        said = refused(case.caller, profile="audit", **{**files, key: gone[key]}, **nothing)
        assert f"aws:{key} names {gone[key][0]}, which is no file: correct it." in said


def region(case):
    """Show that that region is called."""
    assert the_call(case.caller, case.passing, region="eu-west-1").region == "eu-west-1"


def retry_mode(case):
    """Show that botocore says in its user agent how it repeats."""
    seen = the_call(case.caller, case.passing, retryMode="adaptive")
    assert "cfg/retry-mode#adaptive" in seen.headers["User-Agent"]


def sts_region(case):
    """Show that sTS is asked there, and the service where it is."""
    seen = the_call(
        case.caller, case.passing, stsRegion="eu-west-1", assumeRoles=[{"roleArn": ROLE}]
    )
    assert [each.region for each in case.passing.of("sts")] == ["eu-west-1"]
    assert seen.region == "us-east-1"


def use_dualstack_endpoint(case):
    """Show that the address is the one for both versions of IP."""
    found = connected(case.caller, case.passing, useDualstackEndpoint=True)
    assert found == "ssm-incidents.us-east-1.api.aws:443"


def use_fips_endpoint(case):
    """Show that the address is the one with validated cryptography."""
    found = connected(case.caller, case.passing, useFipsEndpoint=True)
    assert found == "ssm-incidents-fips.us-east-1.amazonaws.com:443"


def user_agents(case):
    """Show that they are added to the user agent."""
    seen = the_call(case.caller, case.passing, userAgents=["shop/1.0 (night)"])
    assert seen.headers["User-Agent"].endswith("shop/1.0 (night)")


FOLLOWED = {
    "accessKey": access_key,
    "allowedAccountIds": allowed_account_ids,
    "assumeRoleWithWebIdentity": assume_role_with_web_identity,
    "assumeRoles": assume_roles,
    "customCaBundle": custom_ca_bundle,
    "defaultTags": default_tags,
    "ec2MetadataServiceEndpoint": ec2_metadata_service_endpoint,
    "ec2MetadataServiceEndpointMode": ec2_metadata_service_endpoint_mode,
    "endpoints": endpoints,
    "forbiddenAccountIds": forbidden_account_ids,
    "httpProxy": http_proxy,
    "httpsProxy": https_proxy,
    "ignoreTags": ignore_tags,
    "insecure": insecure,
    "maxRetries": max_retries,
    "noProxy": http_proxy,
    "profile": profile,
    "region": region,
    "retryMode": retry_mode,
    "secretKey": access_key,
    "sharedConfigFiles": profile,
    "sharedCredentialsFiles": profile,
    "skipMetadataApiCheck": ec2_metadata_service_endpoint,
    "stsRegion": sts_region,
    "token": access_key,
    "useDualstackEndpoint": use_dualstack_endpoint,
    "useFipsEndpoint": use_fips_endpoint,
    "userAgents": user_agents,
}


def test_every_key_of_pulumi_aws_is_decided():
    """A key that pulumi-aws adds, or takes away, is followed, without meaning, or refused."""
    parameters = inspect.signature(pulumi_aws.ProviderArgs.__init__).parameters
    known = keys_of(parameters) - {"Self"} - {camel("__self__")}
    assert set(ProviderKeys.__annotations__) == known
    assert known == FOLLOWED.keys() | WITHOUT_MEANING.keys() | REFUSED.keys()
    assert not FOLLOWED.keys() & (WITHOUT_MEANING.keys() | REFUSED.keys())
    inner = {
        RoleKeys: "ProviderAssumeRoleArgsDict",
        WebIdentityKeys: "ProviderAssumeRoleWithWebIdentityArgsDict",
        DefaultTagsKeys: "ProviderDefaultTagsArgsDict",
        IgnoreTagsKeys: "ProviderIgnoreTagsArgsDict",
    }
    for keys, name in inner.items():
        assert set(keys.__annotations__) == keys_of(getattr(pulumi_aws, name).__annotations__)


@pytest.mark.parametrize("show", dict.fromkeys(FOLLOWED.values()), ids=lambda show: show.__name__)
def test_a_key_is_followed(caller, passing, tmp_path, show):
    """What reaches AWS, STS or a proxy is as the key says."""
    show(Case(caller, passing, tmp_path))


@pytest.mark.parametrize("key", WITHOUT_MEANING)
def test_a_key_without_meaning_changes_nothing(caller, passing, key):
    """There is nothing that it could change: the one call is as it was."""
    value = "regional" if ProviderKeys.__annotations__[key].__forward_arg__ == "str" else "true"
    the_call(caller, passing, **{key: value})
    assert len(passing.seen) == 1


@pytest.mark.parametrize("key", REFUSED)
def test_a_key_that_cannot_be_followed_is_refused_in_preview(caller, passing, key):
    """By its name, before anything is called, and in a check as well."""
    value = {"tagPolicyCompliance": "error"}.get(key, "100")
    assert f"{key} cannot be followed" in refused(caller, **{key: value})
    failures = ResponsePlanProvider().check({}, minimal("a")).failures
    if isinstance(caller, Resources):
        assert [failure.reason for failure in failures] == [f"aws:{key} {REFUSED[key]}"]
    assert passing.seen == []


def test_every_key_is_in_the_documents():
    """A table has all keys, and what comes of each."""
    page = (ROOT / "docs/configuration.md").read_text()
    missing = [key for key in ProviderKeys.__annotations__ if f"`aws:{key}`" not in page]
    assert missing == []
    for reason in WITHOUT_MEANING.values():
        assert reason in page
