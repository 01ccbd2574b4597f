"""Which operation does something, and which rights it needs.

Rights stand in `permissions.tsv` (`operation`, `action`, `cloud`, `type`, `permissions`), made from the runner's catalogue and held against it by
a test; operations are those of the clouds' own SDKs.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from agent_server.agents.helping.orders import VERBS
from agent_server.agents.helping.told import Told, source
from agent_server.contract.intent import Intent
from agent_server.contract.playbook import CloudName
from agent_server.contract.types import generic_of
from agent_server.knowledge.store import Knowledge

_RIGHTS = re.compile(r"\b(?:permissions?|rights?|privileges?|allowed to|iam actions?|scopes?)\b")
_COMMAND = re.compile(r"\b(?:commands?|api calls?|api operations?|cli|sdk calls?|operations?)\b")
_ASKED = re.compile(rf"\b(?:which|what|whats)\b.*{_COMMAND.pattern}|{_COMMAND.pattern} (?:to|for|that)\b")
_OWN = re.compile(r"\bescher\b|\bwith you\b|\byou (?:understand|support|know|take|have)\b|\bin (?:here|chat)\b")
_CLOUDS: tuple[CloudName, ...] = ("aws", "azure", "gcp")
_NAMES = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
_SAID = {"aws": r"\b(?:aws|amazon)\b", "azure": r"\b(?:azure|az)\b", "gcp": r"\b(?:gcp|google|gcloud)\b"}
_WANTED = re.compile(r"\b(?:commands?|operations?) (?:to|for|that) (?P<rest>.+)")
_LISTS = re.compile(r"\blists?\b|\bshows?\b")
_LEADING = re.compile(
    r"(?:(?:which|whats?|what's|is|are|'s|the|an?|exact|right|to|for|that|do(?:es)?|can|could|should|would|will|i|we|one|you|use|run|call|"
    r"aws|amazon|azure|az|gcp|google|cloud|gcloud|api)\s+)*"
)
"""Words that lead to the deed and say nothing of it."""
_LEAST = 0.35
_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Right:
    operation: str
    action: str
    cloud: str
    type: str
    permissions: str


def rights(text: str, intent: Intent) -> Told | None:
    """Answer which permissions something needs; None when that is not asked."""
    low = text.lower()
    if not _RIGHTS.search(low):
        return None
    wanted = {action for action, words in VERBS.items() if re.search(rf"\b(?:{words})\w*\b", low)}
    kinds = {generic_of(type_) for type_ in intent.resource_types} | set(intent.resource_types)
    clouds = {one.value for one in intent.clouds}
    found = [
        row
        for row in _rights()
        if (not wanted or row.action in wanted)
        and (not kinds or {row.type, generic_of(row.type)} & kinds)
        and (not clouds or row.cloud in clouds)
    ]
    if not found or not (wanted or kinds):
        return Told(
            text=(
                "What each operation needs stands on its plan's card under Details, and whether the account has it is checked before anyone "
                "approves. For reading, the vendor's read-only role of each account is enough. Say what you want to do to which kind of thing, "
                "such as “what permissions do you need to stop RDS”."
            ),
            sources=(source("Escher", "catalogue of operations"),),
        )
    told = "; ".join(f"to {row.action} ({row.operation}): {row.permissions.replace(' ', ', ')}" for row in found[:8])
    return Told(text=f"{told[:1].upper()}{told[1:]}.", sources=(source("Escher", "catalogue of operations"),))


def command(text: str, intent: Intent, knowledge: Knowledge) -> Told | None:
    """Answer which operation or command does something; None when that is not asked, or asked of Escher itself."""
    low = text.lower()
    if not _ASKED.search(low) or _OWN.search(low):
        return None
    named = [cloud for cloud in _CLOUDS if re.search(_SAID[cloud], low)]
    clouds = named or [cloud for cloud in _CLOUDS if intent.cloud.value == cloud]
    if not clouds:
        wanted = _WANTED.search(low)
        said = f"“{wanted['rest'].rstrip('?. ')}”" if wanted else "what you want"
        text = f"Here there are no commands to learn: say {said} as it is. Name a cloud, and I tell you that vendor's own command."
        return Told(text=text, sources=(source("Escher", "help"),))
    asked = _deed(low)
    lines: list[str] = []
    for cloud in clouds:
        found = [one.item for one in knowledge.commands(asked, cloud, _MOST) if one.score >= _LEAST]
        if found:
            found.sort(key=lambda one: bool(_LISTS.search(low)) and one.effect != "read")
            first = found[0]
            line = f", on the command line `{first.cli}`" if first.cli else ""
            more = f" (also {', '.join(one.id for one in found[1:])})" if len(found) > 1 else ""
            about = f": {first.summary.rstrip('.')}" if first.summary else ""
            lines.append(f"On {_NAMES[cloud]} that is {first.id}{line}{about}{more}.")
    if not lines:
        return None
    return Told(text=" ".join(lines), sources=(source("Command reference", "made from the vendors' SDKs"),))


def _deed(text: str) -> str:
    """Return what the operation should do, as an order: "which command deletes a bucket" asks for "delete a bucket", not for a look."""
    said = " ".join(_COMMAND.sub(" ", text).rstrip(" ?!.").split())
    verb, _, rest = _LEADING.sub("", said, count=1).partition(" ")
    return f"{verb[:-1] if verb.endswith('s') and not verb.endswith('ss') else verb} {rest}"


@cache
def _rights() -> tuple[_Right, ...]:
    table = resources.files(__package__).joinpath("permissions.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:] if line)
    return tuple(_Right(operation=row[0], action=row[1], cloud=row[2], type=row[3], permissions=row[4]) for row in rows)
