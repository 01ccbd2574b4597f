"""With which values a plan changes something: `to t3.large`, `with team=web`. Read from the plan's own steps. Pure."""

from collections.abc import Iterable, Mapping

from engine.clouds.operation import Params

_SIZES = ("instance_type", "instance_class", "size")
_REMOVED = ("keys", "remove")
_SWITCHING = frozenset({"enable", "disable"})
_MOST_TAGS = 3
_LONGEST = 60


def behind(steps: Iterable[Params]) -> str:
    """Return what stands behind the target in a headline: ` to t3.large`, ` with team=web`, `: old`, or nothing."""
    every = tuple(steps)
    sizes, given, gone = _sizes(every), _given(every), _gone(every)
    if sizes:
        return f" to {' and '.join(sizes)}"
    if given:
        return f" with {_few(given)}{f', without {_few(gone)}' if gone else ''}"
    return f": {_few(gone)}" if gone else ""


def switched(action: str, steps: Iterable[Params]) -> str:
    """Return the feature that is switched on or off, such as `versioning`, or nothing for every other action."""
    names = {name for params in steps for name in params} if action in _SWITCHING else set()
    if "status" in names:
        return "versioning"
    return "deletion protection" if "deletion_protection" in names else ""


def _sizes(steps: tuple[Params, ...]) -> tuple[str, ...]:
    found = [_short(params[name]) for params in steps for name in _SIZES if params.get(name)]
    found += [f"{params['size_gb']} GB" for params in steps if params.get("size_gb")]
    return tuple(dict.fromkeys(found))


def _given(steps: tuple[Params, ...]) -> tuple[str, ...]:
    maps = [params["tags"] for params in steps if isinstance(params.get("tags"), Mapping)]
    pairs = [f"{key}={value}" for one in maps if isinstance(one, Mapping) for key, value in one.items()]
    return tuple(dict.fromkeys(pairs))


def _gone(steps: tuple[Params, ...]) -> tuple[str, ...]:
    lists = [params[name] for params in steps for name in _REMOVED if isinstance(params.get(name), list | tuple)]
    return tuple(dict.fromkeys(str(key) for one in lists if isinstance(one, list | tuple) for key in one))


def _few(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - _MOST_TAGS} more" if len(words) > _MOST_TAGS else ""
    return f"{', '.join(_short(word) for word in words[:_MOST_TAGS])}{more}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
