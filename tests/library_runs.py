"""Which playbooks of the library Escher can run, and what keeps it from running the others: `python -m tests.library_runs`.

The same judgement stands on a playbook's card and in lists. `page` writes it down for every playbook; `make docs` keeps that page.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.contract.playbook import Playbook
from agent_server.knowledge import library
from engine.clouds.catalog import catalog
from engine.planning.hindrances import Hindrance, Obstacle, hindrances, said

_MADE = "<!-- Made by `make docs` from the code; `make check` fails when it is not current. -->\n"
_COLUMNS: tuple[tuple[str, frozenset[Obstacle]], ...] = (
    ("wants an operation Escher does not do", frozenset({Obstacle.OPERATION})),
    ("is a script", frozenset({Obstacle.SCRIPT})),
    ("gives an operation something else than it takes", frozenset(Obstacle) - {Obstacle.OPERATION, Obstacle.SCRIPT}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One playbook with what stands in its way."""

    playbook: Playbook
    found: tuple[Hindrance, ...]


def judged() -> tuple[Judged, ...]:
    """Return every playbook of the library, judged by the catalogue as it is."""
    known = catalog()
    return tuple(Judged(playbook=one, found=hindrances(one, known)) for one in library.playbooks().values())


def counts() -> Iterator[tuple[str, ...]]:
    """Yield a row for each cloud and one for all: how many there are, how many run, and how many do not for which reason."""
    rows: list[tuple[int, ...]] = []
    for cloud in library.CLOUDS:
        of_cloud = [one for one in judged() if cloud in one.playbook.clouds]
        first = Counter(one.found[0].obstacle if one.found else None for one in of_cloud)
        rows.append(
            (len(of_cloud), first[None], *(sum(first[each] for each in obstacles) for _, obstacles in _COLUMNS))
        )
    named = zip((*library.CLOUDS, "all"), (*rows, tuple(map(sum, zip(*rows, strict=True)))), strict=True)
    yield from ((name, *map(str, row)) for name, row in named)


def page() -> str:
    """Return the page that names every playbook with what can be done with it."""
    lines = [
        _MADE,
        "# Playbooks of the library",
        "",
        "Each can be found, read and copied. Those all of whose steps are [operations](operations.md) of Escher's can also be run: they become a",
        "plan that waits for approval. A playbook's card says the same before anybody tries. `python -m tests.library_runs` counts.",
        "",
        f"| cloud | playbooks | run | {' | '.join(f'only shown: {reason}' for reason, _ in _COLUMNS)} |",
        "|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in counts()),
        "",
    ]
    for cloud in library.CLOUDS:
        of_cloud = [one for one in judged() if cloud in one.playbook.clouds]
        lines += [f"## {cloud}", "", "| playbook | what it does | Escher |", "|---|---|---|"]
        lines += [_row(one) for one in sorted(of_cloud, key=lambda one: (bool(one.found), one.playbook.id))]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(one: Judged) -> str:
    what = f"only shows it: {said(one.found)}" if one.found else "runs it"
    return f"| `{one.playbook.id}` | {one.playbook.name} | {what} |"


def main() -> int:
    """Print the counts."""
    heads = ("cloud", "playbooks", "run", *(f"only shown: {reason}" for reason, _ in _COLUMNS))
    widths = [max(map(len, column)) for column in zip(heads, *counts(), strict=True)]
    for row in (heads, *counts()):
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
