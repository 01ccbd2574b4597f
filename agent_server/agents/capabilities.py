"""What the runners' operations are for, read from `capabilities.tsv`.

The catalogue itself is the runner's; a request names the operations it offers by id only. This table says of each id which action it
serves on which type, and is held against the catalogue by a test. Columns:

`operation`, `action` (empty for what only composites and undos are made of: a playbook may name it, nobody asks for it), `cloud`,
`type`; `effect` (`write` or `destroy`); `exposes` (`yes` when it can weaken security); `from_states` (states in which it may be called;
empty for any); `done_states` (states in which there is nothing left to do); `undo` (`yes` when it can be taken back); `params`
(`parameter=filter(choice|choice)`: which filter of the intent gives which parameter).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Effect = Literal["write", "destroy"]
_SOURCE = re.compile(r"(?P<param>\w+)=(?P<filter>\w+)(?:\((?P<choices>[\w|]+)\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a parameter comes from.

    Attributes:
        param: Its name in the plan.
        filter: The filter of the intent that holds its value.
        choices: The closed set of its values, when there is one.
    """

    param: str
    filter: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One row: an operation and what it is for."""

    operation: str
    action: str
    cloud: str
    type: str
    effect: Effect
    exposes: bool
    from_states: frozenset[str]
    done_states: frozenset[str]
    undo: bool
    params: tuple[Source, ...]

    @property
    def verb(self) -> str:
        """What it does, as one says it."""
        return (self.action or "change").replace("_", " ")


def capabilities() -> dict[str, Capability]:
    """Return what serves an action, by operation id, in the order of the table."""
    return _split()[0]


def known() -> dict[str, Capability]:
    """Return every operation of the runners' catalogue by its id: what serves an action, then what is only a part of others."""
    return _split()[1]


@cache
def _split() -> tuple[dict[str, Capability], dict[str, Capability]]:
    table = resources.files("agent_server.agents").joinpath("capabilities.tsv").read_text(encoding="utf-8")
    rows = (_row(line) for line in table.splitlines()[1:] if line)
    every = {row.operation: row for row in rows}
    return {id_: row for id_, row in every.items() if row.action}, every


def serving(action: str, *, cloud: str, type_: str, offered: Collection[str]) -> Capability | None:
    """Return the operation that serves `action` on a type, among those a runner offers; None when nothing does.

    The table lists composites first, as the catalogue does: they know what is left to do.
    """
    candidates = _by_use().get((action, cloud, type_), ())
    return next((capability for capability in candidates if capability.operation in offered), None)


@cache
def _by_use() -> dict[tuple[str, str, str], tuple[Capability, ...]]:
    found: dict[tuple[str, str, str], tuple[Capability, ...]] = {}
    for row in capabilities().values():
        use = (row.action, row.cloud, row.type)
        found[use] = (*found.get(use, ()), row)
    return found


def _row(line: str) -> Capability:
    operation, action, cloud, type_, effect, exposes, from_states, done_states, undo, params = line.split("\t")
    return Capability(
        operation=operation,
        action=action,
        cloud=cloud,
        type=type_,
        effect="destroy" if effect == "destroy" else "write",
        exposes=exposes == "yes",
        from_states=frozenset(filter(None, from_states.split(", "))),
        done_states=frozenset(filter(None, done_states.split(", "))),
        undo=undo == "yes",
        params=tuple(_source(one) for one in params.split(", ") if one),
    )


def _source(text: str) -> Source:
    found = _SOURCE.fullmatch(text)
    if found is None:
        raise ValueError(f"capabilities.tsv: {text!r} is not parameter=filter(choices)")
    choices = tuple(found["choices"].split("|")) if found["choices"] else ()
    return Source(param=found["param"], filter=found["filter"], choices=choices)
