"""Layouts of playbooks."""

from blocks.accents import Accent, Badge
from blocks.components.inline import Code, joined, line
from blocks.components.playbook import PlaybookCard, PlaybookEntry, PlaybookList, PlaybookReviewCard
from blocks.components.vocabulary import Tone
from blocks.layout.parts import Facts, Item, Layout, Listing, Part
from blocks.layout.shared import buttons, card, grey, labelled, notes, offers, words
from blocks.wording import percent


def playbook(component: PlaybookCard) -> Layout:
    """What it does and whether Escher can run it, its steps, its facts."""
    lines: list[Part | None] = [words(text) for text in component.summary]
    steps = Listing(items=tuple(Item(cells=(text,)) for text in component.steps), numbered=True)
    return card(
        component.headline,
        Badge(words=component.state, accent=Accent.NEUTRAL),
        [
            grey(
                line(Code(text=component.playbook_id)),
                line(f"version {component.version}"),
                line(f"risk {component.risk.value}"),
            ),
            *lines,
            *notes((component.running,) if component.running else ()),
            steps if component.steps else None,
            Facts(rows=component.facts) if component.facts else None,
            *notes(component.notes),
            buttons(component.actions),
        ],
    )


def playbook_list(component: PlaybookList) -> Layout:
    """Best first."""
    items = tuple(_entry(entry) for entry in component.entries)
    return card(
        component.headline,
        None,
        [Listing(items=items, more=component.more) if items or component.more else None, offers(component.suggestions)],
    )


def _entry(entry: PlaybookEntry) -> Item:
    fits = line(f"fits {percent(round(100 * entry.confidence))}") if entry.confidence is not None else ()
    cells = (line(entry.summary), line(f"version {entry.version}") if entry.version else (), fits)
    return Item(
        name=entry.name,
        id=entry.playbook_id,
        cells=tuple(cell for cell in cells if cell),
        under=joined([line(entry.running), line(entry.warning)]),
        tone=Tone.WARNING if entry.warning else Tone.NORMAL,
        action=entry.action,
    )


def playbook_review(component: PlaybookReviewCard) -> Layout:
    """What it would do, failed checks first, then what changed."""
    checks = sorted(component.checks, key=lambda check: check.ok)
    items = tuple(
        Item(
            mark="✔" if check.ok else "✘",
            name=check.name,
            cells=(line(check.detail),) if check.detail else (),
            tone=Tone.GOOD if check.ok else Tone.BAD,
        )
        for check in checks
    )
    changes: list[Part | None] = [labelled("Changed", text) for text in component.changes]
    return card(
        component.headline,
        Badge(words="waiting for review", accent=Accent.WAITING),
        [
            grey(line(Code(text=component.playbook_id)), line(f"version {component.version}"), component.author),
            *(words(text) for text in component.summary),
            Listing(items=tuple(Item(cells=(text,)) for text in component.steps), numbered=True)
            if component.steps
            else None,
            Listing(items=items) if items else None,
            *changes,
            *notes(component.notes),
            buttons(component.actions),
        ],
    )
