"""How a question about money wants the bills cut, and which of their parts it is about. Pure.

A cloud tells its bill by two things at once at most (`CostGrouping`). The account is told always, because each is asked by itself, and
with it the cloud and, where the account's own name says it, the environment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from agent_server.contract.answer import SAME_DIMENSION
from agent_server.contract.intent import Intent
from engine.clouds.billing import MOST_AT_ONCE, CostDimension, CostGrouping, CostLine
from engine.estate.environment import normalised

ENVIRONMENTS = frozenset({"dev", "test", "staging", "prod", "sandbox", "qa", "uat", "demo"})
TEAM = "team"
"""The tag that is meant when somebody asks what is untagged and says no key."""
_FREE = frozenset({"service", "account", "cloud", "day"})
_TIMES = frozenset({"day", "daily", "week", "weekly", "month", "monthly", "hourly"})
_DIMENSIONS = {"service": CostDimension.SERVICE, "region": CostDimension.REGION, "type": CostDimension.TYPE}
_NOT_TAGS = frozenset(
    {"resource_group", "zone", "state", "size", "user", "vpc", "engine", "cluster", "namespace", "tag"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose bill a line is on: an account with its name and cloud."""

    name: str
    cloud: str

    @property
    def environment(self) -> str:
        """The environment that the account's own name says, or nothing."""
        word = normalised(self.name)
        return word if word in ENVIRONMENTS else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a bill: what was spent on one day, and on what, in real names by dimension; an empty label is a tag that is not there."""

    day: date
    amount: float
    account: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a question wants.

    Attributes:
        by: The dimensions it is told by, in the order in which they were said.
        only: What it is narrowed to, by dimension, in lower case; an empty word is what has no such tag.
        without: What is left out, likewise.
        accounts: Names and ids of the accounts it is about, in lower case; empty for all.
        cloud: The one it is about, or `any`.
        untold: What it names that no bill tells.
    """

    by: tuple[str, ...] = ()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
    cloud: str = "any"
    untold: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """What a bill must tell beyond service and account."""
        said = dict.fromkeys((*self.by, *self.only, *self.without))
        return tuple(one for one in said if one not in _FREE)

    @property
    def tags(self) -> frozenset[str]:
        """The tags that a bill must tell, but for the environment's."""
        return frozenset(one for one in self.needs if one not in _DIMENSIONS and one != "environment")

    def grouping(self, payer: Payer, environment_tag: str) -> CostGrouping | None:
        """Return how this account's bill is cut for the question; None when that is more than its cloud tells at once."""
        wanted: list[CostDimension] = []
        tags: list[str] = []
        for one in self.needs:
            if one == "environment" and payer.environment:
                continue
            if one in _DIMENSIONS:
                wanted.append(_DIMENSIONS[one])
            else:
                wanted.append(CostDimension.TAG)
                tags.append(environment_tag if one == "environment" else one)
        if len(wanted) < MOST_AT_ONCE or "service" in self.by:
            wanted.append(CostDimension.SERVICE)
        if len(tags) > 1 or len(wanted) > MOST_AT_ONCE:
            return None
        return CostGrouping(dimensions=tuple(wanted), tag=tags[0] if tags else "")

    @property
    def impossible(self) -> str:
        """Why no bill can tell it, as a sentence; empty when one can."""
        if self.untold:
            words = " or ".join(_CALLED.get(one, one.replace("_", " ")) for one in self.untold)
            return (
                f"Bills do not tell money by {words}. They tell accounts, services, regions, kinds of things and tags, "
                "and I will not pass the whole off as a part of it."
            )
        if self.grouping(Payer(name="", cloud=""), "env") is None and self.grouping(_PROD, "env") is None:
            names = (*self.needs, *(["service"] if "service" in self.by else []))
            return (
                f"A cloud tells its bill by two things at once at most, beside the account, and one of them may be a tag. "
                f"You asked for {', '.join(names[:-1])} and {names[-1]} at once; ask by two of them."
            )
        return ""

    def concerns(self, account: str, payer: Payer) -> bool:
        """Whether an account's bill can hold anything the question is about."""
        environments = self.only.get("environment")
        return (
            self.cloud in {"any", payer.cloud}
            and (not self.accounts or bool({payer.name.casefold(), account.casefold()} & self.accounts))
            and (not environments or not payer.environment or payer.environment in environments)
        )

    def keeps(self, part: Part) -> bool:
        """Whether a part of a bill is what the question is about."""
        labels = {dimension: label.casefold() for dimension, label in part.labels.items()}
        return all(labels.get(one) in wanted for one, wanted in self.only.items()) and not any(
            labels.get(one) in out for one, out in self.without.items()
        )


_PROD = Payer(name="prod", cloud="")
_CALLED = {"name": "single resources", "idle": "whether something is idle", "user": "who made it"}


def cut_of(intent: Intent) -> Cut:
    """Return what a question wants cut, from what was understood of it."""
    filters = intent.filters
    said = [_called(one) for one in _texts(filters.get("group_by")) if one not in _TIMES]
    only = dict(_narrowing(filters))
    said += [_called(one) for one in _texts(filters.get("missing_tags"))]
    if filters.get("tagged") is False and not any(one not in {*_FREE, *_DIMENSIONS, *_NOT_TAGS} for one in said):
        said.append(TEAM)
    excluded = filters.get("exclude")
    accounts = (one for key in ("account", "subscription", "project") for one in _texts(filters.get(key)))
    untold = [
        one for one in ("name", "zone", "resource_group", "cluster", "namespace", "state", "idle") if filters.get(one)
    ]
    return Cut(
        by=tuple(dict.fromkeys(one for one in said if one not in _NOT_TAGS)),
        only=only,
        without=dict(_narrowing(excluded)) if isinstance(excluded, dict) else {},
        accounts=frozenset(one.casefold() for one in accounts),
        cloud=intent.cloud.value,
        untold=tuple(dict.fromkeys((*(one for one in said if one in _NOT_TAGS), *untold))),
    )


def parts_of(
    lines: Iterable[CostLine], grouping: CostGrouping, payers: Mapping[str, Payer], environment_tags: Sequence[str]
) -> Iterator[Part]:
    """Give the parts of a bill that was cut so."""
    label = _labeller(grouping, environment_tags)
    for line in lines:
        payer = payers.get(line.account)
        labels = label(line)
        if payer is not None:
            labels |= {"cloud": payer.cloud, "account": line.account}
            if payer.environment:
                labels["environment"] = payer.environment
        yield Part(day=line.day, amount=line.amount, account=line.account, labels=labels)


def _labeller(grouping: CostGrouping, environment_tags: Sequence[str]) -> Callable[[CostLine], dict[str, str]]:
    folded = grouping.tag.casefold()
    tag = "environment" if folded in {one.casefold() for one in environment_tags} else folded

    def label(line: CostLine) -> dict[str, str]:
        told = {
            CostDimension.SERVICE: ("service", line.service),
            CostDimension.REGION: ("region", line.region),
            CostDimension.TYPE: ("type", line.type),
            CostDimension.TAG: (tag, normalised(line.tag) if tag == "environment" else line.tag),
        }
        return dict(told[one] for one in grouping.dimensions)

    return label


def _narrowing(filters: Mapping[str, object]) -> Iterator[tuple[str, frozenset[str]]]:
    regions = frozenset(one.casefold() for one in _texts(filters.get("region")) if one != "all")
    if regions:
        yield "region", regions
    tags = filters.get("tags")
    for key, value in tags.items() if isinstance(tags, dict) else ():
        words = frozenset(one.casefold() for one in _texts(value))
        if str(key).casefold() in {"env", "environment"}:
            yield "environment", frozenset(map(normalised, words))
        elif words:
            yield str(key).casefold(), words


def _called(dimension: str) -> str:
    """Return a dimension as it is called here; tags in one spelling, because people write them in any."""
    return SAME_DIMENSION.get(dimension.casefold(), dimension.casefold())


def _texts(value: object) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield one
