"""Text to tokens, and the one-line reading that patterns run over.

A token keeps its letters as typed (`raw`, what names are copied from) and a canonical form (`low`, lower case, spelling
repaired). A `Reading` joins the canonical forms with single spaces, so that a regular expression over `line` can be mapped
back to tokens.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from re import Match, Pattern
from typing import Any

_TOKEN = re.compile(
    r"""
    "(?P<double>[^"\n]{1,120})" | `(?P<tick>[^`\n]{1,120})` | (?<![\w'])'(?P<single>[^'\n]{1,120})'(?!\w)
  | (?P<plain>
        <[@\#!][^<>\s]{1,60}>
      | (?:arn|https?|s3|gs|urn):[^\s,;"'()<>]+
      | /(?:subscriptions|projects)/[^\s,;"'()<>]+
      | (?<![\w/])/[A-Za-z][\w.-]*(?:/[\w.-]+)+
      | [\w.+-]+@[\w-]+(?:\.[\w-]+)+
      | (?<![\w@])@[A-Za-z][\w.-]*
      | \d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?
      | [$€£]\s?\d[\d,]*(?:\.\d+)?[km]?\b
      | \d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w.])
      | \d+(?:\.\d+)?%
      | \d{1,2}:\d{2}(?:[ap]m)?\b
      | \#[\w-]+
      | [A-Za-z_][\w.-]*[=:](?=[\w*])[\w./@*+-]*\w
      | --?[A-Za-z][\w-]*
      | \w[\w./&*-]*[\w*]
      | \w
      | [<>!=]=
      | \S
    )
    """,
    re.VERBOSE,
)
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00b4": "'", "–": "-", "—": "-", "\u00a0": " "})
_ENDINGS = frozenset({"s", "t", "re", "ll", "d", "ve", "m"})
_MANY = 600


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, name or mark.

    Attributes:
        raw: As typed, without the quotes of a quoted one.
        low: Canonical: lower case, spelling repaired.
        quoted: Whether it stood in quotes; a quoted token is a name.
    """

    raw: str
    low: str
    quoted: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it is letters only, so that it may be a word of the language."""
        return not self.quoted and self.low.isalpha()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of tokens, `first` up to and not including `last`, that says `key` = `value`."""

    first: int
    last: int
    key: str
    value: Any

    def covers(self, index: int) -> bool:
        """Whether the token is part of it."""
        return self.first <= index < self.last


def covered(spans: Iterable[Span]) -> frozenset[int]:
    """Return the tokens of some spans."""
    return frozenset(index for span in spans for index in range(span.first, span.last))


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens of a message and their canonical forms on one line."""

    tokens: tuple[Token, ...]
    line: str = field(default="")
    starts: tuple[int, ...] = field(default=())

    @classmethod
    def of(cls, tokens: tuple[Token, ...]) -> "Reading":
        """Lay the tokens out on one line."""
        starts, words, at = [], [], 0
        for token in tokens:
            word = re.sub(r"\s", "_", token.low)
            starts.append(at)
            words.append(word)
            at += len(word) + 1
        return cls(tokens, " ".join(words), tuple(starts))

    def __len__(self) -> int:
        return len(self.tokens)

    def low(self, index: int) -> str:
        """Return the canonical form of a token, or nothing beyond the ends."""
        return self.tokens[index].low if 0 <= index < len(self.tokens) else ""

    def words(self, first: int, last: int) -> str:
        """Return the canonical forms of a stretch of tokens."""
        return " ".join(token.low for token in self.tokens[first:last])

    def token_range(self, match: Match[str], group: int | str = 0) -> tuple[int, int]:
        """Return which tokens a match, or one of its groups, touches."""
        begin, end = match.span(group)
        return bisect_right(self.starts, begin) - 1, bisect_left(self.starts, max(end, begin + 1))

    def find(self, pattern: Pattern[str], taken: frozenset[int] = frozenset()) -> Iterator[tuple[Match[str], int, int]]:
        """Yield matches that touch no taken token, with their token range."""
        for match in pattern.finditer(self.line):
            first, last = self.token_range(match)
            if taken.isdisjoint(range(first, last)):
                yield match, first, last


def split(text: str) -> tuple[Token, ...]:
    """Split a text into tokens; spelling is not touched yet. Beyond the first 600 tokens nothing is read."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text.translate(_QUOTES).replace("\x00", " ")):
        quoted = match["double"] or match["tick"] or match["single"]
        if quoted:
            found.append(Token(quoted.strip() or quoted, quoted.strip().lower() or quoted, quoted=True))
        else:
            found.extend(_tidy(match["plain"]))
        if len(found) >= _MANY:
            break
    return _joined(found[:_MANY])


def _tidy(raw: str) -> list[Token]:
    """Take sentence marks off the end of a word: `web-1.` is `web-1` and a full stop."""
    body = raw.rstrip("./") if raw[0].isalnum() else raw
    if not body or body == raw:
        return [Token(raw, raw.lower())]
    return [Token(body, body.lower()), *(Token(mark, mark) for mark in raw[len(body) :] if mark != "-")]


_NOTHING = (Token("", ""), Token("", ""))


def _joined(tokens: list[Token]) -> tuple[Token, ...]:
    """Put contractions together: `don ' t` is `dont`, `web-1 ' s` is `web-1` and a possessive."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        mark, ending = (one.low for one in (*tokens[at + 1 : at + 3], *_NOTHING)[:2])
        if mark == "'" and ending in _ENDINGS and not token.quoted:
            if ending == "t":
                out.append(Token(token.raw + "'t", token.low + "t"))
            else:
                out.extend((token, Token("'" + ending, "'" + ending)))
            at += 3
            continue
        out.append(token)
        at += 1
    return tuple(out)
