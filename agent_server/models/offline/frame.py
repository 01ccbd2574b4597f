"""From facts to the fields of an intent: clouds, kinds of resources, filters and exclusions."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from agent_server.contract.intent import Action, IntentKind, Scope
from agent_server.contract.types import generic_of, specific
from agent_server.models.offline.entities.kinds import is_context, resolved
from agent_server.models.offline.hints import type_of_action, type_of_names
from agent_server.models.offline.tokens import Span
from agent_server.models.offline.view import View

CHANGES = frozenset(action for action in Action if action.value in {
    "start", "stop", "restart", "delete", "create", "resize", "scale", "tag", "untag", "snapshot", "restore", "detach", "enable", "disable", "encrypt", "rotate", "modify", "make_private", "make_public",
    "allow_access", "revoke_access", "grant", "deploy", "failover", "rollback", "drain", "patch", "move", "copy",
})  # fmt: skip
_PLAIN = (
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
)
_LISTS = ("tags_present", "missing_tags", "remove_tags")
_OBJECT_PREPOSITIONS = frozenset({"", "on", "to", "of", "for", "and", ",", "owner on"})
_KEYS = {"iam::serviceaccount": "iam::serviceaccount_key", "iam::user": "iam::access_key"}
_TAG_GROUPS = frozenset({"team", "owner", "app", "department", "product", "tier", "cost_center", "costcenter"})
_FIREWALLS = frozenset({"ec2::security_group", "network::nsg", "compute::firewall", "any::firewall_rule"})
_ACCESS = frozenset({Action.ALLOW_ACCESS, Action.REVOKE_ACCESS})
_PUBLICITY = frozenset({Action.MAKE_PUBLIC, Action.MAKE_PRIVATE})
_CONTAINER_TYPES = {
    "resource_group": "resources::resourcegroup",
    "project": "projects::project",
    "subscription": "",
    "cluster": "any::k8s_cluster",
    "vault": "keyvault::vault",
    "nodepool": "",
    "vpc": "vpc::vpc",
    "vnet": "network::vnet",
    "dataset": "bigquery::dataset",
}

Filters = dict[str, Any]


def clouds_of(view: View) -> tuple[Scope, ...]:
    """Return every cloud that follows from the words, in the order of the enum."""
    found: set[Scope] = set()
    for span in view.spans:
        found.update(_clouds_said(span))
    for span in view.of("cloud_excluded"):
        found.discard(span.value)
    return tuple(cloud for cloud in Scope if cloud in found)


def _clouds_said(span: Span) -> Iterable[Scope]:
    match span.key:
        case "cloud":
            return span.value
        case "region" | "zone" | "instance_type" | "kind_id":
            return (span.value[0],) if span.value[0] in {Scope.AWS, Scope.AZURE, Scope.GCP} else ()
        case "kind":
            return (span.value[0][0],) if len(span.value) == 1 and span.value[0][0] is not Scope.ANY else ()
        case "container":
            return {
                "resource_group": (Scope.AZURE,),
                "subscription": (Scope.AZURE,),
                "project": (Scope.GCP,),
                "vault": (Scope.AZURE,),
                "vnet": (Scope.AZURE,),
                "vpc": (),
            }.get(span.value[0], ())
        case _:
            return ()


def kinds_of(view: View, clouds: tuple[Scope, ...]) -> tuple[list[Span], list[Span]]:
    """Return the kinds a message is about, and those that only say where or with what."""
    main: list[Span] = []
    context: list[Span] = []
    ids = view.of("kind_id")
    for span in sorted(view.of("kind"), key=lambda one: one.first):
        earlier = main or [one for one in ids if one.last < span.first]
        if (
            context
            and context[-1].last == span.first - 1
            and view.reading.low(span.first - 1) in {"and", "or", ",", "&"}
        ):
            context.append(span)
            continue
        (context if is_context(view.reading, span, earlier) else main).append(span)
    return main, context


def types_of(view: View, action: Action, intent: IntentKind, clouds: tuple[Scope, ...]) -> list[str]:
    """Return the types of resources a message is about."""
    main, _ = kinds_of(view, clouds)
    types = [resolved(span.value, clouds) for span in main]
    ids = [
        span.value[1] for span in view.of("kind_id") if span.value[1] and (not main or not _is_target(view, span, main))
    ]
    ids = (
        ids
        if main
        else [kind for kind in ids if kind == ids[0]]
        if action in {Action.DETACH, Action.MOVE, Action.COPY}
        else ids
    )
    if not types or (all(generic_of(kind) not in map(generic_of, types) for kind in ids) and not main):
        types += ids
    if not types and intent in {IntentKind.EXECUTE, IntentKind.QUERY}:
        types = _of_containers(view, action, clouds)
    if not types:
        types = _inferred(view, action, intent, clouds)
    if re.search(r"\bkeys?\b", view.line):
        types = [_KEYS.get(kind, kind) for kind in types]
    if intent is IntentKind.REPORT_QA:
        types = [kind for kind in types if kind != "any::resource"]
    return _without_echoes(types, clouds, explained=intent is IntentKind.HELP)


def _of_containers(view: View, action: Action, clouds: tuple[Scope, ...]) -> list[str]:
    """A resource group or project that no preposition makes a place is the object itself."""
    held = view.of("container")
    alone = len(held) == 1 and not view.of("name", "everything")
    objects = [
        span
        for span in held
        if len(held) == 1
        and (span.value[2] in _OBJECT_PREPOSITIONS or (alone and span.value[0] in {"cluster", "vault"}))
        and not (action is Action.GRANT and span.value[0] != "resource_group")
    ]
    kinds = [kind for span in objects if (kind := _CONTAINER_TYPES.get(span.value[0], ""))]
    return [specific(kind, clouds[0]) if len(clouds) == 1 else kind for kind in kinds]


def _inferred(view: View, action: Action, intent: IntentKind, clouds: tuple[Scope, ...]) -> list[str]:
    if (
        not view.of("name")
        and action not in _ACCESS
        and any(re.fullmatch(r"\d+(?:\.\d+){3}", span.value) for span in view.of("cidr"))
    ):
        return ["any::vm" if len(clouds) != 1 else specific("any::vm", clouds[0])]
    names = [] if action is Action.GRANT else [span.value for span in view.of("name")]
    if intent not in {
        IntentKind.EXECUTE,
        IntentKind.QUERY,
        IntentKind.PLAYBOOK,
        IntentKind.REPORT_QA,
        IntentKind.ALERT,
    } or (not names and not view.of("everything")):
        return ["any::resource"] if _is_environment_alone(view, action) else []
    if view.of("everything") and not names:
        return ["any::resource"] if intent not in {IntentKind.REPORT_QA, IntentKind.ALERT} else []
    kind = type_of_action(action, view) if action in _ACCESS else type_of_names(names) or type_of_action(action, view)
    if not kind or (intent in {IntentKind.REPORT_QA, IntentKind.ALERT} and not type_of_names(names)):
        return []
    return [specific(kind, clouds[0]) if len(clouds) == 1 else kind]


def _is_environment_alone(view: View, action: Action) -> bool:
    """ "Shut down qa": the environment is all that is said, and means everything in it."""
    said = any(span.value[0] == "env" for span in view.of("tags"))
    return (
        said
        and action in {Action.STOP, Action.START, Action.RESTART, Action.DELETE, Action.FAILOVER, Action.ROLLBACK}
        and not re.search(r"\b(?:ones?|them|those|these|it|that)\b", view.line)
    )


def _without_echoes(types: Sequence[str], clouds: tuple[Scope, ...], *, explained: bool) -> list[str]:
    """Drop repetitions, and "server" where "rds" has been said: a generic kind next to a specific one of the same sort."""
    unique = list(dict.fromkeys(types))
    if len(clouds) > 1 and len(unique) > 1 and len({generic_of(kind) for kind in unique}) == 1 and not explained:
        return [generic_of(unique[0])]
    if len(unique) > 1:
        named = {generic_of(kind) for kind in unique if not kind.startswith("any::")}
        unique = [
            kind for kind in unique if not (kind.startswith("any::") and (kind in named or kind == "any::resource"))
        ] or unique
    return unique


def _is_target(view: View, span: Span, main: Sequence[Span]) -> bool:
    """Whether a name after a kind only says whose: "snapshots of vol-1", "detach disk d-1 from vm-2"."""
    if not main or span.first < main[0].first:
        return False
    at = span.first - 1
    while at >= 0 and view.reading.low(at) in {"the", "instance", "vm", "volume", "a"}:
        at -= 1
    adjacent = any(kind.last == span.first for kind in main)
    return not adjacent and view.reading.low(at) in {"of", "from", "to", "on", "for", "behind", "onto", "into", "with"}


def filters_of(
    view: View, action: Action, intent: IntentKind, types: Sequence[str], clouds: tuple[Scope, ...]
) -> Filters:
    """Return what the message says about the things it means, with `exclude` for what it leaves out."""
    found: Filters = {}
    excluded: Filters = {}
    for span in sorted(view.spans, key=lambda one: one.first):
        out = span.first in view.excluded
        _put(excluded if out else found, span, view, action, intent, types, out=out, clouds=clouds)
    _settle(found, view, action, intent, types)
    excluded = {key: value for key, value in excluded.items() if key not in {"limit", "group_by", "schedule"}}
    if isinstance(found.get("group_by"), str) and found["group_by"] in _TAG_GROUPS and "name" in excluded:
        excluded.setdefault("tags", {})[found["group_by"]] = excluded.pop("name")
    if extra := found.pop("exclude", None):
        excluded = _merged(excluded, extra)
    if excluded:
        found["exclude"] = excluded
    return found


def _put(
    into: Filters,
    span: Span,
    view: View,
    action: Action,
    intent: IntentKind,
    types: Sequence[str],
    *,
    out: bool,
    clouds: tuple[Scope, ...],
) -> None:
    """Write one fact down."""
    key, value = span.key, span.value
    if key in {"public", "idle", "state"} and any(kind.first == span.last for kind in kinds_of(view, clouds)[1]):
        return
    if out and key == "state" and re.search(r"\b(?:leav|keep)", view.line):
        return
    if key in _PLAIN:
        into[key] = value if key not in into or not isinstance(value, str) else into[key]
    elif key in _LISTS:
        into.setdefault(key, []).append(value)
    elif key in {"region", "zone"}:
        _append(into, key, value[1])
    elif key == "instance_type":
        into[key] = value[1]
    elif key == "tags":
        _append(into.setdefault("tags", {}), value[0], value[1])
    elif key == "set_tags":
        into.setdefault("set_tags", {})[value[0]] = value[1]
    elif key == "name":
        _put_name(into, span, view, action, types, out=out)
    elif key == "container":
        _put_container(into, span, action, types, out=out)
    elif key == "cloud" and out:
        for cloud in value:
            _append(into, "cloud", str(cloud))
    elif key == "kind" and out:
        _put_excluded_kind(into, span, clouds, types)
    elif key == "port":
        _append(into, "port", value)
    elif key == "unused":
        into["idle" if not _is_storage(types) else "attached"] = not _is_storage(types)
    elif key in {"not_env", "not_state"}:
        _put_negative(into, key, value)
    else:
        _put_by_action(into, span, view, action, intent, types)


def _put_negative(into: Filters, key: str, value: str) -> None:
    if key == "not_env":
        into.setdefault("exclude", {}).setdefault("tags", {})["env"] = value
    else:
        into.setdefault("exclude", {})["state"] = value


def _put_excluded_kind(into: Filters, span: Span, clouds: tuple[Scope, ...], types: Sequence[str]) -> None:
    kind = resolved(span.value, clouds)
    if (
        kind not in types
        and generic_of(kind) not in types
        and kind != "any::resource"
        and all(generic_of(one) != kind for one in types)
    ):
        _append(into, "resource_types", kind)


def _put_name(into: Filters, span: Span, view: View, action: Action, types: Sequence[str], *, out: bool) -> None:
    main, context = kinds_of(view, ())
    before = " ".join(view.reading.low(at) for at in range(max(0, span.first - 4), span.first))
    if re.search(r"\battached to\b", before):
        _append(into, "target", span.value)
        return
    if not out and action is Action.REVOKE_ACCESS and view.reading.low(span.last) == "'s":
        into["user"] = span.value
        return
    if not out and action is Action.GRANT and "user" not in into:
        into["user"] = span.value
        return
    owner = next((kind for kind in context if kind.last == span.first), None)
    key = "name"
    if owner and not out:
        key = {
            "keyvault::vault": "vault",
            "any::k8s_cluster": "cluster",
            "gke::cluster": "cluster",
            "aks::cluster": "cluster",
            "eks::cluster": "cluster",
            "any::network": "network",
            "vpc::vpc": "vpc",
        }.get(owner.value[0][1], "target")
        if (
            key == "target"
            and "name" not in into
            and action not in {Action.DETACH, Action.COPY, Action.MOVE}
            and not _is_target(view, span, main)
        ):
            key = "name"
    elif not out and (
        _is_target(view, span, main)
        or (
            action in {Action.DETACH, Action.MOVE, Action.COPY}
            and "name" in into
            and view.reading.low(span.first - 1) in {"from", "to", "as"}
        )
    ):
        key = (
            "target"
            if (action in CHANGES and "name" in into) or (action not in CHANGES and _is_other_kind(view, span, types))
            else "name"
        )
    if (
        key in {"name", "target"}
        and (out or "name" not in into)
        and types
        and "vpc::vpc" not in types
        and any(one.first == span.first and one.key == "kind_id" and one.value[1] == "vpc::vpc" for one in view.spans)
    ):
        key = "vpc"
    _append(into, key, span.value)


def _is_other_kind(view: View, span: Span, types: Sequence[str]) -> bool:
    kind = next((one.value[1] for one in view.of("kind_id") if one.first == span.first), "")
    return bool(kind) and kind not in types


def _put_container(into: Filters, span: Span, action: Action, types: Sequence[str], *, out: bool) -> None:
    key, name, placed = span.value
    if key == "nodepool" or (
        not out
        and (placed in _OBJECT_PREPOSITIONS or key in {"cluster", "vault"})
        and not (action is Action.GRANT and key != "resource_group")
        and _is_object(key, types)
        and "name" not in into
    ):
        _append(into, "name", name)
    else:
        _append(into, key, name if not name.islower() else name)


def _is_object(key: str, types: Sequence[str]) -> bool:
    """Whether what holds things is itself what the message is about."""
    kind = _CONTAINER_TYPES.get(key, "")
    return bool(kind) and any(kind in {one, generic_of(one)} for one in types)


def _put_by_action(
    into: Filters, span: Span, view: View, action: Action, intent: IntentKind, types: Sequence[str]
) -> None:
    """Write down what only the action gives a key to."""
    key, value = span.key, span.value
    if key == "feature":
        _put_feature(into, value, action)
    elif key in {"period", "once", "lasting", "recurring", "often"}:
        _put_time(into, key, value, view, action, intent)
    elif key == "world":
        into["world"] = True
    elif key == "port_word" and (action in _ACCESS or view.of("world", "cidr", "port") or _FIREWALLS & set(types)):
        _append(into, "port", value)
    elif key in {"to", "count_of", "desired"} and action is Action.SCALE:
        into.setdefault("count", value)
    elif key == "count_of" and action not in CHANGES:
        into["count"] = value
    elif key == "storage_tier":
        into["target" if action in {Action.MOVE, Action.COPY} else "storage_class"] = value
    elif key == "min_max" and action is Action.SCALE:
        into["min"], into["max"] = value
    elif key == "metric" and action is Action.METRICS:
        _append(into, "metric", value)
    elif key == "engine_version":
        into["engine"], into["version"] = value
    elif key == "engine" and _is_database(types) and "engine" not in into:
        into["engine"] = value


def _put_feature(into: Filters, value: tuple[str, str, bool | None], action: Action) -> None:
    feature, key, on = value
    if action in {Action.ENABLE, Action.DISABLE, Action.MODIFY}:
        into.setdefault("feature", feature)
    elif action in _PUBLICITY:
        return
    elif action is Action.CHECK:
        into[key] = on is not False or True
    elif (
        action in {Action.LIST, Action.COUNT, Action.DESCRIBE, Action.STOP, Action.DELETE, Action.COST_REPORT}
        or on is not None
    ):
        if on is not None:
            into[key] = on


def _put_time(into: Filters, key: str, value: str, view: View, action: Action, intent: IntentKind) -> None:
    changes = action in CHANGES or intent is IntentKind.PLAYBOOK
    if key == "period":
        if action is Action.RESTORE or not changes or not value.startswith(("this_", "today", "next_")):
            _append(into, "period", value)
        else:
            into.setdefault("schedule", value.replace("_", " "))
    elif key in {"recurring", "often"}:
        if key == "often" and not changes and intent is not IntentKind.COST:
            return
        if intent is IntentKind.COST:
            into.setdefault(
                "group_by", {"daily": "day", "weekly": "week", "monthly": "month", "hourly": "hour"}.get(value, value)
            )
        else:
            into.setdefault("schedule", value)
    elif key == "once":
        if changes:
            into["schedule"] = (
                f"{into['schedule']} {value}" if "schedule" in into and value not in into["schedule"] else value
            )
        elif value in {"tonight", "tomorrow"} or value.startswith("in "):
            _append(into, "period", value.replace(" ", "_"))
    elif changes and value in {"weekend", "night"}:
        into.setdefault("schedule", value)
    elif (action not in CHANGES and intent is not IntentKind.ALERT and value in {"weekend", "night"}) or (
        view.of("idle", "state", "unused")
        and intent in {IntentKind.QUERY, IntentKind.EXECUTE, IntentKind.COST}
        and not value.startswith("until")
    ):
        into["period"] = f"last_{value}"
    else:
        into["duration"] = value


def _settle(found: Filters, view: View, action: Action, intent: IntentKind, types: Sequence[str]) -> None:
    """Take out what the action itself already says, and give "the world" its meaning."""
    if found.pop("world", None):
        if action in _PUBLICITY:
            pass
        elif "port" in found or _FIREWALLS & set(types) or action in _ACCESS:
            found.setdefault("cidr", "0.0.0.0/0")
        else:
            found["public"] = True
    if "cidr" in found and found.get("public") is True:
        del found["public"]
    if action in _PUBLICITY or (action in _ACCESS and "public" in found):
        found.pop("public", None)
    if (
        action not in _ACCESS
        and not (_FIREWALLS & set(types))
        and "port" not in found
        and re.fullmatch(r"\d+(?:\.\d+){3}", str(found.get("cidr")))
    ):
        found["ip"] = found.pop("cidr")
    if action is Action.SCALE:
        found.pop("size_gb", None)
    elif action not in CHANGES and "max" in found:
        found.setdefault("limit", found.pop("max"))
    if "limit" not in found:
        found.pop("sort", None)
    if (
        action is Action.MODIFY
        and "age_days" in found
        and re.search(r"\b(?:expire|delete|purge|retain|keep|retention|expiry|expiration|remove)\b", view.line)
    ):
        found.setdefault("feature", "lifecycle")
    if action in {Action.ENABLE, Action.DISABLE} and found.get("feature") == "versioning":
        found.pop("versioning", None)
    if action is Action.UNTAG:
        found.pop("tags_present", None)
    if action in CHANGES and action is not Action.SCALE and isinstance(found.get("count"), int):
        del found["count"]
    if action is Action.CHECK and intent is IntentKind.QUERY:
        _settle_check(found, view)
    if action in CHANGES and "name" in found:
        for key in ("idle", "healthy", "attached"):
            found.pop(key, None)
    if action in {Action.AUDIT, Action.DESCRIBE} and ("name" in found or action is Action.AUDIT):
        for key in ("state", "healthy", "public", "idle", "encrypted", "attached"):
            found.pop(key, None)


def _settle_check(found: Filters, view: View) -> None:
    """A yes-or-no question names the property asked about, not its answer: "is it not encrypted" is about encryption."""
    for key in ("encrypted", "backup", "versioning", "mfa", "logging", "deletion_protection", "tagged"):
        if key in found and any(span.key in {key, "feature"} for span in view.spans) and isinstance(found[key], bool):
            found[key] = found[key] or key != "encrypted" or "un" not in view.line


def _append(into: Filters, key: str, value: Any) -> None:
    held = into.get(key)
    if held is None:
        into[key] = value
    elif isinstance(held, list):
        if value not in held:
            held.append(value)
    elif held != value:
        into[key] = [held, value]


def _merged(left: Filters, right: Filters) -> Filters:
    for key, value in right.items():
        if isinstance(value, dict):
            left[key] = {**left.get(key, {}), **value}
        else:
            left.setdefault(key, value)
    return left


def _is_storage(types: Sequence[str]) -> bool:
    return any(
        kind.endswith(("::volume", "::disk", "::elastic_ip", "::publicip", "::address", "::network_interface", "::nic"))
        for kind in types
    )


def _is_database(types: Sequence[str]) -> bool:
    return any(
        "database" in kind or kind.startswith(("rds::", "sql::", "postgresql::", "mysql::", "elasticache::"))
        for kind in types
    )
