"""Links that open the console, and the sessions they open. Both end with the process.

Only hashes are held, so that a memory dump of the runner opens nothing and comparing takes no secret-dependent time.
"""

import hashlib
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
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links: dict[bytes, datetime] = {}
        self._standing: set[bytes] = set()
        self._sessions: dict[bytes, None] = {}

    def new_link(self, *, standing: bool = False) -> str:
        """Return a token that opens the console once within five minutes; a standing one as often as it is used.

        Args:
            standing: For the try-out, whose address is printed once and opened again after a restart of the browser.
        """
        token = secrets.token_urlsafe(32)
        if standing:
            self._standing.add(_hash(token))
            return token
        _make_room(self._links)
        self._links[_hash(token)] = self._clock() + LINK_LIFE
        return token

    def redeem(self, token: str) -> str | None:
        """Return a new session for a link's token; None when it was used, is too old or never was."""
        key = _hash(token)
        if key not in self._standing:
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


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _make_room(kept: dict[bytes, Any]) -> None:
    """Make room for one more; the oldest goes first."""
    while len(kept) >= _MOST:
        del kept[next(iter(kept))]
