"""From an intent that would change something to a plan that can be approved, or to a question, or to a "no"."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from agent_server.contract.plan import PlanReply
from engine.actionable import Omission, followed, nothing_to_do
from engine.approval.policy import Policy
from engine.approval.requirement import environment
from engine.asking_back import nothing_called, which_of
from engine.clock import Clock
from engine.clouds.catalog import Catalog
from engine.clouds.operation import Operation
from engine.clouds.ports import CloudAccount
from engine.clouds.verdicts import nothing_left
from engine.estate.resource import Json, Resource
from engine.estate.search import EstateSearch
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.estate.sync import EstateSync, StaleCell
from engine.inquiring import Inquiring
from engine.memory import Memory, Waiting, new_question_id
from engine.planning import admission
from engine.planning.context import Target, handles
from engine.planning.planner import Planner
from engine.planning.record import Kept, Told
from engine.principal import Principal
from engine.refusal import Refusal
from engine.remarks import alike, capped, claimed, cost, reasons, remarks
from engine.replies import Choice, Question
from engine.requesting import MOST_TARGETS, Guide, Requests
from engine.resolving import Wanted, parameters, unscoped, wanted
from engine.staleness import unread_notes
from engine.understanding import Understood

REREAD_SECONDS = 5.0
_MOST_CHOICES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asked for what, and where."""

    principal: Principal
    thread: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    parts: tuple[Wanted, ...]
    resources: tuple[tuple[Resource, ...], ...]
    unread: tuple[StaleCell, ...]
    left_out: tuple[str, ...]


class Proposing:
    """Makes plans.

    Args:
        planner: The port to the agent server.
        estate: What exists.
        sync: Reads cells again.
        search: Knows names that are spelled alike.
        idle: Keeps the idle ones of some machines, with notes on those that could not be judged.
        accounts: The connected accounts.
        catalog: All operations.
        policy: Gives the policy as it is now.
        memory: Thread memory, for questions back.
        inquire: Asks the clouds what only they know, just before planning.
        requests: Makes the requests to the agent server.
        clock: The time.
    """

    def __init__(
        self,
        *,
        planner: Planner,
        estate: EstateStore,
        sync: EstateSync,
        search: EstateSearch,
        idle: "IdleFilter",
        accounts: Sequence[CloudAccount],
        catalog: Catalog,
        policy: "PolicySource",
        memory: Memory,
        inquire: Inquiring,
        requests: Requests,
        clock: Clock,
    ) -> None:
        self._planner = planner
        self._estate = estate
        self._sync = sync
        self._search = search
        self._idle = idle
        self._accounts = {account.account: account for account in accounts}
        self._catalog = catalog
        self._policy = policy
        self._memory = memory
        self._inquire = inquire
        self._requests = requests
        self._clock = clock

    async def propose(self, request: Request, understood: Understood) -> Kept | Question | Refusal:
        """Return the plan for a changing request, or the question or refusal it ends in.

        Raises:
            PlannerUnavailable: When the agent server gave no usable answer.
        """
        policy = self._policy()
        intent = understood.intent
        parts = wanted(
            intent,
            shown=understood.shown,
            accounts=self._accounts.values(),
            env_keys=policy.environment_tags,
            catalog=self._catalog,
        )
        if isinstance(parts, Refusal):
            return parts
        if intent.needs_clarification:
            return await self._which(request, understood, parts)
        return await self.proceed(request, understood, parts)

    async def proceed(
        self, request: Request, understood: Understood, parts: tuple[Wanted, ...], guide: Guide | None = None
    ) -> Kept | Question | Refusal:
        """Go on from what is wanted: look it up, ask where that is not one thing, have it planned, admit it.

        Args:
            request: Who asked, and where.
            understood: What they said.
            parts: What it comes down to.
            guide: The playbook to follow; its `follow` is in every part.

        Raises:
            PlannerUnavailable: When the agent server gave no usable answer.
        """
        dangerous = understood.intent.dangerous
        if any(unscoped(part.selector, part.action, dangerous=dangerous) for part in parts):
            return await self._which(request, understood, parts)
        found = await self._look_up(parts)
        if isinstance(found, Refusal):
            return found
        if question := self._ambiguous(request, understood, found):
            return question
        return await self._plan(request, understood, found, self._policy(), guide)

    async def _look_up(self, parts: tuple[Wanted, ...]) -> _Found | Refusal:
        unread: list[StaleCell] = []
        resources: list[tuple[Resource, ...]] = []
        notes: list[str] = []
        for index, part in enumerate(parts):
            every, stale = await self._found(part.selector)
            if not every and part.by_name is not None:
                every, stale = await self._found(part.by_name)
            unread += stale
            if part.selector.idle is not None:
                every, said = await self._idle(every, wanted_idle=part.selector.idle)
                notes += said
            if not every:
                return self._nothing(part)
            earlier = {one.id for group in resources for one in group} if part.after else set()
            kept, omitted = self._actionable(part, every, changed_before=earlier)
            if not kept and not any(index in other.after for other in parts):
                return Refusal(
                    code="estate.nothing_to_do",
                    message=nothing_to_do(part.action, omitted),
                    doors=self._first(part, every),
                )
            resources.append(kept)
            notes += [one.note for one in omitted]
        return _Found(
            parts=parts,
            resources=tuple(resources),
            unread=tuple({stale.cell: stale for stale in unread}.values()),
            left_out=tuple(dict.fromkeys(notes)),
        )

    def _first(self, part: Wanted, resources: tuple[Resource, ...]) -> tuple[str, ...]:
        """Return what could be done first, so that the rest becomes possible."""
        one = resources[0]
        found = self._catalog.serving(part.action, one.type, one.cloud)
        stopped = isinstance(found, Operation) and "stopped" in found.from_states and one.state not in found.from_states
        if len(resources) > 1 or not stopped or self._catalog.serving("stop", one.type, one.cloud) is None:
            return ("list them",)
        size = parameters(part.action, part.filters).get("instance_type")
        to = f" to {size}" if size else ""
        return (f"stop {one.name}, then {part.action.replace('_', ' ')} it{to}", f"show {one.name}")

    async def _found(self, selector: Selector) -> tuple[tuple[Resource, ...], tuple[StaleCell, ...]]:
        """Read the cells a selector touches again, and return everything it means, with the cells that stayed stale."""
        reread = await asyncio.to_thread(self._sync.reread, selector, deadline=REREAD_SECONDS)
        found = await asyncio.to_thread(self._estate.select, selector)
        return found.resources, reread.stale

    def _actionable(
        self, part: Wanted, resources: tuple[Resource, ...], *, changed_before: set[str]
    ) -> tuple[tuple[Resource, ...], list[Omission]]:
        """Leave out what is already so or cannot be changed in its present state, and say so."""
        if part.follow is not None:
            return followed(part.follow, resources)
        kept: list[Resource] = []
        already: list[str] = []
        wrong: dict[str, list[str]] = {}
        params = parameters(part.action, part.filters)
        for resource in resources:
            found = self._catalog.serving(part.action, resource.type, resource.cloud)
            if found is None:
                wrong.setdefault("of a kind I cannot change so", []).append(resource.name)
            elif resource.id in changed_before:
                kept.append(resource)
            elif nothing_left(found, resource, params):
                already.append(resource.name)
            elif isinstance(found, Operation) and found.from_states and resource.state not in found.from_states:
                now, needed = resource.state or "in an unknown state", " or ".join(sorted(found.from_states))
                wrong.setdefault(f"{now}, and it takes {needed}", []).append(resource.name)
            else:
                kept.append(resource)
        omitted = [Omission(names=tuple(already))] if already else []
        omitted += [Omission(names=tuple(names), why=why) for why, names in wrong.items()]
        return tuple(kept), omitted

    def _nothing(self, part: Wanted) -> Refusal:
        for name in part.named:
            return nothing_called(name, self._search.near_names(name), doing=part.action.replace("_", " "))
        return Refusal(
            code="estate.nothing_found",
            message="Nothing in the estate fits that.",
            doors=("sync", "list everything there is", "show coverage"),
        )

    async def _which(self, request: Request, understood: Understood, parts: tuple[Wanted, ...]) -> Question:
        """Ask which are meant, with what there is by environment as the likely answers."""
        policy = self._policy()
        first = parts[0]
        selector = replace(first.selector, idle=None, limit=None)
        found = await asyncio.to_thread(self._estate.select, selector)
        actionable, _ = self._actionable(first, found.resources, changed_before=set())
        by_env: dict[str, int] = {}
        for resource in actionable:
            env = environment(resource.tags, policy.environment_tags)
            by_env[env] = by_env.get(env, 0) + 1
        question_id = new_question_id()
        ordered = sorted(by_env.items(), key=lambda item: -item[1])[:_MOST_CHOICES]
        choices = {env: {"tags": {"env": env}} for env, _ in ordered}
        self._wait(request, understood, question_id, choices)
        seen = " · ".join(f"{env} {count}" for env, count in ordered)
        text = understood.intent.question or f"Which ones should I {first.action.replace('_', ' ')}?"
        return Question(
            id=question_id,
            text=text,
            detail=f"I see {len(actionable)}: {seen}" if ordered else "",
            choices=tuple(Choice(id=env, label=env, detail=str(count)) for env, count in ordered),
        )

    def _ambiguous(self, request: Request, understood: Understood, found: _Found) -> Question | None:
        """Ask when one name, said once, is the name of several things."""
        for part, resources in zip(found.parts, found.resources, strict=True):
            asked = which_of(part.named, resources, self._accounts)
            if asked is not None:
                self._wait(request, understood, asked.question.id, asked.choices)
                return asked.question
        return None

    def _wait(
        self, request: Request, understood: Understood, question_id: str, choices: Mapping[str, Mapping[str, Json]]
    ) -> None:
        waiting = Waiting(
            question_id=question_id,
            text=understood.text,
            intent=understood.intent.model_dump(mode="json"),
            choices=choices,
        )
        self._memory.wait(request.thread, waiting)

    async def _plan(
        self, request: Request, understood: Understood, found: _Found, policy: Policy, guide: Guide | None
    ) -> Kept | Question | Refusal:
        if (count := sum(map(len, found.resources))) > MOST_TARGETS:
            return Refusal(
                code="plan.too_many",
                message=f"That is {count:,} resources; one plan may hold at most {MOST_TARGETS:,}.",
                doors=("narrow it by region, account or tag",),
            )
        targets = handles(await self._inquire(found.parts, found.resources))
        now = self._clock()
        moment = self._requests.moment(now)
        asking = await asyncio.to_thread(
            self._requests.make,
            request.request_id,
            understood,
            found.parts,
            targets,
            max_targets=policy.caps.max_targets,
            moment=moment,
            guide=guide,
        )
        reply = await self._planner.plan(asking)
        if reply.kind != "plan" or reply.plan is None:
            return self._no_plan(request, understood, found, targets, reply)
        asked = admission.Asked(
            requester=request.principal,
            origin=request.thread,
            actions=tuple(part.action for part in found.parts),
            targets=targets,
            account_names={account.account: account.name for account in self._accounts.values()},
            unread=len(found.unread),
            now=now,
            moment=moment,
            said=tuple(parameters(part.action, part.filters) for part in found.parts),
            after=tuple(part.after for part in found.parts),
            follow=guide.follow if guide else None,
        )
        restore = understood.redactor.restore
        proposal = understood.in_real_words(reply.plan)
        admitted = await asyncio.to_thread(
            admission.admit, proposal, asked, self._catalog, policy, claimed=claimed(reply, restore)
        )
        if isinstance(admitted, Refusal):
            return admitted
        told = Told(
            action=found.parts[0].action,
            words=guide.follow.words if guide else _words(found, self._catalog),
            requester=request.principal.display,
            notes=(
                *(guide.notes if guide else ()),
                *unread_notes(found.unread, self._accounts),
                *found.left_out,
            ),
            remarks=remarks(reply, targets, restore),
            cost="" if admitted.money else cost(reply),
            alike=() if guide else alike(reply),
            text=understood.text,
            playbook=guide.follow.key if guide else "",
        )
        return Kept(admitted=admitted, told=told)

    def _no_plan(
        self, request: Request, understood: Understood, found: _Found, targets: Sequence[Target], reply: PlanReply
    ) -> Question | Refusal:
        """Say why there is no plan, or ask what is missing for one."""
        restore = understood.redactor.restore
        said, why = capped(restore(reply.summary)), (*reasons(reply, targets, restore), *found.left_out)
        if reply.kind != "clarify":
            return Refusal(code=f"planner.{reply.kind}", message=said, reasons=why, doors=("help",))
        question_id = new_question_id()
        self._wait(request, understood, question_id, {})
        return Question(id=question_id, text=said, detail=" · ".join(why))


class IdleFilter(Protocol):
    """Keeps those machines that are idle (or busy), with sentences on what could not be judged."""

    async def __call__(
        self, resources: tuple[Resource, ...], *, wanted_idle: bool
    ) -> tuple[tuple[Resource, ...], list[str]]:
        """Return the machines kept and the sentences."""
        ...


class PolicySource(Protocol):
    """Gives the policy as it is now."""

    def __call__(self) -> Policy:
        """Return it."""
        ...


def _words(found: _Found, catalog: Catalog) -> tuple[str, str, str]:
    """Return how the whole is said: the parts' verbs in order, "Snapshot, then stop"."""
    said: dict[str, tuple[str, str, str]] = {}
    for part, resources in zip(found.parts, found.resources, strict=True):
        serving = catalog.serving(part.action, resources[0].type, resources[0].cloud) if resources else None
        if serving:
            said.setdefault(part.action, serving.words)
    verbs = list(said.values()) or [("Change", "Changing", "Changed")]
    first, rest = verbs[0], verbs[1:]
    joined = tuple(
        ", then ".join((first[form], *(words[form][0].lower() + words[form][1:] for words in rest)))
        for form in range(3)
    )
    return (joined[0], joined[1], joined[2])
