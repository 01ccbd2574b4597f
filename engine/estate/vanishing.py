"""What to do with resources that a full reading no longer shows: pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

MASS_DROP_SHARE = 0.5
MASS_DROP_COUNT = 20
"""More than this share and more than this many of a cell gone at once is held back until a second run confirms it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """What goes now and what is held back."""

    remove: frozenset[UUID]
    hold: frozenset[UUID]


def judge(*, known: int, missing: AbstractSet[UUID], held: AbstractSet[UUID], confirms: bool) -> Vanished:
    """Decide about the points of a cell that a full reading did not show.

    An API that answers with an empty page looks like a deleted account. So a mass drop waits; what was already held and is
    still missing in a run of its own goes.

    Args:
        known: How many records the cell has.
        missing: Those that were not seen.
        held: Those held by an earlier run.
        confirms: Whether this reading is a run of its own.
    """
    if not confirms and held:
        return Vanished(remove=frozenset(), hold=frozenset(missing))
    confirmed = missing & held
    fresh = missing - held
    if len(fresh) > MASS_DROP_COUNT and len(fresh) > MASS_DROP_SHARE * known:
        return Vanished(remove=frozenset(confirmed), hold=frozenset(fresh))
    return Vanished(remove=frozenset(missing), hold=frozenset())
