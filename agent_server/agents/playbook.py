"""The playbook agent: from a request to the playbooks that fit, in four steps.

1. `need`: what is needed, from the intent and a second reading of the words that say what the playbook is for.
2. Candidates by words and meaning: the curated library, and what the tenant published and its states let be found.
3. `ranking`: a confidence and a reason for each, by rules or by a model that may order the candidates it is given and nothing else.
4. The package: the whole playbook with its explain plan, steps and scripts; a tenant's scripts as links that end.

Nothing is written. When the registry does not answer, the library alone does, and that is said.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_server.agents.need import need_of, words_of
from agent_server.agents.ranking import Candidate, Ranked, of_library, of_tenant
from agent_server.agents.scripting import scripts_of
from agent_server.contract.intent import Action, IntentRequest
from agent_server.contract.lifecycle import STATES
from agent_server.contract.playbook import (
    FoundPlaybook,
    Language,
    Need,
    Playbook,
    PlaybookMetadata,
    PlaybookSearchReply,
    PlaybookSearchRequest,
    PlaybookStatus,
    PublishedPlaybook,
    ScriptLink,
)
from agent_server.embedding.port import Embedder, Vectors
from agent_server.knowledge import library
from agent_server.knowledge.question import question
from agent_server.knowledge.search import Entry, Index
from agent_server.knowledge.store import Knowledge
from agent_server.models.port import Model, RankingModel, ToRank
from agent_server.problems import Problem
from agent_server.registry.reading import PublishedReader
from agent_server.registry.unavailable import RegistryUnavailable

_MOST_CANDIDATES = 24
_MEANING = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidates:
    """What might fit, and whether the tenant's own could be looked at."""

    found: tuple[Candidate, ...]
    complete: bool = True


class PlaybookAgent:
    """Finds playbooks.

    Args:
        reader: Understands the words that say what a playbook is for; the rules, whatever model ranks.
        ranker: Orders candidates.
        knowledge: The curated library.
        published: What tenants published, to look at; None where there is no registry.
        embedder: Gives words a meaning, for comparing with what tenants published.
    """

    def __init__(
        self,
        *,
        reader: Model,
        ranker: RankingModel,
        knowledge: Knowledge,
        published: PublishedReader | None,
        embedder: Embedder,
    ) -> None:
        self._reader = reader
        self._ranker = ranker
        self._knowledge = knowledge
        self._published = published
        self._embedder = embedder

    async def search(self, request: PlaybookSearchRequest, tenant: str) -> PlaybookSearchReply:
        """Return the playbooks that fit, best first."""
        understood = await self._reader.understand(IntentRequest(request_id=request.request_id, text=words_of(request)))
        need = need_of(request, understood)
        known = await asyncio.to_thread(_of_library, need.clouds)
        if request.intent.action is Action.PLAYBOOK_LIST:
            return PlaybookSearchReply(need=need, library=known)
        candidates = await asyncio.to_thread(self._candidates, need, request, tenant)
        ranked = await self._ranker.rank(ToRank(text=request.text, need=need, candidates=candidates.found))
        found, unread = await asyncio.to_thread(self._packed, ranked.ranked, candidates.found, request, tenant)
        return PlaybookSearchReply(
            need=need,
            playbooks=found,
            summary=_summary(found, complete=candidates.complete and not unread),
            library=known,
            model=ranked.model,
            tainted=ranked.tainted,
        )

    def _candidates(self, need: Need, request: PlaybookSearchRequest, tenant: str) -> _Candidates:
        text = need.use_case or request.text
        name = _named(text)
        found = [
            of_library(one.item, one.score, named=name in _names(one.item))
            for one in self._knowledge.playbooks(text, need.clouds, _MOST_CANDIDATES)
        ]
        known = {one.id for one in found}
        found += [
            of_library(one, 1.0, named=True)
            for one in library.playbooks().values()
            if one.id not in known and name in _names(one)
        ]
        if self._published is None:
            return _Candidates(found=tuple(found))
        try:
            own = self._tenants(self._published, need, text, name, tenant)
        except RegistryUnavailable:
            return _Candidates(found=tuple(found), complete=False)
        return _Candidates(found=(*own, *found))

    def _tenants(
        self, published: PublishedReader, need: Need, text: str, name: str, tenant: str
    ) -> tuple[Candidate, ...]:
        """Return what the tenant published, by words and meaning together; the best, and whatever was named."""
        vector: Vectors = self._embedder.embed([text])[0]
        records = published.candidates(tenant, vector.tolist(), need.clouds)
        words = Index([_entry(str(at), metadata) for at, (metadata, _) in enumerate(records)])
        by_words = {hit.key: hit.score for hit in words.search(question(text), limit=len(records) or 1)}
        every = [
            of_tenant(
                metadata,
                (1 - _MEANING) * by_words.get(str(at), 0.0) + _MEANING * max(0.0, nearness),
                named=name in _names(metadata),
            )
            for at, (metadata, nearness) in enumerate(records)
        ]
        return tuple(sorted(every, key=lambda one: (not one.named, -one.relevance))[:_MOST_CANDIDATES])

    def _packed(
        self, ranked: Sequence[Ranked], candidates: Sequence[Candidate], request: PlaybookSearchRequest, tenant: str
    ) -> tuple[list[FoundPlaybook], int]:
        """Return the best, whole, and how many of the tenant's could not be read."""
        found: list[FoundPlaybook] = []
        unread = 0
        for one in ranked:
            if len(found) == request.limit:
                break
            candidate = candidates[one.place]
            packed = self._whole(candidate, tenant)
            if packed is None:
                unread += 1
                continue
            playbook, links = packed
            offered = frozenset(request.capabilities)
            found.append(
                FoundPlaybook(
                    playbook=playbook,
                    source=candidate.source,
                    status=candidate.status,
                    confidence=one.confidence,
                    reason=one.reason,
                    warning=STATES[candidate.status].warning,
                    runnable=bool(playbook.steps) and all(step.operation in offered for step in playbook.steps),
                    links=links,
                )
            )
        return found, unread

    def _whole(self, candidate: Candidate, tenant: str) -> tuple[Playbook, list[ScriptLink]] | None:
        if candidate.source == "library":
            playbook = library.playbooks()[candidate.id]
            return playbook.model_copy(update={"scripts": playbook.scripts or _generated(playbook)}), []
        if self._published is None:
            return None
        try:
            whole = self._published.one(tenant, candidate.id, candidate.version)
            if not isinstance(whole, PublishedPlaybook):
                return None
            links = [
                self._published.link(tenant, candidate.id, candidate.version, one) for one in whole.playbook.scripts
            ]
        except RegistryUnavailable:
            return None
        good = [one for one in links if not isinstance(one, Problem)]
        return whole.playbook.model_copy(update={"scripts": {}}), good


@lru_cache(maxsize=512)
def _scripts_of(playbook_id: str) -> dict[Language, str]:
    return scripts_of(library.playbooks()[playbook_id])


def _generated(playbook: Playbook) -> dict[Language, str]:
    return dict(_scripts_of(playbook.id))


def _entry(key: str, metadata: PlaybookMetadata) -> Entry:
    return Entry(
        key=key,
        clouds=tuple(metadata.clouds),
        title=metadata.name,
        keywords=(*metadata.keywords, metadata.action.value, metadata.category.value, *metadata.resource_types),
        text=metadata.summary,
    )


def _of_library(clouds: Sequence[str]) -> int:
    """Return how many playbooks the library has for these clouds, or for any."""
    return sum(not clouds or not set(clouds).isdisjoint(one.clouds) for one in library.playbooks().values())


def _named(text: str) -> str:
    return " ".join(text.lower().replace("-", " ").split())


def _names(one: Playbook | PlaybookMetadata) -> frozenset[str]:
    """Return what a playbook is called, its id and its name, as `_named` writes them."""
    return frozenset({_named(one.id), _named(one.name)})


def _summary(found: Sequence[FoundPlaybook], *, complete: bool) -> str:
    own = sum(one.source == "tenant" for one in found)
    lacking = "" if complete else " Some of your own playbooks could not be looked at just now."
    if not found:
        return f"No playbook fits well enough.{lacking}"
    which = "of yours" if own == len(found) else f"{own} of them yours" if own else "from the library"
    count = "One playbook fits" if len(found) == 1 else f"{len(found)} playbooks fit"
    state = " The best is not in order: read its warning." if found[0].status not in _IN_ORDER else ""
    return f"{count}, {which}.{state}{lacking}"


_IN_ORDER = frozenset({PlaybookStatus.ACTIVE, PlaybookStatus.APPROVED})
