"""Credentials recognised by their published shapes, so that one that strayed into a request is refused unread.

Shapes only: a false alarm costs a rephrased message, a miss would send a secret on. The runner takes far more out before sending.
"""

import json
import re

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # AWS: reference_identifiers.html#identifiers-unique-ids
    r"|(?i:aws_?secret_?access_?key|secret_?access_?key)\W{1,8}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{8,}|\bxapp-\d-[A-Za-z0-9-]{8,}"  # Slack: api.slack.com/authentication/token-types
    r"|\bhooks\.slack\.com/services/T\w+/B\w+/\w+"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"  # RFC 7519
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{16,}"
    r"|\bAIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{20,}"  # Google API keys and access tokens
    r"|\bsk-(?:ant-)?[A-Za-z0-9_-]{20,}"
    r"|\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9/+]{40,}={0,2}"  # Azure connection strings
    r"|\bsig=[A-Za-z0-9%/+]{40,}"  # Azure shared access signatures
)


def holds_credential(body: bytes) -> bool:
    """Say whether a JSON body holds a known shape of a credential, also when its letters are written as escapes."""
    text = body.decode("utf-8", errors="replace")
    if _SHAPES.search(text):
        return True
    if "\\" not in text:
        return False
    try:
        plain = json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):
        return False
    return _SHAPES.search(plain) is not None
