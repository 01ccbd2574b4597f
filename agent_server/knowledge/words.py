"""Words as the search compares them: small, without endings, without the words that say nothing."""

import re
from functools import lru_cache

_PART = re.compile(r"[A-Z]+[0-9]*(?![a-z])|[A-Z]?[a-z0-9]+")
"""A word, or a part of a name whose parts begin with capitals."""
_SILENT = frozenset(
    {
        "a",
        "about",
        "again",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "do",
        "does",
        "don",
        "for",
        "from",
        "get",
        "gets",
        "given",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "me",
        "my",
        "of",
        "one",
        "on",
        "or",
        "our",
        "please",
        "request",
        "returns",
        "s",
        "so",
        "some",
        "specified",
        "t",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "us",
        "using",
        "want",
        "was",
        "we",
        "what",
        "when",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    }
)
_SHORTEST = 4
_WHOLE = frozenset({"finding", "setting", "building", "meeting"})
"""Things, though they end like deeds: findings are not what one wants to find."""
_SHORT = {"ips": "ip", "ids": "id", "dbs": "db"}
"""Plurals among the words that are too short for a rule: `dns` is none."""


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text in order, stemmed; a name like `DescribeInstances` or `stop_instances` gives its parts."""
    found = map(str.lower, _PART.findall(text))
    return tuple([stem(word) for word in found if word not in _SILENT])


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return a word without its usual endings, so that `copies`, `copying` and `copy` are one; English, and rough on purpose."""
    if len(word) < _SHORTEST or word.isdigit():
        return _SHORT.get(word, word)
    word = _singular(word)
    if word in _WHOLE:
        return word
    for ending, shortest in (("ing", 6), ("ion", 6), ("ed", 5)):
        if word.endswith(ending) and len(word) >= shortest:
            word = _undoubled(word.removesuffix(ending))
            break
    return word.removesuffix("e") if len(word) >= _SHORTEST else word


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "ns", "ps")):
        return word[:-1]
    return word[:-1] if word.endswith(("ons", "ans", "ens", "ins", "ups", "aps", "ops", "ips")) else word


def _undoubled(word: str) -> str:
    last = word[-1:]
    return word[:-1] if word.endswith(last * 2) and last in "bdgmnprt" else word
