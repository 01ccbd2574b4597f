"""Parameters held against their declaration: what is not declared or out of bounds is named."""

import re
from collections.abc import Mapping, Sequence

from engine.clouds.operation import Param, ParamKind, Params


def problem(declared: Sequence[Param], given: Mapping[str, object]) -> str:
    """Return what is wrong with the parameters in a few words, or an empty text."""
    by_name = {param.name: param for param in declared}
    unknown = sorted(set(given) - set(by_name))
    if unknown:
        return f"it takes no parameter {unknown[0]!r}"
    missing = [param.name for param in declared if param.required and not param.from_plan and param.name not in given]
    if missing:
        return f"the parameter {missing[0]!r} is missing"
    return next((why for name, value in given.items() if (why := _wrong(by_name[name], value))), "")


def unsaid(declared: Sequence[Param], given: Mapping[str, object], said: Params) -> str:
    """Return where the parameters are not those that the person said, in a few words, or an empty text.

    A planner chooses none and leaves none out: what was said is used as it was said, and the rest comes from the operation.
    """
    left_out = [param.name for param in declared if param.name in said and param.name not in given]
    if left_out:
        return f"{left_out[0]!r} was asked for and is missing"
    for name, value in given.items():
        if name not in said:
            return f"{name!r} was not asked for"
        if type(value) is not type(said[name]) or value != said[name]:
            return f"{name!r} is not what was asked for"
    return ""


def _wrong(param: Param, value: object) -> str:
    return "" if fits(param, value) else f"{param.name!r} is not a fitting {param.kind.value.replace('_', ' ')}"


def filled(declared: Sequence[Param], given: Params, plan_id: str) -> Params:
    """Return the parameters with the plan's id where a declared one comes from the plan and was not given."""
    return {**{param.name: plan_id for param in declared if param.from_plan}, **given}


def fits(param: Param, value: object) -> bool:
    """Say whether a value has the shape and the bounds of a declared parameter."""
    match param.kind:
        case ParamKind.TEXT:
            return isinstance(value, str) and _text(param, value)
        case ParamKind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= param.most
        case ParamKind.BOOLEAN:
            return isinstance(value, bool)
        case ParamKind.TEXT_MAP:
            return (
                isinstance(value, Mapping)
                and len(value) <= param.most
                and all(
                    isinstance(one, str) and re.fullmatch(param.pattern, one) for pair in value.items() for one in pair
                )
            )
        case ParamKind.TEXT_LIST:
            return (
                isinstance(value, Sequence)
                and not isinstance(value, str)
                and len(value) <= param.most
                and all(isinstance(one, str) and _text(param, one) for one in value)
            )


def _text(param: Param, value: str) -> bool:
    if param.choices and value not in param.choices:
        return False
    return len(value) <= param.most and re.fullmatch(param.pattern, value) is not None
