"""Small checks from which the block and element tables are built.

Each check looks at one JSON value and writes what is wrong into a `Report`, in the words Slack uses
(`no more than 50 items allowed [json-pointer:/blocks]`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """Collects complaints.

    Attributes:
        surface: Where the blocks go: `message`, `modal` or `home`.
        complaints: One line each, ending in a JSON pointer.
    """

    surface: str
    complaints: list[str] = field(default_factory=list)

    def add(self, complaint: str, path: str) -> None:
        """Note one complaint about the value at `path`."""
        self.complaints.append(f"{complaint} [json-pointer:{path}]")


Check = Callable[[Any, str, Report], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The fields an object may have.

    Attributes:
        docs: The vendor page the shape comes from.
        required: Fields that must be there.
        optional: Fields that may be there; any other field is refused.
        surfaces: Where a block of this shape may stand.
        rules: Checks over the whole object.
    """

    docs: str
    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    surfaces: frozenset[str] = frozenset({"message", "modal", "home"})
    rules: tuple[Check, ...] = ()


def conform(value: Any, path: str, report: Report, shape: Shape, *, always: Iterable[str] = ("type",)) -> None:
    """Check an object against a shape; `always` names fields that every object of this kind may have."""
    if not isinstance(value, dict):
        report.add("must provide an object", path)
        return
    for name, check in shape.required.items():
        if value.get(name) is None:
            report.add(f"missing required field: {name}", path)
        else:
            check(value[name], f"{path}/{name}", report)
    for name, item in value.items():
        if name in shape.optional:
            shape.optional[name](item, f"{path}/{name}", report)
        elif name not in shape.required and name not in always:
            report.add(f"invalid additional property: {name}", path)
    for rule in shape.rules:
        rule(value, path, report)


def string(maximum: int, *, minimum: int = 1) -> Check:
    """Accept a string of `minimum` to `maximum` characters."""

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add("must provide a string", path)
        elif len(value) > maximum:
            report.add(f"must be less than {maximum + 1} characters", path)
        elif len(value) < minimum:
            report.add(f"must be more than {minimum - 1} characters", path)

    return check


def one_of(*allowed: str) -> Check:
    """Accept one of the given words."""

    def check(value: Any, path: str, report: Report) -> None:
        if value not in allowed:
            report.add(f"value must be one of {', '.join(allowed)}", path)

    return check


def boolean(value: Any, path: str, report: Report) -> None:
    """Accept true or false."""
    if not isinstance(value, bool):
        report.add("must provide a boolean", path)


def integer(value: Any, path: str, report: Report) -> None:
    """Accept a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        report.add("must provide an integer", path)


def array(item: Check, *, maximum: int, minimum: int = 1) -> Check:
    """Accept a list of `minimum` to `maximum` items that pass `item`."""

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add("must provide an array", path)
            return
        if len(value) > maximum:
            report.add(f"no more than {maximum} items allowed", path)
        if len(value) < minimum:
            report.add(f"no fewer than {minimum} items allowed", path)
        for index, entry in enumerate(value):
            item(entry, f"{path}/{index}", report)

    return check


def obj(shape: Shape) -> Check:
    """Accept an object of one shape."""

    def check(value: Any, path: str, report: Report) -> None:
        conform(value, path, report, shape, always=())

    return check


def typed(shapes: Mapping[str, Shape], *, always: Iterable[str] = ("type",)) -> Check:
    """Accept an object whose `type` names one of the shapes."""

    def check(value: Any, path: str, report: Report) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes:
            report.add(f"unsupported type: {kind}", f"{path}/type")
        else:
            conform(value, path, report, shapes[kind], always=always)

    return check


def text(maximum: int, *kinds: str) -> Check:
    """Accept a text object of one of the kinds.

    Source: https://docs.slack.dev/reference/block-kit/composition-objects/text-object/ (`emoji` belongs to plain_text
    only, `verbatim` to mrkdwn only; at least one character).
    """
    docs = "https://docs.slack.dev/reference/block-kit/composition-objects/text-object/"
    shapes = {
        "plain_text": Shape(docs=docs, required={"text": string(maximum)}, optional={"emoji": boolean}),
        "mrkdwn": Shape(docs=docs, required={"text": string(maximum)}, optional={"verbatim": boolean}),
    }
    return typed({kind: shapes[kind] for kind in (kinds or ("plain_text", "mrkdwn"))})


def at_least_one_of(*names: str) -> Check:
    """Ask that at least one of the fields is there."""

    def check(value: Any, path: str, report: Report) -> None:
        if not any(value.get(name) for name in names):
            report.add(f"must define either {' or '.join(f'`{name}`' for name in names)}", path)

    return check


def not_together(first: str, second: str) -> Check:
    """Refuse two fields in one object."""

    def check(value: Any, path: str, report: Report) -> None:
        if first in value and second in value:
            report.add(f"cannot define both `{first}` and `{second}`", path)

    return check
