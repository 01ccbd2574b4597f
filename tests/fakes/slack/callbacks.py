"""HTTP mode: signed POSTs to the app's request URL.

Sources: https://docs.slack.dev/authentication/verifying-requests-from-slack/ (v0 signature: HMAC-SHA256 over
`v0:timestamp:body`), https://docs.slack.dev/apis/events-api/using-http-request-urls/ (JSON events, retry headers,
`X-Slack-No-Retry`), https://docs.slack.dev/interactivity/handling-user-interaction/ (form with a `payload` field) and
https://docs.slack.dev/interactivity/implementing-slash-commands/ (form fields).
"""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import httpx

from tests.fakes.slack.delivery import COMMANDS, EVENTS, Attempt, Outcome
from tests.fakes.slack.errors import Json
from tests.fakes.slack.state import State


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the v0 signature of a body."""
    digest = hmac.new(secret.encode(), b"v0:" + str(timestamp).encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def encode(kind: str, payload: Json) -> tuple[bytes, str]:
    """Return the body and content type in which a payload travels."""
    if kind == EVENTS:
        return json.dumps(payload).encode(), "application/json"
    if kind == COMMANDS:
        return urlencode(payload).encode(), "application/x-www-form-urlencoded"
    return urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded"


class Callbacks:
    """Posts payloads to the app's one request URL.

    Attributes:
        url: Where the app listens.
    """

    def __init__(self, state: State, request_url: str) -> None:
        """Remember where the app listens."""
        self._state = state
        self.url = request_url
        self._client = httpx.AsyncClient(trust_env=False)

    async def aclose(self) -> None:
        """Close idle connections."""
        await self._client.aclose()

    async def send(self, attempt: Attempt) -> Outcome:
        """Post one attempt, freshly signed."""
        body, content_type = encode(attempt.delivery.kind, attempt.delivery.payload)
        timestamp = int(self._state.clock())
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": sign(self._state.signing_secret, timestamp, body),
        }
        if attempt.number:
            headers |= {"X-Slack-Retry-Num": str(attempt.number), "X-Slack-Retry-Reason": attempt.reason}
        return await self.post(body, headers, attempt.seconds)

    async def post(self, body: bytes, headers: dict[str, str], seconds: float) -> Outcome:
        """Post raw bytes with the given headers; forged requests start here."""
        try:
            answer = await self._client.post(self.url, content=body, headers=headers, timeout=seconds)
        except httpx.TimeoutException:
            return Outcome(failure="http_timeout")
        except httpx.HTTPError:
            return Outcome(failure="connection_failed")
        if answer.status_code != 200:
            return Outcome(failure=f"http_error {answer.status_code}", no_retry="X-Slack-No-Retry" in answer.headers)
        is_json = answer.headers.get("content-type", "").startswith("application/json") and answer.content
        return Outcome(response=answer.json() if is_json else None)
