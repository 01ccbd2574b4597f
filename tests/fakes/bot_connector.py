"""A strict Bot Framework connector and its token issuer on loopback.

It takes what Teams takes and refuses the rest: activities are validated, unknown conversations and messages are 404, cards above
Teams' size are 413, and with tokens on, a request without ours is 401. As issuer it publishes a metadata document and keys, and
signs tokens with any claims a test wants.
Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

import asyncio
import itertools
import json
import time
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.fakes.patience import PATIENCE

CARD = "application/vnd.microsoft.card.adaptive"
MOST_MESSAGE = 100 * 1024
MOST_CARD = 28 * 1024
TENANT = "11111111-aaaa-4bbb-8ccc-000000000001"
APP = "22222222-aaaa-4bbb-8ccc-000000000002"
BOT = f"28:{APP}"
ISSUER = "https://api.botframework.com"


@dataclass
class Sent:
    """A message as Teams would show it, with every version it had."""

    id: str
    conversation: str
    versions: list[dict] = field(default_factory=list)

    @property
    def card(self) -> dict | None:
        """The card it shows now."""
        found = [one["content"] for one in self.versions[-1].get("attachments") or []]
        return found[0] if found else None

    @property
    def text(self) -> str:
        """The words beside the card."""
        return self.versions[-1].get("text") or ""

    def shows(self, words: str) -> bool:
        """Return whether some words are on it."""
        return words in json.dumps(self.versions[-1], ensure_ascii=False)


class BotConnector:
    """The connector of one tenant.

    Attributes:
        token: The bearer token our bot must bring; empty for none.
        failures: What to answer to the next calls instead: status, error code, headers.
        members: Roster entries by account id; somebody else is 404.
        closed_doors: Account ids with whom no personal conversation can be opened.
    """

    def __init__(self, *, token: str = "") -> None:
        self.token = token
        self.failures: deque[tuple[int, str, dict]] = deque()
        self.members: dict[str, dict] = {}
        self.closed_doors: set[str] = set()
        self.conversations: set[str] = set()
        self.sent: dict[str, Sent] = {}
        self.calls: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.news = asyncio.Condition()
        self.ids = itertools.count(1_800_000_000_000)
        self.signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.endorsements = ["msteams", "webchat"]
        self.key_id = "key-1"
        self.address = ""

    @property
    def url(self) -> str:
        """The service address activities carry."""
        return f"{self.address}/teams/"

    @property
    def metadata_url(self) -> str:
        """Where the signing keys are published."""
        return f"{self.address}/openid"

    def application(self) -> Starlette:
        """Return the ASGI application."""
        base = "/teams/v3/conversations"
        return Starlette(
            routes=[
                Route("/openid", self._metadata),
                Route("/keys", self._keys),
                Route(base, self._create, methods=["POST"]),
                Route(f"{base}/{{conversation}}/activities", self._send, methods=["POST"]),
                Route(f"{base}/{{conversation}}/activities/{{message}}", self._update, methods=["PUT"]),
                Route(f"{base}/{{conversation}}/members/{{member}}", self._member),
            ]
        )

    def knows(self, *conversations: str) -> None:
        """Let our bot be in some conversations."""
        self.conversations.update(conversations)

    def join(self, user: str, **changes: str) -> None:
        """Put somebody in the roster."""
        name = changes.get("name", "Ada")
        self.members[user] = {
            "id": user,
            "name": name,
            "userPrincipalName": f"{name.lower()}@acme.example",
            "tenantId": TENANT,
            "userRole": "user",
        } | changes

    def fail(self, status: int, code: str = "", **headers: str) -> None:
        """Refuse the next call."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.failures.append((status, code, named))

    async def sees(self, words: str, *, seconds: float = PATIENCE) -> Sent:
        """Wait until some message shows some words; return it."""
        async with asyncio.timeout(seconds), self.news:
            await self.news.wait_for(lambda: any(one.shows(words) for one in self.sent.values()))
        return next(one for one in reversed(self.sent.values()) if one.shows(words))

    def signed(
        self, *, key=None, algorithm: str = "RS256", headers: dict | None = None, drop: str = "", **claims
    ) -> str:
        """Return a token as Microsoft signs it for our bot, with changes."""
        now = int(time.time())
        payload = {"iss": ISSUER, "aud": APP, "serviceurl": self.url, "nbf": now - 10, "exp": now + 3600} | claims
        payload.pop(drop, None)
        return jwt.encode(
            payload, key or self.signing, algorithm=algorithm, headers={"kid": self.key_id} | (headers or {})
        )

    async def _metadata(self, _request: Request) -> JSONResponse:
        return JSONResponse({"issuer": ISSUER, "jwks_uri": f"{self.address}/keys"})

    async def _keys(self, _request: Request) -> JSONResponse:
        self.calls.append(("GET", "keys"))
        public = json.loads(RSAAlgorithm.to_jwk(self.signing.public_key()))
        return JSONResponse({"keys": [public | {"kid": self.key_id, "endorsements": self.endorsements}]})

    def _refused(self, request: Request, conversation: str = "") -> JSONResponse | None:
        self.calls.append((request.method, request.url.path))
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return _no(401, "Unauthorized")
        if self.failures:
            status, code, headers = self.failures.popleft()
            return _no(status, code, headers)
        if conversation and conversation not in self.conversations:
            base, mark, root = conversation.partition(";messageid=")
            if not (mark and root and base in self.conversations):
                return _no(404, "ConversationNotFound")
        return None

    async def _send(self, request: Request) -> JSONResponse:
        conversation = unquote(request.path_params["conversation"])
        if refused := self._refused(request, conversation):
            return refused
        return await self._keep(await request.json(), conversation, str(next(self.ids)), 201)

    async def _update(self, request: Request) -> JSONResponse:
        conversation, message = (unquote(request.path_params[name]) for name in ("conversation", "message"))
        if refused := self._refused(request, conversation):
            return refused
        if message not in self.sent or self.sent[message].conversation != conversation:
            return _no(404, "ActivityNotFoundInConversation")
        return await self._keep(await request.json(), conversation, message, 200)

    async def _create(self, request: Request) -> JSONResponse:
        if refused := self._refused(request):
            return refused
        body = await request.json()
        named = {key.lower(): value for key, value in body.items()}
        if body.get("bot", {}).get("id") != BOT or named.get("tenantid") != TENANT:
            return self._wrong("a conversation needs our bot and its tenant")
        if body.get("isGroup"):
            channel = body.get("channelData", {}).get("channel", {}).get("id")
            if channel not in self.conversations:
                return _no(404, "ConversationNotFound")
            message = str(next(self.ids))
            where = f"{channel};messageid={message}"
            answer = await self._keep(body["activity"], where, message, 201)
            return JSONResponse({"id": where, "activityId": message}, 201) if answer.status_code == 201 else answer
        (member,) = body["members"]
        if member["id"] in self.closed_doors or member["id"] not in self.members:
            return _no(403, "BotNotInConversationRoster")
        where = f"a:{member['id']}"
        self.knows(where)
        return JSONResponse({"id": where}, 201)

    async def _member(self, request: Request) -> JSONResponse:
        conversation, member = (unquote(request.path_params[name]) for name in ("conversation", "member"))
        if refused := self._refused(request, conversation):
            return refused
        if member not in self.members:
            return _no(404, "MemberNotFoundInConversation")
        return JSONResponse(self.members[member])

    async def _keep(self, activity: dict, conversation: str, message: str, status: int) -> JSONResponse:
        complaint = _complaint(activity)
        if complaint:
            return self._wrong(complaint)
        if len(json.dumps(activity, ensure_ascii=False).encode("utf-16-le")) > MOST_MESSAGE:
            return _no(413, "MessageSizeTooBig")
        async with self.news:
            self.sent.setdefault(message, Sent(message, conversation)).versions.append(activity)
            self.news.notify_all()
        return JSONResponse({"id": message}, status)

    def _wrong(self, complaint: str) -> JSONResponse:
        self.faults.append(complaint)
        return _no(400, "BadArgument")


def _complaint(activity: dict) -> str:
    """Return what Teams would not take about an activity, or nothing."""
    if activity.get("type") != "message":
        return "only messages are sent"
    if activity.get("from", {}).get("id") != BOT:
        return "a message of ours is from our bot"
    attachments = activity.get("attachments") or []
    if not activity.get("text") and not attachments:
        return "a message without text or card"
    for one in attachments:
        card = one.get("content") or {}
        if one.get("contentType") != CARD or card.get("type") != "AdaptiveCard":
            return "an attachment that is no Adaptive Card"
        if card.get("version") not in {"1.2", "1.3", "1.4", "1.5"} or not card.get("body"):
            return "a card of a version that Teams does not show, or an empty one"
        if len(json.dumps(card, ensure_ascii=False).encode("utf-8")) > MOST_CARD:
            return "a card that is too large"
        if len(card.get("actions") or []) > 6:
            return "more than six primary actions"
    return ""


def _no(status: int, code: str, headers: dict | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": code}}, status, headers=headers)
