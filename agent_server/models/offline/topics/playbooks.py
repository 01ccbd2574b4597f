"""Playbooks, runbooks, automations, and operations that are to recur."""

import re

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.view import Topic, View, rule

_NOUN = r"(?:playbooks?|runbooks?|run-books?|play-books?|automations?)"
_ANY = rule(rf"{_NOUN}|pb-\d+")
_ID = rule(r"(?P<name>pb-\w+)")
_FIND = rule(
    rf"(?:is there|are there|do we have|do you have|have we got|got|any|find|search|look for|look up|which|what|"
    rf"is any|have you|suggest|recommend|need)(?: (?:me|us|an?|any|the|for|existing|good|"
    rf"approved))* {_NOUN}(?: (?:do we (?:even |actually |currently )?have|do you have|we have|you have|are there|"
    rf"exist|is there|have|do|you know))?(?: (?:for|to|that|which|about|on|covering|handles?|handling|do|does|help|"
    rf"helps|helping|with|can|exist|exists|we|use|should|i|addresses))+ (?P<about>.+)"
)
_FOR = rule(rf"{_NOUN} (?:for|about|on|to|that|covering) (?P<about>.+)")
_BEFORE = rule(
    rf"(?:(?:the|my|our|a|an|this|that|run|execute|pause|resume|start|stop|trigger|delete|edit|update|describe|show|"
    rf"of|in|for|did|has|is|was|launch|apply|schedule|use|off|explain|disable|enable|rerun|list|unpause|remove|me|"
    rf"open|kick off) )(?P<name>(?:(?!the\b|a\b|an\b|my\b|our\b|run\b|execute\b|pause\b|resume\b|start\b|stop\b|"
    rf"delete\b|this\b|that\b|all\b|any\b|of\b|in\b|for\b|new\b|every\b|each\b|which\b|what\b|show\b|list\b|me\b|"
    rf"steps\b|and\b|existing\b|available\b|is\b|are\b|i\b|off\b|active\b|aws(?![\w-])|azure(?![\w-])|gcp(?![\w-])|"
    rf"paused\b|failed\b|approved\b|pending\b|from\b|last\b|other\b|same\b|have\b|there\b|we\b|do\b|scheduled\b|"
    rf"published\b|more\b|some\b|as\b|use\b)[\w./&-]+ ){{1,4}}){_NOUN}"
)
_AFTER = rule(
    rf"{_NOUN}(?: (?:named|called|id|:))? (?P<name>(?!for\b|to\b|that\b|which\b|from\b|in\b|on\b|is\b|are\b|was\b|"
    rf"do\b|does\b|did\b|have\b|has\b|every\b|at\b|and\b|with\b|about\b|we\b|i\b|again\b|now\b|out\b|of\b|by\b|"
    rf"finish|finished|run\b|ran\b|running|status|please|so\b|it\b|the\b|a\b|an\b|my\b|failed|fail|exist|exists|"
    rf"tonight|tomorrow|covering|library|can\b|should|will|as\b|until|today|still|,|:|works?\b|there|available|you\b|"
    rf"cover|against|going|not\b|last|using|based|due|steps?|what|before|after|yet|done|complete\w*|succeed\w*|"
    rf"need\w*)[\w./-]+)"
)
_VERBS: tuple[tuple[Action, re.Pattern[str]], ...] = (
    (
        Action.PLAYBOOK_STATUS,
        rule(
            r"(?:did|has|have|is|was|are|does)(?!.* (?:there|we have|any)\b) .*|status|progress|"
            r"how (?:is|did|was|far)(?: .*)?|when did(?: .*)?|last run|result of|outcome of|how 's(?: .*)?|"
            r"still running"
        ),
    ),
    (
        Action.PLAYBOOK_RESUME,
        rule(
            r"resume|unpause|un-pause|re-?enable|enable|reactivate|activate|continue|restart|turn (?:\S+ ){0,5}(?:back )?on"
        ),
    ),
    (
        Action.PLAYBOOK_PAUSE,
        rule(r"pause|suspend|disable|stop|halt|deactivate|hold|turn (?:\S+ ){0,5}off|freeze|put (?:\S+ ){1,6}on hold"),
    ),
    (Action.PLAYBOOK_DELETE, rule(r"delete|remove|drop|get rid of|purge|trash|destroy|retire|archive")),
    (
        Action.PLAYBOOK_CREATE,
        rule(
            rf"(?:create|make|write|build|generate|draft|record|compose|author|add|new|develop|design|clone|copy|"
            rf"duplicate|fork)(?: \S+){{0,5}}? {_NOUN}|(?:save|turn|convert|store|export) (?:\S+ ){{1,8}}?(?:as|into|"
            rf"to) (?:an? )?(?:new )?{_NOUN}"
        ),
    ),
    (
        Action.PLAYBOOK_UPDATE,
        rule(
            r"update|edit|change|modify|rename|revise|amend|tweak|adjust|bump|"
            r"add (?:an? |another |the )?(?:\S+ )?step(?: .*)?|remove (?:a |the )?(?:\S+ )?step(?: .*)?|"
            r"replace(?: .*)?|fix"
        ),
    ),
    (
        Action.PLAYBOOK_DESCRIBE,
        rule(
            r"steps?|describe|explain|details?|detail|contents?|what (?:does|is|do|are the|'s|would|will)(?: .*)?|"
            r"whats(?: .*)?|show me what(?: .*)?|inspect|preview|how does(?: .*)?|walk me through|summari[sz]e|"
            r"who (?:wrote|owns|approved|made|created)(?: .*)?|tell me about|open"
        ),
    ),
    (
        Action.PLAYBOOK_RUN,
        rule(
            r"run|execute|start|kick off|kickoff|trigger|launch|use|apply|invoke|fire|fire off|rerun|re-run|"
            r"go ahead with|perform|do|play|begin|initiate"
        ),
    ),
)
_LIST = rule(
    r"(?:list|show|which|what|see|display|browse|get|view|give me|all|any|how many|"
    r"available)(?: (?:me|all|my|our|the|of|are|existing|available|available|approved|active|paused|scheduled|aws|"
    r"azure|gcp|published|pending|failed|recent|is|do|we|have|your|us|every|new|s3|ec2|gke|aks|security|cost|that|"
    r"you|\S+))*? (?:playbooks|runbooks|automations)(?: .*)?|"
    r"(?:my|our|all|available) (?:playbooks|runbooks|automations)"
)
_HOW = rule(
    r"how (?:do|can|would|should) (?:i|we|you|one)(?: .*)?|how to|"
    r"what (?:is|are|'s) (?:an? )?(?:playbooks?|runbooks?|automations?)(?: \?)?|difference between(?: .*)?|"
    r"can (?:you|i|we|escher) (?:write|create|make|edit|import|upload|use) (?:my own |own |custom |"
    r")?playbooks?(?: \?)?"
)
_CLOUD_ONLY = rule(r"(?:playbooks|runbooks|automations) (?:for|on|in) (?:aws|azure|gcp|google cloud)(?: \?)?$")
_STATES = rule(r"(?P<state>paused|failed|active|approved|pending|scheduled|rejected|draft|published)")
_COST = rule(r"(?:cost|spend|spending|bill|costs|budget)(?: .*)?")


_FRONTED = rule(rf"(?P<name>[a-z]\S*[-_\d]\S*) {_NOUN}")


def playbooks(view: View) -> Topic | None:
    """Recognise a request about a playbook, or an operation that is to recur."""
    if view.has(_ANY):
        return None if view.has(_HOW) else _about_a_playbook(view)
    if not view.of("recurring", "often") or view.question:
        return None
    recurring = view.of("recurring")
    noun = rule(
        r"(?:schedule|plan|arrange|set up|setup)(?: (?:an?|the|me))*(?: \S+){0,4}? (?:shutdowns?|shut-downs?|stops?|"
        r"starts?|startups?|backups?|snapshots?|restarts?|reboots?|clean-?ups?|rotations?|scale-?downs?|scans?)"
    ).search(view.line)
    if recurring and (view.verbs or noun or _is_repeated_query(view)):
        return Topic(intent=IntentKind.PLAYBOOK, action=Action.PLAYBOOK_SCHEDULE)
    if view.of("often") and (
        noun
        or (
            view.verbs
            and not rule(
                r"(?:stop|delete|remove|disable) (?:the )?(?:daily|nightly|weekly|hourly|monthly)(?: .*)?"
            ).search(view.line)
        )
    ):
        return Topic(intent=IntentKind.PLAYBOOK, action=Action.PLAYBOOK_SCHEDULE)
    return None


def _is_repeated_query(view: View) -> bool:
    return (
        bool(
            rule(r"(?:list|check|show|scan|audit|report|send|give|find|post|run|export|tell|look)(?: .*)?").search(
                view.line
            )
        )
        and not view.question
        and not view.has(_COST)
    )


def _about_a_playbook(view: View) -> Topic:
    found = _FIND.search(view.line)
    if view.of("recurring") and not found:
        return _named(view, Action.PLAYBOOK_SCHEDULE)
    if found and found["about"].strip(" ?.") in {"aws", "azure", "gcp", "google cloud"}:
        return Topic(intent=IntentKind.PLAYBOOK, action=Action.PLAYBOOK_LIST, keep=frozenset())
    if found:
        return _searched(view, found)
    name = _name(view)
    if (
        not name
        and (search := _FOR.search(view.line))
        and not view.has(_CLOUD_ONLY)
        and not rule(r"(?:create|make|write|build|generate|draft|update|delete|run|execute|save)(?: .*)?").match(
            view.line
        )
    ):
        return _searched(view, search)
    if not name and view.has(_LIST):
        state = _STATES.search(view.line)
        return Topic(
            intent=IntentKind.PLAYBOOK,
            action=Action.PLAYBOOK_LIST,
            filters={"state": state["state"]} if state else {},
            keep=frozenset({"tags", "exclude", "limit"}),
        )
    return _named(view, _action(view, name))


def _action(view: View, name: "tuple[str, frozenset[int]] | None") -> Action:
    quiet = name[1] if name else frozenset()
    line = " ".join(token.low for index, token in enumerate(view.reading.tokens) if index not in quiet)
    for action, pattern in _VERBS:
        if pattern.match(line) or pattern.search(line):
            if action is Action.PLAYBOOK_STATUS and not _asks_status(line):
                continue
            return action
    return Action.PLAYBOOK_DESCRIBE if name else Action.PLAYBOOK_LIST


def _asks_status(line: str) -> bool:
    return bool(
        re.match(
            (
                r"(?:hey |hi |so )?(?:did|has|have|is|was|are|does|how|when|status|progress|result|outcome|"
                r"what 's the status|whats the status|show (?:me )?the (?:status|progress|result))"
            ),
            line,
        )
    ) or bool(rule(r"status|progress|last run|still running").search(line))


def _searched(view: View, found: re.Match[str]) -> Topic:
    about = re.sub(r"\s+([,.?!])", r"\1", found["about"]).strip(" ?.!")
    first, _ = view.reading.token_range(found)
    quiet = frozenset(range(first, view.reading.token_range(found, "about")[0]))
    words = about.split()
    return Topic(
        intent=IntentKind.PLAYBOOK,
        action=Action.PLAYBOOK_FIND,
        filters={"playbook": " ".join((_infinitive(words[0]), *words[1:]))},
        keep=frozenset(),
        quiet=quiet,
    )


def _infinitive(word: str) -> str:
    """Turn "locking" into "lock", "stopping" into "stop", "rotating" into "rotate"."""
    if not word.endswith("ing") or len(word) < 6:  # noqa: PLR2004 - "ring" is no gerund
        return word
    stem = word[:-3]
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls":  # noqa: PLR2004 - "stopp" has five letters
        return stem[:-1]
    return (
        stem + "e"
        if re.search(
            (
                r"(?:at|iz|is|v|c|ag|as|ur|ir|os|ov|us|il|ut|ot|et|dl|pl|abl|bl|nc|rg|dg|ng|ul|un|rit|(?<![eo])a[dk]|"
                r"(?<!o)id|(?<![ao])in|(?<!e)a[lr]|or)$"
            ),
            stem,
        )
        and stem
        not in {
            "fail",
            "lock",
            "clear",
            "return",
            "bring",
            "deploy",
            "reset",
            "set",
            "mail",
            "reboot",
            "start",
            "restart",
            "edit",
            "audit",
            "visit",
            "profit",
            "hang",
            "sync",
            "monitor",
        }
        and not stem.endswith(("eet", "oot", "out"))
        else stem
    )


def _name(view: View) -> tuple[str, frozenset[int]] | None:
    for pattern in (_ID, _BEFORE, _AFTER, _FRONTED):
        found = pattern.search(view.line)
        if not found:
            continue
        first, last = view.reading.token_range(found, "name")
        while last > first and view.reading.low(last - 1) in {"", "playbook", "runbook", "automation"}:
            last -= 1
        words = [token.raw for token in view.reading.tokens[first:last]]
        if words:
            return " ".join(words), frozenset(range(first, last))
    return None


def _named(view: View, action: Action) -> Topic:
    name = _name(view)
    called = rule(r"(?:called|named) (?P<name>\S+)").search(view.line)
    if action is Action.PLAYBOOK_CREATE and not rule(r"(?:clone|copy|duplicate|fork)(?: .*)?").search(view.line):
        name = None
    if called and not name:
        at, _ = view.reading.token_range(called, "name")
        name = (view.reading.tokens[at].raw, frozenset({at}))
    filters = {"playbook": name[0]} if name else {}
    keep = None if action in {Action.PLAYBOOK_SCHEDULE, Action.PLAYBOOK_RUN} else frozenset({"exclude"})
    return Topic(
        intent=IntentKind.PLAYBOOK, action=action, filters=filters, keep=keep, quiet=name[1] if name else frozenset()
    )
