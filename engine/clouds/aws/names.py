"""ARNs: the full ids of AWS, built and read.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition(region: str) -> str:
    """Return the partition a region belongs to."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def ec2_arn(*, region: str, account: str, kind: str, id_: str) -> str:
    """Return the ARN of an EC2 thing; `kind` is its word in ARNs, such as `instance` or `volume`."""
    return f"arn:{partition(region)}:ec2:{region}:{account}:{kind}/{id_}"


def bucket_arn(*, region: str, name: str) -> str:
    """Return the ARN of a bucket, which names neither account nor region."""
    return f"arn:{partition(region)}:s3:::{name}"


def local_id(arn: str) -> str:
    """Return what API calls want of an ARN: `i-0ab1…`, a bucket's or a database's name."""
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
