"""Verbs: where a message asks for something to be done, and what.

A word such as "snapshot", "tag" or "start" is a verb only where a verb can stand: at the beginning of a clause, after "and",
"then", "to", "please", after a fronted time. Words that are hardly ever nouns ("terminate") count wherever they stand, unless
the sentence asks a question. `refine` then lets the object decide: "remove" with a tag is `untag`, with a port `revoke_access`.
"""

import re
from collections.abc import Iterator
from functools import cache

from agent_server.models.offline.phrases import singular
from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.words import rows

_GAP = 8
_CONNECTORS = frozenset({",", ";", ".", ":", "!", "?", "(", "and", "then", "or", "plus", "to", "please", "you", "lets", "'ll", "must", "will", "escher", "bot", "need", "go", "ahead", "me", "someone", "somebody", "anyone", "dont", "not", "never", "kindly", "but", "team", "we", "everyone", "|", ">", "afterwards", "i", "help", "hey", "hi", "also", "->", "finally", "next", "let", "us", "instead", "should"})  # fmt: skip
_ADVERBS = frozenset({"just", "now", "also", "only", "immediately", "quickly", "again", "first", "safely", "gracefully", "automatically", "auto", "temporarily", "permanently", "force", "simply", "really", "maybe", "still", "always", "manually", "either", "asap", "kindly", "then", "properly", "fully"})  # fmt: skip
_BREAKS = frozenset({",", ";", ".", "then", "and", "but", "?", "!"})
_NOUNISH_BEFORE = frozenset({"the", "a", "an", "this", "that", "last", "no", "of", "for", "after", "before", "since", "by", "in", "on", "with", "per", "from", "who", "which", "each", "their", "its", "my", "our", "during", "without", "instead", "any", "recent", "nightly", "daily", "weekly", "latest", "on-call", "about", "via", "is", "was", "are", "were", "been", "being", "if", "when", "until", "they", "did", "didnt"})  # fmt: skip
_QUESTION_WORDS = frozenset({"who", "what", "whats", "which", "why", "when", "where", "how", "whose", "whos", "hows", "wheres", "is", "are", "was", "were", "do", "does", "did", "has", "have", "am", "any", "isnt", "arent", "should", "would"})  # fmt: skip
_FILLERS = frozenset({"hey", "hi", "hello", "yo", "ok", "okay", "so", "and", "please", "escher", "@escher", "um", "uh", "well", "now", "team", ",", ".", "!", ":", "btw", "quick", "question", "also", "morning", "good", "sorry", "then", "just", "quickly", "again", "oh", "bot"})  # fmt: skip
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
_NOUN_AFTER = frozenset({"status", "count", "counts", "history", "coverage", "compliance", "policy", "policies", "list", "schedule", "schedules", "age", "ages", "level", "levels", "failures", "job", "jobs", "inventory", "overview", "summary", "report", "times", "dates", "date", "notes", "keys", "costs", "cost", "usage", "events", "details", "info", "trend", "quota", "quotas"})  # fmt: skip
_PARTICIPLES = {
    "stopped": "stop", "started": "start", "restarted": "restart", "rebooted": "restart", "deleted": "delete", "removed": "delete", "terminated": "delete", "killed": "delete", "destroyed": "delete",
    "nuked": "delete", "resized": "resize", "scaled": "scale", "tagged": "tag", "snapshotted": "snapshot", "encrypted": "encrypt", "rotated": "rotate", "disabled": "disable", "enabled": "enable",
    "patched": "patch", "gone": "delete", "shut": "stop", "restored": "restore", "moved": "move", "copied": "copy", "detached": "detach", "restarting": "restart", "stopping": "stop", "deleting": "delete",
    "patching": "patch", "resizing": "resize", "rebooting": "restart", "rotating": "rotate", "deallocated": "stop", "purged": "delete", "decommissioned": "delete",
}  # fmt: skip
_WISH = re.compile(
    rf"(?<!\S)(?:(?:need|want|like|get|have)s?(?: (?!you\b)\S+){{1,8}}?|(?:should|must|to|can|please) be|needs?|all be) (?P<done>{'|'.join(_PARTICIPLES)})(?!\S)"
)
_LIGHT = re.compile(
    r"(?<!\S)(?:take|make|create|do|perform|trigger|initiate|force|run|start|get|grab|issue)(?: (?:me|us))?(?: (?:an?|the|another|fresh|manual|final|quick|full|rolling|new|on-demand|graceful|forced))*"
    r" (?P<noun>snapshots?|snaps?|backups?|back-?ups?|restart|reboot|failover|fail-over|rollback|restore|shutdown|shut-down|copy)(?!\S)(?!.* (?:public|private)(?: |$))"
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
_SHELL = re.compile(
    r"(?<!\S)(?:az|aws|gcloud|kubectl|gsutil)(?: [a-z0-9-]+){0,3}? (?P<word>[a-z-]*(?:delete|terminate|stop|start|create|reboot|restart|remove|rm|rb|drain)[a-z-]*)(?!\S)"
)
_CLI_BASES = (
    ("delete", "delete"),
    ("terminate", "delete"),
    ("remove", "delete"),
    ("rm", "delete"),
    ("rb", "delete"),
    ("restart", "restart"),
    ("reboot", "restart"),
    ("drain", "drain"),
    ("stop", "stop"),
    ("start", "start"),
    ("create", "create"),
)


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


def opening(reading: Reading) -> int:
    """Return where the message proper begins: past greetings and fillers."""
    at = 0
    while at < len(reading) and (reading.low(at) in _FILLERS or reading.low(at).startswith("<@")):
        at += 1
    return at


def is_question(reading: Reading) -> bool:
    """Whether the message asks rather than orders; "can you stop …" is an order."""
    at = opening(reading)
    first, second = reading.low(at), reading.low(at + 1)
    if first in {"can", "could", "may"}:
        return second in {"i", "anyone", "anybody", "escher", "this", "the", "it"}
    if first == "would":
        return second not in {"you", "someone"}
    if first == "do" and second in {"not", "a", "the"}:
        return False
    if first == "have" and second not in {"any", "the", "we", "they", "you", "i"}:
        return False
    if first == "any" and second in {"chance", "way"}:
        return False
    return first in _QUESTION_WORDS or (first in {"in", "on", "at", "for"} and second in {"which", "what"})


def verbs(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield the changing verbs; the value is a base that `refine` turns into an action."""
    claimed = set(taken)
    for match, _, _ in reading.find(_SHELL):
        first, last = reading.token_range(match, "word")
        base = next(base for part, base in _CLI_BASES if part in match["word"])
        if not match["word"].endswith("ed"):
            claimed.update(range(*reading.token_range(match)))
            yield Span(first, last, "verb", base)
    question = is_question(reading)
    for match, first, last in reading.find(_LIGHT, frozenset(claimed)):
        if _stands_as_verb(reading, first, taken, question=question, strong=not question):
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
        for match, *_ in reading.find(_WISH):
            first, last = reading.token_range(match, "done")
            if claimed.isdisjoint(range(first, last)):
                yield Span(first, last, "verb", _PARTICIPLES[match["done"]])


def particle_of(reading: Reading, verb: Span) -> frozenset[int]:
    """Return the tokens of a split verb's particle: the `off` of "turn the vm off"."""
    return frozenset(_particles(reading, verb))


def _verb_at(reading: Reading, at: int, claimed: frozenset[int], taken: frozenset[int], question: bool) -> Span | None:
    for words, base, strength, splits in _book().get(reading.low(at), ()):
        if not _matches(reading, at, words, claimed, splits=splits) or (strength == "w" and _is_adjective(reading, at)):
            continue
        strong = strength == "s" and not question
        if _stands_as_verb(reading, at, taken, question=question, strong=strong):
            adjacent = all(reading.low(at + offset) == word for offset, word in enumerate(words))
            return Span(at, at + (len(words) if adjacent else 1), "verb", base)
    return None


def _is_adjective(reading: Reading, at: int) -> bool:
    """'Empty resource groups', "open ports", "backup status", "restart count": not every word at the front is an order."""
    word, after = reading.low(at), reading.low(at + 1)
    if after in _NOUN_AFTER:
        return True
    if word == "let":
        return not (any(char.isdigit() for char in after) or after in {"traffic", "everyone", "anyone"})
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


def _stands_as_verb(reading: Reading, at: int, taken: frozenset[int], *, question: bool, strong: bool) -> bool:
    before = at - 1
    while before >= 0 and reading.low(before) in _ADVERBS:
        before -= 1
    low = reading.low(before)
    if reading.low(at + 1) in {"=", ":"} and reading.low(at) in {"tag", "label"}:
        return False
    if question:
        return low in _BREAKS and before > opening(reading) and _orders(reading, at)
    if before < 0 or low in _CONNECTORS or low.startswith("<@"):
        return not _asks_inside(reading, before)
    if before in taken and not reading.tokens[before].quoted:
        return True
    return strong and low not in _NOUNISH_BEFORE


def _asks_inside(reading: Reading, before: int) -> bool:
    """Whether the verb belongs to somebody else's doing: "vms that we stop", "what i should delete", "how to stop"."""
    low = reading.low(before)
    if low in {"i", "we", "you", "they"}:
        return (
            reading.low(before - 1)
            in {"that", "which", "what", "vms", "if", "when", "should", "how", "do", "can", "ones", "because"}
            and reading.low(before - 1) != "can"
        )
    if low == "should":
        return reading.low(before - 1) in {"i", "we", "what", "which", "that"}
    return (
        low == "to"
        and reading.low(before - 1)
        in {
            "how",
            "safe",
            "ready",
            "able",
            "want",
            "used",
            "due",
            "going",
            "about",
            "cost",
            "allowed",
            "possible",
            "what",
            "where",
            "when",
            "which",
            "access",
            "similar",
            "right",
            "permission",
            "permissions",
        }
        and reading.low(before - 1) != "want"
    )


def _orders(reading: Reading, at: int) -> bool:
    """In a question, only what is followed by an object can be an order: "… and stop them"."""
    after = reading.low(at + 1)
    return bool(after) and after not in {
        "?",
        ".",
        "on",
        "in",
        "by",
        "at",
        "was",
        "is",
        "counts",
        "count",
        "times",
        "time",
        "cost",
        "costs",
        "or",
    }


def is_plural(word: str) -> bool:
    """Whether a word may be a plural."""
    return len(singular(word)) > 1
