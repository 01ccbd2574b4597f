"""Where an order can stand in a sentence, and whether the sentence asks.

A word such as "snapshot", "tag" or "start" is an order only at the beginning of a clause, after "and", "then", "to", "please", after a
fronted time or place. In a question only what follows a comma or an "and" is one.
"""

import re

from agent_server.models.offline.tokens import Reading, Token
from agent_server.models.offline.words import strong_verbs, verb_openers

_CONNECTORS = frozenset({"ok", "okay", "so", "]", ")", "-", "*", "todo", "task", "yes", "yep", "sure", ",", ";", ".", ":", "!", "?", "(", "and", "then", "or", "plus", "to", "please", "you", "lets", "'ll", "must", "will", "escher", "bot", "need", "go", "ahead", "me", "someone", "somebody", "anyone", "dont", "not", "never", "kindly", "but", "team", "we", "everyone", "|", ">", "afterwards", "i", "help", "hey", "hi", "also", "->", "finally", "next", "let", "us", "instead", "should"})  # fmt: skip
_ADVERBS = frozenset({"just", "now", "also", "only", "immediately", "quickly", "again", "first", "safely", "gracefully", "automatically", "auto", "temporarily", "permanently", "force", "simply", "really", "maybe", "still", "always", "manually", "either", "uh", "um", "asap", "kindly", "then", "properly", "fully"})  # fmt: skip
_BREAKS = frozenset({",", ";", ".", "then", "and", "but", "?", "!"})
_NOUNISH_BEFORE = frozenset({"the", "a", "an", "this", "that", "last", "no", "of", "for", "after", "before", "since", "by", "in", "on", "with", "per", "from", "who", "which", "each", "their", "its", "my", "our", "during", "without", "instead", "any", "recent", "nightly", "daily", "weekly", "latest", "on-call", "about", "via", "is", "was", "are", "were", "been", "being", "if", "when", "until", "they", "did", "didnt"})  # fmt: skip
_QUESTION_WORDS = frozenset({"who", "what", "whats", "which", "why", "when", "where", "how", "whose", "whos", "hows", "wheres", "is", "are", "was", "were", "do", "does", "did", "has", "have", "am", "any", "isnt", "arent", "should", "would"})  # fmt: skip
_FILLERS = frozenset({"hey", "hi", "hello", "yo", "ok", "okay", "so", "and", "please", "escher", "@escher", "um", "uh", "well", "now", "team", ",", ".", "!", ":", "btw", "quick", "question", "also", "morning", "good", "sorry", "then", "just", "quickly", "again", "oh", "bot"})  # fmt: skip
_ASKING_AFTER_WHEN = frozenset(
    {"was", "were", "did", "is", "are", "will", "do", "does", "has", "have", "should", "can"}
)
_PLACING = frozenset({"on", "in", "for", "at", "from", "to", "within", "inside", "under"})
_DOERS = frozenset({"we", "i", "they", "he", "she", "somebody", "someone", "team", "who", "colleague", "guys"})
_PAST = re.compile(r"\b(?:yesterday|last (?:night|week|month|year|time)|ago|already|earlier|back then)\b")
_CLAUSE = 12
_WONDERING = frozenset({"what", "which", "that", "how", "where", "when", "if", "whether", "ones", "who"})
_ALLOWED = frozenset({"you can", "you could", "you may", "someone can", "somebody could", "let 's"})
_FRONTED = 4
_INSTEAD = frozenset({"just", "only", "simply", "instead", "rather"})
_OBJECTS = frozenset({"it", "them", "the", "that", "those", "this", "its", "all", "both", "everything"})
_REQUESTED = re.compile(
    r"^(?:\S+ ){0,4}?could (?!i\b|we\b|you\b|anyone\b|anybody\b)(?:\S+ ){1,8}?(?:be \S+(?:ed|en|wn|ut)|get|be given)(?!\S)"
)
_GO_AHEAD = re.compile(
    r"\b(?:if (?:so|yes|ok|it is|that works)|then)(?: ,)? (?:please )?(?:do it|do so|go ahead|proceed|just do it)\b|"
    r"\bplease (?:do|go ahead|proceed)(?: so| it)?(?: if so)?(?= ?[.!]?$)|"
    r"\? please (?!show|list|tell|check|describe|explain|find|give|count)\S+ (?:it|them|that)\b"
)
_IN_DISGUISE = re.compile(
    r"why (?:dont|not)(?: (?:you|we|just))*(?!\S)|(?:may|can|could|might) i (?:please )?(?:ask|request|trouble|bother)(?!\S)"
)
_ONCE_DONE = frozenset({"after", "afterwards", "following", "upon", "with"})
_NAME = re.compile(r"(?=.*[a-z])(?=.*[\d_/.@-]).+|<[@#!].*>")


def opening(reading: Reading) -> int:
    """Return where the message proper begins: past greetings and fillers."""
    at = 0
    while at < len(reading) and (reading.low(at) in _FILLERS or reading.low(at).startswith(("<@", "@", "user-p"))):
        at += 1
    if reading.low(at) in {"when", "whenever"} and reading.low(at + 1) not in _ASKING_AFTER_WHEN:
        comma = next((index for index in range(at, len(reading)) if reading.low(index) == ","), None)
        return at if comma is None else comma + 1
    return at


def is_question(reading: Reading) -> bool:
    """Whether the message asks rather than orders; "can you stop …" is an order."""
    at = opening(reading)
    first, second = reading.low(at), reading.low(at + 1)
    if _GO_AHEAD.search(reading.line) or _IN_DISGUISE.match(
        reading.line, reading.starts[at] if at < len(reading) else 0
    ):
        return False
    if first == "do" and (
        second in strong_verbs() or (second in verb_openers() and reading.low(len(reading) - 1) != "?")
    ):
        return False
    if first == "have" and reading.low(at - 1) in {"please", "kindly"}:
        return False
    if first == "could" and _REQUESTED.search(reading.line):
        return False
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


def stands_as_verb(reading: Reading, at: int, taken: frozenset[int], *, question: bool, strong: bool) -> bool:
    """Whether an order can stand at a token.

    Args:
        reading: The message.
        at: The token.
        taken: Tokens whose meaning is known, after which an order may begin.
        question: Whether the message asks.
        strong: Whether the word is hardly ever anything but a verb.
    """
    before = at - 1
    while before >= 0 and reading.low(before) in _ADVERBS:
        before -= 1
    low = reading.low(before)
    if _is_told(reading, at, before, strong=strong):
        return False
    if question:
        return low in _BREAKS and before > opening(reading) and _orders(reading, at)
    if before < 0 or low in _CONNECTORS or low.startswith(("<@", "@", "user-p")):
        return not _asks_inside(reading, before)
    return _may_begin(reading, at, before, taken) or (strong and low not in _NOUNISH_BEFORE)


def _is_told(reading: Reading, at: int, before: int, *, strong: bool) -> bool:
    """Whether a word is part of a story or a label: "we stopped it yesterday", "show me snapshot s-1", "tag: x"."""
    low = reading.low(before)
    if low in _DOERS and _PAST.search(reading.words(at, at + _CLAUSE)):
        return True
    if low == "me" and reading.low(before - 1) in {"show", "tell", "list"} and not strong:
        return True
    return reading.low(at + 1) in {"=", ":"} and reading.low(at) in {"tag", "label"}


def _may_begin(reading: Reading, at: int, before: int, taken: frozenset[int]) -> bool:
    """Whether an order may begin: after what is understood, "after that", with "just … it", behind a fronted place."""
    if before in taken and not reading.tokens[before].quoted:
        return True
    if reading.words(before - 1, before + 1) in _ALLOWED or (before == 0 and reading.low(0) == "do"):
        return True
    if reading.low(before) in {"that", "this", "which"} and reading.low(before - 1) in _ONCE_DONE:
        return True
    if reading.low(at - 1) in _INSTEAD and reading.low(at + 1) in _OBJECTS:
        return True
    begin = opening(reading)
    if reading.low(begin) in _ONCE_DONE and at - begin <= _FRONTED:
        return True
    return reading.low(begin) in _PLACING and _is_name(reading.tokens[before])


def _is_name(token: Token) -> bool:
    return token.quoted or _NAME.fullmatch(token.low) is not None


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
        who = reading.low(before - 1)
        return who in _WONDERING or (who in {"i", "we"} and reading.low(before - 2) in _WONDERING)
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
