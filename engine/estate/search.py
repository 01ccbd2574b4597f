"""Finding things: exactly by filters, or by meaning when they were described instead of named.

The two kinds of answer have two types, so that a list of the best matches can never be taken for a list of targets.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from agent_server.embedding.port import Embedder
from engine.estate.found import Found, Hit
from engine.estate.meaning import text_of
from engine.estate.selector import Selector
from engine.estate.store import EstateStore

_LEAST_SCORE = 0.2
"""Below this cosine a match is chance; random pairs of resource texts stay under it."""
_WORD_WEIGHT = 0.3
_CANDIDATES = 8
"""How many times more candidates than answers are looked at before words are weighed in."""
_EMPTY_WORDS = frozenset(
    {"the", "and", "for", "with", "that", "this", "all", "our", "behind", "which", "what", "where", "show", "find"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The best matches for a description, best first: to be shown and chosen from, never acted on as they are.

    Attributes:
        hits: The matches.
        unembedded: How many resources could not be compared yet.
    """

    hits: tuple[Hit, ...]
    unembedded: int


class EstateSearch:
    """Answers questions about what exists.

    Args:
        store: The estate.
        embedder: Turns descriptions into vectors.
    """

    def __init__(self, store: EstateStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    def exactly(self, selector: Selector) -> Found:
        """Return everything the selector means: complete."""
        return self._store.select(selector)

    def by_meaning(self, description: str, selector: Selector | None = None, *, limit: int = 10) -> Described:
        """Return what fits a description best, among what the selector means.

        The score is the cosine of the meanings, raised by the share of the description's words that the resource's own words
        contain, since a model of general English does not know what `orders-db` is.
        """
        vector = self._embedder.embed([description])[0]
        hits = self._store.nearest(vector, selector or Selector(), limit * _CANDIDATES)
        words = frozenset(word for word in re.findall(r"\w{3,}", description.casefold()) if word not in _EMPTY_WORDS)
        scored = [Hit(resource=hit.resource, score=hit.score + _WORD_WEIGHT * _share(words, hit)) for hit in hits]
        kept = sorted(
            (hit for hit in scored if hit.score >= _LEAST_SCORE), key=lambda hit: (-hit.score, hit.resource.id)
        )
        return Described(hits=tuple(kept[:limit]), unembedded=self._store.unembedded())

    def near_names(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return names in the estate that are spelled much like `name`: "did you mean"."""
        by_folded = {known.casefold(): known for known in self._store.names()}
        return tuple(by_folded[found] for found in get_close_matches(name.casefold(), by_folded, n=limit, cutoff=0.75))


def _share(words: frozenset[str], hit: Hit) -> float:
    if not words:
        return 0.0
    own = set(re.findall(r"\w{3,}", text_of(hit.resource).casefold()))
    return len(words & own) / len(words)
