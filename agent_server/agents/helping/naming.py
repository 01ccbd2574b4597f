"""What a thing is called on another cloud, what differs, and what a word means: from the table of equivalents."""

import re
from functools import cache

from agent_server.agents.helping.told import Told, source
from agent_server.knowledge.equivalents import Equivalent, equivalents

_CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
_SAID = {"aws": r"aws|amazon", "azure": r"azure|microsoft", "gcp": r"gcp|google(?: cloud)?"}
_ASKS = re.compile(
    r"\bcalled (?:in|on|at|by)\b|\bequivalents?\b|\bcounterparts?\b|\balternatives? (?:to|for|of)\b|"
    r"\b(?:aws|azure|gcp|google|amazon)(?:'s)? (?:name|term|word|version|analog\w*) (?:of|for|to)\b"
    r"|\bname (?:of|for) .*\b(?:in|on) (?:aws|azure|gcp|google)\b|\bsame as\b|\bin (?:aws|azure|gcp|google) terms\b|"
    r"\bmatch(?:es)? .* (?:in|on) (?:aws|azure|gcp)\b"
)
_DIFFERS = re.compile(r"\bdifferen(?:ce|t|ces)\b|\bvs\.?\b|\bversus\b|\bcompared? (?:to|with)\b")
_MEANS = re.compile(
    r"^(?:so )?(?:what(?:'s| is| are| does)|whats|explain|define|describe|tell me)\b|\bgood for\b|\bmean(?:s|ing)?\b|"
    r"\bwhen (?:should|do|would) (?:i|we|you) use\b"
)

_OTHERWISE = re.compile(
    r"\b(?:best|good(?! for)|right|safest|recommended|way|commands?|permissions?|rights?|should|practices?)\b"
)


def naming(text: str) -> Told | None:
    """Answer what something is called, how two things differ, or what a word means; None when it is not asked or not known."""
    low = text.lower()
    rows = mentioned(low)
    if not rows:
        return None
    if _DIFFERS.search(low):
        return _difference(rows)
    if _ASKS.search(low):
        return _called(rows[0], low)
    return _meaning(rows[0]) if _MEANS.search(low) and not _OTHERWISE.search(low) else None


def mentioned(low: str) -> list[Equivalent]:
    """Return the concepts that a text names, in its order; the longest names first claim their words."""
    names, pattern = _names()
    found = (names[match[1]] for match in pattern.finditer(low))
    return list({row.concept: row for row in found}.values())


@cache
def _names() -> tuple[dict[str, Equivalent], re.Pattern[str]]:
    """Return the concept of each name, and one pattern that finds them; a name of two concepts is the first one's."""
    names: dict[str, Equivalent] = {}
    for row in equivalents().values():
        for word in row.words:
            if word != "none of its own":
                names.setdefault(word, row)
    longest = sorted(names, key=lambda word: (-len(word), word))
    return names, re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest))})(?:s|es)?(?![\w-])")


def _called(row: Equivalent, low: str) -> Told:
    wanted = _target(row, low)
    mind = f" Mind: {row.differs}."
    if wanted:
        others = "; ".join(f"{_CLOUDS[cloud]}: {name}" for cloud, name in row.names.items() if cloud != wanted)
        text = f"On {_CLOUDS[wanted]} it is called {row.names[wanted]} ({others}).{mind}"
    else:
        text = f"{_all(row)}.{mind}"
    return Told(text=text, sources=(source("Equivalents", row.concept),))


def _target(row: Equivalent, low: str) -> str:
    """Return the one cloud that is asked about: of several that are named, the one whose own word was not said."""
    named = [cloud for cloud, words in _SAID.items() if re.search(rf"\b(?:{words})\b", low)]
    if len(named) == 1:
        return named[0]
    foreign = [cloud for cloud in named if row.names[cloud].lower() not in low]
    return foreign[0] if len(foreign) == 1 else ""


def _difference(rows: list[Equivalent]) -> Told:
    if len(rows) == 1:
        row = rows[0]
        return Told(
            text=f"They do the same job ({_all(row)}). What differs: {row.differs}.",
            sources=(source("Equivalents", row.concept),),
        )
    told = " ".join(f"{row.concept.capitalize()} ({_all(row)}): {row.differs}." for row in rows[:3])
    return Told(text=told, sources=tuple(source("Equivalents", row.concept) for row in rows[:3]))


def _meaning(row: Equivalent) -> Told:
    text = f"That is the {row.concept} ({_all(row)}). Good to know: {row.differs}."
    return Told(text=text, sources=(source("Equivalents", row.concept),))


def _all(row: Equivalent) -> str:
    return "; ".join(f"{_CLOUDS[cloud]}: {name}" for cloud, name in row.names.items())
