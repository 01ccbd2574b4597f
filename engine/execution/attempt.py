"""The life of one unit: drift check, durable intent, one call, verification; retries only where nothing can happen twice."""

import asyncio
import random
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from engine.clouds.errors import CloudError, NotSent, Throttled, Unanswered
from engine.clouds.operation import Operation, Verdict
from engine.clouds.ports import Answered, Attempt, CloudAccount
from engine.estate.resource import Json, Resource
from engine.execution.drift import drift
from engine.execution.recovery import Move, after_look, unanswered
from engine.execution.unit import Unit, UnitKey
from engine.planning.plan import Step, remembered
from engine.storage.journal import JournalEvent

MOST_ATTEMPTS = 6
_FIRST_POLL_SECONDS = 0.25
_LONGEST_POLL_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 30.0
_SLICE_SECONDS = 0.5
_CALLS_AT_ONCE = 64
_threads = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="escher-call")
"""Calls wait here for the clouds, so that the record never waits for them."""
_NAMESPACE = uuid.UUID("6f1c2f0e-9c57-4a7c-8f3f-2d7b6a1e5c11")


Result = TypeVar("Result")


class Pace(Protocol):
    """How long to wait; tests make it short."""

    async def __call__(self, seconds: float) -> None:
        """Wait."""
        ...


async def real_pace(seconds: float) -> None:
    """Wait in real time."""
    await asyncio.sleep(seconds)


class Write(Protocol):
    """Makes one journal line durable, with its audit entry; returns when it is on disk."""

    async def __call__(self, key: UnitKey, event: JournalEvent, attempt: int, detail: Mapping[str, Json]) -> None:
        """Write.

        Raises:
            StorageUnavailable: It is not durable; no call may follow.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything one unit needs.

    Attributes:
        plan_id: The plan.
        step: Its step.
        target: Full id.
        operation: What is done.
        account: Where.
        touched_before: Whether an earlier step of the plan acts on the same target.
        write: The journal.
        pace: Waiting.
        cancelled: Says whether nothing more may be sent.
        leaving: Says whether this process ends: the unit stays as the journal has it, for the next start.
    """

    plan_id: str
    step: Step
    target: str
    operation: Operation
    account: CloudAccount
    touched_before: bool
    write: Write
    pace: Pace
    cancelled: Callable[[], bool]
    leaving: Callable[[], bool]

    @property
    def key(self) -> UnitKey:
        """Step and target."""
        return UnitKey(self.step.id, self.target)

    @property
    def token(self) -> str:
        """The idempotency token: the same for every attempt of this unit, also after a restart."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.plan_id}/{self.step.id}/{self.target}"))

    @property
    def remembered(self) -> Resource:
        """The target as the plan holds it."""
        return remembered(self.target, self.step.preconditions[self.target])


@dataclass(slots=True)
class _Course:
    """How far a unit is: how many calls were intended, and whether one of them may have been done without an answer."""

    attempt: int
    doubt: bool


async def run(life: Life, unit: Unit, move: Move) -> None:
    """Bring a unit from where it is to an end, writing every transition; stop early only when the process ends."""
    course = _Course(unit.attempts, unit.doubtful or unit.last is JournalEvent.INTENT)
    while not life.leaving():
        following = await _step(life, course, move)
        if following is None:
            return
        move = following


async def _step(life: Life, course: _Course, move: Move) -> Move | None:
    """Make one move; return the next, or None when the unit has ended."""
    match move:
        case Move.BEGIN:
            return Move.CALL_AGAIN if await _still_so(life, course.attempt) else None
        case Move.CALL_AGAIN if life.cancelled():
            told = f"cancelled before it was {'tried again' if course.attempt else 'sent'}"
            return await _unsent(life, course, JournalEvent.CANCELLED, "cancelled", told)
        case Move.CALL_AGAIN:
            course.attempt += 1
            return await _call(life, course)
        case Move.LOOK:
            return await _look(life, course.attempt)
        case Move.VERIFY:
            await _verify(life, course.attempt)
        case Move.SAY_UNCERTAIN:
            await _uncertain(life, course.attempt)
        case Move.NOTHING:
            pass
    return None


async def _still_so(life: Life, attempt: int) -> bool:
    try:
        fresh = await _read(life)
    except CloudError as error:
        await _fail(life, attempt, error.code, f"could not look before acting: {error.message}")
        return False
    changed = drift(life.step.preconditions[life.target], fresh, identity_only=life.touched_before)
    if changed:
        await _fail(life, attempt, "drift", f"{life.remembered.name} {changed}; I left it alone")
        return False
    return True


async def _call(life: Life, course: _Course) -> Move | None:
    """Make one call; return the next move, or None when the unit has ended."""
    attempt = course.attempt
    await life.write(life.key, JournalEvent.INTENT, attempt, {"token": life.token})
    try:
        answered = await _in_thread(_send, life)
    except (Throttled, NotSent) as error:
        await life.write(life.key, JournalEvent.NOT_DONE, attempt, _detail(error))
        if attempt >= MOST_ATTEMPTS:
            told = f"gave up after {attempt} attempts: {error.message}"
            return await _unsent(life, course, JournalEvent.FAILED, error.code, told)
        await _wait(life, _delay(attempt, error))
        return Move.CALL_AGAIN
    except Unanswered as error:
        course.doubt = True
        move = unanswered(life.step.replay)
        if attempt >= MOST_ATTEMPTS or move is Move.SAY_UNCERTAIN:
            await _uncertain(life, attempt, error)
            return None
        await _wait(life, _delay(attempt, error))
        return move
    except CloudError as error:
        await life.write(life.key, JournalEvent.NOT_DONE, attempt, _detail(error))
        return await _unsent(life, course, JournalEvent.FAILED, error.code, error.message)
    await life.write(life.key, JournalEvent.CALLED, attempt, dict(answered.evidence))
    return Move.VERIFY


async def _unsent(life: Life, course: _Course, event: JournalEvent, code: str, message: str) -> Move | None:
    """End a unit whose last call certainly did nothing, unless one before, never answered, turns out to have been done."""
    if course.doubt:
        try:
            verdict = life.operation.verdict(await _read(life), life.step.params)
        except CloudError:
            verdict = Verdict.UNTOLD
        if verdict is not Verdict.NOT_DONE:
            return after_look(verdict)
    await life.write(life.key, event, course.attempt, {"code": code, "message": message})
    return None


def _send(life: Life) -> Answered:
    attempt = Attempt(plan_id=life.plan_id, step_id=life.step.id, token=life.token)
    try:
        return life.account.call(life.operation.id, life.remembered, life.step.params, attempt)
    except CloudError:
        raise
    except Exception as error:
        # What no account foresaw may have broken after the call was sent: that is no answer, not a "no".
        raise Unanswered("unexpected", f"the call broke off ({type(error).__name__})") from error


async def _look(life: Life, attempt: int) -> Move:
    try:
        fresh = await _read(life)
    except CloudError:
        return Move.SAY_UNCERTAIN
    move = after_look(life.operation.verdict(fresh, life.step.params))
    return Move.SAY_UNCERTAIN if move is Move.CALL_AGAIN and attempt >= MOST_ATTEMPTS else move


async def _verify(life: Life, attempt: int) -> None:
    waited, poll = 0.0, _FIRST_POLL_SECONDS
    last = "no look succeeded"
    while not life.leaving():
        try:
            fresh = await _read(life)
        except CloudError as error:
            last = error.message
        else:
            if life.operation.verdict(fresh, life.step.params) in {Verdict.DONE, Verdict.UNTOLD}:
                state = fresh.state if fresh else "gone"
                await life.write(life.key, JournalEvent.DONE, attempt, {"state": state})
                return
            last = f"it is {fresh.state or 'not changed yet'}" if fresh else "it is gone"
        if waited >= life.operation.deadline_seconds:
            await life.write(
                life.key,
                JournalEvent.UNCERTAIN,
                attempt,
                {
                    "code": "not_verified",
                    "message": f"{life.account.name} accepted the call, but after {waited:.0f} s {last}",
                },
            )
            return
        await _wait(life, poll, until_cancelled=False)
        waited += poll
        poll = min(poll * 1.6, _LONGEST_POLL_SECONDS)


async def _uncertain(life: Life, attempt: int, error: CloudError | None = None) -> None:
    """Say what is not known, with what a fresh look shows as evidence; never a guess."""
    try:
        fresh = await _read(life)
        seen = f"it is {fresh.state} now" if fresh and fresh.state else "it exists" if fresh else "it is gone"
    except CloudError:
        seen = "I could not look at it either"
    why = error.message if error else "the call may have been made before I was interrupted"
    message = f"no answer is known for {life.remembered.name}: {why}; {seen}. I have not tried again"
    await life.write(life.key, JournalEvent.UNCERTAIN, attempt, {"code": "unanswered", "message": message})


async def _fail(life: Life, attempt: int, code: str, message: str) -> None:
    await life.write(life.key, JournalEvent.FAILED, attempt, {"code": code, "message": message})


async def _read(life: Life) -> Resource | None:
    return await _in_thread(_fresh, life)


def _fresh(life: Life) -> Resource | None:
    try:
        return life.account.read(life.remembered)
    except CloudError:
        raise
    except Exception as error:
        raise CloudError("unexpected", f"looking broke off ({type(error).__name__})") from error


async def _in_thread(work: Callable[[Life], Result], life: Life) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, life)


def _detail(error: CloudError) -> dict[str, Json]:
    return {"code": error.code, "message": error.message}


async def _wait(life: Life, seconds: float, *, until_cancelled: bool = True) -> None:
    """Wait, but not on when the process ends, nor, before a call, when the plan was cancelled."""
    while seconds > 0 and not life.leaving() and not (until_cancelled and life.cancelled()):
        await life.pace(min(seconds, _SLICE_SECONDS))
        seconds -= _SLICE_SECONDS


def _delay(attempt: int, error: CloudError) -> float:
    """Exponential back-off with full jitter, or what the cloud asked for."""
    asked = error.retry_after if isinstance(error, Throttled) else None
    spread = random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
    return min(asked if asked is not None else 0.5 * 2**attempt, _LONGEST_WAIT_SECONDS) * (1.0 if asked else spread)
