"""The app manifest that `escher init slack` prints: minimal scopes, and nothing that reads a channel's history.

Source: https://docs.slack.dev/reference/app-manifest/; scopes: https://docs.slack.dev/reference/scopes/.
"""

import json
from typing import Any, Final
from urllib.parse import urlsplit

SCOPES: Final = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "files:write",
    "im:history",
    "reactions:write",
    "users:read",
)
"""Hear mentions and direct messages, answer, share files, look one person up at a time. Never `channels:history`."""

PATH: Final = "/slack/events"
"""Where HTTP mode listens."""

EVENTS: Final = ("app_home_opened", "app_mention", "message.im")


def manifest(*, mode: str = "socket", request_url: str = "", name: str = "Escher") -> dict[str, Any]:
    """Return the manifest.

    Args:
        mode: `socket` or `http`.
        request_url: For `http`: the public https address of the runner; `/slack/events` is added where it lacks.
        name: The bot's name, at most 35 characters.

    Raises:
        ValueError: The mode is unknown, or HTTP mode has no https address.
    """
    if mode not in {"socket", "http"}:
        raise ValueError(f"mode is {mode!r}; write socket or http")
    address = urlsplit(request_url)
    if mode == "http" and (address.scheme != "https" or not address.hostname):
        raise ValueError("http mode needs the public https address at which Slack reaches /slack/events")
    request_url = request_url.rstrip("/").removesuffix(PATH) + PATH
    where = {"request_url": request_url} if mode == "http" else {}
    command = {
        "command": "/escher",
        "description": "Ask Escher about your clouds, or answer a plan",
        "usage_hint": "stop all dev instances | pending | approve p-… | help",
        "should_escape": True,
        **({"url": request_url} if mode == "http" else {}),
    }
    return {
        "display_information": {
            "name": name[:35],
            "description": "Plans cloud operations, asks for approval, does exactly that",
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name[:35], "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **where},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def manifest_json(*, mode: str = "socket", request_url: str = "", name: str = "Escher") -> str:
    """Return the manifest as the text to paste at https://api.slack.com/apps?new_app=1."""
    return json.dumps(manifest(mode=mode, request_url=request_url, name=name), indent=2, ensure_ascii=False)
