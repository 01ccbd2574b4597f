"""The playbook story: what people say, press or order about playbooks, and what comes of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import tomli_w

from agent_server.contract.intent import Action
from agent_server.contract.playbook import Language, PlaybookStatus, StorageStrategy
from engine.planning.record import Kept
from engine.planning.wire import Declined
from engine.playbooks import scripts, words
from engine.playbooks.making import Making
from engine.playbooks.orders import Do, Order
from engine.playbooks.publishing import Publishing
from engine.playbooks.running import RunningPlaybooks, not_scheduled
from engine.playbooks.server import PlaybookServer
from engine.playbooks.shelf import Shelf, Shelved
from engine.playbooks.sources import Sources
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import PlaybookText, PlaybookView, Question, Reply
from engine.understanding import Understood

Outcome = Reply | Kept
_STATES: Mapping[str, PlaybookStatus] = {
    **{state.value.replace("_", " "): state for state in PlaybookStatus},
    **{state.value: state for state in PlaybookStatus},
    "needs an update": PlaybookStatus.NEEDS_UPDATE,
    "outdated": PlaybookStatus.NEEDS_UPDATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookStory:
    """Answers about playbooks.

    Attributes:
        sources: Finds them.
        making: Makes them.
        publishing: Moves them through their life.
        running: Makes plans of them.
        shelf: This runner's own.
        server: The port to the agent server.
    """

    sources: Sources
    making: Making
    publishing: Publishing
    running: RunningPlaybooks
    shelf: Shelf
    server: PlaybookServer

    async def hear(self, request: Request, understood: Understood) -> Outcome:
        """Answer a message about playbooks.

        Raises:
            PlannerUnavailable: The agent server gave no usable answer.
        """
        try:
            return await self._heard(request, understood)
        except Declined as no:
            return _declined(no)

    async def _heard(self, request: Request, understood: Understood) -> Outcome:
        intent = understood.intent
        name = str(intent.filters.get("playbook") or "")
        match intent.action:
            case Action.PLAYBOOK_FIND:
                return await self.sources.find(request, understood)
            case Action.PLAYBOOK_LIST:
                return await self.sources.every(request, str(intent.filters.get("state") or ""))
            case Action.PLAYBOOK_CREATE:
                return await self.making.of_the_plan(request, understood)
            case Action.PLAYBOOK_SCHEDULE | Action.PLAYBOOK_PAUSE | Action.PLAYBOOK_RESUME:
                return not_scheduled(name)
            case _:
                return await self._about(request, understood, name)

    async def _about(self, request: Request, understood: Understood, name: str) -> Outcome:
        """Answer what is about one playbook."""
        if not name:
            return _which()
        version = words.split(understood.text)[1].get(words.PIN, "")
        to_run = understood.intent.action is Action.PLAYBOOK_RUN
        view = await self.sources.look_up(request, name, version, to_run=to_run)
        if view is None:
            return _unknown(name)
        match understood.intent.action:
            case Action.PLAYBOOK_RUN:
                text = words.pinned(understood.text, name, view.playbook)
                return await self.running.run(request, replace(understood, text=text), view)
            case Action.PLAYBOOK_DELETE:
                return await self._move(request, view, PlaybookStatus.ARCHIVED.value, "")
            case Action.PLAYBOOK_UPDATE:
                return _how_to_edit(view)
            case _:
                return view

    async def obey(self, request: Request, order: Order) -> Outcome:
        """Do what was ordered by a button, an exact form or a command; `RUN` and `FIND` are said, not ordered.

        Raises:
            PlannerUnavailable: The agent server gave no usable answer.
        """
        try:
            return await self._obeyed(request, order)
        except Declined as no:
            return _declined(no)

    async def _obeyed(self, request: Request, order: Order) -> Outcome:
        match order.do:
            case Do.LIST:
                return await self.sources.every(request, order.text)
            case Do.NEW | Do.EDIT:
                return await asyncio.to_thread(self.making.of_a_file, request, order.text, editing=order.do is Do.EDIT)
            case _:
                pass
        if not order.name:
            return _which()
        view = await self.sources.look_up(request, order.name, order.version)
        if view is None:
            return _unknown(order.name)
        match order.do:
            case Do.SCRIPT:
                return await self._script(view, order.text)
            case Do.EXPORT:
                return _exported(view)
            case Do.UPLOAD | Do.TRUST:
                trusted = order.do is Do.TRUST
                return await self._own(
                    request, view, lambda own: self.publishing.upload(request.principal, own, trusted=trusted)
                )
            case Do.APPROVE | Do.REJECT:
                approve = order.do is Do.APPROVE
                return await self._own(
                    request,
                    view,
                    lambda own: self.publishing.review(request.principal, own, approve=approve, note=order.text),
                )
            case Do.STATE:
                state, _, note = order.text.partition("|")
                return await self._move(request, view, state, note)
            case _:
                return view

    async def _move(self, request: Request, view: PlaybookView, said: str, note: str) -> Outcome:
        state = _STATES.get(said.strip().lower().replace("-", " "))
        if state is None:
            known = ", ".join(one.value for one in PlaybookStatus)
            return Refusal(code="playbook.state", message=f"There is no state {said.strip()!r}; there are {known}.")
        return await self._own(
            request, view, lambda own: self.publishing.move(request.principal, own, state, note.strip())
        )

    async def _own(
        self, request: Request, view: PlaybookView, change: Callable[[Shelved], Awaitable[Shelved | Refusal]]
    ) -> Outcome:
        """Change a playbook of this runner; what others published is theirs to change."""
        shelved = await asyncio.to_thread(self.shelf.get, view.playbook.id, view.playbook.version)
        if shelved is None:
            return Refusal(
                code="playbook.elsewhere",
                message=f"{view.playbook.id} {view.playbook.version} is not kept on this runner, so I do not change it.",
                doors=("do it on the runner it was uploaded from",),
            )
        changed = await change(shelved)
        return changed if isinstance(changed, Refusal) else self.sources.own(changed, request.principal)

    async def _script(self, view: PlaybookView, wanted: str) -> Outcome:
        """Show a script to be copied; one that only the registry has is fetched and held against its digest."""
        playbook = view.playbook
        languages = {one.value: one for one in Language}
        if wanted and wanted.lower() not in languages:
            return Refusal(
                code="playbook.language", message=f"A script is written in {', '.join(languages)}, not {wanted}."
            )
        here = {one: text for one, text in playbook.scripts.items() if wanted.lower() in {"", one.value}}
        if here:
            language, text = next(iter(here.items()))
            return _text(view, language, text)
        if view.source == "tenant":
            return await self._fetched(view, languages.get(wanted.lower(), Language.BASH))
        return Refusal(
            code="playbook.no_script",
            message=f"Playbook {playbook.id} has no {wanted or 'script'}; its steps are on its card.",
            doors=(f"playbook show {playbook.id}",),
        )

    async def _fetched(self, view: PlaybookView, language: Language) -> Outcome:
        try:
            link = await self.server.script(view.playbook.id, view.playbook.version, language)
        except Declined as no:
            return Refusal(code="playbook.no_script", message=f"The registry has no such script: {no.reason}.")
        text = await scripts.fetch(link, local=self.server.local)
        return text if isinstance(text, Refusal) else _text(view, language, text)


def _text(view: PlaybookView, language: Language, text: str) -> PlaybookText:
    return PlaybookText(playbook=view.playbook.id, version=view.playbook.version, language=language.value, text=text)


def _exported(view: PlaybookView) -> Outcome:
    if view.listed_only:
        return Refusal(code="playbook.partial", message=f"Only the listing of {view.playbook.id} is here.")
    plain = view.playbook.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    return PlaybookText(
        playbook=view.playbook.id, version=view.playbook.version, language="toml", text=tomli_w.dumps(plain)
    )


def _declined(no: Declined) -> Refusal:
    """Return a reasoned "no" of the agent server; asking the same again would change nothing."""
    return Refusal(
        code="playbook.declined",
        message=f"The agent server says no: {no.reason.rstrip('.')}.",
        doors=("playbook list",),
    )


def _which() -> Question:
    return Question(id="", text="Which playbook do you mean?", detail="Say its name, or “list my playbooks”.")


def _unknown(name: str) -> Refusal:
    shown = name.strip()
    return Refusal(
        code="playbook.unknown",
        message=f"I know no playbook called {shown}.",
        doors=("list my playbooks", f"find a playbook for {shown}"),
    )


def _how_to_edit(view: PlaybookView) -> Refusal:
    name = view.playbook.id
    editable = view.strategy is not StorageStrategy.USING_DEFAULT
    return Refusal(
        code="playbook.edit",
        message=f"A version never changes; another text of {name} is its next version, and that is made from a file.",
        doors=(
            f"escher playbook export {name}, then escher playbook {'edit' if editable else 'new'} FILE",
            f"mark playbook {name} as needs update",
        ),
    )
