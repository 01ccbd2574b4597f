"""Which clouds and which kinds of resources a message is about."""

import re
from collections.abc import Sequence

from agent_server.contract.intent import Action, IntentKind, Scope
from agent_server.contract.types import generic_of, specific
from agent_server.models.offline.asked import ACCESS, RELOCATING
from agent_server.models.offline.entities.kinds import is_context, resolved
from agent_server.models.offline.hints import type_of_action, type_of_names
from agent_server.models.offline.tokens import Span
from agent_server.models.offline.view import View

OBJECT_PREPOSITIONS = frozenset({"", "on", "to", "of", "for", "and", ",", "owner on"})
_KEYS = {"iam::serviceaccount": "iam::serviceaccount_key", "iam::user": "iam::access_key"}
_CLOUD_WORDS = frozenset({"aws", "azure", "gcp", "google"})
_CLUSTERS = frozenset({"gke::cluster", "eks::cluster", "aks::cluster", "any::k8s_cluster"})
CONTAINER_TYPES = {
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


def clouds_of(view: View) -> tuple[Scope, ...]:
    """Return every cloud that follows from the words, in the order of the enum."""
    found: set[Scope] = set()
    for span in view.spans:
        found.update(_clouds_said(span))
    for span in view.of("cloud_excluded"):
        found.discard(span.value)
    return tuple(cloud for cloud in Scope if cloud in found)


def _clouds_said(span: Span) -> tuple[Scope, ...]:
    match span.key:
        case "cloud":
            return tuple(span.value)
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


def kinds_of(view: View) -> tuple[list[Span], list[Span]]:
    """Return the kinds a message is about, and those that only say where or with what."""
    main: list[Span] = []
    context: list[Span] = []
    ids = view.of("kind_id")
    for span in sorted(view.of("kind"), key=lambda one: one.first):
        earlier = main or [one for one in ids if one.last < span.first]
        if _is_made_of(view, span):
            context.append(span)
            continue
        if (
            context
            and context[-1].last == span.first - 1
            and view.reading.low(span.first - 1) in {"and", "or", ",", "&"}
        ):
            context.append(span)
            continue
        (context if is_context(view.reading, span, earlier) else main).append(span)
    return main, context


def _is_made_of(view: View, span: Span) -> bool:
    """'Gke deployment checkout': the cluster only says where the Kubernetes object is."""
    if not {kind for _, kind in span.value} <= _CLUSTERS:
        return False
    return any(
        other.first == span.last and all(kind.startswith("k8s::") for _, kind in other.value)
        for other in view.of("kind")
    )


def types_of(view: View, action: Action, intent: IntentKind, clouds: tuple[Scope, ...]) -> list[str]:
    """Return the types of resources a message is about."""
    main, _ = kinds_of(view)
    types = [_said(view, span, clouds) for span in main]
    ids = [
        span.value[1]
        for span in view.of("kind_id")
        if span.value[1] and (not main or not is_of_another(view, span, main))
    ]
    ids = ids if main else [kind for kind in ids if kind == ids[0]] if action in RELOCATING else ids
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


def _said(view: View, span: Span, clouds: tuple[Scope, ...]) -> str:
    """Return the type of a kind; in "aws vs azure database spend" the cloud before it belongs to the list, not to the kind."""
    kind = resolved(span.value, clouds)
    return generic_of(kind) if len(clouds) > 1 and view.reading.low(span.first) in _CLOUD_WORDS else kind


def _of_containers(view: View, action: Action, clouds: tuple[Scope, ...]) -> list[str]:
    """A resource group or project that no preposition makes a place is the object itself."""
    held = view.of("container")
    alone = len(held) == 1 and not view.of("name", "everything")
    objects = [
        span
        for span in held
        if len(held) == 1
        and (span.value[2] in OBJECT_PREPOSITIONS or (alone and span.value[0] in {"cluster", "vault"}))
        and not (action is Action.GRANT and span.value[0] != "resource_group")
    ]
    kinds = [kind for span in objects if (kind := CONTAINER_TYPES.get(span.value[0], ""))]
    return [specific(kind, clouds[0]) if len(clouds) == 1 else kind for kind in kinds]


def _inferred(view: View, action: Action, intent: IntentKind, clouds: tuple[Scope, ...]) -> list[str]:
    if (
        not view.of("name")
        and action not in ACCESS
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
    likely = _sized(view) or type_of_names(names) or _launched(view, action)
    kind = type_of_action(action, view) if action in ACCESS else likely or type_of_action(action, view)
    if not kind or (intent in {IntentKind.REPORT_QA, IntentKind.ALERT} and not type_of_names(names)):
        return []
    return [specific(kind, clouds[0]) if len(clouds) == 1 else kind]


def _sized(view: View) -> str:
    """A size that only databases have: `db.m5.large`, `db-custom-4-16384`."""
    sizes = [span.value[1] for span in view.of("instance_type")]
    return "any::database" if any(size.startswith("db") for size in sizes) else ""


def _launched(view: View, action: Action) -> str:
    """'Spin up a t3.micro': a size that is no database's is a machine."""
    return "any::vm" if action is Action.CREATE and view.of("instance_type") else ""


def _is_environment_alone(view: View, action: Action) -> bool:
    """'Shut down qa': the environment is all that is said, and means everything in it."""
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


def is_of_another(view: View, span: Span, main: Sequence[Span]) -> bool:
    """Whether a name after a kind only says whose: "snapshots of vol-1", "detach disk d-1 from vm-2"."""
    if not main or span.first < main[0].first:
        return False
    at = span.first - 1
    while at >= 0 and view.reading.low(at) in {"the", "instance", "vm", "volume", "a"}:
        at -= 1
    adjacent = any(kind.last == span.first for kind in main)
    return not adjacent and view.reading.low(at) in {"of", "from", "to", "on", "for", "behind", "onto", "into", "with"}
