"""chat.*, reactions.add and response URLs.

Sources: https://docs.slack.dev/reference/methods/chat.postMessage/, chat.update/, chat.postEphemeral/,
chat.getPermalink/, reactions.add/ and https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
(a response URL works 5 times within 30 minutes).
"""

from typing import TYPE_CHECKING

from tests.fakes.slack.blocks import check_blocks
from tests.fakes.slack.calls import Method, parsed
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.pacing import POSTING, TIER_3, TIER_4
from tests.fakes.slack.workspace import BOT_ID, BOT_USER, Channel, Message

if TYPE_CHECKING:
    from tests.fakes.slack.state import State

TEXT_TRUNCATED_AT = 40_000  # https://docs.slack.dev/reference/methods/chat.postMessage/#truncating
RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60


def _content(arguments: Json) -> tuple[str, list[Json] | None]:
    text = str(arguments.get("text") or "")
    blocks = parsed(arguments, "blocks", "invalid_blocks_format")
    if blocks is not None:
        check_blocks(blocks)
    return text, blocks


def open_channel(state: "State", channel_id: str) -> Channel:
    """Return a conversation the bot may post into.

    Raises:
        SlackError: `channel_not_found`, `not_in_channel`, `is_archived`.
    """
    channel = state.workspace.channel(channel_id)
    if BOT_USER not in channel.members:
        raise SlackError(code="not_in_channel")
    if channel.is_archived:
        raise SlackError(code="is_archived")
    return channel


def thread_of(state: "State", channel: Channel, thread_ts: str | None) -> str | None:
    """Return the thread to post into; replying to a reply is refused, a thread is named by its first message."""
    if thread_ts is None:
        return None
    try:
        parent = state.workspace.message(channel.id, thread_ts)
    except SlackError:
        raise SlackError(code="thread_not_found") from None
    if parent.thread_ts not in {None, parent.ts}:
        raise SlackError(code="cannot_reply_to_message")
    return thread_ts


def post_message(state: "State", arguments: Json) -> Json:
    """Post as the bot."""
    channel = open_channel(state, arguments["channel"])
    text, blocks = _content(arguments)
    if not text and not blocks:
        raise SlackError(code="no_text")
    thread_ts = thread_of(state, channel, arguments.get("thread_ts"))
    message = state.workspace.post(
        channel=channel.id,
        user=BOT_USER,
        text=text[:TEXT_TRUNCATED_AT],
        blocks=blocks,
        thread_ts=thread_ts,
        bot_id=BOT_ID,
    )
    answer: Json = {"channel": channel.id, "ts": message.ts, "message": message.as_json()}
    if blocks and not text:
        answer["warning"] = "missing_text_in_message"
        state.warnings.append(f"chat.postMessage without text for notifications and screen readers ({message.ts})")
    state.happened(message)
    return answer


def update(state: "State", arguments: Json) -> Json:
    """Edit one of the bot's own messages; text without blocks removes the blocks."""
    if arguments["channel"] in state.workspace.users:
        raise SlackError(code="channel_not_found")
    channel = open_channel(state, arguments["channel"])
    message = state.workspace.message(channel.id, arguments["ts"])
    if message.user != BOT_USER:
        raise SlackError(code="cant_update_message")
    text, blocks = _content(arguments)
    if len(text) > TEXT_TRUNCATED_AT:
        raise SlackError(code="msg_too_long")
    if not text and blocks is None:
        raise SlackError(code="no_text")
    state.workspace.edit(message, text=text, blocks=blocks or [])
    state.happened(message, edited=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": message.as_json()}


def post_ephemeral(state: "State", arguments: Json) -> Json:
    """Show a message to one member of a channel; it can never be found again."""
    channel = open_channel(state, arguments["channel"])
    if arguments["user"] not in channel.members:
        raise SlackError(code="user_not_in_channel")
    text, blocks = _content(arguments)
    if not text and not blocks:
        raise SlackError(code="no_text")
    message = state.workspace.post(
        channel=channel.id,
        user=BOT_USER,
        text=text,
        blocks=blocks,
        thread_ts=thread_of(state, channel, arguments.get("thread_ts")),
        ephemeral_to=arguments["user"],
        bot_id=BOT_ID,
    )
    state.happened(message)
    return {"message_ts": message.ts}


def get_permalink(state: "State", arguments: Json) -> Json:
    """Return the address of a message."""
    message = state.workspace.message(state.workspace.channel(arguments["channel"]).id, arguments["message_ts"])
    link = f"https://acme.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return {"channel": message.channel, "permalink": link}


def add_reaction(state: "State", arguments: Json) -> Json:
    """Add an emoji to a message."""
    channel = open_channel(state, arguments["channel"])
    message = state.workspace.message(channel.id, arguments["timestamp"])
    name = str(arguments["name"])
    if not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise SlackError(code="invalid_name")
    if (BOT_USER, name) in message.reactions:
        raise SlackError(code="already_reacted")
    message.reactions.append((BOT_USER, name))
    state.happened(message, edited=True)
    return {}


def respond(state: "State", key: str, arguments: Json) -> Message | None:
    """Answer through a response URL.

    Raises:
        SlackError: `expired_url` after 30 minutes, `used_url` after 5 uses, `no_text`, and what blocks can break.
    """
    url = state.response_urls.get(key)
    if url is None:
        raise SlackError(code="invalid_url", status=404)
    if state.clock() - url.issued_at > RESPONSE_URL_SECONDS:
        raise SlackError(code="expired_url", status=404)
    if url.uses >= RESPONSE_URL_USES:
        raise SlackError(code="used_url", status=404)
    url.uses += 1
    text, blocks = _content(arguments)
    if arguments.get("delete_original"):
        if url.message:
            url.message.deleted = True
        return None
    if not text and not blocks:
        raise SlackError(code="no_text", status=400)
    if arguments.get("replace_original") and url.message:
        state.workspace.edit(url.message, text=text, blocks=blocks or [])
        state.happened(url.message, edited=True)
        return url.message
    public = arguments.get("response_type") == "in_channel"
    message = state.workspace.post(
        channel=url.channel,
        user=BOT_USER,
        text=text,
        blocks=blocks,
        thread_ts=arguments.get("thread_ts"),
        ephemeral_to=None if public else url.user,
        bot_id=BOT_ID,
    )
    state.happened(message)
    return message


_LOOKS = ("unfurl_links", "unfurl_media", "mrkdwn", "link_names", "parse", "metadata")

METHODS = {
    "chat.postMessage": Method(
        handler=post_message,
        scopes=("chat:write",),
        tier=POSTING,
        required=("channel",),
        optional=("text", "blocks", "thread_ts", "reply_broadcast", *_LOOKS),
    ),
    "chat.update": Method(
        handler=update,
        scopes=("chat:write",),
        tier=TIER_3,
        required=("channel", "ts"),
        optional=("text", "blocks", "link_names", "parse", "metadata", "reply_broadcast", "file_ids"),
    ),
    "chat.postEphemeral": Method(
        handler=post_ephemeral,
        scopes=("chat:write",),
        tier=TIER_4,
        required=("channel", "user"),
        optional=("text", "blocks", "thread_ts", "link_names", "parse"),
    ),
    "chat.getPermalink": Method(handler=get_permalink, required=("channel", "message_ts")),
    "reactions.add": Method(
        handler=add_reaction,
        scopes=("reactions:write",),
        tier=TIER_3,
        required=("channel", "timestamp", "name"),
    ),
}
