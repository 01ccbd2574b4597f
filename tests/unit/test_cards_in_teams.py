"""Cards on the width and in the colours of Teams, where they would otherwise be hard to read."""

import json

import pytest

from blocks import adaptive
from blocks.components import (
    Action,
    ActionId,
    Align,
    Code,
    Column,
    MorningReportCard,
    Note,
    ResourceTable,
    TableRow,
    TargetRow,
    line,
)
from blocks.components.report import ReportItem, ReportSection
from blocks.components.vocabulary import Tone
from tests.golden.card_samples import SAMPLES

LABELS = ("Name", "Where", "State", "Size", "Team")
FIGURES = ("CPU 14 d", "Network a day")
IDLE = ResourceTable(
    title="1 idle EC2 instance",
    columns=(
        *(Column(label=label) for label in LABELS),
        *(Column(label=label, align=Align.RIGHT) for label in FIGURES),
    ),
    rows=(
        TableRow(
            cells=(
                line("web-dev-1", "  ", Code(text="i-099d65c96b0890cd3")),
                *("us-east-1a", "running 212 d", "t3.medium", "platform", "0.9 %", "1.0 MB"),
            )
        ),
    ),
    total=1,
)


def table_of(card):
    """The rows of a card's only table, each cell as its texts."""
    (table,) = [one for one in card["body"] if one["type"] == "Table"]
    return [[[_said(item) for item in cell["items"]] for cell in row["cells"]] for row in table["rows"]]


def _said(item):
    runs = item.get("inlines", [item])
    return "".join(run["text"] for run in runs)


def yellow(value):
    """Every piece of text in the colour of a warning, but bars, which are a picture."""
    if isinstance(value, list):
        return [found for one in value for found in yellow(one)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("color") == "warning" and set(value["text"]) - set("█░") else []
    return own + [found for one in value.values() for found in yellow(one)]


@pytest.mark.parametrize("name", SAMPLES)
def test_no_words_are_yellow_on_white(name):
    """Teams writes a warning in yellow; there it is said by a sign, in the colour of all words."""
    assert yellow(adaptive.render(SAMPLES[name], mentions=True)) == []


def test_the_console_shows_warnings_in_its_own_colour():
    """It can be read there, so something must be found."""
    assert any(yellow(adaptive.render(sample)) for sample in SAMPLES.values())


def test_a_warning_is_marked_by_a_sign_in_teams_and_by_its_colour_in_the_console():
    """The console's own colours can be read, so there nothing changes."""
    note = Note(text=line("two were left out"), tone=Tone.WARNING)
    listed = IDLE.model_copy(update={"notes": (note,)})
    row = TargetRow(name="web-1", id="i-1", warning="behind a load balancer")
    plan = SAMPLES["execution_plan"].model_copy(update={"rows": (row,)})
    for card, words in ((listed, "two were left out"), (plan, "behind a load balancer")):
        assert f"⚠ {words}" in json.dumps(adaptive.render(card, mentions=True), ensure_ascii=False)
        assert yellow(adaptive.render(card)) == [words]


def test_a_wide_table_keeps_its_figures_and_puts_words_under_the_names():
    """Seven columns do not fit; what moves says in the header what it is."""
    head, row = table_of(adaptive.render(IDLE, mentions=True))
    assert head == [["Name", "State · Size · Team"], ["Where"], ["CPU 14 d"], ["Network a day"]]
    assert row == [
        ["web-dev-1", "i-099d65c96b0890cd3", "running 212 d · t3.medium · platform"],
        ["us-east-1a"],
        ["0.9 %"],
        ["1.0 MB"],
    ]


def test_the_console_has_room_for_every_column():
    """Only the id goes under its name there."""
    head, row = table_of(adaptive.render(IDLE))
    assert head == [[label] for label in (*LABELS, *FIGURES)]
    assert row[0] == ["web-dev-1", "i-099d65c96b0890cd3"]
    assert len(row) == len(head)


def test_a_row_has_as_many_cells_to_see_as_its_header():
    """A host leaves out a cell without items and moves its neighbours under the wrong header."""
    buckets = IDLE.model_copy(update={"rows": (TableRow(cells=("logs", "us-east-1", "public", (), "data")),)})
    for mentions in (True, False):
        rows = table_of(adaptive.render(buckets, mentions=mentions))
        assert len({len(row) for row in rows}) == 1
        assert all(cell for row in rows for cell in row)


@pytest.mark.parametrize(("label", "beside"), [("Show", True), ("make bucket acme-payroll-exports private", False)])
def test_a_long_button_stands_under_its_row(label, beside):
    """Beside it, it would leave the words a column of one word."""
    item = ReportItem(text=line("Bucket is public"), action=Action(id=ActionId.ASK, label=label))
    report = MorningReportCard(greeting="Good morning", sections=(ReportSection(title="Needs you", items=(item,)),))
    kinds = [one["type"] for one in adaptive.render(report, mentions=True)["body"]]
    assert ("ColumnSet" in kinds) is beside
    assert ("ActionSet" in kinds) is not beside
