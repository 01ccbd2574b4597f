"""Whether a text rings: every sentence of it is looked through for every kind of alarming word."""

import re
from collections.abc import Callable
from functools import cache

from agent_server.agents.alarm import standing
from agent_server.agents.alarm.slips import canonical
from agent_server.agents.alarm.table import either, rows
from agent_server.agents.politeness import plainly
from agent_server.agents.tampering import visible

_SENTENCES = re.compile(r"(?<=[.!?;])\s+|(?<=[\u3002\uff01\uff1f])")
_ASKS = re.compile(
    rf"^\W*(?:{standing.FILLERS}\W+|(?:and|but|or|also) )*(?:which|what|what's|whats|who|who's|whose|whom|"
    rf"why(?! don't| not)|when (?:is|are|was|were|will|do|does|did|has|have|should|can|could|would)|where|how|hows|"
    rf"how's|is(?! it ok(?:ay)? (?:if|to) )|are|was|were|did|does|do (?:i|we|you|they|any|all|the)|has|"
    rf"have (?:i(?!-)|we|you|they|any)|should|shall (?:i|we)|"
    rf"can (?!(?:\S+ ){{1,4}}?be (?:taken|brought) (?:down|offline)|you|u\b|someone|somebody|one of|ya\b)|"
    rf"could (?!you|u\b|someone|somebody|one of)|may (?!i ask)|"
    rf"would (?!you|someone|u\b|like|love|prefer|appreciate|be (?:nice|great|good|better|cool|lovely))|will (?!you)|"
    rf"any(?:one|body)?(?!(?: [^ ,;]+){{0,4}}? (?:should|must|may|needs to|has to|ought)\b)|"
    rf"can you .*(?:at all|or only|or not)|tell|list|show|find|describe|count|report|explain|check|display|search|"
    rf"compare|look|see|verify|confirm|wich|whihc|wat|i(?:'m| am) (?:just )?(?:wondering|curious|asking)|wondering|"
    rf"estimate|calculate|simulate|predict|summari[sz]e|teach|alert|notify|warn|inform|remind|ping|email|message|"
    rf"(?:give|get) (?:me|us)(?! (?:an? |the |full |global |temporary )*(?:admin\w*|owner\w*|root|god ?mode|"
    rf"superuser|contributor|full (?:rights|access|control)|all (?:rights|permissions)|everything|sudo|rid|keys to))|"
    rf"let me know|let us know)\b"
)
_TEACHES = re.compile(
    r"\bhow (?:do|to|can|should|would|does|are|is)\b|\bwhat (?:if|happens|would)\b|"
    r"\b(?:should|can|could|may|shall|must|do|did|does|has|have|is it safe|was|were) (?:i|we|they|anyone|anybody|"
    r"someone|it)\b|\bwhen(?:ever)?\b|\bwho\b|\bif\b"
)
_GO_AHEAD = re.compile(
    r"\bif (?:so|yes|ok|okay|it is|that works|not|possible|you can)\b|"
    r"\bthen (?:please )?(?:do it|do so|go ahead|proceed)|\bplease (?:do|go ahead|proceed)\b|"
    r"\b(?:do it|go ahead|proceed)\W*$"
)
_GOES_ON = re.compile(
    r"(?:\b(?:and|then|afterwards|after that|after this)\s+|[,;:&(|]\s*)(?:\W*(?:and|then|please|kindly|pls|just|also|safely)\W+)*$"
)
_PASSIVE = (
    r"(?:(?:must|should|shall|needs? to|ha(?:s|ve) to|can|may|could|to|please|gotta|got to|ought to|will|let it|"
    r"let them)(?: (?:now|all|both|just|safely|finally|then|also|please|completely|really|immediately|"
    r"permanently))* (?:be|get)(?: (?:now|all|both|just|safely|finally|completely|fully|immediately|permanently))*|"
    r"(?:need|want|like|get|have|wish|see)s?(?! been| to|"
    r" you)(?: (?!(?:which|what|that|who|list|know|see|was|were|is|are|been)\b)[^\s,;]+){1,8}?|needs?|"
    r"if (?:\S+ ){1,6}?(?:was|were|is|are|got)) "
)
_POINTS = re.compile(r"^(?:\w+ ){1,3}(?:it|them)\b")
_RETRACTS = re.compile(r"^\W*(?:no wait|never ?mind|scratch that|forget (?:it|that)|cancel that|ignore that)\b")
_FORBIDS = re.compile(
    rf"^\W*(?:{standing.FILLERS}\W+|(?:and|but|or|also) )*(?:don't|dont|do not|never|nobody|no one|"
    rf"noone)\b(?! (?:forget|hesitate|ask|confirm|wait|bother|need|require|enforce|log|record|tell|keep|"
    rf"want))(?!.*(?:[,;:]|\b(?:just|but|only|then|instead)\b))"
)


def rings(text: str) -> bool:
    """Whether a text holds an order to destroy, expose, raise rights, lower a guard, or interrupt production."""
    lines = _lines(text)
    lines = lines[max((at for at, line in enumerate(lines) if _RETRACTS.search(line)), default=0) :]
    ahead = any(_GO_AHEAD.search(line) for line in lines)
    lines = [
        f"{before}, {line}" if _POINTS.match(line) else line for before, line in zip(["", *lines], lines, strict=False)
    ]
    return any(_rings(line, ahead=ahead) for line in lines)


def asks(text: str) -> bool:
    """Whether every sentence of a text asks, lists or forbids, so that no order can be in it."""
    return all(_ASKS.match(line) or _FORBIDS.match(line) for line in _lines(text))


def _lines(text: str) -> list[str]:
    """Return the sentences of a text, in plain words without slips."""
    return [canonical(sentence) for sentence in _SENTENCES.split(plainly(visible(text))) if sentence.strip()]


def _rings(line: str, *, ahead: bool) -> bool:
    asks = _ASKS.match(line) is not None and not ahead
    spared = [match.span() for match in _spared().finditer(line)]
    for pattern, stands in _looks():
        for match in pattern.finditer(line):
            if any(first <= match.start() < last for first, last in spared):
                continue
            before = line[: match.start()]
            if asks and (not _GOES_ON.search(before) or _TEACHES.search(before)):
                continue
            if stands(line, match) and not standing.is_taken_back(before):
                return True
    return False


@cache
def _spared() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{either('spared')})")


@cache
def _looks() -> tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], bool]], ...]:
    """Return what is looked for, with where it must stand."""
    pairs = "|".join(rf"{order}\b(?=.*?(?<!\S){what})" for order, what in rows()["pair"])
    done = f"{either('sure', 1)}|{either('order', 1)}|gone|made public|opened to the (?:world|internet|public)"
    return (
        (re.compile(rf"(?<![\w-])(?:{either('sure')})(?![\w-])"), standing.sure),
        (re.compile(rf"(?<![\w-])(?:{either('order')})(?![\w-])"), standing.begins),
        (re.compile(rf"(?<![\w-])(?:{pairs})"), standing.sure),
        (re.compile(rf"(?<![\w-])(?:{either('wish')})"), standing.wished),
        (re.compile(rf"(?<![\w-])(?:{either('phrase')})(?![\w-])"), standing.heads),
        (re.compile(rf"(?<![\w-])(?:{either('near')})(?![\w-])"), standing.wished_halt),
        (re.compile(rf"(?<![\w-])(?:{either('back')})"), standing.points_back),
        (re.compile(rf"(?<![\w-])(?P<halt>{either('halt')})(?![\w-])"), standing.halts),
        (re.compile(rf"\b{_PASSIVE}(?:{done})(?![\w-])"), standing.wished),
        (re.compile(rf"\b{_PASSIVE}(?:{either('halt', 1)})(?![\w-])"), standing.wished_halt),
        (re.compile(rf"(?<!\S)(?:{either('tongue')})(?![\w-])"), standing.anywhere),
        (re.compile(rf"(?<![\w-])(?:{either('pasted')})"), standing.anywhere),
    )
