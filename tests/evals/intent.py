"""Scores the offline understanding of messages: `python -m tests.evals.intent [--set NAME|FILE …] [--errors]`.

Lines of the halves that nobody reads (`…_held`) are never printed. `--pseudonyms` scores what a runner sends, `--intervals` adds what chance may do, `--set all` pools every set.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent_server.contract.intent import IntentRequest
from agent_server.models.offline import parse
from tests.evals import intervals, pseudonyms
from tests.evals.score import facts, lines, read, score

HERE = Path(__file__).parent
HELD = "_held"
SETS = {"dev80": HERE / "dev_80.jsonl", "own150": HERE / "messages_150.jsonl"}


def predicted(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Understand every message on its own, without a thread."""
    return {
        row["id"]: parse(IntentRequest(request_id="eval", text=row["text"])).model_dump(mode="json") for row in rows
    }


def names() -> tuple[str, ...]:
    """Return the short names of all sets."""
    return (
        *SETS,
        *sorted(
            path.stem
            for pattern in ("fresh_*.jsonl", "unseen_*.jsonl", "voices_*.jsonl", "closing_*.jsonl", "blind_*.jsonl")
            for path in HERE.glob(pattern)
        ),
    )


def path_of(name: str) -> Path:
    """Return the file of a set by its short name, as `fresh_1`, or by its path."""
    named = HERE / f"{name}.jsonl"
    return SETS.get(name) or (named if named.exists() else Path(name))


def rows_of(chosen: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of some sets together; `all` are all."""
    wanted = names() if "all" in chosen else chosen
    return [row for name in wanted for row in read(path_of(name))]


def differences(row: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Say in words where a prediction differs from its label."""
    said = [
        f"{key} {row[key]!r} taken for {found[key]!r}"
        for key in ("intent", "cloud", "action", "needs_clarification", "dangerous")
        if row[key] != found[key]
    ]
    if set(row["resource_types"]) != set(found["resource_types"]):
        said.append(f"types {row['resource_types']} taken for {found['resource_types']}")
    missed, wrong = facts(row["filters"]) - facts(found["filters"]), facts(found["filters"]) - facts(row["filters"])
    if missed or wrong:
        said.append(f"filters missed {sorted(missed)}, invented {sorted(wrong)}")
    return said


def main() -> None:
    """Print the figures, and with `--errors` every difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", nargs="+", default=["dev80"], help="dev80, own150, fresh_1, … or files; all for all")
    parser.add_argument("--errors", action="store_true", help="say where each message is understood differently")
    parser.add_argument("--pseudonyms", action="store_true", help="take identities out first, as a runner does")
    parser.add_argument("--intervals", action="store_true", help="add 95 %% intervals")
    chosen = parser.parse_args()
    rows = rows_of(chosen.set)
    found = pseudonyms.predicted(rows) if chosen.pseudonyms else predicted(rows)
    if chosen.errors:
        unread = {row["id"] for name in names() if name.endswith(HELD) for row in read(path_of(name))}
        for row in rows:
            said = differences(row, found[row["id"]])
            if said and row["id"] not in unread:
                print(f"{row['id']} {row['text']!r}", *said, sep="\n    ")  # noqa: T201 - this is the program's output
    print("\n".join(lines(score(rows, found))))  # noqa: T201 - likewise
    if chosen.intervals:
        print("\n".join(intervals.lines(intervals.intervals(rows, found))))  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
