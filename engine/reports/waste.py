"""Machines that run for nothing, with what they cost at list prices."""

import asyncio

from engine.answering import Idle
from engine.estate.idleness import Verdict
from engine.estate.resource import Resource
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.planning.money import price
from engine.reports.figures import IdleMachine

_MACHINES = frozenset({"ec2::instance", "compute::virtualmachine", "compute::instance"})
_HOURS_A_MONTH = 730


async def idle_machines(estate: EstateStore, idle: Idle) -> tuple[tuple[IdleMachine, ...], int]:
    """Return the idle machines, dearest first, and how many running ones could not be judged."""
    found = await asyncio.to_thread(estate.select, Selector(types=_MACHINES, states=frozenset({"running"})))
    judged, _ = await idle.judge(found.resources)
    known = sum(verdict.verdict is not Verdict.NOT_ENOUGH_DATA for verdict in judged.values())
    machines = (
        IdleMachine(
            name=one.name,
            id=one.id,
            type=one.type,
            region=one.region,
            size=one.size,
            sentence=judged[one.id].sentence,
            monthly=_monthly(one),
        )
        for one in found.resources
        if one.id in judged and judged[one.id].verdict is Verdict.IDLE
    )
    return tuple(sorted(machines, key=lambda one: -(one.monthly or 0.0))), len(found.resources) - known


def _monthly(one: Resource) -> float | None:
    hourly = price(one.size)
    return None if hourly is None else round(hourly * _HOURS_A_MONTH, 2)
