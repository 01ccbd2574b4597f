"""Links that open the console, and the sessions they open. Both end with the start they belong to.

Hashes are compared, so that comparing takes no time that depends on a secret.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from engine.clock import Clock

LINK_LIFE: Final = timedelta(minutes=5)
_MOST: Final = 64


class Doors:
    """Who may open the console.

    Args:
        clock: The time.
        secret: For a try-out, whose runner may die and be started again under the same printed address: the standing
            link and the session follow from it. Without one nothing outlives this object.
    """

    def __init__(self, clock: Clock, *, secret: bytes | None = None) -> None:
        self._clock = clock
        self._secret = secret
        self._links: dict[bytes, datetime] = {}
        self._sessions: dict[bytes, None] = {}
        if secret is not None:
            self._sessions[_hash(_derived(secret, "session"))] = None

    def new_link(self) -> str:
        """Return a token that opens the console once within five minutes; in a try-out the standing one."""
        if self._secret is not None:
            return _derived(self._secret, "link")
        token = secrets.token_urlsafe(32)
        _make_room(self._links)
        self._links[_hash(token)] = self._clock() + LINK_LIFE
        return token

    def redeem(self, token: str) -> str | None:
        """Return a session for a link's token; None when it was used, is too old or never was."""
        key = _hash(token)
        if self._secret is not None:
            return _derived(self._secret, "session") if key == _hash(_derived(self._secret, "link")) else None
        until = self._links.pop(key, None)
        if until is None or self._clock() > until:
            return None
        session = secrets.token_urlsafe(32)
        _make_room(self._sessions)
        self._sessions[_hash(session)] = None
        return session

    def knows(self, session: str) -> bool:
        """Say whether a session was opened here since the start."""
        return bool(session) and _hash(session) in self._sessions


def _derived(secret: bytes, purpose: str) -> str:
    return hmac.new(secret, purpose.encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _make_room(kept: dict[bytes, Any]) -> None:
    """Make room for one more; the oldest goes first."""
    while len(kept) >= _MOST:
        del kept[next(iter(kept))]
