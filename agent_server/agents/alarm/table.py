"""The words that alarm: rows of a kind and one or two fields, read from the tables beside this file."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

_FILES = ("orders.tsv", "wishes.tsv", "tongues.tsv")


@cache
def rows() -> Mapping[str, Sequence[Sequence[str]]]:
    """Return the rows of every kind, `{guard}` spelt out."""
    found: dict[str, list[list[str]]] = {}
    for name in _FILES:
        text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        for line in text.splitlines():
            if line and not line.startswith("#"):
                kind, *fields = line.split("\t")
                found.setdefault(kind, []).append(fields)
    guard = found["guard"][0][0]
    return {
        kind: [[field.replace("{guard}", guard) for field in row] for row in listed] for kind, listed in found.items()
    }


def either(kind: str, column: int = 0) -> str:
    """Return a pattern for any row of a kind, longer ones first."""
    return "|".join(sorted((row[column] for row in rows()[kind]), key=len, reverse=True))
