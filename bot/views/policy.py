"""The policy in plain words: who may ask for what, and who can approve it. Pure."""

from collections.abc import Sequence

from blocks.wording import count, duration, money
from engine.approval.policy import Comparison, Match, Policy, Rule
from engine.clouds.operation import Effect

_DEEDS = {Effect.READ: "looking at", Effect.WRITE: "changing", Effect.DESTROY: "deleting"}
_BOUNDS = {"<=": "up to", "<": "fewer than", ">=": "at least", ">": "more than", "=": "exactly"}
_MOST_MEMBERS = 6


def about(match: Match) -> str:
    """Return what a rule speaks about: `changing dev, test, up to 50 resources`."""
    deeds = [_DEEDS[effect] for effect in match.effect or tuple(Effect)]
    what = _listed(deeds)
    if match.exposes is not None:
        what = "opening something to the public" if match.exposes else f"{what} without opening anything to the public"
    where = [
        *(match.env or ()),
        *(cloud.value.upper() for cloud in match.cloud or ()),
        *(f"account {one}" for one in match.account or ()),
        *(f"{key}={'/'.join(values)}" for key, values in (match.tags or {}).items()),
    ]
    limits = [
        *((f"by {', '.join(match.operation)}",) if match.operation else ()),
        *((f"at {' or '.join(match.risk)} risk",) if match.risk else ()),
        *((f"{_bound(match.count)} resources",) if match.count else ()),
        *((f"at {_money_bound(match.cost_per_day)} a day",) if match.cost_per_day else ()),
        *((f"from {match.hours[0]:%H:%M} to {match.hours[1]:%H:%M} UTC",) if match.hours else ()),
    ]
    return ", ".join([f"{what} {', '.join(where)}" if where else what, *limits])


def approval(rule: Rule) -> str:
    """Return how a rule is approved: `1 approval by platform; whoever asked may approve; open for 30 min`."""
    if rule.effect == "deny":
        return f"never{f': {rule.because}' if rule.because else ''}"
    needs = rule.approve
    if needs is None:
        return "needs no approval"
    own = "whoever asked may approve too" if needs.self_allowed else "somebody other than who asked"
    extra = [
        *(("with a reason",) if needs.reason else ()),
        *((f"typing the {needs.confirm}",) if needs.confirm != "none" else ()),
    ]
    parts = [
        f"{count(needs.quorum, 'approval')} by {' or '.join(needs.roles)}",
        own,
        *extra,
        f"open for {duration(needs.expires)}",
    ]
    return "; ".join(parts)


def askers(rule: Rule) -> str:
    """Return who may ask."""
    return f"asked by {' or '.join(rule.request)}" if rule.request else ""


def members(policy: Policy, role: str) -> str:
    """Return who holds a role, as the file writes it."""
    return some(policy.members_of((role,))) or "nobody yet"


def some(names: Sequence[str]) -> str:
    """Return the first few names and how many more there are."""
    more = len(names) - _MOST_MEMBERS
    return ", ".join(names[:_MOST_MEMBERS]) + (f" and {more} more" if more > 0 else "")


def changes_anything(policy: Policy) -> bool:
    """Say whether the policy lets anybody change anything."""
    return any(
        rule.effect == "allow" and (rule.match.effect is None or set(rule.match.effect) - {Effect.READ})
        for rule in policy.rule
    )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _bound(bound: Comparison) -> str:
    return f"{_BOUNDS[bound.op]} {bound.value:g}"


def _money_bound(bound: Comparison) -> str:
    return f"{_BOUNDS[bound.op].replace('fewer', 'less')} {money(bound.value)}"
