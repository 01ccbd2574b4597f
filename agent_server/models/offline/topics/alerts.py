"""Alarms and notifications: made, listed, muted, acknowledged, explained, changed, removed."""

import re

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.entities.amounts import STRETCH, number, stretch, unit
from agent_server.models.offline.entities.names import is_shaped
from agent_server.models.offline.view import Topic, View, rule

_NOUN = rule(
    r"(?:budget |cost |cloudwatch |cw |security |azure monitor |billing )?(?:alerts?|alarms?|alerting|notifications?|pager|pages)"
)
_WHEN = rule(
    r"(?:alarm|alert|ping|notify|warn|page|text|email|mail|message|msg|call|dm|tell|inform|remind|let|wake|sms|"
    r"shout at|poke|holler at|give|send|post)(?: (?:me|us|the|team|on-call|oncall|ops|someone|everyone|platform|know|"
    r"a|shout|heads|up|heads-up|notification|notice|warning|alarm|alert|message|dm|mail|note|email|sms|to|in|here|"
    r"@\S+|#\S+|channel|out))* (?:when(?:ever)?|if|once|as soon as|every time|in case|should|on)(?: .+)|"
    r"(?:alert|warn|notify)(?: me| us)? (?:when|if|on|once|about)(?: .+)"
)
_WATCH = rule(r"(?:watch|keep an eye on|monitor) .+(?: and| then|,) (?:tell|ping|alert|notify|warn|let)(?: .+)?")
_VERBS: tuple[tuple[Action, re.Pattern[str]], ...] = (
    (
        Action.ALERT_UNMUTE,
        rule(
            r"unmute|unsilence|un-mute|unsnooze|un-silence|(?:re-?enable|enable|reactivate|resume|turn on|"
            r"turn back on|switch on|activate)(?= .*(?:alert|alarm|notif))|"
            r"(?:turn|switch) (?:\S+ ){0,5}(?:alerts?|alarms?|notifications?)(?: \S+){0,3}? (?:back )?on"
        ),
    ),
    (
        Action.ALERT_MUTE,
        rule(
            r"mute|silence|snooze|suppress|quiet|hush|unsubscribe(?: me)?|shut up|shush|"
            r"(?:stop|disable|turn off|pause|switch off|deactivate|"
            r"kill)(?= .*(?:alerts?|alarms?|notif\w*|pag(?:es|ing)))|"
            r"(?:turn|switch) (?:\S+ ){0,5}(?:alerts?|alarms?|notifications?)(?: \S+){0,3}? off|"
            r"stop (?:alerting|pinging|paging|notifying|bugging|spamming)(?: .*)?"
        ),
    ),
    (
        Action.ALERT_ACK,
        rule(
            r"ack|acked|acking|acknowledge|ack'd|i(?: 'm| am|m)? on (?:it|the).*|"
            r"mark (?:\S+ ){1,4}as (?:seen|acknowledged|handled)|i got (?:the|this) (?:\S+ )?(?:alert|alarm|page)|"
            r"take (?:the )?(?:alert|alarm)(?: .*)?|resolve|(?:close|dismiss)(?= .*(?:alert|alarm|page))"
        ),
    ),
    (
        Action.ALERT_CREATE,
        rule(
            r"(?:create|add|set up|setup|make|new|configure|define|build|put|need|want|set|raise|give|"
            r"register)(?: (?:me|us|in place|up))?(?: (?:an?|the|some|another|new|budget|cost|billing|cpu|memory|"
            r"\S+)){0,6}? (?:alerts?|alarms?|notifications?)(?! (?:threshold|name|rule .* to|to \d))(?= (?:on|for|"
            r"when|if|that|at|to|in|once|about|over|above|below|called|named|whenever|with|before)\b|$| ?[,.:;])"
        ),
    ),
    (Action.ALERT_DELETE, rule(r"delete|remove|drop|get rid of|destroy|kill|purge|cancel|clean up|nuke")),
    (
        Action.ALERT_UPDATE,
        rule(
            r"change|update|edit|modify|adjust|raise|lower|increase|decrease|bump|set|rename|tune|tweak|move|reroute|route|make"
        ),
    ),
    (
        Action.ALERT_EXPLAIN,
        rule(
            r"why|explain|what (?:does|do|is|was|triggered|caused|did|s|'s|set)(?: .*)?|whats|what 's|reason|"
            r"how come|cause|what happened|tell me (?:more )?about|describe|details|meaning|root cause|investigate"
        ),
    ),
)
_LISTING = rule(
    r"(?:what|which|whats|what 's)(?: (?:are|is))?(?: (?:the|my|our|all|active|open|current|currently|critical|"
    r"firing|unacked|other|any|of|prod|staging|dev|new|recent|high|severity|muted|budget|cost|azure|aws|gcp|"
    r"security))* (?:alerts?|alarms?|notifications?)(?!.*\b(?:mean|means|about)\b)(?: .*)?|"
    r"(?:show|list|display|any|see|get|give me|how many|view|are there|do we have)(?: .*)?"
)
_STATE = rule(
    r"(?P<state>active|open|firing|triggered|muted|silenced|acked|acknowledged|unacknowledged|unacked|resolved|"
    r"closed|in alarm|ringing|snoozed|going off|pending|red|fired)(?: right now)?"
)
_STATES = {
    "in alarm": "firing",
    "ringing": "firing",
    "triggered": "firing",
    "going off": "firing",
    "silenced": "muted",
    "snoozed": "muted",
    "acked": "acknowledged",
    "unacked": "unacknowledged",
    "red": "firing",
}
_SEVERITY = rule(r"(?P<severity>critical|high|medium|low|warning|sev ?-?[0-4]|p[0-4])(?: severity| sev| priority)?")
_NAME_AFTER = rule(
    r"(?:alerts?|alarms?|notifications?)(?: (?:named|called|rule|id|for|on))? (?P<name>(?!for\b|on\b|in\b|when\b|"
    r"if\b|to\b|from\b|that\b|mean|means|until|fire|fired|is\b|are\b|was\b|go\b|keep|and\b|about|right|now\b|"
    r"threshold|i\b|we\b|firing|of\b|with\b|at\b|by\b|over|above|below|last|this|today|please|again|settings|off|"
    r"back|again|trigger|rule|rules|every|since|tonight|channel|as\b|did\b|active|so\b)[\w.-]+)"
)
_NAME_BEFORE = rule(
    r"(?:the|this|that|my|our|ack|mute|silence|snooze|delete|unmute|remove|explain|of|acknowledge|on|update|edit|get|"
    r"got|for) (?P<name>(?!the\b|all\b|any\b|every\b|active|open|firing|budget|cost|billing|prod|dev|staging|"
    r"critical|security|this\b|that\b|cloudwatch|aws|azure|gcp|an?\b|new\b|last|latest|same|first|second|muted|those|"
    r"these|my\b|our\b|other|old|of\b|cpu\b|memory\b|high\b|low\b|noisy|disk|unused|flapping|email|sms|slack|teams|"
    r"qa\b|uat\b|sandbox|production|test\b|recent|morning|more\b|to\b|me\b|stale)[\w.-]+)(?: \S+ ?-?)?? (?:alerts?|"
    r"alarms?|notifications?)"
)
_CHANGING = frozenset(
    {
        "delete",
        "remove",
        "stop",
        "start",
        "restart",
        "failover",
        "rollback",
        "disable",
        "turn_off",
        "snapshot",
        "resize",
        "drain",
    }
)
_DONE = rule(
    r"(?:when|once|if|as soon as)(?: (?:it|that|this|they|you|all|everything))?(?: (?:is|are|was|were|'s|have|has|"
    r"had|been|re))* (?:done|finished|complete\w*|over|ready|gone|through|succeed\w*|fail\w*|worked|works)(?: .*)?"
)
_BUDGET = re.compile(r"\bbudgets?\b|\bbill\b|\bcosts?\b|\bspend\w*\b|\bbilling\b")
_NUMBER_TO = rule(r"(?:to|at) (?P<value>\d+(?:\.\d+)?)(?: ?(?P<unit>%|percent|ms|s|gb|k|usd|minutes|min))?")
_LASTING = rule(STRETCH)
_SETTING = rule(
    r"(?:send|route|post|forward|deliver) (?:\S+ ){0,5}?(?:alerts?|notifications?) (?:to|into) #?\S+(?: .*)?"
)
_HOW = rule(r"how (?:do|can|would|should) (?:i|we|you)|how to")
_PERCENT = rule(
    r"(?P<value>\d+) ?(?:%|percent) of (?:the |our |my )?(?:\S+ )?budget|budget (?:\S+ ){0,6}?(?P<after>\d+) ?(?:%|percent)"
)


def alerts(view: View) -> Topic | None:
    """Recognise a request about alarms and notifications."""
    if view.has(_HOW) or view.has(_SETTING):
        return None
    asks_to_be_told = (view.has(_WHEN) and not _is_about_now(view)) or view.has(_WATCH)
    if asks_to_be_told and _reports_back(view):
        return None
    noun = _NOUN.search(view.line)
    muting = re.match(
        r"(?:.*(?:[,.;]|\band) )?(?:please |can you |could you |pls |ok |hey )*(?:un)?(?:mute|silence|snooze|ack|acknowledge)(?:\S*)(?: |$)",
        view.line,
    )
    triggered = rule(
        r"why is \S+ (?:ringing|firing|alerting|flapping|going off|paging)(?: .*)?|"
        r"(?:set|raise|lower|change|adjust|update|increase|decrease|edit|what is|what 's)(?: the| alert|"
        r" alarm)* threshold(?: .*)?|(?:what|why)(?: \S+)? (?:triggered|ringing|firing|alerting|flapping|fired|"
        r"went off|set off|tripped)(?: .*)?"
    ).search(view.line)
    if not (asks_to_be_told or noun or muting or triggered):
        return None
    action = Action.ALERT_CREATE if asks_to_be_told else _action(view)
    filters: dict[str, object] = {}
    quiet: set[int] = set()
    name = None if action is Action.ALERT_CREATE else _name(view)
    if name:
        filters["name"] = name[0]
        quiet.update(name[1])
    if action in {Action.ALERT_LIST, Action.ALERT_MUTE, Action.ALERT_ACK, Action.ALERT_DELETE, Action.ALERT_UNMUTE}:
        filters |= _condition(view)
    if action is Action.ALERT_MUTE and not view.of("lasting") and (lasting := _LASTING.search(view.line)):
        filters["duration"] = stretch(number(lasting["number"]), unit(lasting["unit"]))
    if action is Action.ALERT_UPDATE and (value := _NUMBER_TO.search(view.line)):
        filters["value"] = int(float(value["value"])) if float(value["value"]).is_integer() else float(value["value"])
    if action is Action.ALERT_CREATE and not view.of("metric_threshold") and (budget := _PERCENT.search(view.line)):
        filters["metric_threshold"] = {"metric": "budget", "op": ">", "value": int(budget["value"] or budget["after"])}
    keep = (
        None
        if action is Action.ALERT_CREATE
        else frozenset(
            {
                "tags",
                "region",
                "duration",
                "exclude",
                "period",
                "account",
                "subscription",
                "project",
                "channel",
                "severity",
                "age_days",
                "resource_group",
            }
            | (set() if name else {"name"})
        )
    )
    return Topic(intent=IntentKind.ALERT, action=action, filters=filters, keep=keep, quiet=frozenset(quiet))


def _reports_back(view: View) -> bool:
    """'Delete web-1 and tell me when done': the order comes first, and what is told is how it went."""
    told = _WHEN.search(view.line)
    if told is None or not view.verbs:
        return False
    first, _ = view.reading.token_range(told)
    ordered = view.verbs[0].first < first and view.verbs[0].value in _CHANGING
    return ordered or (view.verbs[0].first < first and _DONE.search(told[0]) is not None)


def _is_about_now(view: View) -> bool:
    """'Tell me if X is encrypted' asks now; "tell me if X drops below 10" waits for something."""
    asked = rule(r"(?:tell|let|show|give)(?: (?:me|us|know))* if(?: .+)").search(view.line)
    future = rule(
        r"(?:goes|gets|drops?|falls|exceeds?|rises|crosses|passes|hits|reaches|becomes?|turns|stops|fails?|goes down|"
        r"dies|changes?|happens|starts|over|above|below|under|more than|less than|crash\w*|"
        r"is (?:down|over|above|below|unreachable)|anyone|somebody|someone|anybody|any|ever|opens|creates|deletes|"
        r"spikes?|again|expires?|restarts?|grows|climbs|jumps|runs out|>|<)"
    ).search(view.line)
    telling = rule(r"(?:give|send|post|tell|let|email|mail)(?: .*)?").match(view.line)
    waits = rule(r"(?:when|whenever|once|if|as soon as|every time|in case|should)").search(view.line)
    return bool((asked and not future) or (telling and not waits))


def _action(view: View) -> Action:
    line = view.line
    listing = _LISTING.search(line)
    if (
        listing
        and not view.has(rule(r"why|mean|means"))
        and not re.search(r"\b(?:mute|silence|snooze|ack|delete|remove|create|unmute)\b", line)
    ):
        return Action.ALERT_LIST
    for action, pattern in _VERBS:
        if pattern.search(line):
            return action
    return Action.ALERT_LIST


def _name(view: View) -> tuple[str, range] | None:
    for index, token in enumerate(view.reading.tokens):
        if (
            index not in view.excluded
            and is_shaped(token)
            and not token.raw.startswith("#")
            and not any(
                span.covers(index)
                for span in view.of(
                    "region", "zone", "container", "tags", "lasting", "period", "metric_threshold", "once", "kind_id"
                )
            )
        ):
            return token.raw, range(index, index + 1)
    for pattern in (_NAME_AFTER, _NAME_BEFORE):
        found = pattern.search(view.line)
        if found:
            first, last = view.reading.token_range(found, "name")
            if view.reading.tokens[first].raw.lower() not in {"all", "everything"} and not any(
                span.covers(first) for span in view.of("tags", "region", "cloud", "lasting")
            ):
                return view.reading.tokens[first].raw, range(first, last)
    unsubscribed = rule(r"from (?P<name>\w+) (?:alerts?|notifications?)").search(view.line)
    return (unsubscribed["name"], range(0)) if unsubscribed else None


def _condition(view: View) -> dict[str, object]:
    found: dict[str, object] = {}
    line = " ".join(token.low for index, token in enumerate(view.reading.tokens) if index not in view.excluded)
    state = _STATE.search(line)
    if state:
        found["state"] = _STATES.get(state["state"], state["state"])
    severity = _SEVERITY.search(line)
    if severity:
        found["severity"] = severity["severity"]
    return found
