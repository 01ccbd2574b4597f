"""Names: ids, quoted words, what is "called" something, words shaped like names, and plain words where a name stands."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from agent_server.models.offline.entities.kinds import id_kind
from agent_server.models.offline.spelling import known
from agent_server.models.offline.tokens import Reading, Span, Token
from agent_server.models.offline.words import english, lines

_COMPOUNDS = re.compile(
    r"(?:non|re|un|pre|post|multi|cross|self|auto|semi|anti|sub|over|under|co|ex|mid|full|half|low|high|long|short|"
    r"read|write|one|two|three|two|first|second|real|right|day|week|month|year|on|off|in|out|up|down|point|end|top|"
    r"internet|public|customer|user|server|client|time|date|cost|data|well|old|new|last|next|built|follow|back|front|"
    r"open|world|break|step|opt|ad|yes|go|add|pay|check|sign|log|e|per|as|all|not|no|so|mission|business|business|"
    r"nice|left|run|set|make|must|ready|still|old|super|health|security|disk|memory|cpu|instance|region|account|tag|"
    r"idle|hard|soft|force|dry|fail|roll|scale|shut|start|stop|clean|patch|power|reserved|on-demand|pre|read-only|"
    r"state|status|lower|upper)-[a-z]+(?:-[a-z]+)*"
)
_NAMING = re.compile(
    r"(?<!\S)(?:named|called|name is|name =|with name|with the name|by the name of|--?n|--name|"
    r"--[a-z-]*(?:ids?|name|instance-identifier)|known as|name contains|names? starting with)(?= \S)"
)
_FORBIDDEN_SHAPES = re.compile(
    r"(?:\d+(?:\.\d+)*%?|\d+(?:st|nd|rd|th)|\d+(?:gb|tb|mb|gib|tib|ms|s|m|h|d|w|x|k|am|pm|min|hrs?|days?|y|yr|mo)|"
    r"[$€£].*|v\d+(?:\.\d+)*|--?.*|[<>=!].*|q[1-4]|\W+|20\d\d-.*)"
)
_SYLLABLES = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+")
_SHAPE = re.compile(r"(?=.*[a-z])(?=.*[\d_@/.:-]).+|<[@#!].*>|\d{4,}")


@cache
def _never() -> frozenset[str]:
    return frozenset(word for line in lines("never_names.txt") for word in line.split())


@cache
def _not_names() -> frozenset[str]:
    return frozenset(word for line in lines("not_names.txt") for word in line.split())


@cache
def topics() -> frozenset[str]:
    """Return everyday words that are often names of systems: "payroll", "checkout"."""
    return frozenset(word for line in lines("topics.txt") for word in line.split())


def is_shaped(token: Token) -> bool:
    """Whether a token can only be a name: an id, quoted, or with digits, hyphens, dots or an @ inside."""
    low = token.raw.lower()
    if token.quoted or id_kind(token):
        return True
    if low != token.low:
        return False
    if low in _not_names() or _FORBIDDEN_SHAPES.fullmatch(low) or not _SHAPE.fullmatch(low):
        return _is_camel(token.raw)
    if re.fullmatch(r"[a-z]+(?:-[a-z]+)+", low):
        return (
            not (
                _COMPOUNDS.fullmatch(low)
                and all(known(part) for part in low.split("-"))
                and low.split("-")[0] not in _SYSTEMS
            )
            and low not in _not_names()
        )
    return True


_SYSTEMS = frozenset({"dev", "prod", "staging", "qa", "test", "db", "vm", "data", "user", "server", "log", "client", "network", "storage", "check", "cloud", "health", "pay", "sign", "customer", "security", "sub", "backup", "cost", "time"})  # fmt: skip


def _is_camel(raw: str) -> bool:
    return re.fullmatch(r"[A-Z]+[a-z0-9]+(?:[A-Z][a-z0-9]*)+|[a-z]+[A-Z]\w*", raw) is not None and len(raw) > 4  # noqa: PLR2004 - "VMs" and "IPs" are no names


def named(reading: Reading) -> Iterator[Span]:
    """Yield what follows "named", "called", "-n": a name whatever it is, and lists of such."""
    for match, _, last in reading.find(_NAMING):
        if last >= len(reading) or (
            reading.low(last) in {"the", "a", "on", "by", "in", "from", "me"} and not reading.tokens[last].quoted
        ):
            continue
        yield Span(last, last + 1, "name", reading.tokens[last].raw)
        if match[0].startswith("-"):
            continue
        at = last + 1
        while at + 1 < len(reading) and reading.low(at) in {"and", ",", "or"} and may_be_name(reading.tokens[at + 1]):
            yield Span(at + 1, at + 2, "name", reading.tokens[at + 1].raw)
            at += 2


_PREFIX = re.compile(
    r"(?<!\S)(?:starting with|starts? with|that start with|beginning with|begins? with|prefixed(?: with)?|"
    r"with (?:the )?prefix|whose names? (?:start|begin)s? with) (?P<name>\S+)"
)


def prefixes(reading: Reading) -> Iterator[Span]:
    """Yield what names begin with."""
    for match, *_ in reading.find(_PREFIX):
        at, _ = reading.token_range(match, "name")
        yield Span(
            at, at + 1, "name_prefix", reading.tokens[at].raw.rstrip("*") + ("-" if reading.low(at + 1) == "-" else "")
        )


def shaped(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield tokens that can only be names."""
    for index, token in enumerate(reading.tokens):
        if index not in taken and is_shaped(token):
            yield Span(index, index + 1, "name", literal(token))


def literal(token: Token) -> str:
    """Return a name as typed; of a bucket's address only the bucket."""
    address = re.match(r"(?:s3|gs)://([^/]+)", token.raw)
    return address[1] if address else token.raw


def may_be_name(token: Token) -> bool:
    """Whether a plain word could be a name here: nothing of the language's small words or of ours."""
    low = token.low
    return token.quoted or (
        not _SYLLABLES.fullmatch(low)
        and low not in _never()
        and any(letter.isalpha() for letter in low)
        and not low.startswith(("-", "'"))
    )


def is_rare(token: Token) -> bool:
    """Whether a plain word is no everyday word, or one that systems are often called."""
    return may_be_name(token) and (not known(token.low) or token.low in topics())


def beside_kinds(reading: Reading, kinds: Sequence[Span], taken: frozenset[int]) -> Iterator[Span]:
    """Yield plain words next to a singular kind: "bucket media", "the zeus vm"."""
    claimed = set(taken)
    for kind in kinds:
        after = kind.last
        if reading.low(kind.last - 1).endswith("s") and not reading.low(kind.last - 1).endswith(
            (
                "ss",
                "rds",
                "eks",
                "aks",
                "sqs",
                "sns",
                "gcs",
                "kms",
                "ecs",
                "redis",
                "cosmos",
                "dns",
                "k8s",
                "kubernetes",
                "postgres",
            )
        ):
            continue
        if after < len(reading) and after not in claimed and _is_bare_name(reading, after):
            claimed.add(after)
            yield Span(after, after + 1, "name", reading.tokens[after].raw)
            continue
        before = kind.first - 1
        if (
            before >= 0
            and before not in claimed
            and is_rare(reading.tokens[before])
            and reading.tokens[before].is_word
            and reading.tokens[before].low not in english() - topics()
        ):
            claimed.add(before)
            yield Span(before, before + 1, "name_before", reading.tokens[before].raw)


def _is_bare_name(reading: Reading, index: int) -> bool:
    """A plain word after a kind is a name when nothing else can follow: the end, a preposition, a comma, "and"."""
    token = reading.tokens[index]
    if not may_be_name(token):
        return False
    if "-" in token.low and token.low not in _not_names() and re.fullmatch(r"[a-z][\w-]+\w", token.low):
        return True
    if not token.is_word:
        return False
    if is_rare(token):
        return True
    after = reading.low(index + 1)
    return after in {
        "",
        "in",
        "on",
        "to",
        "from",
        ",",
        "and",
        "then",
        ".",
        "?",
        "for",
        "private",
        "public",
        "down",
        "up",
        "please",
        "is",
        "at",
        ";",
        "with",
        "by",
        "last",
        "since",
        "!",
        "tonight",
        "until",
        ">",
        "<",
        "goes",
        "exceeds",
        "over",
        "above",
        "below",
        "under",
        "drops",
        "has",
        "stays",
        "gets",
    } and not token.low.endswith(("ing", "ed"))
