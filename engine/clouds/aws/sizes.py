"""Whether a size can be had where an instance is.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html: by availability zone, because an instance
stays in its own. RDS has no such listing that is small, so of databases nothing is said.
"""

from engine.clouds.aws.session import AwsSession
from engine.clouds.purpose import Purpose
from engine.estate.resource import Resource


def offers(session: AwsSession, size: str, resource: Resource) -> bool | None:
    """Say whether EC2 offers a size in the instance's zone; None for what is no instance.

    Raises:
        ClientError, BotoCoreError: When EC2 did not say.
    """
    if resource.type != "ec2::instance" or not resource.zone:
        return None
    client = session.client("ec2", resource.region, Purpose.QUICK_READ)
    answer = client.describe_instance_type_offerings(
        LocationType="availability-zone",
        Filters=[{"Name": "location", "Values": [resource.zone]}, {"Name": "instance-type", "Values": [size]}],
    )
    return bool(answer["InstanceTypeOfferings"])
