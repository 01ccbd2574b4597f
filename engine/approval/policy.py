"""The policy file, raw to valid, once. A policy that says something this version cannot enforce does not load."""

import re
import tomllib
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from engine.clouds.operation import Effect
from engine.estate.environment import normalised
from engine.estate.resource import Cloud
from engine.principal import Principal, Standing

_COMPARISON = re.compile(r"^(<=|<|>=|>|=)\s*(\d+(?:\.\d+)?)$")
_DURATION = re.compile(r"^(\d+)\s*(s|m|h|d)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MEMBER = re.compile(r"(slack|teams|local|rule):([^\s*]+|([^\s*:]+:)?\*)|group:[^\s*]+")
_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


class PolicyError(Exception):
    """The policy file cannot be used; the text names the place and what to write."""


class Comparison(BaseModel):
    """`<=50` and its like."""

    model_config = ConfigDict(frozen=True)
    op: Literal["<=", "<", ">=", ">", "="]
    value: float

    def holds(self, number: float) -> bool:
        """Say whether `number` satisfies this."""
        match self.op:
            case "<=":
                return number <= self.value
            case "<":
                return number < self.value
            case ">=":
                return number >= self.value
            case ">":
                return number > self.value
            case "=":
                return number == self.value

    def __str__(self) -> str:
        return f"{self.op} {self.value:g}"

    @property
    def words(self) -> str:
        """Say it as a person would: "at most 50"."""
        return f"{_COMPARED[self.op]} {self.value:g}"


_COMPARED = {"<=": "at most", "<": "fewer than", ">=": "at least", ">": "more than", "=": "exactly"}


def _comparison(raw: object) -> object:
    if isinstance(raw, str) and (found := _COMPARISON.match(raw.strip())):
        return Comparison(op=found[1], value=float(found[2]))
    raise ValueError('write a comparison such as "<=50"')


def _duration(raw: object) -> object:
    if isinstance(raw, str) and (found := _DURATION.match(raw.strip())):
        return int(found[1]) * _SECONDS[found[2]]
    raise ValueError('write a duration such as "30m", "2h" or "1d"')


def _hours(raw: object) -> object:
    if isinstance(raw, str) and (found := _HOURS.match(raw.strip())):
        return (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))
    raise ValueError('write hours in UTC such as "08:00-18:00"')


def _with_offset(raw: datetime) -> datetime:
    if raw.tzinfo is None:
        raise ValueError("write an instant with its offset such as 2026-12-24T00:00:00Z")
    return raw


def _hours_apart(raw: tuple[time, time]) -> tuple[time, time]:
    if raw[0] == raw[1]:
        raise ValueError("write two different hours; these never hold")
    return raw


def _several(raw: object) -> object:
    return raw if isinstance(raw, list | tuple) else [raw]


def _environments(raw: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalised(one) for one in raw))


def _member_form(text: str) -> str:
    if not _MEMBER.fullmatch(text):
        raise ValueError(
            'write "slack:T0ACME:U0ONE", "teams:TENANT:OBJECT", "local:ada", "group:oncall" or "slack:T0ACME:*"'
        )
    return text


Compare = Annotated[Comparison, BeforeValidator(_comparison)]
Seconds = Annotated[int, BeforeValidator(_duration)]
Hours = Annotated[tuple[time, time], BeforeValidator(_hours), AfterValidator(_hours_apart)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]
Environments = Annotated[Texts, AfterValidator(_environments)]
Instant = Annotated[datetime, AfterValidator(_with_offset)]
Member = Annotated[str, AfterValidator(_member_form)]
Level = Literal["low", "medium", "high", "critical"]


class Valid(BaseModel):
    """Base of every table: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Match(Valid):
    """What a rule speaks about; every key given must hold; a key not given holds always."""

    env: Environments | None = None
    effect: Annotated[tuple[Effect, ...], BeforeValidator(_several), Field(min_length=1)] | None = None
    cloud: Annotated[tuple[Cloud, ...], BeforeValidator(_several), Field(min_length=1)] | None = None
    account: Texts | None = None
    operation: Texts | None = None
    tags: dict[str, Texts] | None = None
    risk: Annotated[tuple[Level, ...], BeforeValidator(_several), Field(min_length=1)] | None = None
    exposes: bool | None = None
    count: Compare | None = None
    cost_per_day: Compare | None = None
    hours: Hours | None = None


class Approve(Valid):
    """How approval works under a rule."""

    roles: Annotated[tuple[str, ...], Field(min_length=1)]
    quorum: int = Field(default=1, ge=1, le=10)
    self_allowed: bool = Field(default=False, alias="self")
    reason: bool = False
    confirm: Literal["none", "count", "name"] = "none"
    expires: Seconds = 1800


class Rule(Valid):
    """One rule of the file."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    effect: Literal["allow", "deny"]
    match: Match = Match()
    request: tuple[str, ...] = ()
    approve: Approve | None = None
    because: str = ""


class Role(Valid):
    """Who holds a role: principal ids, `group:NAME`, or a trailing `*` for everyone a platform vouches for."""

    members: tuple[Member, ...] = ()


class Freeze(Valid):
    """A change freeze: nothing that writes is planned or approved inside it."""

    id: str
    start: Instant
    end: Instant
    match: Match = Match()
    because: str = ""


class Protected(Valid):
    """What no plan may touch with a write."""

    tags: dict[str, Texts] = Field(default_factory=dict)
    names: tuple[str, ...] = ()


class Caps(Valid):
    """Upper bounds for any one plan."""

    max_targets: int = Field(default=200, ge=1)
    max_destroy: int = Field(default=10, ge=0)
    max_unread_minutes: int = Field(default=60, ge=0)


class Playbooks(Valid):
    """Who reviews playbooks: roles; none means those that approve deletions."""

    reviewers: tuple[str, ...] = ()


class SettingsEditors(Valid):
    """Who may change settings without the file: roles; none means any role."""

    editors: tuple[str, ...] = ()


class Policy(Valid):
    """The whole policy, valid."""

    version: Literal[1]
    environment_tags: tuple[str, ...] = ("env", "Environment")
    roles: dict[str, Role] = Field(default_factory=dict)
    rule: tuple[Rule, ...] = ()
    freeze: tuple[Freeze, ...] = ()
    protected: Protected = Protected()
    caps: Caps = Caps()
    playbooks: Playbooks = Playbooks()
    settings: SettingsEditors = SettingsEditors()

    def roles_of(self, principal: Principal) -> frozenset[str]:
        """Return the roles `principal` holds now."""
        return frozenset(name for name, role in self.roles.items() if _member(principal, role.members))

    def members_of(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Return who holds any of `roles`, as written in the file."""
        return tuple(dict.fromkeys(one for role in roles for one in self.roles.get(role, Role()).members))

    def playbook_reviewers(self) -> tuple[str, ...]:
        """Return the roles whose members review playbooks: those that are named, else those that approve deletions."""
        if self.playbooks.reviewers:
            return self.playbooks.reviewers
        deleting = (
            rule.approve
            for rule in self.rule
            if rule.effect == "allow" and (rule.match.effect is None or Effect.DESTROY in rule.match.effect)
        )
        return tuple(dict.fromkeys(role for approve in deleting if approve for role in approve.roles))


_NOT_YET = ("preapproved", "step_up", "break_glass")


def load(path: Path) -> Policy:
    """Read and check the policy file.

    Raises:
        PolicyError: When it is missing, not TOML, has unknown keys or roles, or asks for what cannot be enforced.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyError(
            f"the policy file {path} does not exist: run `escher init policy` or set [policy] file"
        ) from None
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"the policy file {path} cannot be read: {error}") from error
    return parse(raw, source=str(path))


def parse(raw: dict[str, object], *, source: str) -> Policy:
    """Make a parsed TOML document valid.

    Raises:
        PolicyError: As in `load`.
    """
    if early := _not_yet(raw):
        raise PolicyError(f"{source}: {early} is not available in this version; remove it")
    try:
        policy = Policy.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        unknown = first["type"] == "extra_forbidden"
        raise PolicyError(
            f"{source}: {place}: {'there is no such key; remove it or mend its name' if unknown else said}"
        ) from None
    for what, names in (("rule", [one.id for one in policy.rule]), ("freeze", [one.id for one in policy.freeze])):
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise PolicyError(f'{source}: two [[{what}]] have the id "{twice}"; give each its own')
    for freeze in policy.freeze:
        if freeze.start >= freeze.end:
            raise PolicyError(f'{source}: freeze "{freeze.id}" ends before it begins; mend `start` or `end`')
    for rule in policy.rule:
        _check_rule(rule, policy, source)
    for what, roles in (("playbooks", policy.playbooks.reviewers), ("settings", policy.settings.editors)):
        if lost := next((role for role in roles if role not in policy.roles), None):
            raise PolicyError(f'{source}: [{what}] names role "{lost}", which has no [roles.{lost}]')
    return policy


def _not_yet(raw: object, place: str = "") -> str:
    """Return where something stands that this version cannot hold to; nowhere is empty."""
    if isinstance(raw, dict):
        if early := next((key for key in _NOT_YET if key in raw), None):
            return f"{place}{early}"
        return next((found for key, below in raw.items() if (found := _not_yet(below, f"{place}{key}."))), "")
    if isinstance(raw, list):
        return next((found for at, below in enumerate(raw) if (found := _not_yet(below, f"{place}{at}."))), "")
    return ""


def _check_rule(rule: Rule, policy: Policy, source: str) -> None:
    named = (*rule.request, *(rule.approve.roles if rule.approve else ()))
    for role in named:
        if role not in policy.roles:
            raise PolicyError(f'{source}: rule "{rule.id}" names role "{role}", which has no [roles.{role}]')
    if rule.effect == "allow" and not rule.request:
        raise PolicyError(f'{source}: rule "{rule.id}" does not say who may ask; write request = ["ROLE"]')
    if rule.effect == "allow" and rule.approve is None and rule.match.effect != (Effect.READ,):
        raise PolicyError(f'{source}: rule "{rule.id}" allows changes without `approve`; say who approves')


def _member(principal: Principal, members: tuple[str, ...]) -> bool:
    """Say whether one holds a role: a guest, an outsider or a bot only when named, everybody else also by group or `*`."""
    if principal.id in members and not principal.id.endswith("*"):
        return True
    if principal.standing is not Standing.MEMBER:
        return False
    groups = {group for group in principal.groups if group.startswith("group:")}
    return bool(groups & set(members)) or any(
        member.endswith("*") and principal.id.startswith(member.removesuffix("*")) for member in members
    )
