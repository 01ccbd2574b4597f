"""Escher's own settings: accounts, users, approvers and approvals, channels, timezone, default region, read-only mode."""

import re

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.entities.amounts import CLOCK, clock
from agent_server.models.offline.view import Topic, View, rule

_CHANGE = (
    r"(?:set|change|update|switch|make|use|turn|enable|disable|configure|move|put|require|add|remove|allow|let|edit|"
    r"adjust|reset|activate|deactivate|drop|increase|reduce|raise|lower|revoke|appoint|delete|give|go|enter|leave|"
    r"exit|stop|start|default|prefer|want|need|send|post|deliver|route|auto-approve|autoapprove|promote|demote|be|"
    r"become|no|dont|skip|invite|only)"
)
_CONNECT = rule(
    r"(?:connect|link|onboard|hook up|register|integrate|import|plug in|wire up|attach)(?: .*)? ?(?:accounts?|"
    r"subscriptions?|projects?|organi[sz]ation|tenant|aws|azure|gcp|clouds?|escher)(?: .*)?|"
    r"(?:add|bring)(?: (?:a|an|the|my|our|new|another|this|these|second|third|aws|azure|gcp|google|cloud|prod|dev|"
    r"staging|production|sandbox|qa|\S+)){0,4}? (?:accounts?|subscriptions?|projects?|tenant|"
    r"organi[sz]ation)(?! (?:tag|label|key|owner|admin|contributor|to (?:the )?(?:role|group)))(?: .*)?"
)
_DISCONNECT = rule(
    r"(?:disconnect|unlink|offboard|deregister|unregister|(?<!dont )forget(?! to )|un-?hook)(?: .*)? ?(?:accounts?|"
    r"subscriptions?|projects?|organi[sz]ation|tenant|aws|azure|gcp|clouds?|escher|from here)(?: .*)?|"
    r"(?:remove|delete|drop|detach)(?: .*)? (?:account|subscription|project|tenant)s?(?: .*)? from (?:escher|you|"
    r"here|the bot|this bot|your \S+)(?: .*)?|stop (?:watching|scanning|syncing|managing|"
    r"monitoring)(?: .*)? (?:account|subscription|project)s?(?: .*)?"
)
_SUBJECTS: tuple[tuple[str, str], ...] = (
    ("read_only", r"read[ -]only(?: mode)?|dry[ -]run mode|safe mode|write mode"),
    ("timezone", r"time ?zones?|tz"),
    ("default_region", r"(?:default|home|preferred|standard) (?:aws |azure |gcp )?regions?|regions? (?:as|to be) (?:the |my |our )?default"),
    ("default_cloud", r"(?:default|preferred) (?:cloud|provider)"),
    ("default_account", r"(?:default|preferred) (?:account|subscription|project)"),
    ("approvers", (
        r"(?<!own )approvers?|(?:who|which people|which users|which roles|people who) (?:can|may|is allowed to|"
        r"are allowed to|has to|must|should) approve(?: .*)?"
    )),
    ("approvals", (
        r"(?:auto[- ]?approv\w*|self[- ]?approv\w*|approvals?(?: (?:rules?|policy|policies|settings?|flow|mode|"
        r"timeout|quorum|requirements?))?|quorum|four[- ]eyes|two[- ]person rule|"
        r"(?:require|need|needs) (?:\S+ ){0,4}?(?:approv\w+|sign-?offs?|confirm\w*)|approve everything|"
        r"approve (?:their|his|her|my|your) own(?: .*)?|(?:be|become|am|as) (?:my|your|his|her|their) own approvers?|"
        r"without (?:asking|approval|confirmation))"
    )),
    ("audit", (
        r"(?:stop|quit|disable|turn off|no|without|skip|dont|do not) (?:logging|recording|auditing|tracking|log|"
        r"record|audit|track)(?: (?:of|for))? (?:what|me|my|us|our|everything (?:i|we)|this|these|escher)(?: .*)?|"
        r"audit (?:trail|log) of escher|escher (?:audit|activity) (?:trail|log)s?|"
        r"(?:your|the bot 's|escher 's) (?:audit|activity) (?:trail|log)s?"
    )),
    ("quiet_hours", r"quiet hours|do not disturb|dnd|business hours|working hours|change (?:freeze|window)|freeze window|maintenance window"),
    ("channel", (
        r"(?:alerts?|reports?|notifications?|updates?|messages?|digest|approvals?|posts?|briefing|answers|"
        r"answer)(?: \S+){0,3}? (?:to|in|into) (?:the )?#?\S+(?: channel)?(?: .*)?|"
        r"(?:report|alert|alerts|reports|notification|default|approval|approvals) channel|channel (?:for|to)(?: .*)?|"
        r"use (?:the )?#\S+(?: .*)?"
    )),
    ("report_time", (
        r"(?:(?:morning|daily|weekly|the) )?report(?:ing)? (?:time|schedule|at|to \d)(?: .*)?|report at(?: .*)?|"
        r"report (?:every|to be sent)(?: .*)?|(?:when|what time|how often) (?:does|do|will|is|are|"
        r"should) (?:\S+ ){0,4}?reports? (?:be )?(?:come|arrive|sent|due|posted|delivered|out|go out|run|scheduled|"
        r"land)(?: .*)?"
    )),
    ("report", r"(?:the )?(?:morning|daily|weekly) reports?"),
    ("sync", r"(?:estate |inventory )?(?:sync|scan|refresh)(?: (?:interval|frequency|schedule|every|hourly|to))(?: .*)?"),
    ("currency", r"currency"),
    ("language", r"(?:language|reply in|answer in|speak) ?\S*"),
    ("budget", r"(?:monthly |yearly |annual |cost )?budget(?: (?:to|of|at|for))?"),
    ("notifications", r"(?:email|sms|slack|teams|my) notifications?"),
    ("accounts", (
        r"(?:connected|linked|configured|registered|onboarded) (?:aws |azure |gcp |cloud )?(?:accounts?|"
        r"subscriptions?|projects?|clouds?)|(?:accounts?|subscriptions?|projects?|"
        r"clouds?)(?: (?:are|is|do|did|we|have|i|you|currently|has|been|that|all))* (?:connected|linked|configured|"
        r"registered|onboarded|hooked up|know about|have access to|you see|can you see|you watch)|"
        r"(?:what|which) (?:aws |azure |gcp |cloud )?(?:accounts?|subscriptions?|projects?) (?:can|do|are) (?:you|"
        r"escher)(?: .*)?"
    )),
    ("users", (
        r"(?:users?|members?|people|who)(?: \S+){0,4} (?:escher|this bot|the bot|you)|"
        r"(?:escher|bot) (?:users?|admins?|roles?|access|permissions?)|"
        r"(?:access to|use of|admin of|admin on|admin in|in|to|from|of|use) (?:escher|this bot|the bot)|"
        r"who (?:are|is) (?:the |my |our )?(?:users|admins|executors|operators)"
    )),
    ("all", (
        r"(?:my |your |the |all |escher |current |bot |escher 's )?(?:settings|preferences|configuration of escher|"
        r"config of escher|escher config(?:uration)?)"
    )),
)  # fmt: skip
_COMPILED = tuple((setting, rule(pattern)) for setting, pattern in _SUBJECTS)
_SHOW = re.compile(
    r"^(?:hey |hi |ok |please |so |and )*(?:show|list|what|whats|which|who|whos|display|view|get|see|is|are|do|does|"
    r"tell me|give me|print|where|can)\b"
)
_CHANGES = rule(rf"{_CHANGE}(?: .*)?")
_TO = rule(r"(?:(?:to|=|as|at|in|use|is|be) )(?:the )?(?P<value>[#@\w./+:-]+(?: time)?)")
_PERSON = (
    rule(
        r"(?:make|add|appoint|set|promote|invite|give|allow|let|want|use)(?: user|"
        r" the)? (?P<who>(?!approver|an?\b|the\b|new\b|another\b|second\b|two\b|my\b|approval|more|user|users|"
        r"everyone to)[@\w.<>-]+)(?: ?(?:,|and) (?P<who2>[@\w.<>-]+))? (?:an?|as|the|to|our|approver|approve|be|is|"
        r"approvers|access|rights)(?: .*)?"
    ),
    rule(
        r"(?:remove|drop|delete|revoke|demote|take)(?: user|"
        r" the)? (?P<who>(?!approver|the\b|approval|user\b)[@\w.<>-]+)(?: ?(?:,|"
        r"and) (?P<who2>[@\w.<>-]+))?(?: 's)? (?:from|as|access|off)(?: .*)?"
    ),
    rule(
        r"(?P<who>(?!it\b|that\b|who\b|there\b)[@\w.<>-]+)(?: ?(?:,|and) (?P<who2>[@\w.<>-]+))? (?:should|must|shall|"
        r"can|may|will|is|are)(?: no longer| not| now| also)?(?: be| to be)?(?: an?| the)? approvers?"
    ),
    rule(r"approvers? (?:to |should be |is |= ?|: ?|are |be )(?:now )?(?P<who>(?!the\b|an?\b)[@\w.<>-]+)(?: ?(?:,|and) (?P<who2>[@\w.<>-]+))?"),
)  # fmt: skip
_COUNT = rule(
    r"(?P<n>\d+|one|two|three|four|zero|no) (?:\S+ )?(?:approvals?|approvers?|people|persons?|reviewers?|sign-?offs?|eyes|admins)"
)
_HOW_MANY = rule(
    r"(?:number|count|amount) of (?:\S+ )?(?:approvers?|approvals?|reviewers?)(?: \S+){0,3}? (?:to|=|at) (?P<n>\d+|one|two|three|four|zero|none)"
)
_NUMBERS = {"none": 0, "one": 1, "two": 2, "three": 3, "four": 4, "zero": 0, "no": 0}
_HOW = rule(
    r"(?:which|what) (?:actions?|operations?|changes?|things?|requests?|commands?) (?:need|needs|require|requires|"
    r"must)(?: .*)?|how (?:do|can|would|does|should|many|to)(?: .*)?|what happens(?: .*)?|why(?: .*)?|"
    r"who are you(?: \\?)?|what (?:is|does) (?:an? |the )?(?:approver|approval|quorum|"
    r"read-only mode)(?: (?:mean|do|role))?(?: \?)?|can (?:you|i|we|escher|approvers|someone|anyone)(?: .*)?"
)
_PERSONAL = rule(r"(?:pto|vacation|leave request|holiday|expenses?|invoice|pull request|pr|merge request|mr|timesheet)")
_PLAYBOOK = rule(r"(?:playbook|runbook)s?(?: .*)?")
_CLOUD_PEOPLE = rule(r"(?:iam|aws|azure|gcp|entra|aad|ad) (?:users?|groups?|roles?|admins?)")
_OFF = rule(r"(?:off|disable|disabled|deactivate|exit|leave|stop|end|quit|remove|false|no)")


def settings(view: View) -> Topic | None:
    """Recognise a request about Escher's own settings."""
    if (
        (view.has(_HOW) and not _is_request(view))
        or view.has(_PERSONAL)
        or view.has(_PLAYBOOK)
        or (view.tampering and view.verbs and view.of("name", "kind", "everything"))
    ):
        return None
    if view.has(_DISCONNECT) and not view.question:
        return _account(Action.SETTINGS_DISCONNECT)
    if (
        view.has(_CONNECT)
        and not view.question
        and not rule(r"(?:to|from) (?:the )?(?:vpc|vnet|instance|server|db|database|network|i-\S+|role|group)").search(
            view.line
        )
    ):
        return _account(Action.SETTINGS_CONNECT)
    for subject, pattern in _COMPILED:
        found = pattern.search(view.line)
        setting = (
            "approvals"
            if subject == "approvers" and (_COUNT.search(view.line) or _HOW_MANY.search(view.line))
            else subject
        )
        if found and _is_ours(view, setting) and not _is_beside_an_order(view, setting, found):
            return _setting(view, setting)
    return None


def _is_request(view: View) -> bool:
    """'Can you switch read-only mode off', "why don't you …" ask for it to be done."""
    return (
        not view.question
        and re.match(r"(?:\S+ ){0,3}?(?:can|could|would) you\b|why (?:dont|not)\b", view.line) is not None
    )


def _is_beside_an_order(view: View, setting: str, found: re.Match[str]) -> bool:
    """'PFA approval mail. Please drop database x': the approval is only spoken of; the order is about something else."""
    if setting not in {"approvals", "approvers"} or not view.of("name", "kind"):
        return False
    _, last = view.reading.token_range(found)
    return any(
        verb.first > last
        and {".", "!", ";"}.intersection(view.reading.low(at) for at in range(last, verb.first))
        and any(span.first > verb.first for span in view.of("name", "kind"))
        for verb in view.verbs
    )


def _account(action: Action) -> Topic:
    keep = frozenset({"account", "subscription", "project", "tags", "exclude"})
    return Topic(intent=IntentKind.SETTINGS, action=action, keep=keep, types=False)


def _is_ours(view: View, setting: str) -> bool:
    """Some subjects exist elsewhere too: channels and budgets need a change, users need Escher's name."""
    changes = view.has(_CHANGES)
    shows = bool(_SHOW.match(view.line))
    if setting == "channel":
        return (changes and "#" in view.text) or view.has(
            rule(r"(?:report|alert|alerts|notification|default|approval) channel")
        )
    if setting == "budget":
        return bool(
            rule(r"(?:set|change|update|raise|lower|increase|adjust)(?: \S+){0,6}? budget(?: .*)?").search(view.line)
        ) and not rule(r"alert|alarm|notif\w*").search(view.line)
    if setting in {"report", "notifications"}:
        return bool(
            rule(
                r"(?:turn|switch|disable|enable|stop|start|pause|send|want|get|subscribe|schedule|deliver|post)(?: .*)?"
            ).match(view.line)
        )
    if setting == "report_time" and view.question:
        return True
    if setting == "sync" and view.line.startswith(("sync ", "please sync ", "scan every", "refresh every")):
        return True
    if setting in {"report_time", "sync", "language"}:
        return changes and not shows
    if (
        setting == "approvals"
        and rule(r"(?:without|no) (?:\S+ )?(?:asking|approval|confirmation)").search(view.line)
        and view.verbs
    ):
        return False
    if setting == "users":
        return not view.has(_CLOUD_PEOPLE) and (changes or shows)
    if setting == "approvals" and rule(r"(?:pending|open|waiting|outstanding) approvals?").search(view.line):
        return True
    return changes or shows or setting in {"timezone", "approvers", "approvals", "read_only", "default_region"}


def _setting(view: View, setting: str) -> Topic:
    asks = view.question or not re.match(r"(?:\S+ ){0,2}?(?:can|do|is|are|does)\b", view.line)
    shows = (
        asks
        and bool(_SHOW.match(view.line))
        and not rule(r"(?:can|could) you (?:set|change|make|turn|switch|add|remove)(?: .*)?").match(view.line)
    )
    shows = shows or (setting == "report_time" and view.question)
    changes = not shows and (
        view.has(_CHANGES) or setting in {"timezone", "default_region", "read_only", "approvals", "sync"}
    )
    action = Action.SETTINGS_UPDATE if changes else Action.SETTINGS_SHOW
    filters: dict[str, object] = {"setting": setting}
    if action is Action.SETTINGS_UPDATE:
        filters |= _value(view, setting)
    elif setting == "all":
        filters = {}
    keep = frozenset({"tags", "exclude"} | ({"region"} if setting == "default_region" and changes else set()))
    return Topic(intent=IntentKind.SETTINGS, action=action, filters=filters, keep=keep, types=False)


def _value(view: View, setting: str) -> dict[str, object]:
    match setting:
        case "approvers" | "users":
            return _people(view)
        case "approvals":
            told = _HOW_MANY.search(view.line)
            if told:
                return {"value": int(told["n"]) if told["n"].isdigit() else _NUMBERS[told["n"]]}
            count = _COUNT.search(view.line)
            return (
                {"value": _NUMBERS.get(count["n"]) or int(count["n"])}
                if count and not view.has(_OFF) and count["n"] not in {"no", "zero"}
                else {}
            )
        case "read_only":
            return {"value": "off" if view.has(_OFF) else "on"}
        case "channel":
            channel = re.search(r"#[\w-]+", view.text)
            return {"channel": channel[0]} if channel else {}
        case "default_region":
            regions = view.of("region")
            return {"value": regions[0].value[1]} if regions else {}
        case "report" | "notifications":
            return {"value": "off" if view.has(_OFF) else "on"}
        case "report_time":
            at = re.search(CLOCK, view.line)
            return {"value": clock(at["clock"])} if at else {}
        case _:
            return _said(view, setting)


def _said(view: View, setting: str) -> dict[str, object]:
    """Return the value after "to", "=", "is"; of a sync how often it recurs."""
    often = view.of("often", "recurring") if setting == "sync" else []
    if often:
        return {"value": often[0].value}
    found = list(_TO.finditer(view.line))
    if not found:
        return {}
    first, last = view.reading.token_range(found[-1], "value")
    return {"value": " ".join(token.raw for token in view.reading.tokens[first:last])}


def _people(view: View) -> dict[str, object]:
    for pattern in _PERSON:
        found = pattern.search(view.line)
        if found:
            said = [group for group in ("who", "who2") if found[group]]
            people = [view.reading.tokens[view.reading.token_range(found, group)[0]].raw for group in said]
            return {"value": people if len(people) > 1 else people[0]}
    return {}
