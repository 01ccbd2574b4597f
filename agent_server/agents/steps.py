"""Steps of a proposal as a graph: what reaches what, and repairs that keep indexes right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent_server.agents.parameters import Params
from agent_server.contract.plan import ProposedStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One change to one step.

    Attributes:
        step: Its index.
        drop: Handles to take out of it.
        wait_for: Steps it must come after.
        params: The parameters it must have, or None to leave them.
    """

    step: int
    drop: frozenset[str] = frozenset()
    wait_for: frozenset[int] = frozenset()
    params: Params | None = None

    @property
    def kind(self) -> Literal["left_out", "ordered", "values"]:
        """What it does, as a finding says it."""
        if self.drop:
            return "left_out"
        return "ordered" if self.wait_for else "values"


def tidy(step: ProposedStep, index: int) -> ProposedStep:
    """Return a step without repeated targets and without dependencies on itself or on later steps."""
    targets = list(dict.fromkeys(step.targets))
    depends_on = [earlier for earlier in dict.fromkeys(step.depends_on) if earlier < index]
    if targets == step.targets and depends_on == step.depends_on:
        return step
    return step.model_copy(update={"targets": targets, "depends_on": depends_on})


def reach(steps: Sequence[ProposedStep]) -> list[set[int]]:
    """Return for each step the steps that surely come before it."""
    before: list[set[int]] = []
    for step in steps:
        direct = set(step.depends_on)
        before.append(direct.union(*(before[earlier] for earlier in direct)))
    return before


def repaired(steps: Sequence[ProposedStep], repairs: Iterable[Repair]) -> list[ProposedStep] | None:
    """Return the steps after the repairs, in an order in which each comes after what it waits for.

    Steps without targets go, and what waited for them waits for what they waited for. None when steps wait for each other.
    """
    changed = [step.model_copy() for step in steps]
    waits = [set(step.depends_on) for step in steps]
    for repair in repairs:
        step = changed[repair.step]
        kept = [handle for handle in step.targets if handle not in repair.drop]
        params = step.params if repair.params is None else repair.params
        changed[repair.step] = step.model_copy(update={"targets": kept, "params": params})
        waits[repair.step] |= repair.wait_for
    order = _order(waits)
    if order is None:
        return None
    full = {index: _waits_for(index, waits, changed) for index in order}
    kept_steps = [index for index in order if changed[index].targets]
    place = {index: position for position, index in enumerate(kept_steps)}
    return [
        changed[index].model_copy(update={"depends_on": sorted(place[earlier] for earlier in full[index])})
        for index in kept_steps
    ]


def _waits_for(index: int, waits: Sequence[set[int]], steps: Sequence[ProposedStep]) -> set[int]:
    """Return what a step waits for, looking through steps that have no targets left."""
    found: set[int] = set()
    ahead = list(waits[index])
    seen: set[int] = set()
    while ahead:
        earlier = ahead.pop()
        if earlier in seen:
            continue
        seen.add(earlier)
        if steps[earlier].targets:
            found.add(earlier)
        else:
            ahead.extend(waits[earlier])
    return found


def _order(waits: Sequence[set[int]]) -> list[int] | None:
    """Return the indexes, each after those it waits for and else as they were; None for a circle."""
    ordered: list[int] = []
    done: set[int] = set()
    left: Mapping[int, set[int]] = dict(enumerate(waits))
    while len(ordered) < len(waits):
        ready = next((index for index, needs in left.items() if index not in done and needs <= done), None)
        if ready is None:
            return None
        ordered.append(ready)
        done.add(ready)
    return ordered
