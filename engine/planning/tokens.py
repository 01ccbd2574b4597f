"""Bearer tokens for the agent server: fixed, or from an OIDC issuer, asked for anew a minute before they run out."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from engine.planning.login import Grant, Issuer, LoginEnded
from engine.planning.wire import Token

_EARLY_SECONDS = 60.0


class Keep(Protocol):
    """Where the last login is kept."""

    def load(self) -> str:
        """Return what the next token is asked for with; empty when nobody is logged in."""
        ...

    def save(self, refresh_token: str) -> None:
        """Keep it."""
        ...


def static(token: str) -> Token:
    """Return a source that always gives `token`."""

    async def give() -> str | None:
        return token

    return give


def client_credentials(*, issuer: str, client_id: str, client_secret: str, audience: str) -> Token:
    """Return a source of tokens for the client's own secret."""
    at = Issuer(url=issuer, client_id=client_id, client_secret=client_secret, audience=audience)
    return _held(at.by_secret)


def logged_in(issuer: Issuer, keep: Keep) -> Token:
    """Return a source of tokens for what `escher login` left; an issuer that changes it at each use is followed."""

    async def ask() -> Grant:
        kept = await asyncio.to_thread(keep.load)
        if not kept:
            raise LoginEnded("this runner is not logged in at the agent server's issuer; run escher login")
        grant = await issuer.by_refresh(kept)
        if grant.refresh_token != kept:
            await asyncio.to_thread(keep.save, grant.refresh_token)
        return grant

    return _held(ask)


def _held(ask: Callable[[], Awaitable[Grant]]) -> Token:
    lock = asyncio.Lock()
    held: dict[str, float] = {}

    async def give() -> str | None:
        async with lock:
            fresh = next((token for token, until in held.items() if until > time.monotonic()), None)
            if fresh is None:
                held.clear()
                grant = await ask()
                fresh = grant.access_token
                held[fresh] = time.monotonic() + grant.seconds - _EARLY_SECONDS
            return fresh

    return give
