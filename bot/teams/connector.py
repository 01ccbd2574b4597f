"""Microsoft's SDK: botbuilder-core's adapter for what arrives, its connector client for what we send.

The vendor has archived it; what the rest of `bot.teams` wants of it is the handful of methods here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from botbuilder.core import BotAdapter, BotFrameworkAdapter, BotFrameworkAdapterSettings, TurnContext
from botbuilder.schema import (
    Activity,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    ConversationParameters,
)
from botframework.connector.auth import AppCredentials, ClaimsIdentity, MicrosoftAppCredentials

from bot.teams.activities import Kind
from bot.teams.addresses import Address
from bot.teams.faults import Unauthorised, port_faults
from bot.teams.options import TeamsOptions
from bot.teams.people import Member
from bot.teams.signing import CHANNEL

CARD: Final = "application/vnd.microsoft.card.adaptive"
_MULTI_TENANT: Final = "botframework.com"
_SECONDS: Final = 15
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to send.

    Attributes:
        text: Words; empty when the card says it all.
        card: An Adaptive Card.
        summary: What notifications show.
        markup: Whether the text is Teams' small subset of HTML.
    """

    text: str = ""
    card: Mapping[str, Any] | None = None
    summary: str = ""
    markup: bool = False


class ConnectorCredentials(AppCredentials):  # type: ignore[misc] # the SDK is untyped
    """The bot's own token for the connector.

    A bot registered for one tenant gets it from that tenant, an older bot for many from the Bot Framework's. The
    registration does not say which it is, so the second is tried when the first gives none, or none that is taken.

    Args:
        options: The registration.
    """

    def __init__(self, options: TeamsOptions) -> None:
        super().__init__(app_id=options.app_id)
        authorities = [*options.tenants[:1], _MULTI_TENANT] if len(options.tenants) == 1 else [_MULTI_TENANT]
        self._sources = [
            MicrosoftAppCredentials(options.app_id, options.app_password, channel_auth_tenant=authority)
            for authority in authorities
        ]

    def get_access_token(self, force_refresh: bool = False) -> str:
        """Return a token; blocks on the first call of an hour.

        Raises:
            PermissionError: No authority gives one.
        """
        for _ in self._sources[1:]:
            try:
                return str(self._sources[0].get_access_token(force_refresh))
            except PermissionError:
                self.refused()
        return str(self._sources[0].get_access_token(force_refresh))

    def refused(self) -> None:
        """Note that the connector did not take the token: ask the next authority first from now on."""
        self._sources.append(self._sources.pop(0))


@dataclass(slots=True)
class Connector:
    """The SDK around one bot.

    Args:
        options: The registration.
        credentials: Our own token; by default from Microsoft. None in the playground.
    """

    options: TeamsOptions
    credentials: AppCredentials | None = None
    _adapter: Any = field(init=False)
    _open: AsyncExitStack = field(init=False, default_factory=AsyncExitStack)
    _clients: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        if self.credentials is None and not self.options.playground:
            self.credentials = ConnectorCredentials(self.options)
        self._adapter = BotFrameworkAdapter(
            BotFrameworkAdapterSettings(
                self.options.app_id,
                self.options.app_password,
                app_credentials=self.credentials,
                open_id_metadata=self.options.metadata_url,
            )
        )

    async def receive(
        self, body: Mapping[str, Any], authorization: str, handle: Callable[[Mapping[str, Any]], Awaitable[None]]
    ) -> None:
        """Let the SDK check who sent an activity, then hand its claims on.

        Raises:
            Exception: The SDK does not vouch for the sender, or `handle` raised.
        """

        async def turn(context: TurnContext) -> None:
            await handle(dict(context.turn_state[BotAdapter.BOT_IDENTITY_KEY].claims))

        await self._adapter.process_activity({"body": dict(body)}, authorization, turn)

    async def send(self, address: Address, root: str, message: Outgoing) -> str:
        """Send a message to a conversation or a thread of it; return its id.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        where = address.within(root)
        activity = _activity(address, where, message)
        sent = await self._call(address, lambda client: client.conversations.send_to_conversation(where, activity))
        return str(sent.id)

    async def update(self, address: Address, where: str, message_id: str, message: Outgoing) -> None:
        """Replace a message in place; `where` is the conversation it was sent to.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        activity = _activity(address, where, message)
        activity.id = message_id
        await self._call(address, lambda client: client.conversations.update_activity(where, message_id, activity))

    async def begin_thread(self, address: Address, message: Outgoing) -> tuple[str, str]:
        """Begin a new thread in a channel; return its conversation id and the message's id.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        parameters = ConversationParameters(
            is_group=True,
            bot=_bot(address),
            tenant_id=address.tenant,
            channel_data={"channel": {"id": address.conversation}, "tenant": {"id": address.tenant}},
            activity=_activity(address, address.conversation, message),
        )
        made = await self._call(address, lambda client: client.conversations.create_conversation(parameters))
        return str(made.id), str(made.activity_id or "")

    async def open_personal(self, address: Address, user_id: str) -> Address:
        """Open the personal conversation with somebody met elsewhere; return where it is.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        parameters = ConversationParameters(
            is_group=False,
            bot=_bot(address),
            members=[ChannelAccount(id=user_id)],
            tenant_id=address.tenant,
            channel_data={"tenant": {"id": address.tenant}},
        )
        made = await self._call(address, lambda client: client.conversations.create_conversation(parameters))
        return Address(
            conversation=str(made.id),
            kind=Kind.PERSONAL,
            service_url=address.service_url,
            tenant=address.tenant,
            bot_id=address.bot_id,
            bot_name=address.bot_name,
        )

    async def member(self, address: Address, user_id: str) -> Member:
        """Return somebody's entry in a conversation's roster.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        found = await self._call(
            address, lambda client: client.conversations.get_conversation_member(address.conversation, user_id)
        )
        more: Mapping[str, Any] = found.additional_properties or {}
        return Member(
            name=str(found.name or ""),
            tenant=str(more.get("tenantId") or ""),
            role=str(more.get("userRole") or ""),
            login=str(more.get("userPrincipalName") or ""),
        )

    async def aclose(self) -> None:
        """Close every HTTP session."""
        await self._open.aclose()
        self._clients.clear()

    async def _call(self, address: Address, call: Callable[[Any], Awaitable[_T]]) -> _T:
        """Call the connector of an address; once more when it did not take our token."""
        try:
            return await self._once(address, call)
        except Unauthorised:
            if not isinstance(self.credentials, ConnectorCredentials):
                raise
            self.credentials.refused()
        return await self._once(address, call)

    async def _once(self, address: Address, call: Callable[[Any], Awaitable[_T]]) -> _T:
        with port_faults():
            if self.credentials is not None:
                # The SDK asks for the token on the event loop; asked for here first, it is there already.
                await asyncio.to_thread(self.credentials.get_access_token)
            return await call(await self._client(address.service_url))

    async def _client(self, service_url: str) -> Any:
        app_id = self.options.app_id
        identity = ClaimsIdentity({"aud": app_id, "appid": app_id} if app_id else {}, True)  # noqa: FBT003 - the SDK's own
        client = await self._adapter.create_connector_client(service_url, identity)
        if id(client) not in self._clients:
            # Pace and retries belong to the outbox, which must see each 429 at once.
            client.config.retry_policy.retries = 0
            client.config.connection.timeout = _SECONDS
            await self._open.enter_async_context(client)
            self._clients.add(id(client))
        return client


def _activity(address: Address, where: str, message: Outgoing) -> Activity:
    return Activity(
        type="message",
        channel_id=CHANNEL,
        service_url=address.service_url,
        from_property=_bot(address),
        conversation=ConversationAccount(
            id=where,
            tenant_id=address.tenant,
            conversation_type=address.kind.value,
            is_group=address.kind is not Kind.PERSONAL,
        ),
        text=message.text or None,
        text_format=("xml" if message.markup else "plain") if message.text else None,
        summary=message.summary or None,
        attachments=[Attachment(content_type=CARD, content=dict(message.card))] if message.card else [],
    )


def _bot(address: Address) -> ChannelAccount:
    return ChannelAccount(id=address.bot_id, name=address.bot_name or None)
