"""The last look at filters: what the action itself already says goes, and "the world" gets its meaning."""

import re
from collections.abc import Callable

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.asked import ACCESS, PUBLICITY, Asked, Filters

_LIFECYCLE = re.compile(r"\b(?:expire|delete|purge|retain|keep|retention|expiry|expiration|remove)\b")
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}")
_COMPLAINTS = frozenset({"failed", "stuck", "degraded", "pending", "crashloopbackoff"})
_ASKED_ABOUT = ("encrypted", "backup", "versioning", "mfa", "logging", "deletion_protection", "tagged")


def settle(found: Filters, asked: Asked) -> None:
    """Settle filters in place, rule by rule."""
    for rule in _RULES:
        rule(found, asked)


def _world(found: Filters, asked: Asked) -> None:
    """Everyone is an address range for firewalls and ports, and makes other things public."""
    if found.pop("world", None) and asked.action not in PUBLICITY:
        if "port" in found or asked.about_firewalls or asked.action in ACCESS:
            found.setdefault("cidr", "0.0.0.0/0")
        else:
            found["public"] = True
    if (asked.action in PUBLICITY | ACCESS or "cidr" in found) and not _public_ones(found, asked):
        found.pop("public", None)


def _public_ones(found: Filters, asked: Asked) -> bool:
    """Whether "public" says which are meant and not what to do: "make the public buckets private"."""
    kinds = {span.first for span in asked.view.of("kind")}
    before = any(span.last in kinds for span in asked.view.of("public"))
    return asked.action is Action.MAKE_PRIVATE and before and "name" not in found


def _address(found: Filters, asked: Asked) -> None:
    """An address without port or firewall is a machine's."""
    plain = asked.action not in ACCESS and not asked.about_firewalls and "port" not in found
    if plain and _ADDRESS.fullmatch(str(found.get("cidr"))):
        found["ip"] = found.pop("cidr")


def _amounts(found: Filters, asked: Asked) -> None:
    """Counts belong to scaling, "max 3" limits a list, an order means little without a limit."""
    if asked.action is Action.SCALE:
        found.pop("size_gb", None)
    elif asked.changes:
        if isinstance(found.get("count"), int):
            del found["count"]
    elif "max" in found:
        found.setdefault("limit", found.pop("max"))
    if "limit" not in found:
        found.pop("sort", None)


def _features(found: Filters, asked: Asked) -> None:
    """A rule that deletes by age is a lifecycle; what is switched on is no filter."""
    if asked.action is Action.MODIFY and "age_days" in found and _LIFECYCLE.search(asked.view.line):
        found.setdefault("feature", "lifecycle")
    if asked.action in {Action.ENABLE, Action.DISABLE} and found.get("feature") == "versioning":
        found.pop("versioning", None)
    if asked.action is Action.UNTAG:
        found.pop("tags_present", None)


def _check(found: Filters, asked: Asked) -> None:
    """A yes-or-no question names the property asked about, not its answer: "is it not encrypted" is about encryption."""
    if asked.action is not Action.CHECK or asked.intent is not IntentKind.QUERY:
        return
    for key in _ASKED_ABOUT:
        if isinstance(found.get(key), bool):
            found[key] = found[key] or key != "encrypted" or "un" not in asked.view.line


def _states(found: Filters, asked: Asked) -> None:
    """What a named thing is said to be like does not select it: "why is web-1 unhealthy", "delete b, it is unused"."""
    if asked.changes and "name" in found:
        gone: tuple[str, ...] = ("idle", "healthy", "attached")
    elif asked.action is Action.AUDIT or (asked.action is Action.DESCRIBE and "name" in found):
        gone = ("state", "healthy", "public", "idle", "encrypted", "attached")
    else:
        return
    for key in gone:
        found.pop(key, None)
    if asked.changes and "name" in found and found.get("state") in _COMPLAINTS:
        del found["state"]


_RULES: tuple[Callable[[Filters, Asked], None], ...] = (_world, _address, _amounts, _features, _check, _states)
