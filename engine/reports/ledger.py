"""What the clouds' own cost services say: asked of each account once a day for each grouping, and kept.

Cost Explorer charges for every page and Cost Management allows few calls. A bill that was read is an immutable report; questions and the
morning report of the same day are answered from it. An account that refused is asked again with the next question.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import TypeAdapter

from engine.clock import Clock
from engine.clouds.billing import CostGrouping, CostLine
from engine.clouds.errors import CloudError
from engine.clouds.ports import CloudAccount
from engine.estate.resource import Cloud
from engine.reports import history
from engine.reports.figures import Series
from engine.storage.reports import ReportStore

DAYS, LONG_DAYS = 62, 370
"""How far back a bill is read: two months, or the thirteen months that the clouds keep."""
_MOST_KEPT = 500
NO_SOURCE = {Cloud.GCP: "Google Cloud tells costs only in its billing export to BigQuery, which I do not read"}
"""Why a whole cloud tells no costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What the accounts' bills tell, cut one way.

    Attributes:
        grouping: What its lines tell.
        lines: Those of the days asked for.
        unknown: Names of accounts without figures, each with its reason.
    """

    grouping: CostGrouping
    lines: tuple[CostLine, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """One account's bill as it is kept; days from `start` to before `end`."""

    account: str
    grouping: CostGrouping
    start: date
    end: date
    series: tuple[Series, ...]


_FORM = TypeAdapter(_Kept)


class Ledger:
    """Reads bills and keeps them.

    Args:
        reports: Where they are kept.
        clock: The time; a day is a day in UTC, as the clouds bill.
    """

    def __init__(self, *, reports: ReportStore, clock: Clock) -> None:
        self._reports = reports
        self._clock = clock
        self._asking: dict[tuple[str, CostGrouping], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def bill(self, accounts: Iterable[CloudAccount], grouping: CostGrouping, *, days: int = DAYS) -> Bill:
        """Return what these accounts spent on each of the last `days` whole days.

        Raises:
            EnvelopeError: A kept bill is not what was written.
        """
        asked = tuple(accounts)
        depth = DAYS if days <= DAYS else LONG_DAYS
        today = self._clock().date()
        kept = await asyncio.to_thread(self._kept, {one.account for one in asked}, grouping, depth, today)
        missing = [one for one in asked if one.account not in kept]
        read = await asyncio.gather(
            *(self._read(one, grouping, depth, today) for one in missing), return_exceptions=True
        )
        answers = {**kept, **{one.account: answer for one, answer in zip(missing, read, strict=True)}}
        lines: list[CostLine] = []
        unknown: list[str] = []
        for account in asked:
            answer = answers[account.account]
            if isinstance(answer, CloudError):
                unknown.append(f"{account.name} ({answer.message})")
            elif isinstance(answer, BaseException):
                raise answer
            elif answer is None:
                unknown.append(f"{account.name} ({NO_SOURCE.get(account.cloud, 'no cost source connected')})")
            else:
                lines += (one for one in answer if today - timedelta(days=days) <= one.day < today)
        return Bill(grouping=grouping, lines=tuple(lines), unknown=tuple(unknown))

    async def _read(
        self, account: CloudAccount, grouping: CostGrouping, depth: int, end: date
    ) -> tuple[CostLine, ...] | None:
        async with self._asking[account.account, grouping]:
            # Somebody else may have asked in the meantime.
            kept = await asyncio.to_thread(self._kept, {account.account}, grouping, depth, end)
            if account.account in kept:
                return kept[account.account]
            start = end - timedelta(days=depth)
            lines = await asyncio.to_thread(account.costs, start=start, end=end, grouping=grouping)
            if lines is not None:
                await asyncio.to_thread(self._keep, account.account, grouping, start, end, lines)
            return lines

    def _kept(
        self, accounts: Collection[str], grouping: CostGrouping, depth: int, end: date
    ) -> dict[str, tuple[CostLine, ...]]:
        """Return the bills of these accounts that are kept and go far enough back; all are opened in one go, for each is sealed."""
        start = end - timedelta(days=depth)
        found: dict[str, tuple[CostLine, ...]] = {}
        for stored in self._reports.newest(_kind(grouping, end), limit=_MOST_KEPT):
            kept = _FORM.validate_json(stored.body)
            fits = kept.account in accounts and kept.grouping == grouping and kept.start <= start
            if fits and kept.account not in found:
                found[kept.account] = tuple(history.lines(kept.series))
        return found

    def _keep(self, account: str, grouping: CostGrouping, start: date, end: date, lines: Sequence[CostLine]) -> None:
        kept = _Kept(account=account, grouping=grouping, start=start, end=end, series=history.series(lines))
        self._reports.put(f"bill-{uuid.uuid4().hex}", kind=_kind(grouping, end), body=_FORM.dump_json(kept))


def _kind(grouping: CostGrouping, day: date) -> str:
    """Return under which word a day's bills are kept; whose they are, and a tag's key, is sealed."""
    return f"cost {day.isoformat()} {'+'.join(grouping.dimensions)}"
