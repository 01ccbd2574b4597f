"""Which words are about what is left out, and which orders are taken back.

"All dev vms except web-1 in Ohio", "leave web-1 alone", "skip prod": the tokens of the exception are found once, and every
fact inside them becomes an exclusion. "Don't delete it, just stop it": the first verb is taken back, its object stays.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.words import rows

_HOLD_END = re.compile(
    r"(?:alone|untouched|as is|as it is|as they are|running|out|alive|intact|in peace|active|enabled|online|going|"
    r"(?:be|up|on)(?= ?(?:$|[,;.!?)])))(?!\S)"
)
_STOP_PREPOSITIONS = {"in", "on", "from", "with", "at", "for", "during", "past", "last", "every", "across", "older", "by", "tonight", "over", "this", "per", "which", "because", "since", "before", "after", "when", "as", "to", "-"}  # fmt: skip
_PRONOUN_HEADS = {"those", "ones", "anything", "any", "things", "stuff", "everything", "whatever", "what", "these", "one", "that"}  # fmt: skip
_PREPOSITION_HEADS = {"in", "from", "with", "on", "if", "older"}
_HARD_STOP = {";", ".", "then", "!", "?", "instead", "|", "("}
_THING = r"(?:(?:project|account|subscription|region|zone|cluster|namespace|team|node|vm|bucket) \S+|\S*[\d_=-]\S*)"
_AFTERWARDS = re.compile(
    rf"(?<!\S)(?:the |our |my )?(?:{_THING}(?: , {_THING})*(?: ,)? and (?:the )?)?{_THING} (?:(?:is |are |be |"
    rf"being )?(?:excluded|excepted|exempt(?:ed)?|aside|left out|left alone|not included|off limits|out of scope)"
    r"|(?:must |should |shall |has to |have to |needs? to |can |may |will )?(?:stays?|remains?|keeps?|"
    r"be left)(?: (?:up|running|on|untouched|alone|as is|alive|online|going|open|there|out))+)(?!\S)"
)
_NEGATION = re.compile(
    r"(?<!\S)(?<!why )(?:(?:please )?(?:dont|do not|never|no need to|never mind|not to|avoid|wont|without|instead of|"
    r"rather than|(?:nobody|no one|noone|none of (?:us|you)) (?:should|may|must|can|is to|needs to)|"
    r"not (?:wanting|going|looking|trying|asking|planning|intending)(?: you)? to|not|cannot|cant|must not|should not|"
    r"shouldnt|mustnt)"
    r"(?: (?:want|need)(?: you)? to| you dare(?: to)?)?)(?: (?:actually|really|ever|just|you|even))* (?P<verb>\S+)"
)
_FORGET = {
    "forget",
    "worry",
    "hesitate",
    "have",
    "need",
    "want",
    "know",
    "understand",
    "think",
    "see",
    "wait",
    "mind",
    "get",
}


@cache
def _starts() -> re.Pattern[str]:
    """Return how exceptions begin, longest first where two begin alike."""
    kinds: dict[str, list[str]] = {}
    for pattern, kind in rows("exceptions.tsv"):
        kinds.setdefault(kind, []).append(pattern)
    groups = "|".join(f"(?P<{kind}>{'|'.join(found)})" for kind, found in kinds.items())
    return re.compile(rf"(?<!\S)(?:{groups})(?!\S)")


def excluded(reading: Reading, verbs: Sequence[Span]) -> list[tuple[int, int]]:
    """Return the token ranges that are about exceptions."""
    found: list[tuple[int, int]] = []
    at_verb = {verb.first for verb in verbs}
    kinds = re.compile(r"s$")
    for match in _starts().finditer(reading.line):
        first, begin = reading.token_range(match)
        if found and first < found[-1][1]:
            continue
        if match["plain"] and _is_request(reading, first, match["plain"], at_verb):
            continue
        end = _end_of_hold(reading, begin) if match["hold"] else _end(reading, begin, at_verb, kinds)
        if end > begin:
            found.append((first, end))
    found += (reading.token_range(match) for match, *_ in reading.find(_AFTERWARDS))
    return found


def _is_request(reading: Reading, first: int, words: str, at_verb: set[int]) -> bool:
    """Some markers are something else: "ignore the alarm", "not in use", "and not only"."""
    after = [reading.low(first + len(words.split()) + offset) for offset in range(4)]
    if words.startswith(("ignore", "ignoring")) and first == 0 and after[0] in {"alarm", "alert", "this", "that"}:
        return True
    if words.rsplit(maxsplit=1)[-1] == "not":
        if after[0].startswith(("tagged", "label")) and "=" in "".join(after):
            return False
        return (
            after[0]
            in {
                "just",
                "only",
                "sure",
                "ok",
                "working",
                "yet",
                "now",
                "tagged",
                "public",
                "encrypted",
                "being",
                "attached",
                "be",
                "use",
                "used",
                "necessary",
                "running",
                "stopped",
                "have",
                "has",
            }
            or (after[0] == "in" and after[1] == "use")
            or first + len(words.split()) in at_verb
        )
    return words in {"bar", "minus", "spare"} and first == 0


def _end_of_hold(reading: Reading, begin: int) -> int:
    for index in range(begin + 1, len(reading)):
        if _HOLD_END.match(reading.line, reading.starts[index]):
            return index + 1
    return len(reading)


def _end(reading: Reading, begin: int, at_verb: set[int], kinds: "re.Pattern[str]") -> int:
    """Find where an exception ends: at the clause's end, at the next order, or where a list of plain names does."""
    wide = False
    tagged = False
    for index in range(begin, len(reading)):
        low = reading.low(index)
        following = index + 1
        while following < len(reading) and reading.low(following) in {"just", "please", "then", "only", "and"}:
            following += 1
        if low in _HARD_STOP or (low == ":" and index > begin) or (index in at_verb and index > begin):
            return index
        if low in {",", "and", "but"} and (
            following in at_verb
            or reading.low(following)
            in {
                "list",
                "show",
                "tell",
                "past",
                "last",
                "in",
                "for",
                "on",
                "from",
                "report",
                "also",
                "with",
                "everything",
                "older",
            }
        ):
            return index
        if low in _PRONOUN_HEADS or (index == begin and low in _PREPOSITION_HEADS):
            wide = True
        tagged = tagged or "=" in low
        if tagged and low in {"in", "on", "from"}:
            return index
        if (
            not wide
            and index > begin
            and low in _STOP_PREPOSITIONS
            and not kinds.search(reading.low(index - 1) if reading.tokens[index - 1].is_word else "")
        ):
            return index
    return len(reading)


def negated(reading: Reading, verbs: Sequence[Span]) -> frozenset[int]:
    """Return the first tokens of verbs that are taken back: "don't delete", "instead of stopping"."""
    back: set[int] = set()
    starts = {verb.first: verb for verb in verbs}
    for match in _NEGATION.finditer(reading.line):
        first, _ = reading.token_range(match, "verb")
        if match["verb"] in _FORGET:
            continue
        chain = first
        while chain in starts:
            back.add(chain)
            joint = starts[chain].last
            chain = joint + 1 if reading.low(joint) in {"or", "and", "/", "nor"} and starts[chain].last == joint else -1
    return frozenset(back)


def is_hands_off(reading: Reading) -> bool:
    """Whether the message says that nothing may be changed: "only show me", "don't touch anything"."""
    return _HANDS_OFF.search(reading.line) is not None


_HANDS_OFF = re.compile(
    r"(?<!\S)(?:(?:dont|do not|never|without|not|no) (?:touch|touching|change|changing|chang|modify|modifying|delete|"
    r"deleting|do|doing|execute|executing|run|apply|alter)(?: or \S+)*(?: (?:anything|a thing|nothing|"
    r"any of (?:it|them)|them|it|stuff|yet))?(?= ?[,:;.!-]| just| only|$| but)"
    r"|(?:nothing|none of (?:it|them|this)|no (?:vms?|instances?|resources?|machines?)) (?:should|must|may|can|shall|"
    r"is to|are to|needs? to|ha[sv]e? to) be|(?:only|just) (?:to )?(?:show|list|tell|display|report|look|check|see|"
    r"want to see|want the list|require the list|need to see|need to know|need the list|curious)|"
    r"read[ -]only(?! mode)|dry[ -]run|no changes|look but)"
)


def inside(ranges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Return all tokens of some ranges."""
    return frozenset(index for first, last in ranges for index in range(first, last))


def clauses(reading: Reading, verbs: Sequence[Span]) -> Iterator[tuple[Span, int, int]]:
    """Yield each verb with the tokens of its clause: up to the next verb; the first clause reaches back to the beginning."""
    ordered = sorted(verbs, key=lambda verb: verb.first)
    for index, verb in enumerate(ordered):
        first = 0 if index == 0 else verb.first
        last = ordered[index + 1].first if index + 1 < len(ordered) else len(reading)
        yield verb, first, last


def without_taken_back(spans: list[Span], orders: list[Span], back: frozenset[int], kept: list[Span]) -> list[Span]:
    """Drop the object of a withdrawn order when the order that stands has one of its own: "no need to delete a, stop b"."""
    for verb in orders:
        later = [one for one in kept if one.first > verb.last]
        if verb.first not in back or not later:
            continue
        end = later[0].first
        own = any(span.first >= end and span.key in {"kind", "name", "container"} for span in spans)
        if own:
            spans = [
                span
                for span in spans
                if not (verb.first <= span.first < end and span.key in {"kind", "name", "container", "kind_id"})
            ]
    return spans


def is_after_hands_off(reading: Reading, verb: Span) -> bool:
    """'Don't delete anything, just stop web-1': the order comes after the prohibition, and is one."""
    before = " ".join(token.low for token in reading.tokens[: verb.first])
    return re.search(r"\b(?:dont|do not|never)\b.*(?:,|just|only|but|instead)", before) is not None
