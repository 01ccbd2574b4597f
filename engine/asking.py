"""Questions about money and about a delivered report: the runner computes the figures, the agent server words them over handles."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from agent_server.contract.answer import AnswerReply, AnswerRequest, Row, Snapshot
from agent_server.contract.intent import Action, Intent, IntentKind
from engine.answering import Idle
from engine.clock import Clock
from engine.clouds.billing import CostGrouping
from engine.clouds.ports import CloudAccount
from engine.estate.environment import ENVIRONMENT_TAGS
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.memory import Memory
from engine.planning.planner import Planner
from engine.proposing import PolicySource, Request
from engine.refusal import Refusal
from engine.replies import Answered
from engine.reports.cuts import Cut, Part, Payer, cut_of, parts_of
from engine.reports.delivered import Delivered
from engine.reports.figures import MorningReport
from engine.reports.late import late_notes
from engine.reports.ledger import NO_SOURCE, Bill, Ledger
from engine.reports.morning import happened, kept_report
from engine.reports.reach import reach
from engine.reports.snapshot import Telling, loose_rows, of_parts, of_report
from engine.reports.spelling import Spellings, spelled, spellings
from engine.reports.waste import idle_machines
from engine.storage.reports import ReportStore
from engine.understanding import Understood

_FRESH = timedelta(hours=26)
_MOST_CHANGES = 20
_BESIDE_BILLS = frozenset({Action.COST_OPTIMIZE})
"""What is answered from list prices and use, not from a bill."""


class Asking:
    """Answers by figures.

    Args:
        planner: The port to the agent server.
        estate: What exists.
        idle: Judges idleness.
        accounts: The connected accounts.
        reports: The reports that were made.
        ledger: Reads bills and keeps them.
        delivered: Which report a thread is about.
        memory: Thread memory, for "those" after an answer.
        policy: Gives the policy, which names the environment tags.
        tag_keys: Tags whose values the agent server may see.
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
        ledger: Ledger,
        delivered: Delivered,
        memory: Memory,
        policy: PolicySource,
        tag_keys: Sequence[str],
        clock: Clock,
    ) -> None:
        self.delivered = delivered
        self.ledger = ledger
        self._planner = planner
        self._estate = estate
        self._idle = idle
        self._accounts = tuple(accounts)
        self._reports = reports
        self._memory = memory
        self._policy = policy
        self._tag_keys = tuple(tag_keys)
        self.budget: float | None = None
        self._clock = clock

    async def answer(self, request: Request, understood: Understood) -> Answered | Refusal:
        """Answer a question about a report or about money.

        Raises:
            PlannerUnavailable: When the agent server gave no usable answer.
        """
        understood = replace(understood, intent=_of_accounts(understood.intent, self._accounts))
        telling = self._telling(understood)
        cut = cut_of(understood.intent)
        refused = _refused(understood.intent, cut) or _no_such_account(understood.intent, cut, self._accounts)
        if refused is not None:
            return refused
        report = await asyncio.to_thread(self._report, request.thread, understood.intent, cut)
        if report is not None:
            snapshot = of_report(report, telling, cut)
        elif understood.intent.intent is IntentKind.REPORT_QA:
            return Refusal(
                code="report.none", message="No report has been made yet that I could answer from.", doors=("report",)
            )
        else:
            snapshot = await self._now(telling, understood.intent, cut)
        snapshot = snapshot.model_copy(update={"today": self._clock().date()})
        asked = AnswerRequest(
            request_id=request.request_id,
            text=understood.redacted,
            intent=understood.without_names(),
            history=list(understood.history),
            snapshot=snapshot,
        )
        return self._restored(request, understood, telling, snapshot, await self._planner.answer(asked))

    def _report(self, thread: str, intent: Intent, cut: Cut) -> MorningReport | None:
        """Return the report that is meant: the thread's own, for questions about reports also the newest of all."""
        id_ = self.delivered.newest(thread)
        if intent.intent is IntentKind.REPORT_QA:
            return kept_report(self._reports, id_)
        if not id_ or intent.filters.get("period") or "account" in cut.by or cut.needs:
            return None
        report = kept_report(self._reports, id_)
        fresh = report is not None and self._clock() - report.made_at < _FRESH
        return report if fresh else None

    async def _now(self, telling: Telling, intent: Intent, cut: Cut) -> Snapshot:
        """Return the figures as they are today, as far back as the question may look."""
        parts, unknown = await self._parts(telling, cut, days=reach(intent))
        # A year of many accounts is seconds of adding up, for which nobody else should have to wait.
        found = await asyncio.to_thread(of_parts, parts, telling, cut, unknown=unknown)
        rows: list[Row] = []
        if intent.action is Action.COST_OPTIMIZE:
            machines, _ = await idle_machines(self._estate, self._idle)
            rows = loose_rows(machines, telling)
        elif intent.action is Action.COST_EXPLAIN and found.until is not None:
            since = self._clock() - timedelta(days=2)
            changes = await asyncio.to_thread(self._estate.changes, since)
            rows = loose_rows([happened(one) for one in changes[:_MOST_CHANGES]], telling)
        return found.model_copy(update={"budget": self.budget, "rows": rows})

    async def _parts(self, telling: Telling, cut: Cut, *, days: int) -> tuple[list[Part], list[str]]:
        """Return the parts of the bills that the question may be about, and which accounts do not tell them, each with the reason."""
        environment_tag = telling.environment_tags[0]
        spelling = await asyncio.to_thread(self._spellings, telling, cut)
        groups: dict[CostGrouping, list[CloudAccount]] = defaultdict(list)
        unknown: list[str] = []
        for account in self._accounts:
            payer = telling.payers[account.account]
            if cut.concerns(account.account, payer):
                grouping = cut.grouping(payer, environment_tag)
                if grouping is None:
                    why = NO_SOURCE.get(account.cloud, f"its bill is not told by {' and '.join(cut.needs)} at once")
                    unknown.append(f"{account.name} ({why})")
                else:
                    own = spelled(grouping, account.account, telling.environment_tags, spelling)
                    groups[own].append(account)
        bills = await asyncio.gather(*(self.ledger.bill(each, one, days=days) for one, each in groups.items()))
        unknown += (why for bill in bills for why in bill.unknown)
        return await asyncio.to_thread(_parts_and_gaps, bills, telling, unknown)

    def _spellings(self, telling: Telling, cut: Cut) -> Spellings:
        """Return how the accounts spell the tags that the question is about."""
        keys = {*cut.tags, *(telling.environment_tags if "environment" in cut.needs else ())}
        carrying = (self._estate.select(Selector(tags_present=frozenset({key.casefold()}))) for key in keys)
        return spellings((one for found in carrying for one in found.resources), keys)

    def _telling(self, understood: Understood) -> Telling:
        return Telling(
            payers={one.account: Payer(name=one.name, cloud=one.cloud.value) for one in self._accounts},
            find=self._estate.get,
            environment_tags=self._policy().environment_tags or ENVIRONMENT_TAGS,
            redact=understood.redactor.redact,
            tag_keys=self._tag_keys,
        )

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


def _parts_and_gaps(bills: Sequence[Bill], telling: Telling, unknown: Sequence[str]) -> tuple[list[Part], list[str]]:
    """Return the parts of all bills, and what is not known of them with the accounts that are late."""
    tags = telling.environment_tags
    parts = [part for bill in bills for part in parts_of(bill.lines, bill.grouping, telling.payers, tags)]
    names = {account: payer.name for account, payer in telling.payers.items()}
    return parts, [*unknown, *late_notes(((one.account, one.day) for one in parts), names)]


def _of_accounts(intent: Intent, accounts: Sequence[CloudAccount]) -> Intent:
    """Return a question about money with a name in it that is an account's as one about that account."""
    name = intent.filters.get("name")
    known = {word.casefold() for one in accounts for word in (one.name, one.account)}
    if intent.intent is not IntentKind.COST or not isinstance(name, str) or name.casefold() not in known:
        return intent
    filters = {key: value for key, value in intent.filters.items() if key != "name"}
    return intent.model_copy(update={"filters": {**filters, "account": name}})


def _no_such_account(intent: Intent, cut: Cut, accounts: Sequence[CloudAccount]) -> Refusal | None:
    """Say which account is not connected, with those that are; None when all that are named are."""
    strange = sorted(cut.accounts - {word.casefold() for one in accounts for word in (one.name, one.account)})
    if not strange or intent.intent is not IntentKind.COST:
        return None
    known = ", ".join(sorted(one.name for one in accounts)) or "no account at all"
    return Refusal(
        code="cost.account",
        message=f"No account called {' or '.join(strange)} is connected, so I have no bill of it. I know {known}.",
        doors=("cost by account",),
    )


def _refused(intent: Intent, cut: Cut) -> Refusal | None:
    """Return why no bill can answer, with what can be asked instead; None when one can."""
    if intent.intent is not IntentKind.COST or intent.action in _BESIDE_BILLS or not cut.impossible:
        return None
    name = intent.filters.get("name")
    doors = [f"describe {name}"] if isinstance(name, str) else []
    if intent.filters.get("idle"):
        doors.append("how much could we save")
    return Refusal(code="cost.untold", message=cut.impossible, doors=(*doors, "cost by service", "cost by team"))
