"""Our own route in front of the inbox: check who sends, persist, acknowledge, hand on.

What changes anything is made durable before it is acknowledged, with nothing awaited but that commit; no call to Teams stands
between an activity and its acknowledgement. A press is answered at once (Teams waits 10 to 15 seconds) with a line under
the card; what became of it shows on the card itself, for everybody.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from blocks.components import ChatMessage, line
from blocks.components.actions import ActionId
from bot.http_server import HttpServer
from bot.inbox import Event, Handler, Inbox, TryLater
from bot.messages import Click, Surface
from bot.platform import Busy, Gone, Rejected, Unreachable
from bot.teams.activities import Activity, Kind, read
from bot.teams.client import TeamsClient
from bot.teams.events import EXECUTE, TeamsEvents, thread_of
from bot.teams.gate import Gate, Refused
from bot.teams.options import TeamsOptions
from bot.teams.people import TeamsPeople
from bot.teams.signing import SigningKeys
from bot.teams.webhook import webhook
from engine.clock import Clock
from engine.tasks import spawn

_log = structlog.get_logger(__name__)

MESSAGE: Final = "application/vnd.microsoft.activity.message"
ERROR: Final = "application/vnd.microsoft.error"
_SAID: Final = {
    ActionId.APPROVE: "Your approval arrived; the card shows what comes of it.",
    ActionId.REJECT: "Your rejection arrived; the card shows it.",
    ActionId.UNDO: "I plan how to undo it; the card of that plan follows.",
    ActionId.CHANGE: "Say in this thread what should be different.",
}
_ARRIVED: Final = "Heard. What comes of it follows here."


@dataclass(slots=True)
class _Reply:
    """What to answer over HTTP; filled in by the turn."""

    status: HTTPStatus = HTTPStatus.OK
    body: Mapping[str, Any] | None = None


class TeamsListener:
    """Receives everything Teams sends to one bot.

    Args:
        options: How we are registered.
        client: The port.
        inbox: Where events are made durable.
        clock: The time.
    """

    def __init__(self, options: TeamsOptions, *, client: TeamsClient, inbox: Inbox, clock: Clock) -> None:
        self._options = options
        self._client = client
        self._inbox = inbox
        self._gate = Gate(options)
        self._keys = SigningKeys(options.metadata_url, clock=clock)
        self._people = TeamsPeople(client.member, clock=clock)
        self._events = TeamsEvents(people=self._people, clock=clock)
        self._commits = ThreadPoolExecutor(max_workers=1, thread_name_prefix="teams-inbox")
        self._webhook: HttpServer | None = None

    @property
    def port(self) -> int:
        """The port we listen on; 0 before the start."""
        return self._webhook.port if self._webhook else 0

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            SettingsError: The port is taken.
        """
        self._keys.install()
        server = webhook(self._answer, host=self._options.host, port=self._options.port)
        await server.start()
        self._webhook = server

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        if self._webhook is not None:
            await self._webhook.stop()
        self._commits.shutdown(wait=True)
        await self._client.aclose()

    def introduce(self, handler: Handler) -> Handler:
        """Return the handler that first asks Teams who somebody is; give this to `Inbox.start`.

        Events of other surfaces pass untouched. While Teams cannot be asked, the event waits.
        """

        async def introduced(event: Event) -> None:
            if event.thread.surface is Surface.TEAMS:
                event = await self._vouched(event)
            await handler(event)

        return introduced

    async def _vouched(self, event: Event) -> Event:
        try:
            return replace(event, principal=await self._people.vouched(event.principal, event.thread.channel))
        except Busy as busy:
            raise TryLater(busy.retry_after) from busy
        except Unreachable as error:
            raise TryLater(2.0) from error

    async def _answer(self, request: Request) -> Response:
        """Answer every request: let in, read, made durable; or why not."""
        body = await request.body()
        client = request.client.host if request.client else ""
        reply = _Reply()
        try:
            activity = read(body)
        except ValueError:
            return Response("not an activity", status_code=HTTPStatus.BAD_REQUEST)

        async def turn(claims: Mapping[str, Any]) -> None:
            self._gate.after(activity, claims)
            await self._take(activity, reply)

        try:
            authorization = self._gate.before(activity, request.headers, client)
            await self._client.connector.receive(json.loads(body), authorization, turn)
        except Refused as refused:
            _log.warning("a request to the teams endpoint was refused", reason=str(refused))
            return Response("refused", status_code=refused.status)
        except Unreachable as error:
            _log.error("a request could not be checked", reason=str(error))
            return Response("cannot be checked now", status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as error:  # noqa: BLE001 - the SDK has no type of its own for "not vouched for"; fail closed
            _log.warning("the sender of a request is not vouched for", error=type(error).__name__)
            return Response("refused", status_code=HTTPStatus.UNAUTHORIZED)
        if reply.body is not None:
            return JSONResponse(dict(reply.body), status_code=reply.status)
        return Response(status_code=reply.status)

    async def _take(self, activity: Activity, reply: _Reply) -> None:
        """Do what an activity let in asks for; never raises, so that whatever is raised means not let in."""
        invoked = activity.type == "invoke"
        try:
            event = self._events.read(activity)
        except (ValueError, TypeError) as error:
            _log.warning("a teams activity could not be read", type=activity.type, error=type(error).__name__)
            reply.body = _error(HTTPStatus.BAD_REQUEST, "I do not know this button.") if invoked else None
            return
        try:
            await self._kept(activity, event)
        except Exception as error:  # noqa: BLE001 - whatever the reason: not durable, so not acknowledged, so sent again
            _log.error("a teams activity could not be made durable", error=type(error).__name__)
            reply.status = HTTPStatus.OK if invoked else HTTPStatus.SERVICE_UNAVAILABLE
            reply.body = _error(
                HTTPStatus.SERVICE_UNAVAILABLE, "I cannot keep this now, so nothing happens. Press again soon."
            )
            return
        if invoked:
            reply.body, reply.status = _invoked(activity, event)

    async def _kept(self, activity: Activity, event: Event | None) -> None:
        """Make durable where the conversation is reached and what happened; greet where we are new."""
        if event is None and not activity.invited_us:
            return
        principal = event.principal.id if event is not None else ""
        new = await asyncio.get_running_loop().run_in_executor(self._commits, self._commit, activity, event, principal)
        if new and event is None:
            spawn(self._greet(activity), name="teams greeting")

    def _commit(self, activity: Activity, event: Event | None, principal: str) -> bool:
        self._client.addresses.learn(activity, principal=principal)
        if event is not None:
            return self._inbox.accept(event)
        return self._inbox.first_sight(f"teams:greeting:{activity.conversation.base}")

    async def _greet(self, activity: Activity) -> None:
        thread = thread_of(activity)
        if not activity.conversation.root:
            thread = replace(thread, thread="")
        try:
            await self._client.post(thread, greeting(activity.conversation.kind))
        except (Busy, Gone, Rejected, Unreachable) as error:
            _log.warning("a greeting could not be posted", error=type(error).__name__, reason=str(error))


def greeting(kind: Kind) -> ChatMessage:
    """Return what we say where we are new."""
    how = "Just write" if kind is Kind.PERSONAL else "Mention me"
    return ChatMessage(
        paragraphs=(
            line(
                "Hello, I am Escher. I look after your clouds: I plan, somebody with the right approves, I do exactly that."
            ),
            line(f"{how}, for example: stop all dev EC2 instances."),
        ),
        suggestions=("help", "pending", "list public buckets"),
    )


def _invoked(activity: Activity, event: Event | None) -> tuple[Mapping[str, Any], HTTPStatus]:
    """Return the answer to an invoke: HTTP 200 with the outcome in its body for presses, 501 for what we do not offer."""
    if activity.name != EXECUTE:
        return {"error": "not offered"}, HTTPStatus.NOT_IMPLEMENTED
    if not isinstance(event, Click):
        return _error(HTTPStatus.BAD_REQUEST, "Teams does not say who pressed this."), HTTPStatus.OK
    said = _SAID.get(ActionId(event.action), _ARRIVED)
    return {"statusCode": int(HTTPStatus.OK), "type": MESSAGE, "value": said}, HTTPStatus.OK


def _error(status: HTTPStatus, message: str) -> Mapping[str, Any]:
    """Return an error for a press, which travels in the body.

    https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format
    """
    code = "BadRequest" if status is HTTPStatus.BAD_REQUEST else "ServiceUnavailable"
    return {"statusCode": int(status), "type": ERROR, "value": {"code": code, "message": message}}
