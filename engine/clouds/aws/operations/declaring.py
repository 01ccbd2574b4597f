"""What the declarations of all AWS operations share: command lines, judging snapshots and tags, undos of tags."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence

from engine.clouds.aws.names import local_id
from engine.clouds.operation import ExpandedStep, Inverse, Param, ParamKind, Params, Verdict
from engine.clouds.verdicts import listed, text, texts
from engine.estate.resource import Json, Resource

CommandLine = Callable[[Resource, Params], str]

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: at most 50 tags, keys of at most
# 128 and values of at most 256 characters; keys that begin with `aws:` are AWS's own.
TAG_TEXT = r"(?!aws:)[\w .:/=+@\-]{0,256}"
TAGS = Param(name="tags", kind=ParamKind.TEXT_MAP, pattern=TAG_TEXT, most=50)
KEYS = Param(name="keys", kind=ParamKind.TEXT_LIST, pattern=r"(?!aws:)[\w .:/=+@\-]{1,128}", most=128)

# What a thing made by a plan is named after: the plan's id, unless the proposal gives another word. RDS wants letters, digits
# and single hyphens: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
SUFFIX = Param(
    name="suffix", kind=ParamKind.TEXT, required=False, pattern=r"[a-z0-9]+(-[a-z0-9]+)*", most=40, from_plan=True
)
# EBS snapshots have no names; this tag holds the suffix.
SNAPSHOT_TAG = "escher-snapshot"


def command(service: str, verb: str, region: str, **options: str | Sequence[str] | None) -> str:
    """Return one `aws` command line, quoted for a POSIX shell; an option without a value is a flag."""
    words = ["aws", service, verb, "--region", region]
    for name, value in options.items():
        words.append("--" + name.replace("_", "-"))
        if value is not None:
            words += [value] if isinstance(value, str) else list(value)
    return shlex.join(words)


def snapshots_taken(now: Resource | None, params: Params) -> Verdict:
    """Judge EBS snapshots by the fact `snapshots` that a fresh read fills: suffix to the states of its snapshots."""
    known = now.facts.get("snapshots") if now is not None else None
    states = known.get(text(params, "suffix")) if isinstance(known, Mapping) else None
    if not isinstance(states, list) or not states or "error" in states:
        return Verdict.NOT_DONE
    return Verdict.DONE if set(states) == {"completed"} else Verdict.UNDERWAY


def tagged(now: Resource, params: Params) -> bool:
    """Whether all the wanted tags are there."""
    return all(now.tags.get(key) == value for key, value in texts(params, "tags").items())


def untagged(now: Resource, params: Params) -> bool:
    """Whether none of the unwanted tags is there."""
    return not any(key in now.tags for key in listed(params, "keys"))


def undo_tagging(*, add: str, remove: str) -> Inverse:
    """Return the undo of adding tags: old values come back, keys that were not there go."""

    def choose(before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
        wanted = texts(params, "tags")
        old: dict[str, Json] = {
            key: before.tags[key] for key, value in wanted.items() if key in before.tags and before.tags[key] != value
        }
        new: list[Json] = [key for key in sorted(wanted) if key not in before.tags]
        steps = [ExpandedStep(operation=add, params={"tags": old}, reason="old values")] if old else []
        if new:
            steps.append(ExpandedStep(operation=remove, params={"keys": new}, reason="keys that were not there"))
        return tuple(steps)

    return Inverse(operation=remove, choose=choose)


def undo_untagging(*, add: str) -> Inverse:
    """Return the undo of removing tags: those that were there come back."""

    def choose(before: Resource, params: Params) -> tuple[ExpandedStep, ...]:
        old: dict[str, Json] = {key: before.tags[key] for key in listed(params, "keys") if key in before.tags}
        return (ExpandedStep(operation=add, params={"tags": old}),) if old else ()

    return Inverse(operation=add, choose=choose)


def as_tag_options(tags: Mapping[str, str]) -> list[str]:
    """Return tags in the command line's short form."""
    return [f"Key={key},Value={json.dumps(value) if ',' in value else value}" for key, value in tags.items()]


def own_id(resource: Resource) -> str:
    """Return what the API calls the resource."""
    return local_id(resource.id)
