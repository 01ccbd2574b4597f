"""The estate after its process was killed in the middle of writing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.estate.edge import EdgeIndex
from engine.estate.resource import CellStatus
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.storage.keys import EpochRoot, KeyRing
from tests.fakes.estate import MovableClock, machine, scan

ROOT_FOLDER = Path(__file__).parents[2]
ROOT = EpochRoot(data=b"d" * 32, audit=b"a" * 32)
FLEET = [f"m-{n:02d}" for n in range(60)]
WRITER = """
import sys
from pathlib import Path
from tests.crash.test_estate_kill import FLEET, ROOT
from engine.estate.edge import EdgeIndex
from engine.estate.store import EstateStore
from engine.storage.keys import KeyRing
from tests.fakes.estate import MovableClock, machine, scan

clock = MovableClock()
store = EstateStore(EdgeIndex(Path(sys.argv[1])), KeyRing({1: ROOT}), clock)
for turn in range(100_000):
    shown = FLEET if turn % 3 else FLEET[:50]
    store.upsert(scan(clock.forward(seconds=1), *(machine(name, state=f"turn-{turn}") for name in shown)))
    print(turn, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.003, 0.011, 0.017, 0.029, 0.043])
def test_a_kill_in_the_middle_of_writing_is_either_whole_or_said(tmp_path: Path, delay: float) -> None:
    """What is there is readable and single; a cell that was half written counts as unread; the next reading mends it."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "estate")], stdout=subprocess.PIPE, text=True, cwd=ROOT_FOLDER
    )
    assert writer.stdout is not None
    for _ in range(3):
        assert writer.stdout.readline()
    time.sleep(delay)
    writer.kill()
    last = _last_turn(writer)
    clock = MovableClock()
    store = EstateStore(EdgeIndex(tmp_path / "estate"), KeyRing({1: ROOT}), clock)
    found = store.select(Selector()).resources
    assert 50 <= len(found) <= 60
    assert len({resource.id for resource in found}) == len(found)
    state = store.coverage()[0]
    turns = {resource.state for resource in found}
    if state.status is CellStatus.OK:
        assert len(turns) == 1
        assert state.count == len(found)
    else:
        assert state.read_at is None
    assert max(int(turn.removeprefix("turn-")) for turn in turns) >= last
    store.upsert(scan(clock.forward(days=1), *(machine(name) for name in FLEET)))
    assert store.coverage()[0].status is CellStatus.OK
    assert [resource.state for resource in store.select(Selector()).resources] == ["running"] * 60
    store.close()


def _last_turn(writer: "subprocess.Popen[str]") -> int:
    """Return the last turn that the writer said was written, after the three that were read."""
    rest = writer.communicate()[0].split()
    return int(rest[-1]) if rest else 2
