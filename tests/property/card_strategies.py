"""Hypothesis strategies that build any component from its model's own fields, and make it huge."""

import enum
import types
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from blocks.components import Component, Person
from blocks.components.actions import Action

KNOWN = ("slack:T0ACME:U0KNOWN", "teams:11111111-2222-3333-4444-555555555555:99999999-bbbb-cccc-dddd-eeeeeeeeeeee")
"""The only principals that may become mentions."""

_UNION, _ = get_args(Component)
KINDS: tuple[type[BaseModel], ...] = get_args(_UNION)
_TIMES = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@st.composite
def component(draw: st.DrawFn, words: st.SearchStrategy[str]) -> Any:
    """Any component; all its foreign texts are drawn from `words`."""
    return draw(model(draw(st.sampled_from(KINDS)), words))


def model(kind: type[BaseModel], words: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Any value of one model."""
    fields = {name: _field(kind, name, info, words) for name, info in kind.model_fields.items()}
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def _field(kind: type[BaseModel], name: str, info: FieldInfo, words: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if kind is Person and name == "principal":
        return st.one_of(
            st.sampled_from(KNOWN),
            words,
            words.map(lambda text: f"slack:T1:{text}"),
            words.map(lambda text: f"teams:t:{text}"),
        )
    if kind is Action and name == "value":
        return st.dictionaries(st.sampled_from(["plan_id", "choice"]), words.map(lambda text: text[:80]), max_size=2)
    if kind is Action and name == "asks":
        return st.lists(_annotation(info.annotation, (), words).map(lambda items: items[:1]), max_size=1).map(
            lambda groups: tuple(ask for group in groups for ask in group)
        )
    if name == "image_url":
        return st.sampled_from(["", "/charts/1.png", "https://example.com/1.png"])
    if name == "slack_file":
        return st.sampled_from(["", "F0CHART"])
    return _annotation(info.annotation, tuple(info.metadata), words)


def _annotation(annotation: Any, metadata: tuple[Any, ...], words: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotation(arguments[0], (*metadata, *arguments[1:]), words)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in {Union, types.UnionType}:
        return st.one_of([_annotation(argument, metadata, words) for argument in arguments])
    if origin is tuple:
        return st.lists(_annotation(arguments[0], (), words), max_size=3).map(tuple)
    return _plain(annotation, metadata, words)


def _plain(annotation: Any, metadata: tuple[Any, ...], words: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    least = next((int(item.ge) for item in metadata if isinstance(item, Ge)), 0)
    most = next((int(item.le) for item in metadata if isinstance(item, Le)), 1_000_000_000)
    if annotation is type(None):
        return st.none()
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(least, most)
    if annotation is float:
        return st.floats(least, most, allow_nan=False)
    if annotation in {datetime, AwareDatetime}:
        return _TIMES
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return st.sampled_from(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return model(annotation, words)
    return words


def inflated(value: Any, times: int, wide: int) -> Any:
    """The same component with every list `times` as long and every text `wide` times as wide."""
    if isinstance(value, Action):
        return value.model_copy(update={"label": value.label * wide, "confirm": value.confirm * wide})
    if isinstance(value, BaseModel):
        kept = {"kind", "principal", "image_url", "slack_file", "plan_id", "digest", "question_id"}
        update = {
            name: inflated(getattr(value, name), times, wide) for name in type(value).model_fields if name not in kept
        }
        return value.model_copy(update=update)
    if isinstance(value, tuple):
        return tuple(inflated(item, times, wide) for item in value) * times
    if isinstance(value, str) and not isinstance(value, enum.Enum):
        return value * wide
    return value
