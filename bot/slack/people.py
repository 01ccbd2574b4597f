"""Who is behind a Slack user id.

Looked up one by one with `users.info` and kept for a while; never listed (large workspaces answer 429). Only facts are
stated: a member, a guest, somebody from another workspace, a bot. What each may do is the policy's business.
Source: https://docs.slack.dev/reference/objects/user-object/ (`team_id`, `is_restricted`, `is_ultra_restricted`,
`is_bot`, `is_stranger`, `deleted`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.faults import code_of, port_faults
from engine.clock import Clock
from engine.principal import Principal, Standing

KEPT: Final = timedelta(minutes=10)
MOST: Final = 5_000


def principal_id(team: str, user: str) -> str:
    """Return the immutable identity: names and e-mail addresses change, these do not."""
    return f"slack:{team}:{user}"


def user_of(principal: Principal) -> str:
    """Return the Slack user id of a Slack principal."""
    return principal.id.rpartition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    principal: Principal
    until: datetime


class SlackPeople:
    """Looks people up and remembers them for ten minutes.

    Args:
        web: The Web API.
        team: Our own workspace.
        clock: The time.
    """

    def __init__(self, web: AsyncWebClient, *, team: str, clock: Clock) -> None:
        self._web = web
        self._team = team
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[str, asyncio.Lock] = {}

    def at_first_sight(self, user: str, *, team: str = "", is_bot: bool = False) -> Principal:
        """Return what can be said without asking Slack.

        Somebody unknown counts as a guest until `vouched` asked: that fails closed, and the asking happens after the
        event was acknowledged.
        """
        foreign = bool(team) and team != self._team
        identity = principal_id(team if foreign else self._team, user)
        if is_bot:
            return Principal(id=identity, standing=Standing.BOT)
        if foreign:
            return Principal(id=identity, standing=Standing.EXTERNAL)
        return self._fresh(user) or Principal(id=identity, standing=Standing.GUEST)

    async def vouched(self, principal: Principal) -> Principal:
        """Return the principal with the standing and name that Slack states.

        Raises:
            Busy, Unreachable: Slack could not be asked.
        """
        if principal.standing in {Standing.EXTERNAL, Standing.BOT}:
            return principal
        user = user_of(principal)
        lock = self._asking.setdefault(user, asyncio.Lock())
        try:
            async with lock:
                return self._fresh(user) or self._kept(user, await self._asked(user, principal))
        finally:
            if not lock.locked():
                self._asking.pop(user, None)

    def _fresh(self, user: str) -> Principal | None:
        known = self._known.get(user)
        return known.principal if known is not None and known.until > self._clock() else None

    def _kept(self, user: str, principal: Principal) -> Principal:
        self._known[user] = _Known(principal=principal, until=self._clock() + KEPT)
        self._known.move_to_end(user)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return principal

    async def _asked(self, user: str, principal: Principal) -> Principal:
        async with port_faults():
            try:
                answer = await self._web.users_info(user=user)
            except SlackApiError as error:
                if code_of(error) in {"user_not_found", "user_not_visible", "users_not_found"}:
                    return Principal(id=principal.id, standing=Standing.EXTERNAL)
                raise
        return self._stated(answer.get("user") or {}, principal)

    def _stated(self, user: Mapping[str, Any], principal: Principal) -> Principal:
        profile = user.get("profile") or {}
        name = str(profile.get("display_name") or profile.get("real_name") or user.get("name") or "")
        team = str(user.get("team_id") or self._team)
        identity = principal_id(team, user_of(principal))
        return Principal(id=identity, display=name, standing=self._standing(user, team))

    def _standing(self, user: Mapping[str, Any], team: str) -> Standing:
        if user.get("is_bot") or user.get("is_workflow_bot"):
            return Standing.BOT
        if team != self._team or user.get("is_stranger"):
            return Standing.EXTERNAL
        if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("deleted"):
            return Standing.GUEST
        return Standing.MEMBER
