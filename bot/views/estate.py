"""What exists, as tables and cards."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from blocks import text
from blocks.components import (
    Action,
    Align,
    Code,
    Column,
    Fact,
    Line,
    NoticeCard,
    ResourceCard,
    ResourceTable,
    TableRow,
    line,
)
from blocks.components.actions import ActionId
from blocks.wording import count, duration
from bot.views.nouns import cloud_name, counted, noun, of_type
from engine.estate.idleness import Idleness
from engine.estate.resource import CellScan, Cloud, Permitted, Resource
from engine.replies import Changed, Described, Difference, Listed

PAGE = 8
"""Rows of a list that are shown at once: what a phone shows without scrolling past the button of the next page."""
_MOST_GROUPS = 25
_MOST_GAPS = 3
_MOST_CHANGES = 20
_MOST_IN_TITLE = 2
_INITIALS = frozenset({"cpu", "dns", "gb", "id", "iops", "ip", "kms", "os", "vm", "vpc"})
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)")


def listed_card(reply: Listed, now: datetime, *, first: int = 1) -> ResourceTable:
    """Return the table of an answer, one page of it beginning with row `first`."""
    if reply.groups:
        return _grouped(reply, now)
    page = reply.resources[first - 1 : first - 1 + PAGE]
    total = len(reply.resources)
    columns, rows = _table(page, reply.idleness, now)
    more = total - (first - 1) - len(page)
    return ResourceTable(
        title=line(_title(reply)),
        rules=tuple(line(rule) for rule in reply.rules),
        columns=columns,
        rows=() if reply.counted else rows,
        total=0 if reply.counted else total,
        first=first,
        coverage=_coverage(reply.gaps),
        footer=_as_of(reply.synced_at, now),
        suggestions=_suggestions(reply),
        actions=(
            Action(
                id=ActionId.MORE,
                label=f"Next {min(more, PAGE)}",
                value={"set_id": reply.set_id, "first": str(first + PAGE)},
                private=False,
            ),
        )
        if more > 0 and not reply.counted
        else (),
    )


def _grouped(reply: Listed, now: datetime) -> ResourceTable:
    """Return how many there are of each, the most first."""
    shown = reply.groups[:_MOST_GROUPS]
    return ResourceTable(
        title=line(_title(reply)),
        rules=tuple(line(rule) for rule in reply.rules),
        columns=(Column(label=_label(reply.grouped_by)), Column(label="Count", align=Align.RIGHT)),
        rows=tuple(
            TableRow(cells=(line(_group(reply.grouped_by, name)), line(f"{number:,}"))) for name, number in shown
        ),
        total=len(reply.groups),
        coverage=_coverage(reply.gaps),
        footer=_as_of(reply.synced_at, now),
    )


def _group(by: str, name: str) -> str:
    """Return how a group is written: clouds by their names."""
    return cloud_name(Cloud(name)) if by == "cloud" and name in set(Cloud) else name


def described_card(reply: Described, now: datetime) -> ResourceCard:
    """Return everything known of one resource."""
    one = reply.resource
    facts = [
        ("State", line(one.state)),
        ("Size", line(one.size)),
        ("Where", line(f"{cloud_name(one.cloud)} {reply.account_name} · {one.place}")),
        ("Public", line(_yes_no(one.public))),
        ("Encrypted", line(_yes_no(one.encrypted))),
        ("Since", line(_age(one, now))),
        ("Id", line(Code(text=one.id))),
        *((_label(key), _fact(value)) for key, value in one.facts.items() if isinstance(value, str | int | float)),
    ]
    return ResourceCard(
        headline=line(f"{one.name}: {noun(one)}{f', {one.state}' if one.state else ''}"),
        facts=tuple(Fact(label=label, value=value) for label, value in facts if value),
        tags=tuple(Fact(label=key, value=line(value)) for key, value in sorted(one.tags.items()) if value),
        related=tuple(
            line(f"{operation}: {known.value}")
            for operation, known in one.permissions.items()
            if known is not Permitted.UNKNOWN
        ),
        seen_at=reply.read_at,
        suggestions=(),
    )


def _fact(value: str | float) -> Line:
    """Return what a cloud says of a thing as people write it: yes or no, and a time with its year to the minute."""
    if isinstance(value, bool):
        return line(_yes_no(value))
    if isinstance(value, str) and _TIME.fullmatch(value):
        at = datetime.fromisoformat(value).astimezone(UTC)
        return line(f"{at.day} {at:%B %Y %H:%M} UTC")
    return line(str(value))


def changed_card(reply: Changed) -> NoticeCard:
    """Return what changed, the newest first."""
    newest = tuple(reversed(reply.differences))
    shown = newest[:_MOST_CHANGES]
    more = len(newest) - len(shown)
    headline = (
        f"{count(len(newest), 'change')} since {reply.since:%Y-%m-%d %H:%M} UTC"
        if newest
        else (f"Nothing changed since {reply.since:%Y-%m-%d %H:%M} UTC")
    )
    return NoticeCard(
        headline=line(headline),
        lines=(*(line(_change(one)) for one in shown), *((line(_others(newest, more, reply.since)),) if more else ())),
    )


def _others(newest: Sequence[Difference], more: int, since: datetime) -> str:
    """Return how many are not shown, with the question that shows fewer where there is one."""
    today = newest[0].at.replace(hour=0, minute=0, second=0, microsecond=0)
    return f"and {more} more" + ("; ask for less of it, such as “what changed today”" if since < today else "")


def _change(one: Difference) -> str:
    fields = "; ".join(f"{name}: {before or '-'} → {after or '-'}" for name, before, after in one.fields[:3])
    kind = {"added": "new", "removed": "gone", "changed": "changed"}.get(one.kind, one.kind)
    return f"{one.name} ({of_type(one.type)}, {one.region}) {kind}{f': {fields}' if fields else ''}"


def _title(reply: Listed) -> str:
    if reply.by_meaning:
        return (
            f"{count(len(reply.resources), 'resource')} {reply.asked[0]}"
            if reply.resources
            else "Nothing comes near that"
        )
    where = f" in {' and '.join(reply.regions)}" if 0 < len(reply.regions) <= _MOST_IN_TITLE else ""
    if not reply.resources:
        kinds = [f"{of_type(kind)}s" for kind in reply.kinds] if len(reply.kinds) <= _MOST_IN_TITLE else []
        return " ".join(("No", *reply.asked, " or ".join(kinds) or "resources", "found")) + where
    return f"{counted(reply.resources, adjectives=reply.asked)}{where}"


def _table(
    page: Sequence[Resource], idleness: Mapping[str, Idleness], now: datetime
) -> tuple[tuple[Column, ...], tuple[TableRow, ...]]:
    kinds = len({one.type for one in page}) > 1
    judged = any(one.id in idleness for one in page)
    labels = ["Name", *(["Kind"] if kinds else []), "Where", "State", "Size", "Team"]
    columns = [Column(label=label) for label in labels]
    if judged:
        columns += [Column(label="CPU 14 d", align=Align.RIGHT), Column(label="Network a day", align=Align.RIGHT)]
    rows = tuple(
        TableRow(cells=_cells(one, now, kinds=kinds, judged=idleness.get(one.id), with_use=judged)) for one in page
    )
    return _said(columns, rows)


def _said(columns: Sequence[Column], rows: Sequence[TableRow]) -> tuple[tuple[Column, ...], tuple[TableRow, ...]]:
    """Leave out the columns in which no row says anything."""
    kept = [index for index in range(len(columns)) if not index or any(text.plain(row.cells[index]) for row in rows)]
    return (
        tuple(columns[index] for index in kept),
        tuple(TableRow(cells=tuple(row.cells[index] for index in kept)) for row in rows),
    )


def _cells(one: Resource, now: datetime, *, kinds: bool, judged: Idleness | None, with_use: bool) -> tuple[Line, ...]:
    state = one.state or _exposure(one)
    age = f" {_age(one, now)}" if one.state == "running" and one.created_at else ""
    name = line(one.name) if one.short_id == one.name else line(one.name, "  ", Code(text=one.short_id))
    cells = [name, *([line(noun(one))] if kinds else []), line(one.place), line(f"{state}{age}")]
    cells += [line(_size(one)), line(one.tags.get("team", ""))]
    if with_use:
        cpu = f"{judged.cpu_mean:.1f} %" if judged and judged.cpu_mean is not None else "no data"
        network = (
            f"{judged.network_mb_per_day:.1f} MB" if judged and judged.network_mb_per_day is not None else "no data"
        )
        cells += [line(cpu), line(network)]
    return tuple(cells)


def _exposure(one: Resource) -> str:
    if one.public is None:
        return ""
    return "public" if one.public else "private"


def _size(one: Resource) -> str:
    size_gb = one.facts.get("size_gb")
    return one.size or (f"{size_gb} GB" if isinstance(size_gb, int | float) else "")


def _age(one: Resource, now: datetime) -> str:
    return duration((now - one.created_at).total_seconds()) if one.created_at else ""


def _coverage(gaps: Sequence[CellScan]) -> Line:
    if not gaps:
        return ()
    shown = ", ".join(
        f"{gap.cell.region} {gap.cell.service} ({gap.reason or gap.status.value})" for gap in gaps[:_MOST_GAPS]
    )
    more = f" and {len(gaps) - _MOST_GAPS} more" if len(gaps) > _MOST_GAPS else ""
    return line(f"Not seen: {shown}{more}")


def _as_of(synced_at: datetime | None, now: datetime) -> Line:
    if synced_at is None:
        return line("Never synced: run sync first")
    return line(f"as of {duration((now - synced_at).total_seconds())} ago")


def _suggestions(reply: Listed) -> tuple[str, ...]:
    if not reply.resources:
        return ("list everything there is", "what changed since yesterday")
    states = {one.state for one in reply.resources}
    types = {one.type for one in reply.resources}
    if types <= {"s3::bucket"} and "public" in reply.asked:
        return ("make those private",)
    if "running" in states:
        return ("stop those",)
    return ("start those",) if "stopped" in states else ()


def _yes_no(value: bool | None) -> str:
    return "" if value is None else ("yes" if value else "no")


def _label(key: str) -> str:
    words = (word.upper() if word in _INITIALS else word for word in key.split("_"))
    said = " ".join(words)
    return said[:1].upper() + said[1:]
