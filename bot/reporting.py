"""Morning reports at their time, in their channel, each once: over restarts, sleeps and changes of the clock.

APScheduler only wakes us up; what is due is computed from the clock, and each firing is a claimed row of the record. A report that
was due while the runner was off is made at the next start. A crash between claim and post leads to the same report again under the
same card, never to a second one.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from blocks.components import Component
from bot.messages import Surface, ThreadRef
from bot.outbox import Outbox
from bot.timer import ticking
from bot.views.report import report_card
from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.clock import Clock
from engine.reports.delivered import Delivered
from engine.reports.morning import Morning
from engine.schedule.daily import Daily
from engine.storage.schedule_runs import ScheduleRunStore

_log = structlog.get_logger(__name__)
_TICK_SECONDS = 2
_RETRY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One configured report: where and when."""

    thread: ThreadRef
    daily: Daily

    @property
    def job(self) -> str:
        """The name of its schedule."""
        return f"report|{self.thread.key}|{self.daily.at:%H:%M}|{self.daily.zone.key}"


def channel(text: str) -> ThreadRef:
    """Return where a `[[report]] channel` is."""
    kind, _, rest = text.partition(":")
    if kind == "web":
        return ThreadRef(surface=Surface.WEB, channel="console", thread="morning-report")
    if kind == "file":
        return ThreadRef(surface=Surface.FILE, channel=rest, thread="report")
    return ThreadRef(surface=Surface(kind), channel=rest)


class Reporting:
    """Makes and posts morning reports.

    Args:
        morning: Makes them.
        posts: Where and when.
        runs: Claims firings.
        outbox: Shows them.
        audit: The trail.
        delivered: Remembers which report a thread is about.
        clock: The time.
    """

    def __init__(
        self,
        *,
        morning: Morning,
        posts: Sequence[Post],
        runs: ScheduleRunStore,
        outbox: Outbox,
        audit: AuditLog,
        delivered: Delivered,
        clock: Clock,
    ) -> None:
        self._morning = morning
        self._posts = tuple(posts)
        self._runs = runs
        self._outbox = outbox
        self._audit = audit
        self._delivered = delivered
        self._clock = clock
        self._not_before: dict[str, datetime] = {}
        self._busy = asyncio.Lock()

    def use(self, morning: Morning, posts: Sequence[Post]) -> None:
        """Go on with other reports: their time, their place, their figures."""
        self._morning = morning
        self._posts = tuple(posts)

    async def now(self, thread: ThreadRef) -> Component:
        """Make a report from the present figures for a thread and return its card."""
        report = await self._morning.make(f"now-{self._clock():%Y%m%dT%H%M%S%f}")
        await asyncio.to_thread(self._delivered.remember, thread.key, report.id)
        return report_card(report)

    async def run(self) -> None:
        """Post reports when they are due, until cancelled."""
        await ticking(self.check, _TICK_SECONDS)

    async def check(self) -> None:
        """Post what is due and was not posted."""
        async with self._busy:
            for post in self._posts:
                try:
                    await self._check(post)
                except Exception:  # noqa: BLE001 - one report must not keep the others; it is tried again
                    _log.exception("a report could not be made; trying again later")
                    self._not_before[post.job] = self._clock() + _RETRY

    async def _check(self, post: Post) -> None:
        now = self._clock()
        due = post.daily.last(now)
        if self._not_before.get(post.job, now) > now:
            return
        if not await asyncio.to_thread(self._take, post.job, due):
            return
        name = hashlib.sha256(f"{post.job}|{due.isoformat()}".encode()).hexdigest()[:24]
        report = await self._morning.make(f"morning-{name}")
        await self._outbox.show(post.thread, report_card(report), card=f"report:{report.id}")
        await asyncio.to_thread(self._delivered.remember, post.thread.key, report.id)
        await asyncio.to_thread(self._done, post.job, due, report.id)

    def _take(self, job: str, due: datetime) -> bool:
        """Claim a firing; the very first time a schedule is seen, what was due before does not count."""
        if self._runs.last_due(job) is None:
            self._runs.claim(job, due)
            self._runs.finish(job, due, "done")
            return False
        return self._runs.claim(job, due) or self._runs.state(job, due) == "claimed"

    def _done(self, job: str, due: datetime, report_id: str) -> None:
        self._runs.finish(job, due, "done")
        detail = {"report": report_id, "due": due.isoformat()}
        self._audit.append(AuditEvent(tag=Tag.REPORT_MADE, detail=detail))
