"""Scores the offline understanding of messages: `python -m tests.evals.intent [--set NAME|FILE] [--errors]`."""

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent_server.contract.intent import IntentRequest
from agent_server.models.offline import parse
from tests.evals.score import facts, lines, read, score

HERE = Path(__file__).parent
SETS = {"dev80": HERE / "dev_80.jsonl", "own150": HERE / "messages_150.jsonl"}


def predicted(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Understand every message on its own, without a thread."""
    return {
        row["id"]: parse(IntentRequest(request_id="eval", text=row["text"])).model_dump(mode="json") for row in rows
    }


def path_of(name: str) -> Path:
    """Return the file of a set by its short name, as `fresh_1`, or by its path."""
    named = HERE / f"{name}.jsonl"
    return SETS.get(name) or (named if named.exists() else Path(name))


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
    parser.add_argument("--set", default="dev80", help="dev80, own150, fresh_1, … or a file")
    parser.add_argument("--errors", action="store_true")
    chosen = parser.parse_args()
    rows = read(path_of(chosen.set))
    predicted(rows[:1])
    begun = time.process_time()
    found = predicted(rows)
    seconds = time.process_time() - begun
    if chosen.errors:
        for row in rows:
            said = differences(row, found[row["id"]])
            if said:
                print(f"{row['id']} {row['text']!r}", *said, sep="\n    ")  # noqa: T201 - this is the program's output
    print("\n".join(lines(score(rows, found))))  # noqa: T201 - likewise
    print(f"{len(rows) / seconds:.0f} messages a second")  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
