"""What can be wrong with a proposal, and what mends it."""

from dataclasses import dataclass
from typing import Literal

from agent_server.agents.steps import Repair


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not as it must be.

    Attributes:
        code: Which sort.
        message: One sentence for the person who asked.
        severity: `error` when it cannot be left so.
        repair: What mends it, when something does.
        fatal: Whether nothing can mend it.
        targets: The handles it is about, where no repair takes them out.
    """

    code: str
    message: str
    severity: Literal["info", "warning", "error"] = "error"
    repair: Repair | None = None
    fatal: bool = False
    targets: frozenset[str] = frozenset()

    @property
    def about(self) -> frozenset[str]:
        """The handles it is about."""
        return self.repair.drop if self.repair and self.repair.drop else self.targets


def things(count: int) -> str:
    """Return how many targets, as the beginning of a sentence: `1 target is`, `3 targets are`."""
    return f"{count} target{'s are' if count > 1 else ' is'}"
