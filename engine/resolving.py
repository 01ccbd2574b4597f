"""From an intent to resources: all that are meant, none that are not, and what could not be seen.

Pure but for the estate it is given. Whatever cannot be honoured exactly ends in a `Refusal` or a `Question`; a filter is never
dropped, because that would widen what is touched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent_server.contract.intent import Action, Intent, Part
from engine.clouds.catalog import Catalog
from engine.clouds.ports import CloudAccount
from engine.estate.asked import READING, Asked, Unanswerable, from_intent
from engine.estate.kinds import called, on_cloud
from engine.estate.resource import Json
from engine.estate.selector import Selector
from engine.planning.following import Following
from engine.refusal import Refusal

# Which filters of an intent give which parameters of the operations that serve an action; a planner chooses none.
_SAID: Mapping[str, Mapping[str, str]] = {
    "tag": {"set_tags": "tags"},
    "untag": {"remove_tags": "keys"},
    "resize": {"instance_type": "instance_type", "size_gb": "size_gb"},
    "enable": {"feature": "feature"},
    "disable": {"feature": "feature"},
}

_HARMLESS = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One part of a request, ready to be looked up.

    Attributes:
        action: The verb.
        selector: Which resources.
        filters: The filters as said, for parameters of the action.
        about: Words that describe rather than name, for a search by meaning.
        after: Indexes of parts that must come first.
        named: Names that were said.
        by_name: When names were said with a general kind at most: the same without the kind, for when nothing of that
            kind has the name. What a thing is called says more than what somebody calls its kind.
        follow: The playbook whose steps are wanted instead of the verb.
    """

    action: str
    selector: Selector
    filters: Mapping[str, Any]
    about: str = ""
    after: tuple[int, ...] = ()
    named: tuple[str, ...] = field(default=())
    by_name: Selector | None = None
    follow: Following | None = None


def wanted(
    intent: Intent,
    *,
    shown: Sequence[str] | None,
    accounts: Iterable[CloudAccount],
    env_keys: Sequence[str],
    catalog: Catalog,
) -> tuple[Wanted, ...] | Refusal:
    """Return the parts of a request, or why it cannot be looked up.

    Args:
        intent: What was asked, in real names.
        shown: Full ids that "those" means, or None when nothing was referred to.
        accounts: The connected accounts.
        env_keys: Tag keys that tell the environment.
        catalog: What can be done at all.
    """
    known = tuple(accounts)
    parts: list[Wanted] = []
    for part in _parts(intent):
        filters = {key: value for key, value in part.filters.items() if key != "about"}
        asked = Asked(
            action=part.action.value,
            cloud=part.cloud.value,
            clouds=tuple(cloud.value for cloud in intent.clouds),
            resource_types=tuple(part.resource_types),
            filters=filters,
        )
        selector = from_intent(asked, accounts=known, env_keys=env_keys)
        if isinstance(selector, Unanswerable):
            return Refusal(code=f"estate.{selector.key}", message=selector.sentence, doors=("help",))
        if shown is not None:
            selector = replace(selector, ids=frozenset(shown))
        elif selector.types and selector.types <= unread_types(selector, known):
            return Refusal(
                code="estate.not_read",
                message=f"I do not look after {called(part.resource_types)} yet, so I know nothing of them.",
                doors=("help", "list everything there is"),
            )
        narrowed = selector if asked.reads_only else _doable(part.action.value, selector, part, catalog)
        if isinstance(narrowed, Refusal):
            return narrowed
        parts.append(
            Wanted(
                action=part.action.value,
                selector=narrowed,
                filters=part.filters,
                about=str(part.filters.get("about", "")),
                after=tuple(part.after),
                named=_listed(part.filters.get("name")),
                by_name=_by_name(part, narrowed, catalog),
            )
        )
    return tuple(parts)


def unread_types(selector: Selector, accounts: Iterable[CloudAccount]) -> frozenset[str]:
    """Return which of the types that a selector means no connected account reads, on the clouds that are connected."""
    asked = [one for one in accounts if not selector.clouds or one.cloud in selector.clouds]
    if not asked or not selector.types:
        return frozenset()
    connected = {one.cloud for one in asked}
    possible = {type_ for type_ in selector.types if any(on_cloud(type_, cloud.value) for cloud in connected)}
    return frozenset(possible - frozenset[str]().union(*(one.types for one in asked))) | (selector.types - possible)


def unscoped(selector: Selector, action: str, *, dangerous: bool = False) -> bool:
    """Say whether a selector names a kind at most, and so would mean everything of it.

    A cloud and a state narrow nothing that is stopped or deleted, because most of a kind is in one state. What is to be started is the few
    that were put aside, nothing is lost by it, and it is on the card before it happens: "the deallocated azure vms" says which.
    """
    if action == _HARMLESS and selector.states and selector.clouds and not dangerous:
        return False
    bare = Selector(
        types=selector.types,
        clouds=selector.clouds,
        env_keys=selector.env_keys,
        states=selector.states,
        exclude=selector.exclude,
    )
    return bare == selector


def parameters(action: str, filters: Mapping[str, Any]) -> dict[str, Json]:
    """Return the parameters of an action that were said with it, in the form its operations take."""
    wanted = _SAID.get(action, {})
    return {wanted[key]: _as_parameter(wanted[key], filters[key]) for key in wanted if filters.get(key) is not None}


def _as_parameter(name: str, value: Any) -> Json:
    match name:
        case "tags" if isinstance(value, Mapping):
            return {str(key): str(one).lower() if isinstance(one, bool) else str(one) for key, one in value.items()}
        case "keys":
            return [str(one) for one in value] if isinstance(value, list | tuple | Mapping) else [str(value)]
        case "size_gb" if isinstance(value, float) and value.is_integer():
            return int(value)
        case _:
            only: Json = value[0] if isinstance(value, list) and len(value) == 1 else value
            return only


def _parts(intent: Intent) -> tuple[Part, ...]:
    """Return the parts; several steps on one target become a chain of parts with the same filters."""
    if intent.parts:
        return tuple(intent.parts)
    changing = [step for step in intent.steps if step.value not in READING]
    actions: Sequence[Action] = changing if len(changing) > 1 else (intent.action,)
    return tuple(
        Part(
            action=action,
            cloud=intent.cloud,
            resource_types=intent.resource_types,
            filters=dict(_of_step(action, actions, intent.filters)),
            after=[index - 1] if index else [],
        )
        for index, action in enumerate(actions)
    )


def _of_step(action: Action, chain: Sequence[Action], filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the filters of one step of a chain: what things are to be resized to does not select those that are stopped first."""
    if action is Action.RESIZE or Action.RESIZE not in chain:
        return filters
    return {key: value for key, value in filters.items() if key != "instance_type"}


def _doable(action: str, selector: Selector, part: Part, catalog: Catalog) -> Selector | Refusal:
    """Keep the kinds on which the action can be done; when a kind was named, all of it must be among them."""
    possible = catalog.types_for(action)
    if not possible and action == Action.ROLLBACK.value:
        return Refusal(
            code="catalog.action",
            message="I can take back only what a plan of mine did, one plan at a time: say “undo” in its thread, or with its id.",
            doors=("pending", "help"),
        )
    if not possible:
        return Refusal(
            code="catalog.action",
            message=f"I cannot {_verb(action)} anything yet. What I can do: {_possible(catalog)}.",
            doors=("help", "list what can be done"),
        )
    if not selector.types:
        return replace(selector, types=possible)
    kept = selector.types & possible
    if kept:
        return replace(selector, types=kept)
    if _loosely(part):
        return replace(selector, types=possible)
    asked, able = called(part.resource_types), called(possible)
    return Refusal(
        code="catalog.type",
        message=f"I cannot {_verb(action)} {asked} yet; I can {_verb(action)} {able}.",
        doors=("help",),
    )


def _possible(catalog: Catalog) -> str:
    actions = {one.action for one in catalog.operations.values()} | {one.action for one in catalog.composites.values()}
    verbs = sorted(_verb(action) for action in actions if action)
    return f"{', '.join(verbs[:-1])} and {verbs[-1]}" if len(verbs) > 1 else "".join(verbs)


def _loosely(part: Part) -> bool:
    return bool(part.filters.get("name")) and all(kind.startswith("any::") for kind in part.resource_types)


def _by_name(part: Part, selector: Selector, catalog: Catalog) -> Selector | None:
    possible = catalog.types_for(part.action.value)
    return replace(selector, types=possible) if possible and _loosely(part) else None


def _verb(action: str) -> str:
    return action.replace("_", " ")


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)
