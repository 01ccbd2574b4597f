"""What a question about spending is narrowed to: services by whatever people call them, clouds, environments, regions, tags, accounts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import JsonValue

from agent_server.agents.answering.naming import CLOUDS, called
from agent_server.agents.answering.spending import Narrowed, labels
from agent_server.contract.answer import Snapshot

_HANDLE = re.compile(r"r[1-9]\d{0,5}")


def things(
    text: str, environments: tuple[str, ...], clouds: tuple[str, ...], types: list[str], snapshot: Snapshot
) -> Iterator[Narrowed]:
    """Give what spending is narrowed to, one for each dimension."""
    if len(environments) == 1:
        yield Narrowed(dimension="environment", labels=frozenset(environments), said=environments[0])
    cloud = clouds[0] if len(clouds) == 1 else ""
    kinds = [one for one in types if one != "any::resource"]
    known = labels(snapshot.spend, "service")
    wanted = frozenset(label for label in known if _speaks_of(text, label, kinds, cloud))
    if wanted:
        yield Narrowed(dimension="service", labels=wanted, said=" and ".join(sorted(wanted)))
    elif kinds:
        yield Narrowed(dimension="service", labels=frozenset(), said=called(kinds[0], cloud or "any"))
    elif known and (word := next((one for row in _services() for one in row.words if _said((one,), text)), "")):
        # It is spoken of, and nothing was spent on it under that name: the whole is not the answer.
        yield Narrowed(dimension="service", labels=frozenset(), said=word)
    if cloud and not (wanted or kinds):
        yield Narrowed(dimension="cloud", labels=frozenset(clouds), said=CLOUDS.get(cloud, cloud))


def but(excluded: JsonValue, snapshot: Snapshot) -> Iterator[Narrowed]:
    """Give what is left when what a question leaves out is gone; whoever sent the figures left out what they know by tags and places."""
    if not isinstance(excluded, Mapping):
        return
    kinds = list(texts(excluded.get("resource_types")))
    if kinds:
        known = labels(snapshot.spend, "service")
        gone = frozenset(one for one in known if any(_speaks_of("", one, [kind], "") for kind in kinds))
        said = " and ".join(sorted(gone) or [called(kind, "any") for kind in kinds])
        yield Narrowed(dimension="service", labels=known - gone, said=f"everything but {said}", without=True)
    tags = excluded.get("tags")
    named = {"region": excluded.get("region"), **(tags if isinstance(tags, Mapping) else {})}
    for key, value in named.items():
        dimension = "environment" if key in {"env", "environment"} else key
        words = frozenset(one.casefold() for one in texts(value))
        left = frozenset(one for one in labels(snapshot.spend, dimension) if one.casefold() not in words)
        if words:
            told = f"everything but {' and '.join(sorted(words))}"
            yield Narrowed(dimension=dimension, labels=left, said=told, without=True)


def places(filters: Mapping[str, JsonValue], snapshot: Snapshot) -> Iterator[Narrowed]:
    """Give the regions, tags and accounts that are named; whoever sent the figures knows accounts by name and narrowed to them."""
    regions = [one for one in texts(filters.get("region")) if one != "all"]
    if regions:
        yield Narrowed(dimension="region", labels=frozenset(regions), said=" and ".join(regions))
    tags = filters.get("tags")
    for said, value in tags.items() if isinstance(tags, Mapping) else ():
        key, words = said.casefold(), frozenset(one.casefold() for one in texts(value))
        if key not in {"env", "environment"} and words:
            known = labels(snapshot.spend, key)
            meant = frozenset(one for one in known if one.casefold() in words) or words
            # The values of a tag that may not be told are handles, and nothing else was sent.
            all_handles = bool(known) and all(_HANDLE.fullmatch(one) for one in known)
            yield Narrowed(
                dimension=key, labels=known if all_handles else meant, said=" and ".join(sorted(texts(value)))
            )
    accounts = [one for key in ("account", "subscription", "project") for one in texts(filters.get(key))]
    if accounts:
        yield Narrowed(dimension="account", labels=labels(snapshot.spend, "account"), said=" and ".join(accounts))


def _speaks_of(text: str, label: str, types: list[str], cloud: str) -> bool:
    """Whether a service of a bill is meant, by its own name or by what people call it on that cloud."""
    low = label.lower()
    short = low.removeprefix("amazon").removeprefix("aws").removeprefix("azure").strip()
    names = (low, short) if len(short) > 2 else (low,)  # noqa: PLR2004 - two letters say nothing
    if _said(names, text):
        return True
    families = {one for type_ in types for one in (type_, type_.partition("::")[0])}
    return any(
        any(piece in low for piece in row.pieces)
        for row in _services()
        if (not cloud or row.cloud == cloud) and (row.family in families or _said(row.words, text))
    )


def _said(words: tuple[str, ...], text: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}s?(?!\w)", text) for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Service:
    """A service: its cloud, the types it is about, what people call it, and pieces of how bills call it."""

    cloud: str
    family: str
    words: tuple[str, ...]
    pieces: tuple[str, ...]


@cache
def _services() -> tuple[_Service, ...]:
    table = resources.files(__package__).joinpath("services.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:] if line)
    return tuple(
        _Service(cloud=cloud, family=family, words=tuple(words.split(", ")), pieces=tuple(pieces.split(", ")))
        for cloud, family, words, pieces in rows
    )


def texts(value: object) -> Iterator[str]:
    """Give the words of a filter that holds one or several."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield one
