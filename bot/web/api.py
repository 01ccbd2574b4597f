"""The requests of the console's page.

A message or a press is checked for form, turned into the event the conversation knows, and acknowledged only when the inbox
has made it durable. Who somebody is comes from the session and the list of persons of this runner, never from a free text.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from blocks.components.actions import decode_value
from bot.inbox import Inbox
from bot.messages import Click, Mention, MessageRef
from bot.platform import Unreachable
from bot.web.assets import Asset, load
from bot.web.client import Subscription, TooSlow, WebPlatform, as_json
from bot.web.doors import Doors
from bot.web.gate import has_session, session_cookie
from bot.web.rooms import FIXED, ROOM_PATTERN, thread_of
from engine.clock import Clock
from engine.principal import Principal
from engine.storage.database import StorageUnavailable

_log = structlog.get_logger(__name__)

MOST_BYTES: Final = 64 * 1024
_CHOICE: Final = "choice_value"
_POLICY_VIOLATION: Final = 1008
_TRY_AGAIN_LATER: Final = 1013
_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
_FILE_ID: Final = re.compile(r"^[0-9a-f]{32}$")
_ADDRESSED: Final = re.compile(r"^\s*@escher\b[,:]?\s*", re.IGNORECASE)

RoomName = Annotated[str, StringConstraints(pattern=ROOM_PATTERN)]
PrincipalId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]


class _Body(BaseModel):
    """What every request of the page says: which one it is, where, and who of this runner's persons."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID
    room: RoomName
    persona: PrincipalId


class Said(_Body):
    """`POST /api/say`."""

    text: str


class Pressed(_Body):
    """`POST /api/press`."""

    message: Annotated[str, StringConstraints(pattern=r"^m-[0-9a-f]{16}$")]
    action: Key
    value: dict[Key, Annotated[str, StringConstraints(max_length=400)]] = Field(default_factory=dict, max_length=20)
    inputs: dict[Key, Annotated[str, StringConstraints(max_length=2000)]] = Field(default_factory=dict, max_length=10)


_AnyBody = TypeVar("_AnyBody", bound=_Body)


class _Refused(Exception):
    """A request that is not done, with the sentence its page shows."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class ConsoleApi:
    """The handlers behind the gate.

    Args:
        port: The port we listen on.
        platform: What rooms show.
        inbox: Where events are made durable.
        people: The persons of this runner, its own user first.
        doors: Links and sessions.
        clock: The time.
        examples: What an empty room offers to try.
    """

    def __init__(
        self,
        *,
        port: int,
        platform: WebPlatform,
        inbox: Inbox,
        people: Sequence[Principal],
        doors: Doors,
        clock: Clock,
        examples: Sequence[str],
    ) -> None:
        self._port = port
        self._examples = tuple(examples)
        self._platform = platform
        self._inbox = inbox
        self._people: Mapping[str, Principal] = {person.id: person for person in people}
        self._doors = doors
        self._clock = clock
        self._assets = load()

    async def page(self, request: Request) -> Response:
        """`GET /`: the console; with a link's token, first a session; without one, how to get it."""
        token = request.query_params.get("token", "")
        if token and request.method == "GET":
            session = self._doors.redeem(token)
            if session is not None:
                answer = RedirectResponse("/", status_code=303)
                answer.headers["Set-Cookie"] = session_cookie(self._port, session)
                return answer
            if not has_session(request):
                _log.warning("a link that opens nothing was tried")
        if not has_session(request):
            return _served(self._assets["locked.html"], status=403)
        return RedirectResponse("/", status_code=303) if token else _served(self._assets["index.html"])

    async def static(self, request: Request) -> Response:
        """`GET /static/…`: the files of the page."""
        asset = self._assets.get(request.path_params["path"])
        if asset is None:
            return JSONResponse({"error": "There is no such file."}, status_code=404)
        return _served(asset)

    async def session(self, request: Request) -> Response:
        """`GET /api/session`: who this is, and the rooms."""
        if not has_session(request):
            return _no_session()
        return JSONResponse(await self._hello())

    async def say(self, request: Request) -> Response:
        """`POST /api/say`: somebody said something."""
        try:
            said = await self._read(request, Said)
            mention = self._mention(said, self._person(said.persona))
            new = await self._platform.hear(mention, lambda: self._inbox.accept(mention))
        except _Refused as refused:
            return JSONResponse({"error": refused.sentence}, status_code=refused.status)
        except (StorageUnavailable, Unreachable):
            return _not_kept()
        return JSONResponse({"new": new, "message": mention.message}, status_code=202)

    async def press(self, request: Request) -> Response:
        """`POST /api/press`: somebody pressed a button."""
        try:
            pressed = await self._read(request, Pressed)
            click = await self._click(pressed, self._person(pressed.persona))
            new = await asyncio.to_thread(self._inbox.accept, click)
        except _Refused as refused:
            return JSONResponse({"error": refused.sentence}, status_code=refused.status)
        except (StorageUnavailable, Unreachable):
            return _not_kept()
        return JSONResponse({"new": new}, status_code=202)

    async def file(self, request: Request) -> Response:
        """`GET /files/…`: a shared file; only pictures are shown in the browser, anything else is saved."""
        if not has_session(request):
            return _no_session()
        file_id = request.path_params["file"]
        content = await self._platform.file(file_id) if _FILE_ID.match(file_id) else None
        if content is None:
            return JSONResponse({"error": "There is no such file."}, status_code=404)
        media = next((media for start, media in _PICTURES if content.startswith(start)), "")
        if media:
            return Response(content, media_type=media)
        headers = {"Content-Disposition": "attachment"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def events(self, socket: WebSocket) -> None:
        """`/api/events`: a page's line; it names its person and its rooms, and gets what happens."""
        person = self._people.get(socket.query_params.get("persona", ""))
        if not has_session(socket) or person is None:
            await socket.close(code=_POLICY_VIOLATION)
            return
        await socket.accept()
        page = self._platform.subscribe(person.id)
        try:
            await socket.send_json({"type": "hello", **(await self._hello())})
            async with asyncio.TaskGroup() as both:
                both.create_task(_forward(page, socket))
                both.create_task(self._replays(socket, person))
        except* (WebSocketDisconnect, RuntimeError):
            # Starlette says RuntimeError when one side of the line is written after the other closed it.
            pass
        except* TooSlow:
            await socket.close(code=_TRY_AGAIN_LATER)
        finally:
            self._platform.leave(page)

    async def _replays(self, socket: WebSocket, person: Principal) -> None:
        """Answer each room's name with what the person sees there."""
        while True:
            room = await socket.receive_text()
            if re.match(ROOM_PATTERN, room) is None:
                await socket.close(code=_POLICY_VIOLATION)
                raise WebSocketDisconnect(_POLICY_VIOLATION)
            seen = await self._platform.messages(room, person.id)
            await socket.send_json({"type": "room_log", "room": room, "messages": [as_json(one) for one in seen]})

    async def _hello(self) -> dict[str, Any]:
        titles = await self._platform.rooms()
        return {
            "people": [{"id": one.id, "name": one.display or one.id} for one in self._people.values()],
            "fixed": list(FIXED),
            "examples": self._examples,
            "rooms": [title.model_dump(mode="json", exclude={"v"}) for title in titles],
        }

    def _mention(self, said: Said, person: Principal) -> Mention:
        text = _ADDRESSED.sub("", said.text).strip()
        if not text:
            raise _Refused(422, "Write what I should do, for example: show me all idle EC2 instances.")
        return Mention(
            event_id=f"web:say:{said.id}",
            principal=person,
            thread=thread_of(said.room),
            text=text,
            at=self._clock(),
            message=f"s-{said.id.hex}",
        )

    async def _click(self, pressed: Pressed, person: Principal) -> Click:
        shown = await self._platform.messages(pressed.room, person.id)
        if all(one.id != pressed.message for one in shown):
            raise _Refused(410, "That card is no longer here. Say `pending` to see what is waiting.")
        thread = thread_of(pressed.room)
        value, inputs = dict(pressed.value), dict(pressed.inputs)
        if _CHOICE in inputs:
            value |= _chosen(inputs.pop(_CHOICE))
        return Click(
            event_id=f"web:press:{pressed.id}",
            principal=person,
            thread=thread,
            action=pressed.action,
            at=self._clock(),
            value=value,
            inputs=inputs,
            message=MessageRef(thread=thread, message=pressed.message),
        )

    def _person(self, persona: str) -> Principal:
        person = self._people.get(persona)
        if person is None:
            raise _Refused(403, "That is nobody who may speak here.")
        return person

    async def _read(self, request: Request, form: type[_AnyBody]) -> _AnyBody:
        if not has_session(request):
            raise _Refused(401, "This page was opened before Escher started. Open a new link.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise _Refused(415, "Only JSON is read here.")
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise _Refused(413, "That is more than 64 KB; say it shorter.")
        try:
            return form.model_validate_json(bytes(body))
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the request"
            raise _Refused(422, f"{where} is not what it should be.") from None


async def _forward(page: Subscription, socket: WebSocket) -> None:
    while True:
        await socket.send_json(await page.next())


def _chosen(text: str) -> dict[str, str]:
    try:
        return decode_value(text)
    except ValueError:
        raise _Refused(422, "That choice is not one of the card's.") from None


def _served(asset: Asset, *, status: int = 200) -> Response:
    return Response(asset.content, status_code=status, headers={"Content-Type": asset.media})


def _no_session() -> Response:
    return JSONResponse({"error": "Open the console with a new link."}, status_code=401)


def _not_kept() -> Response:
    sentence = "I could not write that down, so I do nothing yet. Try again in a moment."
    return JSONResponse({"error": sentence}, status_code=503, headers={"Retry-After": "2"})
