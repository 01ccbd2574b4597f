"""What the agent server says about a plan, in words for its card. Pure.

All of it is foreign: it is capped, each line says whose words it holds, and which targets a plan leaves out is read from the plan, never
from what is said about it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from agent_server.contract.plan import Finding, PlanReply
from engine.actionable import left_out, shown
from engine.planning.context import Target
from engine.planning.record import Remark
from engine.planning.risk import NOTHING_CLAIMED, Claimed

MOST_REASONS = 5
_MOST_WORDS = 240
_MOST_ALIKE = 3
_COUNTED = re.compile(r"^\d[\d,]* targets? (?:is|are) ")
_INSTEAD = re.compile(r"offline \((.+)\)")
_BY = " by the planner"
# The card says these itself, from what the runner knows: of each target in the plan whether its rights are denied, and what the plan costs.
_OWN = frozenset({"permission.denied", "cost"})

Restore = Callable[[str], str]


def remarks(reply: PlanReply, targets: Sequence[Target], restore: Restore) -> tuple[Remark, ...]:
    """Return the lines for a plan's card, those first that should not be missed.

    Args:
        reply: What came, with a plan.
        targets: What was asked about.
        restore: Puts real words back for pseudonyms.
    """
    planned = {handle for step in reply.plan.steps for handle in step.targets} if reply.plan else set()
    absent = {target.handle: target.resource.name for target in targets if target.handle not in planned}
    omitting = [finding for finding in reply.validation if not absent.keys().isdisjoint(finding.targets)]
    others = [finding for finding in reply.validation if finding not in omitting and finding.code not in _OWN]
    said = [_remark(finding, absent, restore) for finding in (*omitting, *others)]
    explained = {handle for finding in omitting for handle in finding.targets}
    silent = [name for handle, name in absent.items() if handle not in explained]
    found = [*_unexplained(silent), *_tainted(reply), *said, *_instead(reply)]
    return tuple(dict.fromkeys(sorted(found, key=lambda one: not one.loud)))


def cost(reply: PlanReply) -> str:
    """Return the sentence on money, for a plan of which the runner knows no price; empty when there is none."""
    told = next((finding.message for finding in reply.validation if finding.code == "cost"), "")
    return capped(told).rstrip(".")


def claimed(reply: PlanReply, restore: Restore) -> Claimed:
    """Return what is said of the risk."""
    if reply.risk is None:
        return NOTHING_CLAIMED
    return Claimed(level=reply.risk.level, reasons=tuple(capped(restore(one)) for one in reply.risk.reasons))


def alike(reply: PlanReply) -> tuple[str, ...]:
    """Return the ids of playbooks that are said to do the same."""
    return tuple(capped(one.id) for one in reply.playbooks)[:_MOST_ALIKE]


def reasons(reply: PlanReply, targets: Sequence[Target], restore: Restore) -> tuple[str, ...]:
    """Return what stands against a request that did not become a plan, and which things the sentence that says so is about."""
    names = {target.handle: target.resource.name for target in targets}
    found = (_against(one, reply.summary, names, restore) for one in reply.validation)
    return tuple(dict.fromkeys(filter(None, found)))[:MOST_REASONS]


def capped(text: str) -> str:
    """Return foreign words as one line of bounded length."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _MOST_WORDS else f"{plain[: _MOST_WORDS - 1]}…"


def _remark(finding: Finding, absent: Mapping[str, str], restore: Restore) -> Remark:
    message = capped(restore(finding.message)).rstrip(".")
    gone = [absent[handle] for handle in finding.targets if handle in absent]
    if gone:
        return Remark(text=left_out(gone, _COUNTED.sub("", message), by=_BY), loud=True)
    mended = " (put right)" if finding.repair in {"left_out", "values"} else ""
    return Remark(text=f"Planner: {message}{mended}", loud=finding.severity != "info")


def _unexplained(names: list[str]) -> Iterator[Remark]:
    if names:
        yield Remark(text=left_out(names, "without a reason", by=_BY), loud=True)


def _against(finding: Finding, summary: str, names: Mapping[str, str], restore: Restore) -> str:
    about = shown(names[handle] for handle in finding.targets if handle in names)
    if finding.message == summary:
        return f"Which: {about}" if about else ""
    message = capped(restore(finding.message)).rstrip(".")
    return f"{message}: {about}" if about else message


def _tainted(reply: PlanReply) -> Iterator[Remark]:
    if reply.tainted:
        yield Remark(text="made after reading text written by others; look twice", loud=True)


def _instead(reply: PlanReply) -> Iterator[Remark]:
    """Say that a model was to plan and did not, as the reply's own name for itself says it."""
    if why := _INSTEAD.fullmatch(reply.model):
        yield Remark(text=f"planned by rules: {capped(why[1])}", loud=False)
