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
WATCHERS = frozenset({"guardduty::detector", "cloudtrail::trail", "vpc::flow_log", "wafv2::webacl", "logging::sink", "cloudwatch::alarm", "monitor::alert", "events::rule"})  # fmt: skip
_OBJECTS = frozenset(
    {"kind", "name", "feature", "container", "tags", "set_tags", "everything", "port", "cidr", "about"}
)
_BEFORE = frozenset({"before you", "before we", "before i", "before they"})
_LOOK_LATER = re.compile(r"(?:then|and|,|;) (?:then )?(?:show|list|describe|tell)(?: (?:me|us))? (?:\S+)")


def orders(view: View) -> Iterator[tuple[Span, Action]]:
    """Yield each order with its action, in the order of the words."""
    verbs = sorted(view.verbs, key=lambda verb: _comes_last(view, verb))
    for verb in verbs:
        end = next((one.first for one in view.verbs if one.first > verb.first), len(view.reading))
        words = [view.reading.low(at) for at in range(verb.last, end) if at not in view.excluded]
        if not any(verb.last <= span.first < end for span in view.spans if span.key in _OBJECTS):
            words += [
                view.reading.low(at) for at in range(_after_others(view, verb), verb.first) if at not in view.excluded
            ]
        elif view.reading.low(verb.first - 1) == "be":
            words = [*_fronted(view, verb), *words]
        yield verb, _watched(view, refine(verb.value, " ".join(words)))


def _fronted(view: View, verb: Span) -> list[str]:
    """Return the feature that a wish names before it: "MFA to be removed for user x"."""
    begin = _after_others(view, verb)
    found = next((span for span in view.of("feature") if begin <= span.first < verb.first), None)
    return view.reading.words(found.first, found.last).split() if found else []


def _after_others(view: View, verb: Span) -> int:
    """Return where the words before an order begin that may name its object: "protection on db-1 is to be turned off"."""
    return max((one.last for one in view.verbs if one.first < verb.first), default=0)


def _comes_last(view: View, verb: Span) -> bool:
    """Whether something else is to be done "before you delete it"."""
    return view.reading.words(verb.first - 2, verb.first) in _BEFORE or view.reading.low(verb.first - 1) == "before"


def _watched(view: View, action: Action) -> Action:
    """What watches or guards is not stopped but disabled: "turn guardduty off"."""
    kinds = {kind for span in view.of("kind") for _, kind in span.value}
    return Action.DISABLE if action is Action.STOP and kinds and kinds <= WATCHERS else action


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
