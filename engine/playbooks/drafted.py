"""Whether a draft does what the plan did: its operations in its order, its values or parameters in their place. Pure.

A draft comes from outside. A value that nobody chose would be followed later by people who believe that it was.
"""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from agent_server.contract.placeholders import alone
from agent_server.contract.playbook import Playbook, PlaybookStep


def faithful(done: Sequence[PlaybookStep], made: Playbook) -> bool:
    """Say whether a draft's steps are those that were done, each value its own or a parameter that falls back to nothing else.

    Args:
        done: What the plan did, in real words.
        made: The draft, in real words.
    """
    defaults = {parameter.name: parameter.default for parameter in made.parameters}
    return len(done) == len(made.steps) and all(
        (was.operation, was.depends_on) == (now.operation, now.depends_on) and _same(was.params, now.params, defaults)
        for was, now in zip(done, made.steps, strict=True)
    )


def _same(was: JsonValue, now: JsonValue, defaults: Mapping[str, JsonValue]) -> bool:
    match was, now:
        case _, str() if name := alone(now):
            default = defaults.get(name)
            return name in defaults and (default is None or _equal(was, default))
        case dict(), dict():
            plain = {_plain(key): one for key, one in was.items()}
            return plain.keys() == now.keys() and all(_same(one, now[key], defaults) for key, one in plain.items())
        case list(), list():
            return len(was) == len(now) and all(
                _same(one, other, defaults) for one, other in zip(was, now, strict=True)
            )
        case str(), str():
            return now == _plain(was)
        case _:
            return _equal(was, now)


def _equal(one: JsonValue, other: JsonValue) -> bool:
    """Compare with types: `True` is not `1`."""
    return type(one) is type(other) and one == other


def _plain(text: str) -> str:
    """Return a literal as a playbook has it, in which nothing of the literal is taken for a parameter."""
    return text.replace("{{", "{ {")
