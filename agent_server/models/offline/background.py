"""What only tells why: "Our log volume has doubled since the rollout. Please disable the trail", "… , the business opens in 10 minutes".

A sentence without a request beside one that asks, a reason after an order, and a remark in brackets say nothing about what is meant.
Their times, states and plain words are left out; names, tags and places stay, since "it" may stand for them.
"""

import re
from collections.abc import Iterator, Sequence

from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.view import rule
from agent_server.models.offline.words import asking_openers

_TIMES = frozenset({"period", "once", "lasting", "recurring", "often"})
_SOFT = _TIMES | {
    "feature", "state", "not_state", "idle", "unused", "healthy", "metric", "public", "encrypted", "attached", "age_days", "unused_days", "expires_within_days", "group_by", "limit", "sort", "count_of", "to", "everything", "about",
    "world", "empty", "backup", "tagged", "size_gb", "version",
}  # fmt: skip
_ENDS = frozenset({".", "!", "?", ";"})
_REQUEST = rule(
    r"(?:please|could you|can you|would you|kindly|i (?:only |just )?need|we need|we must|which|what|who|how|show|list)(?: .*)?"
)
_REASON = re.compile(
    r"(?<= ), (?:because |since |as |so |cuz )?(?!(?:which|what|who|is|are|and|or|but|then|please|it is prod|its prod|only|not|except|if|when)(?!\S))"
    r"(?:the |our |my |this |that )?\S+(?: 's)?(?: \S+)?? (?:is|are|was|were|has|have|had|will|keeps?|costs?|cant|"
    r"cannot|wont|does|opens|starts|ends|gets)(?!\S)[^,;]*"
)
_BRACKETS = re.compile(r"\( .*? \)")


def without_background(
    reading: Reading, spans: Sequence[Span], orders: Sequence[Span], out: frozenset[int]
) -> list[Span]:
    """Return the spans without what only tells why; `out` are the tokens of exceptions, which stay."""
    told = frozenset(_told(reading, orders)) - out
    reasons = frozenset(_reasons(reading, orders)) - out
    bracketed = frozenset(_bracketed(reading)) - out
    if not (told or reasons or bracketed):
        return list(spans)
    kinds = [span for span in spans if span.key in {"kind", "kind_id"}]
    aside = told | reasons | bracketed
    elsewhere = any(span.first not in aside for span in kinds)
    return [span for span in spans if not _goes(reading, span, told, aside, elsewhere=elsewhere)]


def _goes(reading: Reading, span: Span, told: frozenset[int], aside: frozenset[int], *, elsewhere: bool) -> bool:
    if span.first not in aside:
        return False
    if span.key == "kind":
        return elsewhere
    if span.key == "container":
        return span.first in told and span.value[1].isalpha()
    if span.key == "name":
        return span.first in told and reading.tokens[span.first].low.isalpha() and not reading.tokens[span.first].quoted
    return span.key in _SOFT


def _sentences(reading: Reading) -> Iterator[range]:
    first = 0
    for index in range(len(reading)):
        if reading.low(index) in _ENDS:
            yield range(first, index + 1)
            first = index + 1
    if first < len(reading):
        yield range(first, len(reading))


def _told(reading: Reading, orders: Sequence[Span]) -> Iterator[int]:
    sentences = [one for one in _sentences(reading) if len(one) > 1]
    if len(sentences) < 2:  # noqa: PLR2004 - a single sentence has nothing beside it
        return
    asking = [one for one in sentences if _asks(reading, one, orders)]
    if asking:
        for one in sentences:
            if one not in asking:
                yield from one


def _asks(reading: Reading, sentence: range, orders: Sequence[Span]) -> bool:
    words = reading.words(sentence.start, sentence.stop)
    return (
        any(order.first in sentence for order in orders)
        or reading.low(sentence.stop - 1) == "?"
        or reading.low(sentence.start) in asking_openers()
        or _REQUEST.search(words) is not None
    )


def _reasons(reading: Reading, orders: Sequence[Span]) -> Iterator[int]:
    if not orders:
        return
    for match in _REASON.finditer(reading.line):
        first, last = reading.token_range(match)
        if first > orders[0].first and not any(first <= order.first < last for order in orders):
            yield from range(first, last)


def _bracketed(reading: Reading) -> Iterator[int]:
    for match in _BRACKETS.finditer(reading.line):
        yield from range(*reading.token_range(match))
