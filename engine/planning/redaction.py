"""Identities taken out of words before they leave the runner, and put back into what returns.

Ids, ARNs, account ids, e-mails, IP addresses, @-users, credentials and every exact name of the estate become shape-keeping
pseudonyms (`i-p1`, `rg-p2`, `prod-p3`, `name-p4`), the same one for the same thing within one request. A name that is not in the estate goes as
typed: the runner cannot tell it from any other word.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.planning.shapes import Place, identities

_TOKEN = re.compile(r"\w[\w.-]*")
_PIECE = re.compile(r"[^\W_]+")
_PSEUDONYM = re.compile(r"\b[a-z]+-p\d+\b")
# Prefixes of AWS ids (EC2 user guide, "resource IDs") and of Azure's recommended abbreviations for groups (Cloud Adoption Framework).
_PREFIX = re.compile(r"(?i)(i|vol|snap|ami|sg|vpc|subnet|nat|igw|vpce|rtb|eni|eipalloc|lt|fs|nsg|rg)-\w")
_PRODUCTION = re.compile(r"(?i)(?<![a-z])(?:prod|production|prd)(?![a-z])")
_EXACT = frozenset({"secret", "arn", "armid", "link"})
_NAMED_BY_PEOPLE = frozenset({"tags", "set_tags"})
_QUOTES = frozenset("\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb")
_MOST_PIECES = 12
_SHORTEST_PART = 4
_PLAIN_PART = 6
_SHORTEST_NUMBER = 5


class Redactor:
    """Pseudonyms for one request.

    Args:
        is_name: Says whether a word is the exact name (or short id) of something in the estate, ignoring case.
        long_names: Names of the estate that contain spaces or signs and so are no single word.
        vocabulary: Ordinary words that stay although something is called so (`prod`, `database`).
    """

    def __init__(
        self,
        is_name: Callable[[str], bool],
        *,
        long_names: tuple[str, ...] = (),
        vocabulary: frozenset[str] = frozenset(),
    ) -> None:
        self._is_name = is_name
        self._long = tuple((name, name.casefold()) for name in long_names if _PIECE.search(name))
        self._vocabulary = vocabulary
        self._by_original: dict[str, str] = {}
        self._by_pseudonym: dict[str, str] = {}

    def redact(self, text: str) -> str:
        """Return the text with identities replaced."""
        written: list[str] = []
        done = 0
        for place in _joined(text, sorted(self._places(text))):
            written += (text[done : place.start], self._pseudonym(place.kind, text[place.start : place.end]))
            done = place.end
        return "".join((*written, text[done:]))

    def originals(self) -> tuple[str, ...]:
        """Return what was replaced so far, in the order it was met."""
        return tuple(self._by_pseudonym.values())

    def redact_all(self, value: Any) -> Any:
        """Replace identities in every text of a JSON value, and in the keys of tags; other keys are fixed words."""
        match value:
            case str():
                return self.redact(value)
            case list():
                return [self.redact_all(one) for one in value]
            case Mapping():
                return {
                    str(key): self._tags(one)
                    if key in _NAMED_BY_PEOPLE and isinstance(one, Mapping)
                    else self.redact_all(one)
                    for key, one in value.items()
                }
            case _:
                return value

    def restore(self, text: str) -> str:
        """Return the text with our own pseudonyms turned back; what we did not issue stays."""
        return _PSEUDONYM.sub(lambda found: self._by_pseudonym.get(found[0], found[0]), text)

    def restore_all(self, value: Any) -> Any:
        """Turn pseudonyms back in every text of a JSON value, keys included."""
        match value:
            case str():
                return self.restore(value)
            case list():
                return [self.restore_all(one) for one in value]
            case Mapping():
                return {self.restore(str(key)): self.restore_all(one) for key, one in value.items()}
            case _:
                return value

    def _tags(self, tags: Mapping[str, Any]) -> dict[str, Any]:
        return {self.redact(str(key)): self.redact_all(one) for key, one in tags.items()}

    def _places(self, text: str) -> Iterator[Place]:
        yield from identities(text)
        yield from self._long_names(text)
        for found in _PSEUDONYM.finditer(text):
            yield Place(start=found.start(), end=found.end(), kind="name")
        for found in _TOKEN.finditer(text):
            yield from self._within(found[0].rstrip(".-"), found.start())

    def _long_names(self, text: str) -> Iterator[Place]:
        folded = text.casefold()
        for name, key in self._long:
            if key in folded:
                plain = self._plain_words(name)
                for found in re.finditer(re.escape(name), text, re.IGNORECASE):
                    if not plain or _quoted(text, found.start(), found.end()):
                        yield Place(start=found.start(), end=found.end(), kind="name")

    def _plain_words(self, name: str) -> bool:
        """Say whether a name reads like part of an order, as "all dev instances" would: then it is meant only when it is quoted."""
        pieces = [found[0].casefold() for found in _PIECE.finditer(name)]
        return all({piece, piece.removesuffix("s")} & self._vocabulary or piece.isdigit() for piece in pieces)

    def _within(self, token: str, at: int) -> Iterator[Place]:
        """Give the places of names in one token: all of it, its singular, or pieces of it that are names by themselves."""
        if token.casefold() in self._vocabulary:
            return
        if self._named(token) or (token[-1] in "sS" and self._distinctive(token[:-1]) and self._is_name(token[:-1])):
            yield Place(start=at, end=at + len(token), kind=_shape_of(token))
            return
        pieces = [found.span() for found in _PIECE.finditer(token)][:_MOST_PIECES]
        for first, (start, _) in enumerate(pieces):
            for _, end in reversed(pieces[first:]):
                part = token[start:end]
                if part != token and self._distinctive(part) and self._is_name(part):
                    yield Place(start=at + start, end=at + end, kind="name")
                    break

    def _named(self, word: str) -> bool:
        number = word.isdigit() and len(word) < _SHORTEST_NUMBER
        return not number and self._is_name(word)

    def _distinctive(self, part: str) -> bool:
        """Say whether a piece of a word says who somebody is: `east` of `us-east-1` does not, whatever is called so."""
        if len(part) < _SHORTEST_PART or part.isdigit() or part.casefold() in self._vocabulary:
            return False
        return len(part) >= _PLAIN_PART or not part.isalpha()

    def _pseudonym(self, kind: str, original: str) -> str:
        key = original if kind in _EXACT else original.casefold()
        if key not in self._by_original:
            pseudonym = f"{kind}-p{len(self._by_original) + 1}"
            self._by_original[key] = pseudonym
            self._by_pseudonym[pseudonym] = original
        return self._by_original[key]


def _shape_of(name: str) -> str:
    """Return the prefix that tells what a thing is, as in `sg-web` and `rg-shop`, or that it is production; nothing else of its name."""
    found = _PREFIX.match(name)
    if found:
        return found[1].lower()
    return "prod" if _PRODUCTION.search(name) else "name"


def _joined(text: str, places: list[Place]) -> Iterator[Place]:
    """Give places with something between them: what overlaps or touches is one, so that no two pseudonyms run together."""
    current: Place | None = None
    for place in (_whole(text, place) for place in places):
        if current is None or place.start > current.end:
            if current is not None:
                yield current
            current = place
        elif place.end > current.end:
            current = Place(start=current.start, end=place.end, kind=_stronger(current.kind, place.kind))
    if current is not None:
        yield current


def _whole(text: str, place: Place) -> Place:
    """Return the place with the rest of the words that it touches, so that its pseudonym stands alone."""
    start, end = place.start, place.end
    while start and _is_wordy(text[start - 1]):
        start -= 1
    while end < len(text) and _is_wordy(text[end]):
        end += 1
    return Place(start=start, end=end, kind=place.kind)


def _quoted(text: str, start: int, end: int) -> bool:
    """Say whether a stretch of a text stands between quotation marks."""
    return start > 0 and end < len(text) and text[start - 1] in _QUOTES and text[end] in _QUOTES


def _is_wordy(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _stronger(one: str, other: str) -> str:
    """Return which kind the whole of two overlapping places is: a credential first, a mere name last."""
    if "secret" in {one, other}:
        return "secret"
    return other if one == "name" else one
