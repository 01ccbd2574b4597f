"""Whether a target is still what the plan was made for."""

from collections.abc import Mapping

from engine.estate.resource import Json, Resource
from engine.planning.plan import guard

_IDENTITY = ("type", "account", "region", "created_at")
_WORDS = {"created_at": "was replaced", "state": "is", "size": "has size", "name": "is called", "region": "is in"}


def drift(held: Mapping[str, Json], now: Resource | None, *, identity_only: bool = False) -> str:
    """Return how the target differs from what the plan holds of it, in a few words; empty when it does not.

    Args:
        held: The plan's guard.
        now: A fresh read; None when the target is gone.
        identity_only: For a target an earlier step of the same plan has changed: only that it is the same thing.
    """
    if now is None:
        return "no longer exists"
    fresh = guard(now)
    fields = _IDENTITY if identity_only else tuple(held)
    return next(
        (_told(field, held[field], fresh.get(field)) for field in fields if held[field] != fresh.get(field)), ""
    )


def _told(field: str, before: Json, after: Json) -> str:
    if field == "created_at":
        return "was replaced by another of the same name"
    if field == "tags":
        return "has other tags"
    if isinstance(before, bool) and after is None:
        return f"no longer tells whether it is {field}"
    if isinstance(before, bool) or isinstance(after, bool):
        return f"is {'' if after else 'not '}{field} now"
    return f"{_WORDS.get(field, f'has another {field}:')} {after or 'unknown'} now, was {before or 'unknown'}"
