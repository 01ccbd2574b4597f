"""Words that try to get around the rules are blanked, what they smuggle in and what is a name stays."""

import re
from collections.abc import Iterable

from agent_server.agents.tampering import Attempt, Tampering
from agent_server.models.offline.tokens import Token

_HOSTILE = re.compile(
    (
        r"\b(?:named|called|vms?|instances?|buckets?|servers?|resources?|databases?|db|volumes?|disks?|machines?|"
        r"hosts?|stop|start|restart|delete|reboot|describe|terminate|tag|"
        r"show)\s+(?P<name><[@#!][^<>\s]{0,60}>\s*\S.*)$"
    ),
    re.IGNORECASE | re.DOTALL,
)


def whole_names(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Make one token of a name that begins with chat markup: in "stop vm <!channel> …" all that follows is the name."""
    text = " ".join(token.raw for token in tokens)
    hostile = _HOSTILE.search(text)
    if not hostile:
        return tokens
    first = next(
        index
        for index, token in enumerate(tokens)
        if index and hostile["name"].startswith(token.raw) and token.raw.startswith("<")
    )
    raw = " ".join(token.raw for token in tokens[first:])
    return (*tokens[:first], Token(raw, raw.lower(), quoted=True))


def without(text: str, tried: Iterable[Tampering]) -> str:
    """Blank the words that try to get around the rules; what they smuggle in stays, and so does what is in a name."""
    chars = list(text)
    hostile = _HOSTILE.search(text)
    for attempt in tried:
        if hostile and attempt.start >= hostile.start("name"):
            continue
        words = text[attempt.start : attempt.end]
        if attempt.attempt is Attempt.EXTRACT or re.match(
            r"[\"'`;&|\s$(]*(?:az|aws|gcloud|kubectl|gsutil|helm|terraform|drop|delete|--?y)",
            words.strip(" ;&|\"'`"),
            re.IGNORECASE,
        ):
            separator = re.match(r"[\s\"'`]*(?:[;&|]+|\$\()", words)
            if separator:
                chars[attempt.start + separator.end() - 1] = ";"
            continue
        for index in range(attempt.start, attempt.end):
            if not chars[index].isspace():
                chars[index] = " "
        chars[attempt.start] = "."
    return "".join(chars)
