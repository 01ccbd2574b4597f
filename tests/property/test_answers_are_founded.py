"""Every number of an answer stands in the snapshot, in the question, or is one named step of arithmetic away from what does."""

import math
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.agents.answering.answer import computed
from agent_server.agents.answering.figures import Figure, Step
from agent_server.agents.answering.founded import given as given_numbers
from agent_server.agents.answering.founded import numbers, unfounded
from agent_server.contract.answer import Driver, Row, Snapshot, Spend
from tests.fakes.snapshots import LAST, question

SERVICES = ("Amazon Elastic Compute Cloud - Compute", "Virtual Machines", "BigQuery", "Key Vault")
PAIRS = (
    "team:data|region:eu-west-1",
    "team:no team tag|region:westus",
    f"region:westus|service:{SERVICES[1]}",
    f"service:{SERVICES[0]}|account:r1",
    f"team:no team tag|service:{SERVICES[2]}",
)
ASKED = (
    "why did spending go up", "why did spending go up 17%?", "why did cost fall this month", "what drove the ec2 increase", "top 3 services",
    "most expensive day last week", "compare dev and prod cost", "aws vs azure cost this month", "compare march and february costs", "average daily spend",
    "are we over budget", "forecast for this month", "what did we spend last week", "how much did bigquery cost yesterday", "cost by cloud this month",
    "explain row 2", "explain the last row", "which findings are in prod", "how many rows in the report are idle", "how much would we save",
    "cost by region this month", "what did each team spend last week", "cost by team and region this month", "top 3 teams by cost", "cost in eu-west-1 this month",
    "which team's spend grew the most", "which service grew the most last week", "which day was the most expensive this month and why", "how much is untagged",
    "spend of the data team this month", "cost by service and region", "compare prod and dev spend this month", "what will this month cost",
    "what changed in the report", "summarise the report", "what could you not see in the report",
)  # fmt: skip
money = st.floats(0, 1e6, allow_nan=False).map(lambda value: round(value, 2))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Days, drivers and lines of any size, with holes in them."""
    days = sorted(draw(st.sets(st.integers(0, 60), max_size=50)), reverse=True)
    spend = []
    for ago in days:
        by = {name: draw(money) for name in draw(st.sets(st.sampled_from(SERVICES), max_size=4))}
        total = round(sum(by.values()), 2)
        by |= {
            "cloud:aws": by.get(SERVICES[0], 0.0),
            "cloud:azure": draw(money),
            "environment:prod": draw(money),
            "environment:dev": draw(money),
            **{f"team:{name}": draw(money) for name in draw(st.sets(st.sampled_from(("data", "no team tag"))))},
            **{f"region:{name}": draw(money) for name in draw(st.sets(st.sampled_from(("eu-west-1", "westus"))))},
            **{key: draw(money) for key in draw(st.sets(st.sampled_from(PAIRS)))},
        }
        spend.append(Spend(day=LAST - timedelta(days=ago), amount=total, by=by))
    drivers = [
        Driver(label=name, dimension="service", before=draw(money), after=draw(money))
        for name in draw(st.sets(st.sampled_from(SERVICES)))
    ]
    rows = [
        Row(
            number=n,
            section=draw(st.sampled_from(["idle", "changes", "needs_you", "exposed"])),
            finding=draw(st.sampled_from(["idle", "public", "created", "deleted"])),
            target=f"r{n}",
            type=draw(st.sampled_from(["ec2::instance", "s3::bucket", ""])),
            environment=draw(st.sampled_from(["prod", "dev", ""])),
            amount=draw(st.none() | money),
        )
        for n in range(1, draw(st.integers(0, 14)) + 1)
    ]
    return Snapshot(
        until=LAST if days else None,
        spend=spend,
        drivers=drivers,
        compared=draw(st.sampled_from([[], ["2026-03-13", "2026-03-14"]])),
        budget=draw(st.none() | money),
        forecast=draw(st.none() | money),
        rows=rows,
        not_seen=draw(st.sampled_from([[], ["r9 rds (access denied)"]])),
    )


def redone(figure: Figure) -> float:
    """Do one step of arithmetic again, independently of the code that did it."""
    match figure.step, figure.operands:
        case Step.GIVEN, (value,):
            return value
        case Step.SUM, values:
            return math.fsum(values)
        case Step.COUNT, values:
            return len(values)
        case Step.MEAN, values:
            return math.fsum(values) / len(values)
        case Step.DIFFERENCE, (one, other):
            return one - other
        case Step.SHARE, (part, whole):
            return part / whole * 100
        case Step.CHANGE, (now, before):
            return (now / before - 1) * 100
        case Step.PACE, (spent, days, length):
            return spent * length / days
    raise AssertionError(figure)


@given(snapshot=snapshots(), text=st.sampled_from(ASKED))
@settings(max_examples=400, deadline=None)
def test_every_number_is_given_or_one_step_of_arithmetic_away(snapshot: Snapshot, text: str) -> None:
    """The steps are done again here; operands are given, counted things, or results of earlier steps."""
    request = question(text, snapshot)
    reply, used = computed(request)
    known = {round(value, 6) for value in (*given_numbers(snapshot), *numbers(text))}
    days_of_months = {28.0, 29.0, 30.0, 31.0}
    for figure in used:
        if figure.step is not Step.COUNT:
            strange = [one for one in figure.operands if round(one, 6) not in known | days_of_months]
            assert not strange, (figure, strange)
        slack = 0.051 if figure.step in {Step.SHARE, Step.CHANGE} else 0.0051
        assert abs(redone(figure) - figure.value) <= slack + 1e-9 * abs(figure.value), figure
        known.add(round(figure.value, 6))
    # Days that a period begins and ends with are dates, and periods named by the question; they are allowed as such.
    dates = [float(n) for n in range(1, 32)] + [2025.0, 2026.0]
    texts: list[Any] = [*reply.paragraphs]
    for paragraph in texts:
        assert unfounded(paragraph, [*known, *dates]) == [], (paragraph, known)


def test_a_number_that_was_not_computed_is_noticed() -> None:
    """In digits, in words, rounded wrongly or inside a sentence; handles and right roundings are no such numbers."""
    allowed = [132.5, 32.5, 60.74, 3.0]
    assert unfounded("It rose by $32.50 to $132.50, or 32.5 %, because of r7.", allowed) == []
    assert unfounded("about $61 for three machines", allowed) == []
    assert unfounded("It rose by $33.10", allowed) == ["33.10"]
    assert unfounded("It doubled, to $140", allowed) == ["140", "doubled"]
    assert unfounded("four machines", allowed) == ["four"]
    assert unfounded("roughly 1,325", allowed) == ["1,325"]
