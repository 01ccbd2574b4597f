"""What each refusal of Slack means to the outbox.

Error codes: https://docs.slack.dev/reference/methods/chat.postMessage/#errors and chat.update/.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.platform import Busy, Gone, Rejected, Unreachable

_GONE = frozenset(
    {
        "message_not_found",
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "thread_not_found",
        "cant_update_message",
        "edit_window_closed",
        "restricted_action",
        "restricted_action_thread_locked",
        "user_not_found",
        "user_not_in_channel",
        "not_found",
    }
)
_REJECTED = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "invalid_arguments",
        "cannot_reply_to_message",
        "too_many_attachments",
        "expired_trigger_id",
        "exchanged_trigger_id",
        "invalid_trigger_id",
        "push_limit_reached",
        "view_too_large",
    }
)
_DEFAULT_WAIT_SECONDS = 5.0


def code_of(error: SlackApiError) -> str:
    """Return Slack's error code."""
    data = error.response.data
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def details_of(error: SlackApiError) -> str:
    """Return the code and the complaints, never the message's own words."""
    data = error.response.data
    messages = data.get("response_metadata", {}).get("messages", []) if isinstance(data, dict) else []
    return "; ".join([code_of(error), *(str(message) for message in messages[:5])])


def translated(error: SlackApiError) -> Exception:
    """Return the port's exception for a refusal."""
    code = code_of(error)
    if code in {"ratelimited", "rate_limited"} or error.response.status_code == 429:  # noqa: PLR2004 - HTTP's own number
        return Busy(_retry_after(error))
    if code in _GONE:
        return Gone(code)
    if code in _REJECTED:
        return Rejected(details_of(error))
    return Unreachable(code or f"HTTP {error.response.status_code}")


@asynccontextmanager
async def port_faults() -> AsyncIterator[None]:
    """Turn what slack_sdk raises into what the port raises."""
    try:
        yield
    except SlackApiError as error:
        raise translated(error) from error
    except (aiohttp.ClientError, TimeoutError, SlackClientError, OSError) as error:
        raise Unreachable(type(error).__name__) from error


def _retry_after(error: SlackApiError) -> float:
    headers = {str(name).lower(): value for name, value in (error.response.headers or {}).items()}
    try:
        return float(headers.get("retry-after", _DEFAULT_WAIT_SECONDS))
    except (TypeError, ValueError):
        return _DEFAULT_WAIT_SECONDS
