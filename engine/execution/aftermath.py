"""What to do after an execution that did not wholly succeed: the agent server judges its outcome over handles, within two seconds.

The judgement only adds advice to a result that stands without it: when the server is away or slow, there is none.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence

from agent_server.contract.assess import AssessRequest, Outcome
from engine.execution.executor import Execution, ExecutionState
from engine.execution.unit import UnitState
from engine.planning.context import Target, facts
from engine.planning.planner import Planner
from engine.planning.record import Kept
from engine.planning.redaction import Redactor
from engine.planning.wire import PlannerUnavailable
from engine.replies import Advice
from engine.reports.handles import Handles

PATIENCE_SECONDS = 2.0
_MOST_UNITS = 500
_REMEMBERED = 200
_STATES = {
    UnitState.SUCCEEDED: "succeeded",
    UnitState.FAILED: "failed",
    UnitState.UNCERTAIN: "uncertain",
    UnitState.SKIPPED: "cancelled",
    UnitState.CANCELLED: "cancelled",
}


class Aftermath:
    """Asks for next steps, once for each execution.

    Args:
        planner: The port to the agent server.
        redactor: Makes fresh pseudonyms that know the estate's names.
        tag_keys: Tag keys whose values the agent server may see.
    """

    def __init__(self, planner: Planner, redactor: Callable[[], Redactor], tag_keys: Sequence[str]) -> None:
        self._planner = planner
        self._redactor = redactor
        self._tag_keys = tag_keys
        self._known: OrderedDict[str, tuple[Advice, ...]] = OrderedDict()

    def known(self, execution: Execution) -> tuple[Advice, ...]:
        """Return the next steps of an execution as far as they are known; none for one that succeeded."""
        return self._known.get(execution.id, ())

    async def ask(self, kept: Kept, execution: Execution) -> None:
        """Learn the next steps after an execution that has ended, when it needs any; never longer than `PATIENCE_SECONDS`."""
        if execution.id in self._known or execution.state in {ExecutionState.SUCCEEDED, ExecutionState.CANCELLED}:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                advice = await self._judged(kept, execution)
        except (TimeoutError, PlannerUnavailable):
            return
        self._known[execution.id] = advice
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    async def _judged(self, kept: Kept, execution: Execution) -> tuple[Advice, ...]:
        handles, redact = Handles(), self._redactor().redact
        operations = {step.id: step.operation for step in execution.plan.steps}
        before = kept.admitted.before
        units = sorted(execution.units.values(), key=lambda unit: unit.state is UnitState.SUCCEEDED)[:_MOST_UNITS]
        outcome = [
            Outcome.model_validate(
                {
                    "handle": handles.of(unit.key.target, before[unit.key.target].name),
                    "operation": operations[unit.key.step],
                    "state": _STATES.get(unit.state, "cancelled"),
                    "code": redact(unit.code)[:250],
                }
            )
            for unit in units
        ]
        touched: Sequence[str] = list(dict.fromkeys(unit.key.target for unit in units))
        targets = [
            facts(
                Target(handle=handles.of(id_, before[id_].name), part=0, resource=before[id_]),
                redact,
                tag_keys=self._tag_keys,
            )
            for id_ in touched
        ]
        request = AssessRequest(request_id=f"after-{execution.plan.plan_id}", outcome=outcome, targets=targets)
        judged = await self._planner.assess(request)
        return tuple(Advice(text=handles.restore(one.text), ask=handles.restore(one.ask)) for one in judged.next_steps)
