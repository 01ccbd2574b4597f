"""What must hold before a plan runs: the policy's rules applied to an act."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from engine.approval.policy import Approve, Match, Policy, Rule
from engine.clouds.operation import Effect
from engine.estate.environment import PRODUCTION, environment_of
from engine.estate.resource import Cloud
from engine.principal import Principal
from engine.refusal import Refusal

_CONFIRM_ORDER = ("none", "count", "name")


def environment(tags: Mapping[str, str], keys: Iterable[str]) -> str:
    """Return the environment by its tag, one spelling for each; what carries none counts as `prod`."""
    return environment_of(tags, keys) or PRODUCTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One operation on one target, as the policy sees it."""

    operation: str
    effect: Effect
    exposes: bool
    target: str
    name: str
    cloud: Cloud
    account: str
    account_name: str
    env: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What rules may look at beside the acts."""

    now: datetime
    risk: str = "low"
    cost_per_day: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What must hold before execution.

    Attributes:
        rules: Ids of the rules that apply.
        approver_roles: Each inner tuple must be satisfied: an approver holds at least one role of every one.
        requester_roles: Likewise for who asks.
        quorum: How many different people must approve.
        self_allowed: Whether the requester counts.
        reason: Whether an approval needs a reason.
        confirm: `none`, `count` or `name`: what must be typed.
        expires_at: Until when it can be approved.
    """

    rules: tuple[str, ...]
    approver_roles: tuple[tuple[str, ...], ...]
    requester_roles: tuple[tuple[str, ...], ...]
    quorum: int
    self_allowed: bool
    reason: bool
    confirm: str
    expires_at: datetime

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles named, each once."""
        return tuple(dict.fromkeys(role for group in self.approver_roles for role in group))


def holds_roles(held: frozenset[str], wanted: tuple[tuple[str, ...], ...]) -> bool:
    """Say whether someone with the roles `held` satisfies every group of `wanted`."""
    return all(held & set(group) for group in wanted)


def requirement(
    acts: tuple[Act, ...], principal: Principal, policy: Policy, circumstances: Circumstances
) -> Requirement | Refusal:
    """Say what a plan of these acts needs when `principal` asks for it, or why it is refused.

    Any matching deny denies; then the strictest union of the matching allows; an act that no rule allows is denied.
    """
    rules = _applying(acts, policy, circumstances)
    if isinstance(rules, Refusal):
        return rules
    requesters = _requesters(rules)
    if not holds_roles(policy.roles_of(principal), requesters):
        who = ", ".join(dict.fromkeys(role for group in requesters for role in group))
        return Refusal(
            code="policy.requester",
            message=f"You may not ask for this: {_quoted(rules)} wants a member of {who}.",
            doors=(f"ask someone of {who}", "whoami"),
        )
    return _union(rules, requesters, circumstances.now)


def still(
    acts: tuple[Act, ...], held: Requirement, policy: Policy, circumstances: Circumstances
) -> Requirement | Refusal:
    """Say what a plan that was asked for under `held` needs by the policy of this moment, or why it is refused now.

    Whichever of the two is stricter holds; the plan expires when it said it would.
    """
    rules = _applying(acts, policy, circumstances)
    if isinstance(rules, Refusal):
        return rules
    now = _union(rules, _requesters(rules), circumstances.now)
    return replace(
        held,
        rules=tuple(dict.fromkeys((*held.rules, *now.rules))),
        approver_roles=tuple(dict.fromkeys((*held.approver_roles, *now.approver_roles))),
        quorum=max(held.quorum, now.quorum),
        self_allowed=held.self_allowed and now.self_allowed,
        reason=held.reason or now.reason,
        confirm=max(held.confirm, now.confirm, key=_CONFIRM_ORDER.index),
    )


def _applying(acts: tuple[Act, ...], policy: Policy, circumstances: Circumstances) -> tuple[Rule, ...] | Refusal:
    """Return the rules that speak about the acts, in the order of the file, or why the acts are refused."""
    if refused := _forbidden(acts, policy, circumstances):
        return refused
    standing = [(rule, meant) for rule in policy.rule if (meant := _meant(rule.match, acts, circumstances))]
    applying: dict[str, Rule] = {}
    for place, act in enumerate(acts):
        speaking = [rule for rule, meant in standing if place in meant]
        denied = next((rule for rule in speaking if rule.effect == "deny"), None)
        if denied:
            return _denied_by(denied, acts)
        if not speaking:
            return _unallowed(act, acts, policy, circumstances)
        applying.update({rule.id: rule for rule in speaking})
    return tuple(rule for rule in policy.rule if rule.id in applying)


def _requesters(rules: tuple[Rule, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(rule.request for rule in rules))


def _union(rules: tuple[Rule, ...], requesters: tuple[tuple[str, ...], ...], now: datetime) -> Requirement:
    approvals: list[Approve] = [rule.approve for rule in rules if rule.approve]
    return Requirement(
        rules=tuple(rule.id for rule in rules),
        approver_roles=tuple(dict.fromkeys(approve.roles for approve in approvals)) or requesters,
        requester_roles=requesters,
        quorum=max((approve.quorum for approve in approvals), default=1),
        self_allowed=bool(approvals) and all(approve.self_allowed for approve in approvals),
        reason=any(approve.reason for approve in approvals),
        confirm=max((approve.confirm for approve in approvals), key=_CONFIRM_ORDER.index, default="none"),
        expires_at=now + timedelta(seconds=min((approve.expires for approve in approvals), default=1800)),
    )


def _forbidden(acts: tuple[Act, ...], policy: Policy, circumstances: Circumstances) -> Refusal | None:
    writes = tuple(act for act in acts if act.effect is not Effect.READ)
    targets = {act.target for act in writes}
    destroyed = {act.target for act in writes if act.effect is Effect.DESTROY}
    if len(targets) > policy.caps.max_targets:
        return _over("max_targets", len(targets), policy.caps.max_targets, "resources")
    if len(destroyed) > policy.caps.max_destroy:
        return _over("max_destroy", len(destroyed), policy.caps.max_destroy, "deletions")
    frozen = tuple(
        (freeze, meant)
        for freeze in policy.freeze
        if freeze.start <= circumstances.now < freeze.end and (meant := _meant(freeze.match, acts, circumstances))
    )
    for place, act in enumerate(acts):
        if act.effect is Effect.READ:
            continue
        if why := _protected(act, policy):
            return Refusal(
                code="policy.protected",
                message=f"{act.name} is protected ({why}); no plan may change it.",
                doors=("leave it out and ask again",),
            )
        for freeze, meant in frozen:
            if place in meant:
                because = f": {freeze.because}" if freeze.because else ""
                return Refusal(
                    code="policy.freeze",
                    message=f'Change freeze "{freeze.id}" holds until {freeze.end:%Y-%m-%d %H:%M %Z}{because}.',
                    doors=("ask again after it",),
                )
    return None


def _over(cap: str, count: int, most: int, what: str) -> Refusal:
    return Refusal(
        code="policy.cap",
        message=f"This plan has {count} {what}; the policy's cap `{cap}` allows at most {most} in one plan.",
        doors=("narrow it by region, name or tag", f"plan the first {most}"),
    )


def _protected(act: Act, policy: Policy) -> str:
    for name in policy.protected.names:
        if fnmatchcase(act.name.casefold(), name.casefold()):
            return f'name "{name}"'
    for key, values in policy.protected.tags.items():
        wanted = {value.casefold() for value in values}
        for own, value in act.tags.items():
            if own.casefold() == key.casefold() and (value.casefold() in wanted or "*" in wanted):
                return f"tag {own}={value}"
    return ""


def _meant(match: Match, acts: tuple[Act, ...], circumstances: Circumstances) -> frozenset[int]:
    """Return the places of the acts that a match speaks about; none when its circumstances or its count do not hold."""
    if not _around(match, circumstances):
        return frozenset()
    meant = frozenset(place for place, act in enumerate(acts) if _about(match, act))
    holds = match.count is None or match.count.holds(len({acts[place].target for place in meant}))
    return meant if holds else frozenset()


def _about(match: Match, act: Act) -> bool:
    return (
        (match.env is None or act.env in match.env)
        and (match.effect is None or act.effect in match.effect)
        and (match.cloud is None or act.cloud in match.cloud)
        and (match.account is None or act.account in match.account or act.account_name in match.account)
        and (match.operation is None or any(fnmatchcase(act.operation, pattern) for pattern in match.operation))
        and (match.exposes is None or act.exposes == match.exposes)
        and (match.tags is None or all(act.tags.get(key) in values for key, values in match.tags.items()))
    )


def _around(match: Match, circumstances: Circumstances) -> bool:
    if match.risk is not None and circumstances.risk not in match.risk:
        return False
    if match.cost_per_day is not None and not match.cost_per_day.holds(circumstances.cost_per_day):
        return False
    if match.hours is None:
        return True
    start, end = match.hours
    at = circumstances.now.timetz().replace(tzinfo=None)
    return start <= at < end if start <= end else (at >= start or at < end)


def _counted(match: Match, acts: tuple[Act, ...]) -> int:
    return len({act.target for act in acts if _about(match, act)})


def _denied_by(rule: Rule, acts: tuple[Act, ...]) -> Refusal:
    because = f": {rule.because}" if rule.because else "."
    return Refusal(
        code="policy.denied",
        message=f'Policy "{rule.id}" forbids this ({len({act.target for act in acts})} resources){because}',
        doors=("list them instead",),
    )


def _unallowed(act: Act, acts: tuple[Act, ...], policy: Policy, circumstances: Circumstances) -> Refusal:
    """Name the rule that comes nearest, when only its count stands in the way."""
    for rule in policy.rule:
        near = rule.effect == "allow" and _about(rule.match, act) and _around(rule.match, circumstances)
        if near and rule.match.count is not None:
            count = _counted(rule.match, acts)
            return Refusal(
                code="policy.count",
                message=f'It touches {count} resources in {act.env}; policy "{rule.id}" allows {rule.match.count.words} in one plan.',
                doors=(
                    "list them",
                    "narrow it by region, name or tag",
                    f"plan the first {int(rule.match.count.value)}",
                ),
            )
    return Refusal(
        code="policy.default_deny",
        message=f"No rule of the policy allows {act.operation} on {act.name} ({act.env}).",
        doors=("list them instead", "ask the operator to add a rule to the policy"),
    )


def _quoted(rules: tuple[Rule, ...]) -> str:
    return "policy " + ", ".join(f'"{rule.id}"' for rule in rules)
