"""auth.test, apps.connections.open, users.info, conversations.info and conversations.open.

Sources: https://docs.slack.dev/reference/methods/auth.test/, apps.connections.open/ (app-level token with
`connections:write`), users.info/, conversations.info/ (needs a `*:read` scope), conversations.open/ (needs `im:write`).
"""

from typing import TYPE_CHECKING

from tests.fakes.slack.calls import Method
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.pacing import TIER_1, TIER_3, TIER_4
from tests.fakes.slack.workspace import BOT_ID, BOT_USER, TEAM

if TYPE_CHECKING:
    from tests.fakes.slack.state import State


def auth_test(_state: "State", _arguments: Json) -> Json:
    """Say whose token this is."""
    return {
        "url": "https://acme.slack.com/",
        "team": "Acme",
        "user": "escher",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def connections_open(state: "State", _arguments: Json) -> Json:
    """Hand out a WebSocket address that works once."""
    return {"url": state.new_socket_url()}


def users_info(state: "State", arguments: Json) -> Json:
    """Return a user object, also for people of a connected workspace."""
    return {"user": state.workspace.user(arguments["user"]).as_json()}


def conversations_info(state: "State", arguments: Json) -> Json:
    """Return a conversation object."""
    return {"channel": state.workspace.channel(arguments["channel"]).as_json()}


def conversations_open(state: "State", arguments: Json) -> Json:
    """Open the direct conversation with one user."""
    users = str(arguments["users"]).split(",")
    if len(users) != 1:
        raise SlackError(code="not_enough_users" if not users else "too_many_users")
    channel = state.workspace.direct(state.workspace.user(users[0]).id)
    return {"channel": {"id": channel.id}}


METHODS = {
    "auth.test": Method(handler=auth_test),
    "apps.connections.open": Method(handler=connections_open, tier=TIER_1, token="app"),
    "users.info": Method(
        handler=users_info, scopes=("users:read",), tier=TIER_4, required=("user",), optional=("include_locale",)
    ),
    "conversations.info": Method(
        handler=conversations_info,
        scopes=("channels:read", "groups:read", "im:read", "mpim:read"),
        tier=TIER_3,
        required=("channel",),
        optional=("include_locale", "include_num_members"),
    ),
    "conversations.open": Method(
        handler=conversations_open,
        scopes=("im:write", "mpim:write"),
        tier=TIER_3,
        required=("users",),
        optional=("return_im",),
    ),
}
