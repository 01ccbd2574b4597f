"""From facts to filters: what is meant, and in `exclude`, under the same keys, what is left out."""

import re
from collections.abc import Callable

from agent_server.contract.intent import Action
from agent_server.contract.types import generic_of
from agent_server.models.offline.asked import ACCESS, PUBLICITY, Asked, Filters, append
from agent_server.models.offline.entities.kinds import resolved
from agent_server.models.offline.naming import write_container, write_name
from agent_server.models.offline.settling import settle
from agent_server.models.offline.targets import kinds_of
from agent_server.models.offline.timing import write_time
from agent_server.models.offline.tokens import Span

Writer = Callable[[Filters, Span, Asked], None]

_PLAIN = frozenset(
    [
        "idle",
        "attached",
        "public",
        "encrypted",
        "backup",
        "versioning",
        "tagged",
        "empty",
        "healthy",
        "state",
        "mfa",
        "public_ip",
        "lifecycle",
        "age_days",
        "unused_days",
        "expires_within_days",
        "cidr",
        "metric_threshold",
        "group_by",
        "limit",
        "sort",
        "min",
        "max",
        "version",
        "os",
        "runtime",
        "size_gb",
        "about",
        "user",
        "role",
        "channel",
        "name_prefix",
    ]
)
_LISTS = frozenset({"tags_present", "missing_tags", "remove_tags"})
_TAG_GROUPS = frozenset({"team", "owner", "app", "department", "product", "tier", "cost_center", "costcenter"})
_EVERY_HOLDER = re.compile(
    r"(?:every|all|each|any|other) (?:\S+ )?(?P<what>project|account|subscription|resource group|namespace|cluster)s?$"
)
_NEVER_EXCLUDED = frozenset({"limit", "group_by", "schedule"})
_BETWEEN = 2
_BECOMING = frozenset({"to", "into", "as", "a", "an", "="})
_STORAGE = ("::volume", "::disk", "::elastic_ip", "::publicip", "::address", "::network_interface", "::nic")
_DATABASES = ("rds::", "sql::", "postgresql::", "mysql::", "elasticache::")


def filters_of(asked: Asked) -> Filters:
    """Return the filters of a message."""
    found: Filters = {}
    excluded: Filters = {}
    for span in sorted(asked.view.spans, key=lambda one: one.first):
        if span.first in asked.view.excluded:
            _write_excluded(excluded, span, asked)
        else:
            _write(found, span, asked)
    settle(found, asked)
    excluded = {key: value for key, value in excluded.items() if key not in _NEVER_EXCLUDED}
    grouped = found.get("group_by")
    if isinstance(grouped, str) and grouped in _TAG_GROUPS and "name" in excluded:
        excluded.setdefault("tags", {})[grouped] = excluded.pop("name")
    excluded = _merged(excluded, found.pop("exclude", {}))
    if "region" in excluded and found.get("region") == "all":
        del found["region"]
    if excluded:
        found["exclude"] = excluded
    return found


def _write(into: Filters, span: Span, asked: Asked) -> None:
    """Write one fact about what is meant."""
    if span.key == "name":
        write_name(into, span, asked, out=False)
    elif span.key == "container":
        write_container(into, span, asked, out=False)
    elif not _describes_context(span, asked):
        _write_fact(into, span, asked)


def _write_excluded(into: Filters, span: Span, asked: Asked) -> None:
    """Write one fact about what is left out; "leave it running" says nothing about a state."""
    match span.key:
        case "name" if span.value.lower().startswith("rg-") and "resources::resourcegroup" not in asked.types:
            append(into, "resource_group", span.value)
        case "name" if held := _held_before(span, asked):
            append(into, held, span.value)
        case "name":
            write_name(into, span, asked, out=True)
        case "container":
            write_container(into, span, asked, out=True)
        case "cloud":
            for cloud in span.value:
                append(into, "cloud", str(cloud))
        case "kind":
            _write_kind(into, span, asked)
        case "not_env":
            append(into.setdefault("tags", {}), "env", span.value)
        case "state" if re.search(r"\b(?:leav|keep)", asked.view.line):
            return
        case _:
            _write_fact(into, span, asked)


def _held_before(span: Span, asked: Asked) -> str:
    """Return what "every project" in "every project except lab-4" makes of the name: a project."""
    first = span.first
    while first - 1 in asked.view.excluded:
        first -= 1
    before = asked.view.reading.words(first - 3, first)
    found = _EVERY_HOLDER.search(before)
    return found["what"].replace(" ", "_") if found else ""


def _write_fact(into: Filters, span: Span, asked: Asked) -> None:
    key, value = span.key, span.value
    if key in _PLAIN:
        into[key] = into.get(key, value) if isinstance(value, str) else value
    elif key in _LISTS:
        into.setdefault(key, []).append(value)
    elif writer := _WRITERS.get(key):
        writer(into, span, asked)


def _describes_context(span: Span, asked: Asked) -> bool:
    """'In a public subnet': the subnet is public, not what is in it."""
    return span.key in {"public", "idle", "state"} and any(kind.first == span.last for kind in kinds_of(asked.view)[1])


def _write_kind(into: Filters, span: Span, asked: Asked) -> None:
    """A kind that is left out counts only when it is another than the one meant: "everything except buckets"."""
    if any(name.first == span.last for name in asked.view.spans if name.key == "name"):
        return
    kind = resolved(span.value, asked.clouds)
    meant = {*asked.types, *map(generic_of, asked.types)}
    if kind != "any::resource" and kind not in meant and generic_of(kind) not in meant:
        append(into, "resource_types", kind)


def _write_place(into: Filters, span: Span, _: Asked) -> None:
    append(into, span.key, span.value[1])


def _write_machine_size(into: Filters, span: Span, asked: Asked) -> None:
    """A size is what to change to, or says which are meant; when sizes change, that before the things is what they have now."""
    low = asked.view.reading.low
    changing = asked.action is Action.RESIZE or any(verb.value == Action.RESIZE for verb in asked.view.verbs)
    before = any(0 <= kind.first - span.last <= _BETWEEN for kind in asked.view.of("kind"))
    had = before and low(span.first - 1) not in _BECOMING
    into["size" if changing and had else "instance_type"] = span.value[1]


def _write_tag(into: Filters, span: Span, _: Asked) -> None:
    append(into.setdefault("tags", {}), span.value[0], span.value[1])


def _write_set_tag(into: Filters, span: Span, _: Asked) -> None:
    into.setdefault("set_tags", {})[span.value[0]] = span.value[1]


def _write_port(into: Filters, span: Span, asked: Asked) -> None:
    """'SSH' is a port only where access is meant."""
    if span.key == "port" or asked.action in ACCESS or asked.about_firewalls or asked.view.of("world", "cidr", "port"):
        append(into, "port", span.value)


def _write_world(into: Filters, _: Span, __: Asked) -> None:
    into["world"] = True


def _write_unused(into: Filters, _: Span, asked: Asked) -> None:
    """An unused disk or address is unattached, anything else unused is idle."""
    if any(kind.endswith(_STORAGE) for kind in asked.types):
        into["attached"] = False
    else:
        into["idle"] = True


def _write_other_environment(into: Filters, span: Span, _: Asked) -> None:
    into.setdefault("exclude", {}).setdefault("tags", {})["env"] = span.value


def _write_other_state(into: Filters, span: Span, _: Asked) -> None:
    into.setdefault("exclude", {})["state"] = span.value


def _write_count(into: Filters, span: Span, asked: Asked) -> None:
    """A number of members is what to scale to, or what is asked for."""
    if asked.action is Action.SCALE:
        into.setdefault("count", span.value)
    elif span.key == "count_of" and not asked.changes:
        into["count"] = span.value


def _write_range(into: Filters, span: Span, asked: Asked) -> None:
    if asked.action is Action.SCALE:
        into["min"], into["max"] = span.value


def _write_storage_tier(into: Filters, span: Span, asked: Asked) -> None:
    into["target" if asked.action in {Action.MOVE, Action.COPY} else "storage_class"] = span.value


def _write_metric(into: Filters, span: Span, asked: Asked) -> None:
    if asked.action is Action.METRICS:
        append(into, "metric", span.value)


def _write_engine_version(into: Filters, span: Span, _: Asked) -> None:
    into["engine"], into["version"] = span.value


def _write_engine(into: Filters, span: Span, asked: Asked) -> None:
    named = any(kind.covers(span.first) and kind.last - kind.first > 1 for kind in asked.view.of("kind"))
    if not named and any("database" in kind or kind.startswith(_DATABASES) for kind in asked.types):
        into.setdefault("engine", span.value)


def _write_feature(into: Filters, span: Span, asked: Asked) -> None:
    """A feature is what to switch, what a question is about, or a property that is on or off."""
    feature, key, on = span.value
    if asked.action in {Action.ENABLE, Action.DISABLE, Action.MODIFY}:
        into.setdefault("feature", feature)
    elif asked.action is Action.CHECK:
        into[key] = True
    elif on is not None and asked.action not in PUBLICITY:
        into[key] = on


def _merged(left: Filters, right: Filters) -> Filters:
    for key, value in right.items():
        if isinstance(value, dict):
            left[key] = {**left.get(key, {}), **value}
        else:
            left.setdefault(key, value)
    return left


_WRITERS: dict[str, Writer] = {
    "region": _write_place,
    "zone": _write_place,
    "instance_type": _write_machine_size,
    "tags": _write_tag,
    "set_tags": _write_set_tag,
    "port": _write_port,
    "port_word": _write_port,
    "world": _write_world,
    "unused": _write_unused,
    "not_env": _write_other_environment,
    "not_state": _write_other_state,
    "to": _write_count,
    "count_of": _write_count,
    "desired": _write_count,
    "min_max": _write_range,
    "storage_tier": _write_storage_tier,
    "metric": _write_metric,
    "engine_version": _write_engine_version,
    "engine": _write_engine,
    "feature": _write_feature,
    "period": write_time,
    "once": write_time,
    "lasting": write_time,
    "recurring": write_time,
    "often": write_time,
}
