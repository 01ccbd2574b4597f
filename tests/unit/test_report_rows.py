"""The numbers of a report's lines, and the cost lines that it keeps for later questions."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pydantic import TypeAdapter

from blocks import text as plain
from bot.views.report import report_card
from engine.clouds.billing import CostLine
from engine.reports.cuts import Cut
from engine.reports.figures import Cost, Happened, IdleMachine, MorningReport, PublicBucket
from engine.reports.history import lines, series
from engine.reports.rows import OverBudget, UnusualDay, rows
from engine.reports.snapshot import Telling, of_report

DAY = date(2026, 3, 14)
COST = Cost(
    day=DAY,
    yesterday=120.0,
    before=100.0,
    month=1400.0,
    budget=2000.0,
    forecast=3100.0,
    unusual=((date(2026, 3, 6), 300.0, 100.0),),
)
BUCKET = PublicBucket(name="my-exports", id="arn:b", account="1", data_class="customer")


def report(**fields):
    """A report with one line of each sort, seven idle machines and one change."""
    idle = tuple(
        IdleMachine(
            name=f"idle-{n}",
            id=f"i-{n}",
            type="ec2::instance",
            region="us-east-1",
            size="t3.large",
            sentence="CPU low",
            monthly=60.0,
        )
        for n in range(7)
    )
    change = Happened(kind="added", name="new-1", type="ec2::instance", region="us-east-1", what="", id="i-9")
    made = MorningReport(
        id="morning-1",
        made_at=datetime(2026, 3, 15, 2, tzinfo=UTC),
        resources=9,
        cost=COST,
        idle=idle,
        public=(BUCKET,),
        changes=(change,),
    )
    return replace(made, **fields)


def test_lines_are_numbered_through_from_what_needs_somebody_to_the_changes():
    """A bucket, the budget, an unusual day, five idle machines, a change: nine lines, each with one number."""
    found = dict(rows(report()).numbered())
    assert [type(found[n]) for n in (1, 2, 3)] == [PublicBucket, OverBudget, UnusualDay]
    assert [found[n].name for n in (4, 8, 9)] == ["idle-0", "idle-4", "new-1"]
    assert len(found) == 9
    assert rows(report()).more_idle == 2


def test_the_card_shows_the_same_numbers():
    """What a reader counts is what "explain row 4" means."""
    shown = plain.render(report_card(report()))
    for number, start in ((1, "Bucket my-exports"), (3, "6 March cost"), (4, "idle-0"), (8, "idle-4"), (9, "new-1")):
        assert f"{number}. {start}" in shown.replace("  ", " ") or f"{number}  {start}" in shown, shown


def test_without_money_there_are_no_lines_about_it():
    """The idle machines move up."""
    assert rows(report(cost=None)).first_idle == 2


def test_kept_cost_lines_come_back_as_they_were():
    """By account, service and day; days without a line stay without one."""
    given = [
        CostLine(day=DAY - timedelta(days=ago), account=account, service=service, amount=amount)
        for ago, account, service, amount in (
            (0, "1", "EC2", 10.5),
            (3, "1", "EC2", 9.0),
            (0, "1", "S3", 1.25),
            (1, "2", "EC2", 7.0),
        )
    ]
    key = lambda one: (one.account, one.service, one.day)  # noqa: E731 - the order for comparing
    assert sorted(lines(series(given)), key=key) == sorted(given, key=key)


def test_two_lines_of_one_day_are_one():
    """Bills split a service; sums do not care."""
    both = [CostLine(day=DAY, account="1", service="EC2", amount=amount) for amount in (1.5, 2.5)]
    assert [one.amount for one in lines(series(both))] == [4.0]


def test_a_report_that_was_kept_before_it_kept_its_cost_lines_can_still_be_asked_about():
    """Its days are totals only, and its changes have no ids; what it does not tell is then said to be missing."""
    old = TypeAdapter(MorningReport).dump_python(report(), mode="json")
    old["cost"] |= {"days": [["2026-03-13", 100.0], ["2026-03-14", 120.0]]}
    del old["cost"]["history"]
    for change in old["changes"]:
        del change["id"]
    kept = TypeAdapter(MorningReport).validate_json(json.dumps(old))
    telling = Telling(payers={}, find=lambda _id: None, environment_tags=("env",), redact=lambda text: text)
    told = of_report(kept, telling, Cut())
    assert [one.amount for one in told.spend] == [100.0, 120.0]
    assert (told.until, told.budget, len([one for one in told.rows if one.number])) == (DAY, 2000.0, 9)
    assert all(one.target is None or one.target.startswith("r") for one in told.rows)
