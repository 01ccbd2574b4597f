"""What a thread remembers: the last turns, the sets that were shown, and the question that waits for its answer.

Sets hold real ids and stay here; the agent server sees a set's name, kinds and count only.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from engine.estate.resource import Json
from engine.storage.threads import ThreadStore

MOST_TURNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSet:
    """A set of resources that was shown: full ids in the order shown, and their kinds."""

    set_id: str
    ids: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a thread, with the set it showed if it showed one."""

    role: str
    text: str
    set_id: str = ""
    types: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A question that was asked back: the request it belongs to, and what each choice would add to it.

    Attributes:
        question_id: Its name.
        text: The message that led to it.
        intent: The intent, in real words, as JSON.
        choices: Choice id to the filters it adds.
        awaits: The parameter of a playbook that is asked for, when it is that; then a choice's own text is the value.
        asked: The question as it was put.
    """

    question_id: str
    text: str
    intent: Mapping[str, Json]
    choices: Mapping[str, Mapping[str, Json]]
    awaits: str = ""
    asked: str = ""


_TURN = TypeAdapter(Turn)
_SET = TypeAdapter(ShownSet)
_WAITING = TypeAdapter(Waiting)


class Memory:
    """Thread memory over a store.

    Args:
        store: Where it rests.
    """

    def __init__(self, store: ThreadStore) -> None:
        self._store = store

    def turns(self, thread: str) -> tuple[Turn, ...]:
        """Return the last turns, oldest first."""
        return tuple(_TURN.validate_json(turn.body) for turn in self._store.history(thread, MOST_TURNS))

    def said(self, thread: str, text: str) -> None:
        """Remember what a person said."""
        self._store.append(thread, _TURN.dump_json(Turn(role="user", text=text)))

    def answered(self, thread: str, text: str, shown: ShownSet | None = None) -> None:
        """Remember what Escher answered, and the set it showed."""
        turn = Turn(
            role="assistant",
            text=text,
            set_id=shown.set_id if shown else "",
            types=shown.types if shown else (),
            count=len(shown.ids) if shown else 0,
        )
        self._store.append(thread, _TURN.dump_json(turn))

    def show(self, thread: str, ids: Sequence[str], types: Sequence[str]) -> ShownSet:
        """Keep a set that is about to be shown, under a new name."""
        shown = ShownSet(set_id=f"set-{secrets.token_hex(4)}", ids=tuple(ids), types=tuple(sorted(set(types))))
        self._store.keep_results(thread, shown.set_id, _SET.dump_json(shown))
        return shown

    def shown(self, thread: str, set_id: str) -> ShownSet | None:
        """Return a set of this thread by its name."""
        found = self._store.results(thread, set_id)
        return _SET.validate_json(found.body) if found else None

    def newest_set(self, thread: str) -> ShownSet | None:
        """Return the set that was shown last in the thread, or None."""
        body = self.newest(thread, "set")
        return None if body is None else _SET.validate_json(body)

    def wait(self, thread: str, waiting: Waiting) -> None:
        """Keep a question that waits for its answer."""
        self._store.keep_results(thread, waiting.question_id, _WAITING.dump_json(waiting))

    def waiting(self, thread: str, question_id: str) -> Waiting | None:
        """Return a question of this thread by its name."""
        found = self._store.results(thread, question_id)
        return _WAITING.validate_json(found.body) if found else None

    def open_parameter(self, thread: str) -> Waiting | None:
        """Return the question for a parameter that was the last thing Escher said in the thread, or None."""
        turns = self._store.history(thread, 1)
        newest = self._store.result_sets(thread, 1)
        if not turns or not newest or not newest[0].set_id.startswith(_QUESTION):
            return None
        waiting = _WAITING.validate_json(newest[0].body)
        last = _TURN.validate_json(turns[0].body)
        open_still = waiting.awaits and last.role == "assistant" and last.text == waiting.asked
        return waiting if open_still else None

    def keep(self, thread: str, kind: str, body: bytes) -> None:
        """Keep something else that was shown, under its kind."""
        self._store.keep_results(thread, f"{kind}-{secrets.token_hex(4)}", body)

    def newest(self, thread: str, kind: str) -> bytes | None:
        """Return the newest thing of a kind that was shown in the thread, or None."""
        sets = self._store.result_sets(thread)
        return next((found.body for found in sets if found.set_id.startswith(f"{kind}-")), None)


_QUESTION = "q-"


def new_question_id() -> str:
    """Return a fresh name for a question."""
    return f"{_QUESTION}{secrets.token_hex(4)}"
