"""The parser: text in, intent out; pure, deterministic, and never at a loss.

    words ─▶ tokens ─▶ repaired spelling ─▶ facts as spans ─▶ orders, exceptions ─▶ topic ─▶ clouds, kinds, filters ─▶ intent

Each pass reads what the ones before found and claims the tokens it understands, so that "port 22" is not also a number and
"deletion protection" no order to delete.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent_server.agents.danger import is_dangerous
from agent_server.agents.helping.escher import answer
from agent_server.contract.intent import Action, Intent, IntentKind, IntentRequest, Scope
from agent_server.models.offline import reference
from agent_server.models.offline.asked import Asked
from agent_server.models.offline.clarify import needs_clarification
from agent_server.models.offline.entities.names import topics
from agent_server.models.offline.facts import look
from agent_server.models.offline.filters import filters_of
from agent_server.models.offline.parts import first_change, own_targets, parts_of
from agent_server.models.offline.queries import attribute, event, question_action
from agent_server.models.offline.question import question
from agent_server.models.offline.refine import CHANGES
from agent_server.models.offline.spelling import known
from agent_server.models.offline.standing import opening
from agent_server.models.offline.steps import orders, steps_of
from agent_server.models.offline.targets import clouds_of, types_of
from agent_server.models.offline.topics.alerts import alerts
from agent_server.models.offline.topics.help import helping
from agent_server.models.offline.topics.knowing import knowing
from agent_server.models.offline.topics.money import money
from agent_server.models.offline.topics.playbooks import playbooks
from agent_server.models.offline.topics.reports import reports
from agent_server.models.offline.topics.settings import settings
from agent_server.models.offline.topics.talk import other_work, talk
from agent_server.models.offline.view import Topic, View, rule

_DETERMINERS = frozenset({"the", "all", "my", "our", "every", "that", "this", "those", "these", "prod", "production"})
_TO_COUNT = rule(r"(?:to|->|=|, ) ?\d+ (?:nodes?|replicas?|workers?|pods|tasks|instances)")
MODEL = "offline-1"
TOPICS: tuple[Callable[[View], Topic | None], ...] = (
    other_work,
    knowing,
    reports,
    settings,
    alerts,
    playbooks,
    helping,
    money,
    talk,
)


def parse(request: IntentRequest) -> Intent:
    """Return what a message asks for, with what the thread so far says about "those" and earlier questions."""
    alone = understand(request.text)
    intent = reference.resolve(request, alone, understand)
    dangerous = alone.dangerous if intent is alone else is_dangerous(intent, request.text)
    asked = question(intent) if intent.needs_clarification else ""
    return intent.model_copy(update={"dangerous": dangerous, "question": asked})


def understand(text: str) -> Intent:
    """Return what a single message asks for, without any thread."""
    view = look(text)
    topic = next((found for topic in TOPICS if (found := topic(view))), None) or _resources(view)
    if topic.quiet:
        view = replace(view, spans=tuple(span for span in view.spans if span.first not in topic.quiet))
    return _framed(view, topic)


def _resources(view: View) -> Topic:
    """What is left is about resources: a change if anything is ordered, a question otherwise."""
    changes = [] if view.hands_off else [action for _, action in orders(view) if action in CHANGES]
    if changes:
        return Topic(intent=IntentKind.EXECUTE, action=changes[0])
    if not view.question and not view.hands_off and len(view.of("min", "max", "desired", "min_max")) > 1:
        return Topic(intent=IntentKind.EXECUTE, action=Action.SCALE)
    if not view.question and not view.hands_off and view.of("kind") and view.has(_TO_COUNT):
        return Topic(intent=IntentKind.EXECUTE, action=Action.SCALE)
    return Topic(intent=IntentKind.QUERY, action=question_action(view))


def _framed(view: View, topic: Topic) -> Intent:
    """Fill the frame of an intent with what counts for its topic."""
    clouds = clouds_of(view) if topic.intent is not IntentKind.UNSUPPORTED else ()
    if topic.intent is IntentKind.EXECUTE:
        view = own_targets(view)
        clouds = clouds_of(view)
    if topic.intent is IntentKind.HELP:
        view = replace(view, excluded=frozenset())
    asked = _operation(view, topic)
    types = types_of(view, asked, topic.intent, clouds) if topic.types else []
    filters = filters_of(Asked(view=view, action=asked, intent=topic.intent, types=types, clouds=clouds))
    if topic.keep is not None:
        filters = {key: value for key, value in filters.items() if key in topic.keep}
    filters |= topic.filters
    filters |= _asked_for(view, topic)
    intent = Intent(
        intent=topic.intent, cloud=clouds[0] if len(clouds) == 1 else Scope.ANY, clouds=list(clouds), action=topic.action, resource_types=types[:20],
        filters=filters, steps=_steps(view, topic), confidence=_confidence(view, topic), model=MODEL,
    )  # fmt: skip
    if topic.intent is IntentKind.EXECUTE:
        intent = first_change(parts_of(view), intent)
    intent = intent.model_copy(update={"needs_clarification": needs_clarification(view, intent)})
    return intent.model_copy(
        update={
            "dangerous": is_dangerous(intent, view.text) or _is_unknown_order(view, topic),
            "answer": answer(intent, view.text, tampering=view.tampering),
        }
    )


def _is_unknown_order(view: View, topic: Topic) -> bool:
    """'Blitz the web server': a word that nobody knows stands where an order would; it is taken for the worst."""
    at = opening(view.reading)
    if topic.intent is not IntentKind.QUERY or view.question or at + 1 >= len(view.reading):
        return False
    first, after = view.reading.tokens[at], view.reading.low(at + 1)
    unknown = first.is_word and first.raw.isascii() and not known(first.low) and first.low not in topics()
    named = any(span.covers(at) for span in view.spans)
    return unknown and not named and (after in _DETERMINERS or any(span.first == at + 1 for span in view.of("kind")))


def _operation(view: View, topic: Topic) -> Action:
    """Return the action that facts are read for: of a schedule, the operation that recurs."""
    if topic.intent is not IntentKind.PLAYBOOK:
        return topic.action
    return next((action for _, action in orders(view)), topic.action)


def _steps(view: View, topic: Topic) -> list[Action]:
    """Return the steps; of a schedule the operations that recur, even a single one."""
    if topic.intent is IntentKind.EXECUTE:
        return steps_of(view)[:20]
    if topic.action is Action.PLAYBOOK_SCHEDULE:
        return [action for _, action in orders(view)][:20]
    return []


def _asked_for(view: View, topic: Topic) -> dict[str, Any]:
    """Return what only a question names: the event of an audit, one attribute, the severity of log lines."""
    if topic.intent is not IntentKind.QUERY:
        return {}
    match topic.action:
        case Action.AUDIT:
            found = event(view)
            return {"event": found} if found else {}
        case Action.DESCRIBE:
            wanted = attribute(view)
            return {"attribute": wanted} if wanted else {}
        case Action.LOGS:
            severities = view.of("severity")
            return {"severity": severities[0].value} if severities else {}
        case _:
            return {}


def _confidence(view: View, topic: Topic) -> float:
    """A rough measure: sure when the object is named, less when only words around it were understood."""
    if topic.intent in {IntentKind.UNSUPPORTED, IntentKind.HELP}:
        return 0.7
    return 0.95 if view.of("name", "kind", "region", "tags", "container") else 0.75
