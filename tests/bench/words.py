"""How fast words are understood without a model: `python -m tests.bench.words`: messages a second on one core.

Every labelled message of `tests/evals` is understood five times over; the best of the five is told, in the process's own CPU time.
"""

import time

from tests.bench._measuring import load, say, table
from tests.evals.intent import predicted, rows_of

_RUNS = 5


def main() -> None:
    """Print how many messages a second one core understands."""
    rows = rows_of(["all"])
    predicted(rows[:1])
    seconds = []
    for _ in range(_RUNS):
        begun = time.process_time()
        predicted(rows)
        seconds.append(time.process_time() - begun)
    say(load())
    say("")
    with table("messages", "CPU s, best of five", "messages a second on one core") as figures:
        figures.row(f"{len(rows):,}", f"{min(seconds):.2f}", f"{len(rows) / min(seconds):,.0f}")


if __name__ == "__main__":
    main()
