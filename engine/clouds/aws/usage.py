"""What kind of thing a usage type of a bill is about, in words: Cost Explorer does not know resource types.

Source of the forms: https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html,
https://docs.aws.amazon.com/cur/latest/userguide/cur-ec2-instances.html and the usage types of the AWS price list.
"""

import re

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("EC2 instances", r"BoxUsage|DedicatedUsage|SpotUsage|UnusedBox|HostUsage"),
        ("EBS snapshots", r"EBS:Snapshot"),
        ("EBS volumes", r"EBS:"),
        ("NAT gateways", r"NatGateway"),
        ("load balancers", r"LoadBalancerUsage|LCUUsage"),
        ("public addresses", r"ElasticIP|PublicIPv4"),
        ("RDS storage", r"RDS:.*(?:Storage|Backup)"),
        ("RDS instances", r"(?:InstanceUsage|Multi-AZUsage|Multi-AZClusterUsage):db\."),
        ("S3 storage", r"TimedStorage"),
        ("S3 requests", r"Requests-Tier"),
        ("data transfer", r"DataTransfer|-Bytes$"),
        ("Lambda functions", r"Lambda-GB|Request$"),
        ("KMS keys", r"KMS-"),
        ("CloudWatch metrics and logs", r"CW:"),
    )
)


def kind_of(usage: str, service: str) -> str:
    """Return the kind of thing: `EC2 instances`; for a form that is not known the service with `other`, or the usage type as it is."""
    found = next((kind for kind, form in _KINDS if form.search(usage)), "")
    return found or (f"{service}, other" if service else usage)
