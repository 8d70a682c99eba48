"""Every key of pulumi-aws's provider: what its value is, and what comes of it. Pure.

Follows https://www.pulumi.com/registry/packages/aws/installation-configuration/. A key that is not
declared here is refused, and so is what cannot be followed: nothing is left out silently.
"""

from __future__ import annotations

from typing_extensions import Required, TypedDict


class RoleKeys(TypedDict, total=False):
    """One role to take on: members of AssumeRole."""

    roleArn: Required[str]
    duration: str
    externalId: str
    policy: str
    policyArns: list[str]
    sessionName: str
    sourceIdentity: str
    tags: dict[str, str]
    transitiveTagKeys: list[str]


class WebIdentityKeys(TypedDict, total=False):
    """A role to take on with a token of somebody else: members of AssumeRoleWithWebIdentity."""

    roleArn: Required[str]
    duration: str
    policy: str
    policyArns: list[str]
    sessionName: str
    webIdentityToken: str
    webIdentityTokenFile: str


class DefaultTagsKeys(TypedDict, total=False):
    """Tags that everything gets."""

    tags: dict[str, str]


class IgnoreTagsKeys(TypedDict, total=False):
    """Tags that are somebody else's business."""

    keys: list[str]
    keyPrefixes: list[str]


class ProviderKeys(TypedDict, total=False):
    """The keys, as a stack's configuration spells them after `aws:`; all of them are followed.

    But for those of `WITHOUT_MEANING` and `REFUSED`.
    """

    accessKey: str
    allowedAccountIds: list[str]
    assumeRoleWithWebIdentity: WebIdentityKeys
    assumeRoles: list[RoleKeys]
    customCaBundle: str
    defaultTags: DefaultTagsKeys
    ec2MetadataServiceEndpoint: str
    ec2MetadataServiceEndpointMode: str
    endpoints: list[dict[str, str]]
    forbiddenAccountIds: list[str]
    httpProxy: str
    httpsProxy: str
    ignoreTags: IgnoreTagsKeys
    insecure: bool
    maxRetries: int
    noProxy: str
    profile: str
    region: str
    retryMode: str
    s3UsEast1RegionalEndpoint: str
    s3UsePathStyle: bool
    secretKey: str
    sharedConfigFiles: list[str]
    sharedCredentialsFiles: list[str]
    skipCredentialsValidation: bool
    skipMetadataApiCheck: bool
    skipRegionValidation: bool
    skipRequestingAccountId: bool
    stsRegion: str
    tagPolicyCompliance: str
    token: str
    tokenBucketRateLimiterCapacity: int
    useDualstackEndpoint: bool
    useFipsEndpoint: bool
    userAgents: list[str]


SECRET = frozenset(
    {"accessKey", "secretKey", "token", "assumeRoleWithWebIdentity", "httpProxy", "httpsProxy"}
)
"""Keys whose value is a secret, or may have one in it, even where nobody has marked it."""

OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL"})
"""What the engine itself keeps among the keys: which plugin it is."""

WITHOUT_MEANING = {
    "s3UsEast1RegionalEndpoint": "S3 is not called",
    "s3UsePathStyle": "S3 is not called",
    "skipCredentialsValidation": "credentials are never validated for their own sake",
    "skipRegionValidation": "a region is never compared with a list",
    "skipRequestingAccountId": "the account is asked for only where its number decides something",
}
"""Keys that say how pulumi-aws does what is not done here, and why that is so."""

REFUSED = {
    "tagPolicyCompliance": (
        "cannot be followed, tags are not compared with a tag policy: take it out, or set it to "
        "disabled"
    ),
    "tokenBucketRateLimiterCapacity": (
        "cannot be followed, boto3 has a bucket of one size: take it out, and set maxRetries or "
        "retryMode"
    ),
}
"""Keys that cannot be followed, and what to do."""
