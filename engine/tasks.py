"""Background tasks that are neither lost nor silent."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger(__name__)
_running: set[asyncio.Task[Any]] = set()


def spawn(work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
    """Start `work` in the running loop, keep a reference until it ends, and log its failure.

    Args:
        work: The coroutine to run.
        name: What is being done, for the log line.
    """
    task = asyncio.create_task(work, name=name)  # noqa: TID251 - the one place that may
    _running.add(task)
    task.add_done_callback(_finished)
    return task


async def drain(seconds: float) -> int:
    """Wait up to `seconds` for all spawned tasks of this loop; return how many are still running."""
    here = asyncio.get_running_loop()
    mine = {task for task in _running if task.get_loop() is here and task is not asyncio.current_task()}
    if not mine:
        return 0
    _, pending = await asyncio.wait(mine, timeout=seconds)
    return len(pending)


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("background task failed", task=task.get_name(), error=type(error).__name__, exc_info=error)
