"""Handles for one question: what is told of leaves the runner as `r1..rn`, and comes back as the name.

A handle stands for a resource, an account or whatever else has a name of somebody's; the same thing has the same handle within one
question, and the handles of another question mean other things.
"""

import re
from collections.abc import Mapping
from typing import Any

_HANDLE = re.compile(r"(?<![\w.-])r[1-9]\d{0,5}(?![\w-]|\.\w)")


class Handles:
    """Gives handles and puts names back."""

    def __init__(self) -> None:
        self._by_key: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def of(self, key: str, name: str) -> str:
        """Return the handle of the thing with this key (a full id), which people know by `name`."""
        if key not in self._by_key:
            handle = f"r{len(self._by_key) + 1}"
            self._by_key[key], self._names[handle], self._keys[handle] = handle, name, key
        return self._by_key[key]

    def key(self, handle: str) -> str:
        """Return the key behind a handle; empty when it was never given."""
        return self._keys.get(handle, "")

    def restore(self, text: str) -> str:
        """Return a text with names instead of handles; what was never given stays as it is."""
        return _HANDLE.sub(lambda found: self._names.get(found[0], found[0]), text)

    def restore_all(self, value: Any) -> Any:
        """Put names back in every text of a JSON value."""
        match value:
            case str():
                return self.restore(value)
            case list() | tuple():
                return [self.restore_all(one) for one in value]
            case Mapping():
                return {key: self.restore_all(one) for key, one in value.items()}
            case _:
                return value
