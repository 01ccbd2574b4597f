"""Names by their place: beside a kind, as the bare object of an order, in an exception; and what their ids tell."""

import re
from collections.abc import Iterator, Sequence

from agent_server.contract.intent import Scope
from agent_server.models.offline.entities.kinds import id_kind
from agent_server.models.offline.entities.names import beside_kinds, is_rare, literal, may_be_name, shaped
from agent_server.models.offline.entities.purposes import qualified
from agent_server.models.offline.entities.roles import grantees
from agent_server.models.offline.tokens import Reading, Span, covered
from agent_server.models.offline.words import asking_words

_MENTION = re.compile(r"<[@#!].*>|@.*|user-p\d+")
_NAMED_THINGS = frozenset(["vm", "instance", "bucket", "resource", "server", "start", "stop", "delete", "restart"])
_BEFORE_OBJECTS = frozenset(
    ["describe", "is", "of", "about", "on", "was", "for", "did", "inspect", "check", "show", "with", "at"]
)
_BEFORE_NAMES = frozenset(["the", "my", "our", "down", "up", "that", "a", "dev", "prod", "staging", "qa"])
_FREE = frozenset({"engine", "severity", "everything"})


def objects(reading: Reading, spans: Sequence[Span], orders: Sequence[Span], out: frozenset[int]) -> list[Span]:
    """Find names that are not introduced as such, and what the ids among all names tell.

    Args:
        reading: The message.
        spans: What has been found; its tokens are not read again, except words that only colour others.
        orders: The verbs.
        out: Tokens of exceptions.
    """
    taken = covered(span for span in spans if span.key not in _FREE)
    kinds = [span for span in spans if span.key == "kind"]
    names = [span for span in shaped(reading, taken) if not _is_mention(reading, span)]
    known = any(span.key == "name" and span.first not in out for span in (*spans, *names))
    names += _beside(reading, kinds, taken | covered(names), known=known)
    names += grantees(reading, orders, taken | covered(names))
    names += qualified(reading, kinds, taken | covered(names), named=bool(names) or known)
    nothing = not known and not any(span.first not in out for span in (*names, *kinds))
    if nothing:
        names += _bare(reading, orders, taken | covered(names), out)
    names += _excepted(reading, taken | covered(names), out)
    return [*names, *_ids(reading, [*spans, *names])]


def _beside(reading: Reading, kinds: Sequence[Span], taken: frozenset[int], *, known: bool) -> Iterator[Span]:
    """Yield plain names next to a kind: those after it always, those before it when nothing else is named."""
    beside = list(beside_kinds(reading, kinds, taken))
    after = [span for span in beside if span.key == "name"]
    yield from after
    if not known and not after:
        for span in beside:
            yield Span(span.first, span.last, "name", span.value)


def _ids(reading: Reading, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the cloud and the kind that the form of an id tells."""
    for span in spans:
        if span.key == "name" and span.last - span.first == 1:
            kind = id_kind(reading.tokens[span.first])
            if kind:
                yield Span(span.first, span.last, "kind_id", kind)
        elif span.key == "container" and span.value[1].lower().startswith("rg-"):
            yield Span(span.first, span.last, "kind_id", (Scope.AZURE, ""))


def _is_mention(reading: Reading, span: Span) -> bool:
    """A chat mention is no name, unless it stands where only a name can."""
    return bool(_MENTION.fullmatch(reading.tokens[span.first].raw)) and reading.low(span.first - 1) not in _NAMED_THINGS


def _bare(reading: Reading, orders: Sequence[Span], taken: frozenset[int], out: frozenset[int]) -> list[Span]:
    """Read plain words after an order, or after "is" and "describe", as names: "stop zeus", "is zeus up"."""
    starts = [verb.last for verb in orders]
    starts += [
        index + 1 for index in range(len(reading)) if reading.low(index) in _BEFORE_OBJECTS and index not in taken
    ]
    for start in starts:
        at = start
        while reading.low(at) in _BEFORE_NAMES:
            at += 1
        if at < len(reading) and at not in taken | out and _is_plain_name(reading, at):
            return _listed(reading, at, taken)
    return []


def _is_plain_name(reading: Reading, at: int) -> bool:
    token = reading.tokens[at]
    return token.is_word and is_rare(token) and token.low not in asking_words()


def _listed(reading: Reading, at: int, taken: frozenset[int]) -> list[Span]:
    """Read "a, b and c"."""
    names = [Span(at, at + 1, "name", literal(reading.tokens[at]))]
    at += 1
    while reading.low(at) in {",", "and", "or"}:
        at += 2 if reading.low(at) == "," and reading.low(at + 1) == "and" else 1
        if at >= len(reading) or at in taken or not is_rare(reading.tokens[at]):
            break
        names.append(Span(at, at + 1, "name", reading.tokens[at].raw))
        at += 1
    return names


def _excepted(reading: Reading, taken: frozenset[int], out: frozenset[int]) -> Iterator[Span]:
    """In an exception, a plain word that says nothing else is a name: "except the bastion"; an adjective of "ones" is not."""
    for index in sorted(out - taken):
        token = reading.tokens[index]
        describes = reading.low(index + 1) in {"ones", "one"} or reading.low(index + 2) == "ones"
        if token.is_word and may_be_name(token) and token.low not in asking_words() and not describes:
            yield Span(index, index + 1, "name", token.raw)
