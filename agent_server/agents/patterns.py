"""Whether a text has the form that a playbook's parameter wants, in bounded time whoever wrote the pattern.

A tenant's pattern is somebody else's program: Python's engine can be kept busy for years by a short one. So it is run by the engine inside
pydantic, Rust's `regex`, whose time is linear in the text (https://docs.rs/regex/latest/regex/#untrusted-input); it has no look-around, and a
pattern that wants it is refused. The curated library's patterns are ours and may have it.
"""

import re
from functools import cache

from agent_server.contract.patterns import is_linear, matches
from agent_server.knowledge.library import playbooks


def is_usable(pattern: str) -> bool:
    """Whether a pattern can be used at all."""
    return not pattern or pattern in _curated() or is_linear(pattern)


def fits(pattern: str, text: str) -> bool:
    """Whether a whole text matches; a pattern that cannot be used matches nothing."""
    if not pattern:
        return True
    if pattern in _curated():
        return re.fullmatch(pattern, text) is not None
    return matches(pattern, text) is True


@cache
def _curated() -> frozenset[str]:
    return frozenset(parameter.pattern for one in playbooks().values() for parameter in one.parameters)
