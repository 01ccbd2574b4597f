"""The life of a playbook: the one table of its ten states, by which registry and runner both go. Pure.

A version never changes once it is uploaded, so there is no way back from the registry to `draft`: whoever mends a playbook publishes
another version. That is also why nothing that waits for a review, or failed it, can become active without having been approved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent_server.contract.playbook import PlaybookStatus, StorageStrategy

_S = PlaybookStatus


class Rank(StrEnum):
    """How high a state lets a playbook stand in a search."""

    HIGH = "high"
    MEDIUM = "medium"
    WARNED = "with warning"
    VERY_LOW = "very low"
    HIDDEN = "hidden"


WEIGHT: Mapping[Rank, float] = {
    Rank.HIGH: 1.0,
    Rank.MEDIUM: 0.75,
    Rank.WARNED: 0.6,
    Rank.VERY_LOW: 0.35,
    Rank.HIDDEN: 0.0,
}
"""What a confidence is multiplied by."""


class Actor(StrEnum):
    """Who moves a playbook: who wrote or owns it, who reviews it, or Escher itself."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a state means.

    Attributes:
        rank: How high it stands in a search; hidden when it is not found at all.
        local: Whether it exists with the runner only and never in the registry.
        warning: What whoever finds it should know.
        by: Which states may follow, and who may say so.
    """

    rank: Rank
    local: bool = False
    warning: str = ""
    by: Mapping[PlaybookStatus, frozenset[Actor]]

    @property
    def visible(self) -> bool:
        """Whether a search finds it."""
        return self.rank is not Rank.HIDDEN


_AUTHOR = frozenset({Actor.AUTHOR})
_REVIEWER = frozenset({Actor.REVIEWER})
_AUTHOR_OR_SYSTEM = frozenset({Actor.AUTHOR, Actor.SYSTEM})

STATES: Mapping[PlaybookStatus, State] = {
    _S.DRAFT: State(rank=Rank.HIDDEN, local=True, by={_S.READY: _AUTHOR, _S.ARCHIVED: _AUTHOR}),
    _S.READY: State(
        rank=Rank.HIDDEN,
        local=True,
        by={_S.DRAFT: _AUTHOR, _S.PENDING_REVIEW: _AUTHOR, _S.ACTIVE: _AUTHOR, _S.ARCHIVED: _AUTHOR},
    ),
    _S.PENDING_REVIEW: State(
        rank=Rank.VERY_LOW,
        warning="Nobody has reviewed it yet.",
        by={_S.APPROVED: _REVIEWER, _S.REJECTED: _REVIEWER, _S.ARCHIVED: _AUTHOR},
    ),
    _S.APPROVED: State(
        rank=Rank.HIGH,
        by={
            _S.ACTIVE: _AUTHOR_OR_SYSTEM,
            _S.DEPRECATED: _AUTHOR_OR_SYSTEM,
            _S.NEEDS_UPDATE: _AUTHOR,
            _S.BROKEN: _AUTHOR,
            _S.ARCHIVED: _AUTHOR,
        },
    ),
    _S.REJECTED: State(rank=Rank.HIDDEN, by={_S.ARCHIVED: _AUTHOR}),
    _S.ACTIVE: State(
        rank=Rank.HIGH,
        by={
            _S.DEPRECATED: _AUTHOR_OR_SYSTEM,
            _S.NEEDS_UPDATE: _AUTHOR,
            _S.BROKEN: _AUTHOR,
            _S.ARCHIVED: _AUTHOR,
        },
    ),
    _S.DEPRECATED: State(
        rank=Rank.WARNED,
        warning="There is a newer version.",
        by={_S.ACTIVE: _AUTHOR, _S.BROKEN: _AUTHOR, _S.ARCHIVED: _AUTHOR},
    ),
    _S.NEEDS_UPDATE: State(
        rank=Rank.MEDIUM,
        warning="It works, but is out of date.",
        by={_S.ACTIVE: _AUTHOR, _S.DEPRECATED: _AUTHOR_OR_SYSTEM, _S.BROKEN: _AUTHOR, _S.ARCHIVED: _AUTHOR},
    ),
    _S.BROKEN: State(rank=Rank.HIDDEN, by={_S.NEEDS_UPDATE: _AUTHOR, _S.ARCHIVED: _AUTHOR}),
    _S.ARCHIVED: State(rank=Rank.HIDDEN, by={}),
}

UPLOADED: Mapping[StorageStrategy, PlaybookStatus] = {
    StorageStrategy.UPLOADED_FOR_REVIEW: _S.PENDING_REVIEW,
    StorageStrategy.UPLOADED_TRUSTED: _S.ACTIVE,
}
"""In which state an upload begins. The other strategies are never uploaded."""

SUPERSEDED = frozenset({_S.ACTIVE, _S.APPROVED, _S.NEEDS_UPDATE})
"""States of an older version that end as `deprecated` when a newer one becomes active."""


def visible() -> tuple[PlaybookStatus, ...]:
    """Return the states that a search finds, in the order of the table."""
    return tuple(status for status, state in STATES.items() if state.visible)


def may(before: PlaybookStatus, after: PlaybookStatus, actor: Actor) -> bool:
    """Say whether somebody may move a playbook from one state to another."""
    return actor in STATES[before].by.get(after, frozenset())


def next_states(before: PlaybookStatus, actors: Iterable[Actor] = tuple(Actor)) -> frozenset[PlaybookStatus]:
    """Return the states that may follow when any of these may move it."""
    known = frozenset(actors)
    return frozenset(after for after, by in STATES[before].by.items() if by & known)


def why_not(before: PlaybookStatus, after: PlaybookStatus, actor: Actor) -> str:
    """Return what stands against a move, in one sentence; empty when nothing does."""
    if may(before, after, actor):
        return ""
    if after in STATES[before].by:
        who = " or ".join(sorted(one.value for one in STATES[before].by[after]))
        return f"from {_plain(before)} to {_plain(after)} it takes the {who}"
    ways = sorted(_plain(one) for one in next_states(before, {actor}))
    return f"from {_plain(before)} it can become {' or '.join(ways) if ways else 'nothing else'}, not {_plain(after)}"


def _plain(status: PlaybookStatus) -> str:
    return status.value.replace("_", " ")
