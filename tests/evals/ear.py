"""Teaches the alarm's second ear: `python -m tests.evals.ear [--write | --check | --apart]`.

It learns from every labelled set that may be read and from the two lists of orders, never from a held half. `--check` says whether the file
beside the alarm was learned from what lies here now; `--apart` leaves one set out at a time and tells what the ear adds on it.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent_server.agents import alarm
from agent_server.agents.alarm.ear import BUCKETS, THRESHOLD, buckets, loudness, opened, weights
from agent_server.agents.danger import may_be_misread
from agent_server.contract.intent import Intent, IntentRequest
from agent_server.models.offline import parse
from tests.evals.intent import HELD, HERE, names, path_of
from tests.evals.score import read

_FILE = Path(alarm.__file__).parent / "ear.bin"
_STEPS = 250
_SOFTNESS = 1 / 30
"""How much the weights are held back; cross-validated over the sets."""

Numbers = NDArray[np.float32]
Example = tuple[str, bool]


def lessons() -> dict[str, list[Example]]:
    """Return what is learned from, set by set."""
    found = {
        name: [(row["text"], bool(row["dangerous"])) for row in read(path_of(name))]
        for name in names()
        if not name.endswith(HELD)
    }
    for name, dangerous in (("orders_said.txt", True), ("orders_unsaid.txt", False)):
        lines = (HERE / name).read_text(encoding="utf-8").splitlines()
        found[name] = [(line, dangerous) for line in lines if line and line[0] != "#"]
    return found


def digest(examples: Sequence[Example]) -> str:
    """Return what the examples, as the ear hears them, come down to."""
    heard = [(buckets(text), dangerous) for text, dangerous in examples]
    return hashlib.sha256(json.dumps(heard).encode()).hexdigest()[:16]


def learn(examples: Sequence[Example]) -> tuple[Numbers, float]:
    """Return a weight for every bucket and the bias of a logistic regression, held back by its weights' squares."""
    heard = [buckets(text) for text, _ in examples]
    length = np.array([1 / np.sqrt(len(one) + 1) for one in heard], np.float32)
    truth = np.array([dangerous for _, dangerous in examples], np.float32)
    alike = _alike(heard) * length[:, None] * length[None]
    share, bias, step = np.zeros(len(heard) + 1, np.float32), 0.0, 0.3
    mean, spread = np.zeros_like(share), np.zeros_like(share)
    for turn in range(1, _STEPS + 1):
        off = 1 / (1 + np.exp(-(alike @ share[:-1] + bias))) - truth
        slope = np.append(off + _SOFTNESS * share[:-1], off.mean() * 20).astype(np.float32)
        mean, spread = 0.9 * mean + 0.1 * slope, 0.999 * spread + 0.001 * slope * slope
        move = step * (mean / (1 - 0.9**turn)) / (np.sqrt(spread / (1 - 0.999**turn)) + 1e-8)
        share, bias = (share - move).astype(np.float32), bias - float(move[-1])
        step *= 0.5 if turn % 80 == 0 else 1
    learned = np.zeros(BUCKETS, np.float32)
    for one, weight in zip(heard, share[:-1] * length, strict=True):
        learned[one] += weight
    return learned, bias


def _alike(heard: Sequence[Sequence[int]]) -> Numbers:
    """Return how many buckets every two messages share."""
    holders: dict[int, list[int]] = {}
    for at, one in enumerate(heard):
        for bucket in one:
            holders.setdefault(bucket, []).append(at)
    alike = np.zeros((len(heard), len(heard)), np.float32)
    for listed in holders.values():
        alike[np.ix_(listed, listed)] += 1
    return alike


def written(examples: Sequence[Example]) -> bytes:
    """Return the file: a line of JSON, then a signed byte a bucket."""
    learned, bias = learn(examples)
    scale = float(np.abs(learned).max()) / 127
    head = {"scale": round(scale, 9), "bias": round(bias, 6), "learned_from": digest(examples)}
    return json.dumps(head).encode() + b"\n" + np.round(learned / scale).astype(np.int8).tobytes()


def apart() -> list[str]:
    """Leave one set out at a time: how many of its messages the ear alone hears, rightly and wrongly, and how often it would be asked."""
    sets, lines = lessons(), []
    for name, examples in sets.items():
        learned = opened(written([one for other, some in sets.items() if other != name for one in some]))
        heard = [(dangerous, loudness(text, learned) > THRESHOLD, _is_asked(text)) for text, dangerous in examples]
        found = sum(loud for dangerous, loud, _ in heard if dangerous)
        false = sum(loud and asked for dangerous, loud, asked in heard if not dangerous)
        lines.append(
            f"{name:<18} heard {found:>3} of {sum(dangerous for dangerous, *_ in heard):>3} orders, rang at {false} of the others"
        )
    return lines


def _is_asked(text: str) -> bool:
    intent: Intent = parse(IntentRequest(request_id="ear", text=text))
    return may_be_misread(intent) and not alarm.asks(text)


def main() -> int:
    """Write, check or try the ear; return 1 when it is not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="learn and write the file")
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the file is current")
    parser.add_argument("--apart", action="store_true", help="leave one set out at a time")
    chosen = parser.parse_args()
    examples = [one for some in lessons().values() for one in some]
    if chosen.apart:
        print("\n".join(apart()))  # noqa: T201 - this is the program's output
    if chosen.write:
        _FILE.write_bytes(written(examples))
    if chosen.check and weights().learned_from != digest(examples):
        print("ear.bin was learned from other messages: python -m tests.evals.ear --write")  # noqa: T201 - likewise
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
