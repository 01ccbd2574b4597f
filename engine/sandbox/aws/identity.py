"""IAM: in each account the user whose key the runner holds, the people, and a role to step into."""

import json
from typing import Any

from moto.iam.models import AccessKey, iam_backends

from engine.sandbox.aws.credentials import credentials
from engine.sandbox.company import Cloud, Company
from engine.sandbox.fleet import PEOPLE

PARTITION = "aws"
REGION = "us-east-1"
RUNNER = "escher"
ROLE = "EscherOperator"
# Moto marks methods of its models as abstract that it never needs; as Any the classes can be made.
_ACCESS_KEY: Any = AccessKey
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def seed(company: Company) -> None:
    """Put users, keys and the role up in every AWS account."""
    keys = credentials(company)
    for account in company.accounts_of(Cloud.AWS):
        backend = iam_backends[account.id][PARTITION]
        user = backend.create_user(REGION, RUNNER, tags=[{"Key": "team", "Value": "platform"}])
        backend.put_user_policy(RUNNER, "operate", json.dumps(EVERYTHING))
        key = _ACCESS_KEY(RUNNER, prefix="AKIA", account_id=account.id)
        key.access_key_id, key.secret_access_key = keys[account.id]
        user.access_keys.append(key)
        backend.access_keys[key.access_key_id] = key
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}}
        backend.create_role(
            ROLE,
            json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            path="/",
            permissions_boundary=None,
            description="what an approved plan steps into",
            tags=[],
            max_session_duration="3600",
        )
        backend.put_role_policy(ROLE, "operate", json.dumps(EVERYTHING))
        for team, person in PEOPLE.items():
            backend.create_user(REGION, person.partition("@")[0], tags=[{"Key": "team", "Value": team}])


def knows(access_key_id: str) -> bool:
    """Whether a key was given out in one of the accounts: the seeded ones, made ones, and those of assumed roles."""
    return any(access_key_id in account[PARTITION].access_keys for account in list(iam_backends.values()))


def whose(access_key_id: str) -> tuple[str, str]:
    """Return the account and the user (or the role's session) of a known key; both empty for a stranger."""
    for account_id, account in list(iam_backends.items()):
        key = account[PARTITION].access_keys.get(access_key_id)
        if key is not None:
            return account_id, key.user_name or (key.role_arn or "").rpartition("/")[2]
    return "", ""
