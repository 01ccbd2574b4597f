"""The payloads Slack sends to an app.

Sources: https://docs.slack.dev/reference/events/app_mention/, message.im/, app_home_opened/,
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/, view-interactions-payload/ and
https://docs.slack.dev/interactivity/implementing-slash-commands/#app_command_handling.
"""

from tests.fakes.slack.errors import Json
from tests.fakes.slack.state import State
from tests.fakes.slack.views import View
from tests.fakes.slack.workspace import APP, BOT_USER, TEAM, Channel, Message, User

_TEAM = {"id": TEAM, "domain": "acme"}


def event(state: State, inner: Json, *, channel: Channel | None = None) -> Json:
    """Wrap an event for the Events API."""
    return {
        "token": "verification-token-is-deprecated",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": inner,
        "type": "event_callback",
        "event_id": state.workspace.new_id("Ev"),
        "event_time": int(state.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": state.workspace.new_id("4-"),
    }


def said(state: State, message: Message, channel: Channel, *, edited: bool = False) -> Json:
    """Return the event for a message that a person wrote."""
    user = state.workspace.users[message.user]
    inner: Json = {
        "type": "message" if channel.is_im else "app_mention",
        "user": user.id,
        "ts": message.ts,
        "text": message.text,
        "team": user.team_id,
        "channel": channel.id,
        "event_ts": message.ts,
        "client_msg_id": f"msg-{message.ts}",
    }
    if user.team_id != TEAM:
        inner |= {"user_team": user.team_id, "source_team": user.team_id}
    if message.thread_ts:
        inner["thread_ts"] = message.thread_ts
    if channel.is_im:
        inner["channel_type"] = "im"
    if user.is_bot:
        inner |= {"bot_id": f"B{user.id[1:]}", "subtype": "bot_message"} if channel.is_im else {"bot_id": "B0ROBOT"}
    if edited:
        inner["edited"] = {"user": user.id, "ts": state.workspace.new_ts()}
    return event(state, inner, channel=channel)


def own_message(state: State, message: Message, channel: Channel, *, edited: bool) -> Json:
    """Return the event by which an app hears of its own message in a direct conversation."""
    if edited:
        inner: Json = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": channel.id,
            "channel_type": "im",
            "message": message.as_json(),
            "previous_message": message.as_json(max(-2, -len(message.history))),
            "ts": state.workspace.new_ts(),
            "event_ts": message.ts,
        }
    else:
        inner = {**message.as_json(), "channel": channel.id, "channel_type": "im", "event_ts": message.ts}
    return event(state, inner, channel=channel)


def home_opened(state: State, user: User, tab: str) -> Json:
    """Return the event for opening the app's Home or Messages tab."""
    channel = state.workspace.direct(user.id)
    inner: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
    inner["event_ts"] = state.workspace.new_ts()
    if tab == "home" and user.id in state.homes:
        inner["view"] = state.homes[user.id].as_json()
    return event(state, inner)


def _person(user: User) -> Json:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}


def _interaction(state: State, kind: str, user: User) -> Json:
    return {
        "type": kind,
        "user": _person(user),
        "api_app_id": APP,
        "token": "verification-token-is-deprecated",
        "trigger_id": state.new_trigger(user.id),
        "team": _TEAM,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def clicked(state: State, user: User, message: Message, block: Json, element: Json, version: int) -> Json:
    """Return the payload for a pressed button."""
    channel = state.workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = {
        **_interaction(state, "block_actions", user),
        "container": container,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "state": {"values": {}},
        "response_url": state.new_response_url(message.channel, user.id, message),
        "actions": [_action(state, block, element)],
    }
    if message.ephemeral_to is None:
        payload["message"] = message.as_json(version)
    return payload


def clicked_in_view(state: State, user: User, view: View, block: Json, element: Json) -> Json:
    """Return the payload for a button pressed in a modal or on the Home tab."""
    return {
        **_interaction(state, "block_actions", user),
        "container": {"type": "view", "view_id": view.id},
        "view": view.as_json(),
        "actions": [_action(state, block, element)],
    }


def submitted(state: State, user: User, view: View, values: Json) -> Json:
    """Return the payload for a submitted modal."""
    return {**_interaction(state, "view_submission", user), "view": view.as_json(values), "response_urls": []}


def closed(state: State, user: User, view: View) -> Json:
    """Return the payload for a modal that was closed without submitting."""
    return {**_interaction(state, "view_closed", user), "view": view.as_json(), "is_cleared": False}


def command(state: State, user: User, channel: Channel, name: str, text: str) -> Json:
    """Return the payload for a slash command."""
    return {
        "token": "verification-token-is-deprecated",
        "team_id": TEAM,
        "team_domain": "acme",
        "channel_id": channel.id,
        "channel_name": channel.name or "directmessage",
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": state.new_response_url(channel.id, user.id, None),
        "trigger_id": state.new_trigger(user.id),
    }


def _action(state: State, block: Json, element: Json) -> Json:
    kept: Json = {
        key: element[key] for key in ("action_id", "type", "text", "value", "style", "url", "confirm") if key in element
    }
    return {**kept, "block_id": block["block_id"], "action_ts": state.workspace.new_ts()}
