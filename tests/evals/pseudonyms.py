"""Messages as the agent server gets them from a runner: what the estate knows by name is a pseudonym.

Each row's labels say what exists: its names, and the groups, clusters and vaults that hold things, are the estate of that row. The
runner's own redactor takes them out of the text, and puts them back into what was understood.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agent_server.contract.intent import IntentRequest
from agent_server.models.offline import parse
from engine.planning.redaction import Redactor
from engine.understanding import _split, _vocabulary

_KNOWN = frozenset({"name", "target", "cluster", "vault", "vpc", "vnet", "resource_group"})
_IN_THE_CLOUDS = frozenset({"execute", "query", "playbook"})


def redactor_of(row: Mapping[str, Any]) -> Redactor:
    """Return the redactor of a runner whose estate holds what the row's labels name."""
    named = frozenset(_names(row["filters"])) if row["intent"] in _IN_THE_CLOUDS else frozenset[str]()
    single, long = _split(named)
    return Redactor(lambda word: word.casefold() in single, long_names=long, vocabulary=_vocabulary())


def predicted(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Understand every message with its identities taken out, and put them back."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        redactor = redactor_of(row)
        intent = parse(IntentRequest(request_id="eval", text=redactor.redact(row["text"])))
        found[row["id"]] = redactor.restore_all(intent.model_dump(mode="json"))
    return found


def _names(filters: Mapping[str, Any]) -> Iterator[str]:
    for key, value in filters.items():
        if key == "exclude":
            yield from _names(value)
        elif key in _KNOWN:
            yield from value if isinstance(value, list) else [value]
