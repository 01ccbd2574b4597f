"""Judging a fresh look at a target: verdicts that declarations of several clouds share, and reading of parameters."""

from collections.abc import Callable, Mapping, Sequence

from engine.clouds.operation import Composite, Operation, ParamKind, Params, ReplayClass, Verdict
from engine.estate.resource import Resource

_SETS = frozenset({ParamKind.TEXT_MAP, ParamKind.TEXT_LIST})
Judge = Callable[[Resource | None, Params], Verdict]


def by_state(*, done: Sequence[str], underway: Sequence[str] = ()) -> Judge:
    """Return a verdict by the target's state; a target that is gone was not brought there."""

    def judge(now: Resource | None, _params: Params) -> Verdict:
        if now is None:
            return Verdict.NOT_DONE
        if now.state in done:
            return Verdict.DONE
        return Verdict.UNDERWAY if now.state in underway else Verdict.NOT_DONE

    return judge


def gone(now: Resource | None, _params: Params) -> Verdict:
    """Judge a deletion."""
    if now is None or now.state == "deleted":
        return Verdict.DONE
    return Verdict.UNDERWAY if now.state == "deleting" else Verdict.NOT_DONE


def untold(now: Resource | None, _params: Params) -> Verdict:
    """Judge what leaves no trace that a look can see, such as a restart."""
    return Verdict.NOT_DONE if now is None else Verdict.UNTOLD


def when(holds: Callable[[Resource, Params], bool]) -> Judge:
    """Return a verdict by a condition on the target as it is now."""

    def judge(now: Resource | None, params: Params) -> Verdict:
        return Verdict.DONE if now is not None and holds(now, params) else Verdict.NOT_DONE

    return judge


def text(params: Params, name: str) -> str:
    """Return a text parameter; empty when absent."""
    return str(params.get(name) or "")


def texts(params: Params, name: str) -> dict[str, str]:
    """Return a parameter that maps texts to texts; empty when absent."""
    value = params.get(name)
    return {str(key): str(one) for key, one in value.items()} if isinstance(value, Mapping) else {}


def listed(params: Params, name: str) -> list[str]:
    """Return a parameter that lists texts; empty when absent."""
    value = params.get(name)
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def nothing_left(found: Operation | Composite, resource: Resource, params: Params) -> bool:
    """Say whether an operation, or a composite, would change nothing on the resource as it is.

    Where what is to be set or removed was not said at all, that is not known.
    """
    if any(one.kind in _SETS for one in found.params) and not any(params.get(one.name) for one in found.params):
        return False
    match found:
        case Operation():
            return found.replay is not ReplayClass.ONCE and found.verdict(resource, params) is Verdict.DONE
        case Composite():
            return not found.expand(resource, params)
