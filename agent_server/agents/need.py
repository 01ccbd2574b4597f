"""What somebody needs who looks for a playbook (step 1): which action, where, on what, in whose words. Pure."""

import re

from agent_server.agents.parts import READING
from agent_server.contract.intent import Action, Intent, Scope
from agent_server.contract.playbook import CloudName, Need, PlaybookSearchRequest

_WORD = re.compile(r"[a-z0-9][a-z0-9+/-]{2,40}")
_EMPTY = frozenset(
    [
        "the",
        "and",
        "for",
        "that",
        "with",
        "this",
        "have",
        "are",
        "was",
        "is",
        "all",
        "any",
        "our",
        "your",
        "there",
        "which",
        "what",
        "find",
        "show",
        "list",
        "run",
        "use",
        "playbook",
        "playbooks",
        "runbook",
        "runbooks",
        "automation",
        "automations",
        "please",
        "can",
        "you",
        "how",
        "from",
        "into",
        "when",
    ]
)
_CLOUDS: tuple[CloudName, ...] = ("aws", "azure", "gcp")
_ABOUT = "playbook"
_ANYTHING = "any::resource"


def words_of(request: PlaybookSearchRequest) -> str:
    """Return the words that say what the playbook should do, without those that ask for one."""
    about = request.intent.filters.get(_ABOUT)
    return about if isinstance(about, str) and about.strip() else request.text


def need_of(request: PlaybookSearchRequest, understood: Intent) -> Need:
    """Return the need.

    Args:
        request: What was asked.
        understood: The same rules' reading of `words_of` it: "a playbook to stop databases" asks for a playbook, "stop databases" says what for.
    """
    intent = request.intent
    about = words_of(request)
    types = [one for one in intent.resource_types or understood.resource_types if one != _ANYTHING]
    filters = {key: value for key, value in intent.filters.items() if key != _ABOUT}
    return Need(
        action=_action(intent) or _action(understood) or Action.NONE,
        clouds=_clouds(intent) or _clouds(understood),
        resource_types=types[:20],
        filters=filters or understood.filters,
        use_case=about[:1000],
        keywords=list(dict.fromkeys(word for word in _WORD.findall(about.lower()) if word not in _EMPTY))[:40],
    )


def _action(intent: Intent) -> Action | None:
    """Return the first action that changes something and is not about playbooks themselves."""
    every = (intent.action, *intent.steps, *(part.action for part in intent.parts))
    return next(
        (one for one in every if one not in READING and not one.value.startswith(("playbook_", "settings_"))), None
    )


def _clouds(intent: Intent) -> list[CloudName]:
    named = [scope.value for scope in intent.clouds if scope is not Scope.ANY] or [intent.cloud.value]
    return [cloud for cloud in _CLOUDS if cloud in named]
