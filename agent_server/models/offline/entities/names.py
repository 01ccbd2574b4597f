"""Names: ids, quoted words, what is "called" something, words shaped like names, and plain words where a name stands."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from agent_server.models.offline.entities.kinds import id_kind
from agent_server.models.offline.spelling import known
from agent_server.models.offline.tokens import Reading, Span, Token
from agent_server.models.offline.words import english, lines

_COMPOUNDS = re.compile(
    r"(?:non|re|un|pre|post|multi|cross|self|auto|semi|anti|sub|over|under|co|ex|mid|full|half|low|high|long|short|read|write|one|two|three|two|first|second|real|right|day|week|month|year|on|off|in|out|up|down|point|end|top|"
    r"internet|public|customer|user|server|client|time|date|cost|data|well|old|new|last|next|built|follow|back|front|open|world|break|step|opt|ad|yes|go|add|pay|check|sign|log|e|per|as|all|not|no|so|mission|business|business|nice|left|run|set|make|must|ready|still|old|super|health|security|disk|memory|cpu|instance|region|account|tag|idle|hard|soft|force|dry|fail|roll|scale|shut|start|stop|clean|patch|power|reserved|on-demand|pre|read-only|state|status|lower|upper)-[a-z]+(?:-[a-z]+)*"
)
_NOT_NAMES = frozenset({"read-only", "point-in-time", "auto-approve", "on-call", "multi-az", "multi-region", "multi-cloud", "month-to-date", "year-to-date", "opt-in", "re-run", "cross-region", "cross-account", "non-prod", "right-size", "on-demand", "end-of-life", "internet-facing", "follow-up", "up-to-date", "e-mail", "24/7", "in/out", "read/write", "pub/sub", "and/or", "a/b", "i/o", "wi-fi", "to-do", "day-to-day", "tl;dr", "ok", "x86", "arm64", "ipv4", "ipv6", "tls1.2", "k8s", "http/2", "o365", "ec2", "s3", "q1", "q2", "q3", "q4", "h1", "h2", "24x7", "top10", "side-by-side", "out-of-date", "well-architected", "built-in", "w/", "b2b", "p1", "p2", "p99", "p95", "p50", "2fa", "mp3", "on-prem", "real-time", "long-running", "auto-scaling", "auto-remediation", "self-approval", "dry-run", "failover-test"})  # fmt: skip
_NAMING = re.compile(
    r"(?<!\S)(?:named|called|name is|name =|with name|with the name|by the name of|--?n|--name|--[a-z-]*(?:ids?|name|instance-identifier)|known as|name contains|names? starting with)(?= \S)"
)
_NEVER = frozenset({
    "in", "on", "to", "from", "with", "and", "or", "the", "a", "an", "is", "are", "was", "were", "be", "been", "it", "them", "they", "those", "these", "this", "that", "ones", "one", "all", "any", "every", "each", "some", "no", "not", "only", "just",
    "for", "of", "by", "at", "as", "if", "than", "then", "but", "so", "up", "down", "off", "out", "over", "under", "again", "now", "please", "me", "my", "our", "we", "i", "you", "your", "us", "him", "her", "their", "his", "its", "who", "what", "which", "when", "where", "why",
    "how", "can", "could", "should", "would", "will", "may", "might", "must", "do", "does", "did", "have", "has", "had", "there", "here", "everything", "anything", "nothing", "something", "everyone", "someone", "anyone", "open", "closed", "more", "less", "most", "least", "new", "old", "same",
    "other", "others", "both", "two", "three", "four", "five", "first", "second", "third", "last", "next", "yes", "ok", "pls", "thanks", "using", "without", "within", "during", "after", "before", "since", "until", "because", "due", "via", "per", "about", "except", "instead",
    "through", "still", "also", "too", "already", "currently", "right", "immediately", "today", "tonight", "tomorrow", "yesterday", "back", "away", "asap", "later", "soon", "once", "get", "got", "give", "show", "list", "tell", "find", "need", "want", "like", "make", "let", "into", "onto", "between", "across",
    "size", "type", "name", "names", "id", "ids", "tags", "tag", "status", "state", "region", "regions", "version", "versions", "cost", "costs", "price", "count", "number", "policy", "policies", "config", "configuration", "settings", "usage", "metrics", "logs", "log", "errors", "error", "level", "role", "access", "permission", "permissions", "rule", "rules",
    "public", "private", "idle", "running", "stopped", "details", "info", "overview", "summary", "backup", "backups", "age", "console", "healthy", "unhealthy", "okay", "fine", "slow", "broken", "safe", "ready", "full", "reachable", "exposed", "called", "named", "available", "left", "data", "objects", "files", "inventory",
    "whole", "entire", "single", "main", "big", "large", "small", "bigger", "larger", "smaller", "biggest", "largest", "oldest", "newest", "latest", "expensive", "cheap", "cloud", "clouds", "provider", "environment", "environments", "env", "account", "accounts", "subscription", "project", "sort", "sorted", "group", "groups", "side", "look", "looks", "looking",
    "month", "week", "day", "year", "hour", "minutes", "min", "hours", "days", "weeks", "months", "time", "times", "morning", "night", "weekend", "schedule", "minute", "percent", "free", "total", "gb", "tb", "nor", "either", "neither", "plus", "versus", "vs", "etc", "kind", "really", "actually", "quickly", "far", "many", "much", "few", "several", "such", "enough", "own", "self", "'s", "'re", "'ll", "'d", "'ve", "'m", "whose",
    "unless", "besides", "excluding", "exclude", "skip", "skipping", "leaving", "alone", "ignoring", "untouched", "minus", "omit", "touch", "excl", "exception", "save", "bar", "intact", "active", "team", "folks", "guys", "everybody", "people", "user", "users", "admin", "owner", "help", "question", "hi", "hey", "hello", "dont", "cant", "wont", "isnt", "arent", "doesnt", "didnt", "hasnt", "havent", "wasnt", "werent", "lets", "im", "ive", "ill", "whats", "whos", "hows", "works", "work", "working", "use", "used", "uses", "stuff", "things", "thing",
    "changed", "change", "changes", "happened", "happening", "happen", "wrong", "issue", "issues", "problem", "problems", "cause", "caused", "gone", "missing", "exists", "exist", "created", "deleted", "modified", "launched", "started", "restarted", "connected", "connect", "attached", "protected", "managed", "needed", "allowed", "known", "unknown", "given", "taken", "went", "goes", "go", "come", "comes", "stay", "stays", "keep", "keeps", "say", "says", "see",
    "never", "ever", "always", "sometimes", "often", "maybe", "perhaps", "even", "yet", "else", "otherwise", "rather", "quite", "very", "pretty", "well", "better", "best", "worse", "worst", "good", "bad", "nice", "great", "high", "low", "higher", "lower", "increase", "decrease", "safely", "fully", "completely", "entirely", "temporarily", "permanently", "manually",
    "temp", "temporary", "spare", "extra", "unneeded", "important", "critical", "certain", "specific", "particular", "different", "similar", "related", "remaining", "rest", "manager", "boss", "lead", "overnight", "apart", "aside", "behind", "near", "around", "along", "above", "below", "against", "inside", "outside", "while", "whenever", "wherever", "whether", "though", "although", "however", "therefore", "thus",
    "breakdown", "capacity", "utilization", "performance", "health", "check", "checks", "report", "reports", "approval", "approvals", "approve", "approved", "escher", "bot", "plan", "plans", "action", "actions", "operation", "operations", "request", "requests", "instances", "servers", "machines", "pool", "desired", "replicas", "desc", "asc", "descending", "ascending",
})  # fmt: skip
_FORBIDDEN_SHAPES = re.compile(
    r"(?:\d+(?:\.\d+)*%?|\d+(?:st|nd|rd|th)|\d+(?:gb|tb|mb|gib|tib|ms|s|m|h|d|w|x|k|am|pm|min|hrs?|days?|y|yr|mo)|[$€£].*|v\d+(?:\.\d+)*|--?.*|[<>=!].*|q[1-4]|\W+|20\d\d-.*)"
)
_SHAPE = re.compile(r"(?=.*[a-z])(?=.*[\d_@/.:-]).+|<[@#!].*>|\d{4,}")


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
    if low in _NOT_NAMES or _FORBIDDEN_SHAPES.fullmatch(low) or not _SHAPE.fullmatch(low):
        return _is_camel(token.raw)
    if re.fullmatch(r"[a-z]+(?:-[a-z]+)+", low):
        return (
            not (
                _COMPOUNDS.fullmatch(low)
                and all(known(part) for part in low.split("-"))
                and low.split("-")[0] not in _SYSTEMS
            )
            and low not in _NOT_NAMES
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
    r"(?<!\S)(?:starting with|starts? with|that start with|beginning with|begins? with|prefixed(?: with)?|with (?:the )?prefix|whose names? (?:start|begin)s? with) (?P<name>\S+)"
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
        low not in _NEVER and any(letter.isalpha() for letter in low) and not low.startswith(("-", "'"))
    )


def is_rare(token: Token) -> bool:
    """Whether a plain word is no everyday word, or one that systems are often called."""
    return may_be_name(token) and (not known(token.low) or token.low in topics()) and token.low not in {"and"}


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
    if "-" in token.low and token.low not in _NOT_NAMES and re.fullmatch(r"[a-z][\w-]+\w", token.low):
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
