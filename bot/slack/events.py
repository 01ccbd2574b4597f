"""Slack payloads → `Mention` and `Click`, without asking anybody.

Sources: https://docs.slack.dev/reference/events/app_mention/, message.im/,
https://docs.slack.dev/reference/interaction-payloads/ and
https://docs.slack.dev/interactivity/implementing-slash-commands/.

De-duplication keys name the thing itself, not its delivery: a message by channel and timestamp, a press by its
`action_ts`, user and action, a dialog by its view, a command by its trigger. A retry therefore has the same key whatever
retry number it carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from blocks.components.actions import decode_value
from blocks.slack import action_of
from blocks.slack_modals import CALLBACK, read_submission
from bot.inbox import Event
from bot.messages import Click, Mention, MessageRef, Surface, ThreadRef
from bot.slack.people import SlackPeople
from bot.slack.words import typed
from engine.clock import Clock

Payload = Mapping[str, Any]

_SPOKEN = frozenset({None, "file_share", "thread_broadcast"})
"""Message subtypes that are somebody speaking; the rest are edits, deletions, joins and bots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A pressed button before anything was asked: where it stood and what it was.

    Attributes:
        user: Slack user id.
        trigger: Opens one dialog within three seconds.
        channel: Channel of the card; empty on the Home tab.
        ts: The card's timestamp; empty on the Home tab.
        thread: Thread of the card.
        action_id: As Slack returns it.
        value: As Slack returns it.
    """

    user: str
    trigger: str
    channel: str
    ts: str
    thread: str
    action_id: str
    value: str


class SlackEvents:
    """Reads payloads of one workspace.

    Args:
        team: Our workspace.
        bot_user: Our own user id, whose mention is taken out of the text.
        people: Knows what can be said about a user without asking.
        clock: The time, where a payload has none.
    """

    def __init__(self, *, team: str, bot_user: str, people: SlackPeople, clock: Clock) -> None:
        self._team = team
        self._bot_user = bot_user
        self._people = people
        self._clock = clock

    def read(self, body: Payload) -> Event | None:
        """Return what happened, or None when it is nothing for us.

        Raises:
            ValueError, KeyError: The payload is none that Slack documents, or a button is none of ours.
        """
        if body.get("type") == "event_callback":
            return self._spoken(body["event"])
        if "command" in body:
            return self._command(body)
        if body.get("type") == "block_actions":
            return self._click(body)
        if body.get("type") == "view_submission" and body.get("view", {}).get("callback_id") == CALLBACK:
            return self._submission(body)
        return None

    def _spoken(self, event: Payload) -> Mention | None:
        kind = event.get("type")
        direct = kind == "message" and event.get("channel_type") == "im"
        if not (direct or kind == "app_mention") or event.get("subtype") not in _SPOKEN or event.get("hidden"):
            return None
        if "edited" in event or not event.get("user") or event["user"] == self._bot_user:
            return None  # a changed message is not a new request; our own words are none at all
        channel, ts = str(event["channel"]), str(event["ts"])
        root = "" if direct else ts
        is_bot = bool(event.get("bot_id"))
        if is_bot and direct:
            return None
        return Mention(
            event_id=f"slack:{self._team}:message:{channel}:{ts}",
            principal=self._people.at_first_sight(event["user"], team=_home_team(event), is_bot=is_bot),
            thread=self._thread(channel, str(event.get("thread_ts") or root)),
            text=self._words(event),
            at=_instant(ts),
            message=ts,
        )

    def _command(self, body: Payload) -> Mention:
        return Mention(
            event_id=f"slack:{self._team}:command:{body['trigger_id']}",
            principal=self._people.at_first_sight(body["user_id"]),
            thread=self._thread(str(body["channel_id"]), ""),
            text=self._words(body),
            at=self._clock(),
        )

    def _click(self, body: Payload) -> Click | None:
        actions = body.get("actions") or []
        if not actions or actions[0].get("url"):
            return None
        press = press_of(body)
        action_ts = str(actions[0]["action_ts"])
        return Click(
            event_id=f"slack:{self._team}:press:{action_ts}:{press.user}:{press.action_id}",
            principal=self._people.at_first_sight(press.user, team=str(body["user"].get("team_id") or "")),
            thread=self._thread(press.channel or press.user, press.thread),
            action=action_of(press.action_id).value,
            value=decode_value(press.value),
            at=_instant(action_ts),
            message=self._card(press.channel, press.ts, press.thread),
        )

    def _submission(self, body: Payload) -> Click:
        view, user = body["view"], str(body["user"]["id"])
        action, value, origin, inputs = read_submission(view)
        channel, ts, thread = origin.get("channel", ""), origin.get("ts", ""), origin.get("thread", "")
        return Click(
            event_id=f"slack:{self._team}:view:{view['id']}",
            principal=self._people.at_first_sight(user, team=str(body["user"].get("team_id") or "")),
            thread=self._thread(channel or user, thread),
            action=action_of(action).value,
            value=value,
            inputs=inputs,
            at=self._clock(),
            message=self._card(channel, ts, thread),
        )

    def _words(self, said: Payload) -> str:
        """Return what was typed; a bare mention asks for help."""
        return typed(str(said.get("text") or ""), bot_user=self._bot_user) or "help"

    def _thread(self, channel: str, thread: str) -> ThreadRef:
        return ThreadRef(surface=Surface.SLACK, channel=channel, thread=thread, workspace=self._team)

    def _card(self, channel: str, ts: str, thread: str) -> MessageRef | None:
        return MessageRef(thread=self._thread(channel, thread), message=ts) if ts else None


def press_of(body: Payload) -> Press:
    """Return the first pressed element of a `block_actions` payload.

    Raises:
        KeyError: The payload has no action.
    """
    action, container = body["actions"][0], body.get("container") or {}
    chosen = action.get("selected_option") or {}
    channel = str(container.get("channel_id") or (body.get("channel") or {}).get("id") or "")
    ts = str(container.get("message_ts") or "")
    root = "" if channel.startswith("D") else ts
    return Press(
        user=str(body["user"]["id"]),
        trigger=str(body.get("trigger_id") or ""),
        channel=channel,
        ts=ts,
        thread=str(container.get("thread_ts") or root),
        action_id=str(action["action_id"]),
        value=str(action.get("value") or chosen.get("value") or "{}"),
    )


def workspace_of(body: Payload) -> str:
    """Return the workspace a payload was sent for, empty when it does not say."""
    team = body.get("team")
    if isinstance(team, Mapping):
        return str(team.get("id") or "")
    return str(body.get("team_id") or "")


def _home_team(event: Payload) -> str:
    return str(event.get("user_team") or event.get("source_team") or event.get("team") or "")


def _instant(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
