"""S3 buckets: who may read them, encryption, tags, deletion.

All settings are whole documents that are put or deleted, so repeating one changes nothing more (`natural`). Tags too are one
document: putting tags reads it, changes it and writes it back, and S3 offers no condition on that write, so a tag that
somebody else sets in the same instant can be lost; repeating it still changes nothing more.

What closes a bucket is the public access block: with `IgnorePublicAcls` and `RestrictPublicBuckets` no ACL and no policy
opens it, and putting the block back as it was opens exactly what was open. What needs no verb of its own serves composites
and undos only: a bucket policy in particular is never taken from a proposal.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.clouds.aws.operations.declaring import (
    KEYS,
    TAGS,
    CommandLine,
    as_tag_options,
    command,
    own_id,
    tagged,
    untagged,
)
from engine.clouds.aws.operations.openness import policy_opens, same_policy
from engine.clouds.operation import Effect, ExpandedStep, Inverse, Operation, Param, ParamKind, Params, ReplayClass
from engine.clouds.verdicts import gone, listed, text, texts, when
from engine.estate.resource import Cloud, Json, Resource

BUCKET = "s3::bucket"
PUT_BLOCK, DELETE_BLOCK = "aws.s3.put_public_access_block", "aws.s3.delete_public_access_block"
PUT_POLICY, DELETE_POLICY = "aws.s3.put_bucket_policy", "aws.s3.delete_bucket_policy"
PUT_ENCRYPTION, DELETE_ENCRYPTION = "aws.s3.put_bucket_encryption", "aws.s3.delete_bucket_encryption"
PUT_VERSIONING = "aws.s3.put_bucket_versioning"
PUT_ACL, PUT_TAGS = "aws.s3.put_bucket_acl", "aws.s3.put_bucket_tagging"
SWITCHES = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
CANNED = ("private", "public-read", "public-read-write", "authenticated-read")

ACL = Param(name="acl", kind=ParamKind.TEXT, choices=CANNED)
POLICY = Param(name="policy", kind=ParamKind.TEXT, most=20_480)
OPTIONAL_TAGS = replace(TAGS, required=False)
OPTIONAL_KEYS = replace(KEYS, required=False)


def _line(verb: str, **options: Callable[[Params], str]) -> CommandLine:
    """Return the `aws s3api` command line of a verb; an option's text is computed from the parameters."""
    return lambda resource, params: command(
        "s3api",
        verb,
        resource.region,
        bucket=own_id(resource),
        **{name: value(params) for name, value in options.items()},
    )


def _setting(
    id_: str,
    *,
    permission: str,
    words: tuple[str, str, str],
    holds: Callable[[Resource, Params], bool],
    cli: CommandLine,
    inverse: Inverse,
    params: tuple[Param, ...] = (),
    exposes: bool = False,
    exposes_when: Callable[[Params], bool] | None = None,
) -> Operation:
    """Declare an operation that puts or deletes one of a bucket's setting documents; composites and undos use it."""
    return Operation(
        id=id_,
        action="",
        type=BUCKET,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=(permission,),
        words=words,
        verdict=when(holds),
        cli=cli,
        params=params,
        inverse=inverse,
        exposes=exposes,
        exposes_when=exposes_when,
        expected_seconds=2,
        deadline_seconds=60,
    )


def block_of(resource: Resource) -> dict[str, bool]:
    """Return the bucket's public access block by our parameter names; all off when there is none."""
    block = resource.facts.get("public_access_block")
    known = block if isinstance(block, Mapping) else {}
    return {name: bool(known.get(switch)) for name, switch in SWITCHES.items()}


def _block_back(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    if "public_access_block" not in before.facts:
        return ()
    if before.facts["public_access_block"] is None:
        return (ExpandedStep(operation=DELETE_BLOCK, reason="there was none"),)
    return (ExpandedStep(operation=PUT_BLOCK, params={**block_of(before)}, reason="as it was"),)


def _policy_back(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    if "policy" not in before.facts:
        return ()
    if policy := str(before.facts["policy"]):
        return (ExpandedStep(operation=PUT_POLICY, params={"policy": policy}, reason="as it was"),)
    return (ExpandedStep(operation=DELETE_POLICY, reason="there was none"),)


def _acl_back(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    acl = before.facts.get("acl")
    return (ExpandedStep(operation=PUT_ACL, params={"acl": acl}, reason="as it was"),) if acl in CANNED else ()


def _encryption_back(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    if "encryption" not in before.facts:
        return ()
    encryption = before.facts["encryption"]
    if not isinstance(encryption, Mapping):
        return (ExpandedStep(operation=DELETE_ENCRYPTION, reason="there was none"),)
    return (ExpandedStep(operation=PUT_ENCRYPTION, params={**encryption}, reason="as it was"),)


def _versioning_back(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Versioning that was never on can only be suspended, which writes no versions either."""
    if "versioning" not in before.facts:
        return ()
    status = "Enabled" if before.facts["versioning"] else "Suspended"
    return (ExpandedStep(operation=PUT_VERSIONING, params={"status": status}),)


def _tags_back(before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    touched = {*texts(params, "tags"), *listed(params, "keys")}
    old: dict[str, Json] = {key: before.tags[key] for key in sorted(touched) if key in before.tags}
    new: list[Json] = [key for key in sorted(texts(params, "tags")) if key not in before.tags]
    return (ExpandedStep(operation=PUT_TAGS, params={"tags": old, "keys": new}),) if old or new else ()


def _encrypted_so(now: Resource, params: Params) -> bool:
    encryption = now.facts.get("encryption")
    return isinstance(encryption, Mapping) and all(
        encryption.get(name) == value for name, value in params.items() if value != ""
    )


def _by_default(now: Resource, _params: Params) -> bool:
    """S3 goes back to its own keys, which every bucket has had since 2023.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    """
    encryption = now.facts.get("encryption")
    return "encryption" in now.facts and (not isinstance(encryption, Mapping) or encryption["algorithm"] == "AES256")


def _merged(resource: Resource, params: Params) -> dict[str, str]:
    removed = listed(params, "keys")
    return {key: value for key, value in {**resource.tags, **texts(params, "tags")}.items() if key not in removed}


def _switches(params: Params) -> str:
    return ",".join(f"{switch}={str(bool(params.get(name))).lower()}" for name, switch in SWITCHES.items())


def _encryption_rule(params: Params) -> str:
    key = f',"KMSMasterKeyID":"{text(params, "kms_key")}"' if text(params, "kms_key") else ""
    rule = f'{{"SSEAlgorithm":"{text(params, "algorithm")}"{key}}}'
    return f'{{"Rules":[{{"ApplyServerSideEncryptionByDefault":{rule}}}]}}'


_ACCESS = (
    _setting(
        PUT_BLOCK,
        permission="s3:PutBucketPublicAccessBlock",
        words=(
            "Set the public access block of",
            "Setting the public access block of",
            "Set the public access block of",
        ),
        holds=lambda now, params: now.facts.get("public_access_block") is not None and block_of(now) == dict(params),
        cli=_line("put-public-access-block", public_access_block_configuration=_switches),
        params=tuple(Param(name=name, kind=ParamKind.BOOLEAN) for name in SWITCHES),
        inverse=Inverse(operation=PUT_BLOCK, choose=_block_back),
        exposes=True,
        exposes_when=lambda params: not all(params.get(name) is True for name in SWITCHES),
    ),
    _setting(
        DELETE_BLOCK,
        permission="s3:PutBucketPublicAccessBlock",
        words=(
            "Lift the public access block of",
            "Lifting the public access block of",
            "Lifted the public access block of",
        ),
        holds=lambda now, _params: "public_access_block" in now.facts and now.facts["public_access_block"] is None,
        cli=_line("delete-public-access-block"),
        inverse=Inverse(operation=PUT_BLOCK, choose=_block_back),
        exposes=True,
    ),
    _setting(
        PUT_ACL,
        permission="s3:PutBucketAcl",
        words=("Set the access list of", "Setting the access list of", "Set the access list of"),
        holds=lambda now, params: now.facts.get("acl") == params["acl"],
        cli=_line("put-bucket-acl", acl=lambda params: text(params, "acl")),
        params=(ACL,),
        inverse=Inverse(operation=PUT_ACL, choose=_acl_back),
        exposes=True,
        exposes_when=lambda params: params.get("acl") != "private",
    ),
    _setting(
        PUT_POLICY,
        permission="s3:PutBucketPolicy",
        words=("Set the policy of", "Setting the policy of", "Set the policy of"),
        holds=lambda now, params: same_policy(str(now.facts.get("policy", "")), text(params, "policy")),
        cli=_line("put-bucket-policy", policy=lambda params: text(params, "policy")),
        params=(POLICY,),
        inverse=Inverse(operation=PUT_POLICY, choose=_policy_back),
        exposes=True,
        exposes_when=lambda params: policy_opens(text(params, "policy")),
    ),
    _setting(
        DELETE_POLICY,
        permission="s3:DeleteBucketPolicy",
        words=("Delete the policy of", "Deleting the policy of", "Deleted the policy of"),
        holds=lambda now, _params: now.facts.get("policy") == "",
        cli=_line("delete-bucket-policy"),
        inverse=Inverse(operation=PUT_POLICY, choose=_policy_back),
    ),
)

_REST = (
    _setting(
        PUT_ENCRYPTION,
        permission="s3:PutEncryptionConfiguration",
        words=("Encrypt new objects of", "Setting the encryption of", "Set the encryption of"),
        holds=_encrypted_so,
        cli=_line("put-bucket-encryption", server_side_encryption_configuration=_encryption_rule),
        params=(
            Param(name="algorithm", kind=ParamKind.TEXT, choices=("AES256", "aws:kms", "aws:kms:dsse")),
            Param(name="kms_key", kind=ParamKind.TEXT, required=False, pattern=r"[\w:/.\-]*", most=2048),
            Param(name="bucket_key", kind=ParamKind.BOOLEAN, required=False),
        ),
        inverse=Inverse(operation=PUT_ENCRYPTION, choose=_encryption_back),
    ),
    _setting(
        DELETE_ENCRYPTION,
        permission="s3:PutEncryptionConfiguration",
        words=("Reset the encryption of", "Resetting the encryption of", "Reset the encryption of"),
        holds=_by_default,
        cli=_line("delete-bucket-encryption"),
        inverse=Inverse(operation=PUT_ENCRYPTION, choose=_encryption_back),
        exposes=True,
    ),
    _setting(
        PUT_VERSIONING,
        permission="s3:PutBucketVersioning",
        words=("Set the versioning of", "Setting the versioning of", "Set the versioning of"),
        holds=lambda now, params: now.facts.get("versioning") == (params["status"] == "Enabled"),
        cli=_line("put-bucket-versioning", versioning_configuration=lambda params: f"Status={text(params, 'status')}"),
        params=(Param(name="status", kind=ParamKind.TEXT, choices=("Enabled", "Suspended")),),
        inverse=Inverse(operation=PUT_VERSIONING, choose=_versioning_back),
        exposes=True,
        exposes_when=lambda params: params.get("status") != "Enabled",
    ),
    _setting(
        PUT_TAGS,
        permission="s3:PutBucketTagging",
        words=("Change the tags of", "Changing the tags of", "Changed the tags of"),
        holds=lambda now, params: tagged(now, params) and untagged(now, params),
        cli=lambda resource, params: command(
            "s3api",
            "put-bucket-tagging",
            resource.region,
            bucket=own_id(resource),
            tagging="TagSet=[" + ",".join(f"{{{one}}}" for one in as_tag_options(_merged(resource, params))) + "]",
        ),
        params=(OPTIONAL_TAGS, OPTIONAL_KEYS),
        inverse=Inverse(operation=PUT_TAGS, choose=_tags_back),
    ),
    Operation(
        id="aws.s3.delete_bucket",
        action="delete",
        type=BUCKET,
        cloud=Cloud.AWS,
        effect=Effect.DESTROY,
        replay=ReplayClass.STATE,
        permissions=("s3:DeleteBucket",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=_line("delete-bucket"),
        no_inverse_because="a deleted bucket's name can be taken by others; S3 deletes only empty buckets",
        expected_seconds=2,
        deadline_seconds=60,
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_ACCESS, *_REST)
