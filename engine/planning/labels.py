"""Which tags a target carries after a step: policy looks at both sides of a change of tags. Pure."""

from collections.abc import Mapping

from engine.clouds.operation import Params

_SET = "tags"
_REMOVED = ("keys", "remove")


def after(tags: Mapping[str, str], params: Params) -> Mapping[str, str]:
    """Return the tags after a step with these parameters; the same tags for a step that changes none.

    Keys compare without regard to case, as the environment's do: a key that differs in case only is taken for the same.
    """
    given = params.get(_SET)
    added = {str(key): str(value) for key, value in given.items()} if isinstance(given, Mapping) else {}
    gone = {key.casefold() for name in _REMOVED for key in _texts(params.get(name))}
    gone |= {key.casefold() for key in added}
    return {**{key: value for key, value in tags.items() if key.casefold() not in gone}, **added}


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []
