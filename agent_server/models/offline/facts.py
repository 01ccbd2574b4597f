"""The look at a message: every pass in its order, each over the tokens that are still free."""

import re
from collections.abc import Iterable, Iterator, Sequence

from agent_server.agents.politeness import plainly
from agent_server.agents.tampering import Attempt, Tampering, attempts, visible
from agent_server.contract.intent import Scope
from agent_server.models.offline.actions import particle_of, verbs
from agent_server.models.offline.background import without_background
from agent_server.models.offline.blanking import whole_names, without
from agent_server.models.offline.entities.access import access
from agent_server.models.offline.entities.containers import containers
from agent_server.models.offline.entities.kinds import everything, kinds
from agent_server.models.offline.entities.metrics import metrics, thresholds
from agent_server.models.offline.entities.names import named, prefixes
from agent_server.models.offline.entities.objects import objects
from agent_server.models.offline.entities.places import clouds, evidence, regions
from agent_server.models.offline.entities.purposes import purposes
from agent_server.models.offline.entities.roles import roles
from agent_server.models.offline.entities.sizes import engines, sizes
from agent_server.models.offline.entities.states import features, severities, states
from agent_server.models.offline.entities.tags import environments, tags, tags_to_remove, tags_to_set
from agent_server.models.offline.entities.times import times
from agent_server.models.offline.refine import refine
from agent_server.models.offline.scope import (
    excluded,
    inside,
    is_after_hands_off,
    is_hands_off,
    negated,
    without_taken_back,
)  # fmt: skip
from agent_server.models.offline.shell import command_facts, unquoted
from agent_server.models.offline.spelling import repair
from agent_server.models.offline.standing import is_question, opening
from agent_server.models.offline.tokens import Reading, Span, covered, split
from agent_server.models.offline.view import View
from agent_server.models.offline.wishes import switched_off

_OF_CLOUD = {
    "gke": Scope.GCP, "gcp": Scope.GCP, "google": Scope.GCP, "aks": Scope.AZURE, "azure": Scope.AZURE, "eks": Scope.AWS, "aws": Scope.AWS,
}  # fmt: skip
_POOLS = ((Scope.AZURE, "aks::nodepool"), (Scope.GCP, "gke::nodepool"))
_CHANNEL = re.compile(r"#[a-z][\w-]*")
_GAVE = re.compile(r"\b(?:gave|granted|revoke)\b|\bwho (?:has|have|holds|is|are)\b")
_CLAUSE = 40
_TAGGED = frozenset({"tagged", "labelled", "labeled", "where"})
_TO_BE = frozenset({"be", "get", "gets", "them", "it"})
_TAGGING = frozenset({"tag", "add", "change", "apply", "grant", "give", "put"})


def look(text: str) -> View:
    """Read a message. Talk about approvals that comes with no order is read as such: it may be about Escher's own settings."""
    text = plainly(unquoted(visible(text)))
    tried = list(attempts(text))
    view = _look(text, tried, tried)
    if view.verbs or all(one.attempt is not Attempt.BYPASS for one in tried):
        return view
    return _look(text, tried, [one for one in tried if one.attempt is not Attempt.BYPASS])


def _look(text: str, tried: Sequence[Tampering], blanked: Sequence[Tampering]) -> View:
    reading = Reading.of(repair(whole_names(split(without(text, blanked)))))
    spans = list(command_facts(reading, frozenset()))
    spans += (span for span in (*named(reading), *prefixes(reading)) if span.first not in covered(spans))
    said = list(clouds(reading, covered(spans)))
    spans += times(reading, covered(spans))
    spans += regions(reading, covered(spans), _single(said))
    orders = list(verbs(reading, covered([*spans, *_switches(reading, spans)])))
    if not is_question(reading):
        orders += switched_off(reading, [*features(reading, covered([*spans, *orders]))], opening(reading))
    out = inside(excluded(reading, orders))
    back = negated(reading, orders)
    kept = [verb for verb in orders if verb.first not in out and verb.first not in back]
    spans += _claims(reading, orders)
    spans = _described(reading, spans, kept, said)
    spans += objects(reading, spans, kept, out)
    spans = without_taken_back(spans, orders, back, kept)
    spans = without_background(reading, spans, kept, out)
    return View(
        text=text,
        reading=reading,
        spans=tuple(spans),
        verbs=tuple(sorted(kept, key=lambda verb: verb.first)),
        excluded=out,
        question=is_question(reading),
        hands_off=is_hands_off(reading) and not any(is_after_hands_off(reading, verb) for verb in kept),
        tampering=bool(tried),
        extracting=any(one.attempt is Attempt.EXTRACT for one in tried),
    )


def _single(said: Iterable[Span]) -> tuple[Scope, ...]:
    """Return the clouds that are named one by one, not by "all clouds"."""
    return tuple(cloud for span in said if len(span.value) == 1 for cloud in span.value)


def _switches(reading: Reading, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield features whose names hold a verb: "mfa delete" is no order."""
    for span in features(reading, covered(spans)):
        if span.last - span.first > 1 and reading.low(span.first) != "block":
            yield span


def _claims(reading: Reading, orders: Sequence[Span]) -> Iterator[Span]:
    """Claim the tokens of verbs and their particles."""
    for verb in orders:
        yield Span(verb.first, verb.last, "order", verb.value)
        for index in particle_of(reading, verb):
            yield Span(index, index + 1, "order", verb.value)


def _described(reading: Reading, before: Sequence[Span], orders: Sequence[Span], said: Sequence[Span]) -> list[Span]:
    """Find everything, besides names, that says which things are meant or what is to become of them."""
    spans = list(before)
    asked = {refine(verb.value, reading.words(verb.last, verb.last + _CLAUSE)).value for verb in orders}
    spans += _channels(reading, covered(spans))
    spans += thresholds(reading, covered(spans))
    spans += _held(reading, covered(spans))
    if "untag" in asked:
        spans += tags_to_remove(reading, covered(spans))
    if "tag" in asked:
        spans += _tags_of_order(reading, covered(spans), orders)
    for find in (tags, access, sizes, features, purposes):
        spans += find(reading, covered(spans))
    if "grant" in asked:
        spans += roles(reading, covered(spans))
    for find in (evidence, kinds, states):
        spans += find(reading, covered(spans))
    if "grant" not in asked and _is_about_rights(reading, spans):
        spans += roles(reading, covered(spans))
    spans += [span for span in said if covered(spans).isdisjoint(range(span.first, span.last))]
    spans += environments(reading, covered(spans))
    spans += metrics(reading, covered(span for span in spans if span.key != "feature"))
    for also in (engines, severities, everything):
        spans += also(reading)
    return spans


def _channels(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    for index, token in enumerate(reading.tokens):
        if index not in taken and _CHANNEL.fullmatch(token.low):
            yield Span(index, index + 1, "channel", token.raw)


def _held(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield what holds things, with what else its words tell: "gke cluster blue" names a cloud, "node pool np-1" a kind."""
    for span in containers(reading, taken):
        yield span
        for index in range(max(span.first - 1, 0), span.last):
            if reading.low(index) in _OF_CLOUD:
                yield Span(index, index + 1, "kind_id", (_OF_CLOUD[reading.low(index)], ""))
        if span.value[0] == "nodepool":
            yield Span(span.first, span.first + 1, "kind", _POOLS)


def _tags_of_order(reading: Reading, taken: frozenset[int], orders: Sequence[Span]) -> Iterator[Span]:
    """Yield tags to set: they stand after the verb and are not introduced by "tagged"."""
    verb = next((one for one in orders if one.value in _TAGGING), None)
    for span in tags_to_set(reading, taken):
        tagged = span.first if reading.low(span.first) in _TAGGED else span.first - 1
        scoped = reading.low(tagged) in _TAGGED and reading.low(tagged - 1) not in _TO_BE
        if not scoped and (verb is None or span.first >= verb.first):
            yield span


def _is_about_rights(reading: Reading, spans: Sequence[Span]) -> bool:
    identities = any(kind.startswith("iam::") for span in spans if span.key == "kind" for _, kind in span.value)
    return identities or _GAVE.search(reading.line) is not None
