"""Gathering the morning report: costs from the clouds' own services, idle machines from their metrics, the rest from the estate."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from engine.answering import Idle
from engine.clock import Clock
from engine.clouds.billing import BY_SERVICE
from engine.clouds.ports import CloudAccount
from engine.estate.changes import Change, ChangeKind, FieldChange
from engine.estate.resource import CellStatus, Resource
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.planning.context import SAFE_FACTS
from engine.reports.figures import Cost, Happened, IdleMachine, MorningReport, PublicBucket
from engine.reports.late import late_notes
from engine.reports.ledger import Ledger
from engine.reports.spending import HISTORY_DAYS, cost
from engine.reports.waste import idle_machines
from engine.storage.reports import ReportStore

KIND = "morning"
_BUCKETS = frozenset({"s3::bucket", "storage::bucket"})
_SENSITIVE = ("pii", "customer", "confidential", "pci", "phi", "restricted")
_MOST_CHANGES = 8
_MOST_GAPS = 5
_MOST_FIELDS = 2
_TELLABLE = frozenset(
    {"state", "region", "zone", "size", "public", "encrypted", *(f"facts.{key}" for key in SAFE_FACTS)}
)
_FORM = TypeAdapter(MorningReport)


def kept_report(reports: ReportStore, report_id: str) -> MorningReport | None:
    """Return a morning report that was made; without an id the newest; None when there is none.

    Raises:
        EnvelopeError: It is not what was written.
    """
    newest = reports.newest(KIND, limit=1) if not report_id else []
    found = newest[0] if newest else reports.get(report_id)
    return _FORM.validate_json(found.body) if found is not None else None


class Morning:
    """Makes morning reports.

    Args:
        estate: What exists.
        accounts: The connected accounts.
        idle: Judges idleness.
        reports: Where reports are kept.
        ledger: Reads bills and keeps them; the one that questions use, so that no bill is paid for twice.
        budget: The monthly budget for everything, or None.
        clock: The time.
    """

    def __init__(
        self,
        *,
        estate: EstateStore,
        accounts: Sequence[CloudAccount],
        idle: Idle,
        reports: ReportStore,
        ledger: Ledger,
        budget: float | None,
        clock: Clock,
    ) -> None:
        self._estate = estate
        self._accounts = tuple(accounts)
        self._idle = idle
        self._reports = reports
        self._ledger = ledger
        self._budget = budget
        self._clock = clock

    async def make(self, report_id: str) -> MorningReport:
        """Return the report with this id: as it was made, or made now and kept."""
        kept = await asyncio.to_thread(kept_report, self._reports, report_id)
        if kept is not None:
            return kept
        since = await asyncio.to_thread(self._since)
        spent, (idle, not_judged) = await asyncio.gather(self._cost(), idle_machines(self._estate, self._idle))
        report = await asyncio.to_thread(self._gather, report_id, spent, idle, not_judged, since)
        await asyncio.to_thread(self._reports.put, report_id, kind=KIND, body=_FORM.dump_json(report))
        return report

    def _since(self) -> datetime:
        """Changes are told since the last report, at most a week back, a day when there was none."""
        now = self._clock()
        newest = self._reports.newest(KIND, limit=1)
        return max(newest[0].at, now - timedelta(days=7)) if newest else now - timedelta(days=1)

    async def _cost(self) -> Cost | None:
        bill = await self._ledger.bill(self._accounts, BY_SERVICE, days=HISTORY_DAYS)
        names = {account.account: account.name for account in self._accounts}
        today = self._clock().date()
        unknown = (*bill.unknown, *late_notes(((one.account, one.day) for one in bill.lines), names))
        return cost(bill.lines, today=today, names=names, budget=self._budget, unknown=unknown)

    def _gather(
        self, report_id: str, spent: Cost | None, idle: tuple[IdleMachine, ...], not_judged: int, since: datetime
    ) -> MorningReport:
        buckets = self._estate.select(Selector(types=_BUCKETS, public=True)).resources
        changes = sorted(self._estate.changes(since), key=_weight)
        return MorningReport(
            id=report_id,
            made_at=self._clock(),
            resources=len(self._estate),
            cost=spent,
            idle=idle,
            not_judged=not_judged,
            public=tuple(sorted(map(_bucket, buckets), key=lambda one: (not one.data_class, one.name))),
            changes=tuple(happened(change) for change in changes[:_MOST_CHANGES]),
            more_changes=max(len(changes) - _MOST_CHANGES, 0),
            gaps=self._gaps(),
        )

    def _gaps(self) -> tuple[str, ...]:
        names = {account.account: account.name for account in self._accounts}
        bad = [state for state in self._estate.coverage() if state.status is not CellStatus.OK]
        said = [
            f"{names.get(state.cell.account, state.cell.account)} {state.cell.region} {state.cell.service}"
            f" ({state.reason or state.status.value})"
            for state in bad[:_MOST_GAPS]
        ]
        return (*said, *((f"and {len(bad) - _MOST_GAPS} more",) if len(bad) > _MOST_GAPS else ()))


def _bucket(one: Resource) -> PublicBucket:
    held = one.tags.get("data-class", "").lower()
    return PublicBucket(name=one.name, id=one.id, account=one.account, data_class=held if held in _SENSITIVE else "")


def _weight(change: Change) -> tuple[int, str]:
    """Order: what became public, then what is new, gone, changed."""
    exposed = any(field.field == "public" and field.after is True for field in change.fields)
    kind = {ChangeKind.ADDED: 1, ChangeKind.REMOVED: 2, ChangeKind.CHANGED: 3}[change.kind]
    return (0 if exposed else kind, change.name)


def happened(change: Change) -> Happened:
    """Return a change as a report tells it."""
    fields = change.fields[:_MOST_FIELDS]
    return Happened(
        kind=change.kind.value,
        name=change.name,
        type=change.type,
        region=change.region,
        what="; ".join(map(_values, fields)),
        id=change.id,
        told="; ".join(dict.fromkeys(_values(one) if one.field in _TELLABLE else _unnamed(one) for one in fields)),
    )


def _values(one: FieldChange) -> str:
    return f"{one.field}: {_text(one.before)} → {_text(one.after)}"


def _unnamed(one: FieldChange) -> str:
    """Return that something changed of which neither the values nor, for a tag, the key may leave the runner."""
    kind, _, _ = one.field.partition(".")
    return {"tags": "a tag changed", "name": "its name changed"}.get(kind, "a detail changed")


def _text(value: object) -> str:
    return "-" if value is None or value == "" else str(value)
