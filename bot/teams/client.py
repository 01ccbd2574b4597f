"""The chat port over the Bot Framework's connector."""

import asyncio
import html
from typing import Final

import structlog

from blocks import adaptive, limits, text
from blocks.components import Component
from bot.messages import MessageRef, Surface, ThreadRef
from bot.platform import Gone, PlatformLimits, Rejected
from bot.teams.activities import ROOT_MARK, Kind
from bot.teams.addresses import Address, Addresses, Person
from bot.teams.connector import Connector, Outgoing
from bot.teams.options import TeamsOptions
from bot.teams.people import Member
from engine.principal import Principal

_log = structlog.get_logger(__name__)

LIMITS: Final = PlatformLimits(post_seconds=0.5, edit_seconds=0.5)
"""A thread takes 7 a second, 60 in 30 seconds and 1,800 an hour; edits count like messages, and we do not tell threads apart
(https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit)."""

_PAGE: Final = 12_000
_MOST_PAGES: Final = 5
_SUMMARY: Final = 200


class TeamsClient:
    """`ChatPlatform` for one bot in Teams.

    Args:
        options: How we are registered.
        addresses: Where conversations and people are reached.
        connector: The SDK; made from the options when not given.
    """

    def __init__(self, options: TeamsOptions, *, addresses: Addresses, connector: Connector | None = None) -> None:
        self.addresses = addresses
        self.connector = connector or Connector(options)
        self._narrow = options.playground

    @property
    def surface(self) -> Surface:
        """Which surface this is."""
        return Surface.TEAMS

    @property
    def limits(self) -> PlatformLimits:
        """How fast it may be used."""
        return LIMITS

    async def aclose(self) -> None:
        """Close every HTTP session."""
        await self.connector.aclose()

    async def post(self, thread: ThreadRef, component: Component) -> MessageRef:
        """Send a new card to the thread, or begin a thread in a channel; return where it lives.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        return await self._post(thread, self._message(component), component)

    async def update(self, message: MessageRef, component: Component, *, revision: int) -> MessageRef:
        """Replace the card in place; Teams needs no revision.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        del revision
        address = await self._address(message.thread)
        where = message.extra.get("conversation") or address.within(message.thread.thread)
        try:
            await self.connector.update(address, where, message.message, self._message(component))
        except Rejected as error:
            _log.error("teams refused a card", kind=component.kind, reason=str(error))
            await self.connector.update(address, where, message.message, _words_of(component))
        return message

    async def reply_privately(self, principal: Principal, thread: ThreadRef, component: Component) -> None:
        """Show a card to one person only.

        Teams has no messages that one member of a conversation sees. In a personal chat it is simply sent; elsewhere it goes
        to the person's own chat with us, and where Teams allows none, to the thread, addressed by name.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        address = await self._address(thread)
        if address.kind is Kind.PERSONAL:
            await self.post(thread, component)
            return
        person = await asyncio.to_thread(self.addresses.person, principal.id)
        if person is not None:
            try:
                await self._post(await self._personal(principal, person, address), self._message(component), component)
            except (Gone, Rejected) as error:
                _log.info("a private answer goes to the thread instead", reason=str(error))
            else:
                return
        name = principal.display or (person.name if person else "") or "whom it concerns"
        await self._post(thread, self._message(component, lead=f"For {name}:"), component)

    async def upload(self, thread: ThreadRef, *, filename: str, content: bytes, title: str) -> None:
        """Share a text as pages; Teams takes no files from bots outside personal chats.

        Raises:
            Busy, Unreachable, Gone: As their names say.
            Rejected: It is no text, or too long to read in a chat.
        """
        try:
            words = content.decode()
        except UnicodeDecodeError:
            raise Rejected(f"Teams takes no files from bots, and {filename} is no text") from None
        pages = _pages(words)
        if not words.strip() or len(pages) > _MOST_PAGES:
            raise Rejected(f"Teams takes no files from bots, and {filename} is empty or too long for messages")
        for number, page in enumerate(pages, start=1):
            head = f"{title} · {filename}" + (f" · {number} of {len(pages)}" if len(pages) > 1 else "")
            shown = f"<b>{html.escape(head)}</b><pre>{html.escape(page)}</pre>"
            await self._post(thread, Outgoing(text=shown, summary=head[:_SUMMARY], markup=True), None)

    async def member(self, conversation: str, principal: Principal) -> Member:
        """Return somebody's entry in a conversation's roster.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        address = await asyncio.to_thread(self.addresses.of, conversation)
        person = await asyncio.to_thread(self.addresses.person, principal.id)
        if address is None or person is None:
            raise Gone("nobody spoke to us there")
        return await self.connector.member(address, person.user_id)

    def _message(self, component: Component, *, lead: str = "") -> Outgoing:
        """Return a component as a card, or as its words where the card would be larger than Teams takes.

        The playground has one width and complains under each card that asks for another.
        """
        card = adaptive.render(component, mentions=True)
        if adaptive.length(card) > limits.CARD_CHARACTERS:
            return _words_of(component, lead=lead)
        if self._narrow:
            card["msteams"].pop("width", None)
        return Outgoing(text=lead, card=card, summary=_summary(component))

    async def _post(self, thread: ThreadRef, message: Outgoing, component: Component | None) -> MessageRef:
        address = await self._address(thread)
        try:
            return await self._sent(address, thread, message)
        except Rejected as error:
            if component is None or message.card is None:
                raise
            _log.error("teams refused a card", kind=component.kind, reason=str(error))
            return await self._sent(address, thread, _words_of(component))

    async def _sent(self, address: Address, thread: ThreadRef, message: Outgoing) -> MessageRef:
        if address.kind is Kind.CHANNEL and not thread.thread:
            where, sent = await self.connector.begin_thread(address, message)
            sent = sent or where.partition(ROOT_MARK)[2]
            return MessageRef(thread=thread, message=sent, extra={"conversation": where})
        sent = await self.connector.send(address, thread.thread, message)
        return MessageRef(thread=thread, message=sent, extra={"conversation": address.within(thread.thread)})

    async def _personal(self, principal: Principal, person: Person, met: Address) -> ThreadRef:
        if not person.personal:
            address = await self.connector.open_personal(met, person.user_id)
            await asyncio.to_thread(self.addresses.befriend, principal.id, address)
            return ThreadRef(surface=Surface.TEAMS, channel=address.conversation, workspace=met.tenant)
        return ThreadRef(surface=Surface.TEAMS, channel=person.personal, workspace=met.tenant)

    async def _address(self, thread: ThreadRef) -> Address:
        address = await asyncio.to_thread(self.addresses.of, thread.channel)
        if address is None:
            raise Gone("nobody ever spoke to us in this conversation, so Teams tells no way to it")
        return address


def _words_of(component: Component, *, lead: str = "") -> Outgoing:
    """Return a component as its text, which alone is enough to act on."""
    words = text.render(component)[:_PAGE]
    lead = f"<b>{html.escape(lead)}</b>" if lead else ""
    return Outgoing(text=f"{lead}<pre>{html.escape(words)}</pre>", summary=_summary(component), markup=True)


def _summary(component: Component) -> str:
    return next((line.strip() for line in text.render(component).splitlines() if line.strip()), "Escher")[:_SUMMARY]


def _pages(words: str) -> list[str]:
    """Cut a text at line ends into pages that fit a message."""
    pages = [""]
    for line in words.splitlines(keepends=True):
        for start in range(0, len(line), _PAGE):
            piece = line[start : start + _PAGE]
            if len(pages[-1]) + len(piece) > _PAGE:
                pages.append("")
            pages[-1] += piece
    return pages
