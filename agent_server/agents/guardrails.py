"""What weakens security: exposure, rights, guardrails off, and rules of Escher's own that somebody wants out of the way."""

import re
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from agent_server.contract.intent import Action, Intent

EXPOSING = frozenset({Action.MAKE_PUBLIC})
_GUARDRAIL = re.compile(
    r"protect|logging|logs?\b|trail|encrypt|versioning|backups?|mfa|2fa|guardduty|detector|inspector|macie|defender|"
    r"sentinel|scc\b|security|firewall|waf|monitoring|alarm|alert|audit|soft[ _-]delete|"
    r"public[ _]access[ _]block|rotation|\block|immutab|legal hold|recovery|pitr|point[ _-]in[ _-]time|retention|"
    r"snapshot polic|https|ssl|tls|diagnostic|polic|auth|imds|validation|private|shielded|scan|"
    r"password|guardrail|scp\b|drift|compliance|config\b|flow|secure|signature|antivirus|malware|patching|replication|geo"
)
_POWERFUL = re.compile(
    r"admin|owner|root|full|\*|superuser|poweruser|editor|contributor|all\b|super|cluster-admin|iam|sudo|godmode|"
    r"master|power ?user|everything|write to all|\barn-p\d+"
)
_EVERYONE = frozenset({"0.0.0.0/0", "::/0", "any", "*", "0.0.0.0", "all", "0.0.0.0/1", "internet"})  # noqa: S104 - compared with, never bound
_WORLD = re.compile(
    r"(?<![\d.])0\.0\.0\.0|::/0|(?<![\d.])0/0\b|(?:from|source) \*|\beverywhere\b|\bfrom outside\b|"
    r"\b(?:everyone|everybody|anyone|anybody|allusers|allauthenticatedusers|anywhere|the world|whole world|"
    r"entire world|(?:the |whole |entire |public )internet|any (?:ip|source|address|host|network)|"
    r"all (?:ips|sources|addresses|networks|ports|traffic)|wide open|public)\b"
)
_WEAKENING = re.compile(
    r"\b(?:to (?:0|zero|none|off|false|never|optional|disabled|permissive)|0 days?|=\s*(?:0|false|off|none|disabled)|"
    r"off|never|optional|allow(?:ed|s)?|permissive|relax\w*|loosen\w*|weaken\w*|lower|shorten|without|skip|"
    r"disabl\w*|drop|tls(?: version)?(?: to| =| down to)? ?v?1\.[01]|weak ciphers?|to (?:1|one) days?|ssl ?v?3|"
    r"http only|plain http|unencrypted|anonymous|no longer|not require\w*|stop (?:requiring|enforcing))\b"
)
_EXPIRY = re.compile(r"\b(?:delet\w*|expir\w*|purg\w*|remov\w*|ttl|retention)\b")
_WATCHERS = re.compile(
    r"guardduty|cloudtrail|flow_log|wafv2|monitor::alert|cloudwatch::alarm|logging::sink|backup::|recoveryservices"
)
_INSECURE = re.compile(
    r"\b(?:http only|plain(?:[- ]?text)? http|tls ?v?1\.[01]|ssl ?v?[23]|anonymous|unencrypted|unauthenticated|"
    r"without (?:auth\w*|passwords?|mfa|encryption|tls|https))\b"
)
_ALL_USERS = re.compile(r"\ball(?:authenticated)?users\b")
_MAKING = frozenset({Action.CREATE, Action.MODIFY, Action.COPY})
_MADE_STRONG = re.compile(
    r"\b(?:with|as|having|in) (?:\S+ ){0,3}?(?:admin\w*|administrator\w*|owner|root|superuser|full[- ]access|"
    r"full control|poweruser\w*)\b|\b(?:create|make|new|provision|"
    r"launch)\b.{0,20}\bpublic(?:ly)?\b(?! (?:ip|subnet|address|dns|zone|key|load|endpoint))"
)
_WEAK_DOORS = re.compile(
    r"\b(?:root|password|anonymous|guest|telnet|ftp|http|basic|legacy|plain ?text|unauthenticated)[- ](?:login|"
    r"logins|auth\w*|access|sign-?in|traffic)\b|\btelnet\b|\bftp\b(?! ?s)"
)
_REACHABLE = re.compile(
    r"\b(?:attach|associate|assign|add|give)\b.*\b(?:public ip|elastic ip|internet gateway|igw)\b|\binternet[- ]facing\b|\bpublicly\b"
)
_HARMFUL_NAME = re.compile(
    r"(?i)delet|purg|wip(?:e|ing)|destroy|terminat|nuke|kill|drop|failover|fail-over|teardown|tear-down|rollback"
)
_SILENCE = re.compile(
    r"\b(?:disable|turn(?:ing)? off|switch off|deactivate|kill|shut off)\b.*\b(?:all|every|prod\w*|security|"
    r"guardduty|audit)\b|\b(?:turn|switch)\b.*\b(?:all|every|prod\w*|security)\b.*\boff\b"
)
_HELD = re.compile(r"\b(?:polic(?:y|ies)|locks?|scp|guardrails?|firewalls?|waf|web acl)\b")
_SETTING_UP = frozenset({Action.ALLOW_ACCESS, Action.MODIFY, Action.ENABLE, Action.CREATE, Action.SCALE})
_INTERRUPTING = frozenset({Action.STOP, Action.DETACH})

_NO_APPROVAL = re.compile(
    r"auto[- ]?approv|(?:without|no|skip|skipping|bypass\w*|drop|waive)(?: \w+){0,3} (?:approvals?|confirmation|review)|"
    r"(?:turn|switch)(?:ing)? off|disabl|deactivat|remove|"
    r"stop (?:asking|requiring|requesting|logging|auditing|recording)|\boff\b|dont (?:ask|require)|"
    r"don't (?:ask|require)|(?:never|not) (?:ask|require)|"
    r"(?:allow|let)(?: \w+){0,4} (?:approve (?:their|his|her|my|its|your) own|self[- ]approv)|self[- ]approv|"
    r"approve everything|(?:to|=|with) ?(?:0|1|zero|one|none|nobody)\b|"
    r"from (?:two|three|[2-9]) to (?:one|two|[0-2])\b|instead of (?:two|three|[2-9])\b|"
    r"read[- ]only(?: mode)? (?:off|to off|false)|read[- ]?write|write mode|writable|"
    r"allow (?:changes|writes|writing)|(?:exit|leave|end|quit) read[- ]only|everyone|anyone|anybody|own approver|"
    r"one[- ]person|single approver|(?:only )?(?:1|one) approv\w+ (?:is |be )?enough|lower|fewer|less strict|relax|"
    r"loosen"
)
_OWN_APPROVAL = re.compile(
    r"own approver|auto[- ]?approv|self[- ]approv|everyone|anyone|anybody|everybody|all users|no approvers?|"
    r"remove (?:all|every)|to (?:0|zero|none)\b|\bzero\b"
)
_GUARD_SETTINGS = frozenset({"approvals", "approvers", "read_only", "policy", "audit", "quorum"})


def weakens(actions: Iterable[Action], filters: Mapping[str, JsonValue], types: Iterable[str], text: str) -> bool:
    """Whether a change opens something to everyone, gives great rights or takes a guardrail away.

    Args:
        actions: What is to be done.
        filters: What the words say about it.
        types: To which kinds.
        text: The words, in lower case.
    """
    done = set(actions)
    return bool(
        done & EXPOSING
        or (done & _MAKING and _MADE_STRONG.search(text))
        or (Action.ENABLE in done and _WEAK_DOORS.search(text))
        or (Action.GRANT in done and _WORLD.search(text))
        or _ALL_USERS.search(text)
        or (Action.ALLOW_ACCESS in done and _opens(filters, text))
        or (Action.GRANT in done and _POWERFUL.search(" ".join(texts(filters.get("role"))) or text))
        or (Action.DISABLE in done and _takes_away(filters, types, text))
        or (Action.MODIFY in done and _loosens(filters, text))
        or (done & _SETTING_UP and _INSECURE.search(text))
        or (Action.MODIFY in done and _REACHABLE.search(text))
        or (Action.DETACH in done and _HELD.search(text))
        or (done & _INTERRUPTING and any(_WATCHERS.search(kind) for kind in types))
    )


def runs_harm(filters: Mapping[str, JsonValue]) -> bool:
    """Whether a playbook that is to run is called after what destroys or interrupts."""
    return any(_HARMFUL_NAME.search(name) for name in texts(filters.get("playbook")))


def silences(text: str) -> bool:
    """Whether alarms of production, of security, or all of them are switched off rather than muted for a while."""
    return _SILENCE.search(text) is not None


def weakens_escher(intent: Intent, text: str) -> bool:
    """Whether a setting of Escher's own would let changes through that it now holds back."""
    setting = intent.filters.get("setting")
    if intent.action is not Action.SETTINGS_UPDATE or (setting not in _GUARD_SETTINGS and "approv" not in text):
        return False
    pattern = _OWN_APPROVAL if setting == "approvers" else _NO_APPROVAL
    return pattern.search(text) is not None


def texts(value: JsonValue) -> tuple[str, ...]:
    """Return the texts of a filter's value, which may be one or several."""
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _opens(filters: Mapping[str, JsonValue], text: str) -> bool:
    everyone = any(cidr in _EVERYONE for cidr in texts(filters.get("cidr")))
    return everyone or filters.get("port") == "all" or filters.get("public") is True or bool(_WORLD.search(text))


def _takes_away(filters: Mapping[str, JsonValue], types: Iterable[str], text: str) -> bool:
    feature = texts(filters.get("feature"))
    about = feature or (*types, text)
    return any(_GUARDRAIL.search(word.replace("_", " ")) for word in about) or not (feature or list(types))


def _loosens(filters: Mapping[str, JsonValue], text: str) -> bool:
    said = (*texts(filters.get("feature")), *texts(filters.get("setting")))
    if ("lifecycle" in said or "lifecycle" in text or "expir" in text) and _EXPIRY.search(text):
        return True
    return bool(_WEAKENING.search(text)) and any(map(_GUARDRAIL.search, (*said, text)))
