"""Components as Adaptive Cards 1.5, for Teams and for Microsoft's renderer in the web console.

A press arrives as `{"action": <ActionId>, "value": {…ids}}` plus the typed texts under their `AskKind` (`reason`,
`count`, `name`, `code`, `text`); as the verb of an `Action.Execute`, or as the same data of its `Action.Submit`
fallback where a host does not know universal actions.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks import limits, text
from blocks.accents import TARGETS, Accent
from blocks.accents import TONES as TONE_ACCENTS
from blocks.adaptive_actions import beside, buttons, choices, row_action, show
from blocks.adaptive_tables import Shape, below, named, shape, table
from blocks.adaptive_text import COLORS, SIGNS, STYLES, Json, Mentions, block, colored, words
from blocks.components import Component
from blocks.components.actions import Action, ActionId
from blocks.components.inline import Code, Line, Plain, line
from blocks.components.rows import Fact, TargetProgress
from blocks.components.vocabulary import Align, Tone
from blocks.escape import inert, output
from blocks.fitting import layouts
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
from blocks.wording import more

_GREY: Json = {"isSubtle": True, "size": "Small"}


def render(component: Component, *, mentions: bool = False) -> Json:
    """The card; `mentions` makes people of Teams live mentions (Teams only: other hosts would show the tags)."""
    layout = lay_out(component)
    card: Json = {}
    for candidate in layouts(layout):
        card = _Card(mentions=Mentions(live=mentions)).draw(candidate)
        if length(card) <= limits.CARD_CHARACTERS:
            return card
    return card


def length(card: Json) -> int:
    """Characters of the card's JSON."""
    return len(json.dumps(card, ensure_ascii=False, separators=(",", ":")))


@dataclass(slots=True, kw_only=True)
class _Card:
    """A card being drawn."""

    mentions: Mentions
    body: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)
    fold: Json | None = None

    def draw(self, layout: Layout) -> Json:
        for part in layout.parts:
            if isinstance(part, Fold):
                self.fold = self._folded(part)
        for part in layout.parts:
            self._draw_part(part, layout.accent)
        if self.fold is not None:
            self.actions.append(self.fold)
        card: Json = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": limits.CARD_VERSION,
            "body": self.body,
        }
        if self.actions:
            card["actions"] = self.actions[: limits.CARD_ACTIONS]
        if self.mentions.live:
            card["msteams"] = {"width": "Full", "entities": self.mentions.entities}
        return card

    def _folded(self, part: Fold) -> Json:
        inner = _Card(mentions=self.mentions)
        for other in part.parts:
            inner._draw_part(other, Accent.NEUTRAL)
        return show(part.title, inner.body, [])

    def _draw_part(self, part: Part, accent: Accent) -> None:
        if isinstance(part, Headline):
            self._headline(part, accent)
            return
        draw: dict[type, Callable[[Any], None]] = {
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

    def _headline(self, part: Headline, accent: Accent) -> None:
        if not part.text and part.badge is None:
            return
        title = block(part.text, self.mentions, size="Medium", weight="Bolder") if part.text else None
        items = [title] if title is not None else []
        if part.badge is None:
            self.body += items
            return
        badge: Json = {
            "type": "TextBlock",
            "text": f"● {inert(part.badge.words)}",
            "weight": "Bolder",
            "size": "Small",
            "wrap": True,
            "horizontalAlignment": "Right",
        }
        columns = [
            {"type": "Column", "width": "stretch", "items": items, "verticalContentAlignment": "Center"},
            {"type": "Column", "width": "auto", "items": [badge], "verticalContentAlignment": "Center"},
        ]
        self.body.append(
            {
                "type": "Container",
                "style": STYLES[accent],
                "bleed": True,
                "items": [{"type": "ColumnSet", "columns": columns}],
            }
        )

    def _words(self, part: Words) -> None:
        look = dict(_GREY) if part.tone is Tone.GREY else colored(part.tone, teams=self.mentions.live)
        first = bool(self.body) and self.body[-1].get("bleed") is True
        said = (*line(self._sign(part.tone)), *part.text)
        self.body.append(block(said, self.mentions, spacing="Default" if first else "Small", **look))

    def _color(self, accent: Accent) -> str:
        return "default" if self.mentions.live and accent is Accent.WARNING else COLORS[accent]

    def _sign(self, tone: Tone) -> str:
        return SIGNS.get(tone, "") if self.mentions.live else ""

    def _title(self, part: Title) -> None:
        self.body.append(block(part.text, self.mentions, weight="Bolder", spacing="Medium"))

    def _facts(self, part: Facts) -> None:
        if any(isinstance(piece, Code) for row in part.rows for piece in row.value):
            self.body += [self._fact(row) for row in part.rows]
            return
        facts = [
            {"title": inert(row.label) or " ", "value": words(row.value, self.mentions) or " "} for row in part.rows
        ]
        self.body.append({"type": "FactSet", "facts": facts, "spacing": "Small"})

    def _fact(self, row: Fact) -> Json:
        """A label and a value with monospace in it, which a fact set cannot show."""
        label = block(line(row.label), self.mentions, **_GREY)
        value = block(row.value, self.mentions, size="Small")
        columns = [
            {"type": "Column", "width": "76px", "items": [label]},
            {"type": "Column", "width": "stretch", "items": [value]},
        ]
        return {"type": "ColumnSet", "columns": columns, "spacing": "Small"}

    def _listing(self, part: Listing) -> None:
        if part.aligned and part.items:
            self.body.append(self._aligned(part))
        else:
            for number, item in enumerate(part.items, start=part.first):
                self.body += self._item(item, number if part.numbered else 0)
        hint = f", {part.hint}" if part.hint and part.more else ""
        self._more(more(part.more) + hint)

    def _more(self, said: str) -> None:
        if said:
            self.body.append(block(line(f"… {said}"), self.mentions, spacing="Small", **_GREY))

    def _aligned(self, part: Listing) -> Json:
        """Rows as columns whose widths follow their contents; ids stand under their names, which a phone has room for."""
        width = max(len(item.cells) for item in part.items)
        rows = []
        for item in part.items:
            cells = [*item.cells, *[()] * (width - len(item.cells))]
            named = self._named(line(Plain(text=item.name, strong=True)), line(Code(text=item.id)))
            if item.under:
                look = colored(item.tone, teams=self.mentions.live)
                said = (*line(self._sign(item.tone)), *item.under)
                named["items"].append(block(said, self.mentions, spacing="None", size="Small", **look))
            rows.append([named, *(self._cell(cell, size="Small") for cell in cells)])
        names = max(max(len(item.name), len(item.id)) * 6 // 5 for item in part.items)
        widths = [
            max((len(text.plain(item.cells[n])) for item in part.items if n < len(item.cells)), default=1)
            for n in range(width)
        ]
        return table([names, *widths], rows, header=False)

    def _named(self, name: Line, id_: Line) -> Json:
        """A cell with a name and, under it, its id."""
        cell = self._cell(name)
        if any(isinstance(piece, Code) and piece.text for piece in id_):
            cell["items"].append(block(id_, self.mentions, spacing="None", size="Small", isSubtle=True))
        return cell

    def _cell(self, cell: Line, **look: Any) -> Json:
        """A cell; an empty one holds a space, because a host leaves out a cell without items and moves its neighbours."""
        return {"type": "TableCell", "items": [block(cell or line(" "), self.mentions, **look)]}

    def _item(self, item: Item, number: int) -> list[Json]:
        lead = f"{number}. " if number else f"{item.mark}  " if item.mark else ""
        look = {"isSubtle": True} if item.tone is Tone.GREY else colored(item.tone, teams=self.mentions.live)
        if item.mark and item.tone is not Tone.GREY:
            look = {}
        color = colored(item.tone, teams=self.mentions.live and item.tone is Tone.WARNING)
        start = [{"type": "TextRun", "text": lead, "weight": "Bolder", "color": "default", **color}] if lead else []
        sign = "" if item.mark else self._sign(item.tone)
        items = [block((*line(sign), *_row(item)), self.mentions, start=start, **look)]
        if item.under:
            items.append(block(item.under, self.mentions, spacing="None", **_GREY))
        if item.action is None:
            items[0]["spacing"] = "Small"
            return items
        if self.mentions.live and not beside(item.action):
            items[0]["spacing"] = "Medium"
            return [*items, row_action(item.action) | {"spacing": "Small"}]
        columns = [
            {"type": "Column", "width": "stretch", "items": items, "verticalContentAlignment": "Center"},
            {"type": "Column", "width": "auto", "items": [row_action(item.action)]},
        ]
        return [{"type": "ColumnSet", "columns": columns, "spacing": "Small"}]

    def _grid(self, part: Grid) -> None:
        """A table with a header; ids, and in Teams what has no room beside, stand under the names of the first column."""
        form = shape(part, narrow=self.mentions.live)
        if form.kept:
            rows = [self._grid_row([line(one.label) for one in part.columns], part, form, header=True)]
            rows += [self._grid_row(row.cells, part, form) for row in part.rows]
            self.body.append(table(form.widths, rows, header=True))
        self._more(more(part.more))

    def _grid_row(self, row: Sequence[Line], part: Grid, form: Shape, *, header: bool = False) -> list[Json]:
        full = [*row, *[()] * (len(part.columns) - len(row))]
        look: Json = {"weight": "Bolder"} if header else {}
        aligns = ["Right" if one.align is Align.RIGHT else "Left" for one in part.columns]
        cells = [
            self._cell(full[index], **look, size="Small", horizontalAlignment=aligns[index]) for index in form.kept
        ]
        name, identity = named(full, form)
        if identity and not header:
            cells[0] = self._named(name, identity)
        if under := below(full, form):
            cells[0]["items"].append(block(under, self.mentions, spacing="None", **_GREY))
        return cells

    def _tasks(self, part: Tasks) -> None:
        if part.targets:
            rows = [self._task(target) for target in part.targets]
            self.body.append(table([20, 24], rows, header=False))
        self._more(more(part.more))
        offered = [target.action for target in part.targets if target.action is not None]
        if offered:
            self._buttons(Buttons(actions=tuple(offered[:3])))

    def _task(self, target: TargetProgress) -> list[Json]:
        mark, _, accent = TARGETS[target.state]
        name = self._cell(line(Plain(text=f"{mark}  ", strong=True), Plain(text=target.name, strong=True)))
        name["items"][0]["inlines"] = [
            {"type": "TextRun", "text": f"{mark}  ", "color": self._color(accent), "weight": "Bolder"},
            {"type": "TextRun", "text": inert(target.name), "weight": "Bolder"},
        ]
        reason: Line = (*line(": "), *target.reason) if target.reason else ()
        color: Json = {"color": self._color(accent)} if accent is not Accent.NEUTRAL else {"isSubtle": True}
        said = self._cell((*line(happened(target)), *reason), **color)
        if target.next_step:
            said["items"].append(block(target.next_step, self.mentions, spacing="None", **_GREY))
        return [name, said]

    def _bars(self, part: Bars) -> None:
        for bar in part.bars:
            color = COLORS[TONE_ACCENTS[bar.tone]] if bar.tone is not Tone.NORMAL else "accent"
            runs = [
                {"type": "TextRun", "text": text.bar(bar.share), "fontType": "Monospace", "color": color},
                {"type": "TextRun", "text": f"  {inert(bar.label)}", "weight": "Bolder"},
                {"type": "TextRun", "text": f"  {inert(bar.text)}"},
            ]
            self.body.append({"type": "RichTextBlock", "inlines": runs, "spacing": "Small"})
        self._more(more(part.more))

    def _spark(self, part: Spark) -> None:
        run = {
            "type": "TextRun",
            "text": text.spark(part.shares) or " ",
            "fontType": "Monospace",
            "color": "accent",
            "size": "Large",
        }
        self.body.append({"type": "RichTextBlock", "inlines": [run]})
        self.body.append(block(line(part.caption), self.mentions, spacing="None", **_GREY))

    def _picture(self, part: Picture) -> None:
        if part.url:
            self.body.append({"type": "Image", "url": part.url, "altText": inert(part.alt), "size": "Stretch"})
            return
        for other in part.instead:
            self._draw_part(other, Accent.NEUTRAL)

    def _output(self, part: Output) -> None:
        """Program output; hosts collapse runs of spaces, so every second one is a hard space."""
        lead = [f"… {part.omitted:,} earlier lines left out"] if part.omitted else []
        lines = [*lead, *(output(text_line).replace("  ", "\N{NO-BREAK SPACE} ") for text_line in part.lines)]
        look: Json = {"fontType": "Monospace", "size": "Small"}
        items = [
            {
                "type": "RichTextBlock",
                "spacing": "None",
                "inlines": [{"type": "TextRun", "text": text_line or " ", **look}],
            }
            for text_line in lines
        ]
        self.body.append({"type": "Container", "style": "emphasis", "items": items, "spacing": "Default"})

    def _buttons(self, part: Buttons) -> None:
        choosing = [action for action in part.actions if action.id is ActionId.CHOOSE]
        if len(choosing) > limits.CARD_ACTIONS:
            self.body += choices(choosing)
            return
        if part.quiet:
            self.body.append({"type": "ActionSet", "actions": buttons(part.actions), "spacing": "Medium"})
            return
        self._decisions(part.actions)

    def _decisions(self, actions: Sequence[Action]) -> None:
        """Decisions become the card's own actions; Details opens in place where the card carries it."""
        for action in actions:
            if action.id is ActionId.DETAILS and self.fold is not None:
                self.actions.append(self.fold)
                self.fold = None
            else:
                self.actions += buttons([action])


def _named(item: Item) -> Line:
    name = (Plain(text=item.name, strong=True),) if item.name else ()
    joint = line("  ") if item.name and item.id else ()
    return (*name, *joint, *((Code(text=item.id),) if item.id else ()))


def _row(item: Item) -> Line:
    pieces: list[Line] = [_named(item)] if item.name or item.id else []
    pieces += [cell for cell in item.cells if cell]
    joined: list[Any] = []
    for number, cell in enumerate(pieces):
        joined += [*line("  ·  " if number else ""), *cell]
    return tuple(joined)
