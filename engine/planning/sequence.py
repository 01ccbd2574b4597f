"""The order that was asked for: what comes first is wholly done before what comes after it begins. Pure."""

from collections.abc import Mapping, Sequence

from agent_server.contract.plan import ProposedStep
from engine.planning.context import Target


def reach(steps: Sequence[ProposedStep]) -> list[set[int]]:
    """Return for each step the steps that surely come before it; dependencies point to earlier steps only."""
    before: list[set[int]] = []
    for step in steps:
        direct = set(step.depends_on)
        before.append(direct.union(*(before[earlier] for earlier in direct)))
    return before


def problem(steps: Sequence[ProposedStep], known: Mapping[str, Target], after: Sequence[Sequence[int]]) -> str:
    """Return how the steps break the order of the parts, in a few words, or an empty text.

    Args:
        steps: The proposed steps; their handles and dependencies are known to be good.
        known: Targets by handle.
        after: For each part, the parts that must be done before.
    """
    handles = _by_part(known)
    before = reach(steps)
    parts = [{known[handle].part for handle in step.targets} for step in steps]
    for index, own in enumerate(parts):
        for earlier in {first for part in own if part < len(after) for first in after[part]}:
            if any(earlier in there and place not in before[index] for place, there in enumerate(parts)):
                return f"step {index + 1} does not wait for what was to come before it"
            done = {handle for place in before[index] for handle in steps[place].targets}
            if handles.get(earlier, set()) - done:
                return f"something that was to come before step {index + 1} is missing"
    return ""


def _by_part(known: Mapping[str, Target]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for handle, target in known.items():
        found.setdefault(target.part, set()).add(handle)
    return found
