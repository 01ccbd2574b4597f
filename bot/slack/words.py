"""Slack's markup back to what the person typed.

Source: https://docs.slack.dev/messaging/formatting-message-text/ (three escaped entities; `<url|label>`,
`<#C…|name>`, `<@U…>`, `<!subteam^S…|handle>`, `<!date^…|fallback>`).
"""

import re
from typing import Final

LONGEST: Final = 40_000
"""Slack's own limit of a message (https://docs.slack.dev/reference/methods/chat.postMessage/); what is too long for Escher is
answered by the conversation, in words."""

_TOKEN = re.compile(r"<([^<>]*)>")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


def typed(text: str, *, bot_user: str) -> str:
    """Return the words without our own mention, links as they were typed."""
    plain = _TOKEN.sub(lambda found: _token(found.group(1), bot_user), text)
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").translate(_QUOTES)
    return re.sub(r"[ \t]+", " ", plain).strip()[:LONGEST]


def _token(inner: str, bot_user: str) -> str:
    target, _, label = inner.partition("|")
    if target == f"@{bot_user}":
        return " "
    if target.startswith("@"):
        return f"<{target}>"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return label or target.removeprefix("mailto:")
