"""What the declarations of all Azure operations share: command lines, tags and their undo."""

import shlex
from collections.abc import Callable, Mapping

from engine.clouds.azure.names import parse
from engine.clouds.operation import ExpandedStep, Inverse, Param, ParamKind, Params, Verdict
from engine.clouds.verdicts import Judge, listed, text, texts
from engine.estate.resource import Json, Resource

# https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations: at most 50 tags, values of at most 256
# characters, names without <, >, %, &, \, ?, / (a slash is left to values; Azure itself refuses it in a name).
_TAG_TEXT = r"[^<>%&\\?\x00-\x1f]{0,256}"
TAGS = Param(name="tags", kind=ParamKind.TEXT_MAP, required=False, pattern=_TAG_TEXT, most=50)
KEYS = Param(name="keys", kind=ParamKind.TEXT_LIST, pattern=_TAG_TEXT, most=50)
REMOVE = Param(name="remove", kind=ParamKind.TEXT_LIST, required=False, pattern=_TAG_TEXT, most=50)
SIZE = Param(name="size", kind=ParamKind.TEXT, required=False, pattern=r"[A-Za-z0-9_\-]+", most=60)
INSTANCE_TYPE = Param(name="instance_type", kind=ParamKind.TEXT, pattern=r"[A-Za-z0-9_\-]+", most=60)
SUFFIX = Param(
    name="suffix", kind=ParamKind.TEXT, required=False, pattern=r"[a-z0-9]+(-[a-z0-9]+)*", most=40, from_plan=True
)
# Marks a snapshot as one that a plan took; its value is the suffix of the name.
SNAPSHOT_TAG = "escher-snapshot"
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcompute
_MOST_NAME = 80


def command(*words: str, resource: Resource, named: tuple[str, ...] = (), options: tuple[str, ...] = ()) -> str:
    """Return one `az` command line on a resource, quoted for a POSIX shell; `named` says otherwise who is meant."""
    id_ = parse(resource.id)
    place = ("--subscription", id_.subscription, "--resource-group", id_.group, *(named or ("--name", resource.name)))
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


def snapshot_name(resource: Resource, params: Params) -> str:
    """Return the name of a disk's snapshot, the same at every attempt: the disk's name and the suffix."""
    suffix = text(params, "suffix")
    return f"{parse(resource.id).name[: _MOST_NAME - len(suffix) - 1]}-{suffix}"


def collection_name(resource: Resource) -> str:
    """Return the name of the restore point collection in which plans keep the restore points of a machine."""
    return f"escher-{parse(resource.id).name}"[:_MOST_NAME]


def copied(name_of: Callable[[Resource, Params], str]) -> Judge:
    """Return a verdict by the fact `snapshots` that a fresh read fills: names to states of what plans have taken."""

    def judge(now: Resource | None, params: Params) -> Verdict:
        known = now.facts.get("snapshots") if now is not None else None
        state = known.get(name_of(now, params)) if now is not None and isinstance(known, Mapping) else None
        if state is None or state == "failed":
            return Verdict.NOT_DONE
        return Verdict.DONE if state == "available" else Verdict.UNDERWAY

    return judge


def settled(judge: Judge) -> Judge:
    """Return a verdict that is done only when Azure has finished the change.

    A machine shows its new power state, size and tags before `provisioningState` leaves `Updating`, and refuses the next change until then
    (https://learn.microsoft.com/azure/virtual-machines/states-billing#provisioning-states).
    """

    def patient(now: Resource | None, params: Params) -> Verdict:
        verdict = judge(now, params)
        busy = now is not None and now.facts.get("provisioning") in {"creating", "updating"}
        return Verdict.UNDERWAY if verdict is Verdict.DONE and busy else verdict

    return patient


def tagged(now: Resource, params: Params) -> bool:
    """Whether size and tags are as wanted and no unwanted tag is there; a wish for nothing is never fulfilled."""
    size = text(params, "size")
    asked = size or texts(params, "tags") or listed(params, "remove")
    sized = not size or now.size.lower() == size.lower()
    return bool(asked) and sized and merged(dict(now.tags), params) == dict(now.tags)


def _undo(before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    spelled = {key.lower(): key for key in before.tags}
    wanted = texts(params, "tags")
    old: dict[str, Json] = {}
    for key in (*wanted, *listed(params, "remove")):
        name = spelled.get(key.lower())
        if name is not None and wanted.get(key) != before.tags[name]:
            old[name] = before.tags[name]
    new: list[Json] = [key for key in sorted(wanted) if key.lower() not in spelled]
    back: dict[str, Json] = {"tags": old, "remove": new} if old or new else {}
    if text(params, "size") and before.size:
        back["size"] = before.size
    return (ExpandedStep(operation="azure.compute.virtual_machines_update", params=back),) if back else ()


UNDO_UPDATE = Inverse(operation="azure.compute.virtual_machines_update", choose=_undo)
