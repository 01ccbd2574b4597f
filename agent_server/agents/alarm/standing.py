"""Where an alarming word must stand to be an order, a wish or a bare phrase, and what takes it back."""

import re

from agent_server.agents.alarm.table import either

FILLERS = (
    r"(?:please|kindly|pls|plz|plss|just|now|also|simply|quickly|immediately|ok|okay|hey|hi|hello|so|uh|um|like|well|"
    r"yeah|yes|good|escher|team|sir|actually|go ahead and|asap|urgently|first|next|finally|afterwards|directly|"
    r"safely|permanently|completely|all|both|instead|manually|tonight|today|tomorrow|maybe|perhaps|"
    r"(?:at )?\d{1,2}(?::\d\d)?(?:am|pm)?|force|@\S+|<@\S+)"
)
_LEADS = (
    r"and|then|or|but|after (?:that|this|which|(?:the |a )?\w+)|afterwards|"
    r"(?:can|could|will|would|may|must|should|shall) (?:you|u|ya|someone|somebody|we|i)(?: guys)?|"
    r"(?:want|need|like|ask|asking|request\w*|urge|order|instruct\w*|command|"
    r"advise)(?: (?:you|u|escher|it|someone|to you))?(?: to)?|"
    r"(?:need|needs|have|has|had|got|ought|going|trying|time|forget|sure|mind|authori[sz]ed|love|grateful) to|wanna|"
    r"gotta|gonna|"
    r"let's|lets|let us|help me(?: to)?|must|should|shall|i'll|we'll|why don't you|why not|mind and|request|"
    r"requesting(?: you)?(?: to)?(?: please)?|you to|if you could|if you would|please to|do|kindly|try to|"
    r"(?:one|any|either) of you|able to please|and to|permission to|approval to"
)
_OPENS = re.compile(rf"(?:^|[,:;\]\)>\"'|=#\-+&/]|\b(?:{_LEADS}))\s*(?:\W*{FILLERS}\W*)*\W*$")
_TOLD = re.compile(
    r"(?:\b(?:the|an?|this|that|last|each|every|per|of|for|with|any|mfa|soft|accidental|by|from|via|is|are|was|were|"
    r"who|which|whoever|what|someone|somebody|anyone|nobody|they|he|she|it|users?|people|i|we|you|did|didn't|does|"
    r"how to|(?:how|when|if|what|which|why|where|before|after|once|until|unless|because|since|whether|that|"
    r"who) (?:\S+ )?(?:i|we|you|they|he|she|it|can|to|should|may|must|could|would)|"
    r"how (?:\S+ ){0,2}\S+|(?:allowed|able|safe|possible|permitted|permissions?|rights?|ready|cost|costs|okay|used|"
    r"access|power|ok|fine|wise|dangerous|difficult|easy|hard|enough|trying|attempt\w*) to|i|we)\s+)$"
)
_HEADS = re.compile(
    rf"(?:^|[:;,>.]|\b(?:so|then|i want|i need|we need|we want|need|request\w*(?: for)?|asking for|please))\W*(?:{FILLERS}\W+)*$"
)
_LED = re.compile(
    rf"\b(?:that|which|who|what|how|if|whether|ones?|anything|when)\W+(?:\S+ ){{0,2}}?(?:{_LEADS})\s+(?:{FILLERS} )*$"
)
_TAKEN_BACK = re.compile(
    r"(?:\b(?:don't|dont|do not|never|not|no need to|without|avoid|instead of|rather than|won't|wont|can't|cannot|"
    r"cant|mustn't|shouldn't|nobody|no one|noone|nothing|none|didn't|neither|nor|isn't|refuse to|stop|except|unless|"
    r"prevent\w*|forbid\w*|protect\w* (?:\S+ ){0,3}from|wasn't|weren't|couldn't|"
    r"doesn't)\b(?! forget)(?![^,;:]*(?:,|\b(?:just|but|only|so|then|instead)\b))[^,;:]*)$"
)
_WHY_NOT = re.compile(
    r"why don't (?:you|we)|why not|(?:don't|dont|do not|never) (?:forget|hesitate) to|(?:can't|cannot) you|no longer needed|not needed|if not"
)
_THAT = re.compile(
    r"\b(?:that|which|who|what|whether|if|anything|nothing|none|nobody|no|any|ones?|when|how|list|show|find)\b[^,;:]*$"
)
_PROD = re.compile(
    r"(?<![a-z])(?<!pre-)(?<!pre_)(?<!pre )(?<!non-)(?<!non_)(?<!non )(?<!not )(?:prod(?:uction)?|prd|prdo|pord|live|"
    r"produktion|produktiv|producci[oó]n|produ[cç][aã]o|produzione|produkcj\w+|прод(?:акшн|уктив)?|"
    r"customer[- ]facing|mission[- ]critical|main (?:db|database|site|website|cluster|server|"
    r"api))(?![a-z])(?! (?:report|alert|tag)s?\b)"
)
_OTHER = re.compile(
    r"(?<![a-z])(?:dev|development|staging|stage|stg|test|testing|qa|uat|sandbox|demo|pre-?prod|non-?prod|lab)(?![a-z])"
)
_LEFT_OUT = re.compile(
    r"\b(?:except|excluding|unless|but not|not|without|skip|other than|apart from|leave|no|copy of|clone of|like|"
    r"from|similar to|than|outside)\b[^.;]*$"
)
_ALL = re.compile(
    r"\b(?:everything|it all|all(?: of (?:it|them|us))?|the (?:whole )?lot|(?:the )?(?:whole|entire) \w+(?: \S+)?|"
    r"every(?: single)? \w+|all (?:the |our |my |of the |of our )?(?!of\b|\w+ ?(?:these|those|them))\w+)\W*(?:(?:off|"
    r"down|offline|now|please|asap|immediately|at once|right away|today|tonight|"
    r"in (?:aws|azure|gcp|all clouds))\W*)*(?:$|[,;:])"
)
_OFF = re.compile(r"\b(?:off|down|offline|over|back|out|away)\b")
_POLITE = re.compile(
    r"\b(?:grateful|appreciate\w*|glad|nice|great|help\w*|happy|thankful|lot|kind|good|wonderful)(?: (?:us|me|it|a lot|all))* if\b"
)
_PARTED = frozenset({"power", "turn", "switch", "take", "shut", "bring", "fail"})


def is_taken_back(before: str) -> bool:
    """Whether what stands before an order takes it back: "don't", "without", "instead of"."""
    return _TAKEN_BACK.search(_WHY_NOT.sub(" ", before)) is not None


def sure(line: str, match: re.Match[str]) -> bool:
    """A word that is hardly ever anything else may stand anywhere but where it is told of."""
    before = line[: match.start()]
    if match[0] == "open":  # also what things are
        return begins(line, match)
    return begins(line, match) or (not _TOLD.search(before) and not re.search(r"\bto\s+$", before))


def begins(line: str, match: re.Match[str]) -> bool:
    """Where an order begins: at the head of a clause, after a request or a connective."""
    before = line[: match.start()]
    return _OPENS.search(before) is not None and not _LED.search(before)


def halts(line: str, match: re.Match[str]) -> bool:
    """What interrupts counts near production, or with everything."""
    after = line[match.end() :]
    if match["halt"] in _PARTED and not _OFF.search(after):
        return False
    return sure(line, match) and _is_wide(line, match)


def _is_wide(line: str, match: re.Match[str]) -> bool:
    after = line[match.end() :]
    fronted = "" if _OTHER.search(after) else line[: match.start()]
    for part in (match[0], after, fronted):
        found = _PROD.search(part)
        if found and not _LEFT_OUT.search(part[: found.start()]):
            return True
    return _ALL.search(after) is not None and not _OTHER.search(line)


def wished(line: str, match: re.Match[str]) -> bool:
    """A wish may stand anywhere but in a clause that tells which, whether or what."""
    return not _THAT.search(_POLITE.sub(" ", line[: match.start()]))


def wished_halt(line: str, match: re.Match[str]) -> bool:
    """A wish that counts near production."""
    return wished(line, match) and _PROD.search(line) is not None and not _OTHER.search(line)


def points_back(line: str, match: re.Match[str]) -> bool:
    """'The lock on rg-1: remove it': the guard was named before."""
    return begins(line, match) and re.search(either("guard"), line[: match.start()]) is not None


def heads(line: str, match: re.Match[str]) -> bool:
    """A bare phrase counts at the head of what is said, and not when it is asked: "deletion of rg-1", "rg-1: deletion"."""
    return _HEADS.search(line[: match.start()]) is not None and not line.endswith("?")


def anywhere(_line: str, _match: re.Match[str]) -> bool:
    """What is nothing else, wherever it stands."""
    return True
