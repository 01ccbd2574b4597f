"""What the agents ask: one port over everything the server knows, each list searched by words and meaning.

The lists are data of the package and are indexed when they are first asked for; `warming` does it beforehand. Nothing is written, and the same
question gets the same answer.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

import numpy as np

from agent_server.contract.playbook import CloudName, Playbook
from agent_server.embedding.port import Vectors
from agent_server.knowledge import library
from agent_server.knowledge.commands import Command
from agent_server.knowledge.meaning import Meaning
from agent_server.knowledge.operations import operations
from agent_server.knowledge.practices import Practice, practices
from agent_server.knowledge.practices import entries as practice_entries
from agent_server.knowledge.question import Question, question
from agent_server.knowledge.search import Entry, Index, best
from agent_server.knowledge.vectors import Shelf, vectors_of

T = TypeVar("T")
_ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """Something that fits, and how well, from 0 to 1; above about 0.5 it fits well."""

    item: T
    score: float


class Knowledge:
    """Everything the server knows of the clouds, by questions in words.

    Args:
        meaning: Gives questions a meaning; without it, and until its model is loaded, words have to do.
    """

    def __init__(self, meaning: Meaning | None = None) -> None:
        self._meaning = meaning

    def commands(self, text: str, cloud: CloudName, limit: int = 5) -> list[Found[Command]]:
        """Return the operations of a cloud's API that do what the text says, best first."""
        hits = operations(cloud).search(self._question(text, [cloud]), limit)
        return [Found(item=command, score=score) for command, score in hits]

    def playbooks(self, text: str, clouds: Sequence[CloudName] = (), limit: int = 5) -> list[Found[Playbook]]:
        """Return the curated playbooks that achieve what the text says, best first; no clouds means all."""
        return self._among(_playbooks(), library.playbooks(), text, clouds, limit)

    def practices_by_meaning(self, text: str, clouds: Collection[str] = (), limit: int = 3) -> list[Found[Practice]]:
        """Return the best practices nearest in meaning, with the cosine; none without a model. For questions that words do not settle."""
        vector = self._meaning.of(text) if self._meaning else None
        if vector is None:
            return []
        rows = list(practices().values())
        scores = np.clip(_practice_vectors() @ vector, 0, 1)
        for at, row in enumerate(rows):
            if clouds and not set(clouds) & set(row.clouds):
                scores[at] = 0
        return [Found(item=rows[at], score=score) for at, score in best(scores, limit)]

    def practices(self, text: str, clouds: Sequence[CloudName] = (), limit: int = 5) -> list[Found[Practice]]:
        """Return the best practices about what the text says, best first; no clouds means all."""
        return self._among(_practices(), practices(), text, clouds, limit)

    def steps_to_warm(self) -> Iterator[None]:
        """Load all that questions need, part by part, what is needed most first; it need not be gone through to the end."""
        for index in (_playbooks, _practices):
            index()
            yield
        if self._meaning is not None:
            self._meaning.load()
        for cloud in library.CLOUDS:
            yield
            operations(cloud)

    def _among(
        self, index: Index, items: Mapping[str, T], text: str, clouds: Collection[str], limit: int
    ) -> list[Found[T]]:
        hits = index.search(self._question(text, clouds), clouds=clouds, limit=limit)
        return [Found(item=items[hit.key], score=hit.score) for hit in hits]

    def _question(self, text: str, clouds: Collection[str]) -> Question:
        cloud = next(iter(clouds)) if len(clouds) == 1 else _ANY
        return question(text, cloud, self._meaning.of(text) if self._meaning else None)


def texts() -> list[str]:
    """Return every text that a shipped vector should stand for, but those of the commands."""
    entries = [*map(entry_of, library.playbooks().values()), *practice_entries()]
    return [entry.meaning for entry in entries]


def entry_of(playbook: Playbook) -> Entry:
    """Return a playbook as something that can be found."""
    return Entry(
        key=playbook.id,
        clouds=tuple(playbook.clouds),
        title=playbook.name,
        keywords=(*playbook.keywords, playbook.action.value, playbook.category.value, *playbook.resource_types),
        text=playbook.summary,
    )


@cache
def _practice_vectors() -> Vectors:
    return vectors_of([entry.meaning for entry in practice_entries()], Shelf.TEXTS)


@cache
def _playbooks() -> Index:
    return Index([entry_of(playbook) for playbook in library.playbooks().values()])


@cache
def _practices() -> Index:
    return Index(practice_entries())
