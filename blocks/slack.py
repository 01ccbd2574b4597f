"""Components as Block Kit.

`render` gives the blocks of a message, `details` those of the private answer to Details, `fallback` the message's
`text`. Block ids carry the revision, because Slack wants new ones at each edit
(https://docs.slack.dev/reference/block-kit/blocks).
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from blocks import limits, text
from blocks.accents import EMOJI, TARGETS, TONES, Badge
from blocks.components import Component
from blocks.components.actions import Action, ActionId, ActionStyle, encode_value
from blocks.components.inline import Code, Line, Plain, line, strong
from blocks.components.rows import Fact, TargetProgress
from blocks.components.vocabulary import Align, TargetState, Tone
from blocks.escape import mrkdwn, output
from blocks.fitting import ELLIPSIS, clip, layouts
from blocks.layout import lay_out
from blocks.layout.execution import happened
from blocks.layout.parts import (
    Bar,
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
from blocks.slack_text import (
    Json,
    bold,
    code,
    is_plain,
    line_mrkdwn,
    line_plain,
    mrkdwn_text,
    plain_text,
    rich_block,
    rich_elements,
)
from blocks.wording import more

_LINES = limits.SLACK_SECTION - 200
_GREY_LINES = limits.SLACK_CONTEXT_TEXT - 100
_ROW = 700
_STATUS = {
    TargetState.PENDING: "pending",
    TargetState.RUNNING: "in_progress",
    TargetState.DONE: "complete",
    TargetState.FAILED: "error",
    TargetState.UNCERTAIN: "error",
    TargetState.SKIPPED: "pending",
    TargetState.CANCELLED: "pending",
}


def render(component: Component, *, revision: int = 0) -> list[Json]:
    """The blocks of a message; `revision` is how often the message was edited before."""
    return _fitted(lay_out(component), revision)


def details(component: Component, *, revision: int = 0) -> list[Json]:
    """What stands under Details, as blocks of a message of its own; empty where there is nothing more to say."""
    layout = lay_out(component)
    folded = tuple(part for fold in layout.parts if isinstance(fold, Fold) for part in fold.parts)
    heading = tuple(part for part in layout.parts if isinstance(part, Headline))
    return _fitted(Layout(accent=layout.accent, parts=(*heading, *folded)), revision) if folded else []


def fallback(component: Component) -> str:
    """The message's `text`: for notifications, screen readers and clients without blocks. Safe as mrkdwn."""
    lines = (mrkdwn(piece) for piece in text.render(component).splitlines())
    return clip("\n".join(lines), limits.SLACK_FALLBACK)


def action_of(action_id: str) -> ActionId:
    """Which press a Slack `action_id` stands for.

    Raises:
        ValueError: it is none of ours.
    """
    return ActionId(action_id.partition(":")[0])


def length(blocks: list[Json]) -> int:
    """Characters of the blocks' JSON, as Slack counts a message's size."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def _fitted(layout: Layout, revision: int) -> list[Json]:
    blocks: list[Json] = []
    for candidate in layouts(layout):
        blocks = _Message(revision=revision).draw(candidate)
        if len(blocks) <= limits.SLACK_BLOCKS and length(blocks) <= limits.SLACK_MESSAGE:
            return blocks
    return blocks[: limits.SLACK_BLOCKS]


@dataclass(slots=True, kw_only=True)
class _Message:
    """Blocks being drawn: consecutive lines become one block, so that a card stays compact on a phone."""

    revision: int
    blocks: list[Json] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    pending_grey: bool = False
    pressed: dict[str, int] = field(default_factory=dict)
    tables: int = 0

    def draw(self, layout: Layout) -> list[Json]:
        badge: Badge | None = None
        for part in layout.parts:
            if badge is not None:
                part = self._with_badge(part, badge)  # noqa: PLW2901 - the badge joins the grey line that follows
                badge = None
            if isinstance(part, Headline):
                self._headline(part)
                badge = part.badge
            else:
                self._draw_part(part)
        if badge is not None:
            self._lines([_badge(badge)], grey=True)
        self._flush()
        for index, block in enumerate(self.blocks):
            block["block_id"] = f"r{self.revision}.{index}"
        return self.blocks

    def _with_badge(self, part: Part, badge: Badge) -> Part:
        if isinstance(part, Words) and part.tone is Tone.GREY:
            lead = (Plain(text=f"{EMOJI[badge.accent]} "), Plain(text=badge.words, strong=True), Plain(text=" · "))
            return Words(text=(*lead, *part.text), tone=Tone.GREY)
        self._lines([_badge(badge)], grey=True)
        return part

    def _draw_part(self, part: Part) -> None:
        draw: dict[type, Callable[..., None]] = {
            Words: self._words,
            Title: self._title,
            Facts: self._facts,
            Listing: self._listing,
            Grid: self._grid,
            Tasks: self._tasks,
            Bars: self._bars,
            Spark: self._spark,
            Picture: self._picture,
            Output: self._output,
            Buttons: self._buttons,
        }
        if type(part) in draw:
            draw[type(part)](part)

    def _lines(self, lines: Iterable[str], *, grey: bool = False) -> None:
        """Add lines to the running paragraph, starting a new block where the kind changes or it would be too long."""
        for text_line in lines:
            if not text_line.strip():
                continue
            size = sum(len(waiting) + 1 for waiting in self.pending) + len(text_line)
            most = _GREY_LINES if grey else _LINES
            if self.pending and (grey != self.pending_grey or size > most):
                self._flush()
            self.pending.append(text_line)
            self.pending_grey = grey

    def _flush(self) -> None:
        if not self.pending:
            return
        body = mrkdwn_text("\n".join(self.pending))
        self.pending = []
        if self.pending_grey:
            self.blocks.append({"type": "context", "elements": [body]})
        else:
            self.blocks.append({"type": "section", "text": body})

    def _add(self, block: Json) -> None:
        self._flush()
        self.blocks.append(block)

    def _headline(self, part: Headline) -> None:
        if not part.text:
            return
        if is_plain(part.text) and len(line_plain(part.text)) <= limits.SLACK_HEADER:
            self._add({"type": "header", "text": plain_text(line_plain(part.text), limits.SLACK_HEADER)})
            return
        self._lines([line_mrkdwn(strong(part.text), _LINES)])
        self._flush()

    def _words(self, part: Words) -> None:
        mark = f"{EMOJI[TONES[part.tone]]} " if part.tone in {Tone.WARNING, Tone.BAD, Tone.GOOD} else ""
        grey = part.tone is Tone.GREY
        self._lines([mark + line_mrkdwn(part.text, _GREY_LINES if grey else _LINES)], grey=grey)

    def _title(self, part: Title) -> None:
        self._flush()
        self._lines([line_mrkdwn(strong(part.text), _LINES)])

    def _facts(self, part: Facts) -> None:
        self._lines(_fact(fact) for fact in part.rows)

    def _listing(self, part: Listing) -> None:
        for number, item in enumerate(part.items, start=part.first):
            row = _row(item, number if part.numbered else 0)
            if item.action is None:
                self._lines([row])
            else:
                self._add({"type": "section", "text": mrkdwn_text(row), "accessory": self._button(item.action)})
        hint = f", {part.hint}" if part.hint and part.more else ""
        self._lines([mrkdwn(more(part.more) + hint)])
        self._flush()

    def _grid(self, part: Grid) -> None:
        rows = part.rows[: limits.SLACK_TABLE_ROWS - 1]
        if self.tables >= limits.SLACK_TABLES:
            self._lines(" · ".join(line_mrkdwn(cell, _ROW // 4) for cell in row.cells[:4]) for row in rows)
        elif rows:
            self.tables += 1
            columns = part.columns[: limits.SLACK_TABLE_CELLS]
            header = [{"type": "raw_text", "text": line_plain(line(column.label)) or " "} for column in columns]
            cells = [
                [_cell(row.cells[index] if index < len(row.cells) else ()) for index in range(len(columns))]
                for row in rows
            ]
            settings = [{"align": "right" if column.align is Align.RIGHT else "left"} for column in columns]
            self._add({"type": "table", "rows": [header, *cells], "column_settings": settings})
        self._lines([mrkdwn(more(part.more + len(part.rows) - len(rows)))], grey=True)

    def _tasks(self, part: Tasks) -> None:
        targets = part.targets[: limits.SLACK_PLAN_TASKS]
        cards = [_task(target, number) for number, target in enumerate(targets, start=1)]
        self._add(
            {
                "type": "plan",
                "title": clip(line_plain(line(part.title)), limits.SLACK_TASK_TITLE) or "-",
                "tasks": cards,
            }
        )
        self._lines([mrkdwn(more(part.more + len(part.targets) - len(targets)))], grey=True)
        offered = tuple(target.action for target in targets if target.action is not None)
        if offered:
            self._buttons(Buttons(actions=offered[:5]))

    def _bars(self, part: Bars) -> None:
        self._lines(_bar(bar) for bar in part.bars)
        self._lines([mrkdwn(more(part.more))], grey=True)

    def _spark(self, part: Spark) -> None:
        self._lines([code(text.spark(part.shares))])
        self._lines([line_mrkdwn(line(part.caption), _ROW)], grey=True)

    def _picture(self, part: Picture) -> None:
        alt = clip(line_plain(line(part.alt)), limits.SLACK_ALT_TEXT) or "picture"
        if part.slack_file:
            self._add({"type": "image", "slack_file": {"id": part.slack_file}, "alt_text": alt})
        elif part.url.startswith("https://"):
            self._add({"type": "image", "image_url": part.url, "alt_text": alt})
        else:
            for other in part.instead:
                self._draw_part(other)

    def _output(self, part: Output) -> None:
        if part.omitted:
            self._lines([mrkdwn(f"{part.omitted:,} earlier lines left out")], grey=True)
        if part.lines:
            body = "\n".join(output(text_line) for text_line in part.lines)
            element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": body or " "}]}
            self._add({"type": "rich_text", "elements": [element]})

    def _buttons(self, part: Buttons) -> None:
        buttons = [self._button(action) for action in part.actions[: limits.SLACK_ACTIONS_ELEMENTS]]
        self._add({"type": "actions", "elements": buttons})

    def _button(self, action: Action) -> Json:
        times = self.pressed.get(action.id, 0)
        self.pressed[action.id] = times + 1
        button: Json = {
            "type": "button",
            "action_id": f"{action.id.value}:{times}" if times else action.id.value,
            "text": plain_text(action.label, limits.SLACK_BUTTON_TEXT),
            "value": encode_value(action.value),
        }
        if action.style is not ActionStyle.DEFAULT:
            button["style"] = action.style.value
        if action.confirm:
            button["confirm"] = {
                "title": plain_text(action.label, limits.SLACK_CONFIRM_TITLE),
                "text": plain_text(action.confirm, limits.SLACK_CONFIRM_TEXT),
                "confirm": plain_text("Yes", 30),
                "deny": plain_text("No", 30),
            }
        return button


def _badge(badge: Badge) -> str:
    return f"{EMOJI[badge.accent]} {bold(badge.words)}"


def _fact(fact: Fact) -> str:
    label = line_mrkdwn(line(Plain(text=fact.label, strong=True)), _ROW)
    return f"{label}  {line_mrkdwn(fact.value, _LINES - _ROW - 2)}"


def _row(item: Item, number: int) -> str:
    """One row of a list on one line, what is to be done about it on the next."""
    lead = f"{number}. " if number else f"{item.mark} " if item.mark else "• "
    parts: list[str] = [line_mrkdwn(line(Plain(text=item.name, strong=True)), _ROW)] if item.name else []
    parts += [line_mrkdwn(cell, _ROW) for cell in item.cells if cell]
    if item.id:
        known = line_mrkdwn(line(Code(text=item.id)), _ROW)
        named = [f"{parts[0]} {known}"] if parts else [known]
        parts = named + parts[1:]
    under = line_mrkdwn(item.under, _ROW)
    row = lead + _within(parts, _LINES - _ROW - 50)
    return row + (f"\n      ↳ {under}" if under.strip() else "")


def _within(parts: list[str], most: int) -> str:
    """Whole parts only: markup is never cut in the middle."""
    kept: list[str] = []
    for part in parts:
        if sum(len(other) + 3 for other in kept) + len(part) > most:
            kept.append(ELLIPSIS)
            break
        if part.strip():
            kept.append(part)
    return " · ".join(kept)


def _bar(bar: Bar) -> str:
    label = line_mrkdwn(line(Plain(text=bar.label, strong=True)), _ROW)
    return f"{code(text.bar(bar.share))} {label}  {line_mrkdwn(line(bar.text), _ROW)}"


def _cell(cell: Line) -> Json:
    if is_plain(cell) and not any(isinstance(piece, Plain) and piece.strong for piece in cell):
        return {"type": "raw_text", "text": line_plain(cell).strip() or " "}
    return rich_block(rich_elements(cell))


def _task(target: TargetProgress, number: int) -> Json:
    """A task card; what Slack has no state for (uncertain, skipped) is said in words."""
    card: Json = {
        "type": "task_card",
        "task_id": f"t{number}",
        "title": clip(line_plain(line(target.name)), limits.SLACK_TASK_TITLE) or "-",
        "status": _STATUS[target.state],
    }
    said: Line = line(happened(target))
    if target.state in {TargetState.UNCERTAIN, TargetState.SKIPPED, TargetState.CANCELLED} and target.doing:
        said = line(f"{TARGETS[target.state][1]}: ", *said)
    if target.reason:
        said = (*said, *line(": "), *target.reason)
    card["output"] = rich_block(rich_elements(said))
    if target.next_step:
        card["details"] = rich_block(rich_elements(target.next_step))
    return card
