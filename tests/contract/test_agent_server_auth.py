"""Whose request it is: good tokens and forgeries, against a real issuer's pages on loopback."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from agent_server.app import create_app
from agent_server.auth import KeySet, TokenAuthenticator
from agent_server.problems import Problem
from agent_server.settings import Settings
from tests.fakes.issuer import CLIENT, Issuer
from tests.fakes.plan_requests import said


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer."""
    with Issuer() as running:
        yield running


@pytest.fixture
def authenticator(issuer: Issuer) -> TokenAuthenticator:
    """What the server asks."""
    return TokenAuthenticator(issuer=issuer.url, audience=[CLIENT])


@pytest.fixture
async def server(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    """The server with authentication."""
    settings = Settings(model="offline", issuer=issuer.url, audience=(CLIENT,))
    app = create_app(settings, log=lambda _record: None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as http:
        yield http


async def told(authenticator: TokenAuthenticator, token: str) -> str | int:
    """The tenant, or the status of the refusal."""
    found = await authenticator.tenant(f"Bearer {token}")
    return found.status if isinstance(found, Problem) else found


class TestGood:
    async def test_an_access_token_is_a_tenant_of_its_own(
        self, issuer: Issuer, authenticator: TokenAuthenticator
    ) -> None:
        """Without a tenant claim, the subject is the tenant."""
        assert await told(authenticator, issuer.token()) == "sub:runner-1"

    async def test_the_tenant_claim_names_the_tenant(self, issuer: Issuer, authenticator: TokenAuthenticator) -> None:
        """`custom:tenant` as Cognito writes it."""
        assert await told(authenticator, issuer.token(**{"custom:tenant": "acme"})) == "acme"

    async def test_an_audience_is_taken_instead_of_a_client(
        self, issuer: Issuer, authenticator: TokenAuthenticator
    ) -> None:
        """Other issuers name an audience, also as a list."""
        assert await told(authenticator, issuer.token(aud=["x", CLIENT], client_id=None)) == "sub:runner-1"

    async def test_an_elliptic_key_is_as_good(self, issuer: Issuer, authenticator: TokenAuthenticator) -> None:
        """ES256 is allowed."""
        assert await told(authenticator, issuer.token(key="ec-1", algorithm="ES256")) == "sub:runner-1"

    async def test_clocks_may_differ_by_a_minute(self, issuer: Issuer, authenticator: TokenAuthenticator) -> None:
        """Just expired is still taken, long expired is not."""
        assert await told(authenticator, issuer.token(lasts=-30)) == "sub:runner-1"
        assert await told(authenticator, issuer.token(lasts=-90)) == 401


def confused(issuer: Issuer, pem: bytes) -> str:
    """A token whose HMAC secret is the issuer's public key, which the library refuses to make."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    claims = {"iss": issuer.url, "exp": int(time.time()) + 600, "client_id": CLIENT, "sub": "x"}
    said_ = f"{part(json.dumps({'alg': 'HS256', 'kid': 'rsa-1'}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{said_}.{part(hmac.digest(pem, said_.encode(), 'sha256'))}"


def forged(issuer: Issuer) -> dict[str, str]:
    """Tokens that must not be taken."""
    other = Issuer()
    soon = int(time.time()) + 600
    rsa_key = issuer.keys["rsa-1"]
    pem = rsa_key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    good = issuer.token()
    head, body, signature = good.split(".")
    return {
        "somebody else's key": issuer.token(sign_with=other.keys["rsa-1"]),
        "no signature": jwt.encode(
            {"iss": issuer.url, "exp": soon, "client_id": CLIENT, "sub": "x"}, None, algorithm="none"
        ),
        "signed with the public key": confused(issuer, pem),
        "another RSA algorithm": issuer.token(algorithm="RS512"),
        "an algorithm of another key": issuer.token(key="ec-1", algorithm="ES256", kid="rsa-1"),
        "an unknown key id": issuer.token(kid="rsa-9"),
        "another issuer": issuer.token(iss="https://evil.example"),
        "another client": issuer.token(client_id="somebody"),
        "another audience": issuer.token(aud="somebody"),
        "no audience at all": issuer.token(client_id=None),
        "expired": issuer.token(lasts=-3600),
        "never expiring": issuer.token(exp=None),
        "not yet valid": issuer.token(nbf=soon),
        "no subject": issuer.token(sub=None),
        "a tenant that is no name": issuer.token(**{"custom:tenant": "a b\nc"}),
        "an empty tenant": issuer.token(**{"custom:tenant": ""}),
        "a tenant that is no text": issuer.token(**{"custom:tenant": ["acme"]}),
        "cut off": good[:-10],
        "changed": f"{head}.{body[:-4]}AAAA.{signature}",
        "no token": "x",
        "too long": "x" * 20_000,
        "empty": "",
    }


class TestForged:
    async def test_no_forgery_is_taken(self, issuer: Issuer, authenticator: TokenAuthenticator) -> None:
        """Each one is answered 401."""
        results = {name: await told(authenticator, token) for name, token in forged(issuer).items()}
        assert results == dict.fromkeys(results, 401)
        assert len(results) == 22

    @pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "bearer  "])
    async def test_no_token_is_no_tenant(self, header: str, authenticator: TokenAuthenticator) -> None:
        """Other schemes and empty headers."""
        found = await authenticator.tenant(header)
        assert isinstance(found, Problem)
        assert found.status == 401


class TestTenants:
    async def test_a_tenant_that_is_not_served_is_forbidden(self, issuer: Issuer) -> None:
        """A good token of the wrong tenant: 403."""
        only = TokenAuthenticator(issuer=issuer.url, audience=[CLIENT], tenants=["acme"])
        assert await told(only, issuer.token(**{"custom:tenant": "acme"})) == "acme"
        assert await told(only, issuer.token(**{"custom:tenant": "other"})) == 403


class TestKeys:
    async def test_keys_are_read_once(self) -> None:
        """A hundred tokens, one look."""
        with Issuer() as issuer:
            authenticator = TokenAuthenticator(issuer=issuer.url, audience=[CLIENT])
            token = issuer.token()
            for _ in range(100):
                assert await told(authenticator, token) == "sub:runner-1"
            assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]

    async def test_a_new_key_is_found_and_the_old_one_forgotten(self) -> None:
        """Rotation is followed, and unknown ids make the keys be read at most every half minute."""
        with Issuer() as issuer:
            now = [0.0]
            keys = KeySet(issuer.url, clock=lambda: now[0])
            authenticator = TokenAuthenticator(issuer=issuer.url, audience=[CLIENT], keys=keys)
            old = issuer.token()
            assert await told(authenticator, old) == "sub:runner-1"
            issuer.rotate()
            assert await told(authenticator, issuer.token(key="rsa-2")) == 401
            now[0] = 31.0
            assert await told(authenticator, issuer.token(key="rsa-2")) == "sub:runner-1"
            assert await told(authenticator, old) == 401

    async def test_without_discovery_the_usual_place_is_asked(self) -> None:
        """As with Cognito's `/.well-known/jwks.json`."""
        with Issuer() as issuer:
            issuer.discovery = False
            authenticator = TokenAuthenticator(issuer=issuer.url, audience=[CLIENT])
            assert await told(authenticator, issuer.token()) == "sub:runner-1"

    async def test_an_issuer_that_is_down_is_unavailable_not_trusted(self) -> None:
        """Never read: 503. Read before: the known keys go on."""
        with Issuer() as issuer:
            now = [0.0]
            fresh = TokenAuthenticator(issuer=issuer.url, audience=[CLIENT])
            known = TokenAuthenticator(
                issuer=issuer.url, audience=[CLIENT], keys=KeySet(issuer.url, clock=lambda: now[0])
            )
            token = issuer.token()
            assert await told(known, token) == "sub:runner-1"
            issuer.down = True
            now[0] = 4000.0
            assert await told(fresh, token) == 503
            assert await told(known, token) == "sub:runner-1"


class TestOverHttp:
    async def test_thinking_needs_a_token_and_health_does_not(self, issuer: Issuer, server: httpx.AsyncClient) -> None:
        """401 with a challenge, 200 with a token; the health page is open."""
        body = said("stop dev").model_dump(mode="json")
        refused = await server.post("/v1/intent", json=body)
        taken = await server.post("/v1/intent", json=body, headers={"authorization": f"Bearer {issuer.token()}"})
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert taken.status_code == 200
        assert (await server.get("/health")).status_code == 200

    async def test_each_tenant_has_a_rate_of_its_own(self, issuer: Issuer) -> None:
        """One tenant's flood leaves the other's requests alone."""
        settings = Settings(model="offline", issuer=issuer.url, audience=(CLIENT,), burst=2, rate_per_minute=1)
        app = create_app(settings, log=lambda _record: None)
        body: Any = said("help").model_dump(mode="json")
        headers = {
            name: {"authorization": f"Bearer {issuer.token(**{'custom:tenant': name})}"} for name in ("acme", "other")
        }
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as http:
            acme = [(await http.post("/v1/intent", json=body, headers=headers["acme"])).status_code for _ in range(3)]
            other = (await http.post("/v1/intent", json=body, headers=headers["other"])).status_code
        assert (acme, other) == ([200, 200, 429], 200)
