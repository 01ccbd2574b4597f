"""`python -m agent_server.knowledge.generate`: make `data/` anew; with `--check`, say what is not current."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent_server.embedding.minilm import MiniLm
from agent_server.embedding.port import DIMENSIONS, Vectors
from agent_server.knowledge import store, vectors
from agent_server.knowledge.commands import FILE, Command, written
from agent_server.knowledge.generate import aws, azure, gcp
from agent_server.knowledge.library import CLOUDS
from agent_server.knowledge.sayings import sayings
from agent_server.knowledge.vectors import Shelf

DATA = Path(__file__).parents[1] / "data"
_AT_ONCE = 512


def commands() -> list[Command]:
    """Return every operation of the installed SDKs."""
    return [*aws.commands(), *azure.commands(), *gcp.commands()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare; return 0 when all is current."""
    parser = argparse.ArgumentParser(prog="python -m agent_server.knowledge.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what is not current")
    check = parser.parse_args(arguments).check
    known = commands()
    texts = {
        Shelf.COMMANDS: sorted({one.text for one in known}),
        Shelf.SAYINGS: sorted({one.said for cloud in CLOUDS for one in sayings(cloud)}),
        Shelf.TEXTS: sorted(set(store.texts())),
    }
    if check:
        return _say_what_is_not_current(known, texts)
    DATA.mkdir(exist_ok=True)
    (DATA / FILE).write_bytes(written(known))
    for shelf, wanted in texts.items():
        new = without_vector(wanted, shelf)
        records = vectors.joined(vectors.kept(wanted, shelf), vectors.packed(new, embedded(new)))
        np.save(DATA / shelf, records)
        _say(f"{shelf}: {len(records)} vectors, {len(new)} of them new")
    return 0


def _say_what_is_not_current(known: Sequence[Command], texts: dict[Shelf, list[str]]) -> int:
    current = (DATA / FILE).read_bytes() == written(known)
    _say(f"{FILE}: {len(known)} commands, {'current' if current else 'not current'}")
    for shelf, wanted in texts.items():
        missing = len(without_vector(wanted, shelf))
        _say(f"{shelf}: {missing} of {len(wanted)} texts have no vector")
        current = current and not missing
    return 0 if current else 1


def without_vector(texts: Sequence[str], shelf: Shelf) -> list[str]:
    """Return the texts that have no shipped vector yet, shortest first: texts of like length are embedded together."""
    shipped = np.any(vectors.vectors_of(texts, shelf), axis=1).tolist()
    return sorted((text for text, has_one in zip(texts, shipped, strict=True) if not has_one), key=len)


def embedded(texts: Sequence[str]) -> Vectors:
    """Return the vectors of texts, saying now and then how far it is; takes minutes for all."""
    model, done = MiniLm(), [np.zeros((0, DIMENSIONS), dtype=np.float32)]
    for start in range(0, len(texts), _AT_ONCE):
        done.append(model.embed(texts[start : start + _AT_ONCE]))
        _say(f"embedded {min(start + _AT_ONCE, len(texts))} of {len(texts)}")
    return np.concatenate(done)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
