"""Spelling: repairs slips in words that matter, and leaves everyday words and names alone."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import zip_longest

from agent_server.models.offline.actions import verb_words
from agent_server.models.offline.distance import distance
from agent_server.models.offline.entities.states import state_words
from agent_server.models.offline.phrases import singular
from agent_server.models.offline.tokens import Token
from agent_server.models.offline.words import english, kinds, lines, places, spellings

_SHORTEST = 4
_TWO_SLIPS_FROM = 8
_LONGEST = 24
_VOWELS_SLIP_FROM = 6
_FEWEST_CONSONANTS = 3
_NAMING = frozenset({"named", "called", "name", "playbook", "runbook"})


@cache
def vocabulary() -> frozenset[str]:
    """Return the words the parser reacts to: of kinds, regions, verbs, states, and the small words around them."""
    listed = frozenset(word for line in lines("vocabulary.txt") for word in line.split())
    return listed | kinds().words() | places().words() | verb_words() | state_words()


def repair(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Return the tokens with repaired canonical forms; what follows "named" is a name and stays."""
    out: list[Token] = []
    read = list(tokens)
    for token, after in zip_longest(read, read[1:]):
        naming = bool(out) and out[-1].low in _NAMING
        kept = token.quoted or naming or _is_camel(token.raw)
        low = token.low if kept else _repaired(token.low, after.low if after else "")
        out.append(token if low == token.low else Token(token.raw, low))
    return tuple(out)


def known(word: str) -> bool:
    """Whether a word, or what it is the plural of, is one of ours or an everyday one."""
    return any(form in vocabulary() or form in english() for form in (*singular(word), *_stems(word)))


def _stems(word: str) -> tuple[str, ...]:
    """Return what a word may be an inflection of: "rotated" of "rotate", "stopping" of "stop"."""
    for ending in ("ed", "ing", "er", "able"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word.removesuffix(ending)
            doubled = (stem[:-1],) if stem[-1:] == stem[-2:-1] else ()
            return (stem + "e", *doubled, *((stem,) if len(stem) >= _SHORTEST else ()))
    return ()


def _is_camel(raw: str) -> bool:
    return raw[1:].lower() != raw[1:] and raw.upper() != raw


def _repaired(word: str, after: str) -> str:
    if f"{word} {after}" in spellings():
        return spellings()[f"{word} {after}"].partition(" ")[0]
    if word in spellings():
        return spellings()[word]
    if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha() or known(word):
        return word
    candidates = {target for form in _without_one(word) | {word} for target in _near().get(form, ())}
    slips = {target: distance(word, target) for target in candidates}
    allowed = 2 if len(word) >= _TWO_SLIPS_FROM else 1
    fitting = [(count, target[0] != word[0], target) for target, count in slips.items() if count <= allowed]
    if len(word) == _SHORTEST:
        fitting = [found for found in fitting if sorted(found[2]) == sorted(word) or len(found[2]) > len(word)]
    return min(fitting)[2] if fitting else _by_consonants().get(_consonants(word), word)


def _consonants(word: str) -> str:
    """Return a word without its vowels and doubled letters: what is left when vowels slip, "reebot" and "reboot"."""
    return word[0] + re.sub(r"[aeiouy]|(.)(?=\1)", "", word[1:])


@cache
def _by_consonants() -> dict[str, str]:
    """Return the longer verbs by their consonants, those that share theirs left out."""
    found: dict[str, set[str]] = {}
    for word in verb_words():
        if len(word) >= _VOWELS_SLIP_FROM and word.isascii() and word.isalpha():
            found.setdefault(_consonants(word), set()).add(word)
    return {key: min(words) for key, words in found.items() if len(words) == 1 and len(key) >= _FEWEST_CONSONANTS}


@cache
def _near() -> dict[str, tuple[str, ...]]:
    """Return every word under itself and under each form that lacks a letter or, when long, two."""
    index: dict[str, list[str]] = {}
    plurals = {word + "s" for word in vocabulary() if len(word) >= _SHORTEST and not word.endswith("s")}
    for word in (word for word in vocabulary() | plurals if len(word) >= _SHORTEST and word.isalpha()):
        forms = {word} | _without_one(word)
        if len(word) >= _TWO_SLIPS_FROM:
            forms |= {shorter for form in tuple(forms) for shorter in _without_one(form)}
        for form in forms:
            index.setdefault(form, []).append(word)
    return {form: tuple(found) for form, found in index.items()}


def _without_one(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}
