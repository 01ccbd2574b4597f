"""S3: the company's buckets with what makes them open or shut, and a few objects in each."""

import json
from datetime import timedelta
from typing import Any

from moto.s3.models import get_canned_acl, s3_backends

from engine.sandbox.inventory import Bucket, Cloud, Company, Exposure

PARTITION = "aws"
BLOCK_ALL = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
ENCRYPTION = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}


def seed(company: Company) -> None:
    """Put the buckets up, each in its account."""
    for bucket in company.buckets:
        if bucket.cloud is Cloud.AWS:
            _bucket(s3_backends[bucket.account.id][PARTITION], bucket)


def _bucket(backend: Any, bucket: Bucket) -> None:
    made = backend.create_bucket(bucket.name, bucket.region)
    made.creation_date = bucket.created_at
    if bucket.tags:
        backend.put_bucket_tagging(bucket.name, dict(bucket.tags))
    if bucket.versioning:
        backend.put_bucket_versioning(bucket.name, "Enabled")
    if bucket.encrypted:
        backend.put_bucket_encryption(bucket.name, ENCRYPTION)
    if bucket.blocks_public_access:
        backend.put_public_access_block(bucket.name, BLOCK_ALL)
    match bucket.exposure:
        case Exposure.ACL:
            backend.put_bucket_acl(bucket.name, get_canned_acl("public-read"))
        case Exposure.POLICY:
            backend.put_bucket_policy(bucket.name, _everyone_reads(bucket.name))
        case Exposure.PRIVATE:
            pass
    for back in range(3):
        day = (bucket.created_at + timedelta(days=back)).date().isoformat()
        backend.put_object(bucket.name, f"{day}/part-{back}.csv", b"day,rows\n" + day.encode() + b",1\n")


def _everyone_reads(name: str) -> bytes:
    statement = {
        "Sid": "EveryoneReads",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode()
