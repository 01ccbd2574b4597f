"""Words that try to get around the rules: bypassed approval, injected instructions, secrets fished for.

The patterns look at words only and are shared by every model: what a message tries does not depend on who reads it. A hit
never stops a request by itself; it makes it dangerous, and the words take no part in understanding what is asked.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Attempt(StrEnum):
    """What the words try to do."""

    BYPASS = "bypass"
    INJECT = "inject"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampering:
    """One attempt, and where in the text it stands."""

    attempt: Attempt
    start: int
    end: int


_BORDER = r"(?:(?<!\w)(?=\w)|(?=\W|^))"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})
_CHATTY = {"your": "ur", "you": "u", "previous": "prev", "message": "msg"}


def _any_gap(pattern: str) -> str:
    """Let every space of a pattern stand for any white space, as much as there is."""
    return re.sub(r" (\??)", lambda match: r"\s*" if match[1] else r"\s+", pattern)


def _chatty(pattern: str) -> str:
    """Let words be written as they are in chats: "ur" for "your"."""
    return re.sub(
        r"(?<![\w\\])(?:your|you|previous|message)(?![\w?])", lambda word: f"(?:{word[0]}|{_CHATTY[word[0]]})", pattern
    )


@cache
def _rules() -> tuple[tuple[Attempt, re.Pattern[str]], ...]:
    """Read the rules of `tampering.tsv`; the last lines name the words that several rules share."""
    text = resources.files("agent_server.agents").joinpath("tampering.tsv").read_text(encoding="utf-8")
    listed = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    shared = {name: words for name, words in listed if name.startswith("{")}
    found: list[tuple[Attempt, re.Pattern[str]]] = []
    for name, pattern in listed:
        if name not in shared:
            for word, words in shared.items():
                pattern = pattern.replace(word, words)  # noqa: PLW2901 - the same pattern, spelt out
            found.append((Attempt(name), re.compile(_BORDER + f"(?:{_any_gap(_chatty(pattern))})")))
    return tuple(found)


def visible(text: str) -> str:
    """Return a text without characters that cannot be seen but part words: zero-width, soft hyphen, direction marks."""
    return _INVISIBLE.sub("", text)


def attempts(text: str) -> Iterator[Tampering]:
    """Yield every attempt in a text, in no particular order; positions are those of the text, which should be `visible`."""
    plain = text.lower() if text.isascii() else "".join(map(_folded, text.translate(_QUOTES)))
    for attempt, pattern in _rules():
        for match in pattern.finditer(plain):
            if match[0].strip():
                yield Tampering(attempt=attempt, start=match.start(), end=match.end())


def tampers(text: str) -> bool:
    """Whether a text tries anything at all."""
    return next(attempts(visible(text)), None) is not None


def _folded(char: str) -> str:
    """Return the plain lower-case form of a letter in disguise (full width, circled, …) where that is one letter too."""
    plain = unicodedata.normalize("NFKC", char).lower()
    return plain if len(plain) == 1 else char
