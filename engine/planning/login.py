"""Logging in at an OIDC issuer: by a client secret, by a person at another screen, and by what the last login left.

Discovery is OpenID Connect Discovery 1.0; the grants are those of RFC 6749 (4.4 client credentials, 6 refresh) and RFC 8628 (device
authorization); a login is ended by RFC 7009. Nothing is sent to an endpoint in the clear when the issuer itself is not.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from engine.planning.wire import PlannerUnavailable

_TIMEOUT_SECONDS = 10.0
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_SECONDS = 5.0
_LEAST_WAIT_SECONDS, _MOST_SECONDS = 1.0, 1800.0
_AGAIN_SECONDS = 60.0
_TENANT = "custom:tenant"
Sleep = Callable[[float], Awaitable[None]]


class LoginEnded(PlannerUnavailable):
    """The issuer says no: the login was refused, is over, or was never made; only a new login helps.

    What waits for it is tried again each minute, not each few seconds as when a server is away.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry_after=_AGAIN_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an issuer gave. It is never printed.

    Attributes:
        access_token: For the agent server.
        seconds: How long that is good for.
        refresh_token: For the next one; empty when there is none.
    """

    access_token: str
    seconds: float
    refresh_token: str = ""

    def __repr__(self) -> str:
        """Never show a token."""
        return f"Grant({self.seconds:.0f} s)"

    @property
    def tenant(self) -> str:
        """The tenant that the token names, for people to see; the agent server verifies it, this does not."""
        try:
            body = self.access_token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            return str(claims.get(_TENANT) or f"sub:{claims['sub']}")
        except (IndexError, ValueError, KeyError, TypeError, AttributeError):
            return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a person is asked to do at another screen.

    Attributes:
        address: Where.
        code: What to type there.
        seconds: How long it is good for.
    """

    address: str
    code: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An OIDC issuer and this runner as its client.

    Attributes:
        url: The issuer.
        client_id: This runner's client id.
        client_secret: Its secret, or empty for a public client.
        audience: Whom tokens should be for, or empty.
    """

    url: str
    client_id: str
    client_secret: str = ""
    audience: str = ""

    async def by_secret(self) -> Grant:
        """Return a token for the client's own secret.

        Raises:
            LoginEnded: The issuer says no.
            PlannerUnavailable: It gave no usable answer.
        """
        async with _http() as http:
            return await self._granted(http, {"grant_type": "client_credentials"})

    async def by_refresh(self, refresh_token: str) -> Grant:
        """Return a token for what the last login left.

        Raises:
            LoginEnded, PlannerUnavailable: As for `by_secret`.
        """
        async with _http() as http:
            return await self._granted(http, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def by_device(self, invite: Callable[[Invitation], None], *, sleep: Sleep = asyncio.sleep) -> Grant:
        """Ask a person to log in at another screen, and wait until they have.

        Raises:
            LoginEnded: They refused, or the time ran out.
            PlannerUnavailable: As for `by_secret`.
        """
        async with _http() as http:
            form = {**self._named, "scope": "openid offline_access", **self._audience}
            asked = await self._post(http, "device_authorization_endpoint", form)
            try:
                code, address, user = (str(asked[key]) for key in ("device_code", "verification_uri", "user_code"))
                left = min(_MOST_SECONDS, float(asked.get("expires_in", 600)))
                wait = max(_LEAST_WAIT_SECONDS, float(asked.get("interval", _SLOWER_SECONDS)))
            except (KeyError, ValueError, TypeError):
                raise PlannerUnavailable("the login issuer's answer to a device login cannot be read") from None
            invite(Invitation(address=address, code=user, seconds=left))
            while left > 0:
                await sleep(wait)
                left -= wait
                try:
                    return await self._granted(http, {"grant_type": _DEVICE, "device_code": code})
                except _NotYet as told:
                    wait += _SLOWER_SECONDS if told.slower else 0
        raise LoginEnded("nobody logged in before the code ran out")

    async def revoke(self, refresh_token: str) -> None:
        """End a login at the issuer, where it offers that.

        Raises:
            PlannerUnavailable: It could not be told.
        """
        async with _http() as http:
            if "revocation_endpoint" in await self._discovered(http):
                form = {"token": refresh_token, "token_type_hint": "refresh_token", **self._named}
                await self._post(http, "revocation_endpoint", form)

    @property
    def _named(self) -> dict[str, str]:
        """A client with a secret names itself in the header, and there alone (RFC 6749, 2.3)."""
        return {} if self.client_secret else {"client_id": self.client_id}

    @property
    def _audience(self) -> dict[str, str]:
        return {"audience": self.audience} if self.audience else {}

    async def _granted(self, http: httpx.AsyncClient, form: dict[str, str]) -> Grant:
        body = await self._post(http, "token_endpoint", {**form, **self._named, **self._audience})
        try:
            kept = str(body.get("refresh_token") or form.get("refresh_token") or "")
            return Grant(
                access_token=str(body["access_token"]), seconds=float(body.get("expires_in", 300)), refresh_token=kept
            )
        except (KeyError, ValueError, TypeError):
            raise PlannerUnavailable("the login issuer's answer holds no token") from None

    async def _post(self, http: httpx.AsyncClient, endpoint: str, form: dict[str, str]) -> dict[str, Any]:
        found = await self._discovered(http)
        if endpoint not in found:
            raise LoginEnded(f"the login issuer {self.url} offers no {endpoint.replace('_', ' ')}")
        url = str(found[endpoint])
        if self.url.startswith("https://") and not url.startswith("https://"):
            raise PlannerUnavailable("the login issuer wants secrets sent in the clear; nothing was sent")
        auth = httpx.BasicAuth(self.client_id, self.client_secret) if self.client_secret else httpx.USE_CLIENT_DEFAULT
        try:
            answer = await http.post(url, data=form, auth=auth)
            body = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise PlannerUnavailable(f"the login issuer gave no usable answer ({type(error).__name__})") from None
        if not isinstance(body, dict) or answer.status_code >= 500:  # noqa: PLR2004 - RFC 9110, 15.6
            raise PlannerUnavailable(f"the login issuer gave no usable answer (status {answer.status_code})")
        if answer.is_success:
            return body
        raise _refused(str(body.get("error") or f"status {answer.status_code}"))

    async def _discovered(self, http: httpx.AsyncClient) -> dict[str, Any]:
        try:
            answer = await http.get(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PlannerUnavailable(f"the login issuer {self.url} did not answer ({type(error).__name__})") from None
        if not isinstance(found, dict) or str(found.get("issuer", "")).rstrip("/") != self.url.rstrip("/"):
            raise PlannerUnavailable(f"the document at {self.url} is not that of the issuer [agent] issuer names")
        return found


class _NotYet(LoginEnded):
    """Nobody has logged in yet; `slower` when the issuer was asked too often."""

    def __init__(self, *, slower: bool) -> None:
        super().__init__("nobody has logged in yet")
        self.slower = slower


def _refused(error: str) -> LoginEnded:
    if error in {"authorization_pending", "slow_down"}:
        return _NotYet(slower=error == "slow_down")
    what = {
        "access_denied": "the login was refused at the other screen",
        "expired_token": "nobody logged in before the code ran out",
        "invalid_grant": "the login is over; run escher login",
        "invalid_client": "the login issuer does not know this client, or its secret is another",
        "unauthorized_client": "the login issuer does not let this client log in so",
    }
    return LoginEnded(what.get(error, f"the login issuer refused ({error[:80]})"))


def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)
