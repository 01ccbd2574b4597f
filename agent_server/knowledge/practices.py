"""Best practices, one TOML file for each cloud and one for all in `advice/`; the sentences are ours, the vendors' pages are named.

Controls are ids of published frameworks with their version, and stand only where they are certain.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from agent_server.contract.playbook import Control
from agent_server.knowledge.search import Entry

_FILES = ("any", "aws", "azure", "gcp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One piece of advice.

    Attributes:
        clouds: Where it holds.
        types: What it is about.
        topic: One word: `exposure`, `encryption`, `recovery`, `cost`, …
        advice: What to do, in one to three sentences.
        why: The reason.
        how: What one would type to Escher for it.
        words: What people ask for it by.
        source: Title and address of the vendor's page.
    """

    id: str
    clouds: tuple[str, ...]
    types: tuple[str, ...]
    topic: str
    title: str
    advice: str
    why: str
    how: tuple[str, ...]
    words: tuple[str, ...]
    controls: tuple[Control, ...]
    source: tuple[str, str]


@cache
def practices() -> dict[str, Practice]:
    """Return every practice by id, in the order of the files."""
    found: dict[str, Practice] = {}
    for name in _FILES:
        text = resources.files("agent_server.knowledge").joinpath("advice", f"{name}.toml").read_text(encoding="utf-8")
        for row in tomllib.loads(text)["practice"]:
            found[row["id"]] = Practice(
                id=row["id"],
                clouds=tuple(row.get("clouds", [name])),
                types=tuple(row["types"]),
                topic=row["topic"],
                title=row["title"],
                advice=row["advice"],
                why=row["why"],
                how=tuple(row["how"]),
                words=tuple(row["words"]),
                controls=tuple(Control(**one) for one in row.get("controls", [])),
                source=(row["source"]["title"], row["source"]["url"]),
            )
    return found


def entries() -> list[Entry]:
    """Return the practices as things that can be found."""
    return [
        Entry(
            key=row.id,
            clouds=row.clouds,
            title=row.title,
            keywords=(*row.words, row.topic, *row.types),
            text=f"{row.advice} {row.why}",
        )
        for row in practices().values()
    ]
