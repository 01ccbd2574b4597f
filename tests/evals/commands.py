"""How often the operation that does what was asked is found: `python -m tests.evals.commands [--half NAME] [--words] [--errors]`."""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_server.embedding.minilm import MiniLm
from agent_server.knowledge.operations import operations
from agent_server.knowledge.question import question

FOLDER = Path(__file__).parent
HALVES = ("tuned", "held", "fresh_1", "fresh_2", "fresh_3_tuned", "fresh_3_held", "fresh_4_tuned", "fresh_4_held")
LIMIT = 5
_DRAWS = 2000
_OUTER = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, and where the first right operation stood among the answers (0 for nowhere)."""

    id: str
    cloud: str
    text: str
    rank: int
    found: tuple[str, ...]


def rows(half: str) -> list[dict[str, object]]:
    """Return the questions of a set."""
    lines = (FOLDER / f"commands_{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def answered(half: str, *, meaning: bool = True) -> list[Asked]:
    """Ask every question of a set, by words and meaning or by words alone."""
    found = rows(half)
    vectors = MiniLm().embed([str(row["text"]) for row in found]) if meaning else [None] * len(found)
    return [_ask(row, vector) for row, vector in zip(found, vectors, strict=True)]


def _ask(row: dict[str, object], vector: object) -> Asked:
    cloud, text = str(row["cloud"]), str(row["text"])
    hits = operations(cloud).search(question(text, cloud, vector), LIMIT)
    found = tuple(command.id for command, _ in hits)
    right = [place for place, one in enumerate(found, 1) if one in row["operations"]]
    return Asked(id=str(row["id"]), cloud=cloud, text=text, rank=min(right, default=0), found=found)


def share(answers: Sequence[Asked], within: int) -> float:
    """Return the share of questions whose operation stood among the first answers."""
    return sum(0 < one.rank <= within for one in answers) / len(answers)


def interval(answers: Sequence[Asked], within: int) -> tuple[float, float]:
    """Return the 95 % interval of that share, by drawing the questions again and again."""
    draw = random.Random(20260301)  # noqa: S311 - a bootstrap, not a secret
    drawn = sorted(share(draw.choices(answers, k=len(answers)), within) for _ in range(_DRAWS))
    return drawn[int(_OUTER * _DRAWS)], drawn[int((1 - _OUTER) * _DRAWS) - 1]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.evals.commands", description=__doc__)
    parser.add_argument("--half", choices=HALVES, help="only one set; all when not said")
    parser.add_argument("--words", action="store_true", help="by words alone, as without the model")
    parser.add_argument("--errors", action="store_true", help="print what was not found first")
    options = parser.parse_args(arguments)
    for half in [options.half] if options.half else HALVES:
        answers = answered(half, meaning=not options.words)
        _print(f"{half}: {len(answers)} questions", answers)
        for cloud in sorted({one.cloud for one in answers}):
            _print(f"  {cloud}", [one for one in answers if one.cloud == cloud])
        if options.errors:
            for one in answers:
                if one.rank != 1:
                    print(f"  {one.rank} {one.id} {one.text!r}: {', '.join(one.found)}")  # noqa: T201 - this script's purpose


def _print(name: str, answers: Sequence[Asked]) -> None:
    figures = []
    for within in (1, LIMIT):
        low, high = interval(answers, within)
        figures.append(f"R@{within} {share(answers, within):.3f} ({low:.2f} to {high:.2f})")
    print(f"{name:24} {'  '.join(figures)}")  # noqa: T201 - this script's purpose


if __name__ == "__main__":
    main()
