"""Tokens as Amazon Cognito makes them: moto's user pool signs, its published key set verifies."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws
from moto.cognitoidp.responses import CognitoIdpJsonWebKeyResponse

from agent_server.auth import KeySet, TokenAuthenticator
from agent_server.problems import Problem

REGION = "us-east-1"


@dataclass(frozen=True)
class Pool:
    """A user pool with one user who has logged in."""

    issuer: str
    client: str
    access: str
    identity: str
    subject: str


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Make it."""
    with mock_aws():
        cognito: Any = boto3.client("cognito-idp", region_name=REGION)
        pool_id = cognito.create_user_pool(PoolName="runners")["UserPool"]["Id"]
        flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        made = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="escher", ExplicitAuthFlows=flows)
        client = made["UserPoolClient"]["ClientId"]
        tenant = [{"Name": "custom:tenant", "Value": "acme"}]
        user = cognito.admin_create_user(UserPoolId=pool_id, Username="runner", UserAttributes=tenant)
        subject = next(one["Value"] for one in user["User"]["Attributes"] if one["Name"] == "sub")
        cognito.admin_set_user_password(UserPoolId=pool_id, Username="runner", Password="Passw0rd!x", Permanent=True)
        login = cognito.admin_initiate_auth(
            UserPoolId=pool_id,
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "runner", "PASSWORD": "Passw0rd!x"},
        )["AuthenticationResult"]
        issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool_id}"
        yield Pool(issuer, client, login["AccessToken"], login["IdToken"], subject)


def cognito_pages(request: httpx.Request) -> httpx.Response:
    """Cognito's own pages as moto serves them."""
    if not request.url.path.endswith("/.well-known/jwks.json"):
        return httpx.Response(404)
    _status, _headers, body = CognitoIdpJsonWebKeyResponse.serve_json_web_key(None, None, None)
    return httpx.Response(200, json=json.loads(body))


def authenticator(pool: Pool, *, client: str = "") -> TokenAuthenticator:
    """What the server asks about this pool."""
    keys = KeySet(pool.issuer, transport=httpx.MockTransport(cognito_pages))
    return TokenAuthenticator(issuer=pool.issuer, audience=[client or pool.client], keys=keys)


async def test_an_access_token_is_taken_by_its_client(pool: Pool) -> None:
    """Access tokens have no audience: `client_id` stands for it, and the subject for the tenant."""
    assert await authenticator(pool).tenant(f"Bearer {pool.access}") == f"sub:{pool.subject}"


async def test_an_identity_token_names_the_tenant(pool: Pool) -> None:
    """Identity tokens have an audience and the pool's own attributes."""
    assert await authenticator(pool).tenant(f"Bearer {pool.identity}") == "acme"


@pytest.mark.parametrize("kind", ["access", "identity"])
async def test_a_token_for_another_client_is_not_taken(pool: Pool, kind: str) -> None:
    """Another application of the same pool is somebody else."""
    found = await authenticator(pool, client="other").tenant(f"Bearer {getattr(pool, kind)}")
    assert isinstance(found, Problem)
    assert found.status == 401
