"""What things are called in an answer."""

import re

from agent_server.agents.wording import noun
from agent_server.contract.types import resource_types

CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
_SHORT = re.compile(
    r"\b(?:ec2|s3|rds|ebs|vms?|ami|eip|ecs|eks|aks|gke|elb|nat|vpc|kms|sqs|sns|iam|db|ip|dns|gce|gcs|sql|nsg)\b"
)


def called(type_: str, cloud: str, *, many: bool = False) -> str:
    """Return what a kind of thing is called: `EC2 instance`; nothing for an empty type."""
    if not type_:
        return ""
    clouds = {row.cloud.value for row in resource_types() if row.type == type_}
    word = noun(type_, cloud if cloud in clouds else next(iter(sorted(clouds)), "any"), many=many)
    return _SHORT.sub(lambda found: found[0].upper().replace("VMS", "VMs"), word)


def label(dimension: str, name: str) -> str:
    """Return a label of a dimension as people write it."""
    return CLOUDS.get(name, name) if dimension == "cloud" else name
