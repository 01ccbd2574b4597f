"""Which part of help answers: the most exact first; what none knows is said to be not known."""

import re

from agent_server.agents.helping import commands, practices
from agent_server.agents.helping.escher import about_escher
from agent_server.agents.helping.naming import naming
from agent_server.agents.helping.orders import order, verb_of
from agent_server.agents.helping.told import Told
from agent_server.agents.helping.unable import unable
from agent_server.contract.intent import Intent
from agent_server.knowledge.store import Knowledge

_ABILITY = re.compile(r"^(?:can|could|do|does|are|is|will) (?:you|escher|it|this|the bot)\b|\bsupport\w*\b")
_UNKNOWN = (
    "I do not know that, and I will not guess. I can say what a thing is called on another cloud (“what is a security group called in Azure”), "
    "which command does something (“which command lists NAT gateways on gcp”), what rights it needs, how it is done well (“best practice for "
    "s3 encryption”), and how I work (“how do approvals work”)."
)


def helped(text: str, intent: Intent, knowledge: Knowledge) -> Told:
    """Return the answer to a question for help."""
    low = " ".join(text.lower().split())
    if _ABILITY.search(low) and (cannot := unable(intent)):
        return Told(text=cannot[0])
    for found in (commands.rights(low, intent), naming(low), commands.command(low, intent, knowledge)):
        if found is not None:
            return found
    if own := about_escher(low):
        return Told(text=own)
    if (told := order(low, intent)) is not None:
        fits = practices.practice(low, intent, about=verb_of(low))
        return Told(text=f"{told.text} {fits.text}"[:4000], sources=fits.sources) if fits else told
    if (fits := practices.practice(low, intent)) is not None:
        return fits
    if (fits := practices.nearest(low, intent, knowledge)) is not None:
        return fits
    return Told(text=_UNKNOWN, known=False)
