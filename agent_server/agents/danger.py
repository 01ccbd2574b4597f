"""What makes a request dangerous, decided by rules that every model shares.

A model may say more is dangerous, never less: its own flag is only ever raised by `is_dangerous`. The runner decides again over the
admitted operations; this flag is for routing and for the first word to the person who asked.
"""

import re
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from agent_server.agents.alarm import asks, hears, rings
from agent_server.agents.guardrails import runs_harm, silences, texts, weakens, weakens_escher
from agent_server.agents.tampering import tampers
from agent_server.contract.intent import Action, Intent, IntentKind

DESTRUCTIVE = frozenset({Action.DELETE, Action.ALERT_DELETE, Action.PLAYBOOK_DELETE})
INTERRUPTING = frozenset({Action.STOP, Action.RESTART, Action.FAILOVER, Action.ROLLBACK})

_ACTING = frozenset({IntentKind.EXECUTE, IntentKind.PLAYBOOK, IntentKind.SETTINGS, IntentKind.ALERT})
_READING = frozenset({IntentKind.QUERY, IntentKind.COST, IntentKind.UNSUPPORTED})
_VAGUE = frozenset(
    {
        Action.MODIFY,
        Action.CREATE,
        Action.ENABLE,
        Action.GRANT,
        Action.ALLOW_ACCESS,
        Action.REVOKE_ACCESS,
        Action.MOVE,
        Action.RESTORE,
        Action.DEPLOY,
        Action.PATCH,
    }
)
_PROD = re.compile(
    (
        r"(?:^|(?<!pre-)(?<!pre_)(?<!non-)(?<!non_)(?<!not )(?<!non )(?<![a-z]))(?:pr[o0]d(?!uct(?!i)|uce|igy|s\b)|"
        r"prd(?![a-z])|live(?![a-z])|mission[- ]critical)"
    ),
    re.IGNORECASE,
)
_HELD_BACK = re.compile(
    r"\b(?:except|excluding|unless|but not|not|without|skip|other than|apart from|leave|don'?t|never|no)\b[^.;]*$"
)
_NARROWING = frozenset({
    "name", "names", "tags", "tags_present", "region", "zone", "account", "subscription", "project", "resource_group", "namespace", "cluster", "idle", "state", "age_days", "unused_days", "attached", "about", "missing_tags", "tagged", "instance_type",
    "engine", "os", "metric_threshold", "public", "encrypted", "vpc", "vnet", "empty", "healthy", "unused", "size_gb", "target", "version", "expires_within_days", "nodepool", "vault", "lifecycle", "runtime", "limit", "ip", "name_prefix",
})  # fmt: skip
_HARM = re.compile(
    r"\b(?:delete|destroy|terminate|purge|wipe|nuke|erase|kill|obliterate|decommission|deprovision|remove|"
    r"drop(?! me\b)|eliminate|shut ?down|tear down|get rid of|make \S+ public|rm -rf)\b"
)
_ONLY_ASKS = re.compile(
    r"\?\s*$|\bjust (?:list|show|look|tell)\b|\b(?:who|nobody|why)\b|"
    r"^\W*(?:(?:hi|hey|hello|ok|so|please|pls|escher|can you|could you|would you|just|and)\W+)*(?:list|show|find|"
    r"which|what|who|why|when|where|how|is|are|was|were|does|did|do|has|have|any|count|describe|check|tell|get|give|"
    r"compare|explain|see)\b"
)
_TAKEN_BACK = re.compile(
    r"\b(?:don'?t|do not|never|not|nothing|without|no need to|instead of|rather than|won'?t|avoid)\b"
)


def is_dangerous(intent: Intent, text: str) -> bool:
    """Decide whether carrying out what was understood, or what the words try, is dangerous.

    Args:
        intent: What was understood; its own `dangerous` flag is not looked at.
        text: The words. Things that were shown before and are pointed at are no unscoped set.
    """
    if tampers(text) or rings(text) or (may_be_misread(intent) and not asks(text) and hears(text)):
        return True
    words = " ".join(text.lower().split())
    if intent.intent not in _ACTING:
        return intent.intent is IntentKind.QUERY and _orders_harm(words)
    if intent.intent is IntentKind.SETTINGS:
        return weakens_escher(intent, words)
    actions = {intent.action, *intent.steps, *(part.action for part in intent.parts)}
    frames = [(actions, intent.filters, intent.resource_types)]
    frames += [({part.action}, part.filters, part.resource_types) for part in intent.parts]
    if (intent.action is Action.PLAYBOOK_RUN and runs_harm(intent.filters)) or (
        intent.action is Action.ALERT_MUTE and silences(words)
    ):
        return True
    shown = intent.reference is not None
    return any(_is_dangerous(done, filters, () if shown else types, words) for done, filters, types in frames)


def may_be_misread(intent: Intent) -> bool:
    """Whether an order may have been taken for something else: for a question, for talk, or for one of the vaguer changes."""
    if intent.intent is IntentKind.EXECUTE:
        return intent.action in _VAGUE
    return intent.intent in _READING or intent.action is Action.SETTINGS_SHOW


def is_unscoped(filters: Mapping[str, JsonValue], types: Iterable[str]) -> bool:
    """Whether a request for some kind of thing says nothing about which of them; bare anaphora is not a set."""
    return bool(list(types)) and not any(key in _NARROWING for key in filters)


def touches_production(filters: Mapping[str, JsonValue], text: str = "") -> bool:
    """Whether production is named: as environment, in the name of a thing or of what holds it, or in the words alone."""
    tags = filters.get("tags")
    env = tags.get("env") if isinstance(tags, dict) else None
    environments = texts(env)
    if "prod" in environments:
        return True
    held = ("name", "account", "subscription", "project", "resource_group", "namespace", "cluster", "target", "vpc")
    if any(_PROD.search(name) for key in held for name in texts(filters.get(key))):
        return True
    found = None if environments else _PROD.search(text)
    return found is not None and _HELD_BACK.search(text[: found.start()]) is None


def _is_dangerous(actions: set[Action], filters: Mapping[str, JsonValue], types: Iterable[str], text: str) -> bool:
    if actions & DESTRUCTIVE:
        return True
    if actions & INTERRUPTING and (touches_production(filters, text) or is_unscoped(filters, types)):
        return True
    return weakens(actions, filters, types, text)


def _orders_harm(text: str) -> bool:
    """Whether words that were read as a question hold an order to destroy after all: better flagged once too often."""
    found = None if _ONLY_ASKS.search(text) else _HARM.search(text)
    return found is not None and _TAKEN_BACK.search(text[: found.start()]) is None
