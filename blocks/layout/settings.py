"""Layouts of settings, credentials, schedules, permissions."""

from blocks.accents import Accent, Badge
from blocks.components.inline import Code, line
from blocks.components.settings import (
    CredentialRow,
    CredentialStatusCard,
    PermissionCard,
    ScheduleCard,
    SettingsCard,
    StatusLine,
)
from blocks.components.vocabulary import TimeStyle, Tone
from blocks.layout.parts import Facts, Grid, Item, Layout, Listing, Part, Title
from blocks.layout.shared import at, buttons, card, grey, labelled, notes, words

_MARKS = {Tone.GOOD: "✔", Tone.WARNING: "!", Tone.BAD: "✘", Tone.NORMAL: "·", Tone.GREY: "·"}


def settings(component: SettingsCard) -> Layout:
    """Groups of lines, what waits, what can be changed."""
    parts: list[Part] = []
    for group in component.groups:
        parts.append(Title(text=line(group.title)))
        if group.lines:
            parts.append(Listing(items=tuple(_status(item) for item in group.lines)))
    return card(
        component.headline,
        None,
        [*parts, labelled("Pending", component.pending), *notes(component.notes), buttons(component.actions)],
    )


def _status(item: StatusLine) -> Item:
    return Item(mark=_MARKS[item.tone], name=item.label, cells=(item.value,), tone=item.tone, under=line(item.remedy))


def credential_status(component: CredentialStatusCard) -> Layout:
    """One row a credential, broken ones first."""
    rows = sorted(component.credentials, key=lambda row: {False: 0, None: 1, True: 2}[row.works])
    return card(
        component.headline,
        None,
        [
            Listing(items=tuple(_credential(row) for row in rows)) if rows else None,
            *notes(component.notes),
            buttons(component.actions),
        ],
    )


def _credential(row: CredentialRow) -> Item:
    tone = {True: Tone.GOOD, False: Tone.BAD, None: Tone.NORMAL}[row.works]
    state = {True: "works", False: "does not work", None: "not tried"}[row.works]
    cells = (line(row.where), line(state), at("until", row.expires_at, TimeStyle.DATETIME), line(row.detail))
    return Item(mark=_MARKS[tone], name=row.name, cells=tuple(cell for cell in cells if cell), tone=tone)


def schedule(component: ScheduleCard) -> Layout:
    """What runs, when next, how it went."""
    state = Badge(words="paused", accent=Accent.OFF) if component.paused else Badge(words="active", accent=Accent.GOOD)
    last: list[Part | None] = [words(text, Tone.GREY) for text in component.last]
    return card(
        component.headline,
        state,
        [
            grey(line(Code(text=component.schedule_id))),
            words(at("Next run", component.next_at, TimeStyle.DATETIME)),
            Facts(rows=component.facts) if component.facts else None,
            *last,
            *notes(component.notes),
            buttons(component.actions),
        ],
    )


def permission(component: PermissionCard) -> Layout:
    """What somebody may do, and which rules say so."""
    grid = Grid(columns=component.columns, rows=component.rows, more=component.more)
    reasons: list[Part | None] = [words(text) for text in component.reasons]
    return card(
        component.headline,
        None,
        [grid if component.rows and component.columns else None, *reasons, *notes(component.notes)],
    )
