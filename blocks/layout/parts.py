"""The few parts every card is made of, in reading order. Renderers know these and nothing about components."""

from dataclasses import dataclass, field

from blocks.accents import Accent, Badge
from blocks.components.actions import Action
from blocks.components.inline import Line
from blocks.components.rows import Column, Fact, TableRow, TargetProgress
from blocks.components.vocabulary import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The first line: the answer, with its state at the side."""

    text: Line
    badge: Badge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One paragraph or line; grey ones are small."""

    text: Line
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A heading inside a card."""

    text: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Labels with values."""

    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of a list: a name in bold, its id in monospace, what is to be known of it, one thing to press.

    `mark` is a short status sign, `under` a second line.
    """

    name: str = ""
    id: str = ""
    cells: tuple[Line, ...] = ()
    mark: str = ""
    tone: Tone = Tone.NORMAL
    under: Line = ()
    action: Action | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Rows; `more` counts the ones not given, `aligned` lines the cells up as columns where that can be done, numbers begin at `first`."""

    items: tuple[Item, ...]
    more: int = 0
    hint: str = ""
    numbered: bool = False
    first: int = 1
    aligned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table with a header; `more` counts the rows not given."""

    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """Targets being worked on."""

    title: str
    targets: tuple[TargetProgress, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: `share` of the longest is 0 to 1, `text` is its value in words."""

    label: str
    share: float
    text: str
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Values side by side."""

    bars: tuple[Bar, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A run of values as one line of small columns, each 0 to 1, with what the first and last stand for."""

    shares: tuple[float, ...]
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image of ours: a console path or https address, or a file uploaded to Slack.

    `alt` says it in words, `instead` says it where the image cannot be shown.
    """

    url: str
    slack_file: str
    alt: str
    instead: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Lines of a program, monospace, oldest first."""

    lines: tuple[str, ...]
    omitted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """Things to press. Quiet ones are offers (ready questions), not decisions."""

    actions: tuple[Action, ...]
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """What is shown on demand: under Details."""

    title: str
    parts: tuple["Part", ...]


Part = Headline | Words | Title | Facts | Listing | Grid | Tasks | Bars | Spark | Picture | Output | Buttons | Fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A card before it is drawn."""

    accent: Accent
    parts: tuple[Part, ...] = field(default=())
