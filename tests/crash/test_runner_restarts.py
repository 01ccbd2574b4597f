"""Approvals, expiry, cancelling and a full disk around the end and the beginning of a runner."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from bot import people
from bot.commands.telling import CommandFailed
from bot.terminal.asked import Caller
from engine.audit.events import Tag
from engine.clock import system_clock
from engine.estate.resource import Json
from engine.execution.executor import ExecutionState
from engine.execution.unit import JournalLine
from engine.plans import execution_id
from engine.storage.database import StorageUnavailable
from engine.storage.journal import JournalEvent
from tests.crash.changes import BY_NAME
from tests.crash.rig import KILLED, ROOT, Crashing, call, crashing
from tests.fakes.house import House, Open, opened
from tests.fakes.patience import PATIENCE
from tests.fakes.theatres import stage

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("restarts"), pytest.mark.filterwarnings("default")]
SLOW_SECONDS = 2.0


@pytest.fixture
def back(home):
    """Put a change of the world back after the test, whatever happened."""
    done = []
    yield done.append
    home.aws.cloud.lift()
    for name in done:
        BY_NAME[name].back(home)


def sent(home: House, plan_id: str) -> list[dict[str, Json]]:
    """Return the mutating calls of a plan at the local AWS."""
    return [one for one in home.aws.cloud.calls() if one["plan"].lower() == plan_id and one["mutating"]]


async def terminal(runner: Open, method: str, principal: str = "", **params):
    """Ask a runner in this process as a terminal does."""

    async def say(_words: str) -> None:
        """Let progress pass."""

    who = people.persona(principal) if principal else people.own()
    return (await runner.methods.call(method, params, Caller(principal=who, say=say)))["shape"]


async def ended(runner: Open, plan_id: str, seconds: float = PATIENCE):
    """Wait until the execution of a plan has ended."""
    running = runner.runner.engine.workflow.running

    def final() -> bool:
        past = running.past(plan_id)
        return past is not None and past.execution.state.final

    await eventually(final, seconds)
    return running.past(plan_id).execution


async def eventually(look: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    for _ in range(int(seconds / 0.05)):
        if await asyncio.to_thread(look):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


async def test_a_card_from_before_the_restart_can_be_pressed_after_it(home, tmp_path, back):
    """Shown by one runner, approved with the next: it runs once and the same card tells the end."""
    back("stop-ec2")
    async with stage("web", home, tmp_path) as before:
        card = await before.say("stop web-dev-1")
    async with stage("web", home, tmp_path) as after:
        await after.press(card, "Approve")
        done = await after.sees("Stopped", "verified", card.plan_id)
        assert done.handle[0].id == card.handle[0].id
    assert len(sent(home, card.plan_id)) == 1


async def test_what_has_expired_stays_expired_when_the_clock_goes_back(home, tmp_path, monkeypatch):
    """It expired while no runner ran; the next one saw that time; set back, the clock revives nothing."""
    ahead = timedelta()
    monkeypatch.setattr("bot.app.system_clock", lambda: system_clock() + ahead)
    config = home.settings(tmp_path)
    async with opened(config) as runner:
        plan_id = (await terminal(runner, "ask", text="stop web-dev-1"))["plan_id"]
    ahead = timedelta(minutes=31)
    async with opened(config, sync=False) as runner:
        del runner
    ahead = timedelta()
    async with opened(config, sync=False) as runner:
        said = await terminal(runner, "decide", plan_id=plan_id)
        assert (said["decision"], said["code"]) == ("refused", "approval.expired")
        assert plan_id not in str(await terminal(runner, "command", text="pending"))
    assert sent(home, plan_id) == []


async def test_two_terminals_approve_at_the_same_instant_and_it_runs_once(home, tmp_path):
    """Of all approvals one counts; the others are told so in words."""
    async with opened(home.settings(tmp_path)) as runner:
        plan_id = (await terminal(runner, "ask", text="restart web-dev-2"))["plan_id"]
        answers = await asyncio.gather(
            *(terminal(runner, "decide", who, plan_id=plan_id, wait=False) for who in ("", "local:reviewer") * 5)
        )
        assert sorted(one["decision"] for one in answers) == ["approved", *["refused"] * 9]
        assert (await ended(runner, plan_id)).state.value == "succeeded"
        assert len(sent(home, plan_id)) == 1


async def test_after_cancel_nothing_more_begins(home, tmp_path):
    """With slow calls under way on five of many machines: those are verified, the rest is left alone and the card says so."""
    cloud = home.aws.cloud
    cloud.fault(action="StopInstances", kind="delay", seconds=2.0, count=50)
    config = home.settings(tmp_path)
    try:
        async with opened(config) as runner:
            plan_id = (await terminal(runner, "ask", text="stop all dev EC2 instances"))["plan_id"]
            await terminal(runner, "decide", plan_id=plan_id, wait=False)
            journal = runner.runner.engine.record.journal
            await eventually(lambda: bool(journal.entries(execution_id(plan_id))))
            await terminal(runner, "command", text=f"cancel {plan_id}")
            cancelled_at = system_clock()
            execution = await ended(runner, plan_id)
            lines = journal.entries(execution_id(plan_id))
            text = (await runner.methods.call("command", {"text": f"status {plan_id}"}, _caller()))["text"]
        began = [line.at for line in lines if line.event is JournalEvent.INTENT]
        left = [unit for unit in execution.units.values() if unit.state.value == "cancelled"]
        assert execution.state.value == "partial"
        assert len(left) == len(execution.units) - len(began) > 0
        assert max(began) <= cancelled_at + timedelta(seconds=1)
        assert len(sent(home, plan_id)) == len(began)
        assert "cancelled" in text
    finally:
        start_all(home)


def start_all(home: House) -> None:
    """Start the dev machines that a test of many stopped."""
    home.aws.cloud.lift()
    for name in ("web-dev-1", "web-dev-2", "api-dev-1", "batch-dev", "worker-dev-1", "search-dev", "spike-dev"):
        machine = home.aws.machine(name)
        ec2 = home.aws.client("ec2", region=machine.region, step="escher/p-0a1b2c3d/world")
        ec2.start_instances(InstanceIds=[machine.id])


def _caller() -> Caller:
    async def say(_words: str) -> None:
        """Let progress pass."""

    return Caller(principal=people.own(), say=say)


class FullDisk:
    """A record that cannot be written from one kind of line on, until there is room again."""

    def __init__(self, record, event: JournalEvent) -> None:
        self._record = record
        self.event: JournalEvent | None = event
        self.refused = 0

    def write(self, execution: str, plan_id: str, line: JournalLine) -> None:
        """Write, or not."""
        if line.event is self.event:
            self.refused += 1
            raise StorageUnavailable("the disk is full")
        self._record.write(execution, plan_id, line)

    def __getattr__(self, name: str):
        return getattr(self._record, name)


@pytest.mark.parametrize(
    ("event", "calls"), [(JournalEvent.INTENT, 0), (JournalEvent.CALLED, 1), (JournalEvent.DONE, 1)]
)
async def test_a_full_disk_stops_the_work_and_room_lets_it_go_on(home, tmp_path, back, event, calls):
    """Without a durable intent nothing is called; when there is room again it goes on by itself to the right end."""
    back("stop-ec2")
    async with opened(home.settings(tmp_path)) as runner:
        running = runner.runner.engine.workflow.running
        disk = running._executor._record = FullDisk(running._record, event)
        plan_id = (await terminal(runner, "ask", text="stop web-dev-1"))["plan_id"]
        await terminal(runner, "decide", plan_id=plan_id, wait=False)
        await eventually(lambda: disk.refused > 0)
        assert len(sent(home, plan_id)) == calls
        disk.event = None
        assert (await ended(runner, plan_id)).state.value == "succeeded"
        assert len(sent(home, plan_id)) == (2 if event is JournalEvent.CALLED else 1)
        tags = [one.event.tag for one in runner.runner.engine.audit.of_plan(plan_id)]
        assert tags.count(Tag.EXECUTION_FINISHED) == 1


async def test_a_failed_step_leaves_the_rest_alone_and_says_so(home, tmp_path):
    """No snapshot, no stop: what was to follow is not begun, on the card and in the world."""
    home.aws.cloud.fault(action="CreateDBSnapshot", kind="deny")
    async with opened(home.settings(tmp_path)) as runner:
        plan_id = (await terminal(runner, "ask", text="snapshot sandbox-db then stop it"))["plan_id"]
        said = await terminal(runner, "decide", plan_id=plan_id)
        states = [step["state"] for step in said["execution"]["steps"]]
        text = (await runner.methods.call("command", {"text": f"status {plan_id}"}, _caller()))["text"]
    assert (said["execution"]["state"], states) == ("failed", ["failed", "skipped"])
    assert "not begun, because an earlier step did not succeed" in " ".join(text.split())
    assert [one["action"] for one in sent(home, plan_id)] == ["CreateDBSnapshot"]


@pytest.fixture
def rig(home, tmp_path):
    """A runner of its own process."""
    config = home.settings(tmp_path, web={"enabled": True, "port": 0})
    with crashing(config) as up:
        assert up.up()
        call(config, "sync", {"newer_than": "2000-01-01T00:00:00+00:00"})
        yield up


def test_approvals_while_the_runner_goes_away_are_done_once_or_still_wait(home: House, rig: Crashing, back):
    """Pressed just before, at and after SIGTERM: none is lost half-way, none runs twice, and the runner ends cleanly."""
    back("stop-ec2")
    home.aws.cloud.fault(action="StopInstances", kind="delay", seconds=1.0)
    plans = [rig.plan(text)[1] for text in ("stop web-dev-1", "restart web-dev-2", "tag spike-dev with going=away")]
    rig.approve(plans[0])
    late = [threading.Thread(target=rig.approve, args=(plan_id,)) for plan_id in plans[1:]]
    for thread in late:
        thread.start()
    rig.stop()
    for thread in late:
        thread.join()
    assert rig.up()
    for plan_id in plans:
        if call(rig.config, "command", {"text": f"status {plan_id}"})["shape"]["state"] == "waiting":
            rig.approve(plan_id)
        until = time.monotonic() + PATIENCE
        while rig.state(plan_id)[0] != "succeeded":
            assert time.monotonic() < until, rig.state(plan_id)
            time.sleep(0.05)
        assert len(sent(home, plan_id)) == 1


def test_a_cancelled_plan_stays_cancelled_after_a_kill(home: House, rig: Crashing):
    """The runner dies right after it said "cancelled": the next one sends nothing more and says how it stands."""
    home.aws.cloud.fault(action="StopInstances", kind="delay", seconds=SLOW_SECONDS, count=50)
    try:
        _, plan_id = rig.plan("stop all dev EC2 instances")
        rig.approve(plan_id)
        until = time.monotonic() + PATIENCE
        while not (began := intents(rig, plan_id)):
            assert time.monotonic() < until
            time.sleep(0.05)
        rig.ask(f"cancel {plan_id}")
        os.kill(rig.pid, signal.SIGKILL)
        assert rig.died()
        began = intents(rig, plan_id)
        home.aws.cloud.lift()
        assert rig.up()
        while not ExecutionState(rig.state(plan_id)[0]).final:
            assert time.monotonic() < rig.ready_at + PATIENCE
            time.sleep(0.05)
        assert intents(rig, plan_id) == began
        assert rig.state(plan_id)[0] in {"partial", "cancelled"}
        assert "cancelled" in rig.state(plan_id)[1]
    finally:
        time.sleep(SLOW_SECONDS)  # calls of the killed runner that were on their way do their work late
        start_all(home)


@contextmanager
def cold(module: str, config, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Start a runner as an own process, wait until it is ready, and end it with its standard input."""
    command = [sys.executable, "-m", module, "--config", str(config), *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
            process.stdin.close()
            process.wait(PATIENCE)
        except BaseException:
            process.kill()  # else leaving the block would wait for a runner that nobody ends
            raise


def test_a_command_line_runner_takes_up_what_a_killed_one_left(home: House, tmp_path, back):
    """The same with cold processes: killed when the answer had come and was not written, ended by the one started next."""
    back("stop-ec2")
    config = home.settings(tmp_path)
    with cold("tests.crash.killed_runner", config, "--kill", "called.before:1") as runner:
        asked = {"text": "stop web-dev-1", "thread": "cold"}
        call(config, "sync", {"newer_than": "2000-01-01T00:00:00+00:00"})
        answer = call(config, "ask", asked)
        assert answer["shape"]["kind"] == "plan", answer["text"]
        plan_id = answer["shape"]["plan_id"]
        with suppress(CommandFailed):
            call(config, "decide", {"plan_id": plan_id, "wait": False})
        assert runner.wait(PATIENCE) == KILLED
    with cold("bot.serving", config, "--exit-with-parent") as runner:
        until = time.monotonic() + PATIENCE
        while (state := execution_state(config, plan_id)) != "succeeded":
            assert time.monotonic() < until, state
            time.sleep(0.05)
    assert runner.returncode == 0
    assert [one["action"] for one in sent(home, plan_id)] == ["StopInstances", "StopInstances"]


def execution_state(config, plan_id: str) -> str:
    """Return how an execution stands, as a terminal is told."""
    return call(config, "command", {"text": f"status {plan_id}"})["shape"]["execution"]["state"]


def intents(rig: Crashing, plan_id: str) -> int:
    """Return how many calls of a plan were begun."""
    return sum(line.event is JournalEvent.INTENT for line in rig.record_of(plan_id).journal)
