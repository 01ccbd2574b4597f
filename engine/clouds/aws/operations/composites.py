"""What people ask for of a bucket or a database, as the typed API steps it takes; every step is shown on the card.

A composite gives its steps only what it means to change. `feature` is the word of the intent schema for what is to be
enabled or disabled.
"""

from collections.abc import Callable

from engine.clouds.aws.names import partition
from engine.clouds.aws.operations import rds
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
    PUT_VERSIONING,
    SWITCHES,
    block_of,
)
from engine.clouds.operation import Composite, ExpandedStep, Param, ParamKind, Params
from engine.clouds.verdicts import text
from engine.estate.resource import Cloud, Json, Resource


def _feature(*choices: str) -> Param:
    return Param(name="feature", kind=ParamKind.TEXT, choices=choices)


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


def _switched(*, on: bool) -> Callable[[Resource, Params], tuple[ExpandedStep, ...]]:
    """Return the expansion that turns a bucket's feature on or off."""

    def expand(resource: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
        if resource.facts.get("versioning") is on:
            return ()
        return (ExpandedStep(operation=PUT_VERSIONING, params={"status": "Enabled" if on else "Suspended"}),)

    return expand


def _set(**wanted: Json) -> Callable[[Resource, Params], tuple[ExpandedStep, ...]]:
    """Return the expansion that gives a database settings it does not have yet."""

    def expand(resource: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
        held = rds.settings_of(resource)
        if all(held[name] == value for name, value in wanted.items()):
            return ()
        return (ExpandedStep(operation=rds.MODIFY, params=wanted),)

    return expand


def _resized(resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    """A database answers to `db.m5.large`; people also say `m5.large`."""
    wanted = "db." + text(params, "instance_type").removeprefix("db.")
    if resource.size == wanted:
        return ()
    return (ExpandedStep(operation=rds.MODIFY, params={"instance_class": wanted}),)


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
    Composite(
        id="escher.s3.enable",
        action="enable",
        type=BUCKET,
        cloud=Cloud.AWS,
        words=("Enable", "Enabling", "Enabled"),
        expand=_switched(on=True),
        params=(_feature("versioning"),),
    ),
    Composite(
        id="escher.s3.disable",
        action="disable",
        type=BUCKET,
        cloud=Cloud.AWS,
        words=("Disable", "Disabling", "Disabled"),
        expand=_switched(on=False),
        params=(_feature("versioning"),),
    ),
    Composite(
        id="escher.rds.make_private",
        action="make_private",
        type=rds.DATABASE,
        cloud=Cloud.AWS,
        words=("Make private", "Making private", "Made private"),
        expand=_set(public=False),
    ),
    Composite(
        id="escher.rds.make_public",
        action="make_public",
        type=rds.DATABASE,
        cloud=Cloud.AWS,
        words=("Make public", "Making public", "Made public"),
        expand=_set(public=True),
    ),
    Composite(
        id="escher.rds.enable",
        action="enable",
        type=rds.DATABASE,
        cloud=Cloud.AWS,
        words=("Enable", "Enabling", "Enabled"),
        expand=_set(deletion_protection=True),
        params=(_feature("deletion_protection"),),
    ),
    Composite(
        id="escher.rds.disable",
        action="disable",
        type=rds.DATABASE,
        cloud=Cloud.AWS,
        words=("Disable", "Disabling", "Disabled"),
        expand=_set(deletion_protection=False),
        params=(_feature("deletion_protection"),),
    ),
    Composite(
        id="escher.rds.resize",
        action="resize",
        type=rds.DATABASE,
        cloud=Cloud.AWS,
        words=("Resize", "Resizing", "Resized"),
        expand=_resized,
        params=(Param(name="instance_type", kind=ParamKind.TEXT, pattern=r"(db\.)?[a-z0-9\-]+\.[a-z0-9\-]+", most=40),),
    ),
)
