"""How one says an order: for the plain verbs on kinds of things, and whether Escher does that at all."""

import re

from agent_server.agents.capabilities import capabilities
from agent_server.agents.helping.told import Told, source
from agent_server.agents.wording import noun
from agent_server.contract.intent import Intent
from agent_server.contract.types import generic_of, resource_types

_ASKS = re.compile(
    r"\bhow (?:do|can|should|would|could) (?:i|we|you|one)\b|\bhow to\b|^(?:can|could) (?:you|i|we|escher)\b|\bis it possible\b"
)
VERBS = {
    "restore": r"restore|undelete|recover", "create": r"create|launch|provision", "scale": r"scale", "patch": r"patch", "failover": r"fail ?over",
    "stop": r"stop|shut ?down|deallocate|turn off", "start": r"start|turn on|boot", "restart": r"restart|reboot", "delete": r"delete|terminate|remove|destroy",
    "resize": r"resize|change the size of", "snapshot": r"snapshot|back up", "untag": r"untag", "tag": r"tag|label", "detach": r"detach",
    "make_private": r"make .*private|close", "make_public": r"make .*public", "encrypt": r"encrypt",
}  # fmt: skip
_LIKE = {"make_private": "make {what} NAME private", "make_public": "make {what} NAME public", "tag": "tag {what} NAME with team=web", "untag": "remove the tag team from {what} NAME"}  # fmt: skip


def order(low: str, intent: Intent) -> Told | None:
    """Answer how to have something done; None when that is not asked of a plain verb and a kind of thing."""
    verb = next((verb for verb, words in VERBS.items() if re.search(rf"\b(?:{words})\b", low)), "")
    kinds = [kind for kind in intent.resource_types if kind != "any::resource"]
    if not verb or not kinds or not _ASKS.search(low):
        return None
    wanted = set(kinds) | {row.type for row in resource_types() if row.generic in kinds}
    able = {row.type for row in capabilities().values() if row.action == verb and row.type in wanted}
    said = verb.replace("_", " ")
    what = _noun(kinds[0], many=False)
    if not able:
        others = sorted({row.action.replace("_", " ") for row in capabilities().values() if row.type in wanted})
        nearest = f" What I do with {_noun(kinds[0], many=True)}: {', '.join(others)}." if others else ""
        return Told(
            text=f"I cannot {said} {_noun(kinds[0], many=True)} yet.{nearest} I can list and describe what I see."
        )
    like = _LIKE.get(verb, f"{said} {{what}} NAME").format(what=what)
    text = (
        f"Say it as an order, with a name, tag, environment or region to say which: “{like}”. I show the plan first: what exactly, at what risk, and "
        "whether it can be undone; it runs when someone whom the policy names approves it."
    )
    return Told(text=text, sources=(source("Escher", "catalogue of operations"),))


def verb_of(low: str) -> str:
    """Return the pattern of the verb that a text uses; empty for none."""
    return next((words for words in VERBS.values() if re.search(rf"\b(?:{words})\b", low)), "")


def _noun(kind: str, *, many: bool) -> str:
    row = next((row for row in resource_types() if row.type == kind), None)
    if row is not None and kind.startswith("any::"):
        return f"{row.words[0]}s" if many else row.words[0]
    return noun(kind, row.cloud, many=many) if row is not None else generic_of(kind).partition("::")[2]
