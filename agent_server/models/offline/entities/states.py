"""What things are like: states, yes-or-no properties, and features that are on or off."""

import re
from collections.abc import Iterator
from functools import cache

from agent_server.models.offline.phrases import PhraseBook
from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.view import rule
from agent_server.models.offline.words import rows

_SEVERITY = rule(r"errors?|warnings?|critical|fatal")
_VALUES = {"true": True, "false": False}
_NOT = r"(?:not|isnt|arent|wasnt|never|dont have|doesnt have|havent|hasnt|without|no|lacks?|lacking|missing|w/o|with no|without any|has no|have no)"
_OFF_AFTER = re.compile(
    r"(?:is |are |set to |turned |switched |currently )?(?:off|disabled|not enabled|not configured|missing|not on|turned off|not set)\b"
)
_ON_AFTER = re.compile(
    r"(?:is |are |set to |turned |switched |currently )?(?:on|enabled|configured|active|turned on)\b"
)
_OFF_BEFORE = re.compile(rf"\b(?:{_NOT}|disabled|no)(?: any| the| a| an)?$")
_ON_BEFORE = re.compile(
    r"\b(?:with|has|have|having|using|enabled|got|gets|get|allows?|allowing|permits?|permitting)(?: the| a| an| any)?$"
)
_DOERS = frozenset({"who", "we", "i", "they", "you", "he", "she", "someone", "somebody", "anyone", "anybody", "nobody"})
_RUNNABLE = frozenset(
    {
        "postgres",
        "postgresql",
        "mysql",
        "mariadb",
        "oracle",
        "mssql",
        "version",
        "windows",
        "linux",
        "ubuntu",
        "kubernetes",
        "k8s",
        "python",
        "node",
        "sql",
        "mongo",
        "redis",
        "centos",
        "debian",
    }
)
_NEGATIVE = frozenset({"not", "isnt", "arent", "wasnt", "never", "no", "non", "werent"})
_NOT_RUNNING = re.compile(
    r"(?<!\S)(?:not|isnt|arent|non) ?(?:currently )?(?P<state>running|stopped|available|healthy|terminated)(?!\S)"
)


@cache
def _states() -> PhraseBook[tuple[str, object]]:
    return PhraseBook((words, (key, _VALUES.get(value, value))) for words, key, value in rows("states.tsv"))


@cache
def _features() -> PhraseBook[tuple[str, str]]:
    return PhraseBook((words, (feature, key)) for words, feature, key in rows("features.tsv"))


def features(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield `feature` spans: (feature, filter key, on, off-or-unsaid as None)."""
    for span in _features().spans(reading, "feature", taken):
        feature, key = span.value
        if reading.low(span.last) == "group" and feature == "autoscaling":
            continue
        said = reading.low(span.last) in {"enabled", "disabled"}
        yield Span(span.first, span.last + said, "feature", (feature, key, _is_on(reading, span)))


def _is_on(reading: Reading, span: Span) -> bool | None:
    """Tell whether the words around a feature say that it is on or off; None when they do not say."""
    before = " ".join(token.low for token in reading.tokens[max(0, span.first - 4) : span.first])
    after = " ".join(token.low for token in reading.tokens[span.last : span.last + 3])
    if _OFF_BEFORE.search(before) or _OFF_AFTER.match(after):
        return False
    if _ON_BEFORE.search(before) or _ON_AFTER.match(after):
        return True
    return None


def states(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield states and properties; "not running" is an exclusion of a state."""
    claimed = set(taken)
    for match, first, last in reading.find(_NOT_RUNNING, taken):
        if match["state"] != "healthy":
            claimed.update(range(first, last))
            yield Span(first, last, "not_state", match["state"])
    for span in _states().spans(reading, "state", frozenset(claimed)):
        key, value = span.value
        if (
            key == "attached"
            and reading.low(span.last) == "to"
            and reading.low(span.last + 1) not in {"anything", "nothing", "any"}
        ):
            continue
        if value == "running" and reading.low(span.last) in _RUNNABLE:
            continue
        if reading.low(span.first - 1) in _DOERS:
            continue
        if value is True and reading.low(span.first - 1) in _NEGATIVE:
            value = False
        yield Span(span.first, span.last, key, value)


def severities(reading: Reading) -> Iterator[Span]:
    """Yield how grave log lines or alarms are to be."""
    for match, first, last in reading.find(_SEVERITY):
        yield Span(first, last, "severity", "error" if match[0].startswith("error") else match[0].rstrip("s"))


def state_words() -> frozenset[str]:
    """Return the words of both books, for the speller."""
    return _states().words() | _features().words()
