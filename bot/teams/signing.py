"""The Bot Framework's signing keys, kept by us for botframework-connector.

The SDK would fetch them with a blocking call without a deadline, and would not look again for a day when a key is unknown
(its search raises before its refresh is reached). Standing in its cache under the same address, this fetches without
blocking, and again when an unknown key appears, at most once in five minutes.
Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#step-3-get-the-list-of-valid-signing-keys
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor
from jwt import InvalidKeyError, PyJWK, PyJWKError

from bot.platform import Unreachable
from engine.clock import Clock

CHANNEL: Final = "msteams"
_KEPT: Final = timedelta(hours=24)
_AGAIN: Final = timedelta(minutes=5)
_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key, with the names the SDK looks for.

    Attributes:
        public_key: What signatures are checked against.
        endorsements: The channels it may sign for.
    """

    public_key: Any
    endorsements: list[str]


class SigningKeys:
    """Fetches and keeps the keys of one address.

    Args:
        url: The metadata document.
        clock: The time.
    """

    def __init__(self, url: str, *, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched: datetime | None = None
        self._fetching = asyncio.Lock()

    def install(self) -> None:
        """Let the SDK use these keys."""
        JwtTokenExtractor.metadataCache[self._url] = self

    async def get(self, key_id: str | None) -> SigningKey:
        """Return a key that may sign for Teams; the SDK calls this.

        Raises:
            PermissionError: There is no such key, or it may not sign for Teams.
            Unreachable: The keys could not be fetched.
        """
        async with self._fetching:
            if self._is_older_than(_KEPT) or (key_id not in self._keys and self._is_older_than(_AGAIN)):
                await self._fetch()
        key = self._keys.get(key_id or "")
        if key is None or CHANNEL not in key.endorsements:
            raise PermissionError("the token is signed by no key that may speak for Teams")
        return key

    def _is_older_than(self, age: timedelta) -> bool:
        return self._fetched is None or self._clock() - self._fetched > age

    async def _fetch(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=_SECONDS) as web:
                metadata = (await web.get(self._url)).raise_for_status().json()
                keys = (await web.get(str(metadata["jwks_uri"]))).raise_for_status().json()["keys"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            if self._keys and not self._is_older_than(2 * _KEPT):
                return
            raise Unreachable(
                f"the Bot Framework's signing keys could not be fetched: {type(error).__name__}"
            ) from error
        found = {str(raw.get("kid", "")): key for raw in keys if (key := _key(raw)) is not None}
        found.pop("", None)
        self._keys = found
        self._fetched = self._clock()


def _key(raw: Mapping[str, Any]) -> SigningKey | None:
    try:
        public = PyJWK(dict(raw), algorithm="RS256").key
    except (PyJWKError, InvalidKeyError, ValueError):
        return None
    return SigningKey(public_key=public, endorsements=[str(one) for one in raw.get("endorsements") or ()])
