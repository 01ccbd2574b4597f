"""Typing slips in alarming words: "dleete", "terminte", "restrat" are read as what they were meant to be."""

import re
from collections.abc import Iterator
from functools import cache

from agent_server.agents.alarm.table import rows

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "`": " ", "*": " "})
_WORD = re.compile(r"[a-z]{5,16}")
_SHORTEST = 6


def canonical(sentence: str) -> str:
    """Return a sentence in lower case with single spaces, and slips in alarming words put right."""
    plain = " ".join(sentence.translate(_QUOTES).lower().split())
    return _WORD.sub(_without_slip, plain)


def _without_slip(match: re.Match[str]) -> str:
    word = match[0]
    if word in _words() or word in _own() or not _is_whole(match):
        return word
    return next((stem for form in _shorter(word) for stem in _near().get(form, ()) if _is_slip(word, stem)), word)


def _is_whole(match: re.Match[str]) -> bool:
    """Whether a word stands free, so that it is no part of a name."""
    around = match.string[max(0, match.start() - 1) : match.start()] + match.string[match.end() : match.end() + 1]
    return not re.search(r"[\w@/-]", around)


@cache
def _words() -> frozenset[str]:
    """Return the single words of the table."""
    words = {row[column] for kind in ("sure", "order", "halt") for row in rows()[kind] for column in (0, 1)}
    return frozenset(words | {"disable", "deactivate", "public", "bypass", "expose", "retention"})


@cache
def _own() -> frozenset[str]:
    """Return words that are no slip though they are one letter from an alarming word: "remind", "owned"."""
    return frozenset(word for row in rows()["word"] for word in row[0].split())


@cache
def _near() -> dict[str, tuple[str, ...]]:
    """Return those words under what they become when a letter is lost."""
    found: dict[str, list[str]] = {}
    for stem in sorted(word for word in _words() if len(word) >= _SHORTEST and word.isascii() and word.isalpha()):
        for form in _shorter(stem):
            found.setdefault(form, []).append(stem)
    return {form: tuple(words) for form, words in found.items()}


def _shorter(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _is_slip(word: str, stem: str) -> bool:
    """Whether one letter was lost, put in, changed, or swapped with its neighbour; both share what is left without it."""
    if abs(len(word) - len(stem)) > 1:
        return False
    if len(word) != len(stem):
        return True
    apart = [at for at in range(len(word)) if word[at] != stem[at]]
    return len(apart) == 1 or (sorted(word) == sorted(stem) and apart[-1] - apart[0] == 1)
