"""The steps of a message that asks for several things in order."""

import re
from collections.abc import Iterator

from agent_server.contract.intent import Action
from agent_server.models.offline.refine import refine
from agent_server.models.offline.tokens import Span
from agent_server.models.offline.view import View, rule

_LOOK_FIRST = rule(r"(?P<word>show|list|find|check|describe|identify|get|look up|display|count)(?: .*)?")
_LOOKS = {
    "show": Action.LIST,
    "list": Action.LIST,
    "find": Action.LIST,
    "check": Action.CHECK,
    "describe": Action.DESCRIBE,
    "identify": Action.LIST,
    "get": Action.LIST,
    "look up": Action.LIST,
    "display": Action.LIST,
    "count": Action.COUNT,
}
_LOOK_LATER = re.compile(r"(?:then|and|,|;) (?:then )?(?:show|list|describe|tell)(?: (?:me|us))? (?:\S+)")


def orders(view: View) -> Iterator[tuple[Span, Action]]:
    """Yield each order with its action, in the order of the words."""
    verbs = view.verbs
    for index, verb in enumerate(verbs):
        end = verbs[index + 1].first if index + 1 < len(verbs) else len(view.reading)
        words = [view.reading.low(at) for at in range(verb.last, end) if at not in view.excluded]
        yield verb, refine(verb.value, " ".join(words))


def steps_of(view: View) -> list[Action]:
    """Return all actions in order when there are several, else nothing."""
    found = list(orders(view))
    steps = [action for _, action in found]
    if found:
        head = " ".join(view.reading.low(at) for at in range(found[0][0].first))
        look = _LOOK_FIRST.search(head)
        if look:
            named = len(view.of("name")) == 1 and view.of("name")[0].first < found[0][0].first
            first = _LOOKS[look["word"]]
            steps.insert(0, Action.DESCRIBE if named and first is Action.LIST else first)
        elif view.question:
            steps.insert(0, Action.LIST)
    return steps if len(steps) > 1 else []
