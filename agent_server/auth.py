"""Whose request it is: a bearer JWT of an OIDC issuer, Amazon Cognito first.

Checked are the signature (RS256 or ES256, by the issuer's published keys), `iss`, `exp`, `nbf`, and that the token is meant for us: `aud`,
or `client_id` where there is no `aud`, as in Cognito's access tokens
(https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html).
The tenant is the claim `custom:tenant`; a token without it is a tenant of its own, `sub:` and its subject. Nothing of a token is kept.
"""

import asyncio
import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

from agent_server import problems
from agent_server.problems import Problem

ALGORITHMS = ("RS256", "ES256")
LEEWAY_SECONDS = 60
TENANT_CLAIM = "custom:tenant"
_KEYS_LIVE_SECONDS = 3600.0
_REFETCH_AFTER_SECONDS = 30.0
_FETCH_SECONDS = 3.0
_MOST_TOKEN = 16 * 1024
_MOST_DOCUMENT = 512 * 1024
_NAME = re.compile(r"[\w.:@|/-]{1,128}")


class KeysUnavailable(Exception):
    """The issuer's keys could not be read."""


class KeySet:
    """The issuer's published keys, kept for an hour; an unknown key id reads them again, at most every 30 s.

    Args:
        issuer: Its address; the keys are where its discovery document says, else at `/.well-known/jwks.json`.
        clock: Seconds that only go forward.
        transport: For tests: another httpx transport.
    """

    def __init__(
        self,
        issuer: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._clock = clock
        self._transport = transport
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> jwt.PyJWK | None:
        """Return a key by its id; None when the issuer has no such key.

        Raises:
            KeysUnavailable: When the keys were never read and cannot be read now.
        """
        fresh = self._clock() - self._read_at < _KEYS_LIVE_SECONDS
        if not fresh or key_id not in self._keys:
            async with self._lock:
                await self._read(key_id)
        return self._keys.get(key_id)

    async def _read(self, key_id: str) -> None:
        now = self._clock()
        if now - self._read_at < _KEYS_LIVE_SECONDS and key_id in self._keys:
            return
        if now - self._tried_at < _REFETCH_AFTER_SECONDS:
            if not self._keys:
                raise KeysUnavailable
            return
        self._tried_at = now
        try:
            self._keys = _usable(await self._document())
            self._read_at = now
        except (httpx.HTTPError, ValueError) as error:
            if not self._keys:
                raise KeysUnavailable from error

    async def _document(self) -> Mapping[str, Any]:
        async with httpx.AsyncClient(
            timeout=_FETCH_SECONDS, follow_redirects=False, trust_env=False, transport=self._transport
        ) as http:
            address = f"{self._issuer}/.well-known/jwks.json"
            found = await http.get(f"{self._issuer}/.well-known/openid-configuration")
            if found.is_success:
                said = str(_json(found).get("jwks_uri", ""))
                address = said if _as_safe(said, self._issuer) else address
            keys = await http.get(address)
            keys.raise_for_status()
            return _json(keys)


class TokenAuthenticator:
    """Tells tenants by their tokens.

    Args:
        issuer: Whose tokens are taken.
        audience: The audiences or client ids, one of which a token must be for.
        tenants: Who is served; empty for every tenant of the issuer.
        keys: The issuer's keys.
    """

    def __init__(
        self, *, issuer: str, audience: Collection[str], tenants: Collection[str] = (), keys: KeySet | None = None
    ) -> None:
        self._issuer = issuer
        self._audience = frozenset(audience)
        self._tenants = frozenset(tenants)
        self._keys = keys or KeySet(issuer)

    async def tenant(self, authorization: str) -> str | Problem:
        """Return the tenant of a bearer token, or why it is not taken."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return problems.unauthorized("send Authorization: Bearer and an access token of the issuer")
        try:
            claims = await self._claims(token.strip())
        except KeysUnavailable:
            return problems.unavailable("the issuer's keys cannot be read", int(_REFETCH_AFTER_SECONDS))
        except jwt.ExpiredSignatureError:
            return problems.unauthorized("the token has expired; log in again")
        except (jwt.PyJWTError, ValueError):
            return problems.unauthorized("the token is not one of the issuer's for this server")
        tenant = _tenant(claims)
        if not tenant:
            return problems.unauthorized("the token names neither a tenant nor a subject")
        if self._tenants and tenant not in self._tenants:
            return problems.forbidden()
        return tenant

    async def _claims(self, token: str) -> Mapping[str, Any]:
        if len(token) > _MOST_TOKEN:
            raise jwt.InvalidTokenError("the token is too long")
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError("the algorithm is not allowed")
        key = await self._keys.key(str(header.get("kid", "")))
        if key is None or key.algorithm_name != header["alg"]:
            raise jwt.InvalidKeyError("the issuer has no such key")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=self._issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
        if self._audience.isdisjoint(_meant_for(claims)):
            raise jwt.InvalidAudienceError("the token is for somebody else")
        return claims


def _meant_for(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the audiences of a token; its client only when it names no audience."""
    audience = claims.get("aud", claims.get("client_id"))
    listed = audience if isinstance(audience, list) else [audience]
    return frozenset(one for one in listed if isinstance(one, str))


def _tenant(claims: Mapping[str, Any]) -> str:
    said = claims.get(TENANT_CLAIM)
    if said is not None:
        return said if isinstance(said, str) and _NAME.fullmatch(said) else ""
    subject = claims.get("sub")
    return f"sub:{subject}" if isinstance(subject, str) and _NAME.fullmatch(subject) else ""


def _usable(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """Return the signing keys of a JWK set (RFC 7517) that we can use, by id."""
    keys: dict[str, jwt.PyJWK] = {}
    listed = document.get("keys")
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") not in {"RSA", "EC"}:
            continue
        try:
            key = jwt.PyJWK(entry, algorithm=entry.get("alg") or _ALGORITHM_OF[entry["kty"]])
        except jwt.PyJWTError:
            continue
        if key.key_id and key.algorithm_name in ALGORITHMS:
            keys[key.key_id] = key
    if not keys:
        raise ValueError("the key set holds no signing key")
    return keys


_ALGORITHM_OF = {"RSA": "RS256", "EC": "ES256"}


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    if len(answer.content) > _MOST_DOCUMENT:
        raise ValueError("the document is too large")
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("the document is not an object")  # noqa: TRY004 - wrong data, not a wrong call
    return found


def _as_safe(address: str, issuer: str) -> bool:
    """Whether an address is as safe as the issuer's: https, or the very same host."""
    said, known = urlsplit(address), urlsplit(issuer)
    return said.scheme == "https" or (said.scheme, said.hostname) == (known.scheme, known.hostname)
