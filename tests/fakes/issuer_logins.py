"""How the local issuer lets clients log in: client credentials, refresh and device grants, as strict as the RFCs.

Each refusal cites its rule. Time is the fake's own (`now`), so that a client that polls too fast is caught without waiting.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

PUBLIC, CONFIDENTIAL, SECRET = "escher-laptop", "escher-runner", "s3cret-of-the-runner"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
Answer = tuple[int, dict[str, Any]]


@dataclass
class Device:
    """A login that somebody is asked for at another screen."""

    user_code: str
    until: float
    state: str = "pending"
    interval: float = 5.0
    asked_at: float = float("-inf")


@dataclass
class Logins:
    """The token, device authorization and revocation endpoints.

    Attributes:
        token: Makes access tokens.
        now: The fake's time in seconds.
        devices: By device code.
        refresh: Refresh tokens that are good, by client.
        rotates: Whether a refresh token is replaced at each use (OAuth 2.0 Security BCP, 4.14.2).
        offers: Endpoints that the discovery document names.
    """

    token: Callable[..., str]
    now: float = 0.0
    devices: dict[str, Device] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)
    rotates: bool = True
    offers: tuple[str, ...] = ("token", "device_authorization", "revocation")
    audience: str = ""

    def endpoints(self, url: str) -> dict[str, str]:
        """Return what discovery says of them."""
        return {f"{name}_endpoint": f"{url}/{name}" for name in self.offers}

    def decide(self, user_code: str, state: str) -> None:
        """Let the person at the other screen approve or deny."""
        (device,) = (one for one in self.devices.values() if one.user_code == user_code)
        device.state = state

    def post(self, path: str, headers: Mapping[str, str], body: str) -> Answer:
        """Answer a request to one of the endpoints."""
        if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return 400, {"error": "invalid_request"}  # RFC 6749, 4.4.2: form-encoded
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=bool(body)).items()}
        if any(len(values) > 1 for values in parse_qs(body).values()):
            return 400, {"error": "invalid_request"}  # RFC 6749, 3.2: no parameter more than once
        client = self._client(headers, form)
        if client is None:
            return 401, {"error": "invalid_client"}  # RFC 6749, 5.2
        match path:
            case "/device_authorization":
                return self._device(client, form)
            case "/token":
                return self._token(client, form)
            case "/revocation":
                self.refresh.pop(form.get("token", ""), None)
                return 200, {}  # RFC 7009, 2.2: also for a token it does not know
        return 404, {}

    def _client(self, headers: Mapping[str, str], form: Mapping[str, str]) -> str | None:
        basic = headers.get("authorization", "")
        if basic.startswith("Basic "):
            if "client_id" in form or "client_secret" in form:
                return None  # RFC 6749, 2.3: one way of authentication in each request
            name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            return name if (name, secret) == (CONFIDENTIAL, SECRET) else None
        return PUBLIC if form.get("client_id") == PUBLIC else None

    def _device(self, client: str, form: Mapping[str, str]) -> Answer:
        if client != PUBLIC:
            return 400, {"error": "unauthorized_client"}
        if "openid" not in form.get("scope", "").split():
            return 400, {"error": "invalid_scope"}
        code, user = secrets.token_urlsafe(24), f"{secrets.token_hex(2).upper()}-{secrets.token_hex(2).upper()}"
        self.devices[code] = Device(user_code=user, until=self.now + 600)
        uri = {"verification_uri": "https://login.example/device", "user_code": user}
        return 200, {"device_code": code, "expires_in": 600, "interval": 5, **uri}

    def _token(self, client: str, form: Mapping[str, str]) -> Answer:
        if self.audience and form.get("audience") != self.audience:
            return 400, {"error": "invalid_target"}
        match form.get("grant_type"):
            case "client_credentials":
                return self._granted(client, refresh=False) if client == CONFIDENTIAL else _error("unauthorized_client")
            case "refresh_token":
                if self.refresh.get(form.get("refresh_token", "")) != client:
                    return _error("invalid_grant")
                if self.rotates:
                    del self.refresh[form["refresh_token"]]
                return self._granted(client, refresh=self.rotates)
            case grant if grant == DEVICE:
                return self._polled(client, form)
        return _error("unsupported_grant_type")

    def _polled(self, client: str, form: Mapping[str, str]) -> Answer:
        device = self.devices.get(form.get("device_code", ""))
        if device is None or device.state == "used":
            return _error("invalid_grant")  # RFC 8628, 3.5, and RFC 6749, 4.1.2: a code is used once
        fast = self.now - device.asked_at < device.interval
        device.asked_at = self.now
        if self.now > device.until:
            return _error("expired_token")
        if fast:
            device.interval += 5  # RFC 8628, 3.5: this and all following requests
            return _error("slow_down")
        if device.state == "denied":
            return _error("access_denied")
        if device.state == "pending":
            return _error("authorization_pending")
        device.state = "used"
        return self._granted(client, refresh=True)

    def _granted(self, client: str, *, refresh: bool) -> Answer:
        token = self.token(client_id=client, **{"custom:tenant": "acme"})
        answer: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": 300}
        if refresh:
            answer["refresh_token"] = secrets.token_urlsafe(32)
            self.refresh[answer["refresh_token"]] = client
        return 200, answer


def _error(code: str) -> Answer:
    return 400, {"error": code}
