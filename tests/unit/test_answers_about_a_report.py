"""Questions about the lines of a report: one of them, those that fit, what changed, what could be saved, what was not seen."""

import pytest

from agent_server.contract.answer import Snapshot
from tests.fakes.snapshots import rows, snapshot, told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what was row 2", "Line 2: r2 (EC2 instance, us-east-1, dev): idle, about $60.74 a month. CPU at most 2 % on 14 of 14 days."),
        ("explain row 4", "Line 4: r4 (EC2 instance, us-east-1, dev): idle."),
        ("in today's report what is the third finding about", "Line 3: r3"),
        ("explain the last row of the report", "Line 6: r6"),
        ("which of the findings are in prod", "3 of 6 lines are in prod: 1. r1 (S3 bucket, us-east-1, prod): readable by anyone 3. r3"),
        ("how many rows in the report are idle", "3 of 6 lines are idle: 2. r2"),
        ("which bucket is public in the report", "1 of 6 lines are exposed and about object stores: 1. r1"),
        ("which rows in the report are azure", "1 of 6 lines are in Azure: 6. r6"),
        ("is anything public in the report", "1 of 6 lines are exposed: 1. r1"),
        ("how many lines are in the report", "6 lines: 1. r1"),
        ("what changed in the report", "2 changes: 1 new, 1 gone. 5. r5"),
        ("how much would we save", "Stopping the 2 idle ones would save about $201 a month at list prices: r3 $140, r2 $60.74. 1 of them has no known price and is not in it."),
        ("how much would we save if we stopped idle dev vms", "Stopping the idle one would save about $60.74 a month at list prices: r2 $60.74. 1 of them has"),
        ("what could you not see in the report", "Not seen: r9 eu-west-1 rds (access denied)."),
        ("summarise the report", "14 March cost $132 (+$32.50, +32.5 % against the day before); March so far $1,432 of $3,000, forecast $3,172. 6 lines: 1 waiting for you, 3 idle, 2 changed."),
        ("what did the report say about s3", "1 of 6 lines are about S3"),
        ("which rows in the report are in staging", "None of the 6 lines are in staging. 1 line could not be judged: no environment that I know is recorded there."),
    ],
)  # fmt: skip
def test_lines_of_a_report(text, said):
    """What is counted and added up is what stands there."""
    reply = told(text)
    assert reply.known
    assert said in " ".join(reply.paragraphs)


def test_an_answer_names_the_rows_it_rests_on():
    """So that the surface can point at them."""
    assert told("which of the findings are in prod").rows == [1, 3, 5]
    assert told("what was row 2").rows == [2]


def test_what_can_be_done_about_a_row_is_offered():
    """As one would type it, over the handle."""
    assert told("what was row 2").suggestions == ["stop r2"]


@pytest.mark.parametrize(
    ("text", "given", "missing"),
    [
        ("explain row 40", snapshot(), "There is no line 40: they are numbered from 1 to 6."),
        ("explain row 1", Snapshot(), "No numbered line was shown here"),
        ("does the report include taxes", snapshot(), "I will not guess"),
        ("summarise the report", Snapshot(), "No report was delivered here"),
        ("how much would we save", snapshot(rows=[]), "I see nothing idle in these figures"),
        ("how much would we save", snapshot(rows=[rows()[3]]), "none has a known price"),
        ("what changed in the report", snapshot(rows=[]), "lists no changes"),
    ],
)
def test_what_does_not_stand_there_is_not_made_up(text, given, missing):
    """Not known, and why."""
    reply = told(text, given)
    assert not reply.known
    assert missing in " ".join(reply.paragraphs)


def test_what_is_not_known_offers_what_is():
    """Every dead end has a door."""
    assert "why did spending go up" in told("does the report include taxes").suggestions
