"""What the declarations of all Azure operations share: command lines, tags and their undo."""

import shlex

from engine.clouds.azure.names import parse
from engine.clouds.operation import ExpandedStep, Inverse, Param, ParamKind, Params
from engine.clouds.verdicts import listed, texts
from engine.estate.resource import Json, Resource

# https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations: at most 50 tags, values of at most 256
# characters, names without <, >, %, &, \, ?, / (a slash is left to values; Azure itself refuses it in a name).
_TAG_TEXT = r"[^<>%&\\?\x00-\x1f]{0,256}"
TAGS = Param(name="tags", kind=ParamKind.TEXT_MAP, required=False, pattern=_TAG_TEXT, most=50)
KEYS = Param(name="keys", kind=ParamKind.TEXT_LIST, pattern=_TAG_TEXT, most=50)
REMOVE = Param(name="remove", kind=ParamKind.TEXT_LIST, required=False, pattern=_TAG_TEXT, most=50)


def command(*words: str, resource: Resource, options: tuple[str, ...] = ()) -> str:
    """Return one `az` command line on a resource, quoted for a POSIX shell."""
    id_ = parse(resource.id)
    place = ("--subscription", id_.subscription, "--resource-group", id_.group, "--name", resource.name)
    return shlex.join(["az", *words, *place, *options])


def merged(before: dict[str, str], params: Params) -> dict[str, str]:
    """Return the tags after setting `tags` and taking away `remove`; tag names compare without regard to case.

    Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources.
    """
    spelled = {key.lower(): key for key in before}
    after = dict(before)
    for key, value in texts(params, "tags").items():
        after[spelled.get(key.lower(), key)] = value
    for key in listed(params, "remove"):
        after.pop(spelled.get(key.lower(), key), None)
    return after


def tagged(now: Resource, params: Params) -> bool:
    """Whether all wanted tags are there and none of the unwanted; a wish for nothing is never fulfilled."""
    asked = texts(params, "tags") or listed(params, "remove")
    return bool(asked) and merged(dict(now.tags), params) == dict(now.tags)


def _undo(before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    spelled = {key.lower(): key for key in before.tags}
    wanted = texts(params, "tags")
    old: dict[str, Json] = {}
    for key in (*wanted, *listed(params, "remove")):
        name = spelled.get(key.lower())
        if name is not None and wanted.get(key) != before.tags[name]:
            old[name] = before.tags[name]
    new: list[Json] = [key for key in sorted(wanted) if key.lower() not in spelled]
    if not old and not new:
        return ()
    return (ExpandedStep(operation="azure.compute.virtual_machines_update", params={"tags": old, "remove": new}),)


UNDO_TAGGING = Inverse(operation="azure.compute.virtual_machines_update", choose=_undo)
