"""What the three clouds call the same thing, and what differs about it, read from `equivalents.tsv`.

Columns: `concept`, `aws`, `azure`, `gcp` (the name on each), `differs` (one clause), `words` (what else people call it, comma-separated).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

_ASIDE = re.compile(r"\s*\([^)]*\)")
_PARTS = re.compile(r" or |, | / ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """One concept.

    Attributes:
        names: By cloud.
        differs: What one has to know when coming from another cloud.
        words: What people call it, names included, in lower case.
    """

    concept: str
    names: dict[str, str]
    differs: str
    words: tuple[str, ...]


@cache
def equivalents() -> dict[str, Equivalent]:
    """Return every row by its concept, in the order of the table."""
    table = resources.files("agent_server.knowledge").joinpath("equivalents.tsv").read_text(encoding="utf-8")
    rows = (_row(line) for line in table.splitlines()[1:] if line)
    return {row.concept: row for row in rows}


def _row(line: str) -> Equivalent:
    concept, aws, azure, gcp, differs, words = line.split("\t")
    names = {"aws": aws, "azure": azure, "gcp": gcp}
    said = [
        word
        for name in names.values()
        for word in (*_PARTS.split(_ASIDE.sub("", name)), *re.findall(r"\((\w[^),]*)\)", name))
    ]
    every = (concept, *words.split(", "), *said)
    return Equivalent(
        concept=concept,
        names=names,
        differs=differs,
        words=tuple(dict.fromkeys(word.strip().lower() for word in every if word.strip())),
    )
