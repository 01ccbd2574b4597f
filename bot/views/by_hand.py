"""What a chat does not change, with the exact file and lines that do. Pure.

Accounts, approvers, policy and tokens decide who is let in and what can be reached; they stand in files that only the operator of
Escher writes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_RESTART = "Then start Escher again: settings files are read at the start."
_POLICY_NOW = "The policy is read again as soon as the file changes."


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """One thing to be done by hand.

    Attributes:
        answer: What it is about, in a sentence.
        file: The file.
        lines: The lines to write there.
        commands: Commands to run.
        then: What happens then.
    """

    answer: str
    file: str = ""
    lines: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    then: str = ""


def connect(cloud: str, filters: Mapping[str, Any], file: str) -> ByHand:
    """Return how an account of a cloud is connected."""
    given = str(filters.get("account") or filters.get("subscription") or filters.get("project") or "")
    region: tuple[str, ...] = ()
    match cloud:
        case "azure":
            name, id_ = _named(given, "corp", "SUBSCRIPTION-ID")
            lines = ("[[azure.subscriptions]]", f'name = "{name}"', f'subscription_id = "{id_}"')
            what = f"azure-{name}"
        case "gcp":
            name, id_ = (given or "data"), (given or "PROJECT-ID")
            lines = ("[[gcp.projects]]", f'name = "{name}"', f'project_id = "{id_}"')
            what = f"gcp-{name}"
        case "aws":
            name, id_ = _named(given, "dev", "111122223333")
            lines = ("[[aws.accounts]]", f'name = "{name}"', f'account_id = "{id_}"')
            what, region = f"aws-{name}", ('regions = ["us-east-1"]',)
        case _:
            return ByHand(
                answer="An account is connected in the settings file. Say which: connect an AWS account, an Azure "
                "subscription, or a Google Cloud project."
            )
    return ByHand(
        answer="An account is connected in the settings file, where the credential is only named, never written.",
        file=file,
        lines=(*lines, f'credential = "keyring:{what}"', *region),
        commands=(f"escher creds add {what}", "escher doctor"),
        then=_RESTART,
    )


def disconnect(cloud: str, filters: Mapping[str, Any], file: str) -> ByHand:
    """Return how an account is disconnected."""
    given = str(filters.get("account") or filters.get("subscription") or filters.get("project") or "")
    table = {"aws": "[[aws.accounts]]", "azure": "[[azure.subscriptions]]", "gcp": "[[gcp.projects]]"}.get(cloud)
    which = f'the entry with name = "{given}"' if given else "its entry"
    return ByHand(
        answer=f"An account is disconnected in the settings file: remove {which}"
        f"{f' under {table}' if table else ''} in {file}.",
        commands=("escher creds list", "escher creds remove NAME"),
        then=_RESTART,
    )


def unsettable(subject: str, value: Any, *, file: str, policy: str, who: str) -> ByHand:
    """Return how a subject that a chat does not change is changed by hand.

    Args:
        subject: What it is about, as the intent names it.
        value: What was said, if anything.
        file: The settings file.
        policy: The policy file.
        who: The principal who asks, as an example of how people are written.
    """
    match subject:
        case "approvers" | "users":
            return ByHand(
                answer="Who may ask and approve stands in the policy; names are the platforms' own ids, so that "
                f"nobody can be taken for another. You are {who}; say whoami in the chat of whom you mean.",
                file=policy,
                lines=("[roles.platform]", f"members = [{json.dumps(who)}, {json.dumps(_person(value))}]"),
                then=_POLICY_NOW,
            )
        case "approvals":
            quorum = value if isinstance(value, int) else 2
            return ByHand(
                answer="How many approvals a change needs stands in the rules of the policy.",
                file=policy,
                lines=(
                    "[[rule]]",
                    'id = "prod"',
                    f'approve = {{ roles = ["platform"], quorum = {quorum}, self = false, expires = "30m" }}',
                ),
                then=_POLICY_NOW,
            )
        case "read_only":
            on = ("[[rule]]", 'id = "read-only"', 'effect = "deny"', 'match = { effect = ["write", "destroy"] }')
            return ByHand(
                answer="Read-only is a rule of the policy that denies every change; remove it to allow changes again.",
                file=policy,
                lines=on,
                then=_POLICY_NOW,
            )
        case "quiet_hours":
            return ByHand(
                answer="A time in which nothing may be changed is a freeze of the policy.",
                file=policy,
                lines=("[[freeze]]", 'id = "holidays"', "start = 2026-12-24T00:00:00Z", "end = 2026-12-27T00:00:00Z"),
                then=_POLICY_NOW,
            )
        case "report" | "report_time" | "timezone" | "channel":
            return ByHand(
                answer="No morning report is configured yet. Its place is a channel's id, as the platform writes it.",
                file=file,
                lines=("[[report]]", 'channel = "slack:C0123"', 'at = "07:30"', 'timezone = "Europe/Berlin"'),
                then=_RESTART,
            )
        case "budget" | "currency":
            return ByHand(
                answer="No budget is configured yet.",
                file=file,
                lines=("[[budgets]]", 'scope = "all"', "monthly = 25000", 'currency = "USD"'),
                then=_RESTART,
            )
        case "default_region" | "default_cloud" | "default_account":
            return ByHand(
                answer="There is no default place: what you ask for is looked for in every connected account. "
                "Which regions of an AWS account are looked at is set in the settings file.",
                file=file,
                lines=("[[aws.accounts]]", f"regions = [{json.dumps(str(value or 'eu-west-1'))}]"),
                then=_RESTART,
            )
        case _:
            return ByHand(
                answer=f"There is no setting for {subject.replace('_', ' ')}. Say settings to see what there is."
            )


def channel(said: str, key: str) -> ByHand:
    """Return how a report's channel is named: by its id, because names of channels can be taken by others."""
    return ByHand(
        answer=f"A channel is set by its id, because its name can be given to another channel. In Slack, {said or 'the channel'}: "
        "View channel details, at the very end. In Teams it is the conversation's id.",
        commands=(f"escher settings set {key} slack:C0123",),
        then=f"Or say here: set {key} slack:C0123",
    )


def _named(given: str, name: str, id_: str) -> tuple[str, str]:
    """Return name and id of what was given: digits and dashes are an id, words a name."""
    if not given:
        return name, id_
    return (name, given) if sum(letter.isdigit() for letter in given) >= len(given) // 2 else (given, id_)


def _person(value: Any) -> str:
    return "slack:T0ACME:U0ONE" if not isinstance(value, str) or ":" not in value else value
