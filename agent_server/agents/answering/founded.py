"""Whether a text that somebody else worded holds only numbers that were computed or given. Pure."""

import re
from collections.abc import Iterable, Iterator

from agent_server.agents.answering.figures import Figure
from agent_server.contract.answer import AnswerReply, Snapshot

_HANDLE = re.compile(r"(?<![\w.-])r[1-9]\d{0,5}(?![\w-]|\.\w)")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WORDS = {
    "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0,
    "eleven": 11.0, "twelve": 12.0,
}  # fmt: skip
_LOOSE = re.compile(
    r"\b(?:twice|thrice|double[ds]?|tripled?|quadrupled?|hal(?:f|ved?)|thirds?|quarters?|dozens?|hundreds?|thousands?|millions?|billions?)\b",
    re.IGNORECASE,
)


def unfounded(text: str, allowed: Iterable[float]) -> list[str]:
    """Return every number, in digits or words, that is none of the allowed ones at the precision in which it is written."""
    known = [abs(value) for value in allowed]
    plain = _HANDLE.sub(" ", text)
    found = [one for one in _NUMBER.findall(plain) if not _is_one_of(one, known)]
    words = re.findall(r"[a-z]+", plain.lower())
    found += [word for word in words if word in _WORDS and not any(abs(_WORDS[word] - value) < 1e-9 for value in known)]  # noqa: PLR2004
    return found + [match[0] for match in _LOOSE.finditer(plain)]


def allowed(snapshot: Snapshot, figures: Iterable[Figure], reply: AnswerReply) -> list[float]:
    """Return the numbers that an answer may hold: those of the snapshot, those computed, and those of the rules' own answer."""
    return [*given(snapshot), *(one.value for one in figures), *_in_texts(reply.paragraphs)]


def handles(text: str) -> set[str]:
    """Return the handles in a text."""
    return set(_HANDLE.findall(text))


def given(snapshot: Snapshot) -> Iterator[float]:
    """Give every number that stands in a snapshot, those inside its texts included."""
    yield from numbers(snapshot.model_dump(mode="json", exclude_none=True))


def numbers(value: object) -> Iterator[float]:
    """Give every number of a JSON value, keys and texts included."""
    match value:
        case bool() | None:
            return
        case int() | float():
            yield float(value)
        case str():
            yield from _in_texts([value])
        case list():
            for one in value:
                yield from numbers(one)
        case dict():
            for key, one in value.items():
                yield from _in_texts([str(key)])
                yield from numbers(one)
        case _:
            return


def _in_texts(texts: Iterable[str]) -> Iterator[float]:
    for text in texts:
        yield from (_value(one) for one in _NUMBER.findall(_HANDLE.sub(" ", text)))


def _is_one_of(written: str, known: list[float]) -> bool:
    digits = len(written.partition(".")[2])
    return any(f"{value:.{digits}f}" == f"{_value(written):.{digits}f}" for value in known)


def _value(written: str) -> float:
    return float(written.replace(",", ""))
