"""Layouts of what exists."""

from blocks.accents import STATES, badge
from blocks.components.estate import (
    CoverageRow,
    EstateSummaryCard,
    ResourceCard,
    ResourceDiffCard,
    ResourceTable,
    ScanCoverageCard,
)
from blocks.components.inline import Code, Line, line
from blocks.components.rows import Fact
from blocks.components.vocabulary import State, TimeStyle, Tone
from blocks.layout.parts import Facts, Grid, Item, Layout, Listing, Part, Title
from blocks.layout.shared import at, buttons, card, grey, labelled, notes, offers, words
from blocks.wording import count, duration


def resource_table(component: ResourceTable) -> Layout:
    """Answer, rules, rows, how many more, what was not seen, what to ask next."""
    rules = [words(text, Tone.GREY) for text in component.rules]
    last = component.first - 1 + len(component.rows)
    grid = Grid(columns=component.columns, rows=component.rows, more=max(0, component.total - last))
    page = line(f"rows {component.first:,} to {last:,} of {component.total:,}") if component.first > 1 else ()
    return card(
        component.title,
        None,
        [
            *rules,
            grid if component.rows and component.columns else None,
            words(component.footer),
            grey(page),
            *notes(component.notes),
            words(component.coverage, Tone.GREY),
            buttons(component.actions),
            offers(component.suggestions),
        ],
    )


def resource(component: ResourceCard) -> Layout:
    """One resource."""
    tags = line("tags ", *_tags(component.tags)) if component.tags else ()
    related: list[Part | None] = [words(text) for text in component.related]
    return card(
        component.headline,
        None,
        [
            words(component.subtitle, Tone.GREY),
            Facts(rows=component.facts) if component.facts else None,
            words(tags),
            *related,
            *notes(component.notes),
            grey(at("seen", component.seen_at, TimeStyle.DATETIME)),
            buttons(component.actions),
            offers(component.suggestions),
        ],
    )


def _tags(tags: tuple[Fact, ...]) -> Line:
    pieces: list[Line] = []
    for tag in tags:
        pieces.append(line(" · " if pieces else "", f"{tag.label}=", *tag.value))
    return tuple(piece for text in pieces for piece in text)


def resource_diff(component: ResourceDiffCard) -> Layout:
    """Before and after."""
    items = tuple(
        Item(
            name=change.label,
            cells=(line(Code(text=change.before or "none"), " → ", Code(text=change.after or "none")),),
        )
        for change in component.changes
    )
    return card(
        component.headline,
        None,
        [Listing(items=items), labelled("Cause", component.cause), *notes(component.notes), buttons(component.actions)],
    )


def estate_summary(component: EstateSummaryCard) -> Layout:
    """Counts by cloud or type."""
    return card(
        component.headline,
        None,
        [
            Grid(columns=component.columns, rows=component.rows) if component.rows and component.columns else None,
            words(component.coverage, Tone.GREY),
            grey(at("synced", component.synced_at, TimeStyle.DATETIME)),
            buttons(component.actions),
            offers(component.suggestions),
        ],
    )


def scan_coverage(component: ScanCoverageCard) -> Layout:
    """How far a sync is; cells that could not be seen come first, with their remedy."""
    unseen = [row for row in component.rows if row.status in {"denied", "failed", "stale", "skipped"}]
    seen = [row for row in component.rows if row not in unseen]
    took = f" · {duration(component.seconds)}" if component.seconds is not None else ""
    progress = line(
        f"{component.done:,} of {count(component.total, 'cell')} · {count(component.resources, 'resource')}{took}"
    )
    return card(
        component.headline,
        badge(State.PARTIAL, f"{STATES[component.state].words}, {len(unseen):,} not seen")
        if unseen and component.state is State.DONE
        else badge(component.state),
        [
            words(progress),
            Title(text=line(f"Not seen: {count(len(unseen), 'cell')}")) if unseen else None,
            Listing(items=tuple(_cell(row) for row in unseen)) if unseen else None,
            Title(text=line("Seen")) if seen else None,
            Listing(items=tuple(_cell(row) for row in seen)) if seen else None,
            buttons(component.actions),
        ],
    )


def _cell(row: CoverageRow) -> Item:
    amount = line(count(row.count, "resource")) if row.count is not None else ()
    why = line(f"{row.status}: {row.reason}" if row.reason else row.status)
    bad = row.status in {"denied", "failed"}
    return Item(
        name=row.cell,
        cells=tuple(cell for cell in (amount, why) if cell),
        tone=Tone.WARNING if bad else Tone.NORMAL,
        under=line(row.remedy),
    )
