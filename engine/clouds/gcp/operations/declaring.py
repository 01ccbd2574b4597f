"""What the declarations of all GCP operations share: command lines, labels and their undo."""

import shlex
from collections.abc import Mapping

from engine.clouds.gcp.names import last, parse, project_of
from engine.clouds.operation import ExpandedStep, Inverse, Param, ParamKind, Params, Verdict
from engine.clouds.verdicts import listed, text, texts
from engine.estate.resource import Json, Resource

# https://cloud.google.com/compute/docs/labeling-resources#requirements: at most 64 labels; lower-case letters, digits, underscores and dashes.
_LABEL_TEXT = r"[a-z0-9_\-]{0,63}"
TAGS = Param(name="tags", kind=ParamKind.TEXT_MAP, required=False, pattern=_LABEL_TEXT, most=64)
KEYS = Param(name="keys", kind=ParamKind.TEXT_LIST, pattern=_LABEL_TEXT, most=64)
REMOVE = Param(name="remove", kind=ParamKind.TEXT_LIST, required=False, pattern=_LABEL_TEXT, most=64)
INSTANCE_TYPE = Param(name="instance_type", kind=ParamKind.TEXT, pattern=r"[a-z][a-z0-9\-]{0,62}", most=63)
SUFFIX = Param(
    name="suffix", kind=ParamKind.TEXT, required=False, pattern=r"[a-z0-9]+(-[a-z0-9]+)*", most=40, from_plan=True
)
# https://cloud.google.com/compute/docs/naming-resources
_MOST_NAME = 63
SET_LABELS = "gcp.compute.instances_set_labels"


def command(*words: str, resource: Resource, options: tuple[str, ...] = ()) -> str:
    """Return one `gcloud` command line on something in a zone, quoted for a POSIX shell."""
    path = parse(resource.id)
    return shlex.join(["gcloud", *words, path.name, "--zone", path.zone, "--project", path.project, *options])


def global_command(*words: str, resource: Resource, name: str, options: tuple[str, ...] = ()) -> str:
    """Return one `gcloud` command line on something global in the project of `resource`."""
    return shlex.join(["gcloud", *words, name, "--project", project_of(resource.id), *options])


def copy_name(resource: Resource, params: Params) -> str:
    """Return the name of a snapshot or a machine image, the same at every attempt: the source's name and the suffix."""
    suffix = text(params, "suffix")
    return f"{last(resource.id)[: _MOST_NAME - len(suffix) - 1]}-{suffix}"


def copied(now: Resource | None, params: Params) -> Verdict:
    """Judge by the fact `snapshots` that a fresh read fills: names to states of what plans have taken."""
    known = now.facts.get("snapshots") if now is not None else None
    state = known.get(copy_name(now, params)) if now is not None and isinstance(known, Mapping) else None
    if state is None or state == "failed":
        return Verdict.NOT_DONE
    return Verdict.DONE if state == "available" else Verdict.UNDERWAY


def merged(before: dict[str, str], params: Params) -> dict[str, str]:
    """Return the labels after setting `tags` and taking away `remove`."""
    after = {**before, **texts(params, "tags")}
    for key in listed(params, "remove"):
        after.pop(key, None)
    return after


def tagged(now: Resource, params: Params) -> bool:
    """Whether all wanted labels are there and none of the unwanted; a wish for nothing is never fulfilled."""
    asked = texts(params, "tags") or listed(params, "remove")
    return bool(asked) and merged(dict(now.tags), params) == dict(now.tags)


def _undo(before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    wanted = texts(params, "tags")
    touched = (*wanted, *listed(params, "remove"))
    old: dict[str, Json] = {
        key: before.tags[key] for key in touched if key in before.tags and wanted.get(key) != before.tags[key]
    }
    new: list[Json] = [key for key in sorted(wanted) if key not in before.tags]
    return (ExpandedStep(operation=SET_LABELS, params={"tags": old, "remove": new}),) if old or new else ()


UNDO_LABELS = Inverse(operation=SET_LABELS, choose=_undo)
