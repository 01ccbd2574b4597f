"""Half characters (lone surrogates, which JSON can smuggle into a name or tag) taken out where resources come in.

No database, digest or chat can hold one, so a single hostile name would otherwise keep everything around it from being read.
"""

from collections.abc import Mapping
from dataclasses import replace

from engine.estate.resource import Json, Resource


def well_formed(resource: Resource) -> Resource:
    """Return the resource with a question mark for each half character; itself when there is none."""
    texts = (resource.name, *resource.tags, *resource.tags.values())
    if all(map(_whole, texts)) and _whole(resource.facts):
        return resource
    tags = {_text(key): _text(value) for key, value in resource.tags.items()}
    return replace(resource, name=_text(resource.name), tags=tags, facts=_mended(resource.facts))


def _whole(value: Json | Mapping[str, Json]) -> bool:
    """Say whether a text, or every text in a value, can be written down."""
    match value:
        case str():
            return value.isascii() or _text(value) == value
        case list():
            return all(map(_whole, value))
        case Mapping():
            return all(_whole(key) and _whole(one) for key, one in value.items())
        case _:
            return True


def _mended(facts: Mapping[str, Json]) -> dict[str, Json]:
    return {_text(key): _mend(one) for key, one in facts.items()}


def _mend(value: Json) -> Json:
    match value:
        case str():
            return _text(value)
        case list():
            return [_mend(one) for one in value]
        case Mapping():
            return _mended(value)
        case _:
            return value


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()
