"""Questions about something already delivered: the report, a row, a finding, a chart, a page."""

import re

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.entities.amounts import ORDINALS
from agent_server.models.offline.view import Topic, View, rule

_REPORT = rule(
    r"(?P<det>the|this|that|todays|yesterdays|today 's|yesterday 's|mondays|monday 's|fridays|last|latest|my|our|"
    r"your|this morning 's|this mornings|previous|these|those|in|on|of|from|per|last week 's|last weeks|"
    r"last night 's|last months|last month 's) (?P<name>(?:(?!report\b|the\b|a\b|an\b|which\b|you\b|and\b|or\b|to\b|"
    r"say\b|says\b|are\b|is\b|any\b)[\w/'-]+ ){0,4}?)(?:reports?|briefing|digest)"
)
_PART = rule(
    r"(?:items?|rows?|findings?|lines?|entry|entries|points?|sections?|recommendations?|bullets?|slide|page|pg|"
    r"figure|chart|table|paragraph) (?:no |number |nr |# ?)?(?P<number>\d+|one|two|three|four|five)|# ?(?P<hash>\d+)"
)
_ORDINAL = rule(
    rf"(?P<ordinal>{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th)|last) (?:item|row|finding|line|entry|point|section|"
    rf"recommendation|bullet|one|chart|table|page)"
)
_THING = rule(
    r"(?:that|this|the|your|these|those) (?:\S+ )?(?:chart|graph|tables?|findings?|figures?|diagram|pie chart|"
    r"dashboard|summary|heat ?map|row|recommendations?)(?: (?:you|that|above|in|on|shown|posted|sent|from|,)| ?\?|$|"
    r" is| was| are| were| has| have| do| does| look| looks| mean| include| say)"
)
_ROW = rule(
    r"(?:row|rows|finding|findings|line|bullet) (?:below|above|before|after)(?: (?:it|that|this))?|"
    r"(?:item|row|finding|line|bullet|recommendation) (?:no |number |nr |"
    r"# ?)?(?P<n>\d+)(?! (?:of|in) (?:the )?(?:code|file|script))"
)
_DELIVERY = rule(
    r"(?:send|post|deliver|mail|email|move|publish|route|share|schedule|get|receive|want|push)(?: me|"
    r" us)? (?:\S+ ){0,5}?reports? (?:to|in|into|at|every|on|by|daily|weekly)(?: .*)?|"
    r"(?:change|set|update) (?:\S+ ){0,4}?report (?:\S+ )?(?:time|channel|schedule|to|hour).*|"
    r"(?:turn|switch) (?:off|on) (?:\S+ ){0,3}?reports?|(?:turn|switch) (?:\S+ ){0,3}?reports? (?:off|on|back on)|"
    r"(?:when|what time|how often) (?:does|do|will|is|are|should) (?:\S+ ){0,4}?reports? (?:be )?(?:come|arrive|sent|"
    r"due|posted|delivered|out|go out|run|scheduled|land)(?: .*)?|"
    r"(?:stop|disable|enable|pause) (?:sending )?(?:\S+ ){0,3}?reports?"
)
_GENERIC = {
    "latest",
    "last",
    "today",
    "todays",
    "yesterday",
    "yesterdays",
    "'s",
    "this",
    "whole",
    "full",
    "entire",
    "current",
    "new",
    "previous",
    "same",
    "above",
    "attached",
    "mondays",
    "monday",
    "recent",
    "most",
    "week",
    "weeks",
    "month",
    "months",
    "night",
    "first",
    "weekly",
    "your",
    "our",
    "my",
    "the",
    "fridays",
    "friday",
}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_KEPT = frozenset({"name", "tags", "exclude", "severity"})


def reports(view: View) -> Topic | None:
    """Recognise a question about a delivered report."""
    if view.tampering and view.verbs:
        return None
    if view.has(_DELIVERY) or (view.of("channel") and not view.question):
        return None
    report = _REPORT.search(view.line)
    row = _ROW.search(view.line)
    thing = _THING.search(view.line)
    if not (report or row or (thing and not view.verbs)):
        return None
    if not report and re.search(r"\b(?:code|terraform|script|jira|spreadsheet|excel|sql)\b", view.line):
        return None
    filters: dict[str, object] = {}
    quiet: frozenset[int] = frozenset()
    if report:
        name = " ".join(word for word in report["name"].split() if word not in _GENERIC)
        filters["report"] = name or "latest"
        quiet = frozenset(range(*view.reading.token_range(report)))
    if thing:
        quiet |= frozenset(range(*view.reading.token_range(thing)))
    item = _item(view.line)
    if item is not None:
        filters["item"] = item
    if not filters and not row:
        filters["report"] = "latest"
    return Topic(intent=IntentKind.REPORT_QA, action=Action.ANSWER, filters=filters, keep=_KEPT, quiet=quiet)


def _item(line: str) -> int | str | None:
    found = _PART.search(line)
    if found:
        number = found["number"] or found["hash"]
        value = _NUMBERS.get(number) or int(number)
        what = found[0].split()[0]
        return f"{what} {value}" if what in {"page", "slide", "section", "figure", "chart", "table"} else value
    ordinal = _ORDINAL.search(line)
    if not ordinal:
        return None
    word = ordinal["ordinal"]
    if word == "last":
        return "last"
    return ORDINALS.get(word) or int(re.sub(r"\D", "", word))
