"""What an identity or a credential looks like: places in a text that must not leave the runner whatever the estate is called. Pure.

Shapes are wide on purpose. A harmless word that is taken for an identity comes back as it was; one that is missed does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from agent_server.contract.types import names

# Token prefixes as their vendors document them: AWS unique ids (IAM user guide, "unique identifiers"), Slack `xox?-`/`xapp-`, GitHub `gh?_`,
# GitLab `glpat-`, Google `AIza`, `ya29.`, `GOCSPX-`, Stripe `sk_live_`, Microsoft Entra client secrets (`8Q~` at the fourth place).
_SECRETS = (
    r"-----BEGIN[^-]*PRIVATE KEY-----[\s\S]*?(?:-----END[^-]*-----|$)",
    r"\b(?:AKIA|ASIA|AIDA|AROA|AGPA|AIPA|ANPA|ANVA|APKA|ABIA|ACCA|ASCA)[A-Z0-9]{16,}\b",
    r"\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}|\b(?:gh[pousr]|github_pat|npm|hf)_\w{16,}|\bglpat-[\w-]{16,}",
    r"\b(?:sk|pk|rk)[-_](?:[\w-]{16,})|\bAIza[\w-]{30,}|\bya29\.[\w-]{16,}|\bGOCSPX-[\w-]{16,}|\bSG\.[\w-]{16,}\.[\w-]{16,}",
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
    r"[\w~.-]{3}8Q~[\w~.-]{30,}",
    r"(?i:\b(?:password|passwd|pwd|passphrase|secret|token|(?:client|shared)[_-]?secret|(?:api|access|account)[_-]?key|sig)\b[\"']?\s*[:=]\s*)\S+",
    r"(?i:\b(?:password|passwd|pwd|passphrase)\s+is\s+)\S+",
    r"(?i:\bbearer\s+)[\w.~+/=-]{12,}",
    r"(?<![\w/+])(?=[\w/+-]*[a-z])(?=[\w/+-]*[A-Z])(?=[\w/+-]*\d)[\w/+-]{32,}={0,2}",
    r"(?<![\w/+])(?=[\w/+]*[A-Za-z])(?=[\w/+]*\d)[\w/+]{40,}={0,2}",
    r"\b[0-9a-fA-F]{32,}\b",
)
_KINDS: tuple[tuple[str, str], ...] = (
    *(("secret", pattern) for pattern in _SECRETS),
    ("arn", r"(?i:\barn:aws[\w-]*:)[^\s,;'\"`<>]+"),
    ("armid", r"(?i:/subscriptions/)[^\s,;'\"`<>]+"),
    ("link", r"\bprojects/[a-z0-9:.-]+/(?:zones|regions|global)/[^\s,;'\"`<>]+"),
    ("link", r"\b(?!(?i:s3|gs)://)[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"`<>]+"),
    ("mail", r"[\w.+%'-]*\w(?:@|%40)[\w-]+(?:\.[\w-]+)*"),
    ("user", r"<@[^>]+>|(?<!\w)@[\w.-]*\w"),
    ("user", r"\b[UWTCBDG](?=[A-Z0-9]*\d)[A-Z0-9]{7,11}\b"),
    ("guid", r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"),
    ("ip", r"(?<!\d)(?<!\d\.)(?!0\.0\.0\.0(?!\.?\d))(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)"),
    ("ip", r"\bip-\d{1,3}(?:-\d{1,3}){3}\b"),
    ("mac", r"\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b"),
    ("acct", r"(?<!\d)(?:\d{12}|\d{4}-\d{4}-\d{4})(?!\d)"),
    ("host", r"\b(?:[\w-]+\.)+(?i:com|net|org|io|internal|local|corp|lan)\b"),
)
_SHAPES = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
_TYPED = re.compile(r"\b(?i:([a-z]{1,10}))-[0-9a-fA-F]{8,17}\b")
_IPV6 = re.compile(r"(?<![0-9a-fA-F])(?=[^:]*:[^:]*:)[0-9a-fA-F:.]{2,}")
_TYPE = re.compile(r"(?<![\w:])[a-z0-9_]+::[a-z0-9_]+(?![\w:])")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A stretch of a text, and what sort of thing stands there."""

    start: int
    end: int
    kind: str


def identities(text: str) -> Iterator[Place]:
    """Give every place of `text` that looks like an identity or a credential; places may overlap."""
    for kind, shape in _SHAPES:
        for found in shape.finditer(text):
            end = found.start() + len(found[0].rstrip(".:,)")) if kind in {"arn", "armid", "link"} else found.end()
            yield Place(start=found.start(), end=end, kind=kind)
    for found in _TYPED.finditer(text):
        if any(letter.isdigit() for letter in found[0]):
            yield Place(start=found.start(), end=found.end(), kind=found[1].lower())
    yield from _addresses(text)


def _addresses(text: str) -> Iterator[Place]:
    """Give the IPv6 addresses; `ec2::instance` begins like one and is our own word for a kind of thing."""
    ours = [found.span() for found in _TYPE.finditer(text) if found[0] in names()]
    for found in _IPV6.finditer(text):
        if any(start <= found.start() < end for start, end in ours):
            continue
        word = found[0].rstrip(".")
        for one in (word, word.removeprefix(":"), word.removesuffix(":"), word.strip(":")):
            if _is_address(one):
                start = found.start() + word.index(one)
                yield Place(start=start, end=start + len(one), kind="ip")
                break


def _is_address(word: str) -> bool:
    """Say whether a word is an IPv6 address of somebody; `::` means everybody and stays."""
    try:
        return ":" in word and not ip_address(word).is_unspecified
    except ValueError:
        return False
