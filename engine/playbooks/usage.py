"""How often playbooks are run: counted here once a plan, told to the registry as numbers, without who or on what."""

import asyncio

import structlog

from agent_server.contract.playbook import UsageReport
from engine.execution.executor import Execution, ExecutionState
from engine.planning.record import Kept
from engine.planning.wire import PlannerUnavailable
from engine.playbooks.server import PlaybookServer
from engine.playbooks.shelf import Shelf
from engine.storage.playbook_runs import PlaybookRunStore

_log = structlog.get_logger(__name__)
_SECONDS = 3.0


class Usage:
    """Counts runs.

    Args:
        runs: The counters.
        shelf: Says what the registry has.
        server: The port to the agent server.
    """

    def __init__(self, runs: PlaybookRunStore, shelf: Shelf, server: PlaybookServer) -> None:
        self._runs = runs
        self._shelf = shelf
        self._server = server

    async def watch(self, kept: Kept, execution: Execution) -> None:
        """Count an execution that has ended, once; the registry is told now, or with the next run when it is away.

        Raises:
            StorageUnavailable: The count is not durable.
        """
        key = kept.told.playbook
        if not key or not execution.state.final:
            return
        succeeded = execution.state is ExecutionState.SUCCEEDED
        await asyncio.to_thread(self._runs.ended, kept.admitted.plan.plan_id, key, succeeded=succeeded)
        playbook, _, version = key.partition("@")
        shelved = await asyncio.to_thread(self._shelf.get, playbook, version)
        if shelved is None or shelved.uploaded:
            await self._tell(playbook, version)

    async def _tell(self, playbook: str, version: str) -> None:
        untold = await asyncio.to_thread(self._runs.untold, f"{playbook}@{version}")
        if not untold:
            return
        successes = await asyncio.to_thread(self._runs.successes, untold)
        try:
            async with asyncio.timeout(_SECONDS):
                await self._server.count(playbook, version, UsageReport(executions=len(untold), successes=successes))
        except (PlannerUnavailable, TimeoutError):
            _log.info("the registry was not told of a run; the next run tells of both")
            return
        await asyncio.to_thread(self._runs.told, untold)
