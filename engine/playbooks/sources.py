"""Where playbooks come from: this runner's shelf, what the thread was shown, what the tenant published, the shared library."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from agent_server.contract.intent import Action, Intent, IntentKind
from agent_server.contract.lifecycle import STATES
from agent_server.contract.playbook import (
    FoundPlaybook,
    Playbook,
    PlaybookMetadata,
    PlaybookSearchRequest,
    PlaybookStatus,
    StorageStrategy,
)
from engine.approval.policy import Policy
from engine.clouds.catalog import Catalog
from engine.memory import Memory
from engine.planning.hindrances import hindrances
from engine.planning.redaction import Redactor
from engine.planning.wire import Declined, PlannerUnavailable
from engine.playbooks import rules, words
from engine.playbooks.server import PlaybookServer
from engine.playbooks.shelf import UNUSED, Shelf, Shelved, newest_of, order
from engine.principal import Principal
from engine.proposing import Request
from engine.replies import Playbooks, PlaybookView
from engine.understanding import Understood

_SHOWN = "books"
_VIEWS = TypeAdapter(tuple[PlaybookView, ...])
_FOUND = 5
_KEPT_SHOWN = 20
_EMPTY = frozenset(
    [
        "a",
        "an",
        "the",
        "for",
        "to",
        "of",
        "on",
        "in",
        "and",
        "or",
        "that",
        "which",
        "playbook",
        "playbooks",
        "runbook",
        "runbooks",
        "my",
        "our",
        "all",
        "any",
        "with",
    ]
)
_STEM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Finds playbooks.

    Attributes:
        shelf: This runner's own.
        server: The port to the agent server.
        memory: What a thread was shown.
        catalog: What can be done at all.
        policy: Gives the policy as it is now.
        redactor: Gives fresh pseudonyms.
    """

    shelf: Shelf
    server: PlaybookServer
    memory: Memory
    catalog: Catalog
    policy: Callable[[], Policy]
    redactor: Callable[[], Redactor]

    async def find(self, request: Request, understood: Understood) -> Playbooks:
        """Return the playbooks that fit what was said: of this runner, of the tenant, of the library.

        Raises:
            PlannerUnavailable: The agent server is away, and nothing of this runner fits either.
        """
        about = str(understood.intent.filters.get("playbook") or understood.text)
        kept = await asyncio.to_thread(self.shelf.all)
        own = [self.own(one, request.principal) for one in kept if one.visible and _fits(one.playbook, about)]
        asking = PlaybookSearchRequest(
            request_id=request.request_id,
            text=understood.redacted,
            intent=understood.without_names(),
            capabilities=list(self.catalog.ids()),
            limit=_FOUND,
        )
        notes: tuple[str, ...] = ()
        found: list[PlaybookView] = []
        try:
            reply = await self.server.search(asking)
            found = [self._found(one, understood.redactor) for one in reply.playbooks]
        except PlannerUnavailable as away:
            if not own:
                raise
            notes = (f"only this runner's own were looked at: {away.reason}",)
        mine = {_key(one.playbook) for one in own}
        views = (*own, *(one for one in found if _key(one.playbook) not in mine))
        await asyncio.to_thread(self._remember, request, views)
        return Playbooks(views=views, asked=f"fit “{about}”", notes=notes)

    async def every(self, request: Request, state: str = "") -> Playbooks:
        """Return what this runner keeps and what the tenant published besides; with `state` only those in it."""
        own = [self.own(one, request.principal) for one in await asyncio.to_thread(self.shelf.all)]
        mine = {_key(one.playbook) for one in own}
        notes: tuple[str, ...] = ()
        published: list[PlaybookView] = []
        try:
            listing = await self.server.listed()
            others = (_published(one) for one in listing.playbooks if f"{one.id}@{one.version}" not in mine)
            published = [one for one in others if one is not None]
        except Declined:
            pass  # no registry: then there is nothing but the shelf
        except PlannerUnavailable as away:
            notes = (f"what colleagues published was not looked at: {away.reason}",)
        library = 0 if state else await self._in_the_library(request)
        wanted = state.strip().lower().replace(" ", "_")
        views = tuple(one for one in (*own, *published) if not wanted or one.state.value == wanted)
        await asyncio.to_thread(self._remember, request, views)
        asked = f"{state} playbooks" if state else "playbooks"
        return Playbooks(views=views, asked=asked, notes=notes, library=library)

    async def _in_the_library(self, request: Request) -> int:
        """Return how many playbooks the library has; 0 when the agent server does not say."""
        intent = Intent(intent=IntentKind.PLAYBOOK, action=Action.PLAYBOOK_LIST)
        asking = PlaybookSearchRequest(request_id=request.request_id, text="list playbooks", intent=intent)
        try:
            return (await self.server.search(asking)).library
        except PlannerUnavailable:
            return 0

    async def look_up(
        self, request: Request, name: str, version: str = "", *, to_run: bool = False
    ) -> PlaybookView | None:
        """Return one playbook by what somebody calls it, or None.

        What this runner keeps comes first, then what the thread was shown, what the tenant published, and the library. When it is
        `to_run`, a version that was reviewed comes before somebody's newer draft.

        Raises:
            PlannerUnavailable: It is not kept here, and the agent server is away.
        """
        shown = await asyncio.to_thread(self._shown, request)
        place = words.ordinal(name)
        if place is not None and place < len(shown):
            name, version = shown[place].playbook.id, shown[place].playbook.version
        kept = await asyncio.to_thread(self._kept, name, version, to_run=to_run)
        if kept is not None:
            return self.own(kept, request.principal)
        called = [one for one in shown if _called(one.playbook, name, version) and not one.listed_only]
        if called:
            one = next((one for one in called if one.playbook.id == words.slug(name)), called[0])
            return self._judged(one, one.may - {"run"})
        return await self._published(name, version) or await self._in_library(request, name, version)

    def own(self, shelved: Shelved, principal: Principal) -> PlaybookView:
        """Return a playbook of the shelf as somebody sees it, with what they may do."""
        library = shelved.strategy is StorageStrategy.USING_DEFAULT
        view = PlaybookView(
            playbook=shelved.playbook,
            state=shelved.state,
            source="library" if library else "own",
            strategy=shelved.strategy,
            author=shelved.author,
            note=shelved.note,
            warning=STATES[shelved.state].warning,
            executions=shelved.runs.executions,
            successes=shelved.runs.successes,
        )
        return self._judged(view, self._may(shelved, principal))

    def _may(self, shelved: Shelved, principal: Principal) -> frozenset[str]:
        policy = self.policy()
        reviewer = rules.is_reviewer(principal, policy)
        local = shelved.strategy is StorageStrategy.LOCAL_ONLY
        found: set[str] = set()
        if local and shelved.state in {PlaybookStatus.DRAFT, PlaybookStatus.READY}:
            found |= ({"upload"} if principal.id == shelved.author else set()) | ({"trust"} if reviewer else set())
        pending = shelved.state is PlaybookStatus.PENDING_REVIEW
        if pending and rules.may_review(principal, shelved.author, policy) is None:
            found.add("review")
        return frozenset(found)

    def _judged(self, view: PlaybookView, may: frozenset[str] = frozenset()) -> PlaybookView:
        found = hindrances(view.playbook, self.catalog)
        runs = not found and view.state not in UNUSED
        return replace(view, hindrances=found, may=may | ({"run"} if runs else set()))

    def _kept(self, name: str, version: str, *, to_run: bool) -> Shelved | None:
        slug = words.slug(name)
        found = self.shelf.get(slug, version) if version else self.shelf.newest(slug, to_run=to_run)
        if found is not None:
            return found
        return newest_of((one for one in self.shelf.all() if _called(one.playbook, name, version)), to_run=to_run)

    async def _published(self, name: str, version: str) -> PlaybookView | None:
        slug = words.slug(name)
        if not slug or self._names_something(name):
            return None
        try:
            number = version or await self._newest_published(slug)
            if not number:
                return None
            found = await self.server.one(slug, number)
        except Declined:
            return None
        view = _published(found.metadata)
        if view is None or _key(found.playbook) != f"{slug}@{number}":
            return None
        return self._judged(replace(view, playbook=found.playbook, listed_only=False))

    async def _newest_published(self, slug: str) -> str:
        listing = await self.server.versions(slug)
        visible = [one.version for one in listing.playbooks if STATES[one.status].visible]
        return max(visible, key=order, default="")

    async def _in_library(self, request: Request, name: str, version: str) -> PlaybookView | None:
        """Ask for it by name; only an answer that is called exactly so counts."""
        redactor = self.redactor()
        said = redactor.redact(name)
        intent = Intent(intent=IntentKind.PLAYBOOK, action=Action.PLAYBOOK_FIND, filters={"playbook": said})
        reply = await self.server.search(
            PlaybookSearchRequest(
                request_id=request.request_id,
                text=f"playbook {said}",
                intent=intent,
                capabilities=list(self.catalog.ids()),
                limit=_FOUND,
            )
        )
        called = [one for one in reply.playbooks if _called(one.playbook, name, version)]
        called.sort(key=lambda one: one.playbook.id != words.slug(name))  # an id says more than a name like it
        return self._found(called[0], redactor) if called else None

    def _found(self, found: FoundPlaybook, redactor: Redactor) -> PlaybookView:
        library = found.source == "library"
        view = PlaybookView(
            playbook=found.playbook,
            state=found.status,
            source=found.source,
            strategy=StorageStrategy.USING_DEFAULT if library else StorageStrategy.UPLOADED_FOR_REVIEW,
            reason=redactor.restore(found.reason),
            confidence=found.confidence,
            warning=found.warning or STATES[found.status].warning,
        )
        return self._judged(view)

    def _names_something(self, name: str) -> bool:
        """Say whether a name is that of a resource, which the agent server must not see in an address."""
        return self.redactor().redact(name) != name

    def _remember(self, request: Request, views: tuple[PlaybookView, ...]) -> None:
        if views:
            self.memory.keep(request.thread, _SHOWN, _VIEWS.dump_json(views[:_KEPT_SHOWN]))

    def _shown(self, request: Request) -> tuple[PlaybookView, ...]:
        body = self.memory.newest(request.thread, _SHOWN)
        return _VIEWS.validate_json(body) if body else ()


def _published(metadata: PlaybookMetadata) -> PlaybookView | None:
    """Return what the registry's listing says of a version, without steps and scripts; None when it cannot be a playbook."""
    same = ("id", "version", "name", "clouds", "category", "action", "resource_types", "summary", "keywords", "risk")
    try:
        playbook = Playbook.model_validate(
            {**{field: getattr(metadata, field) for field in same}, "explain": [metadata.summary], "rollback": ""}
        )
    except ValidationError:
        return None
    return PlaybookView(
        playbook=playbook,
        state=metadata.status,
        source="tenant",
        strategy=metadata.storage_strategy,
        note=metadata.note,
        warning=STATES[metadata.status].warning,
        executions=metadata.execution_count,
        successes=round(metadata.execution_count * (metadata.success_rate or 0.0)),
        listed_only=True,
    )


def _key(playbook: Playbook) -> str:
    return f"{playbook.id}@{playbook.version}"


def _called(playbook: Playbook, name: str, version: str) -> bool:
    same = words.slug(name) in {playbook.id, words.slug(playbook.name)} and bool(words.slug(name))
    return same and version in {"", playbook.version}


def _fits(playbook: Playbook, about: str) -> bool:
    """Say whether at least half of the words that were said are among a playbook's own."""
    said = {word for word in about.lower().replace("-", " ").split() if word not in _EMPTY}
    own = " ".join((playbook.id, playbook.name, playbook.summary, *playbook.keywords)).lower().replace("-", " ").split()
    hits = sum(any((word[:_STEM] == one[:_STEM] and len(word) >= _STEM) or word == one for one in own) for word in said)
    return bool(said) and 2 * hits >= len(said)
