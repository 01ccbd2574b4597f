"""Which kills are run: every point of every change, with misfortunes of the cloud and kills of the recovery, and a fair sample of it."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engine.clouds.operation import ReplayClass
from engine.execution.executor import ExecutionState
from tests.crash.changes import CHANGES, Change

_EDGES = ("before", "after")
_AGAIN = ("", "intent.before:1", "intent.after:1", "called.before:1", "called.after:1", "done.before:1", "end.after:1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One interrupted change.

    Attributes:
        change: What was under way.
        point: Where the runner dies, `POINT:N`.
        again: Where the runner that recovers dies; empty: it does not.
        fault: What the cloud does to the first step's first call; empty: nothing.
    """

    change: Change
    point: str
    again: str = ""
    fault: str = ""

    @property
    def name(self) -> str:
        """The test's id."""
        return "-".join(part for part in (self.change.name, self.fault, self.point, self.again) if part)

    @property
    def once(self) -> bool:
        """Whether the change may never be sent twice."""
        return any(replay is ReplayClass.ONCE for _, replay in self.change.calls)

    @property
    def end(self) -> ExecutionState:
        """How it must end: as if nothing had happened, or, where nobody can know, `uncertain`."""
        if self.once and (
            self._lost or (self._sent_by_recovery and self.again in {"intent.after:1", "called.before:1"})
        ):
            return ExecutionState.UNCERTAIN
        refused = self.fault == "deny" and not self._sent_by_recovery
        return ExecutionState.FAILED if refused else ExecutionState.SUCCEEDED

    @property
    def _lost(self) -> bool:
        """Whether the first runner, or the cloud, left a call without a known answer."""
        match self.fault:
            case "":
                return self.point in {"intent.after:1", "called.before:1"}
            case "throttle":
                return self.point in {"not_done.before:1", "intent.after:2"}
            case _:
                return self.fault == "drop_response"

    @property
    def _sent_by_recovery(self) -> bool:
        """Whether it is certain that nothing was done, so that the next runner sends the call."""
        return self.point in {"intent.before:1", "not_done.after:1", "intent.before:2", "failed.before:1"}


def every() -> list[Kill]:
    """Return every kill."""
    return [
        Kill(change=change, point=point, fault=fault, again=again)
        for change in CHANGES
        for fault, point in _points(change)
        for again in _AGAIN
    ]


def sample(count: int) -> list[Kill]:
    """Return `count` kills in which changes, points, faults and second kills come up as evenly as can be; from all, again and again."""
    found: list[Kill] = []
    seen: Counter[str] = Counter()
    left: list[Kill] = []
    for _ in range(count):
        if not left:
            left = every()
            random.Random(len(found)).shuffle(left)  # noqa: S311 - a repeatable order
        best = min(left, key=lambda kill: sum(seen[trait] for trait in _traits(kill)))
        left.remove(best)
        seen.update(_traits(best))
        found.append(best)
    return found


def _traits(kill: Kill) -> tuple[str, ...]:
    return (
        kill.change.name,
        f"at {kill.point}",
        f"again {kill.again}",
        f"fault {kill.fault}",
        f"{kill.change.name} {kill.point}",
    )


def _points(change: Change) -> Iterator[tuple[str, str]]:
    steps = range(1, len(change.calls) + 1)
    for edge in _EDGES:
        for event in ("intent", "called", "done"):
            yield from (("", f"{event}.{edge}:{n}") for n in steps)
        yield "", f"end.{edge}:1"
        yield "throttle", f"not_done.{edge}:1"
        yield "throttle", f"intent.{edge}:2"
        yield "deny", f"failed.{edge}:1"
        yield "drop_response", f"intent.{edge}:1"
        if len(change.calls) > 1:
            yield "deny", f"skipped.{edge}:1"
        if change.calls[0][1] is ReplayClass.ONCE:
            yield "drop_response", f"uncertain.{edge}:1"
        elif change.calls[0][1] in {ReplayClass.TOKEN, ReplayClass.NATURAL}:
            yield "drop_response", f"intent.{edge}:2"
