"""The text of a Teams message back to what the person typed.

Teams writes a mention as `<at>Name</at>` and names it in an entity, and leaves `&nbsp;` around it.
Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations
"""

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 40_000
_NAMED = re.compile(r"<at(?: [^<>]*)?>([^<>]*)</at>")
_CALLED = re.compile(r"^\s*@escher\b[,:]?\s*", re.IGNORECASE)
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


def typed(text: str, *, own_mentions: Iterable[str]) -> str:
    """Return the words without our own mention, other mentions as `@Name`, whole."""
    plain = text
    for mention in own_mentions:
        plain = plain.replace(mention, " ")
    plain = _NAMED.sub(lambda found: f"@{found.group(1)}", plain)
    plain = plain.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    plain = re.sub(r"[ \t]+", " ", plain.translate(_QUOTES)).strip()
    return _CALLED.sub("", plain)[:LONGEST]
