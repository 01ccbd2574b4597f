"""Questions about money and about a delivered report: the runner computes the figures, the agent server words them over handles."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from agent_server.contract.answer import AnswerReply, AnswerRequest, Row, Snapshot
from agent_server.contract.intent import Action, Intent, IntentKind
from engine.answering import Idle
from engine.clock import Clock
from engine.clouds.billing import BY_SERVICE, CostLine
from engine.clouds.ports import CloudAccount
from engine.estate.environment import normalised
from engine.estate.store import EstateStore
from engine.memory import Memory
from engine.planning.planner import Planner
from engine.proposing import PolicySource, Request
from engine.refusal import Refusal
from engine.replies import Answered
from engine.reports.delivered import Delivered
from engine.reports.figures import MorningReport
from engine.reports.ledger import DAYS, LONG_DAYS, Ledger
from engine.reports.morning import happened, kept_report
from engine.reports.snapshot import Payer, Telling, loose_rows, of_bills, of_report
from engine.reports.waste import idle_machines
from engine.storage.reports import ReportStore
from engine.understanding import Understood

_FRESH = timedelta(hours=26)
_MOST_CHANGES = 20


class Asking:
    """Answers by figures.

    Args:
        planner: The port to the agent server.
        estate: What exists.
        idle: Judges idleness.
        accounts: The connected accounts.
        reports: The reports that were made.
        delivered: Which report a thread is about.
        memory: Thread memory, for "those" after an answer.
        policy: Gives the policy, which names the environment tags.
        clock: The time.

    Attributes:
        budget: The monthly budget for everything, or None; settings may change it.
    """

    def __init__(
        self,
        *,
        planner: Planner,
        estate: EstateStore,
        idle: Idle,
        accounts: Sequence[CloudAccount],
        reports: ReportStore,
        delivered: Delivered,
        memory: Memory,
        policy: PolicySource,
        clock: Clock,
    ) -> None:
        self.delivered = delivered
        self._planner = planner
        self._estate = estate
        self._idle = idle
        self._accounts = tuple(accounts)
        self._reports = reports
        self._ledger = Ledger(reports=reports, clock=clock)
        self._memory = memory
        self._policy = policy
        self.budget: float | None = None
        self._clock = clock

    async def answer(self, request: Request, understood: Understood) -> Answered | Refusal:
        """Answer a question about a report or about money.

        Raises:
            PlannerUnavailable: When the agent server gave no usable answer.
        """
        telling = self._telling(understood)
        report = await asyncio.to_thread(self._report, request.thread, understood.intent)
        if report is not None:
            snapshot = of_report(report, telling, keep=self._keep(understood.intent))
        elif understood.intent.intent is IntentKind.REPORT_QA:
            return Refusal(
                code="report.none", message="No report has been made yet that I could answer from.", doors=("report",)
            )
        else:
            snapshot = await self._now(telling, understood.intent)
        asked = AnswerRequest(
            request_id=request.request_id,
            text=understood.redacted,
            intent=understood.without_names(),
            history=list(understood.history),
            snapshot=snapshot,
        )
        return self._restored(request, understood, telling, snapshot, await self._planner.answer(asked))

    def _report(self, thread: str, intent: Intent) -> MorningReport | None:
        """Return the report that is meant: the thread's own, for questions about reports also the newest of all."""
        id_ = self.delivered.newest(thread)
        if intent.intent is IntentKind.REPORT_QA:
            return kept_report(self._reports, id_)
        if not id_ or intent.filters.get("period") or intent.filters.get("group_by") == "account":
            return None
        report = kept_report(self._reports, id_)
        fresh = report is not None and self._clock() - report.made_at < _FRESH
        return report if fresh else None

    async def _now(self, telling: Telling, intent: Intent) -> Snapshot:
        """Return the figures as they are now, as far back as the question may look."""
        days = LONG_DAYS if _looks_far_back(intent.filters.get("period")) else DAYS
        wanted = [one for one in self._accounts if intent.cloud.value in {"any", one.cloud.value}]
        bill = await self._ledger.bill(wanted, BY_SERVICE, days=days)
        found = of_bills(filter(self._keep(intent), bill.lines), telling, unknown=bill.unknown)
        rows: list[Row] = []
        if intent.action is Action.COST_OPTIMIZE:
            machines, _ = await idle_machines(self._estate, self._idle)
            rows = loose_rows(machines, telling)
        elif intent.action is Action.COST_EXPLAIN and found.until is not None:
            since = self._clock() - timedelta(days=2)
            changes = await asyncio.to_thread(self._estate.changes, since)
            rows = loose_rows([happened(one) for one in changes[:_MOST_CHANGES]], telling)
        return found.model_copy(update={"budget": self.budget, "rows": rows})

    def _telling(self, understood: Understood) -> Telling:
        return Telling(
            payers={one.account: Payer(name=one.name, cloud=one.cloud.value) for one in self._accounts},
            find=self._estate.get,
            environment_tags=self._policy().environment_tags,
            redact=understood.redactor.redact,
        )

    def _keep(self, intent: Intent) -> Callable[[CostLine], bool]:
        """Return which cost lines a question is about, by cloud, account and environment."""
        accounts = {one.account: one for one in self._accounts}
        named = {
            word.casefold()
            for key in ("account", "subscription", "project")
            for word in _texts(intent.filters.get(key))
        }
        tags = intent.filters.get("tags")
        environments = [normalised(one) for one in _texts(tags.get("env") if isinstance(tags, dict) else None)]
        telling = {one.account for one in self._accounts if normalised(one.name) in environments}

        def keep(line: CostLine) -> bool:
            payer = accounts.get(line.account)
            if payer is None:
                return not named and not telling
            return (
                intent.cloud.value in {"any", payer.cloud.value}
                and (not named or bool({payer.name.casefold(), payer.account.casefold()} & named))
                and (not telling or line.account in telling)
            )

        return keep

    def _restored(
        self, request: Request, understood: Understood, telling: Telling, snapshot: Snapshot, reply: AnswerReply
    ) -> Answered:
        """Return the answer with names in it, and the things it rests on kept for "those"."""

        def named(value: object) -> object:
            return understood.redactor.restore_all(telling.handles.restore_all(value))

        targets = [one.target for one in snapshot.rows if one.target and one.number in reply.rows and one.number]
        found = [one for one in map(self._estate.get, map(telling.handles.key, targets)) if one is not None]
        shown = (
            self._memory.show(request.thread, [one.id for one in found], [one.type for one in found]) if found else None
        )
        return Answered(
            known=reply.known,
            paragraphs=tuple(str(named(one)) for one in reply.paragraphs),
            sources=tuple(one.title for one in reply.sources if one.reference != "snapshot"),
            suggestions=tuple(str(named(one)) for one in reply.suggestions),
            components=tuple(one for one in map(named, reply.components) if isinstance(one, dict)),
            set_id=shown.set_id if shown else "",
            unnamed=reply.paragraphs[0],
            worded=not reply.model.startswith("offline"),
            model=reply.model,
        )


def _looks_far_back(period: object) -> bool:
    """Whether a period may begin more than two months ago: a year, a quarter, a month by name, more than thirty days."""
    near = ("yesterday", "today", "this_week", "last_week", "this_month", "last_month")
    return any(
        one not in near and not one.startswith(("last_1", "last_2", "last_3d", "last_7d")) for one in _texts(period)
    )


def _texts(value: object) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield one
