"""Bearer tokens for the agent server: fixed, or from an OIDC issuer by the client-credentials grant (RFC 6749, 4.4)."""

import asyncio
import time

import httpx

from engine.planning.wire import PlannerUnavailable, Token

_EARLY_SECONDS = 60.0
_TIMEOUT_SECONDS = 10.0


def static(token: str) -> Token:
    """Return a source that always gives `token`."""

    async def give() -> str | None:
        return token

    return give


def client_credentials(*, issuer: str, client_id: str, client_secret: str, audience: str) -> Token:
    """Return a source that asks the issuer for a token and asks again a minute before it runs out.

    The token endpoint is found by OpenID Connect Discovery 1.0 (`/.well-known/openid-configuration`).
    """
    lock = asyncio.Lock()
    held: dict[str, float] = {}

    async def give() -> str | None:
        async with lock:
            fresh = next((token for token, until in held.items() if until > time.monotonic()), None)
            if fresh is None:
                held.clear()
                fresh, seconds = await _ask(issuer, client_id, client_secret, audience)
                held[fresh] = time.monotonic() + seconds - _EARLY_SECONDS
            return fresh

    return give


async def _ask(issuer: str, client_id: str, client_secret: str, audience: str) -> tuple[str, float]:
    form = {"grant_type": "client_credentials", **({"audience": audience} if audience else {})}
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
            found = await http.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            found.raise_for_status()
            endpoint = str(found.json()["token_endpoint"])
            if issuer.startswith("https://") and not endpoint.startswith("https://"):
                raise PlannerUnavailable("the login issuer wants the client secret sent in the clear; it was not sent")
            answer = await http.post(endpoint, data=form, auth=(client_id, client_secret))
            answer.raise_for_status()
            body = answer.json()
            return str(body["access_token"]), float(body.get("expires_in", 300))
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise PlannerUnavailable(f"the login issuer gave no token ({type(error).__name__})") from None
