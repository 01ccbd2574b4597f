"""What people ask for of a bucket, as the typed API steps it takes; every step is shown on the card."""

from engine.clouds.aws.names import partition
from engine.clouds.aws.operations.declaring import KEYS, TAGS, own_id
from engine.clouds.aws.operations.openness import with_public_read
from engine.clouds.aws.operations.s3 import (
    BUCKET,
    CANNED,
    PUT_ACL,
    PUT_BLOCK,
    PUT_ENCRYPTION,
    PUT_POLICY,
    PUT_TAGS,
    SWITCHES,
    block_of,
)
from engine.clouds.operation import Composite, ExpandedStep, Params
from engine.estate.resource import Cloud, Resource

_SHUT: Params = dict.fromkeys(SWITCHES, True)


def _make_private(resource: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """First a public canned ACL goes, so that lifting the block later does not open the bucket again; then the block."""
    if resource.public is False and block_of(resource) == _SHUT:
        return ()
    steps = []
    if resource.facts.get("acl") in CANNED and resource.facts.get("acl") != "private":
        steps.append(
            ExpandedStep(operation=PUT_ACL, params={"acl": "private"}, reason="the access list lets anyone in")
        )
    steps.append(
        ExpandedStep(
            operation=PUT_BLOCK,
            params=_SHUT,
            after=tuple(range(len(steps))),
            reason="no access list and no policy opens it any more",
        )
    )
    return tuple(steps)


def _make_public(resource: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Let public policies through, then let everyone read the objects; nothing when the policy could not be read."""
    if "policy" not in resource.facts or (resource.public and resource.facts.get("policy_public")):
        return ()
    steps = []
    block = block_of(resource)
    if block["block_public_policy"] or block["restrict_public_buckets"]:
        params: Params = {**block, "block_public_policy": False, "restrict_public_buckets": False}
        steps.append(ExpandedStep(operation=PUT_BLOCK, params=params, reason="a public policy is blocked"))
    if not resource.facts.get("policy_public"):
        policy = with_public_read(
            str(resource.facts["policy"]), bucket=own_id(resource), partition=partition(resource.region)
        )
        steps.append(
            ExpandedStep(
                operation=PUT_POLICY,
                params={"policy": policy},
                after=tuple(range(len(steps))),
                reason="everyone may read its objects",
            )
        )
    return tuple(steps)


def _encrypt(resource: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Encrypt with S3's own keys; a key of a proposal's choice would hand the data to whoever owns the key."""
    if resource.encrypted:
        return ()
    return (ExpandedStep(operation=PUT_ENCRYPTION, params={"algorithm": "AES256"}),)


def _retag(_resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    return (ExpandedStep(operation=PUT_TAGS, params=params),)


COMPOSITES: tuple[Composite, ...] = (
    Composite(
        id="escher.s3.make_private",
        action="make_private",
        type=BUCKET,
        cloud=Cloud.AWS,
        words=("Make private", "Making private", "Made private"),
        expand=_make_private,
    ),
    Composite(
        id="escher.s3.make_public",
        action="make_public",
        type=BUCKET,
        cloud=Cloud.AWS,
        words=("Make public", "Making public", "Made public"),
        expand=_make_public,
    ),
    Composite(
        id="escher.s3.encrypt",
        action="encrypt",
        type=BUCKET,
        cloud=Cloud.AWS,
        words=("Encrypt", "Encrypting", "Encrypted"),
        expand=_encrypt,
    ),
    Composite(
        id="escher.s3.tag",
        action="tag",
        type=BUCKET,
        cloud=Cloud.AWS,
        words=("Tag", "Tagging", "Tagged"),
        expand=_retag,
        params=(TAGS,),
    ),
    Composite(
        id="escher.s3.untag",
        action="untag",
        type=BUCKET,
        cloud=Cloud.AWS,
        words=("Untag", "Untagging", "Untagged"),
        expand=_retag,
        params=(KEYS,),
    ),
)
