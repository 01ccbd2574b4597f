"""How something is done well: the best practice that fits, with what one would type for it and the vendor's page."""

import re

from agent_server.agents.helping.told import Told, source
from agent_server.contract.intent import Intent
from agent_server.contract.types import generic_of
from agent_server.knowledge.library import CLOUDS
from agent_server.knowledge.practices import Practice
from agent_server.knowledge.store import Knowledge

_BY_WORDS = Knowledge()
"""Asked first: without a model, so that most questions cost no embedding."""
_LEAST = 0.34
_KIND = 0.25
"""What it counts that a practice is about the kind of thing that was named."""
_LEAST_MEANING = 0.45
"""The cosine from which advice is near enough: questions that it does not answer were seen up to 0.35."""
_PHRASE = 0.2
"""What it counts that one of its own phrases was said."""
_NEAR = 0.75
_CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
_FILLER = re.compile(
    r"\b(?:how (?:do|can|should|would|could|to)|best practices?|good practices?|recommended|recommendations?|"
    r"what(?:'s| is| are)|the best way|way|should|i|we|you|one|do|does|is|it|to|for|with|a|an|the|my|our|of|on|in|"
    r"please)\b"
)


def practice(text: str, intent: Intent, *, about: str = "") -> Told | None:
    """Return the advice that fits a question, one for each cloud when none is named; None when none fits well enough.

    Args:
        text: The question.
        intent: What was understood of it.
        about: A pattern that the advice must speak of, where the question is about one deed.
    """
    found = [one for one in fitting(text, intent) if not about or re.search(rf"\b(?:{about})\b", _deeds(one))]
    if not found:
        return None
    if len(found) == 1:
        return _told(found[0])
    order = sorted(found, key=lambda one: one.clouds)
    told = " ".join(
        f"On {_CLOUDS[one.clouds[0]]}: {one.title[:1].lower()}{one.title[1:]}. {one.advice}" for one in order
    )
    typed = " or ".join(dict.fromkeys(f"“{one.how[-1]}”" for one in order))
    return Told(text=f"{told} With Escher: {typed}.", sources=tuple(source(*one.source) for one in order))


def nearest(text: str, intent: Intent, knowledge: Knowledge) -> Told | None:
    """Return the advice that is near in meaning, said to be that; for questions that words do not settle."""
    clouds = [one.value for one in intent.clouds]
    found = [one.item for one in knowledge.practices_by_meaning(text, clouds, 1) if one.score >= _LEAST_MEANING]
    if not found:
        return None
    told = _told(found[0])
    return Told(text=f"The nearest that I know: {told.text[:1].lower()}{told.text[1:]}", sources=told.sources)


def fitting(text: str, intent: Intent) -> list[Practice]:
    """Return the best practice for a question, with its siblings on other clouds when the question names none."""
    clouds = [one.value for one in intent.clouds] or ([intent.cloud.value] if intent.cloud.value != "any" else [])
    words = " ".join(_FILLER.sub(" ", text.lower()).split())
    if not words:
        return []
    hits = _BY_WORDS.practices(words, [cloud for cloud in CLOUDS if cloud in clouds], limit=15)
    kinds = set(intent.resource_types) | {generic_of(type_) for type_ in intent.resource_types}
    scored = sorted(
        ((_score(hit.item, hit.score, kinds, text), -at, hit.item) for at, hit in enumerate(hits)),
        key=lambda one: one[:2],
        reverse=True,
    )
    if not scored or scored[0][0] < _LEAST:
        return []
    score, _, best = scored[0]
    if clouds or len(best.clouds) > 1:
        return [best]
    found = {best.clouds: best}
    for near, _, one in scored:
        if near >= max(_LEAST, _NEAR * score) and one.topic == best.topic and len(one.clouds) == 1:
            found.setdefault(one.clouds, one)
    return list(found.values())


def _score(one: Practice, by_words: float, kinds: set[str], text: str) -> float:
    phrase = any(re.search(rf"\b{re.escape(word)}s?\b", text) for word in one.words if " " in word)
    return by_words + _KIND * _about(one, kinds) + _PHRASE * phrase


def _deeds(one: Practice) -> str:
    return " ".join((one.title, *one.how, *one.words)).lower()


def _about(one: Practice, kinds: set[str]) -> bool:
    return bool({*one.types, *map(generic_of, one.types)} & kinds)


def _told(one: Practice) -> Told:
    typed = " or ".join(f"“{how}”" for how in one.how)
    rules = ", ".join(f"{control.framework} {control.version} {control.id}" for control in one.controls)
    return Told(
        text=f"{one.title}. {one.advice} Why: {one.why} With Escher: {typed}.{f' It serves {rules}.' if rules else ''}",
        sources=(source(*one.source),),
    )
