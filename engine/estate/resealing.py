"""Moving records to the newest key epoch, or to other tags for the environment; safe to interrupt and repeat anywhere."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from engine.estate import changes
from engine.estate.meaning import text_of
from engine.estate.record import Pair, cell_text, decode, pairs
from engine.estate.sealed import SealedIndex
from engine.estate.states import decode_state, state_pairs
from engine.estate.vectors import Point

_BATCH = 500


def reseal(sealed: SealedIndex, version: int, env_keys: Sequence[str]) -> tuple[int, int]:
    """Write every record of an earlier epoch anew; the new one is there before the old one goes.

    Args:
        sealed: The index.
        version: The next free record version.
        env_keys: The tag keys that tell the environment.

    Returns:
        How many records were written, and the next free version.
    """
    done = 0
    for kind in ("resource", "cell", "change"):
        stale = [point for point in sealed.select([("kind", frozenset({kind}))]) if sealed.stale(point)]
        for start in range(0, len(stale), _BATCH):
            batch = stale[start : start + _BATCH]
            made = [_again(sealed, kind, point, version + n, env_keys) for n, point in enumerate(batch)]
            version += len(batch)
            present = {point.id for point in sealed.index.get([point.id for point in made])}
            fresh = [(old, new) for old, new in zip(batch, made, strict=True) if new.id not in present]
            sealed.index.put([new for _, new in fresh])
            _carry_vectors(sealed, fresh)
            sealed.index.delete([point.id for point in batch])
            done += len(batch)
    return done, version


def retoken(sealed: SealedIndex, env_keys: Sequence[str]) -> int:
    """Hash anew what every resource can be filtered by, because the tags that tell the environment are others now."""
    made = []
    for point in sealed.select([("kind", frozenset({"resource"}))]):
        resource, cell = decode(sealed.record(point))
        made.append(replace(point, tokens=sealed.tokens(pairs(resource, cell, env_keys), sealed.epoch_of(point))))
    sealed.index.rewrite(made)
    return len(made)


def _again(sealed: SealedIndex, kind: str, point: Point, version: int, env_keys: Sequence[str]) -> Point:
    record = sealed.record(point)
    found: set[Pair]
    if kind == "resource":
        resource, cell = decode(record)
        name, found = resource.id, set(pairs(resource, cell, env_keys))
    elif kind == "cell":
        name, found = cell_text(decode_state(record)[0].cell), set(state_pairs(env_keys))
    else:
        news = changes.decode(record)
        name = f"again {point.id}"
        found = {("kind", "change"), ("day", news[0].at.date().isoformat())}
    return sealed.point(sealed.id(kind, name), 1 if kind == "change" else version, record, found)


def _carry_vectors(sealed: SealedIndex, moved: Sequence[tuple[Point, Point]]) -> None:
    """Turn the old vectors on; those whose key is gone are left to be embedded again."""
    by_epoch: dict[int, list[tuple[Point, Point]]] = {}
    for old, new in moved:
        if old.text:
            by_epoch.setdefault(sealed.epoch_of(old), []).append((old, new))
    for epoch, several in by_epoch.items():
        stored = sealed.index.vectors([old.id for old, _ in several])
        rows = [(stored[old.id], new) for old, new in several if old.id in stored]
        if not rows:
            continue
        try:
            turned = sealed.turned_on(np.array([row for row, _ in rows], dtype=np.float32), epoch)
        except KeyError:
            continue
        ids: list[UUID] = [new.id for _, new in rows]
        sealed.index.place(ids, turned, [sealed.text(text_of(decode(sealed.record(new))[0])) for _, new in rows])
