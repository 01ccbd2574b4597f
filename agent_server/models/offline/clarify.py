"""When a planner that has the inventory must still ask."""

import re

from agent_server.agents.danger import is_unscoped
from agent_server.contract.intent import Action, Intent, IntentKind
from agent_server.models.offline.view import View, rule

_PRONOUN = rule(
    r"it|them|they|those|these|that|this|that one|this one|ones|one|"
    r"the (?:first|second|third|last|other|others|old|new)(?: \S+)?|both|the same|its|their|'em|em|him|her"
)
_POINTING = rule(
    r"(?:those|these|that|this|said|such) (?:\S+ )?(?:vms?|instances?|servers?|machines?|boxes|box|buckets?|"
    r"databases?|dbs?|disks?|volumes?|snapshots?|clusters?|resources?|one|ones|two|three|four|thing|things|hosts?|db|"
    r"rds|nodes?|functions?|keys?|groups?|accounts?|\d+)"
)
_POINTING_WORDS = rule(r"(?:the )?(?:first|second|third|last|other|remaining)(?: (?:one|ones|two|three|four|few|\d+))?")
_SELF_REFERENCE = rule(
    r"(?:now|so|such|given|provided|seeing|in) that|(?:that|which|who) (?:are|is|have|has|had|were|was|do|does|dont|"
    r"doesnt|arent|isnt|can|run|runs|belong|we|i|no|use|uses|start|starts|cost|expire|allow|allows|match|exceed|need|"
    r"should|live|sit|havent|hasnt|never|still|nobody|no one|contain|contains|reference|point|host|hosts|got|get|"
    r"didnt|serve|serves|back)(?: .*)?|this (?:week|month|year|quarter|morning|afternoon|evening|weekend|account|"
    r"region|channel|time|line|is)|that (?:week|month|day)|"
    r"it (?:is|was|would|costs?|takes?) (?:ok|safe|worth|possible)(?: .*)?|one of(?: .*)?|"
    r"(?:those|the ones|any|ones) (?:tagged|in|with|that|older|without|running|which|from|labelled|labeled|owned|not|"
    r"created|named|using|on|of|who)(?: .*)?|(?:is|was) it (?:safe|ok|possible|true)(?: .*)?|"
    r"one (?:vm|instance|bucket)"
)
_ALL = rule(r"all|every|each|everything")
_NEEDS_NOTHING = frozenset({Action.CREATE, Action.DEPLOY})
_ABOUT_ONE = frozenset({Action.DESCRIBE, Action.METRICS, Action.LOGS, Action.CHECK})
_PLACES = frozenset(
    {
        "duration",
        "schedule",
        "period",
        "count",
        "min",
        "max",
        "limit",
        "port",
        "cidr",
        "size_gb",
        "instance_type",
        "set_tags",
        "remove_tags",
        "feature",
        "metric",
        "role",
        "user",
        "attribute",
        "event",
        "severity",
        "sort",
        "group_by",
        "value",
        "setting",
        "state",
        "idle",
        "age_days",
        "channel",
        "exclude",
        "target",
        "resource_types",
        "unused",
    }
)
_TARGETS = frozenset(
    {
        "name",
        "name_prefix",
        "region",
        "zone",
        "tags",
        "tags_present",
        "missing_tags",
        "tagged",
        "account",
        "subscription",
        "project",
        "resource_group",
        "namespace",
        "cluster",
        "about",
        "vpc",
        "vnet",
        "vault",
        "target",
        "ip",
    }
)


def needs_clarification(view: View, intent: Intent) -> bool:
    """Decide from the words and what was understood of them; the thread is looked at elsewhere."""
    match intent.intent:
        case IntentKind.EXECUTE:
            return _change_is_open(view, intent)
        case IntentKind.QUERY:
            return _query_is_open(view, intent)
        case IntentKind.PLAYBOOK:
            return _playbook_is_open(view, intent)
        case IntentKind.ALERT:
            return _alert_is_open(view, intent)
        case _:
            return False


def points_back(view: View) -> bool:
    """Whether "those", "it", "the second one" stand for something that the message itself does not say."""
    line = _SELF_REFERENCE.sub(" ", view.line)
    pointing = _POINTING.search(line)
    if pointing:
        named = [line.find(view.reading.low(span.first)) for span in view.spans if span.key == "name"]
        return not view.of("name") and not any(0 <= at < pointing.start() for at in named)
    found = _PRONOUN.search(line)
    if not found:
        return False
    at, _ = view.reading.token_range(found) if line == view.line else (len(view.reading), 0)
    earlier = [
        span for span in view.of("name", "kind", "container", "about", "kind_id", "everything") if span.first < at
    ]
    return not earlier


def _change_is_open(view: View, intent: Intent) -> bool:
    filters = intent.filters
    if _moves_what_was_said(view):
        return True
    if any(filters.get(key) for key in ("name", "names", "about", "container")) or intent.action in _NEEDS_NOTHING:
        return False
    if intent.action is Action.GRANT and filters.get("user"):
        return False
    if points_back(view):
        return True
    if filters.keys() & (_TARGETS - {"tagged", "missing_tags", "tags_present"}) and (
        intent.resource_types
        or intent.filters.keys()
        & {"resource_group", "account", "project", "subscription", "cluster", "vpc", "vnet", "namespace"}
        or view.of("everything")
    ):
        return False
    if not intent.resource_types:
        return True
    if filters.get("exclude") and _ALL.search(view.line):
        return False
    if is_unscoped(filters, intent.resource_types):
        return True
    return _is_single_without_name(intent)


def _moves_what_was_said(view: View) -> bool:
    """'Attach it to web-1': the name only says where to."""
    names = view.of("name")
    return bool(names) and any(
        view.reading.low(verb.last) in {"it", "them", "those", "these"}
        and view.reading.low(verb.last + 1) in {"to", "into", "onto", "behind"}
        and all(name.first > verb.last for name in names)
        for verb in view.verbs
    )


def _is_single_without_name(intent: Intent) -> bool:
    """'Restart the vm' with nothing that tells which."""
    return not (intent.filters.keys() - (_PLACES - {"idle", "state", "age_days", "count", "limit"}))


def _query_is_open(view: View, intent: Intent) -> bool:
    if intent.filters.keys() & _TARGETS and not (
        intent.action in _ABOUT_ONE and not intent.filters.get("name") and points_back(view)
    ):
        return False
    if points_back(view) and not intent.resource_types:
        return not re.match(r"(?:what|which) (?:is|are) (?:the|all)", view.line) or intent.action in _ABOUT_ONE
    if _POINTING.search(_SELF_REFERENCE.sub(" ", view.line)) and intent.action in _ABOUT_ONE:
        return True
    return (
        intent.action in {Action.METRICS, Action.LOGS, Action.DESCRIBE}
        and not intent.resource_types
        and not intent.filters.keys() & _TARGETS
    )


def _playbook_is_open(view: View, intent: Intent) -> bool:
    if intent.action is Action.PLAYBOOK_SCHEDULE:
        return not (intent.resource_types or intent.filters.keys() & (_TARGETS | {"playbook"}))
    needs_name = {
        Action.PLAYBOOK_RUN,
        Action.PLAYBOOK_PAUSE,
        Action.PLAYBOOK_RESUME,
        Action.PLAYBOOK_DELETE,
        Action.PLAYBOOK_DESCRIBE,
        Action.PLAYBOOK_UPDATE,
        Action.PLAYBOOK_STATUS,
    }
    return (
        intent.action in needs_name
        and "playbook" not in intent.filters
        and not rule(r"(?:all|every|each)(?: .*)?").search(view.line)
    )


def _alert_is_open(view: View, intent: Intent) -> bool:
    if intent.action is Action.ALERT_CREATE:
        return not intent.filters and not intent.resource_types
    if intent.action is Action.ALERT_LIST:
        return False
    everything = rule(r"(?:all|every|everything|alerts|alarms|notifications)").search(view.line)
    return (
        "name" not in intent.filters
        and not everything
        and not intent.filters.keys() & {"tags", "region", "account", "project", "resource_group"}
        and not intent.resource_types
    )
