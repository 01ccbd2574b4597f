"""What makes a request dangerous, decided by rules that every model shares.

A model may say more is dangerous, never less: its own flag is only ever raised by `is_dangerous`. The runner decides again over the
admitted operations; this flag is for routing and for the first word to the person who asked.
"""

import re
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from agent_server.agents.tampering import tampers
from agent_server.contract.intent import Action, Intent, IntentKind

DESTRUCTIVE = frozenset({Action.DELETE, Action.ALERT_DELETE, Action.PLAYBOOK_DELETE})
INTERRUPTING = frozenset({Action.STOP, Action.RESTART, Action.FAILOVER, Action.ROLLBACK})
EXPOSING = frozenset({Action.MAKE_PUBLIC})

_ACTING = frozenset({IntentKind.EXECUTE, IntentKind.PLAYBOOK, IntentKind.SETTINGS, IntentKind.ALERT})
_PROD = re.compile(r"(?:^|[^a-z])(?:prod|production|prd|live)(?:$|[^a-z])", re.IGNORECASE)
_GUARDRAIL = re.compile(
    r"protection|logging|logs?\b|trail|encrypt|versioning|backup|mfa|guardduty|defender|firewall|waf|monitoring|alarm|audit|soft_delete|public_access_block|"
    r"rotation|lock|recovery|https|ssl|tls|security|diagnostic|policy|auth|imds|validation|private|shielded"
)
_POWERFUL = re.compile(r"admin|owner|root|full|\*|superuser|poweruser|editor|contributor|all\b|super|cluster-admin|iam")
_EVERYONE = frozenset({"0.0.0.0/0", "::/0", "any", "*", "0.0.0.0", "all"})  # noqa: S104 - compared with, never bound
_NO_APPROVAL = re.compile(
    r"auto[- ]?approv|(?:without|no|skip|skipping|bypass\w*|drop|waive)(?: \w+){0,3} (?:approvals?|confirmation|review)|"
    r"(?:turn|switch)(?:ing)? off|disabl|deactivat|remove|stop (?:asking|requiring|requesting)|\boff\b|dont (?:ask|require)|don't (?:ask|require)|(?:never|not) (?:ask|require)|"
    r"(?:allow|let)(?: \w+){0,4} (?:approve (?:their|his|her|my|its) own|self[- ]approv)|self[- ]approv|approve everything|to (?:0|zero|none)\b|read[- ]only(?: mode)? (?:off|to off|false)|(?:exit|leave|end|quit) read[- ]only"
)
_OWN_APPROVAL = re.compile(
    r"auto[- ]?approv|self[- ]approv|everyone|anyone|anybody|everybody|all users|no approvers?|remove (?:all|every)"
)
_GUARD_SETTINGS = frozenset({"approvals", "approvers", "read_only", "policy", "audit", "quorum"})
_EXPIRY = re.compile(r"\b(?:delet\w*|expir\w*|purg\w*|remov\w*|ttl|retention)\b")
_NARROWING = frozenset({
    "name", "names", "tags", "tags_present", "region", "zone", "account", "subscription", "project", "resource_group", "namespace", "cluster", "idle", "state", "age_days", "unused_days", "attached", "about", "missing_tags", "tagged", "instance_type",
    "engine", "os", "metric_threshold", "public", "encrypted", "vpc", "vnet", "empty", "healthy", "unused", "size_gb", "target", "version", "expires_within_days", "nodepool", "vault", "lifecycle", "runtime", "limit", "ip", "name_prefix",
})  # fmt: skip


def is_dangerous(intent: Intent, text: str) -> bool:
    """Decide whether carrying out what was understood, or what the words try, is dangerous.

    Args:
        intent: What was understood; its own `dangerous` flag is not looked at.
        text: The words. Things that were shown before and are pointed at are no unscoped set.
    """
    if tampers(text):
        return True
    words = " ".join(text.lower().split())
    if intent.intent not in _ACTING:
        return False
    if intent.intent is IntentKind.SETTINGS:
        return _weakens_escher(intent, words)
    actions = {intent.action, *intent.steps, *(part.action for part in intent.parts)}
    frames = [(actions, intent.filters, intent.resource_types)]
    frames += [({part.action}, part.filters, part.resource_types) for part in intent.parts]
    shown = intent.reference is not None
    return any(_is_dangerous(done, filters, () if shown else types, words) for done, filters, types in frames)


def is_unscoped(filters: Mapping[str, JsonValue], types: Iterable[str]) -> bool:
    """Whether a request for some kind of thing says nothing about which of them; bare anaphora is not a set."""
    return bool(list(types)) and not any(key in _NARROWING for key in filters)


def touches_production(filters: Mapping[str, JsonValue]) -> bool:
    """Whether the filters name production: by environment, or in the name of a thing or of what holds it."""
    tags = filters.get("tags")
    env = tags.get("env") if isinstance(tags, dict) else None
    environments = env if isinstance(env, list) else [env]
    if "prod" in environments:
        return True
    held = ("name", "account", "subscription", "project", "resource_group", "namespace", "cluster")
    return any(_PROD.search(name) for key in held for name in _texts(filters.get(key)))


def _is_dangerous(actions: set[Action], filters: Mapping[str, JsonValue], types: Iterable[str], text: str) -> bool:
    if actions & (DESTRUCTIVE | EXPOSING):
        return True
    if actions & INTERRUPTING and (touches_production(filters) or is_unscoped(filters, types)):
        return True
    return _weakens(actions, filters, types, text)


def _weakens(actions: set[Action], filters: Mapping[str, JsonValue], types: Iterable[str], text: str) -> bool:
    if Action.ALLOW_ACCESS in actions and (
        filters.get("cidr") in _EVERYONE or filters.get("port") == "all" or filters.get("public") is True
    ):
        return True
    if Action.GRANT in actions and _POWERFUL.search(" ".join(_texts(filters.get("role"))) or text):
        return True
    if Action.DISABLE in actions:
        about = (*_texts(filters.get("feature")), *types)
        return any(_GUARDRAIL.search(word) for word in about) or not about
    lifecycle = (
        "lifecycle" in (*_texts(filters.get("feature")), *_texts(filters.get("setting")))
        or "lifecycle" in text
        or "expir" in text
    )
    return Action.MODIFY in actions and lifecycle and _EXPIRY.search(text) is not None


def _weakens_escher(intent: Intent, text: str) -> bool:
    setting = intent.filters.get("setting")
    if setting not in _GUARD_SETTINGS and "approv" not in text:
        return False
    if setting == "approvers":
        return intent.action is Action.SETTINGS_UPDATE and _OWN_APPROVAL.search(text) is not None
    return intent.action is Action.SETTINGS_UPDATE and _NO_APPROVAL.search(text) is not None


def _texts(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
