"""What the thread so far adds: "those", "the second one", answers to a question, "the same in eu-west-1"."""

import re
from collections.abc import Callable

from pydantic import JsonValue

from agent_server.contract.intent import (
    Action,
    HistoryTurn,
    Intent,
    IntentKind,
    IntentRequest,
    Reference,
    ResultRef,
    Scope,
)
from agent_server.contract.types import resource_types, specific
from agent_server.models.offline.clarify import points_back
from agent_server.models.offline.entities.amounts import NUMBER_WORDS, ORDINALS
from agent_server.models.offline.facts import look
from agent_server.models.offline.view import View, rule

_PIECE = 9
_BRIEF = 6
_MOST_ITEMS = 100

Understand = Callable[[str], Intent]

_SAME = rule(
    r"(?:(?:now |and |then |please |ok )*(?:do |run |repeat |apply )?(?:(?:the |exactly the )?same(?: thing)?|"
    r"that again|it again|likewise|ditto)(?: (?:again|thing|too|also))?|(?:what|how) about|"
    r"and(?: also)?(?: what about)?|also|now)(?: (?:but|for|in|on|with|to))* .*(?:\S)"
)
_REGROUPED = rule(
    r"(?:(?:and|now|please|can you|show|give|me|break|split|group|it|that|this|them|down) )*(?:by|per|for each)(?: \S+){1,4}?(?: please)?(?: \?)*"
)
_SAME_WORDS = rule(r"(?:same(?: thing)?|ditto|likewise|that again|it again)(?: .*)?")
_FIRST = rule(rf"(?:the )?first (?P<n>\d+|{'|'.join(NUMBER_WORDS)})")
_LAST = rule(rf"(?:the )?last (?P<n>\d+|{'|'.join(NUMBER_WORDS)})(?! (?:days?|hours?|weeks?|months?|minutes?))")
_NTH = rule(
    rf"(?:the )?(?P<nth>{'|'.join(ORDINALS)})(?: (?:one|vm|instance|bucket|machine|server|database|item|row|result|"
    rf"entry|of (?:those|them)))?(?: and (?:the )?(?P<and>{'|'.join(ORDINALS)})(?: ones?)?)?"
)
_LAST_ONE = rule(r"(?:the )?last(?: one)?(?! (?:\d+|week|month|day|year|night|hour|quarter))")
_BUT = rule(
    rf"(?:but(?: not)?|and not|not|except(?: for)?|excluding|apart from|other than|besides|without|skip|keep|"
    rf"leave)(?= (?:the |number |no |# ?)?(?:{'|'.join(ORDINALS)}|first|last|\d+)(?!\S))"
)
_NUMBERED = rule(r"(?:number|no|#|item|row)s? ?(?P<list>\d+(?:(?: ?,| and| &)+ ?\d+)*)")
_BARE_NUMBERS = rule(
    r"(?:stop|start|restart|reboot|delete|terminate|describe|show|tag|snapshot|make|set|encrypt|resize|detach|"
    r"restore|drain|patch|remove|kill|only|just|take|pick) (?P<list>\d+(?:(?: ?,| and| &)+ ?\d+)*)(?= (?:private|"
    r"public|again|please|now|too|instead|first)| ?[,.!?]?$)|^(?P<alone>\d+(?:(?: ?,| and| &)+ ?\d+)*)(?= ?[,.!?]?$)"
)
_ONLY = rule(
    r"(?:only|just|narrow|limit|filter|restrict)(?: (?:it|them|that|to|down|the|this))* (?:ones|those|in|from|with|"
    r"dev|prod|staging|qa|uat|sandbox|idle|running|stopped|tagged|older|public|aws|azure|gcp|\S+ ones)(?: .*)?"
)
_TAGGED = rule(r"(?:tag|untag|label|mark) (?:those|these|both|all of (?:those|these|them)) (?:with|as)(?: .*)?")
"""Here "with" says what is put on them, not which ones are meant."""
_CANCEL = rule(r"(?:never ?mind|cancel|forget it|nothing|none|no|nope|stop|abort|drop it|leave it|nvm)[ .!]*")


def resolve(request: IntentRequest, intent: Intent, understand: Understand) -> Intent:
    """Return the intent with the thread taken into account; without history it comes back as it is."""
    if not request.history:
        return intent
    view = look(request.text)
    pending = _open_question(request.history, understand)
    if pending is not None and _answers(view, intent):
        return _completed(pending, view, intent)
    if _SAME_WORDS.search(view.line) or _is_variation(view, intent):
        earlier = _last_request(request.history, understand)
        if earlier is not None:
            return _again(earlier, intent)
    shown = _last_result(request.history)
    if shown is not None and _means_shown(view, intent):
        return _about_shown(view, intent, shown)
    return intent


def _open_question(history: list[HistoryTurn], understand: Understand) -> Intent | None:
    """Return the request that Escher asked back about, when its question is the last thing said."""
    last = history[-1]
    if last.role != "assistant" or last.result is not None or "?" not in last.text:
        return None
    merged: Intent | None = None
    for turn in history[:-1]:
        if turn.role != "user":
            continue
        intent = understand(turn.text)
        merged = intent if merged is None or intent.needs_clarification or _is_whole(intent) else _merge(merged, intent)
    return merged if merged is not None and merged.intent not in {IntentKind.UNSUPPORTED, IntentKind.HELP} else None


def _is_whole(intent: Intent) -> bool:
    return intent.intent is IntentKind.EXECUTE or intent.intent in {
        IntentKind.COST,
        IntentKind.PLAYBOOK,
        IntentKind.ALERT,
        IntentKind.SETTINGS,
        IntentKind.REPORT_QA,
    }


def _answers(view: View, intent: Intent) -> bool:
    """Whether a message only fills in what was asked: no order, no question of its own."""
    if (
        view.question
        or view.verbs
        or intent.intent
        in {
            IntentKind.COST,
            IntentKind.SETTINGS,
            IntentKind.ALERT,
            IntentKind.PLAYBOOK,
            IntentKind.REPORT_QA,
            IntentKind.HELP,
        }
    ):
        return False
    asks = rule(r"(?:list|show|find|describe|count|how many|which|what|why|who|display)(?: .*)?").match(view.line)
    return not asks


def _completed(pending: Intent, view: View, intent: Intent) -> Intent:
    if _CANCEL.fullmatch(view.line):
        return intent
    facts = intent
    if not facts.filters and not facts.resource_types and not facts.clouds:
        facts = _bare_name(view, intent)
    if not (facts.filters or facts.resource_types or facts.clouds):
        everything = rule(r"(?:all|every|everything|yes|all of (?:them|it)|each|any)(?: .*)?").match(view.line)
        if not everything:
            return intent
        return pending.model_copy(update={"needs_clarification": False, "question": "", "confidence": 0.8})
    return _merge(pending, facts)


def _bare_name(view: View, intent: Intent) -> Intent:
    """A single word as an answer is a name."""
    words = [
        token.raw
        for token in view.reading.tokens
        if token.low not in {"the", "one", "called", "named", "please", ",", ".", "it", "'s", "is", "just", "only"}
    ]
    if len(words) != 1 or words[0].lower() in {
        "yes",
        "no",
        "ok",
        "all",
        "everything",
        "thanks",
        "hi",
        "hello",
        "none",
        "sure",
    }:
        return intent
    return intent.model_copy(update={"filters": {"name": words[0]}})


def _merge(base: Intent, more: Intent) -> Intent:
    """Put what an answer says into the request it completes; what the answer says wins."""
    filters = {**base.filters, **{key: value for key, value in more.filters.items() if key != "tags"}}
    tags = {**_dict(base.filters.get("tags")), **_dict(more.filters.get("tags"))}
    if tags:
        filters["tags"] = tags
    clouds = list(dict.fromkeys((*more.clouds, *([] if more.clouds else base.clouds))))
    cloud = clouds[0] if len(clouds) == 1 else Scope.ANY
    kinds = (
        base.resource_types or [kind for kind in more.resource_types if kind != "any::resource"] or more.resource_types
    )
    if base.resource_types and more.resource_types and all(kind.startswith("any::") for kind in base.resource_types):
        kinds = [kind for kind in more.resource_types if kind != "any::resource"] or base.resource_types
    if cloud is not Scope.ANY:
        kinds = [specific(kind, cloud) for kind in kinds]
    return base.model_copy(
        update={
            "filters": filters,
            "clouds": clouds,
            "cloud": cloud,
            "resource_types": kinds,
            "needs_clarification": False,
            "question": "",
            "confidence": 0.9,
        }
    )


def _dict(value: JsonValue) -> dict[str, JsonValue]:
    return dict(value) if isinstance(value, dict) else {}


def _last_request(history: list[HistoryTurn], understand: Understand) -> Intent | None:
    """Return what the person asked for last, completed by what they answered and by what they pointed at."""
    found: Intent | None = None
    shown: ResultRef | None = None
    for turn in history:
        shown = turn.result or shown
        if turn.role != "user":
            continue
        intent = understand(turn.text)
        view = look(turn.text)
        if shown is not None and _means_shown(view, intent):
            found = _pointed(found, _about_shown(view, intent, shown), shown)
            continue
        if intent.intent in {IntentKind.UNSUPPORTED, IntentKind.HELP}:
            continue
        variation = found is not None and (
            _SAME_WORDS.search(view.line) is not None
            or _is_variation(view, intent)
            or (found.needs_clarification and _answers(view, intent))
        )
        found = _merge(found, intent) if variation and found is not None else intent
    return found


def _pointed(listed: Intent | None, intent: Intent, shown: ResultRef) -> Intent:
    """Return an order about what was shown with what narrowed it then, so that the same elsewhere is no wider."""
    narrowed = listed.filters if listed is not None else {}
    reference = intent.reference
    if reference is not None and shown.count == 1:
        reference = reference.model_copy(update={"items": [1]})
    return intent.model_copy(update={"filters": {**narrowed, **intent.filters}, "reference": reference})


def _is_variation(view: View, intent: Intent) -> bool:
    """'And in azure?', "what about prod": a piece of a sentence that only changes where."""
    if view.verbs or (_SAME.fullmatch(view.line) is None and not _regroups(view)):
        return False
    facts = set(intent.filters) <= {
        "region",
        "tags",
        "zone",
        "account",
        "project",
        "subscription",
        "resource_group",
        "period",
        "name",
        "group_by",
        "limit",
        "tagged",
        "missing_tags",
    }
    return (
        facts
        and bool(intent.filters or intent.clouds)
        and len(view.reading) <= _PIECE
        and (
            _regroups(view) or re.match(r"(?:what|how) about|and\b|also\b|now\b|same\b|ditto\b", view.line) is not None
        )
    )


def _regroups(view: View) -> bool:
    """Whether it is only about how to tell the same: "by region?", "split that by team"."""
    return bool(view.of("group_by")) and _REGROUPED.fullmatch(view.line) is not None


def _again(earlier: Intent, intent: Intent) -> Intent:
    picked = earlier.reference is not None and earlier.reference.items != "all"
    base = earlier.model_copy(update={"reference": None})
    if intent.clouds:
        generic = [_generic(kind) for kind in base.resource_types]
        kept = {
            key: value
            for key, value in base.filters.items()
            if key not in {"region", "zone"} or "region" in intent.filters
        }
        base = base.model_copy(update={"resource_types": generic, "filters": kept, "clouds": [], "cloud": Scope.ANY})
    named = (
        {key: value for key, value in base.filters.items() if key != "name"}
        if "name" in intent.filters
        else base.filters
    )
    merged = _merge(base.model_copy(update={"filters": named}), intent.model_copy(update={"resource_types": []}))
    if picked:
        question = "That was about single ones of a list. Which ones do you mean there? Name them."
        return merged.model_copy(update={"needs_clarification": True, "question": question})
    return merged.model_copy(update={"needs_clarification": earlier.needs_clarification and not intent.filters})


def _generic(kind: str) -> str:
    return next((row.generic for row in resource_types() if row.type == kind and row.generic), kind)


def _last_result(history: list[HistoryTurn]) -> ResultRef | None:
    return next((turn.result for turn in reversed(history) if turn.result is not None), None)


def _means_shown(view: View, intent: Intent) -> bool:
    if intent.intent not in {
        IntentKind.EXECUTE,
        IntentKind.QUERY,
        IntentKind.UNSUPPORTED,
        IntentKind.PLAYBOOK,
        IntentKind.COST,
    } or view.of("name"):
        return False
    if (
        _BARE_NUMBERS.search(view.line)
        or _ONLY.match(view.line)
        or (_NUMBERED.search(view.line) and (view.verbs or len(view.reading) < _BRIEF))
    ):
        return True
    if intent.intent is IntentKind.COST:
        return bool(rule(r"those|these|them|they|it").search(view.line))
    picks = points_back(view) or any(said.search(view.line) for said in (_FIRST, _NTH, _TAGGED))
    return bool(picks) and not (
        intent.resource_types
        and not re.search(r"\b(?:those|these|that|this|first|second|third|last|ones)\b", view.line)
    )


def _about_shown(view: View, intent: Intent, shown: ResultRef) -> Intent:
    """Return the intent about what was shown: which of it, with its types."""
    items = _chosen(view, shown)
    if not items:
        question = "Which of them do you mean? Name them."
        return intent.model_copy(update={"needs_clarification": True, "question": question})
    update: dict[str, object] = {
        "reference": Reference(set_id=shown.set_id, items=items),
        "needs_clarification": False,
        "question": "",
    }
    if not intent.resource_types or set(intent.resource_types) <= {"any::resource"}:
        update["resource_types"] = list(shown.types)
    if intent.intent is IntentKind.UNSUPPORTED:
        update |= {
            "intent": IntentKind.QUERY,
            "action": Action.LIST if len(items) != 1 or items == "all" else Action.DESCRIBE,
            "answer": "",
        }
    if isinstance(items, list) and "limit" in intent.filters:
        update["filters"] = {key: value for key, value in intent.filters.items() if key not in {"limit", "sort"}}
    clouds = {
        row.cloud for kind in shown.types for row in resource_types() if row.type == kind and row.cloud is not Scope.ANY
    }
    if not intent.clouds and len(clouds) == 1:
        cloud = next(iter(clouds))
        update |= {"cloud": cloud, "clouds": [cloud]}
    return intent.model_copy(update=update)


def _chosen(view: View, shown: ResultRef) -> "list[int] | str | None":
    """Return which items are meant, those that are excepted by their number left out; None when that cannot be told."""
    parts = _BUT.split(view.line, maxsplit=1)
    chosen = _items(parts[0], shown)
    if len(parts) == 1:
        return chosen
    out = _items(parts[1], shown)
    if not isinstance(out, list) or (chosen == "all" and not 0 < shown.count <= _MOST_ITEMS):
        return None
    return [item for item in (chosen if isinstance(chosen, list) else range(1, shown.count + 1)) if item not in out]


def _items(line: str, shown: ResultRef) -> "list[int] | str":
    numbered = _NUMBERED.search(line) or _BARE_NUMBERS.search(line)
    if numbered:
        return [int(number) for number in re.findall(r"\d+", numbered[0]) if 0 < int(number) <= shown.count][
            :100
        ] or "all"
    for pattern, from_end in ((_FIRST, False), (_LAST, True)):
        found = pattern.search(line)
        if found:
            many = int(found["n"]) if found["n"].isdigit() else NUMBER_WORDS[found["n"]]
            many = min(many, 100)
            start = max(shown.count - many, 0) + 1 if from_end else 1
            return list(range(start, start + many)) if not from_end or shown.count else "all"
    nth = _NTH.search(line)
    if nth:
        return [ORDINALS[word] for word in (nth["nth"], nth["and"]) if word]
    if _LAST_ONE.search(line) and shown.count:
        return [shown.count]
    return "all"
