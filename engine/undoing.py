"""The way back: a plan that takes back what another did, on exactly the targets on which it succeeded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from engine.clock import Clock
from engine.clouds.catalog import Catalog
from engine.clouds.errors import CloudError
from engine.clouds.ports import CloudAccount
from engine.estate.resource import Resource
from engine.execution.unit import UnitState
from engine.planning import admission
from engine.planning.plan import Strategy, new_plan_id
from engine.planning.record import Kept, Told
from engine.planning.undo import Reversal, reversal
from engine.proposing import PolicySource, Request
from engine.refusal import Refusal
from engine.running import Past, Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """Makes undo plans.

    Attributes:
        running: What was done.
        accounts: The connected accounts, for a fresh look.
        catalog: All operations.
        policy: Gives the policy as it is now.
        clock: The time.
    """

    running: Running
    accounts: Sequence[CloudAccount]
    catalog: Catalog
    policy: PolicySource
    clock: Clock

    async def propose(self, request: Request, plan_id: str) -> Kept | Refusal:
        """Return the plan that takes a finished plan back, or why there is none."""
        past = await asyncio.to_thread(self.running.past, plan_id)
        if past is None or not past.execution.state.final:
            return Refusal(
                code="undo.nothing", message=f"Plan {plan_id} has done nothing that could be taken back yet."
            )
        back = await self._back(past)
        if isinstance(back, Refusal):
            return back
        if not back.drafts:
            gone = f"{', '.join(back.gone)} no longer exists" if back.gone else ""
            why = "; ".join(back.cannot) or gone or "nothing of it succeeded"
            return Refusal(code="undo.impossible", message=f"Plan {plan_id} cannot be taken back: {why}.")
        asked = admission.Asked(
            requester=request.principal,
            origin=request.thread,
            actions=(),
            targets=(),
            account_names={account.account: account.name for account in self.accounts},
            now=self.clock(),
        )
        strategy = Strategy(parallel=past.kept.admitted.plan.strategy.parallel)
        admitted = admission.freeze(
            back.drafts, asked, self.catalog, self.policy(), plan_id=new_plan_id(), strategy=strategy
        )
        if isinstance(admitted, Refusal):
            return admitted
        operation = self.catalog.operations[back.drafts[0].operation]
        notes = (
            *(f"stays as it is: {why}" for why in back.cannot),
            *(f"no longer exists: {name}" for name in back.gone),
        )
        told = Told(
            action=operation.action or "undo",
            words=operation.words,
            requester=request.principal.display,
            notes=notes,
            text=f"undo {plan_id}",
            undoes=plan_id,
        )
        return Kept(admitted=admitted, told=told)

    async def _back(self, past: Past) -> Reversal | Refusal:
        kept, execution = past.kept, past.execution
        succeeded = {key for key, unit in execution.units.items() if unit.state is UnitState.SUCCEEDED}
        fresh = await self._fresh(kept, {key.target for key in succeeded})
        if isinstance(fresh, Refusal):
            return fresh
        return reversal(kept.admitted.plan, succeeded, kept.admitted.before, fresh, self.catalog)

    async def _fresh(self, kept: Kept, targets: set[str]) -> dict[str, Resource | None] | Refusal:
        by_account = {account.account: account for account in self.accounts}
        fresh: dict[str, Resource | None] = {}
        for target in sorted(targets):
            before = kept.admitted.before[target]
            try:
                fresh[target] = await asyncio.to_thread(by_account[before.account].read, before)
            except CloudError as error:
                return Refusal(code="undo.unread", message=f"I could not look at {before.name}: {error.message}.")
        return fresh
