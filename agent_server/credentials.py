"""Credentials recognised by their published shapes, so that one that strayed into a request is refused unread.

Shapes only: a false alarm costs a rephrased message, a miss would send a secret on. The runner takes far more out before sending.
"""

import json
import re

_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (markers, re.compile(pattern))
    for markers, pattern in (
        (("PRIVATE KEY",), r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
        # Unique identifiers of AWS keys, from the reference of IAM identifiers.
        (("AKIA", "ASIA"), r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        (("ecret", "ECRET"), r"(?i:secret_?access_?key)\W{1,8}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])"),
        # Types of Slack tokens, from its authentication guide.
        (("xox", "xapp-"), r"\b(?:xox[abeoprs]-|xapp-\d-)[A-Za-z0-9-]{8,}"),
        (("hooks.slack.com",), r"\bhooks\.slack\.com/services/T\w+/B\w+/\w+"),
        # JSON Web Tokens: RFC 7519
        (("eyJ",), r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
        (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
        (("github_pat_", "glpat-"), r"\b(?:github_pat_\w{30,}|glpat-[\w-]{16,})"),
        # Google: API keys and OAuth access tokens
        (("AIza", "ya29."), r"\b(?:AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,})"),
        (("sk-",), r"\bsk-(?:ant-)?[A-Za-z0-9_-]{20,}"),
        # Azure: connection strings and shared access signatures
        (("AccountKey=", "SharedAccessKey="), r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9/+]{40,}={0,2}"),
        (("sig=",), r"\bsig=[A-Za-z0-9%/+]{40,}"),
    )
)
"""Shapes, each with plain texts one of which every hit holds: looking for those first keeps two mebibytes a matter of milliseconds."""


def holds_credential(body: bytes) -> bool:
    """Say whether a JSON body holds a known shape of a credential, also when its letters are written as escapes."""
    text = body.decode("utf-8", errors="replace")
    if _found(text):
        return True
    if "\\" not in text:
        return False
    try:
        plain = json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):
        return False
    return _found(plain)


def _found(text: str) -> bool:
    return any(
        pattern.search(text) is not None for markers, pattern in _SHAPES if any(marker in text for marker in markers)
    )
