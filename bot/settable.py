"""Which settings may be changed without the file, and what a change would be. Pure.

The list is closed: whatever could lock people out, reach another machine, or let somebody see more than before (the tags whose values
leave the runner among it) stands in the file or the environment, where only who runs Escher can write it.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel

from bot.settings import SettingsError
from bot.settings_defaults import PREFIX
from bot.tables import Settings


class Applies(StrEnum):
    """When a change takes effect."""

    NOW = "at once"
    NEXT_START = "at the next start"


SETTABLE: Mapping[str, Applies] = {
    "report": Applies.NOW,
    "budgets": Applies.NOW,
    "sync.every": Applies.NOW,
    "backup.every": Applies.NOW,
    "backup.keep": Applies.NOW,
    "web.enabled": Applies.NEXT_START,
    "web.port": Applies.NEXT_START,
}
"""What is kept in the database when it is changed; a key inside one of the lists changes that list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a key stands: the settable key, and the way inside its value."""

    root: str
    inside: tuple[str, ...] = ()


def place(key: str) -> Place | None:
    """Return where a key stands among those that may be changed; None when it is a setting for the file alone.

    Raises:
        SettingsError: There is no such setting.
    """
    for root in SETTABLE:
        if key == root or key.startswith(f"{root}."):
            return Place(root=root, inside=tuple(part for part in key[len(root) :].split(".") if part))
    if not _known(key):
        raise SettingsError(f"{key} is not a setting; mend its name (docs/reference/settings.md lists them)")
    return None


def parsed(text: str) -> Any:
    """Return a value as it is typed: JSON where it is JSON, else the words themselves."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def changed(where: Place, now: Any, value: Any) -> Any:
    """Return the new value of the settable key when the value at `where` becomes `value`.

    Args:
        where: What is changed.
        now: The present value of the settable key, as JSON.
        value: What was typed.

    Raises:
        SettingsError: The way leads nowhere.
    """
    if not where.inside:
        return value
    anew = copy.deepcopy(now)
    item, rest = _item(where, anew)
    if len(rest) != 1:
        raise SettingsError(f"{'.'.join((where.root, *where.inside))} is not a setting; name one key of an entry")
    item[rest[0]] = value
    return anew


def at(where: Place, value: Any) -> Any:
    """Return what stands at a place inside the value of its settable key; None when nothing does."""
    if not where.inside:
        return value
    try:
        item, rest = _item(where, value)
    except SettingsError:
        return None
    return item.get(rest[0]) if len(rest) == 1 else item


def variable(root: str) -> str:
    """Return the environment variable that stands above a setting."""
    return PREFIX + root.upper().replace(".", "__")


def _item(where: Place, entries: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the entry of a list that the way names, and the rest of the way; the only entry needs no number."""
    if not isinstance(entries, list):
        raise SettingsError(f"{where.root} holds one value; write {where.root}")
    first, *rest = where.inside
    if first.isdigit():
        if int(first) >= len(entries):
            raise SettingsError(f"there is no {where.root}.{first}; there are {len(entries)}, counted from 0")
        return entries[int(first)], tuple(rest)
    if len(entries) != 1:
        which = " or ".join(f"{where.root}.{n}.{first}" for n in range(len(entries)))
        raise SettingsError(
            f"there are {len(entries)} [[{where.root}]]; write {which}"
            if entries
            else f"there is no [[{where.root}]] yet; set {where.root} to a list of entries"
        )
    return entries[0], where.inside


def _known(key: str) -> bool:
    """Say whether a dotted key names a setting, or one inside a list of tables."""
    model: type[BaseModel] = Settings
    for part in key.split("."):
        if part.isdigit():
            continue
        field = model.model_fields.get(part)
        if field is None:
            return False
        inner = next((one for one in (field.annotation, *get_args(field.annotation)) if _is_table(one)), None)
        model = inner or _Leaf
    return True


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


class _Leaf(BaseModel):
    """Below a plain value there is nothing."""
