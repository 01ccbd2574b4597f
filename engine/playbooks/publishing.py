"""Uploading, reviewing, moving: the registry is asked first, then the shelf follows, so that a "no" there changes nothing here.

Whoever dies in between asks again and comes to the same end: the registry takes the same upload twice, and a decision that it has taken
already is taken over instead of made again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent_server.contract.lifecycle import UPLOADED, Actor, may
from agent_server.contract.playbook import (
    PlaybookStatus,
    PublishRequest,
    ReviewRequest,
    StatusRequest,
    StorageStrategy,
)
from engine.approval.policy import Policy
from engine.planning.redaction import Redactor
from engine.planning.wire import Declined
from engine.playbooks import rules
from engine.playbooks.server import PlaybookServer
from engine.playbooks.shelf import Shelf, Shelved, order
from engine.principal import Principal
from engine.refusal import Refusal

_CONFLICT = 409
_S = PlaybookStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Moves playbooks through their life.

    Attributes:
        shelf: This runner's own.
        server: The port to the agent server.
        policy: Gives the policy as it is now.
        redactor: Gives fresh pseudonyms.
    """

    shelf: Shelf
    server: PlaybookServer
    policy: Callable[[], Policy]
    redactor: Callable[[], Redactor]

    async def upload(self, principal: Principal, shelved: Shelved, *, trusted: bool) -> Shelved | Refusal:
        """Publish a version to the tenant's registry: for review, or, by a reviewer, as active at once.

        Raises:
            PlannerUnavailable: The agent server gave no usable answer; nothing changed here.
        """
        if refused := self._may_upload(principal, shelved, trusted=trusted):
            return refused
        strategy = StorageStrategy.UPLOADED_TRUSTED if trusted else StorageStrategy.UPLOADED_FOR_REVIEW
        request = PublishRequest(playbook=shelved.playbook, strategy=strategy, note=self._plain(shelved.note))
        try:
            await self.server.publish(request)
        except Declined as no:
            return _declined(no)
        return await asyncio.to_thread(self._uploaded, principal, shelved, strategy)

    def _uploaded(self, principal: Principal, shelved: Shelved, strategy: StorageStrategy) -> Shelved | Refusal:
        if shelved.state is _S.DRAFT:
            ready = self.shelf.move(shelved, principal, _S.READY)
            if isinstance(ready, Refusal):
                return ready
            shelved = ready
        moved = self.shelf.move(shelved, principal, UPLOADED[strategy], strategy=strategy)
        return self._superseding(moved, principal)

    async def review(self, principal: Principal, shelved: Shelved, *, approve: bool, note: str) -> Shelved | Refusal:
        """Approve or reject what waits; what is approved becomes active.

        Raises:
            PlannerUnavailable: The agent server gave no usable answer; nothing changed here.
        """
        if refused := rules.may_review(principal, shelved.author, self.policy()):
            return refused
        if shelved.state is not _S.PENDING_REVIEW:
            return Refusal(
                code="playbook.state",
                message=f"{shelved.key} does not wait for a review; it is {_plain(shelved.state)}.",
            )
        if not approve and not any(letter.isalnum() for letter in note):
            return Refusal(
                code="playbook.reason",
                message="Say why it is rejected; the author sees it.",
                doors=(f"playbook reject {shelved.playbook.id} REASON",),
            )
        state = _S.APPROVED if approve else _S.REJECTED
        decision = ReviewRequest(decision="approve" if approve else "reject", note=self._plain(note))
        if refused := await self._at_the_registry(shelved, state, lambda: self._reviewed(shelved, decision)):
            return refused
        decided = await asyncio.to_thread(self.shelf.move, shelved, principal, state, note=note)
        if isinstance(decided, Refusal) or not approve:
            return decided
        return await self._activate(principal, decided)

    async def move(self, principal: Principal, shelved: Shelved, state: PlaybookStatus, note: str) -> Shelved | Refusal:
        """Move a version to another state of its life.

        Raises:
            PlannerUnavailable: The agent server gave no usable answer; nothing changed here.
        """
        if shelved.strategy is StorageStrategy.USING_DEFAULT and state is not _S.ARCHIVED:
            return Refusal(
                code="playbook.library", message="A playbook of the library is active or, on this runner, archived."
            )
        if refused := rules.may_move(principal, shelved.author, self.policy(), shelved.state, state):
            return refused
        if shelved.uploaded:
            wanted = StatusRequest(status=state, note=self._plain(note))
            if refused := await self._at_the_registry(shelved, state, lambda: self._moved(shelved, wanted)):
                return refused
        return await asyncio.to_thread(self._settled, principal, shelved, state, note)

    async def _activate(self, principal: Principal, approved: Shelved) -> Shelved | Refusal:
        """Make active what was approved; where a newer version is active, it stays approved."""
        wanted = StatusRequest(status=_S.ACTIVE)
        if await self._at_the_registry(approved, _S.ACTIVE, lambda: self._moved(approved, wanted)):
            return approved
        return await asyncio.to_thread(self._settled, principal, approved, _S.ACTIVE, approved.note)

    def _settled(self, principal: Principal, shelved: Shelved, state: PlaybookStatus, note: str) -> Shelved | Refusal:
        return self._superseding(self.shelf.move(shelved, principal, state, note=note), principal)

    def _superseding(self, active: Shelved | Refusal, principal: Principal) -> Shelved | Refusal:
        """Deprecate the older versions of what became active, as the registry does."""
        if isinstance(active, Refusal) or active.state is not _S.ACTIVE:
            return active
        for version in self.shelf.versions(active.playbook.id):
            other = self.shelf.get(active.playbook.id, version)
            older = other is not None and order(version) < order(active.playbook.version)
            if other is not None and older and may(other.state, _S.DEPRECATED, Actor.SYSTEM):
                self.shelf.move(other, principal, _S.DEPRECATED, note=f"Replaced by version {active.playbook.version}.")
        return active

    def _may_upload(self, principal: Principal, shelved: Shelved, *, trusted: bool) -> Refusal | None:
        policy = self.policy()
        if shelved.strategy is not StorageStrategy.LOCAL_ONLY or shelved.state not in {_S.DRAFT, _S.READY}:
            return Refusal(
                code="playbook.state",
                message=f"{shelved.key} is {_plain(shelved.state)}; only a draft of this runner is uploaded.",
                doors=("escher playbook edit FILE makes its next version",),
            )
        if trusted and (refused := rules.may_trust(principal, policy)):
            return refused
        if principal.id != shelved.author and not rules.is_reviewer(principal, policy):
            return Refusal(code="playbook.role", message="Only who wrote a playbook or may review it uploads it.")
        return self._identities(shelved)

    def _identities(self, shelved: Shelved) -> Refusal | None:
        """Refuse to publish names, ids or addresses of this runner's world: a playbook has parameters for those."""
        redactor = self.redactor()
        plain = shelved.playbook.model_dump(mode="json")
        texts = {"name", "summary", "keywords", "explain", "parameters", "rollback", "scripts"}
        said = {key: plain[key] for key in texts} | {
            "steps": [{"description": one["description"], "params": one["params"]} for one in plain["steps"]]
        }
        redactor.redact_all(said)
        found = redactor.originals()
        if not found:
            return None
        return Refusal(
            code="playbook.identities",
            message=f"I do not upload {shelved.key}: it names {', '.join(found[:3])}. Use a parameter instead.",
            doors=("escher playbook edit FILE",),
        )

    async def _at_the_registry(
        self, shelved: Shelved, wanted: PlaybookStatus, change: Callable[[], Awaitable[object]]
    ) -> Refusal | None:
        """Make a change there; what it had made before counts as made."""
        if not shelved.uploaded:
            return None
        try:
            await change()
        except Declined as no:
            if no.status == _CONFLICT:
                there = await self.server.one(shelved.playbook.id, shelved.playbook.version)
                if there.metadata.status is wanted:
                    return None
            return _declined(no)
        return None

    async def _reviewed(self, shelved: Shelved, request: ReviewRequest) -> object:
        return await self.server.review(shelved.playbook.id, shelved.playbook.version, request)

    async def _moved(self, shelved: Shelved, request: StatusRequest) -> object:
        return await self.server.move(shelved.playbook.id, shelved.playbook.version, request)

    def _plain(self, note: str) -> str:
        return self.redactor().redact(note)[:1000]


def _declined(no: Declined) -> Refusal:
    if no.code == "not_enabled":
        return Refusal(
            code="playbook.no_registry",
            message="The agent server keeps no registry, so playbooks stay on this runner.",
            doors=("ask the operator of the agent server to turn its registry on",),
        )
    return Refusal(code="playbook.registry", message=f"The registry says no: {no.reason}.")


def _plain(state: PlaybookStatus) -> str:
    return state.value.replace("_", " ")
