"""A question about things: which resources are meant. Pure, exact, and never wider than what was asked.

Every criterion gives one of three verdicts for a resource: yes, no, or unknown (the fact that would decide it was not read).
Unknown never makes a target: `matches` wants a yes everywhere. Inside `exclude` it is the other way round: whatever matches
*any* of its criteria, or might, stays out. Both lean to the smaller set of targets.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TypeAlias

from engine.estate.environment import ENVIRONMENT_TAGS, PRODUCTION, environment_of
from engine.estate.ingress import Opening
from engine.estate.resource import Cloud, Json, Resource

Verdict: TypeAlias = bool | None
"""Yes, no, or None: the resource does not say."""

_VERSION_FACTS = ("version", "engine_version", "kubernetes_version", "runtime_version")
_UNUSED_FACTS = ("last_used_at", "last_used")
_EXPIRY_FACTS = ("expires_at", "not_after")
_ATTACHMENT_FACTS = ("attached", "attached_to")
_SECONDS_PER_DAY = 86_400.0


class Comparator(StrEnum):
    """How a number is compared."""

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    AT_LEAST = ">="
    MORE = ">"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A comparison with a number: `> 180`."""

    op: Comparator
    value: float

    def holds(self, number: float) -> bool:
        """Say whether `number` is inside."""
        return _compared(self.op, number, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionBound:
    """A comparison with a dotted version; equality is by the parts given, so `5.7` is met by `5.7.44`."""

    op: Comparator
    value: tuple[int, ...]

    def holds(self, version: tuple[int, ...]) -> bool:
        """Say whether `version` is inside, looking at as many parts as were asked for."""
        return _compared(self.op, version[: len(self.value)], self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which resources are meant. An empty field asks nothing; filled fields must all hold.

    Attributes:
        clouds: The clouds.
        accounts: Account, subscription or project ids, casefolded.
        regions: Region codes, casefolded; a zone code is understood too.
        zones: Zone codes, casefolded.
        types: Concrete types, such as `ec2::instance`; never `any::…`.
        ids: Full resource ids, as they are: the members of an earlier answer. None asks nothing; an empty set means nothing.
        names: Names, full ids or short ids, casefolded. One with `*` is a pattern, for names only; `*` stands for anything.
        envs: Normalised environments (`engine.estate.environment`).
        env_keys: The tag keys that tell the environment.
        tags: Tag key and the values of which one must be there; both casefolded.
        tags_present: Tag keys that must be there, casefolded.
        missing_tags: Tag keys of which every one must be absent, casefolded.
        tagged: Has any tag at all.
        states: Of the states of `Resource.state`.
        public: Reachable by anyone.
        encrypted: Encrypted at rest.
        attached: Attached to something (disks, addresses).
        sizes: Instance types, VM sizes, machine types, casefolded.
        engines: Database engines, casefolded.
        version: Bound on the version of engine, cluster or runtime.
        size_gb: Bound on the size in GB.
        age_days: Bound on the days since creation.
        unused_days: Bound on the days since last use.
        expires_in_days: Bound on the days until expiry.
        resource_groups: Azure resource groups, casefolded.
        open_to: Lets something in (security groups, firewall rules).
        facts: Further facts by name and the values of which one must be there, casefolded text.
        idle: Asked for idle (True) or busy (False) ones. Not judged here: it needs metrics, see `engine.estate.idleness`.
        limit: At most so many are to be shown. Never a way to choose targets, and not applied by `matches`.
        exclude: What stays out: whatever meets, or might meet, any one of its criteria.
    """

    clouds: frozenset[Cloud] = frozenset()
    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    ids: frozenset[str] | None = None
    names: frozenset[str] = frozenset()
    envs: frozenset[str] = frozenset()
    env_keys: tuple[str, ...] = ENVIRONMENT_TAGS
    tags: tuple[tuple[str, frozenset[str]], ...] = ()
    tags_present: frozenset[str] = frozenset()
    missing_tags: frozenset[str] = frozenset()
    tagged: bool | None = None
    states: frozenset[str] = frozenset()
    public: bool | None = None
    encrypted: bool | None = None
    attached: bool | None = None
    sizes: frozenset[str] = frozenset()
    engines: frozenset[str] = frozenset()
    version: VersionBound | None = None
    size_gb: Bound | None = None
    age_days: Bound | None = None
    unused_days: Bound | None = None
    expires_in_days: Bound | None = None
    resource_groups: frozenset[str] = frozenset()
    open_to: Opening | None = None
    facts: tuple[tuple[str, frozenset[str]], ...] = ()
    idle: bool | None = None
    limit: int | None = None
    exclude: "Selector | None" = None

    def matches(self, resource: Resource, now: datetime) -> bool:
        """Say whether `resource` is certainly meant; `now` is for ages."""
        return self.verdict(resource, now) is True

    def verdict(self, resource: Resource, now: datetime) -> Verdict:
        """Say whether `resource` is meant; None when a fact that would decide it is not known."""
        verdict: Verdict = True
        for each in self._verdicts(resource, now):
            if each is False:
                return False
            if each is None:
                verdict = None
        if self.exclude is not None and self.exclude.touches(resource, now):
            return False
        return verdict

    def touches(self, resource: Resource, now: datetime) -> bool:
        """Say whether any single criterion holds, or might: the reading that an exclusion gets."""
        return any(verdict is not False for verdict in self._verdicts(resource, now))

    @property
    def patterns(self) -> bool:
        """Whether a name is a pattern, which keyed hashes cannot answer."""
        return any("*" in name for name in self.names)

    def _verdicts(self, resource: Resource, now: datetime) -> Iterator[Verdict]:
        yield from self._place(resource)
        yield from self._labels(resource)
        yield from self._condition(resource)
        yield from self._measures(resource, now)

    def _place(self, resource: Resource) -> Iterator[Verdict]:
        if self.clouds:
            yield resource.cloud in self.clouds
        if self.types:
            yield resource.type in self.types
        if self.accounts:
            yield resource.account.casefold() in self.accounts
        if self.regions:
            yield resource.region.casefold() in self.regions or resource.zone.casefold() in self.regions
        if self.zones:
            yield resource.zone.casefold() in self.zones
        if self.ids is not None:
            yield resource.id in self.ids
        if self.names:
            yield self._named(resource)
        if self.resource_groups:
            yield _among(resource.facts.get("resource_group"), self.resource_groups)

    def _labels(self, resource: Resource) -> Iterator[Verdict]:
        if self.envs:
            yield self._environment(resource)
        if not (self.tags or self.tags_present or self.missing_tags or self.tagged is not None):
            return
        tags = {key.casefold(): value.casefold() for key, value in resource.tags.items()}
        for key, values in self.tags:
            yield key in tags and tags[key] in values
        if self.tags_present:
            yield self.tags_present <= tags.keys()
        if self.missing_tags:
            yield self.missing_tags.isdisjoint(tags)
        if self.tagged is not None:
            yield bool(tags) is self.tagged

    def _condition(self, resource: Resource) -> Iterator[Verdict]:
        if self.states:
            yield resource.state.casefold() in self.states
        if self.public is not None:
            yield None if resource.public is None else resource.public is self.public
        if self.encrypted is not None:
            yield None if resource.encrypted is None else resource.encrypted is self.encrypted
        if self.attached is not None:
            attached = _attached(resource)
            yield None if attached is None else attached is self.attached
        if self.sizes:
            yield resource.size.casefold() in self.sizes if resource.size else None
        if self.engines:
            yield _engine(resource.facts.get("engine"), self.engines)
        if self.open_to is not None:
            yield self.open_to.in_rules(resource.facts.get("ingress"))
        for name, values in self.facts:
            yield _among(resource.facts.get(name), values)

    def _measures(self, resource: Resource, now: datetime) -> Iterator[Verdict]:
        if self.version is not None:
            version = version_of(_first(resource.facts, _VERSION_FACTS))
            yield None if version is None else self.version.holds(version)
        if self.size_gb is not None:
            size = resource.facts.get("size_gb")
            yield self.size_gb.holds(size) if isinstance(size, int | float) else None
        if self.age_days is not None:
            yield _within(self.age_days, resource.created_at, now, sign=1)
        if self.unused_days is not None:
            yield _within(self.unused_days, _instant(_first(resource.facts, _UNUSED_FACTS)), now, sign=1)
        if self.expires_in_days is not None:
            yield _within(self.expires_in_days, _instant(_first(resource.facts, _EXPIRY_FACTS)), now, sign=-1)

    def _named(self, resource: Resource) -> bool:
        called = {resource.name.casefold(), resource.id.casefold(), resource.short_id.casefold()}
        if not called.isdisjoint(self.names):
            return True
        patterns = [name.replace("[", "[[]").replace("?", "[?]") for name in self.names if "*" in name]
        return any(fnmatchcase(resource.name.casefold(), pattern) for pattern in patterns)

    def _environment(self, resource: Resource) -> Verdict:
        environment = environment_of(resource.tags, self.env_keys)
        if environment is None:
            return None if PRODUCTION in self.envs else False
        return environment in self.envs


def version_of(value: Json) -> tuple[int, ...] | None:
    """Return the leading numbers of a version text (`1.29.3-gke.1` is 1, 29, 3, 1), or None when it has none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    parts = tuple(int(part) for part in re.findall(r"\d{1,9}", str(value))[:6])
    return parts or None


def _compared(op: Comparator, left: "float | tuple[int, ...]", right: "float | tuple[int, ...]") -> bool:
    match op:
        case Comparator.EQUAL:
            return left == right
        case Comparator.LESS:
            return left < right  # type: ignore[operator]  # both sides come from one bound and are of one kind
        case Comparator.AT_MOST:
            return left <= right  # type: ignore[operator]  # likewise
        case Comparator.AT_LEAST:
            return left >= right  # type: ignore[operator]  # likewise
        case Comparator.MORE:
            return left > right  # type: ignore[operator]  # likewise


def _first(facts: Mapping[str, Json], names: tuple[str, ...]) -> Json:
    return next((facts[name] for name in names if facts.get(name) is not None), None)


def _among(value: Json, wanted: frozenset[str]) -> Verdict:
    if value is None:
        return None
    if isinstance(value, list):
        return any(str(item).casefold() in wanted for item in value)
    return str(value).casefold() in wanted


def _engine(value: Json, wanted: frozenset[str]) -> Verdict:
    """Compare engines as people name them: `postgresql` is `aurora-postgresql`, `POSTGRES_15` and `postgres`."""
    if not isinstance(value, str) or not value:
        return None
    words = set(re.split(r"[-_]", _engine_word(value)))
    return any(name in words for name in map(_engine_word, wanted))


def _engine_word(name: str) -> str:
    return (
        name.casefold()
        .replace("postgresql", "postgres")
        .replace("sql server", "sqlserver")
        .replace("mssql", "sqlserver")
    )


def _attached(resource: Resource) -> Verdict:
    for name in _ATTACHMENT_FACTS:
        if name in resource.facts:
            return bool(resource.facts[name])
    match resource.state.casefold():
        case "in-use" | "attached":
            return True
        case "available" | "unattached":
            return False
        case _:
            return None


def _instant(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _within(bound: Bound, instant: datetime | None, now: datetime, *, sign: int) -> Verdict:
    if instant is None:
        return None
    return bound.holds(sign * (now - instant).total_seconds() / _SECONDS_PER_DAY)
