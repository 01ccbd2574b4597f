"""Scores the plans made for requests on a frozen estate: `python -m tests.evals.plans [--errors] [--replies]`."""

import argparse

from tests.evals.plans.playing import gold, play
from tests.evals.plans.score import difference, scored


def main() -> None:
    """Print the figures; with `--errors` where a request missed its gold, with `--replies` what is said where there is no plan."""
    parser = argparse.ArgumentParser(prog="python -m tests.evals.plans", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="say where a request missed its gold")
    parser.add_argument("--replies", action="store_true", help="print the words of refusals and questions")
    chosen = parser.parse_args()
    requests = gold()
    found = play(requests)
    figures = scored(requests, found)
    lines = [
        line for one in requests if chosen.errors and one.id in figures.wrong for line in difference(one, found[one.id])
    ]
    if chosen.replies:
        lines += [f"{one.text!r}: {found[one.id].words}" for one in requests if found[one.id].words]
    lines.append(
        f"{figures.requests} requests: {figures.exact} exact ({figures.accuracy:.3f}), "
        f"{figures.extra} extra touched, {figures.missing} missing"
    )
    print("\n".join(lines))  # noqa: T201 - this program's output


if __name__ == "__main__":
    main()
