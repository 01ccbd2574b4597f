"""What the agent server may know to answer a question about a report or about money: figures, kinds and places, over handles.

Names, ids and accounts become handles; whatever text people or clouds wrote goes through the redactor first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent_server.contract.answer import Row, Snapshot, Spend
from engine.clouds.billing import CostLine
from engine.estate.environment import environment_of, normalised
from engine.estate.resource import Resource
from engine.reports import history
from engine.reports.figures import Cost, Happened, IdleMachine, MorningReport, PublicBucket
from engine.reports.handles import Handles
from engine.reports.rows import Line, OverBudget, UnusualDay, rows

_ENVIRONMENTS = frozenset({"dev", "test", "staging", "prod", "sandbox", "qa", "uat", "demo"})
_MOST_LABELS, _MOST_DAYS, _MOST_ROWS = 180, 400, 500
_MOST_SENTENCE, _MOST_SHORT = 900, 250
_FINDINGS = {"added": "created", "removed": "deleted", "changed": "changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose bill a line is on: an account with its name and cloud."""

    name: str
    cloud: str

    @property
    def environment(self) -> str:
        """The environment that the account's own name says, or nothing."""
        word = normalised(self.name)
        return word if word in _ENVIRONMENTS else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is needed to tell of things without naming them.

    Attributes:
        payers: Account id to who pays.
        find: Gives a resource by its full id.
        environment_tags: Tag keys that tell the environment.
        redact: Takes identities out of a text that somebody else wrote.
        handles: Those of this question.
    """

    payers: Mapping[str, Payer]
    find: Callable[[str], Resource | None]
    environment_tags: Sequence[str]
    redact: Callable[[str], str]
    handles: Handles = field(default_factory=Handles)

    def unnamed(self, text: str) -> str:
        """Return a sentence about accounts with handles instead of their names, and no other identity in it."""
        for id_, payer in sorted(self.payers.items(), key=lambda one: -len(one[1].name)):
            if payer.name and f"{text} ".startswith(f"{payer.name} "):
                rest = self.redact(text[len(payer.name) :])
                return f"{self.handles.of(id_, payer.name)}{rest}"[:_MOST_SENTENCE]
        return self.redact(text)[:_MOST_SENTENCE]


def of_report(report: MorningReport, telling: Telling, *, keep: Callable[[CostLine], bool]) -> Snapshot:
    """Return what may be told of a delivered report, its cost lines as far as `keep` says."""
    cost = report.cost
    told = [_row(number, one, telling) for number, one in rows(report).numbered()]
    shown = {one.id for one in rows(report).idle}
    told += [_row(0, one, telling) for one in report.idle if one.id not in shown]
    lines = filter(keep, history.lines(cost.history)) if cost else ()
    found = of_bills(lines, telling, unknown=cost.unknown if cost else ())
    return found.model_copy(
        update={
            "budget": cost.budget if cost else None,
            "forecast": cost.forecast if cost else None,
            "rows": told[:_MOST_ROWS],
            "not_seen": [*(telling.unnamed(gap) for gap in report.gaps), *found.not_seen][:50],
        }
        | ({} if cost is None or cost.history else _totals(cost))
    )


def of_bills(lines: Iterable[CostLine], telling: Telling, *, unknown: Iterable[str] = ()) -> Snapshot:
    """Return what may be told of daily cost lines: totals by service, cloud, account and environment."""
    by_day: dict[date, list[CostLine]] = defaultdict(list)
    for line in lines:
        by_day[line.day].append(line)
    spend = [_spend(day, by_day[day], telling) for day in sorted(by_day)[-_MOST_DAYS:]]
    return Snapshot(
        until=spend[-1].day if spend else None,
        spend=spend,
        not_seen=[f"cost figures of {telling.unnamed(one)}"[:_MOST_SENTENCE] for one in unknown][:50],
    )


def loose_rows(found: Iterable[Line], telling: Telling) -> list[Row]:
    """Return things that were found just now as lines without numbers."""
    return [_row(0, one, telling) for one in found][:_MOST_ROWS]


def _totals(cost: Cost) -> dict[str, Any]:
    """Return what a report kept before it kept its lines still tells: the days' totals."""
    return {"until": cost.day, "spend": [Spend(day=day, amount=amount) for day, amount in cost.days]}


def _spend(day: date, lines: Sequence[CostLine], telling: Telling) -> Spend:
    by: dict[str, float] = defaultdict(float)
    for line in lines:
        for key in _keys(line, telling):
            by[key] += line.amount
    largest = sorted(by.items(), key=lambda one: -abs(one[1]))[:_MOST_LABELS]
    return Spend(
        day=day,
        amount=round(sum(line.amount for line in lines), 2),
        by={key: round(amount, 2) for key, amount in largest},
    )


def _keys(line: CostLine, telling: Telling) -> Iterator[str]:
    yield f"service:{line.service}"[:_MOST_SHORT]
    payer = telling.payers.get(line.account)
    if payer is not None:
        yield f"cloud:{payer.cloud}"
        yield f"account:{telling.handles.of(line.account, payer.name)}"
        if payer.environment:
            yield f"environment:{payer.environment}"


def _row(number: int, one: Line, telling: Telling) -> Row:
    match one:
        case PublicBucket():
            says = f"holds {one.data_class} data" if one.data_class else ""
            return _thing(
                number, "needs_you", "public", one.id, one.name, telling, says=says, ask="make bucket {r} private"
            )
        case OverBudget():
            says = f"the month is heading for {one.forecast:.2f} against a budget of {one.budget:.2f}"
            return Row(
                number=number, section="needs_you", finding="over_budget", facts={"label": "the month", "says": says}
            )
        case UnusualDay():
            day = f"{one.day.day} {one.day:%B}"
            says = f"{day} cost {one.amount:.2f}, usual for its weekday is {one.usual:.2f}"
            found = "cost_up" if one.amount > one.usual else "cost_down"
            return Row(number=number, section="needs_you", finding=found, facts={"label": day, "says": says})
        case IdleMachine():
            row = _thing(number, "idle", "idle", one.id, one.name, telling, says=one.sentence, ask="stop {r}")
            return row.model_copy(update={"amount": one.monthly, "type": one.type, "region": one.region})
        case Happened():
            ask = "" if one.kind == "removed" else "describe {r}"
            row = _thing(
                number,
                "changes",
                _FINDINGS.get(one.kind, one.kind),
                one.id or one.name,
                one.name,
                telling,
                says=one.told,
                ask=ask,
            )
            return row.model_copy(
                update={"type": row.type or one.type, "region": row.region or one.region[:_MOST_SHORT]}
            )


def _thing(
    number: int, section: Any, finding: str, id_: str, name: str, telling: Telling, *, says: str = "", ask: str = ""
) -> Row:
    handle = telling.handles.of(id_, name)
    resource = telling.find(id_)
    facts: dict[str, Any] = {}
    if says:
        facts["says"] = telling.redact(says)[:_MOST_SENTENCE]
    if ask:
        facts["ask"] = ask.format(r=handle)
    return Row(
        number=number,
        section=section,
        finding=finding,
        target=handle,
        type=resource.type if resource else "",
        cloud=resource.cloud.value if resource else "",
        region=resource.region if resource else "",
        environment=_environment(resource, telling) if resource else "",
        facts=facts,
    )


def _environment(resource: Resource, telling: Telling) -> str:
    """Return the environment where it is one that everybody has; what else somebody wrote into that tag may name them."""
    word = environment_of(resource.tags, telling.environment_tags)
    return word if word in _ENVIRONMENTS else ""
