"""Text commands: everything a button does can be typed. Pure.

Only exact forms are commands; anything else is a message to be understood, so that "approve my holiday" is not a decision. Nor is
a question, a condition, or a sentence that names a second plan: "approve p-7f3a9k2m if Bob agrees" approves nothing.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """The commands."""

    APPROVE = "approve"
    REJECT = "reject"
    STATUS = "status"
    PENDING = "pending"
    CANCEL = "cancel"
    UNDO = "undo"
    DETAILS = "details"
    MORE = "more"
    WHOAMI = "whoami"
    WHY = "why"
    HELP = "help"
    SYNC = "sync"
    REPORT = "report"
    LOG = "log"
    CHECK = "check"
    SETTINGS = "settings"
    SET = "set"
    UNSET = "unset"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command, the plan it names (empty: the one of this thread), and what was typed behind it.

    `key` and `value` are those of a setting; for `confirm`, `key` is the change that is confirmed.
    """

    verb: Verb
    plan_id: str = ""
    reason: str = ""
    confirm: str = ""
    code: str = ""
    key: str = ""
    value: str = ""


TABLES = (
    "allow_custom_endpoints", "data", "keys", "agent", "agent_server", "slack", "teams", "web", "local", "aws", "azure", "gcp",
    "privacy", "sync", "report", "budgets", "policy", "backup",
)  # fmt: skip
"""The first words of settings: `set web.port 9000` is a command, `set web-1 to t3.large` is not."""
_KEY = rf"(?P<key>(?:{'|'.join(TABLES)})(?:\.[a-z0-9_]+)+)"
_SET = re.compile(rf"set\s+{_KEY}(?:\s*=\s*|\s+(?:to\s+)?)(?P<value>\S.*)", re.IGNORECASE | re.DOTALL)
_UNSET = re.compile(rf"unset\s+(?P<key>(?:{'|'.join(TABLES)})(?:\.[a-z0-9_]+)*)[.!]?", re.IGNORECASE)
_CONFIRM_CHANGE = re.compile(r"confirm\s+(?P<key>s-[0-9a-hjkmnp-tv-z]{8})[.!]?", re.IGNORECASE)
_REPORT_TIME = re.compile(
    r"(?:when|at\s+what\s+time|what\s+time|where)\s+(?:(?:do|will)\s+(?:i|we)\s+get|is|does|do|will)\s+"
    r"(?:(?:the|my|our|next|morning|daily)\s+)*reports?"
    r"(?:\s+(?:come|comes|go|arrive|be|sent|posted|due|scheduled|post|delivered|run|in|to|at))*\s*\??",
    re.IGNORECASE,
)
_PLAN = r"p-[0-9a-hjkmnp-tv-z]{8}"
_FORMS = re.compile(
    rf"(?:(?P<plain>pending|whoami|help|sync|more|report|status|settings)"
    rf"|(?P<about>status|cancel|undo|details|why|log|check|show)(?:\s+(?P<plan>{_PLAN}))?)[.!]?",
    re.IGNORECASE,
)
_MISNAMED = re.compile(
    r"(?P<verb>approve|reject|cancel|undo|log|why)\s+(?:plan\s+)?(?P<plan>p-[0-9a-z]{3,12})(?![\w-]).*",
    re.IGNORECASE | re.DOTALL,
)
_NAMED_ONLY = re.compile(r"@?escher", re.IGNORECASE)
_WHY = re.compile(r"why\s*[?!.]*", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:(?:what|which)\s+)?version(?:\s+(?:are\s+you|is\s+this|do\s+you\s+run))?\s*\??", re.IGNORECASE
)
_DECISION = re.compile(
    rf"(?P<verb>approve|reject)(?:\s+(?:plan\s+)?(?P<plan>{_PLAN})(?![\w-]))?(?P<rest>(?:\s.*)?)",
    re.IGNORECASE | re.DOTALL,
)
_WORD = r"""(?:"(?P<{0}_quoted>[^"]+)"|(?P<{0}>\S+))"""
_CONFIRM = re.compile(r"\A(?:--)?confirm\s+" + _WORD.format("typed") + r"(?:\s+|\Z)", re.IGNORECASE)
_CODE = re.compile(r"(?:\A|\s)(?:--)?code\s+(?P<code>[0-9]{6,10})\s*\Z", re.IGNORECASE)
_BECAUSE = re.compile(r"\A(?:--reason\s+|because\s+|reason:?\s+)", re.IGNORECASE)
_DOUBT = re.compile(
    r"\A(?:if|unless|when|once|after|before|until|till|as soon|later|tomorrow|maybe|perhaps|not|never|or|and|but|only|except|should|"
    r"can|could|would|will|who|is|are|was|has|does|do|don't)\b",
    re.IGNORECASE,
)


def command(text: str) -> Command | None:
    """Return the command that `text` is, or None when it is a message to be understood."""
    found = _FORMS.fullmatch(text.strip())
    if found is None:
        return _setting(text.strip()) or _decision(text.strip())
    if found["plain"]:
        return Command(verb=Verb(found["plain"].lower()))
    return _about(found["about"].lower(), (found["plan"] or "").lower())


def wordless(text: str) -> bool:
    """Say whether a message has no word at all: empty, signs or emoji only, or nothing but the name it was said to."""
    return not any(letter.isalnum() for letter in _NAMED_ONLY.sub("", text, count=1))


def asks_why(text: str) -> bool:
    """Say whether a message is nothing but "why?", which means whatever stands before it in its thread."""
    return _WHY.fullmatch(text.strip()) is not None


def misnamed(text: str) -> str:
    """Return what stands where a command names its plan and cannot be the id of one; empty when there is no such thing."""
    found = _MISNAMED.fullmatch(text.strip())
    named = found["plan"].lower() if found else ""
    return "" if re.fullmatch(_PLAN, named) else named


def _about(word: str, plan_id: str) -> Command | None:
    if not plan_id and word in {"check", "show", "why"}:
        return None
    return Command(verb=Verb.STATUS if word == "show" else Verb(word), plan_id=plan_id)


def _setting(text: str) -> Command | None:
    """Return the command about a setting that a text is; a question for the report's time or place asks what is set."""
    if found := _SET.fullmatch(text):
        return Command(verb=Verb.SET, key=found["key"].lower(), value=found["value"].strip())
    if found := _UNSET.fullmatch(text):
        return Command(verb=Verb.UNSET, key=found["key"].lower())
    if found := _CONFIRM_CHANGE.fullmatch(text):
        return Command(verb=Verb.CONFIRM, key=found["key"].lower())
    if _REPORT_TIME.fullmatch(text):
        return Command(verb=Verb.SETTINGS, key="report")
    if _VERSION.fullmatch(text):
        return Command(verb=Verb.STATUS)
    return None


def _decision(text: str) -> Command | None:
    found = _DECISION.fullmatch(text.rstrip(".!"))
    if found is None:
        return None
    rest = found["rest"].strip()
    code = confirm = ""
    if typed := _CONFIRM.match(rest):
        confirm, rest = typed["typed_quoted"] or typed["typed"], rest[typed.end() :]
    if ended := _CODE.search(rest):
        code, rest = ended["code"], rest[: ended.start()]
    reason = _BECAUSE.sub("", rest).strip()
    said_why = reason != rest.strip()
    if not found["plan"] and reason and not said_why:
        return None
    if rest.rstrip().endswith("?") or re.search(_PLAN, rest, re.IGNORECASE) or (not said_why and _DOUBT.match(reason)):
        return None
    verb, plan_id = Verb(found["verb"].lower()), (found["plan"] or "").lower()
    return Command(verb=verb, plan_id=plan_id, reason=reason, confirm=confirm, code=code)
