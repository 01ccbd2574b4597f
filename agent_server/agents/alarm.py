"""The alarm: a second look at the words alone, whatever was understood of them.

What a message asks is understood by a parser or a model, and either may be wrong. The alarm asks one thing only: does an alarming word
(`alarm.tsv`) stand where an order can stand, in a sentence that is no question, and not taken back? Then the message is dangerous. It
would rather ring once too often: the price is one more look by a person.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources

from agent_server.agents.politeness import plainly
from agent_server.agents.tampering import visible

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "`": " ", "*": " "})
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|(?<=[\u3002\uff01\uff1f])")
_WORD = re.compile(r"[a-z]{5,16}")
_SHORTEST = 6
_NO_SLIPS = frozenset({"remote", "removes", "remover", "deletes", "deleter", "destroys", "disables", "restarts", "dispose", "released", "deleted", "removed", "disabled", "exposes", "exposed", "publics", "suspend", "decrease"})  # fmt: skip

_FILLERS = r"(?:please|kindly|pls|plz|plss|just|now|also|simply|quickly|immediately|ok|okay|hey|hi|hello|so|uh|um|like|well|yeah|yes|good|escher|team|sir|actually|go ahead and|asap|urgently|first|next|finally|afterwards|directly|safely|permanently|completely|all|both|instead|manually|tonight|today|tomorrow|maybe|perhaps|(?:at )?\d{1,2}(?::\d\d)?(?:am|pm)?|force|@\S+|<@\S+)"
_LEADS = (
    r"and|then|or|but|after (?:that|this|which|(?:the |a )?\w+)|afterwards|(?:can|could|will|would|may|must|should|shall) (?:you|u|ya|someone|somebody|we|i)(?: guys)?|(?:want|need|like|ask|asking|request\w*|urge|order|instruct\w*|command|advise)(?: (?:you|u|escher|it|someone|to you))?(?: to)?|(?:need|needs|have|has|had|got|ought|going|trying|time|forget|sure|mind|authori[sz]ed|love|grateful) to|wanna|gotta|gonna|"
    r"let's|lets|let us|help me(?: to)?|must|should|shall|i'll|we'll|why don't you|why not|mind and|request|requesting(?: you)?(?: to)?(?: please)?|you to|if you could|if you would|please to|do|kindly|try to|(?:one|any|either) of you|able to please|and to|permission to|approval to"
)
_OPENS = re.compile(rf"(?:^|[,:;\]\)>\"'|=#\-+&/]|\b(?:{_LEADS}))\s*(?:\W*{_FILLERS}\W*)*\W*$")
_TOLD = re.compile(
    r"(?:\b(?:the|an?|this|that|last|each|every|per|of|for|with|any|mfa|soft|accidental|by|from|via|is|are|was|were|who|which|whoever|what|someone|somebody|anyone|nobody|they|he|she|it|users?|people|i|we|you|did|didn't|does|how to|(?:how|when|if|what|which|why|where|before|after|once|until|unless|because|since|whether|that|who) (?:\S+ )?(?:i|we|you|they|he|she|it|can|to|should|may|must|could|would)|"
    r"how (?:\S+ ){0,2}\S+|(?:allowed|able|safe|possible|permitted|permissions?|rights?|ready|cost|costs|okay|used|access|power|ok|fine|wise|dangerous|difficult|easy|hard|enough|trying|attempt\w*) to|i|we)\s+)$"
)
_LED = re.compile(
    rf"\b(?:that|which|who|what|how|if|whether|ones?|anything|when)\W+(?:\S+ ){{0,2}}?(?:{_LEADS})\s+(?:{_FILLERS} )*$"
)
_TAKEN_BACK = re.compile(
    r"(?:\b(?:don't|dont|do not|never|not|no need to|without|avoid|instead of|rather than|won't|wont|can't|cannot|cant|mustn't|shouldn't|nobody|no one|noone|nothing|none|didn't|neither|nor|isn't|refuse to|stop|except|unless|prevent\w*|forbid\w*|protect\w* (?:\S+ ){0,3}from|wasn't|weren't|couldn't|doesn't)\b(?! forget)(?![^,;:]*(?:,|\b(?:just|but|only|so|then|instead)\b))[^,;:]*)$"
)
_WHY_NOT = re.compile(
    r"why don't (?:you|we)|why not|(?:don't|dont|do not|never) (?:forget|hesitate) to|(?:can't|cannot) you|no longer needed|not needed|if not"
)
_ASKS = re.compile(
    rf"^\W*(?:{_FILLERS}\W+|(?:and|but|or|also) )*(?:which|what|what's|whats|who|who's|whose|whom|why(?! don't| not)|when (?:is|are|was|were|will|do|does|did|has|have|should|can|could|would)|where|how|hows|how's|is(?! it ok(?:ay)? (?:if|to) )|are|was|were|did|does|do (?:i|we|you|they|any|all|the)|has|have (?:i(?!-)|we|you|they|any)|should|shall (?:i|we)|can (?!you|u\b|someone|somebody|one of|ya\b)|could (?!you|u\b|someone|somebody|one of)|may (?!i ask)|would (?!you|someone|u\b)|will (?!you)|any(?:one|body)?(?!(?: [^ ,;]+){{0,4}}? (?:should|must|may|needs to|has to|ought)\b)|can you .*(?:at all|or only|or not)|tell|list|show|find|describe|count|report|explain|check|display|search|compare|look|see|verify|confirm|wich|whihc|wat|i(?:'m| am) (?:just )?(?:wondering|curious|asking)|wondering|estimate|calculate|simulate|predict|summari[sz]e|teach|alert|notify|warn|inform|remind|ping|email|message|give (?:me|us)|get (?:me|us)|let me know|let us know)\b"
)
_TEACHES = re.compile(
    r"\bhow (?:do|to|can|should|would|does|are|is)\b|\bwhat (?:if|happens|would)\b|\b(?:should|can|could|may|shall|must|do|did|does|has|have|is it safe|was|were) (?:i|we|they|anyone|anybody|someone|it)\b|\bwhen(?:ever)?\b|\bwho\b|\bif\b"
)
_GO_AHEAD = re.compile(
    r"\bif (?:so|yes|ok|okay|it is|that works|not|possible|you can)\b|\bthen (?:please )?(?:do it|do so|go ahead|proceed)|\bplease (?:do|go ahead|proceed)\b|\b(?:do it|go ahead|proceed)\W*$"
)
_GOES_ON = re.compile(
    r"(?:\b(?:and|then|afterwards|after that|after this)\s+|[,;:&(|]\s*)(?:\W*(?:and|then|please|kindly|pls|just|also|safely)\W+)*$"
)
_PASSIVE = r"(?:(?:must|should|shall|needs? to|ha(?:s|ve) to|can|may|could|to|please|gotta|got to|ought to|will|let it|let them)(?: (?:now|all|both|just|safely|finally|then|also|please|completely|really|immediately|permanently))* (?:be|get)(?: (?:now|all|both|just|safely|finally|completely|fully|immediately|permanently))*|(?:need|want|like|get|have|wish|see)s?(?! been| to| you)(?: (?!(?:which|what|that|who|list|know|see|was|were|is|are|been)\b)[^\s,;]+){1,8}?|needs?|if (?:\S+ ){1,6}?(?:was|were|is|are|got)) "
_THAT = re.compile(
    r"\b(?:that|which|who|what|whether|if|anything|nothing|none|nobody|no|any|ones?|when|how|list|show|find)\b[^,;:]*$"
)
_PROD = re.compile(
    r"(?<![a-z])(?<!pre-)(?<!pre_)(?<!pre )(?<!non-)(?<!non_)(?<!non )(?<!not )(?:prod(?:uction)?|prd|prdo|pord|live|produktion|produktiv|producci[oó]n|produ[cç][aã]o|produzione|produkcj\w+|прод(?:акшн|уктив)?|customer[- ]facing|mission[- ]critical|main (?:db|database|site|website|cluster|server|api))(?![a-z])(?! (?:report|alert|tag)s?\b)"
)
_OTHER = re.compile(
    r"(?<![a-z])(?:dev|development|staging|stage|stg|test|testing|qa|uat|sandbox|demo|pre-?prod|non-?prod|lab)(?![a-z])"
)
_LEFT_OUT = re.compile(
    r"\b(?:except|excluding|unless|but not|not|without|skip|other than|apart from|leave|no|copy of|clone of|like|from|similar to|than|outside)\b[^.;]*$"
)
_ALL = re.compile(
    r"\b(?:everything|it all|the (?:whole )?lot|the (?:whole|entire) \w+(?: \S+)?|every(?: single)? \w+|all (?:the |our |my |of the |of our )?(?!of\b|\w+ ?(?:these|those|them))\w+)\W*(?:(?:off|down|offline|now|please|asap|immediately|at once|right away|today|tonight|in (?:aws|azure|gcp|all clouds))\W*)*(?:$|[,;:])"
)
_OFF = re.compile(r"\b(?:off|down|offline|over|back|out|away)\b")
_POLITE = re.compile(
    r"\b(?:grateful|appreciate\w*|glad|nice|great|help\w*|happy|thankful|lot|kind|good|wonderful)(?: (?:us|me|it|a lot|all))* if\b"
)
_POINTS = re.compile(r"^(?:\w+ ){1,3}(?:it|them)\b")
_RETRACTS = re.compile(r"^\W*(?:no wait|never ?mind|scratch that|forget (?:it|that)|cancel that|ignore that)\b")
_PARTED = frozenset({"turn", "switch", "take", "shut", "bring", "fail"})


def rings(text: str) -> bool:
    """Whether a text holds an order to destroy, expose, raise rights, lower a guard, or interrupt production."""
    lines = [_canonical(sentence) for sentence in _SENTENCES.split(plainly(visible(text))) if sentence.strip()]
    lines = lines[max((at for at, line in enumerate(lines) if _RETRACTS.search(line)), default=0) :]
    ahead = any(_GO_AHEAD.search(line) for line in lines)
    lines = [
        f"{before}, {line}" if _POINTS.match(line) else line for before, line in zip(["", *lines], lines, strict=False)
    ]
    return any(_rings(line, ahead=ahead) for line in lines)


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
            if stands(line, match) and not _is_taken_back(before):
                return True
    return False


def _is_taken_back(before: str) -> bool:
    return _TAKEN_BACK.search(_WHY_NOT.sub(" ", before)) is not None


def _sure(line: str, match: re.Match[str]) -> bool:
    """A word that is hardly ever anything else may stand anywhere but where it is told of."""
    before = line[: match.start()]
    if match[0] == "open":  # also what things are
        return _begins(line, match)
    return _begins(line, match) or (not _TOLD.search(before) and not re.search(r"\bto\s+$", before))


def _begins(line: str, match: re.Match[str]) -> bool:
    before = line[: match.start()]
    return _OPENS.search(before) is not None and not _LED.search(before)


def _halts(line: str, match: re.Match[str]) -> bool:
    """What interrupts counts near production, or with everything."""
    after = line[match.end() :]
    if match["halt"] in _PARTED and not _OFF.search(after):
        return False
    return _sure(line, match) and _is_wide(line, match)


def _is_wide(line: str, match: re.Match[str]) -> bool:
    after = line[match.end() :]
    fronted = "" if _OTHER.search(after) else line[: match.start()]
    for part in (after, fronted):
        found = _PROD.search(part)
        if found and not _LEFT_OUT.search(part[: found.start()]):
            return True
    return _ALL.search(after) is not None and not _OTHER.search(line)


def _wished(line: str, match: re.Match[str]) -> bool:
    return not _THAT.search(_POLITE.sub(" ", line[: match.start()]))


def _wished_halt(line: str, match: re.Match[str]) -> bool:
    return _wished(line, match) and _PROD.search(line) is not None and not _OTHER.search(line)


def _points_back(line: str, match: re.Match[str]) -> bool:
    """'The lock on rg-1: remove it': the guard was named before."""
    return _begins(line, match) and re.search(_any("guard"), line[: match.start()]) is not None


def _anywhere(_line: str, _match: re.Match[str]) -> bool:
    return True


@cache
def _table() -> dict[str, list[list[str]]]:
    text = resources.files("agent_server.agents").joinpath("alarm.tsv").read_text(encoding="utf-8")
    found: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, *fields = line.split("\t")
            found.setdefault(kind, []).append(fields)
    guard = found["guard"][0][0]
    return {kind: [[field.replace("{guard}", guard) for field in row] for row in rows] for kind, rows in found.items()}


def _any(kind: str, column: int = 0) -> str:
    return "|".join(sorted((row[column] for row in _table()[kind]), key=len, reverse=True))


@cache
def _spared() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any('spared')})")


@cache
def _looks() -> tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], bool]], ...]:
    """Return what is looked for, with where it must stand."""
    pairs = "|".join(rf"{order}\b(?=.*?(?<!\S){what})" for order, what in _table()["pair"])
    done = f"{_any('sure', 1)}|{_any('order', 1)}|gone|made public|opened to the (?:world|internet|public)"
    return (
        (re.compile(rf"(?<![\w-])(?:{_any('sure')})(?![\w-])"), _sure),
        (re.compile(rf"(?<![\w-])(?:{_any('order')})(?![\w-])"), _begins),
        (re.compile(rf"(?<![\w-])(?:{pairs})"), _sure),
        (re.compile(rf"(?<![\w-])(?:{_any('wish')})"), _wished),
        (re.compile(rf"(?<![\w-])(?:{_any('back')})"), _points_back),
        (re.compile(rf"(?<![\w-])(?P<halt>{_any('halt')})(?![\w-])"), _halts),
        (re.compile(rf"\b{_PASSIVE}(?:{done})(?![\w-])"), _wished),
        (re.compile(rf"\b{_PASSIVE}(?:{_any('halt', 1)})(?![\w-])"), _wished_halt),
        (re.compile(rf"(?<!\S)(?:{_any('tongue')})(?![\w-])"), _anywhere),
        (re.compile(rf"(?<![\w-])(?:{_any('pasted')})"), _anywhere),
    )


def _canonical(sentence: str) -> str:
    """Return a sentence in lower case with single spaces, and slips in alarming words put right."""
    plain = " ".join(sentence.translate(_QUOTES).lower().split())
    return _WORD.sub(_without_slip, plain)


def _without_slip(match: re.Match[str]) -> str:
    word = match[0]
    if word in _words() or word in _NO_SLIPS or not _is_whole(match):
        return word
    return next((stem for form in _shorter(word) for stem in _near().get(form, ()) if _is_slip(word, stem)), word)


def _is_whole(match: re.Match[str]) -> bool:
    """Whether a word stands free, so that it is no part of a name."""
    around = match.string[max(0, match.start() - 1) : match.start()] + match.string[match.end() : match.end() + 1]
    return not re.search(r"[\w@/-]", around)


@cache
def _words() -> frozenset[str]:
    """Return the single words of the table."""
    words = {row[column] for kind in ("sure", "order", "halt") for row in _table()[kind] for column in (0, 1)}
    return frozenset(words | {"disable", "deactivate", "public", "bypass", "expose", "retention"})


@cache
def _near() -> dict[str, tuple[str, ...]]:
    """Return those words under what they become when a letter is lost."""
    found: dict[str, list[str]] = {}
    for stem in sorted(word for word in _words() if len(word) >= _SHORTEST and word.isascii() and word.isalpha()):
        for form in _shorter(stem):
            found.setdefault(form, []).append(stem)
    return {form: tuple(words) for form, words in found.items()}


def _shorter(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _is_slip(word: str, stem: str) -> bool:
    """Whether one letter was lost, put in, changed, or swapped with its neighbour; both share what is left without it."""
    if abs(len(word) - len(stem)) > 1:
        return False
    if len(word) != len(stem):
        return True
    apart = [at for at in range(len(word)) if word[at] != stem[at]]
    return len(apart) == 1 or (sorted(word) == sorted(stem) and apart[-1] - apart[0] == 1)
