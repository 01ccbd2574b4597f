"""Phrase books: the longest known phrase at a place, tolerant of plurals."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from agent_server.models.offline.tokens import Reading, Span

V = TypeVar("V")


def singular(word: str) -> tuple[str, ...]:
    """Return the word and what it may be the plural of."""
    forms = [word]
    if len(word) > 2 and word.endswith("s") and not word.endswith("ss"):  # noqa: PLR2004 - "as" and "is" are no plurals
        forms.append(word[:-1])
        if word.endswith("ies"):
            forms.append(word[:-3] + "y")
        if word.endswith("es"):
            forms.append(word[:-2])
    return tuple(forms)


class PhraseBook(Generic[V]):
    """Phrases of one or more words, each standing for a value; the last word may be a plural."""

    def __init__(self, entries: Iterable[tuple[str, V]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for phrase, value in entries:
            words = tuple(phrase.split())
            self._by_first.setdefault(words[0], []).append((words, value))
        for listed in self._by_first.values():
            listed.sort(key=lambda entry: -len(entry[0]))

    def words(self) -> frozenset[str]:
        """Return every word of every phrase, for the speller."""
        return frozenset(word for listed in self._by_first.values() for words, _ in listed for word in words)

    def at(self, reading: Reading, index: int) -> tuple[int, V, bool] | None:
        """Return (length, value, plural) of the longest phrase that begins at a token."""
        best: tuple[int, V, bool] | None = None
        if reading.tokens[index].quoted:
            return None
        for first in singular(reading.low(index)):
            for words, value in self._by_first.get(first, ()):
                if best and len(words) <= best[0]:
                    break
                if self._fits(reading, index, words):
                    best = (len(words), value, reading.low(index + len(words) - 1) != words[-1])
                    break
        return best

    def spans(self, reading: Reading, key: str, taken: frozenset[int] = frozenset()) -> Iterator[Span]:
        """Yield the phrases found from left to right, the longest at each place, over no taken token."""
        at = 0
        while at < len(reading):
            hit = None if at in taken else self.at(reading, at)
            if hit and taken.isdisjoint(range(at, at + hit[0])):
                yield Span(at, at + hit[0], key, hit[1])
                at += hit[0]
            else:
                at += 1

    @staticmethod
    def _fits(reading: Reading, index: int, words: tuple[str, ...]) -> bool:
        last = len(words) - 1
        for offset, word in enumerate(words):
            low = reading.low(index + offset)
            if low != word and (offset != last or word not in singular(low)):
                return False
        return True
