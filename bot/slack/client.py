"""The chat port over Slack's Web API.

Two clients share one HTTP session. Cards go through one without retries, because the outbox owns pace and order and must
see each 429 at once; look-ups, dialogs and files go through one that waits out rate limits and server errors by itself
(slack_sdk switches neither on by default).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler, AsyncServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from blocks import slack as block_kit
from blocks.components import Component
from bot.messages import MessageRef, Surface, ThreadRef
from bot.platform import Busy, Gone, PlatformLimits, Rejected, Unreachable
from bot.slack.dialogs import Dialogs, StoredCard
from bot.slack.faults import code_of, details_of, port_faults
from bot.slack.options import SlackMisconfigured, SlackOptions
from bot.slack.people import user_of
from engine.principal import Principal

_log = structlog.get_logger(__name__)

LIMITS: Final = PlatformLimits(post_seconds=1.0, edit_seconds=1.25)
"""One new message a second and channel; chat.update is Tier 3, 50 a minute
(https://docs.slack.dev/apis/web-api/rate-limits/)."""

_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)
_TRIES = 2
_NOT_OURS = frozenset({"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived"})
_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


def quiet_logger() -> logging.Logger:
    """Return the logger given to the SDKs: they would write message texts and addresses with tickets into it."""
    logger = logging.getLogger("escher.slack.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who our token speaks as.

    Attributes:
        team: Workspace id.
        bot_user: Our user id, the one that is mentioned.
        bot_id: Our bot id, as it stands on our own messages.
    """

    team: str
    bot_user: str
    bot_id: str


class SlackClient:
    """`ChatPlatform` for one Slack workspace; also what the listener needs beside the port.

    Args:
        options: How we are connected.
        stored: Finds cards sent by an earlier process, for the dialogs their buttons need.
    """

    def __init__(self, options: SlackOptions, *, stored: StoredCard | None = None) -> None:
        self.dialogs = Dialogs(stored)
        self._options = options
        self._session: aiohttp.ClientSession | None = None
        self._patient: AsyncWebClient | None = None
        self._prompt: AsyncWebClient | None = None
        self._doors: dict[str, Callable[[str], Awaitable[None]]] = {}

    async def open(self) -> Identity:
        """Open the HTTP session and learn who we are.

        Raises:
            SlackMisconfigured: Slack does not take the token.
            Busy, Unreachable: Slack could not be asked.
        """
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._prompt = self._web([])
        self._patient = self._web(
            [AsyncRateLimitErrorRetryHandler(max_retry_count=_TRIES), AsyncServerErrorRetryHandler(_TRIES)]
        )
        async with port_faults():
            try:
                answer = await self._patient.auth_test()
            except SlackApiError as error:
                if code_of(error) in {
                    "invalid_auth",
                    "not_authed",
                    "account_inactive",
                    "token_revoked",
                    "token_expired",
                }:
                    await self.aclose()
                    raise SlackMisconfigured(
                        f"Slack does not take slack.bot_token ({code_of(error)}); install the app again and copy its token"
                    ) from error
                raise
        return Identity(
            team=str(answer["team_id"]), bot_user=str(answer["user_id"]), bot_id=str(answer.get("bot_id") or "")
        )

    async def aclose(self) -> None:
        """Close the HTTP session."""
        if self._session is not None:
            await self._session.close()

    @property
    def web(self) -> AsyncWebClient:
        """The Web API with retries; for look-ups and dialogs."""
        if self._patient is None:
            raise RuntimeError("the Slack client is not open")
        return self._patient

    @property
    def surface(self) -> Surface:
        """Which surface this is."""
        return Surface.SLACK

    @property
    def limits(self) -> PlatformLimits:
        """How fast it may be used."""
        return LIMITS

    async def post(self, thread: ThreadRef, component: Component) -> MessageRef:
        """Send a new card to the thread; return where it lives.

        A user id as channel means the direct conversation, whose own id is kept beside the reference: edits need it.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        arguments: dict[str, Any] = {"channel": thread.channel, "unfurl_links": False, "unfurl_media": False}
        if thread.thread:
            arguments["thread_ts"] = thread.thread
        try:
            answer = await self._send("chat.postMessage", arguments, component, revision=0)
        except Gone as gone:
            await self._knock(thread.channel, str(gone))
            raise
        channel, ts = str(answer["channel"]), str(answer["ts"])
        extra = {} if channel == thread.channel else {"channel": channel}
        return MessageRef(thread=thread, message=ts, extra=extra)

    async def update(self, message: MessageRef, component: Component, *, revision: int) -> MessageRef:
        """Replace the card in place; `revision` counts its edits and gives the blocks new ids.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        channel = message.extra.get("channel", message.thread.channel)
        await self._send("chat.update", {"channel": channel, "ts": message.message}, component, revision=revision)
        return message

    async def reply_privately(self, principal: Principal, thread: ThreadRef, component: Component) -> None:
        """Show a card to one person only: in the thread, or where that is impossible in the direct conversation.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        user = user_of(principal)
        arguments: dict[str, Any] = {"channel": thread.channel, "user": user}
        if thread.thread:
            arguments["thread_ts"] = thread.thread
        if thread.channel != user:
            try:
                await self._send("chat.postEphemeral", arguments, component, revision=0)
            except Gone:
                _log.info("a private answer goes to the direct conversation instead")
            else:
                return
        await self._send("chat.postMessage", {"channel": user}, component, revision=0)

    async def upload(self, thread: ThreadRef, *, filename: str, content: bytes, title: str) -> None:
        """Share a file in the thread.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        if not content:
            raise Rejected("an empty file cannot be shared")
        async with port_faults():
            await self.web.files_upload_v2(
                channel=thread.channel,
                thread_ts=thread.thread or None,
                filename=filename,
                content=content,
                title=title,
            )

    async def open_dialog(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a modal for the person whose press gave the trigger id, which lives three seconds.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        async with port_faults():
            await self._prompt_client().views_open(trigger_id=trigger, view=dict(view))

    async def publish_home(self, user: str, component: Component) -> None:
        """Set what a person's Home tab shows.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        self.dialogs.remember(component)
        async with port_faults():
            await self.web.views_publish(user_id=user, view={"type": "home", "blocks": block_kit.render(component)})

    def door(self, channel: str, knock: Callable[[str], Awaitable[None]]) -> None:
        """Remember how to reach who asked in a channel, in case we turn out not to be in it."""
        self._doors[channel] = knock

    async def _knock(self, channel: str, why: str) -> None:
        knock = self._doors.pop(channel, None)
        if knock is None or why not in _NOT_OURS:
            return
        try:
            async with port_faults():
                await knock("I am not in this channel, so I cannot answer here. Type /invite @Escher and ask again.")
        except (Busy, Gone, Rejected, Unreachable) as error:
            _log.warning("the asker could not be told to invite the bot", error=type(error).__name__)

    async def _send(
        self, method: str, arguments: Mapping[str, Any], component: Component, *, revision: int
    ) -> Mapping[str, Any]:
        """Send a card; when Slack refuses its blocks, send its text, which alone is enough to act on."""
        self.dialogs.remember(component)
        text = block_kit.fallback(component)
        full = {**arguments, "text": text, "blocks": block_kit.render(component, revision=revision)}
        async with port_faults():
            try:
                answer = await self._prompt_client().api_call(method, json=full)
            except SlackApiError as error:
                if code_of(error) not in _BAD_BLOCKS:
                    raise
                _log.error("slack refused the blocks of a card", kind=component.kind, reason=details_of(error))
                answer = await self._prompt_client().api_call(method, json={**arguments, "text": text})
        data = answer.data
        return data if isinstance(data, dict) else {}

    def _prompt_client(self) -> AsyncWebClient:
        if self._prompt is None:
            raise RuntimeError("the Slack client is not open")
        return self._prompt

    def _web(self, retries: list[Any]) -> AsyncWebClient:
        return AsyncWebClient(
            token=self._options.bot_token,
            base_url=self._options.base_url,
            session=self._session,
            retry_handlers=retries,
            logger=quiet_logger(),
        )
