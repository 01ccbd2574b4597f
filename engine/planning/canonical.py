"""The RFC 8785 (JSON canonicalisation) form of a value: the same bytes for the same value, always.

Plans of thousands of targets are mostly short texts in mappings with ASCII keys, for which the form is what the standard
library's encoder writes with sorted keys, no blanks and no needless escapes: ASCII keys sort alike by code point and by
UTF-16 unit (RFC 8785, 3.2.3), and both escape the same characters in the same way (3.2.2.2). It writes them many
times as fast as a general implementation, which is used for everything else and decides what has no form at all.
"""

import json
from typing import Any

import rfc8785

_MOST_INTEGER = 2**53 - 1
"""Larger ones have no exact form in I-JSON (RFC 7493, 2.2)."""


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises:
        ValueError: It has none: an unknown type, an integer that is too large, a text with half a character.
    """
    if not _is_plain(value):
        return rfc8785.dumps(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False).encode()


def _is_plain(value: Any) -> bool:
    """Say whether the standard library's encoder writes exactly the canonical form of a value."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-_MOST_INTEGER <= value <= _MOST_INTEGER)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(item) for key, item in value.items())
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    return False
