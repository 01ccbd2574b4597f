"""What help says."""

from dataclasses import dataclass

_MOST = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer, and where it comes from.

    Attributes:
        known: Whether it is one; else it says that it is not known.
    """

    text: str
    sources: tuple[str, ...] = ()
    known: bool = True


def source(what: str, where: str) -> str:
    """Return a source as it is shown, short enough for the wire."""
    return f"{what}: {where}"[:_MOST]
