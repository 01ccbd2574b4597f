"""Questions about the estate, answered by the runner alone from what it holds."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from agent_server.contract.intent import Action, Intent
from engine.asking_back import nothing_called
from engine.clock import Clock
from engine.clouds.catalog import Catalog
from engine.clouds.errors import CloudError
from engine.clouds.ports import CloudAccount
from engine.estate import idleness
from engine.estate.cells import CellState
from engine.estate.grouping import counts
from engine.estate.idleness import Idleness, Verdict
from engine.estate.kinds import called
from engine.estate.resource import CellScan, CellStatus, Cloud, Resource
from engine.estate.search import EstateSearch
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.memory import Memory
from engine.proposing import PolicySource, Request
from engine.refusal import Refusal
from engine.replies import Changed, Described, Difference, Listed, Reply
from engine.resolving import Wanted, unread_types, wanted
from engine.understanding import Understood

IDLE_DAYS = 14
_MOST_BY_MEANING = 10
_LISTING = {Action.LIST, Action.COUNT, Action.CHECK, Action.DESCRIBE}


class Idle:
    """Judges idleness from metrics, asked of the clouds when they are needed.

    Args:
        accounts: The connected accounts.
        clock: The time.
    """

    def __init__(self, accounts: Sequence[CloudAccount], clock: Clock) -> None:
        self._accounts = {account.account: account for account in accounts}
        self._clock = clock

    async def __call__(
        self, resources: tuple[Resource, ...], *, wanted_idle: bool
    ) -> tuple[tuple[Resource, ...], list[str]]:
        """Return those that are idle (or busy), and sentences on what could not be judged."""
        judged, notes = await self.judge(resources)
        return kept_by(judged, resources, idle=wanted_idle), notes

    async def judge(self, resources: Sequence[Resource]) -> tuple[dict[str, Idleness], list[str]]:
        """Return the verdict and numbers by resource id, and sentences on what could not be judged."""
        running = [one for one in resources if one.state == "running"]
        by_account: dict[str, list[Resource]] = {}
        for one in running:
            by_account.setdefault(one.account, []).append(one)
        groups = [
            (self._accounts[account], group) for account, group in by_account.items() if account in self._accounts
        ]
        answers = await asyncio.gather(*(self._of_account(account, group) for account, group in groups))
        judged: dict[str, Idleness] = {}
        notes: list[str] = []
        for found, said in answers:
            judged |= found
            notes += said
        unknown = (
            sum(verdict.verdict is Verdict.NOT_ENOUGH_DATA for verdict in judged.values()) + len(running) - len(judged)
        )
        if unknown:
            notes.append(f"not enough data to judge {unknown} of {len(running)} running machines")
        return judged, notes

    async def _of_account(
        self, account: CloudAccount, group: Sequence[Resource]
    ) -> tuple[dict[str, Idleness], list[str]]:
        if account.cloud is not Cloud.AWS:
            return {}, []
        try:
            use = await asyncio.to_thread(account.use, group, days=IDLE_DAYS, until=self._clock())
        except CloudError as error:
            return {}, [f"metrics of {account.name} could not be read: {error.message}"]
        until = self._clock().date()
        return {one.id: idleness.judge(use.get(one.id, ()), until=until) for one in group}, []


def kept_by(judged: Mapping[str, Idleness], resources: Sequence[Resource], *, idle: bool) -> tuple[Resource, ...]:
    """Return the resources with the wanted verdict; what could not be judged is not among them."""
    verdict = Verdict.IDLE if idle else Verdict.IN_USE
    return tuple(one for one in resources if one.id in judged and judged[one.id].verdict is verdict)


class Answering:
    """Answers questions.

    Args:
        estate: What exists.
        search: By meaning.
        idle: Judges idleness.
        accounts: The connected accounts.
        catalog: All operations.
        policy: Gives the policy as it is now.
        memory: Thread memory.
        clock: The time.
    """

    def __init__(
        self,
        *,
        estate: EstateStore,
        search: EstateSearch,
        idle: Idle,
        accounts: Sequence[CloudAccount],
        catalog: Catalog,
        policy: PolicySource,
        memory: Memory,
        clock: Clock,
    ) -> None:
        self.estate = estate
        self._search = search
        self._idle = idle
        self._accounts = {account.account: account for account in accounts}
        self._names = {account.account: account.name for account in accounts}
        self._catalog = catalog
        self._policy = policy
        self._memory = memory
        self._clock = clock

    async def answer(self, request: Request, understood: Understood) -> Reply:
        """Answer a question about what exists."""
        intent = understood.intent
        if _about_changes(intent):
            return await asyncio.to_thread(self.changed, intent)
        if intent.action not in _LISTING:
            return _not_yet(intent.action)
        parts = wanted(
            intent,
            shown=understood.shown,
            accounts=self._accounts.values(),
            env_keys=self._policy().environment_tags,
            catalog=self._catalog,
        )
        if isinstance(parts, Refusal):
            return parts
        part = parts[0]
        if part.about:
            return await self._by_meaning(request, understood, part)
        return await self._exactly(request, understood, part)

    def changed(self, intent: Intent) -> Changed:
        """Return what changed since the instant that was asked for, or since yesterday."""
        since = _since(str(intent.filters.get("period", "")), self._clock())
        return Changed(
            since=since,
            differences=tuple(
                Difference(
                    at=change.at,
                    kind=change.kind.value,
                    name=change.name,
                    type=change.type,
                    account=change.account,
                    region=change.region,
                    fields=tuple((one.field, _text(one.before), _text(one.after)) for one in change.fields),
                )
                for change in self.estate.changes(since)
            ),
        )

    async def _exactly(self, request: Request, understood: Understood, part: Wanted) -> Reply:
        found = await asyncio.to_thread(self.estate.select, part.selector)
        resources, rules = found.resources, []
        judged: Mapping[str, Idleness] = {}
        if part.selector.idle is not None:
            judged, notes = await self._idle.judge(resources)
            resources = kept_by(judged, resources, idle=part.selector.idle)
            rules = [idleness.RULE, *notes]
        if found.undecided:
            rules.append(f"{found.undecided} more might fit; what would decide it could not be read")
        if not resources and part.named:
            return self._unknown_name(part)
        if len(resources) == 1 and part.named and understood.intent.action in {Action.DESCRIBE, Action.CHECK}:
            return self._described(request, resources[0])
        if elsewhere := unread_types(part.selector, self._accounts.values()):
            rules.append(f"without what I do not look after yet: {called(elsewhere)}")
        shown = self._memory.show(request.thread, [one.id for one in resources], [one.type for one in resources])
        limit = part.selector.limit
        by = str(understood.intent.filters.get("group_by", ""))
        return Listed(
            set_id=shown.set_id,
            resources=resources[:limit] if limit else resources,
            asked=_adjectives(part.selector),
            kinds=tuple(sorted(part.selector.types)),
            regions=tuple(sorted(part.selector.regions)),
            rules=tuple(rules),
            idleness=judged,
            gaps=_gaps(found.cells),
            synced_at=_oldest(found.cells),
            counted=understood.intent.action is Action.COUNT,
            groups=counts(resources, by, accounts=self._names, env_keys=self._policy().environment_tags) if by else (),
            grouped_by=by,
        )

    async def _by_meaning(self, request: Request, understood: Understood, part: Wanted) -> Reply:
        found = await asyncio.to_thread(self._search.by_meaning, understood.text, part.selector, limit=_MOST_BY_MEANING)
        resources = tuple(hit.resource for hit in found.hits)
        waiting = (f"{found.unembedded} resources cannot be found by meaning yet",) if found.unembedded else ()
        shown = self._memory.show(request.thread, [one.id for one in resources], [one.type for one in resources])
        cells = self.estate.coverage(part.selector)
        return Listed(
            set_id=shown.set_id,
            resources=resources,
            asked=(f"nearest in meaning to “{part.about}”",),
            rules=("found by meaning, the nearest first; not a complete list", *waiting),
            by_meaning=True,
            gaps=_gaps(cells),
            synced_at=_oldest(cells),
        )

    def _described(self, request: Request, resource: Resource) -> Described:
        account = self._accounts.get(resource.account)
        shown = self._memory.show(request.thread, [resource.id], [resource.type])
        return Described(
            resource=resource,
            account_name=account.name if account else resource.account,
            set_id=shown.set_id,
            read_at=_oldest(
                self.estate.coverage(Selector(ids=frozenset({resource.id}), types=frozenset({resource.type})))
            ),
        )

    def _unknown_name(self, part: Wanted) -> Refusal:
        name = part.named[0]
        return nothing_called(name, self._search.near_names(name))


_UNREAD: Mapping[Action, tuple[str, tuple[str, ...]]] = {
    Action.AUDIT: (
        "I cannot search the record from here. “log” and a plan's id tell who asked, who decided and what was done.",
        ("what changed today", "pending"),
    ),
    Action.METRICS: (
        "I cannot show measurements yet. What hardly works I can find.",
        ("what is idle", "list everything there is"),
    ),
    Action.LOGS: (
        "I cannot read logs yet. What is there, and what changed, I can tell.",
        ("what changed today", "list everything there is"),
    ),
}


def _about_changes(intent: Intent) -> bool:
    """Whether somebody asks what is different now; who did something to a thing of a name or kind is another question."""
    if "changed" in intent.filters or "changes" in intent.filters or intent.filters.get("event") == "change":
        return True
    narrowed = intent.filters.keys() - {"period"}
    return intent.action is Action.AUDIT and not narrowed and not intent.resource_types


def _not_yet(action: Action) -> Refusal:
    said, doors = _UNREAD.get(
        action, (f"I understand that you ask for {action.value}, but I cannot read that yet.", ("list them",))
    )
    return Refusal(code=f"query.{action.value}", message=said, doors=doors)


def _adjectives(selector: Selector) -> tuple[str, ...]:
    """Return what was asked for in single words, for the title of the answer."""
    said: list[str] = []
    if selector.idle is not None:
        said.append("idle" if selector.idle else "busy")
    if selector.public is not None:
        said.append("public" if selector.public else "private")
    if selector.encrypted is not None:
        said.append("encrypted" if selector.encrypted else "unencrypted")
    if selector.attached is not None:
        said.append("attached" if selector.attached else "unattached")
    return (*said, *sorted(selector.states), *sorted(selector.envs), *sorted(selector.sizes))


def _gaps(cells: Sequence[CellState]) -> tuple[CellScan, ...]:
    return tuple(
        CellScan(cell=state.cell, status=state.status, read_at=state.tried_at, reason=state.reason)
        for state in cells
        if state.status is not CellStatus.OK
    )


def _oldest(cells: Sequence[CellState]) -> datetime | None:
    return min((state.read_at for state in cells if state.read_at is not None), default=None)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _since(period: str, now: datetime) -> datetime:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = {"last_hour": 1, "last_24h": 24, "last_7d": 168, "last_week": 168, "last_30d": 720, "last_month": 720}
    if period in {"today", "this_morning"}:
        return midnight
    if period in hours:
        return now - timedelta(hours=hours[period])
    if period.startswith("last_") and period[5:-1].isdigit() and period[-1] in "hdm":
        unit = {"h": 3600, "d": 86400, "m": 60}[period[-1]]
        return now - timedelta(seconds=int(period[5:-1]) * unit)
    return midnight - timedelta(days=1)
