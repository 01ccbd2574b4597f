"""Rights: which role is given, and to whom."""

import re
from collections.abc import Sequence

from agent_server.models.offline.entities.names import may_be_name
from agent_server.models.offline.tokens import Reading, Span
from agent_server.models.offline.view import rule

_ROLE = rule(
    r"(?:(?:the|an?|as|to|with|give|grant|full) )?(?P<role>(?:[a-z]+ ){0,3}?(?:owners?|superadmin|super admin|"
    r"superuser|root|contributors?|readers?|admin(?:istrator)?s?|editors?|viewers?|administratoraccess|poweruser|"
    r"operator)(?: access)?|full access|read[- ]only(?: access)?|read access|write access|admin access|"
    r"root access)(?: (?:role|rights|access|permissions?|policy))?(?= (?:to|on|in|for|of|role|rights|over|access|now|"
    r"please|today|until)\b|$| ?[,.])"
)


_SEVERAL = ("owners", "admins", "editors", "contributors", "readers", "viewers", "administrators")


def roles(reading: Reading, taken: frozenset[int]) -> list[Span]:
    """Find the role that is given or asked for, at most one."""
    for index, token in enumerate(reading.tokens):
        if re.fullmatch(r"roles?/[\w.]+", token.low):
            written = token.low if token.low.startswith("roles/") else token.low.partition("/")[2]
            return [Span(index, index + 1, "role", written)]
    for match, *_ in reading.find(_ROLE):
        first, last = reading.token_range(match, "role")
        words = [
            reading.low(index)
            for index in range(first, last)
            if (index not in taken and reading.low(index) not in {"the", "a", "an", "role", "access"})
            or reading.low(index) == "access"
        ]
        kept = [word for word in words if word]
        if kept:
            role = [word.rstrip("s") if word.endswith(_SEVERAL) else word for word in _trimmed(kept)]
            end = last if kept[-1].startswith(role[-1]) else last - 1
            return [Span(end - len(role), last, "role", " ".join(role))]
    return []


def _trimmed(words: list[str]) -> list[str]:
    """Leave only what belongs to a role's name: at most one word of service before it."""
    if (
        words[-1] == "access"
        and len(words) > 1
        and words[-2]
        in {"read", "write", "only", "read-only", "admin", "owner", "root", "contributor", "reader", "editor", "viewer"}
    ):
        words = words[:-1]
    services = {
        "storage",
        "network",
        "compute",
        "bigquery",
        "sql",
        "billing",
        "security",
        "global",
        "user",
        "blob",
        "data",
        "full",
        "object",
        "pubsub",
        "logging",
        "monitoring",
        "project",
        "iam",
        "kubernetes",
        "cluster",
        "key",
        "vault",
        "secrets",
        "read",
        "virtual",
        "machine",
    }
    first = len(words) - 1
    while first > 0 and words[first - 1] in services:
        first -= 1
    return words[first:]


def grantees(reading: Reading, orders: Sequence[Span], taken: frozenset[int]) -> list[Span]:
    """Read whom rights are given to: "grant bob …", "… to alice"."""
    for index in range(1, len(reading)):
        if (
            reading.low(index) == "'s"
            and reading.low(index + 1) in {"access", "permissions", "rights", "role", "admin"}
            and index - 1 not in taken
        ):
            return [Span(index - 1, index, "name", reading.tokens[index - 1].raw)]
    for verb in orders:
        if verb.value not in {"grant", "give", "promote"}:
            continue
        places = [verb.last, verb.last + 1 if reading.low(verb.last) in {"user", "the"} else len(reading)]
        places += [index + 1 for index in range(verb.last, len(reading)) if reading.low(index) == "to"]
        for at in places:
            if (
                at < len(reading)
                and at not in taken
                and reading.tokens[at].is_word
                and (may_be_name(reading.tokens[at]) or reading.low(at) in {"everyone", "everybody", "anyone"})
                and reading.low(at) not in {"full", "read", "write", "storage", "temporary", "group"}
            ):
                return [Span(at, at + 1, "name", reading.tokens[at].raw)]
    return []
