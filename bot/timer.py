"""Being woken up again and again: APScheduler as the timer only; what is due is decided by whoever is woken."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_GRACE_SECONDS = 6 * 3600


async def ticking(check: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Call `check` every so many seconds, one call at a time, until cancelled; it handles its own failures."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415 - only where something is regular
    from apscheduler.triggers.interval import IntervalTrigger  # noqa: PLC0415 - likewise

    # What can go wrong in `check` is handled and logged there; this logger only tells of our own stop.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        check,
        IntervalTrigger(seconds=seconds, timezone="UTC"),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=_GRACE_SECONDS,
    )
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)
