"""Components as plain text, enough alone to act on: for the terminal, and as the text behind Slack's blocks.

At most 100 columns. Colours are the terminal's business; states are always said in words here.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Final

from blocks.accents import TARGETS
from blocks.components import Component
from blocks.components.actions import Action, ActionId, AskKind
from blocks.components.inline import Code, Line, Person, Plain, When
from blocks.components.vocabulary import Align, Tone
from blocks.escape import output, visible
from blocks.fitting import clip, layouts
from blocks.layout import lay_out
from blocks.layout.execution import happened
from blocks.layout.parts import (
    Bars,
    Buttons,
    Facts,
    Fold,
    Grid,
    Headline,
    Item,
    Layout,
    Listing,
    Output,
    Part,
    Picture,
    Spark,
    Tasks,
    Title,
    Words,
)
from blocks.limits import TEXT_COLUMNS
from blocks.wording import moment, more

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_BAR: Final = 12
_CELL: Final = 40
_COMMANDS: Final = {
    ActionId.APPROVE: "approve",
    ActionId.REJECT: "reject",
    ActionId.DETAILS: "details",
    ActionId.CANCEL: "cancel",
    ActionId.UNDO: "undo",
    ActionId.CHECK: "status",
    ActionId.LOG: "details",
}
"""What to type instead of a press, in the plan's own thread or anywhere with the full plan id."""


def render(component: Component, *, zone: tzinfo = UTC, detailed: bool = False) -> str:
    """The component as lines of at most 100 columns; times in `zone`; with what stands under Details if asked."""
    page = _Page(zone=zone, detailed=detailed)
    layout: Layout = next(layouts(lay_out(component)))
    for part in layout.parts:
        page.draw(part)
    return "\n".join(page.lines)


def spark(shares: Sequence[float]) -> str:
    """A run of shares (0 to 1) as columns made of characters."""
    return "".join(_BLOCKS[min(len(_BLOCKS) - 1, int(max(0.0, min(1.0, share)) * len(_BLOCKS)))] for share in shares)


def bar(share: float) -> str:
    """A share (0 to 1) as a bar of twelve characters."""
    full = round(max(0.0, min(1.0, share)) * _BAR)
    return "█" * full + "░" * (_BAR - full)


def plain(pieces: Line, zone: tzinfo = UTC) -> str:
    """A line as plain text."""
    return "".join(_piece(piece, zone) for piece in pieces)


def _piece(piece: Plain | Code | Person | When, zone: tzinfo) -> str:
    match piece:
        case Plain(text=text) | Code(text=text):
            return visible(text)
        case Person(name=name):
            return f"@{visible(name).removeprefix('@')}"
        case When(at=at, style=style):
            return moment(at, style, zone)


def command(action: Action) -> str:
    """What to type instead of pressing, or nothing where there is no such command."""
    verb = _COMMANDS.get(action.id)
    if action.id is ActionId.MORE:
        return "more"
    if action.id is ActionId.ASK:
        return visible(action.value.get("text", ""))
    if action.id is ActionId.PLAYBOOK:
        return _playbook_command(action)
    target = action.value.get("plan_id", "")
    if verb is None or not target:
        return ""
    extra = {
        AskKind.REASON: "<why>",
        AskKind.CODE: "code <code>",
        AskKind.TEXT: "<text>",
    }
    words = [extra.get(ask.kind, f"confirm {visible(ask.expected)}") for ask in action.asks]
    return " ".join([verb, visible(target), *words])


def _playbook_command(action: Action) -> str:
    what, name = action.value.get("do", ""), action.value.get("playbook_id", "")
    typed = {AskKind.REASON: "<why>", AskKind.TEXT: "on <what>"}
    words = [typed.get(ask.kind, "") for ask in action.asks]
    return (
        " ".join(word for word in ("playbook", visible(what), visible(name), *words) if word) if what and name else ""
    )


@dataclass(slots=True, kw_only=True)
class _Page:
    """Lines being written."""

    zone: tzinfo
    detailed: bool
    lines: list[str] = field(default_factory=list)

    def draw(self, part: Part) -> None:  # noqa: C901, PLR0912 - one case a part, each one line
        match part:
            case Headline():
                self._headline(part)
            case Words(text=text, tone=tone):
                mark = "! " if tone in {Tone.WARNING, Tone.BAD} else ""
                self._wrapped(mark + plain(text, self.zone))
            case Title(text=text):
                self._wrapped(plain(text, self.zone))
            case Facts(rows=rows):
                self._facts([(visible(row.label), plain(row.value, self.zone)) for row in rows])
            case Listing():
                self._listing(part)
            case Grid():
                self._grid(part)
            case Tasks():
                self._tasks(part)
            case Bars():
                width = min(_CELL, max((len(visible(item.label)) for item in part.bars), default=0))
                for item in part.bars:
                    label = clip(visible(item.label), width).ljust(width)
                    self._wrapped(f"{label}  {bar(item.share)}  {visible(item.text)}", "  ")
                self._more(part.more, "")
            case Spark():
                self._wrapped(spark(part.shares), "  ")
                self._wrapped(visible(part.caption), "  ")
            case Picture():
                for other in part.instead:
                    self.draw(other)
            case Output():
                self._output(part)
            case Buttons():
                self._buttons(part)
            case Fold():
                self._fold(part)

    def _wrapped(self, text: str, indent: str = "", rest: str | None = None) -> None:
        self.lines += textwrap.wrap(
            text,
            TEXT_COLUMNS,
            initial_indent=indent,
            subsequent_indent=indent if rest is None else rest,
            break_on_hyphens=False,
        )

    def _headline(self, part: Headline) -> None:
        text = plain(part.text, self.zone)
        badge = f"● {visible(part.badge.words)}" if part.badge is not None else ""
        if len(text) + len(badge) + 2 <= TEXT_COLUMNS and badge:
            self.lines.append(text.ljust(TEXT_COLUMNS - len(badge)) + badge)
            return
        self._wrapped(text)
        self._wrapped(badge)

    def _facts(self, facts: Sequence[tuple[str, str]]) -> None:
        width = min(24, max((len(label) for label, _ in facts), default=0))
        for label, value in facts:
            self._wrapped(f"{label.ljust(width)}  {value}", "  ", " " * (width + 4))

    def _listing(self, part: Listing) -> None:
        rows = [
            self._row(item, number if part.numbered else 0, aligned=part.aligned)
            for number, item in enumerate(part.items, start=part.first)
        ]
        if part.aligned:
            rows = _aligned(rows)
        for row, item in zip(rows, part.items, strict=True):
            lead, *cells = row
            joint = "  " if part.aligned else " · "
            self._wrapped(lead + joint.join(cell for cell in cells if cell).rstrip(), "  ", "      ")
            if item.under:
                self._wrapped(f"→ {plain(item.under, self.zone)}", "      ")
            if item.action is not None and (typed := command(item.action)):
                self._wrapped(f"→ {typed}", "      ")
        self._more(part.more, part.hint)

    def _row(self, item: Item, number: int, *, aligned: bool) -> list[str]:
        lead = f"{number:>2}. " if number else f"{item.mark} " if item.mark else ""
        cells = [plain(cell, self.zone) for cell in item.cells]
        name, id_ = visible(item.name), visible(item.id)
        if aligned:
            return [lead, name, id_, *cells]
        return [lead, f"{name}  {id_}" if name and id_ else name or id_, *cells]

    def _more(self, amount: int, hint: str) -> None:
        if amount > 0:
            self.lines.append(f"  … {more(amount)}" + (f", {hint}" if hint else ""))

    def _grid(self, part: Grid) -> None:
        header = [visible(column.label) for column in part.columns]
        body = [[plain(cell, self.zone) for cell in row.cells] for row in part.rows]
        rows = [[*row, *[""] * (len(header) - len(row))] for row in [header, *body]]
        widths = _widths(rows, TEXT_COLUMNS - 2)
        for number, row in enumerate(rows):
            cells = [
                clip(cell, width).rjust(width) if column.align is Align.RIGHT else clip(cell, width).ljust(width)
                for cell, width, column in zip(row, widths, part.columns, strict=False)
            ]
            self.lines.append(("  " + "  ".join(cells)).rstrip()[:TEXT_COLUMNS])
            if number == 0:
                self.lines.append(("  " + "  ".join("─" * width for width in widths)).rstrip()[:TEXT_COLUMNS])
        self._more(part.more, "")

    def _tasks(self, part: Tasks) -> None:
        rows = [
            [f"{TARGETS[target.state][0]} ", visible(target.name), visible(happened(target))] for target in part.targets
        ]
        for row, target in zip(_aligned(rows), part.targets, strict=True):
            reason = f": {plain(target.reason, self.zone)}" if target.reason else ""
            self._wrapped(row[0] + "  ".join(row[1:]).rstrip() + reason, "  ", "      ")
            if target.next_step:
                self._wrapped(f"→ {plain(target.next_step, self.zone)}", "      ")
        self._more(part.more, "")

    def _output(self, part: Output) -> None:
        if part.omitted:
            self.lines.append(f"  … {part.omitted:,} earlier lines left out")
        for text in part.lines:
            self._wrapped(output(text), "  | ")

    def _buttons(self, part: Buttons) -> None:
        choices = [visible(action.label) for action in part.actions if action.id is ActionId.CHOOSE]
        typed = [command(action) for action in part.actions]
        if choices:
            self._wrapped(f"Answer: {_alternatives(choices)}")
        elif part.quiet:
            self._wrapped(f"You could ask: {' · '.join(text for text in typed if text)}")
        elif any(typed):
            self._wrapped(f"Type: {' · '.join(dict.fromkeys(text for text in typed if text))}")

    def _fold(self, part: Fold) -> None:
        if not self.detailed:
            return
        self.lines.append("")
        self._wrapped(visible(part.title))
        for inner in part.parts:
            self.draw(inner)


def _alternatives(choices: Iterable[str]) -> str:
    return " | ".join(choices)


def _aligned(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows with their cells padded to columns; the first cell is a mark and stays as it is."""
    count = max((len(row) for row in rows), default=0)
    full = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [min(_CELL, max((len(row[index]) for row in full), default=0)) for index in range(count)]
    return [[row[0], *(cell.ljust(width) for cell, width in zip(row[1:], widths[1:], strict=True))] for row in full]


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Column widths that fit, taken from the widest columns first."""
    count = len(rows[0])
    widths = [min(_CELL, max(1, *(len(row[index]) for row in rows), 1)) for index in range(count)]
    while sum(widths) + 2 * (count - 1) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths
