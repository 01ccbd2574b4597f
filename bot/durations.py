"""Durations as the settings write them."""

import re

_DURATION = re.compile(r"^(\d+)\s*(s|m|h|d)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> int:
    """Return a duration such as `30m`, `1h` or `1d` in seconds.

    Raises:
        ValueError: It is none.
    """
    found = _DURATION.match(text.strip())
    if found is None:
        raise ValueError('write a duration such as "30m", "1h" or "1d"')
    return int(found[1]) * _SECONDS[found[2]]
