"""Parts: several orders or things with targets of their own, "snapshot db-1, then stop web-2"."""

from dataclasses import replace

from agent_server.contract.intent import Action, Intent, IntentKind, Part, Scope
from agent_server.models.offline.asked import Asked
from agent_server.models.offline.conjuncts import Conjunct, conjuncts
from agent_server.models.offline.filters import filters_of
from agent_server.models.offline.refine import CHANGES
from agent_server.models.offline.steps import orders
from agent_server.models.offline.targets import clouds_of, types_of
from agent_server.models.offline.tokens import Span
from agent_server.models.offline.view import View

_NAMED = ("name",)
_TARGET = {
    "name",
    "kind",
    "kind_id",
    "container",
    "tags",
    "region",
    "zone",
    "idle",
    "state",
    "about",
    "age_days",
    "attached",
    "everything",
}


def parts_of(view: View) -> list[Part]:
    """Return one part for each thing that has an order or a narrowing of its own; nothing when one frame says it all.

    Each order comes after the one before; the things of one order do not wait for each other.
    """
    found = [(verb, action) for verb, action in orders(view) if action in CHANGES]
    if not found or view.question:
        return []
    groups: list[list[Part]] = []
    own, split = 0, False
    for index, (verb, action) in enumerate(found):
        first = 0 if index == 0 else verb.first
        last = found[index + 1][0].first if index + 1 < len(found) else len(view.reading)
        piece = _piece(view, verb, first, last)
        has_target = bool(piece.of(*_TARGET))
        own += has_target
        if not has_target and groups:
            groups.append([part.model_copy(update={"action": action}) for part in groups[-1]])
            continue
        things = conjuncts(piece, action)
        split = split or bool(things)
        groups.append(
            [_part(action, thing) for thing in things] or [_whole(view, piece if has_target else view, action)]
        )
    parts = _in_order(groups)
    return parts if split or (own > 1 and _differ(parts)) else []


def _part(action: Action, thing: Conjunct) -> Part:
    cloud = thing.clouds[0] if len(thing.clouds) == 1 else Scope.ANY
    return Part(action=action, cloud=cloud, resource_types=list(thing.types), filters=thing.filters)


def _whole(view: View, shown: View, action: Action) -> Part:
    clouds = clouds_of(shown) or clouds_of(view)
    types = types_of(shown, action, IntentKind.EXECUTE, clouds)
    filters = filters_of(Asked(view=shown, action=action, intent=IntentKind.EXECUTE, types=types, clouds=clouds))
    return _part(action, Conjunct(types=tuple(types), clouds=clouds, filters=filters))


def _in_order(groups: list[list[Part]]) -> list[Part]:
    """Number the parts: each waits for all of the order before."""
    parts: list[Part] = []
    before: list[int] = []
    for group in groups:
        parts += [part.model_copy(update={"after": before}) for part in group]
        before = list(range(len(parts) - len(group), len(parts)))
    return parts[:20]


def own_targets(view: View) -> View:
    """Look only at the order's clause when a question before it is about something else: "show web-1; delete group rg-2"."""
    if not view.verbs:
        return view
    first = view.verbs[0]
    before = [span for span in view.of(*_NAMED) if span.first < first.first]
    after = {(span.key, repr(span.value)) for span in view.of(*_NAMED) if span.first >= first.last}
    separate = any(view.reading.low(index) in {";", "then", "."} for index in range(first.first))
    if not (before and after and separate):
        return view
    return replace(view, spans=tuple(span for span in view.spans if span.first >= first.first))


def first_change(parts: list[Part], intent: Intent) -> Intent:
    """Return the intent with the flat fields of its first changing part, as the contract says."""
    if not parts:
        return intent
    head = parts[0]
    return intent.model_copy(
        update={"action": head.action, "resource_types": head.resource_types, "filters": head.filters, "parts": parts}
    )


def _piece(view: View, verb: Span, first: int, last: int) -> View:
    spans = tuple(span for span in view.spans if first <= span.first < last)
    return View(
        text=view.text,
        reading=view.reading,
        spans=spans,
        verbs=(verb,),
        excluded=view.excluded,
        question=False,
        hands_off=False,
        tampering=view.tampering,
    )


def _differ(parts: list[Part]) -> bool:
    def target(part: Part) -> tuple[object, ...]:
        return (
            part.filters.get("name"),
            part.filters.get("tags"),
            part.filters.get("region"),
            tuple(part.resource_types),
        )

    named = [part for part in parts if part.action is not Action.NONE]
    return len({repr(target(part)) for part in named}) > 1
