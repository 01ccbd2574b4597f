"""From the filters of an intent to a `Selector`; what cannot be honoured exactly is answered with a reason instead.

A filter that is dropped widens the set of targets. So there are three kinds of keys: those that select, those that are a
parameter of the action (`set_tags`, a new size), and all others, for which the answer is `Unanswerable`; the caller then
asks or refuses. The vocabulary is that of the intent schema (`agent_server.contract.intent`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.estate import unselectable
from engine.estate.environment import ENVIRONMENT_TAGS, normalised
from engine.estate.ingress import Opening
from engine.estate.kinds import called, expand, unknown
from engine.estate.resource import Cloud, Json
from engine.estate.selector import Bound, Comparator, Selector, VersionBound, version_of

READING = frozenset({"list", "count", "describe", "check", "metrics", "logs", "audit", "answer", "help", "none"})
"""Actions that change nothing; so do all that begin with `cost_`."""

_ALWAYS_PARAMETERS = frozenset(
    {"set_tags", "remove_tags", "schedule", "duration", "delay", "feature", "role", "target", "reason"}
    | {"group_by", "playbook", "report", "item", "setting", "value", "channel"}
)
_SIZING = frozenset({"create", "resize", "modify", "scale"})
_LAST_PORT = 65_535
_OBSERVING = frozenset({"metrics", "logs", "audit", "check", "describe", "answer"})
_ACCESS = frozenset({"allow_access", "revoke_access", "create", "modify"})
_PARAMETERS: Mapping[str, frozenset[str]] = {
    "size_gb": _SIZING,
    "instance_type": _SIZING,
    "count": _SIZING,
    "min": _SIZING,
    "max": _SIZING,
    "version": frozenset({"create", "modify", "patch", "deploy", "rollback"}),
    "engine": frozenset({"create"}),
    "port": _ACCESS,
    "cidr": _ACCESS,
    "metric": _OBSERVING,
    "period": _OBSERVING,
    "severity": _OBSERVING,
    "event": _OBSERVING,
    "attribute": _OBSERVING,
    "percent": _OBSERVING,
}
_COST_PARAMETERS = frozenset({"metric", "period", "percent", "min", "max"})
_STATES: Mapping[str, frozenset[str]] = {
    "active": frozenset({"active", "running", "available", "in-use"}),
    "on": frozenset({"running"}),
    "up": frozenset({"running"}),
    "started": frozenset({"running"}),
    "off": frozenset({"stopped", "deallocated"}),
    "down": frozenset({"stopped", "deallocated"}),
    "stopped": frozenset({"stopped", "deallocated"}),
    "terminated": frozenset({"terminated", "deleted"}),
    "deleted": frozenset({"terminated", "deleted"}),
}


class KnownAccount(Protocol):
    """What is needed of an account to recognise it; `engine.clouds.ports.CloudAccount` has it."""

    @property
    def cloud(self) -> Cloud:
        """Which cloud."""
        ...

    @property
    def account(self) -> str:
        """The id."""
        ...

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswerable:
    """A part of the question that cannot be honoured; carrying on without it would mean other things than were asked for.

    Attributes:
        key: The filter, such as `account` or `exclude.backup`.
        sentence: Why, for the person who asked, with what to say instead when there is something.
    """

    key: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One part of an intent, as far as it says which resources are meant.

    Attributes:
        action: The action word of the schema.
        cloud: `aws`, `azure`, `gcp` or `any`.
        clouds: Every cloud that was named.
        resource_types: Types, generic ones too.
        filters: As the schema says.
    """

    action: str
    cloud: str = "any"
    clouds: Sequence[str] = ()
    resource_types: Sequence[str] = ()
    filters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reads_only(self) -> bool:
        """Whether the action changes nothing."""
        return self.action in READING or self.action.startswith("cost_")


def from_intent(
    asked: Asked, *, accounts: Iterable[KnownAccount] = (), env_keys: Sequence[str] = ENVIRONMENT_TAGS
) -> Selector | Unanswerable:
    """Return the selector for one part of an intent, or why there is none.

    Args:
        asked: The part.
        accounts: The accounts that are connected, to recognise them by name or id.
        env_keys: The tag keys that tell the environment.
    """
    hopeless = unknown(asked.resource_types)
    if hopeless:
        return Unanswerable(key="resource_types", sentence=f"I do not look after {called(hopeless)} yet.")
    reader = _Reader(asked=asked, accounts=tuple(accounts), env_keys=tuple(env_keys))
    try:
        fields = reader.read(asked.filters, path="")
    except _Odd as odd:
        return Unanswerable(key=odd.key, sentence=odd.sentence)
    clouds = {word for word in (*asked.clouds, asked.cloud) if word != "any"}
    return Selector(
        clouds=frozenset(Cloud(word) for word in clouds),
        types=expand(asked.resource_types) or frozenset(),
        env_keys=reader.env_keys,
        **fields,
    )


class _Odd(Exception):
    """A filter value that means nothing here; carried to the door as a value."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads filter mappings into the fields of a selector."""

    asked: Asked
    accounts: tuple[KnownAccount, ...]
    env_keys: tuple[str, ...]

    def read(self, filters: Mapping[str, Any], *, path: str) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for key, value in filters.items():
            where = f"{path}{key}"
            if value is None or (not path and self._is_parameter(key)):
                continue
            if key == "exclude" and not path:
                fields["exclude"] = self._excluded(value)
                continue
            for name, part in self._selecting(key, value, where).items():
                fields[name] = _joined(name, fields.get(name), part, where)
        return fields

    def _is_parameter(self, key: str) -> bool:
        if key in _ALWAYS_PARAMETERS or self.asked.action in _PARAMETERS.get(key, frozenset()):
            return True
        if key == "period" and "idle" in self.asked.filters and self.asked.reads_only:
            return True
        return key in _COST_PARAMETERS and self.asked.action.startswith("cost_")

    def _excluded(self, value: Any) -> Selector:
        if not isinstance(value, Mapping) or not value:
            raise _Odd(
                "exclude", "What is to be left alone was not understood; say it by name, tag, region or account."
            )
        fields = self.read(value, path="exclude.")
        silent = sorted({"idle", "limit"} & fields.keys())
        if silent or not fields:
            key = silent[0] if silent else next(iter(value))
            raise _Odd(
                f"exclude.{key}", f"I cannot leave things out by “{_said(key)}”; name them, or say a tag they have."
            )
        return Selector(env_keys=self.env_keys, **fields)

    def _selecting(self, key: str, value: Any, where: str) -> dict[str, Any]:
        if key in _SETS:
            return {_SETS[key]: _words(value, where)}
        if key in _FLAGS:
            return {_FLAGS[key]: _flag(value, where)}
        if key in _BOUNDS:
            name, bare = _BOUNDS[key]
            return {name: _bound(value, where, bare)}
        if key in _FACTS:
            return {"facts": ((key, _words(value, where)),)}
        special = self._special(key, where)
        if special is None:
            raise _Odd(where, unselectable.sentence(key))
        return special(value, where)

    def _special(self, key: str, where: str) -> Callable[[Any, str], dict[str, Any]] | None:
        handlers: Mapping[str, Callable[[Any, str], dict[str, Any]]] = {
            "account": self._account,
            "subscription": self._account,
            "project": self._account,
            "region": _region,
            "tags": self._tags,
            "env": lambda value, where: {"envs": frozenset(map(normalised, _words(value, where)))},
            "state": _state,
            "version": _version,
            "limit": self._limit,
            "count": self._limit,
            "port": _port,
            "cidr": _source,
        }
        if where != key:
            handlers = {**handlers, "cloud": _clouds, "resource_types": _types, "type": _types}
        return handlers.get(key)

    def _account(self, value: Any, where: str) -> dict[str, Any]:
        ids: set[str] = set()
        for word in _words(value, where):
            found = {
                known.account.casefold()
                for known in self.accounts
                if word in {known.account.casefold(), known.name.casefold()}
            }
            if not found:
                names = ", ".join(sorted({known.name for known in self.accounts})) or "none"
                raise _Odd(where, f"No connected account is called “{word}”. Connected: {names}.")
            ids |= found
        return {"accounts": frozenset(ids)}

    def _tags(self, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _Odd(where, "Tags are given as key and value, such as team=payments.")
        env_words = {"env", "environment", *(key.casefold() for key in self.env_keys)}
        fields: dict[str, Any] = {}
        for key, wanted in value.items():
            words = _words(wanted, f"{where}.{key}")
            if key.casefold() in env_words:
                fields["envs"] = _joined("envs", fields.get("envs"), frozenset(map(normalised, words)), where)
            else:
                fields["tags"] = (*fields.get("tags", ()), (key.casefold(), words))
        return fields

    def _limit(self, value: Any, where: str) -> dict[str, Any]:
        if not self.asked.reads_only:
            raise _Odd(where, "A number alone does not say which ones; name them, or say what they have in common.")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise _Odd(where, "How many are wanted was not understood; say a whole number.")
        return {"limit": value}


_SETS = {
    "name": "names",
    "id": "names",
    "zone": "zones",
    "tags_present": "tags_present",
    "missing_tags": "missing_tags",
    "instance_type": "sizes",
    "size": "sizes",
    "engine": "engines",
    "resource_group": "resource_groups",
}
_FLAGS = {"tagged": "tagged", "public": "public", "encrypted": "encrypted", "attached": "attached", "idle": "idle"}
_BOUNDS = {
    "size_gb": ("size_gb", Comparator.EQUAL),
    "age_days": ("age_days", Comparator.AT_LEAST),
    "unused_days": ("unused_days", Comparator.AT_LEAST),
    "expires_within_days": ("expires_in_days", Comparator.AT_MOST),
}
_FACTS = frozenset({"backup", "versioning", "cluster", "namespace", "vault", "empty"})


def _region(value: Any, where: str) -> dict[str, Any]:
    words = _words(value, where)
    return {} if words == {"all"} else {"regions": words}


def _state(value: Any, where: str) -> dict[str, Any]:
    words = _words(value, where)
    if words & {"attached", "unattached", "detached"}:
        if len(words) > 1:
            raise _Odd(where, "Attached and a state cannot be asked for at once; say one of them.")
        return {"attached": words == {"attached"}}
    return {"states": frozenset().union(*(_STATES.get(word, frozenset({word})) for word in words))}


def _version(value: Any, where: str) -> dict[str, Any]:
    op, wanted = _comparison(value, where, Comparator.EQUAL)
    parts = version_of(wanted)
    if parts is None:
        raise _Odd(where, "The version was not understood; say it in numbers, such as 5.7.")
    return {"version": VersionBound(op=op, value=parts)}


def _port(value: Any, where: str) -> dict[str, Any]:
    if value == "all":
        return {"open_to": Opening()}
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST_PORT:
        raise _Odd(where, "The port was not understood; say one number, such as 22.")
    return {"open_to": Opening(port=value)}


def _source(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, str) or not value.strip():
        raise _Odd(where, "Who it is open to was not understood; say an address range, such as 0.0.0.0/0.")
    return {"open_to": Opening(source=value.strip())}


def _clouds(value: Any, where: str) -> dict[str, Any]:
    words = _words(value, where)
    if not words <= set(Cloud):
        raise _Odd(where, "The cloud was not understood; it is aws, azure or gcp.")
    return {"clouds": frozenset(Cloud(word) for word in words)}


def _types(value: Any, where: str) -> dict[str, Any]:
    words = _words(value, where)
    types = expand(words)
    if not types or unknown(words):
        raise _Odd(where, f"I do not look after {called(words)} yet.")
    return {"types": types}


def _words(value: Any, where: str) -> frozenset[str]:
    items = value if isinstance(value, list | tuple) else [value]
    if not items or any(not isinstance(item, str | int | float) for item in items):
        raise _Odd(where, f"What was said about “{_said(where)}” was not understood; say one value or several.")
    words = frozenset(str(item).strip().casefold() for item in items)
    if "" in words:
        raise _Odd(where, f"“{_said(where)}” was left empty; say which.")
    return words


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _Odd(where, f"Whether “{_said(where)}” is wanted or not was not understood; say yes or no.")
    return value


def _bound(value: Any, where: str, bare: Comparator) -> Bound:
    op, number = _comparison(value, where, bare)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise _Odd(where, f"“{_said(where)}” needs a number.")
    return Bound(op=op, value=float(number))


def _comparison(value: Any, where: str, bare: Comparator) -> tuple[Comparator, Json]:
    if not isinstance(value, Mapping):
        return bare, value
    word = {"==": "=", "≥": ">=", "≤": "<="}.get(str(value.get("op")), value.get("op"))
    if value.keys() != {"op", "value"} or word not in set(Comparator):
        raise _Odd(
            where, f"The comparison for “{_said(where)}” was not understood; say more than, less than or exactly."
        )
    return Comparator(str(word)), value["value"]


def _joined(name: str, before: Any, more: Any, where: str) -> Any:
    """Join what two keys say about one field, so that the later key never widens what the earlier one asked.

    Accounts are the exception: account, subscription and project are three clouds' words for it, and one may name all.
    """
    if before is None:
        return more
    if isinstance(before, tuple):
        return (*before, *more)
    if isinstance(before, Opening) and before.port is None and not more.source:
        return Opening(port=more.port, source=before.source)
    if isinstance(before, Opening) and not before.source:
        return Opening(port=before.port, source=more.source)
    if name == "accounts" or (where.startswith("exclude.") and isinstance(before, frozenset)):
        return before | more
    agreed = before & more if isinstance(before, frozenset) else (more if more == before else None)
    if not agreed and agreed is not False:
        raise _Odd(where, f"“{_said(where)}” says something else than another part of the message; say which holds.")
    return agreed


def _said(key: str) -> str:
    return key.rpartition(".")[2].replace("_", " ")
