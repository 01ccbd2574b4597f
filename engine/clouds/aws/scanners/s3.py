"""S3 buckets, with what decides whether they are open.

`public` is the effect, not one switch: an ACL that grants to everyone counts unless `IgnorePublicAcls` holds, a public
policy counts unless `RestrictPublicBuckets` holds, and the account's own block counts as well as the bucket's
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).

Facts: `acl` (a canned name or `custom`), `public_access_block` (None: no configuration), `policy` (the text, empty: none),
`policy_public`, `encryption` (None: none), `versioning`. A fact that could not be read is absent, and named in `unread`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from engine.clouds.aws.failures import SILENCES
from engine.clouds.aws.names import bucket_arn, local_id
from engine.clouds.aws.operations.openness import policy_opens
from engine.clouds.aws.scanners.place import Place, in_utc, owner_of, tags_of
from engine.clouds.aws.session import GLOBAL_REGION
from engine.estate.resource import Cloud, Json, Resource

_WORKERS = 8
_PAGE = 500
_EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
_SIGNED_IN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
_CANNED = {
    frozenset[tuple[str, str]](): "private",
    frozenset({(_EVERYONE, "READ")}): "public-read",
    frozenset({(_EVERYONE, "READ"), (_EVERYONE, "WRITE")}): "public-read-write",
    frozenset({(_SIGNED_IN, "READ")}): "authenticated-read",
}
_ABSENT = frozenset({
    "NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration", "NoSuchTagSet",
    "ServerSideEncryptionConfigurationNotFoundError",
})  # fmt: skip
_UNREADABLE = frozenset({"AccessDenied", "AllAccessDisabled", "MethodNotAllowed", "NotImplemented"})
_OLD_NAMES = {"": GLOBAL_REGION, "EU": "eu-west-1"}


class S3Scanner:
    """Reads all buckets of an account, whatever their region."""

    @property
    def types(self) -> frozenset[str]:
        """Buckets."""
        return frozenset({"s3::bucket"})

    @property
    def parts(self) -> Sequence[Callable[[Place], Iterable[Resource]]]:
        """Buckets."""
        return (_buckets,)

    def read(self, place: Place, resource: Resource) -> Resource | None:
        """Read a bucket again; through the list, because nothing else tells when it was made."""
        name = local_id(resource.id)
        found = next((raw for raw in _listed(place, Prefix=name) if raw["Name"] == name), None)
        return _bucket(place, found, _account_block(place)) if found else None


def _buckets(place: Place) -> Iterator[Resource]:
    everywhere = _account_block(place)
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="escher-s3") as pool:
        found = pool.map(lambda raw: _bucket(place, raw, everywhere), _listed(place))
        yield from (bucket for bucket in found if bucket)


def _listed(place: Place, **only: Any) -> Iterator[Mapping[str, Any]]:
    pages = place.client("s3", GLOBAL_REGION).get_paginator("list_buckets")
    for page in pages.paginate(**only, PaginationConfig={"PageSize": _PAGE}):
        yield from page.get("Buckets", ())


def _account_block(place: Place) -> Mapping[str, bool]:
    """Return the account's own block; none when it cannot be read, which may show a bucket as more open than it is."""
    if place.session.local:  # the call puts the account id before the host name
        return {}
    try:
        answer = place.client("s3control", GLOBAL_REGION).get_public_access_block(AccountId=place.account)
    except (ClientError, *SILENCES):
        return {}
    return dict(answer["PublicAccessBlockConfiguration"])


@dataclass(slots=True, kw_only=True)
class _Look:
    """The settings of one bucket, asked one by one; what may not be read stays unknown."""

    client: Any
    name: str
    unread: list[Json] = field(default_factory=list)

    def ask(self, what: str, method: str, key: str = "") -> tuple[bool, Any]:
        """Return whether the setting is known, and the setting (None when there is none)."""
        try:
            answer = getattr(self.client, method)(Bucket=self.name)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _ABSENT:
                return True, None
            if code in _UNREADABLE:
                self.unread.append(what)
                return False, None
            raise
        return True, answer[key] if key else answer


def _bucket(place: Place, raw: Mapping[str, Any], everywhere: Mapping[str, bool]) -> Resource | None:
    try:
        region = raw.get("BucketRegion") or _region(place, raw["Name"])
        look = _Look(client=place.client("s3", region), name=raw["Name"])
        return _looked_at(place, raw, region, look, everywhere)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return None
        raise


def _region(place: Place, name: str) -> str:
    answer = place.client("s3", GLOBAL_REGION).get_bucket_location(Bucket=name)
    said = answer.get("LocationConstraint") or ""
    return _OLD_NAMES.get(said, said)


def _looked_at(
    place: Place, raw: Mapping[str, Any], region: str, look: _Look, everywhere: Mapping[str, bool]
) -> Resource:
    _, tag_set = look.ask("tags", "get_bucket_tagging", "TagSet")
    _, versioning = look.ask("versioning", "get_bucket_versioning")
    knows_encryption, encryption = look.ask("encryption", "get_bucket_encryption", "ServerSideEncryptionConfiguration")
    access = {**_block(look), **_acl(look), **_policy(look)}
    tags = tags_of(tag_set)
    return Resource(
        id=bucket_arn(region=region, name=look.name),
        type="s3::bucket",
        cloud=Cloud.AWS,
        account=place.account,
        region=region,
        name=look.name,
        tags=tags,
        created_at=in_utc(raw.get("CreationDate")),
        public=_open(access, everywhere),
        encrypted=bool(encryption) if knows_encryption else None,
        facts={
            **access,
            **({"encryption": _encryption(encryption)} if knows_encryption else {}),
            "versioning": (versioning or {}).get("Status") == "Enabled",
            **({"unread": look.unread} if look.unread else {}),
            **owner_of(tags),
        },
    )


def _block(look: _Look) -> dict[str, Json]:
    known, block = look.ask("public_access_block", "get_public_access_block", "PublicAccessBlockConfiguration")
    return {"public_access_block": dict(block) if block else None} if known else {}


def _acl(look: _Look) -> dict[str, Json]:
    known, grants = look.ask("acl", "get_bucket_acl", "Grants")
    if not known:
        return {}
    others = frozenset(
        (grant["Grantee"]["URI"], grant["Permission"]) for grant in grants or () if grant["Grantee"].get("URI")
    )
    people = {grant["Grantee"].get("ID") for grant in grants or () if not grant["Grantee"].get("URI")}
    name = _CANNED.get(others, "custom") if len(people) <= 1 else "custom"
    return {"acl": name, "acl_public": any(uri in {_EVERYONE, _SIGNED_IN} for uri, _ in others)}


def _policy(look: _Look) -> dict[str, Json]:
    known, policy = look.ask("policy", "get_bucket_policy", "Policy")
    if not known:
        return {}
    if not policy:
        return {"policy": "", "policy_public": False}
    judged, status = look.ask("policy_status", "get_bucket_policy_status", "PolicyStatus")
    return {"policy": policy, "policy_public": bool((status or {}).get("IsPublic")) if judged else policy_opens(policy)}


def _open(access: Mapping[str, Json], everywhere: Mapping[str, bool]) -> bool | None:
    """Return whether anyone may reach the bucket; None when a setting that decides it could not be read."""
    if not {"public_access_block", "acl_public", "policy_public"} <= access.keys():
        return None
    block = access["public_access_block"]
    own = block if isinstance(block, Mapping) else {}
    ignores_acls = bool(own.get("IgnorePublicAcls")) or bool(everywhere.get("IgnorePublicAcls"))
    restricts = bool(own.get("RestrictPublicBuckets")) or bool(everywhere.get("RestrictPublicBuckets"))
    return bool(access["acl_public"] and not ignores_acls) or bool(access["policy_public"] and not restricts)


def _encryption(raw: Mapping[str, Any] | None) -> Json:
    for rule in (raw or {}).get("Rules", ()):
        default = rule.get("ApplyServerSideEncryptionByDefault", {})
        return {
            "algorithm": default.get("SSEAlgorithm", ""),
            "kms_key": default.get("KMSMasterKeyID", ""),
            "bucket_key": str(rule.get("BucketKeyEnabled", False)).lower() == "true",
        }
    return None
