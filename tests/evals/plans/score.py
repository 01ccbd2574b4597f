"""How near what was planned comes to the gold: exact sets, and what was touched that nobody asked for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.evals.plans.playing import Gold, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The figures.

    Attributes:
        requests: How many there were.
        exact: How many came to exactly the gold: the same sort of reply and, for a plan, the same operations on the same things.
        extra: Things that were touched, or touched by another operation, beyond the gold; over all requests.
        missing: The reverse.
        wrong: Ids of the requests that were not exact.
    """

    requests: int
    exact: int
    extra: int
    missing: int
    wrong: tuple[str, ...]

    @property
    def accuracy(self) -> float:
        """The share that was exact."""
        return self.exact / self.requests if self.requests else 0.0


def scored(gold: Sequence[Gold], found: Mapping[str, Outcome]) -> Scored:
    """Return the figures."""
    wrong = tuple(one.id for one in gold if not is_exact(one, found[one.id]))
    return Scored(
        requests=len(gold),
        exact=len(gold) - len(wrong),
        extra=sum(len(found[one.id].touched - one.touched) for one in gold),
        missing=sum(len(one.touched - found[one.id].touched) for one in gold if one.reply == "plan"),
        wrong=wrong,
    )


def is_exact(one: Gold, found: Outcome) -> bool:
    """Whether a request came to its gold."""
    return (one.reply, one.touched) == (found.reply, found.touched)


def difference(one: Gold, found: Outcome) -> list[str]:
    """Say in lines where a request did not."""
    said = [f"{one.id} {one.text!r}", *(f"    after: {text!r}" for text in one.before)]
    if one.reply != found.reply:
        said.append(f"    a {one.reply} was wanted, a {found.reply} came: {found.words}")
    said += [f"    extra: {operation} on {name}" for operation, name in sorted(found.touched - one.touched)]
    said += [f"    missing: {operation} on {name}" for operation, name in sorted(one.touched - found.touched)]
    return said
