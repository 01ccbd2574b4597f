"""Orders that no imperative says: "vm-3 can be deleted", "the bucket must become public", "soft delete off please".

What is wished for is a participle after "must be", "needs", "I want … ", a turn of phrase of `lexicon/wishes.tsv`, or a feature with
nothing but "off" after it. Each is read as the verb it stands for.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.view import rule
from agent_server.models.offline.words import asking_openers, rows

_GERUNDS = {
    "restarting": "restart", "stopping": "stop", "deleting": "delete", "patching": "patch", "resizing": "resize", "rebooting": "restart", "rotating": "rotate", "removing": "remove", "terminating": "delete",
    "disabling": "disable", "gone": "delete",
}  # fmt: skip
_BEFORE_PARTICIPLE = (
    r"(?:need|want|like|get|have)s?(?! been)(?: (?!(?:you|know|see|which|what|that|who|list|hear|"
    r"understand)\b)\S+){1,8}?|(?:should|shall|must|may|can|could|to|please|"
    r"gotta)(?: (?:now|all|both|just|safely|finally|then|also|please))* be(?: (?:all|now|just|safely|finally|"
    r"completely|fully))*|needs?|all be"
    r"|(?:appreciate\w*|grateful|great|nice|glad|happy|helpful|thankful|good)(?: (?!if\b)\S+){0,4}? if (?:\S+ ){1,8}?(?:was|were|is|are|got|gets)"
)
_RECURRING = (
    r"(?:is|are|gets?) (?P<{group}>{words})(?= (?:every|each|daily|nightly|weekly|monthly|on weekdays|at (?:night|\d)))"
)
_TELLING = frozenset({"that", "which", "who", "they", "what", "if", "whether", "nothing", "none", "nobody", "no", "not", "never", "dont", "doesnt", "wont", "isnt", "shouldnt", "mustnt"})  # fmt: skip
_BACK = 5
_POLITELY = re.compile(r"\b(?:would|grateful|appreciate\w*|glad|happy|thankful|nice|great|helpful)\b.* if ")
_OFF = re.compile(r"(?:off|to off|away|out)(?= ?(?:$|[.,;!:]| please| now| asap| for| on| in| until| today| tonight))")
_HAVING = frozenset({"with", "has", "have", "having", "where", "whose", "is", "are", "turned", "switched", "turn", "switch", "got", "had", "as"})  # fmt: skip
_NO_MORE = frozenset({"no more", "without any", "drop all", "lose the"})


@cache
def participles() -> Mapping[str, str]:
    """Return what verbs become when something has been done, with the base of the verb."""
    irregular = dict(rows("participles.tsv"))
    found = dict(_GERUNDS)
    for phrase, base, _ in rows("verbs.tsv"):
        first, *rest = (word for word in phrase.split() if word != "…")
        forms = [irregular[first]] if first in irregular else _regular(first)
        if first.isascii() and not first.startswith("un"):
            found |= {" ".join((form, *rest)): base for form in forms if form not in found or rest}
    return found


def _regular(verb: str) -> list[str]:
    if verb.endswith("e"):
        return [verb + "d"]
    if re.search(r"[^aeiou]y$", verb):
        return [verb[:-1] + "ied"]
    doubled = [verb + verb[-1] + "ed"] if re.search(r"[^aeiou][aeiou][bcdfgklmnprtvz]$", verb) else []
    return [verb + "ed", *doubled]


@cache
def _done() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, participles()), key=len, reverse=True))
    recurring = _RECURRING.format(group="habit", words=words)
    return re.compile(rf"(?<!\S)(?:(?:{_BEFORE_PARTICIPLE}) (?P<done>{words})|{recurring})(?!\S)")


@cache
def _turns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((rule(pattern), base) for pattern, base in rows("wishes.tsv"))


def wishes(reading: Reading, begin: int, claimed: frozenset[int]) -> Iterator[Span]:
    """Yield what is wished for, as verbs, in a message that asks nothing and begins at `begin`."""
    if reading.low(begin) in asking_openers() - {"get"}:
        return
    for match, *_ in reading.find(_done()):
        group = "done" if match["done"] else "habit"
        first, last = reading.token_range(match, group)
        if claimed.isdisjoint(range(first, last)) and not _is_told(reading, reading.token_range(match)[0]):
            yield Span(first, last, "verb", participles()[match[group]])
    for pattern, base in _turns():
        for _, first, last in reading.find(pattern):
            if _is_told(reading, first) or last - 1 in claimed:
                continue
            if first not in claimed:
                yield Span(first, first + 1, "verb", base)
            elif reading.low(last - 1) == "of":
                yield Span(last - 1, last, "verb", base)


def switched_off(reading: Reading, features: list[Span], begin: int) -> Iterator[Span]:
    """Yield the "off" of "soft delete off please" and the "no more" of "no more flow logs" as orders to disable."""
    if reading.low(begin) in asking_openers():
        return
    for feature in features:
        if feature.first - 1 == begin and reading.low(begin) == "no" and reading.low(feature.last) in {"on", "for"}:
            yield Span(begin, begin + 1, "verb", "disable")
        elif reading.words(feature.first - 2, feature.first) in _NO_MORE:
            yield Span(feature.first - 2, feature.first, "verb", "disable")
        elif reading.low(feature.first - 1) not in _HAVING and _OFF.match(
            reading.line, reading.starts[feature.last] if feature.last < len(reading) else len(reading.line)
        ):
            yield Span(feature.last, feature.last + 1, "verb", "disable")


def _is_told(reading: Reading, first: int) -> bool:
    """Whether it is only told of: "vms that can be deleted", "nothing should be stopped"."""
    if _POLITELY.search(reading.line):
        return False
    return any(reading.low(index) in _TELLING for index in range(max(0, first - _BACK), first + 1))
