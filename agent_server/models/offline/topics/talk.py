"""Everything that is no cloud work: greetings, thanks, other people's jobs, gibberish, bare jailbreaks."""

import re

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.hints import type_of_names
from agent_server.models.offline.spelling import known
from agent_server.models.offline.view import Topic, View, rule

_OTHER_WORK = rule(
    r"(?:jira|confluence|trello|asana|servicenow|zendesk|notion|linear)(?: .*)?|tickets?(?! [a-z]+-?\d)|sprint|"
    r"standup|stand-up|retro|backlog grooming|story points|calendar|meetings?|meeting room|invite|appointment|lunch|"
    r"dinner|coffee|pizza|beer|restaurant|recipe|"
    r"pto|vacation|holidays?|sick|day off|time off|leave request|expenses?|payslip|salary|hr policy|timesheet|birthday|"
    r"(?:my |our |the |his |her |new )?(?:laptop|macbook|printer|keyboard|monitor screen|phone|iphone|android|wifi|"
    r"wi-fi|router at home|headset|mouse|webcam|projector|badge|desk|office chair|tv)|"
    r"jokes?|poem|haiku|song|story|riddle|limerick|weather|forecast for (?:tomorrow|today|the weekend) in \S+|"
    r"football|soccer|game(?! day)|movie|film|netflix|horoscope|sports|score|stock price|bitcoin|crypto|lottery|"
    r"election|news|"
    r"translate|translation|cv|resume for|cover letter|linkedin|tweet|blog post|essay|homework|powerpoint|slides|"
    r"presentation|excel|spreadsheet|google doc|pdf|"
    r"pull requests?|prs?|merge requests?|code review|unit tests?|regex|git (?:commit|push|rebase|merge|branch)|"
    r"github issue|merge conflict|commit message|compile|linter|refactor\w*|"
    r"flights?|hotel|taxi|uber|train ticket|gift|meaning of life|favou?rite|girlfriend|boyfriend|wife|husband|dog|"
    r"cat|(?:password|pin) (?:for|of|to) (?:my|the) (?:email|laptop|bank|netflix)|capital of|who won|"
    r"who is the president|how old (?:are|is)|math|square root|what is \d+ ?[+*x/-] ?\d+"
)
_CODE = rule(
    r"(?:write|refactor|debug|review|fix|lint|optimi[sz]e|explain|rewrite|generate|test|document|convert|port|code|"
    r"build)(?: (?:me|us|for me|this|that|the|my|our|a|an|some|following))* (?:\S+ ){0,3}?(?:code|script|function in|"
    r"python|javascript|typescript|java|golang|rust|bash|react|css|html|sql query|query in sql|regex|class|module|"
    r"program|app in|component|unit tests?|api client|dockerfile|helm chart|makefile|readme|documentation|email|mail|"
    r"letter|post|terraform|yaml|json)(?: .*)?"
)
_GREETING = rule(
    r"(?:hi|hello|hey|heya|hiya|yo|howdy|greetings|sup|hola|bonjour|ciao|"
    r"good (?:morning|afternoon|evening|night|day)|morning|evening|gm|gn|hey there|hi there|what 's up|whats up|"
    r"wassup|how are you|how 's it going|hows it going|how do you do|how are things|how 's your day|you there|"
    r"are you there|anyone there|are you awake|nice to meet you|welcome back|happy \w+|merry \w+)(?: .*)?"
)
_THANKS = rule(
    r"(?:thanks?(?: you)?|thank u|thx|ty|tysm|cheers|merci|danke|gracias|much appreciated|appreciate it|appreciated|"
    r"great(?: job| work| stuff)?|good (?:job|bot|work|one|stuff)|well done|nice(?: one| work| job)?|awesome|perfect|"
    r"cool|brilliant|lovely|sweet|amazing|excellent|love it|you rock|you 're (?:the best|great|awesome)|wow|"
    r"ok(?:ay)?|k|kk|got it|understood|noted|makes sense|fair enough|sounds good|never ?mind|nvm|no worries|"
    r"no problem|np|forget it|all good|all set|sorted|it 's (?:fine|ok|sorted)|sorry|my bad|oops|lol|haha\w*|hmm+|"
    r"bye|goodbye|see you|cya|later|talk later|have a (?:good|nice|great) .*|good night|"
    r"that 's (?:all|it|great|fine|cool)|yes|no|yep|nope|sure|please|ping|test|testing|hm+|ah|oh|right|good|fine|"
    r"interesting|i see|let me (?:think|check|see)|brb|one sec|one moment|wait|hold on|stop it|cancel that|cancel|"
    r"same here|agreed|exactly|indeed|i 'm (?:back|bored|tired|hungry|done)|im (?:back|bored|tired|hungry|done)|"
    r"long day|happy friday|tgif)(?: .*)?"
)
_ABOUT_WORK = (
    "kind",
    "region",
    "zone",
    "cloud",
    "name",
    "container",
    "tags",
    "instance_type",
    "port",
    "cidr",
    "feature",
    "metric",
    "missing_tags",
    "tags_present",
    "age_days",
    "recurring",
    "metric_threshold",
    "everything",
)
_WORK_WORDS = rule(
    r"(?:costs?|spend\w*|spent|bills?|budgets?|savings?|save|alerts?|alarms?|playbooks?|runbooks?|automations?|"
    r"reports?|approv\w+|deploy\w*|outage|incident|cpu|memory|latency|logs?|disk|estate|inventory|account|accounts|"
    r"subscription|project|region|cloud|clouds|infra|infrastructure|environment|resources?|encrypt\w*|"
    r"backups?|scan|sync|compliance|security|posture|public|idle|unused|running|stopped|tagged|untagged|expir\w+|"
    r"changed|settings|timezone|channel|what can you do|help|"
    r"who (?:did|has|was|made|broke|touched|stopped|deleted|created|changed|started|opened)|machine|machines|down|"
    r"slow|error|errors|happened|forecast\w*|expensive|oversized|unhealthy|healthy|capacity|drift|exposed|"
    r"vulnerab\w+|terraform|kubernetes|iam|mute|silence|ack|snooze|plan|plans|phrase|filter|how do i|how can i|usage|"
    r"traffic|invoice|notify|ping me|tell me (?:if|when)|clouds|read-only|approver|status|ok with|fail\w*|crash\w*|"
    r"issues?|problems?|wrong|reboots?|storage|charges?)"
)
_COMMAND = re.compile(r"^(?:please )?(?:approve|reject|confirm|pending|whoami|who am i)(?: (?:plan )?p-\w+)?(?: .*)?$")
_SHORT = 9
_REQUEST = rule(
    r"(?:but|now|can you|could you|please (?:show|list|tell|check)|show|list|tell me|what|which|how|why|who|row|item|\\?)(?: .*)?"
)
_ONLY_MARKS = re.compile(r"^[\W_]*$")
_PRONOUN = rule(
    r"(?:it|them|those|these|that|this|that one|this one|"
    r"the (?:first|second|third|last|other|old|new|idle|rest)(?: \S+)?|everything|all|ones|same|again)"
)


_THEN_RUN = rule(r"(?:then|and) (?:then )?(?:execute|run|do|apply)(?: .*)?")
_AT_ONCE = re.compile(
    r"^(?:(?:please|hey|hi|can you|could you|pls) )*(?:translate|tell (?:me|us) (?:a|another) (?:joke|story)|sing|"
    r"write (?:me )?(?:a|an) (?:poem|haiku|song|story|email|essay|letter)|proofread|"
    r"summari[sz]e this (?:text|email|article)|what (?:is|'s) the (?:weather|time)\b|play |"
    r"(?:book|reserve) (?:me |us )?(?:an?|the|some) |order (?:me |us )?(?:an?|some) )"
)


def other_work(view: View) -> Topic | None:
    """Recognise other people's work, and thanks that ask for nothing."""
    if (
        _ONLY_MARKS.match(view.line)
        or (_AT_ONCE.match(view.line) and not view.has(_THEN_RUN))
        or (view.extracting and not view.verbs and not (view.of("kind") and view.of("name")))
    ):
        return _unsupported()
    kinds = view.of("kind")
    if (
        not kinds
        and not _names_cloud_things(view)
        and (view.has(_OTHER_WORK) or view.has(_CODE))
        and not (view.verbs and view.of("name") and (view.tampering or type_of_names(_names(view))))
        and not rule(r"(?:the|this|that|todays|last|latest|our) (?:\S+ ){0,3}reports?").search(view.line)
    ):
        return _unsupported()
    if kinds and ((_CODE.match(view.line) and not _names_cloud_things(view)) or _is_their_job(view)):
        return _unsupported()
    if _COMMAND.match(view.line) and not kinds and not view.verbs and not view.has(rule(r"approvers?|approvals?")):
        return _unsupported()
    thanks = (
        _THANKS.match(view.line)
        and not view.verbs
        and not view.question
        and len(view.reading) <= _SHORT
        and not view.of(*_ABOUT_WORK, "channel")
        and not view.has(_REQUEST)
    )
    return _unsupported() if thanks else None


_ADDS = ("group_by", "period", "tagged", "missing_tags")
_ADDING = rule(r"(?:and|what about|how about|same|now|also)(?: .*)")
"""How one goes on with the question before: "and by team?", "what about last month"."""


def talk(view: View) -> Topic | None:
    """Recognise, when no topic claimed the message, that it says nothing about cloud resources either."""
    if view.verbs and (view.of(*_ABOUT_WORK) or view.has(_PRONOUN)):
        return None
    if view.of(*_ABOUT_WORK) or view.has(_WORK_WORDS) or (view.of(*_ADDS) and _ADDING.match(view.line)):
        return None
    if view.tampering and not view.verbs:
        return _unsupported()
    opening = _GREETING.match(view.line) or _THANKS.match(view.line)
    if opening and not (view.verbs and len(view.reading) > 3):  # noqa: PLR2004 - "stop it" alone is talk
        return _unsupported()
    return None if view.verbs or _asks_something(view) else _unsupported()


def _names(view: View) -> list[str]:
    return [span.value for span in view.of("name")]


def _names_cloud_things(view: View) -> bool:
    """Whether something only the clouds have is named: a region, a cloud, an id."""
    coded = any(span.value[1] in view.line for span in view.of("region", "zone"))
    return (
        coded
        or bool(view.of("instance_type", "cidr", "port", "kind_id", "tags"))
        or (bool(view.of("cloud")) and not view.has(_OTHER_WORK))
    )


def _is_their_job(view: View) -> bool:
    """Whether the object of the sentence is somebody else's work although a cloud word occurs: "a calendar invite for the rds migration"."""
    return bool(
        rule(
            r"(?:close|open|create|update|file|move|assign|write|schedule|book|add|set up|cancel|accept|reschedule|"
            r"send|draft|make|tell|log|merge|review|raise|comment on|sum up|"
            r"summari[sz]e)(?: (?:me|us|an?|the|my|our|this|new|all|up|for me|that))*(?: \S+)?? (?:jira|tickets?|"
            r"meetings?|calendar|invite|pto|pull requests?|prs?|email|slides|presentation|jokes?|poem|haiku|story|"
            r"song|confluence|blog post|standup|retro|lunch|party)(?: .*)?"
        ).search(view.line)
    )


def _asks_something(view: View) -> bool:
    """Whether words of the language hold a question about things at hand: "what about those", "is everything ok with it"."""
    words = [token for token in view.reading.tokens if token.is_word]
    understood = sum(known(token.low) for token in words)
    return (
        bool(words)
        and understood * 2 >= len(words)
        and view.has(
            rule(
                r"(?:show|list|describe|check|those|them|it|that one|other one|others|ones|everything|anything|details|more|same)(?: .*)?"
            )
        )
    )


def _unsupported() -> Topic:
    return Topic(intent=IntentKind.UNSUPPORTED, action=Action.NONE, keep=frozenset(), types=False)
