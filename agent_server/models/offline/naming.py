"""Names in filters: of the thing itself, of what it belongs to, of whom rights are given to."""

import re

from agent_server.contract.intent import Action
from agent_server.contract.types import generic_of
from agent_server.models.offline.asked import RELOCATING, Asked, Filters, append
from agent_server.models.offline.targets import CONTAINER_TYPES, OBJECT_PREPOSITIONS, is_of_another, kinds_of
from agent_server.models.offline.tokens import Span

_OWNERS = {
    "keyvault::vault": "vault", "any::k8s_cluster": "cluster", "gke::cluster": "cluster", "aks::cluster": "cluster", "eks::cluster": "cluster",
    "any::network": "network", "vpc::vpc": "vpc",
}  # fmt: skip


def write_name(into: Filters, span: Span, asked: Asked, *, out: bool) -> None:
    """Write a name under the key of its part in the sentence."""
    key = "name" if out else _part(into, span, asked)
    if key in {"name", "target"} and (out or "name" not in into) and _is_network_around(span, asked):
        key = "vpc"
    if key == "user":
        into["user"] = span.value
    else:
        append(into, key, span.value)


def write_container(into: Filters, span: Span, asked: Asked, *, out: bool) -> None:
    """Write what holds things: as the name when it is itself the object, else under its own key."""
    key, name, preposition = span.value
    itself = not out and (preposition in OBJECT_PREPOSITIONS or key in {"cluster", "vault"}) and "name" not in into
    granted = asked.action is Action.GRANT and key != "resource_group"
    if key == "nodepool" or (itself and not granted and _is_kind(key, asked)):
        append(into, "name", name)
    else:
        append(into, key, name)


def _part(into: Filters, span: Span, asked: Asked) -> str:
    """Return the key of a name: `target` of what it is attached to, `user` of who gets rights, a container, or `name`."""
    view, action = asked.view, asked.action
    before = " ".join(view.reading.low(at) for at in range(max(0, span.first - 4), span.first))
    if re.search(r"\battached to\b", before):
        return "target"
    if action is Action.REVOKE_ACCESS and view.reading.low(span.last) == "'s":
        return "user"
    if action is Action.GRANT and "user" not in into:
        return "name" if _is_introduced(span, asked) else "user"
    return _place(into, span, asked)


def _is_introduced(span: Span, asked: Asked) -> bool:
    """Whether the word before says what sort of identity it is: "iam user bo" is a thing of the estate, "bo" somebody."""
    return any(
        kind.last == span.first and found.startswith(("iam::", "entra::", "any::user"))
        for kind in asked.view.of("kind")
        for _, found in kind.value
    )


def _place(into: Filters, span: Span, asked: Asked) -> str:
    view, action = asked.view, asked.action
    main, context = kinds_of(view)
    another = is_of_another(view, span, main)
    owner = next((kind for kind in context if kind.last == span.first), None)
    if owner:
        key = _OWNERS.get(owner.value[0][1], "target")
        is_the_object = "name" not in into and action not in RELOCATING and not another
        return "name" if key == "target" and is_the_object else key
    moved = action in RELOCATING and "name" in into and view.reading.low(span.first - 1) in {"from", "to", "as"}
    if not (another or moved):
        return "name"
    return "target" if ("name" in into if asked.changes else _is_other_kind(span, asked)) else "name"


def _is_other_kind(span: Span, asked: Asked) -> bool:
    kind = next((one.value[1] for one in asked.view.of("kind_id") if one.first == span.first), "")
    return bool(kind) and kind not in asked.types


def _is_network_around(span: Span, asked: Asked) -> bool:
    """'Subnets in vpc-0ab': the id of a network says where other things are."""
    if not asked.types or "vpc::vpc" in asked.types:
        return False
    return any(
        one.first == span.first and one.key == "kind_id" and one.value[1] == "vpc::vpc" for one in asked.view.spans
    )


def _is_kind(key: str, asked: Asked) -> bool:
    """Whether what holds things is itself what the message is about."""
    kind = CONTAINER_TYPES.get(key, "")
    return bool(kind) and any(kind in {one, generic_of(one)} for one in asked.types)
