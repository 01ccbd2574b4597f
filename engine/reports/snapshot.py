"""What the agent server may know to answer a question about a report or about money: figures, kinds and places, over handles.

Names, ids and accounts become handles; whatever text people or clouds wrote goes through the redactor first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import Any

from agent_server.contract.answer import Row, Snapshot, Spend
from engine.clouds.billing import BY_SERVICE
from engine.estate.environment import environment_of
from engine.estate.resource import Resource
from engine.planning.context import DEFAULT_TAG_KEYS
from engine.reports import history
from engine.reports.cuts import ENVIRONMENTS, Cut, Part, Payer, parts_of
from engine.reports.daily import spend
from engine.reports.figures import Cost, Happened, IdleMachine, MorningReport, PublicBucket
from engine.reports.handles import Handles
from engine.reports.rows import Line, OverBudget, UnusualDay, rows

_MOST_ROWS = 500
_MOST_SENTENCE, _MOST_SHORT = 900, 250
_MISSING_TAG = "no cost carries the tag {tag}; AWS tells a tag in bills only once it is activated for cost allocation"
_FINDINGS = {"added": "created", "removed": "deleted", "changed": "changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is needed to tell of things without naming them.

    Attributes:
        payers: Account id to who pays.
        find: Gives a resource by its full id.
        environment_tags: Tag keys that tell the environment.
        redact: Takes identities out of a text that somebody else wrote.
        tag_keys: Tags whose values may be told; of any other tag the values are handles.
        handles: Those of this question.
    """

    payers: Mapping[str, Payer]
    find: Callable[[str], Resource | None]
    environment_tags: Sequence[str]
    redact: Callable[[str], str]
    tag_keys: Sequence[str] = DEFAULT_TAG_KEYS
    handles: Handles = field(default_factory=Handles)

    def unnamed(self, text: str) -> str:
        """Return a sentence about accounts with handles instead of their names, and no other identity in it."""
        for id_, payer in sorted(self.payers.items(), key=lambda one: -len(one[1].name)):
            if payer.name and f"{text} ".startswith(f"{payer.name} "):
                rest = self.redact(text[len(payer.name) :])
                return f"{self.handles.of(id_, payer.name)}{rest}"[:_MOST_SENTENCE]
        return self.redact(text)[:_MOST_SENTENCE]


def of_report(report: MorningReport, telling: Telling, cut: Cut) -> Snapshot:
    """Return what may be told of a delivered report, its cost lines as far as the question is about them."""
    cost = report.cost
    told = [_row(number, one, telling) for number, one in rows(report).numbered()]
    shown = {one.id for one in rows(report).idle}
    told += [_row(0, one, telling) for one in report.idle if one.id not in shown]
    lines = history.lines(cost.history) if cost else ()
    parts = parts_of(lines, BY_SERVICE, telling.payers, telling.environment_tags)
    asked = (one for one in parts if _is_about(one, cut, telling.payers))
    found = of_parts(asked, telling, Cut(), unknown=cost.unknown if cost else ())
    return found.model_copy(
        update={
            "budget": cost.budget if cost else None,
            "forecast": cost.forecast if cost else None,
            "rows": told[:_MOST_ROWS],
            "not_seen": [*(telling.unnamed(gap) for gap in report.gaps), *found.not_seen][:50],
        }
        | ({} if cost is None or cost.history else _totals(cost))
    )


def _is_about(part: Part, cut: Cut, payers: Mapping[str, Payer]) -> bool:
    """Whether a report's line is about what was asked, as far as accounts tell it: a report's bill knows neither places nor tags."""
    payer = payers.get(part.account)
    if payer is None:
        return not cut.accounts
    named = cut.only.get("environment", frozenset()) & {one.environment for one in payers.values()}
    return cut.concerns(part.account, payer) and (not named or payer.environment in named)


def of_parts(parts: Iterable[Part], telling: Telling, cut: Cut, *, unknown: Iterable[str] = ()) -> Snapshot:
    """Return what may be told of bills: each day by each dimension, and by two at once as far as the question may need it.

    A day on which nothing was spent on what is asked is a day of nothing, not a day without figures.
    """
    by_day: dict[date, list[tuple[float, dict[str, str]]]] = defaultdict(list)
    values: dict[str, set[str]] = defaultdict(set)
    # The same few labels come again with every day.
    labelled = cache(partial(told, telling=telling))
    for part in parts:
        found = by_day[part.day]
        if cut.keeps(part):
            found.append((part.amount, {one: labelled(one, label) for one, label in part.labels.items()}))
        for tag in part.labels.keys() & cut.tags:
            values[tag].add(part.labels[tag])
    nothing = {one: told(one, min(labels), telling) for one, labels in cut.only.items()}
    for found in by_day.values():
        if not found:
            found.append((0.0, nothing))
    return Snapshot(
        until=max(by_day, default=None),
        spend=spend(by_day, cut.by),
        not_seen=[
            *(f"cost figures of {telling.unnamed(one)}"[:_MOST_SENTENCE] for one in unknown),
            *(_MISSING_TAG.format(tag=tag) for tag, found in values.items() if found == {""}),
        ][:50],
    )


def loose_rows(found: Iterable[Line], telling: Telling) -> list[Row]:
    """Return things that were found just now as lines without numbers."""
    return [_row(0, one, telling) for one in found][:_MOST_ROWS]


def _totals(cost: Cost) -> dict[str, Any]:
    """Return what a report kept before it kept its lines still tells: the days' totals."""
    return {"until": cost.day, "spend": [Spend(day=day, amount=amount) for day, amount in cost.days]}


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


def told(dimension: str, label: str, telling: Telling) -> str:
    """Return what the agent server may know of a label: the clouds' own words, allow-listed tags, and handles for all that names somebody."""
    match dimension:
        case "account":
            return telling.handles.of(label, telling.payers[label].name)
        case "environment":
            word = label or f"no {telling.environment_tags[0]} tag"
            return word if not label or label in ENVIRONMENTS else "another environment"
        case "service" | "cloud" | "region" | "type":
            return label
        case _ if not label:
            return f"no {dimension} tag"
        case _ if dimension.casefold() in {key.casefold() for key in telling.tag_keys}:
            return telling.redact(label)
        case _:
            return telling.handles.of(f"tag {dimension}={label}", label)


def _environment(resource: Resource, telling: Telling) -> str:
    """Return the environment where it is one that everybody has; what else somebody wrote into that tag may name them."""
    word = environment_of(resource.tags, telling.environment_tags)
    return word if word in ENVIRONMENTS else ""
