"""What a plan is held against: the request, its parts in order, and quick ways to look things up."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from agent_server.agents.capabilities import Capability, capabilities
from agent_server.agents.parts import AskedPart
from agent_server.contract.plan import PlanRequest, TargetFacts


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One request for a plan, read once.

    Attributes:
        request: As it came.
        parts: Its parts, each after those it waits for.
    """

    request: PlanRequest
    parts: tuple[AskedPart, ...]

    @cached_property
    def part(self) -> Mapping[int, AskedPart]:
        """The parts by index."""
        return {part.index: part for part in self.parts}

    @cached_property
    def target(self) -> Mapping[str, TargetFacts]:
        """The targets by handle."""
        return {target.handle: target for target in self.request.targets}

    @cached_property
    def offered(self) -> frozenset[str]:
        """The operations the runner offers."""
        return frozenset(self.request.capabilities)

    def waits(self, target: TargetFacts) -> bool:
        """Whether an earlier part changes things before this target's turn, so that its facts are not those it will have."""
        part = self.part.get(target.part)
        return part is not None and bool(part.after)

    def capability(self, operation: str) -> Capability | None:
        """Return what an operation is for; None when the runner does not offer it or nobody knows it."""
        return capabilities().get(operation) if operation in self.offered else None
