"""Which fields of a request are wrong, by path, without repeating what stood in them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from agent_server.contract.answer import AnswerRequest
from agent_server.contract.assess import AssessRequest
from agent_server.contract.intent import IntentRequest
from agent_server.contract.plan import PlanRequest
from agent_server.contract.playbook import (
    DraftRequest,
    PlaybookSearchRequest,
    PublishRequest,
    ReviewRequest,
    StatusRequest,
    UsageReport,
)
from agent_server.problems import FieldError

_MOST = 20
_REQUESTS: tuple[type[BaseModel], ...] = (
    IntentRequest,
    PlanRequest,
    AnswerRequest,
    AssessRequest,
    PlaybookSearchRequest,
    DraftRequest,
    PublishRequest,
    ReviewRequest,
    StatusRequest,
    UsageReport,
)
_IN_ADDRESSES = frozenset({"path", "query", "id", "version", "status", "language"})


def field_errors(errors: Iterable[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    """Return path and rule of each error; a name that the caller made up appears as `*`."""
    found = [FieldError(path=_path(error["loc"]), message=_rule(error)) for error in errors]
    return tuple(found[:_MOST])


def _rule(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such field"
    return str(error["msg"])


def _path(loc: Iterable[object]) -> str:
    parts = [part if isinstance(part, int) or part in _names() else "*" for part in loc if part != "body"]
    return ".".join(str(part) for part in parts) or "body"


@cache
def _names() -> frozenset[str]:
    seen: set[type[BaseModel]] = set()
    for model in _REQUESTS:
        _collect(model, seen)
    return _IN_ADDRESSES.union(name for model in seen for name in model.model_fields)


def _collect(annotation: Any, seen: set[type[BaseModel]]) -> None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for field in annotation.model_fields.values():
                _collect(field.annotation, seen)
        return
    for inner in get_args(annotation):
        _collect(inner, seen)
