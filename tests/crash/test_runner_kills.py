"""SIGKILL at the journal's points: nothing happens twice, nothing is guessed, nobody is left without word.

Real processes, real SDKs, local clouds that log every call. `ESCHER_KILLS=1000` runs that many interrupted changes; the default
is a sample in which every change, point, misfortune and second kill has its share.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from bot.commands.telling import CommandFailed
from engine.audit.events import Tag
from engine.clouds.operation import ReplayClass
from engine.execution.executor import ExecutionState
from engine.storage.journal import JournalEvent
from tests.crash.kills import Kill, sample
from tests.crash.rig import Crashing, Written, call, crashing
from tests.fakes.house import House
from tests.fakes.patience import PATIENCE

KILLS = int(os.environ.get("ESCHER_KILLS", "24"))  # noqa: TID251 - how long the test runs, not a setting
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kills"), pytest.mark.filterwarnings("default")]
_numbers = count(1)


@dataclass(slots=True)
class Tally:
    """What was counted over all kills."""

    kills: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    repeated: int = 0
    duplicates: int = 0
    slowest: float = 0.0


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    """Count over all kills, and say it at the end."""
    counted = Tally()
    yield counted
    ends = ", ".join(f"{number} {state}" for state, number in sorted(counted.ends.items()))
    print(  # noqa: T201 - the figures of this run
        f"\n{counted.kills} kills, {sum(counted.ends.values())} changes: {ends}; {counted.calls} calls, "
        f"{counted.repeated} repeated where that changes nothing, {counted.duplicates} duplicate effects; "
        f"slowest word {counted.slowest:.1f} s after ready"
    )


@pytest.fixture(scope="module")
def rig(home, tmp_path_factory) -> Iterator[Crashing]:
    """A runner over a fresh data directory that knows its estate."""
    config = home.settings(tmp_path_factory.mktemp("killed"), web={"enabled": True, "port": 0})
    with crashing(config) as opened:
        assert opened.up()
        call(config, "sync", {"newer_than": "2000-01-01T00:00:00+00:00"})
        opened.open_console()
        yield opened


@pytest.mark.parametrize("kill", sample(KILLS), ids=lambda kill: kill.name)
def test_a_killed_runner_leaves_nothing_twice_and_nothing_untold(
    kill: Kill, home: House, rig: Crashing, tally: Tally, record_property: Callable[[str, object], None]
):
    """The plan ends after the next start, its card says so, and call log, journal and trail agree."""
    number = next(_numbers)
    cloud = kill.change.endpoint(home)
    room, plan_id = rig.plan(kill.change.words.format(n=number))
    before = rig.console.cards(room)[-1]
    since = cloud.last()
    if kill.fault:
        cloud.fault(action=kill.change.calls[0][0], kind=kill.fault)
    try:
        died_at = _interrupted(kill, rig, plan_id)
        tally.kills += len(died_at)
        state, word = _told(rig, room, plan_id)
        tally.slowest = max(tally.slowest, word)
        record_property("slowest word, seconds after ready (promised: 10)", round(tally.slowest, 1))
        tally.ends[state] += 1
        assert rig.console.cards(room)[-1]["text"] != before["text"]
        assert state == kill.end
        assert kill.end is not ExecutionState.SUCCEEDED or kill.change.holds(home, plan_id, number)
        calls = [one for one in cloud.calls(since) if one["plan"].lower() == plan_id and one["mutating"]]
        duplicates = _duplicates(kill, calls)
        tally.duplicates += duplicates
        assert duplicates == 0
        assert {one["action"] for one in calls} <= {action for action, _ in kill.change.calls}
        _agree(rig.record_of(plan_id), calls, unsent=died_at.count("intent.after"))
        tally.calls += len(calls)
        tally.repeated += max(sum(one["status"] < 300 for one in calls) - len(kill.change.calls), 0)
    finally:
        cloud.lift()
        kill.change.back(home)


def _interrupted(kill: Kill, rig: Crashing, plan_id: str) -> list[str]:
    """Approve, and kill as ordered; a runner is up afterwards. Return at which points a runner died."""
    rig.arm(kill.point)
    rig.approve(plan_id)
    assert rig.died(), f"it never came to {kill.point}: {rig.state(plan_id)}"
    died_at = [kill.point.split(":")[0]]
    if kill.again:
        if not rig.up(kill=kill.again) or _dies_soon(rig, plan_id):
            died_at.append(kill.again.split(":")[0])
            assert rig.up()
        else:
            (rig.config.parent / "kill").unlink(missing_ok=True)
    else:
        assert rig.up()
    rig.open_console()
    return died_at


def _dies_soon(rig: Crashing, plan_id: str) -> bool:
    """Say whether a runner that was armed dies before its plan has ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if rig.died(0.05):
            return True
        try:
            state, _ = rig.state(plan_id)
        except (CommandFailed, ConnectionError):
            return rig.died()
        if ExecutionState(state).final:
            return rig.died(1.0)
    return False


def _told(rig: Crashing, room: str, plan_id: str) -> tuple[ExecutionState, float]:
    """Wait for the end and for the card that says it; return the state and the seconds since the runner was ready."""
    seen = ""
    while time.monotonic() < rig.ready_at + PATIENCE:
        state, text = rig.state(plan_id)
        seen = rig.console.cards(room)[-1]["text"]
        if ExecutionState(state).final and _untimed(seen) == _untimed(text):
            return ExecutionState(state), time.monotonic() - rig.ready_at
        time.sleep(0.05)
    raise AssertionError(
        f"not told within {PATIENCE:.0f} s: {rig.state(plan_id)}\nthe card says:\n{seen}\n{rig.said()}"
    )


def _untimed(text: str) -> str:
    """Return a card without its durations, which a runner that was killed at the end measures a moment later."""
    return re.sub(r"\d+:\d\d|\d+ s\b|\s+", " ", text)


def _duplicates(kill: Kill, calls: list[dict[str, Any]]) -> int:
    """Count calls that did something a second time; token and natural calls may be repeated, `holds` looks at what they did."""
    found = 0
    for action, replay in kill.change.calls:
        made = [one for one in calls if one["action"] == action]
        if replay is ReplayClass.ONCE:
            found += max(sum(one["fault"] not in {"throttle", "deny"} for one in made) - 1, 0)
        if replay in {ReplayClass.STATE, ReplayClass.CAS}:
            found += max(sum(one["status"] < 300 for one in made) - 1, 0)
    return found


def _agree(written: Written, calls: list[dict[str, Any]], *, unsent: int) -> None:
    """Each intent has one entry in the trail and one call, but where the runner died between intent and call."""
    intents = [(one.step_id, one.target, one.attempt) for one in written.journal if one.event is JournalEvent.INTENT]
    assert len(set(intents)) == len(intents)
    trail = [
        (one.event.step_id, one.event.detail["target"], one.event.detail["attempt"])
        for one in written.audit
        if one.event.tag is Tag.STEP_CALLED
    ]
    assert trail == intents
    assert len(calls) == len(intents) - unsent
    assert Counter(one["step"] for one in calls) <= Counter(step for step, _, _ in intents)
    ended = [
        one for one in written.journal if one.event in {JournalEvent.DONE, JournalEvent.FAILED, JournalEvent.UNCERTAIN}
    ]
    finished = [one for one in written.audit if one.event.tag is Tag.STEP_FINISHED]
    refused = [one for one in written.journal if one.event is JournalEvent.NOT_DONE]
    assert len(finished) == len(ended) + len(refused)
    assert len({(one.step_id, one.target) for one in ended}) == len(ended)
    assert sum(one.event.tag is Tag.EXECUTION_FINISHED for one in written.audit) == 1
