"""Word lists that lie beside the code, read once."""

from collections.abc import Iterator
from functools import cache
from importlib import resources

from agent_server.contract.intent import Scope
from agent_server.contract.types import resource_types
from agent_server.models.offline.phrases import PhraseBook


def lines(name: str) -> Iterator[str]:
    """Yield the lines of a file of `lexicon/` that say something."""
    text = resources.files("agent_server.models.offline").joinpath("lexicon", name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def rows(name: str) -> Iterator[list[str]]:
    """Yield the fields of a file of tab-separated lines."""
    return (line.split("\t") for line in lines(name))


@cache
def english() -> frozenset[str]:
    """Return everyday words, which are neither misspelt nor names."""
    return frozenset(word for line in lines("english.txt") for word in line.split())


@cache
def spellings() -> dict[str, str]:
    """Return abbreviations and slips that no edit distance would find."""
    return {row[0]: row[1] for row in rows("spellings.tsv")}


@cache
def kinds() -> PhraseBook[tuple[str, ...]]:
    """Return what people call each kind of resource; a word shared by two clouds stands for both types."""
    types: dict[str, list[str]] = {}
    for row in resource_types():
        for word in row.words:
            types.setdefault(word, []).append(f"{row.cloud}/{row.type}")
    return PhraseBook((word, tuple(found)) for word, found in types.items())


@cache
def places() -> PhraseBook[dict[Scope, str]]:
    """Return region names as people say them, with the region each cloud has there, AWS's own names first."""
    book: list[tuple[str, dict[Scope, str]]] = []
    for place, *codes in rows("regions.tsv"):
        book.append((place, {cloud: code for cloud, code in zip(Scope, codes, strict=False) if code}))
    for spoken in lines("azure_regions.txt"):
        code = spoken.replace(" ", "")
        book.append((spoken, {Scope.AZURE: code}))
        book.append((code, {Scope.AZURE: code}))
    return PhraseBook(book)


@cache
def verb_openers() -> frozenset[str]:
    """Return the words that orders begin with."""
    return frozenset(row[0].split()[0] for row in rows("verbs.tsv"))


@cache
def strong_verbs() -> frozenset[str]:
    """Return the first words of orders that are hardly ever anything else."""
    return frozenset(row[0].split()[0] for row in rows("verbs.tsv") if row[2] == "s")


@cache
def asking_words() -> frozenset[str]:
    """Return the words that ask to see something."""
    return frozenset(word for row in rows("asking.tsv") for word in row[0].split())


@cache
def asking_openers() -> frozenset[str]:
    """Return the words that a request to see something begins with."""
    return frozenset(row[0].split()[0] for row in rows("asking.tsv"))
