"""Who is behind an account in Teams.

An activity gives the immutable object id and the tenant, and says nothing about guests. Those show in the roster entry of
the conversation, which is asked for one by one after the event was acknowledged, and kept for a while: `userRole` is
`guest` or `anonymous`, the user principal name of somebody invited from outside holds `#EXT#`, and somebody of another
organisation in a shared channel has another `tenantId`. Only facts are stated; what each may do is the policy's business.
Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#fetch-the-roster-or-user-profile
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.platform import Gone, Rejected
from bot.teams.activities import Account
from engine.clock import Clock
from engine.principal import Principal, Standing

KEPT: Final = timedelta(minutes=10)
MOST: Final = 5_000
_INVITED: Final = "#ext#"
_GUESTS: Final = frozenset({"guest", "anonymous"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A roster entry.

    Attributes:
        name: The name Teams shows.
        tenant: Their own tenant.
        role: `user`, `guest`, `anonymous`.
        login: User principal name.
    """

    name: str = ""
    tenant: str = ""
    role: str = ""
    login: str = ""


Roster = Callable[[str, Principal], Awaitable[Member]]
"""Asks for the entry of a principal in a conversation.

Raises:
    Busy, Unreachable: It could not be asked.
    Gone, Rejected: There is no such entry, or it is not ours to see.
"""


def principal_id(tenant: str, object_id: str) -> str:
    """Return the immutable identity: names and addresses change, these do not."""
    return f"teams:{tenant.lower()}:{object_id.lower()}"


class TeamsPeople:
    """Looks people up and remembers them for ten minutes.

    Args:
        roster: Asks Teams.
        clock: The time.
    """

    def __init__(self, roster: Roster, *, clock: Clock) -> None:
        self._roster = roster
        self._clock = clock
        self._known: OrderedDict[str, tuple[Principal, datetime]] = OrderedDict()
        self._asking: dict[str, asyncio.Lock] = {}

    def at_first_sight(self, account: Account, *, tenant: str) -> Principal:
        """Return what can be said without asking Teams.

        Somebody unknown counts as a guest until `vouched` asked: that fails closed.
        """
        identity = principal_id(tenant, account.aad_object_id)
        if account.role == "bot" or account.id.startswith("28:"):
            return Principal(id=identity, display=account.name, standing=Standing.BOT)
        return self._fresh(identity) or Principal(id=identity, display=account.name, standing=Standing.GUEST)

    async def vouched(self, principal: Principal, conversation: str) -> Principal:
        """Return the principal with the standing and name that the conversation's roster states.

        Raises:
            Busy, Unreachable: Teams could not be asked.
        """
        if principal.standing is Standing.BOT:
            return principal
        lock = self._asking.setdefault(principal.id, asyncio.Lock())
        try:
            async with lock:
                return self._fresh(principal.id) or await self._asked(principal, conversation)
        finally:
            if not lock.locked():
                self._asking.pop(principal.id, None)

    async def _asked(self, principal: Principal, conversation: str) -> Principal:
        try:
            member = await self._roster(conversation, principal)
        except (Gone, Rejected):
            return Principal(id=principal.id, display=principal.display, standing=Standing.EXTERNAL)
        stated = Principal(
            id=principal.id,
            display=member.name or principal.display,
            standing=standing(member, tenant=principal.id.split(":")[1]),
        )
        self._known[principal.id] = (stated, self._clock() + KEPT)
        self._known.move_to_end(principal.id)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return stated

    def _fresh(self, identity: str) -> Principal | None:
        known = self._known.get(identity)
        return known[0] if known is not None and known[1] > self._clock() else None


def standing(member: Member, *, tenant: str) -> Standing:
    """Return what a roster entry says about somebody; an entry that does not say enough is a guest's."""
    if member.tenant and member.tenant.lower() != tenant.lower():
        return Standing.EXTERNAL
    if member.role.lower() in _GUESTS or _INVITED in member.login.lower():
        return Standing.GUEST
    return Standing.MEMBER if member.login else Standing.GUEST
