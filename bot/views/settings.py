"""Settings as cards: what is set, a change to be confirmed, a change that was made, and what is written by hand. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from blocks.components import (
    ChatMessage,
    Code,
    ConfirmationCard,
    Note,
    NoticeCard,
    SettingsCard,
    StatusGroup,
    StatusLine,
    line,
)
from blocks.components.actions import Action, ActionId, ActionStyle
from blocks.components.vocabulary import Tone
from blocks.wording import count, money
from bot.settable import SETTABLE
from bot.settings import Loaded
from bot.settings_desk import Change
from bot.views import policy as plain
from bot.views.by_hand import ByHand
from bot.views.nouns import cloud_name
from engine.approval.policy import Policy
from engine.clouds.ports import CloudAccount

_HEADLINES = {
    "approvers": "Who can approve what, by the policy",
    "users": "Who may use Escher, by the policy",
    "accounts": "The connected accounts",
}


def settings_card(
    subject: str, *, loaded: Loaded, policy: Policy, accounts: Sequence[CloudAccount], card_notes: Sequence[str] = ()
) -> SettingsCard:
    """Return what is set about a subject, or everything."""
    groups = {
        "report": _report(loaded),
        "budget": _budgets(loaded),
        "accounts": _accounts(accounts, loaded),
        "approvers": _approvals(policy),
        "users": _roles(policy),
        "reading": _reading(loaded),
        "defaults": _defaults(policy),
        "policy": _policy(policy),
    }
    wanted = _GROUPS.get(subject, _EVERYTHING)
    shown = tuple(groups[name] for name in wanted)
    return SettingsCard(
        headline=line(_headline(subject, shown, accounts, loaded)),
        groups=shown,
        notes=tuple(Note(text=line(note)) for note in card_notes),
    )


_EVERYTHING = ("report", "budget", "accounts", "policy", "reading", "defaults")
_GROUPS = {
    "approvers": ("approvers", "users"),
    "approvals": ("approvers", "users"),
    "users": ("users",),
    "accounts": ("accounts",),
    "report": ("report",),
    "report_time": ("report",),
    "timezone": ("report",),
    "channel": ("report",),
    "notifications": ("report",),
    "budget": ("budget",),
    "currency": ("budget",),
    "sync": ("reading",),
    "read_only": ("defaults", "approvers"),
    "default_region": ("defaults", "accounts"),
    "default_cloud": ("defaults", "accounts"),
    "default_account": ("defaults", "accounts"),
    "language": ("defaults",),
    "quiet_hours": ("defaults", "approvers"),
}


def confirmation_card(change: Change, proposal: str) -> ConfirmationCard:
    """Return the question whether a setting is to be changed: its exact key, the old and the new value, and when it holds."""
    shadow = f"{change.shadowed_by} in the environment stands above it; it holds once that is gone."
    holds = shadow if change.shadowed_by else f"It takes effect {change.applies.value}."
    return ConfirmationCard(
        question=line("Set ", Code(text=change.key), " to ", Code(text=shown(change.new)), "?"),
        detail=(line("Now it is ", Code(text=shown(change.old)), "."), line(holds)),
        actions=(
            Action(id=ActionId.ASK, label="Set it", style=ActionStyle.PRIMARY, value={"text": f"confirm {proposal}"}),
        ),
    )


def changed_card(change: Change, who: str) -> NoticeCard:
    """Return that a setting was changed."""
    shadow = f"{change.shadowed_by} in the environment still stands above it."
    return NoticeCard(
        headline=line("Set ", Code(text=change.key), " to ", Code(text=shown(change.new))),
        tone=Tone.GOOD,
        lines=(
            line("It was ", Code(text=shown(change.old)), f". Changed by {who}."),
            line(shadow if change.shadowed_by else f"It takes effect {change.applies.value}."),
            line("Taken back by ", Code(text=f"unset {change.root}"), "."),
        ),
    )


def by_hand_card(told: ByHand) -> ChatMessage:
    """Return what is written by hand: in which file, which lines, and what then."""
    lines = [line(told.answer)]
    if told.lines:
        lines.append(line("Write in ", Code(text=told.file), ":"))
        lines += [line(Code(text=one)) for one in told.lines]
    lines += [line("Then: ", Code(text=one)) for one in told.commands]
    lines += [line(told.then)] if told.then else []
    return ChatMessage(paragraphs=tuple(lines))


def shown(value: Any) -> str:
    """Return a value as one would write it in the settings."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _headline(subject: str, groups: Sequence[StatusGroup], accounts: Sequence[CloudAccount], loaded: Loaded) -> str:
    if subject in {"report", "report_time", "timezone", "channel"}:
        reports = loaded.settings.report
        if not reports:
            return "No morning report is configured"
        return f"The morning report comes at {' and '.join(f'{one.at} {one.timezone}' for one in reports)}"
    if subject == "accounts":
        return f"{count(len(accounts), 'account')} connected" if accounts else "No account is connected"
    return _HEADLINES.get(subject, groups[0].title if len(groups) == 1 else "How Escher is set")


def _report(loaded: Loaded) -> StatusGroup:
    found = tuple(
        StatusLine(label=f"report.{n}", value=line(f"{one.at} {one.timezone}, to ", Code(text=one.channel)))
        for n, one in enumerate(loaded.settings.report)
    )
    none = StatusLine(label="Morning report", value=line("none"), remedy='say "set report.at 07:30" once there is one')
    return StatusGroup(title="Morning report", lines=found or (none,))


def _budgets(loaded: Loaded) -> StatusGroup:
    found = tuple(
        StatusLine(label=f"budgets.{n}", value=line(f"{one.scope}: {money(one.monthly, one.currency)} a month"))
        for n, one in enumerate(loaded.settings.budgets)
    )
    return StatusGroup(title="Budgets", lines=found or (StatusLine(label="Budget", value=line("none")),))


def _accounts(accounts: Sequence[CloudAccount], loaded: Loaded) -> StatusGroup:
    regions = {one.account_id: ", ".join(one.regions) for one in loaded.settings.aws.accounts}
    return StatusGroup(
        title="Accounts",
        lines=tuple(
            StatusLine(
                label=f"{cloud_name(one.cloud)} {one.name}",
                value=line(f"{one.account[:4]}… · {regions.get(one.account) or 'all regions'}"),
            )
            for one in accounts
        ),
    )


def _approvals(policy: Policy) -> StatusGroup:
    rules = tuple(
        StatusLine(
            label=rule.id,
            value=line(f"{plain.about(rule.match)}: {plain.approval(rule)}"),
            remedy=plain.askers(rule),
        )
        for rule in policy.rule
    )
    return StatusGroup(
        title="Approvals",
        lines=rules or (StatusLine(label="Rules", value=line("none: nobody may change anything")),),
    )


def _policy(policy: Policy) -> StatusGroup:
    """The policy in one line, where it is one subject among others."""
    words = f"{count(len(policy.rule), 'rule')}, {count(len(policy.roles), 'role')}"
    return StatusGroup(
        title="Policy",
        lines=(StatusLine(label="Approvals", value=line(words), remedy='ask "who are the approvers"'),),
    )


def _roles(policy: Policy) -> StatusGroup:
    found = tuple(StatusLine(label=role, value=line(plain.members(policy, role))) for role in policy.roles)
    return StatusGroup(title="Roles", lines=found or (StatusLine(label="Roles", value=line("none")),))


def _reading(loaded: Loaded) -> StatusGroup:
    settings = loaded.settings
    return StatusGroup(
        title="Reading and privacy",
        lines=(
            StatusLine(label="sync.every", value=line(settings.sync.every)),
            StatusLine(label="privacy.tag_keys", value=line(", ".join(settings.privacy.tag_keys) or "none")),
        ),
    )


def _defaults(policy: Policy) -> StatusGroup:
    off = (
        "off: the policy lets changes be asked for"
        if plain.changes_anything(policy)
        else "on: the policy allows no change"
    )
    return StatusGroup(
        title="Defaults",
        lines=(
            StatusLine(label="Read-only", value=line(off)),
            StatusLine(label="Default region", value=line("none: I look everywhere unless you name a region")),
            StatusLine(label="Set in chat", value=line(", ".join(SETTABLE))),
        ),
    )
