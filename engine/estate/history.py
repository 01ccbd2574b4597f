"""The log of changes: one sealed record per writing, found by day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from engine.estate import changes as codec
from engine.estate.changes import KEPT_DAYS, Change
from engine.estate.record import cell_text
from engine.estate.resource import ScanCell
from engine.estate.sealed import SealedIndex

_SWEPT_DAYS = 60
"""How far behind the kept days old records are looked for."""


class History:
    """Reads and writes the log. Records are never changed, so their version is always 1.

    Args:
        sealed: Where it rests.
    """

    def __init__(self, sealed: SealedIndex) -> None:
        self._sealed = sealed

    def note(self, news: Sequence[Change], cell: ScanCell) -> None:
        """Add changes that were seen in a cell at one moment; nothing when there are none."""
        if not news:
            return
        at = news[0].at
        id_ = self._sealed.id("change", f"{cell_text(cell)} {at.isoformat()} {news[0].id}")
        found = [("kind", "change"), ("day", at.date().isoformat())]
        self._sealed.index.put([self._sealed.point(id_, 1, codec.encode(news), found)])

    def read(self, since: datetime, until: datetime) -> tuple[Change, ...]:
        """Return the changes from `since` to `until`, oldest first.

        Raises:
            EnvelopeError: A record was tampered with.
        """
        points = self._sealed.select([("kind", frozenset({"change"})), ("day", _days(since.date(), until.date()))])
        found = [change for point in points for change in codec.decode(self._sealed.record(point))]
        return tuple(sorted((each for each in found if since <= each.at <= until), key=lambda each: (each.at, each.id)))

    def forget_old(self, now: datetime) -> None:
        """Remove what is older than 35 days."""
        last = now.date() - timedelta(days=KEPT_DAYS + 1)
        days = _days(last - timedelta(days=_SWEPT_DAYS), last)
        old = self._sealed.select([("kind", frozenset({"change"})), ("day", days)])
        if old:
            self._sealed.index.delete([point.id for point in old])


def _days(first: date, last: date) -> frozenset[str]:
    return frozenset(_each(first, last))


def _each(first: date, last: date) -> Iterable[str]:
    for offset in range((last - first).days + 1):
        yield (first + timedelta(days=offset)).isoformat()
