"""Verbs: what a message asks to be done, by the words of `lexicon/verbs.tsv`.

A word such as "snapshot", "tag" or "start" is a verb only where `standing` says that one can stand. Words that are hardly ever nouns ("terminate") count wherever they stand, unless
the sentence asks a question. `refine` then lets the object decide: "remove" with a tag is `untag`, with a port `revoke_access`.
"""

import re
from collections.abc import Iterator
from functools import cache

from agent_server.models.offline.phrases import singular
from agent_server.models.offline.shell import command_verbs
from agent_server.models.offline.standing import is_question, opening, stands_as_verb
from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.wishes import wishes
from agent_server.models.offline.words import rows

_GAP = 8
_LET_IN = frozenset({"traffic", "everyone", "everybody", "anyone", "anybody", "world", "internet", "any", "public"})
_DEVICES = frozenset({"switch", "chain", "signal"})
_RIGHTS = frozenset(
    {
        "access",
        "role",
        "rights",
        "owner",
        "admin",
        "permission",
        "permissions",
        "contributor",
        "reader",
        "editor",
        "viewer",
    }
)
_NOUN_AFTER = frozenset({"status", "count", "counts", "history", "coverage", "compliance", "policy", "policies", "list", "schedule", "schedules", "age", "ages", "level", "levels", "failures", "job", "jobs", "inventory", "overview", "summary", "report", "times", "dates", "date", "notes", "keys", "costs", "cost", "usage", "events", "switch", "sense", "details", "info", "trend", "quota", "quotas"})  # fmt: skip
_LIGHT = re.compile(
    r"(?<!\S)(?:take|make|create|do|perform|trigger|initiate|force|run|start|get|grab|"
    r"issue)(?: (?:me|us))?(?: (?:an?|the|another|fresh|manual|final|quick|full|rolling|new|on-demand|graceful|"
    r"forced))*"
    r" (?P<noun>snapshots?|snaps?|backups?|back-?ups?|restart|reboot|failover|fail-over|rollback|restore|shutdown|"
    r"shut-down|copy)(?!\S)(?!.* (?:public|private)(?: |$))"
)
_LIGHT_BASE = {
    "snap": "snapshot",
    "back": "snapshot",
    "rest": "restart",
    "rebo": "restart",
    "fail": "failover",
    "roll": "rollback",
    "shut": "stop",
    "copy": "copy",
}


@cache
def _book() -> dict[str, list[tuple[tuple[str, ...], str, str, bool]]]:
    """Return the verbs by their first word: (words, base, strong, may be split)."""
    book: dict[str, list[tuple[tuple[str, ...], str, str, bool]]] = {}
    for phrase, base, strength in rows("verbs.tsv"):
        words = tuple(word for word in phrase.split() if word != "…")
        book.setdefault(words[0], []).append((words, base, strength, "…" in phrase))
    for listed in book.values():
        listed.sort(key=lambda entry: -len(entry[0]))
    return book


def verb_words() -> frozenset[str]:
    """Return the words that may be verbs, for the speller."""
    return frozenset(word for listed in _book().values() for words, *_ in listed for word in words) | {
        word for row in rows("asking.tsv") for word in row[0].split()
    }


def verbs(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield the changing verbs; the value is a base that `refine` turns into an action."""
    claimed = set(taken)
    for verb, said in command_verbs(reading):
        claimed.update(said)
        yield verb
    question = is_question(reading)
    for match, first, last in reading.find(_LIGHT, frozenset(claimed)):
        if stands_as_verb(reading, first, taken, question=question, strong=not question):
            claimed.update(range(first, last))
            yield Span(first, last, "verb", _LIGHT_BASE[match["noun"][:4]] if match["noun"] != "restore" else "restore")
    at = 0
    while at < len(reading):
        hit = (
            None
            if at in claimed or reading.tokens[at].quoted
            else _verb_at(reading, at, frozenset(claimed), taken, question)
        )
        if hit:
            claimed.update((*range(hit.first, hit.last), *_particles(reading, hit)))
            yield hit
        at = hit.last if hit else at + 1
    if not question:
        yield from wishes(reading, opening(reading), frozenset(claimed))


def particle_of(reading: Reading, verb: Span) -> frozenset[int]:
    """Return the tokens of a split verb's particle: the `off` of "turn the vm off"."""
    return frozenset(_particles(reading, verb))


def _verb_at(reading: Reading, at: int, claimed: frozenset[int], taken: frozenset[int], question: bool) -> Span | None:
    if reading.low(at + 1) in _DEVICES:
        return None
    for words, base, strength, splits in _book().get(reading.low(at), ()):
        if not _matches(reading, at, words, claimed, splits=splits) or (strength == "w" and _is_adjective(reading, at)):
            continue
        strong = strength == "s" and not question
        if stands_as_verb(reading, at, taken, question=question, strong=strong):
            adjacent = all(reading.low(at + offset) == word for offset, word in enumerate(words))
            return Span(at, at + (len(words) if adjacent else 1), "verb", base)
    return None


def _is_adjective(reading: Reading, at: int) -> bool:
    """'Empty resource groups', "open ports", "backup status", "restart count": not every word at the front is an order."""
    word, after = reading.low(at), reading.low(at + 1)
    if after in _NOUN_AFTER:
        return True
    if word == "let":
        near = [reading.low(index) for index in range(at + 1, at + 6)]
        return not (_LET_IN.intersection(near) or any(char.isdigit() for word in near[:3] for char in word))
    if word == "change" and after in {"approved", "request", "window", "ticket", "is", "was", "has", "number"}:
        return True
    if word == "revert":
        return after in {"with", "back", "me"}
    if word in {"require", "drop", "want"} and "list" in {after, reading.low(at + 2), reading.low(at + 3)}:
        return True
    if word == "give" and after in {"me", "us"} and reading.low(at + 2) in {"all", "every", "any"}:
        return True
    if word == "give" and after in {"me", "us"}:
        return not any(reading.low(index) in _RIGHTS for index in range(at + 2, at + 8))
    if word in {"empty", "open"}:
        plural = next(
            (index for index in range(at + 1, min(at + 4, len(reading))) if is_plural(reading.low(index))), None
        )
        return (
            plural is not None
            and after not in {"the", "my", "our", "this", "that", "all", "up"}
            and not any(char.isdigit() for char in reading.low(plural + 1))
        )
    return False


def _matches(reading: Reading, at: int, words: tuple[str, ...], taken: frozenset[int], *, splits: bool) -> bool:
    if all(reading.low(at + offset) == word for offset, word in enumerate(words)):
        return taken.isdisjoint(range(at, at + len(words)))
    return splits and _later(reading, at, words[1:]) is not None


def _later(reading: Reading, at: int, rest: tuple[str, ...]) -> int | None:
    """Find a split verb's remaining words within the gap, before the clause ends."""
    for index in range(at + 2, min(at + 1 + _GAP, len(reading))):
        if reading.low(index) in {";", ".", "then", "?", "except"}:
            return None
        if all(reading.low(index + offset) == word for offset, word in enumerate(rest)):
            followed_by_place = rest[0] in {"on", "in", "up", "down"} and reading.low(index + len(rest)) not in {
                "",
                ",",
                ".",
                "and",
                "then",
                "!",
                "?",
                "please",
                "again",
                "now",
                "to",
                "tonight",
                "for",
                "at",
                "until",
                "by",
                "every",
                ";",
                "except",
                "today",
                "tomorrow",
                "in",
            }
            return None if followed_by_place else index
    return None


def _particles(reading: Reading, verb: Span) -> Iterator[int]:
    for words, base, _, splits in _book().get(reading.low(verb.first), ()):
        if splits and base == verb.value and verb.last - verb.first == 1:
            index = _later(reading, verb.first, words[1:])
            if index is not None:
                yield from range(index, index + len(words) - 1)
                return


def is_plural(word: str) -> bool:
    """Whether a word may be a plural."""
    return len(singular(word)) > 1
