"""Running a playbook: its values asked for, its targets found in the estate, its steps planned, admitted and approved like any other.

Nothing of a playbook runs by itself: what comes out is a plan that waits.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from agent_server.contract.plan import PlaybookUse
from agent_server.contract.playbook import Parameter, Playbook, PlaybookStatus, StorageStrategy
from engine.approval.policy import Policy
from engine.asking_back import MOST_CHOICES
from engine.clouds.catalog import Catalog
from engine.clouds.ports import CloudAccount
from engine.estate.asked import Asked, Unanswerable, from_intent
from engine.estate.kinds import expand
from engine.estate.resource import Cloud
from engine.memory import Memory, Waiting, new_question_id
from engine.planning.following import Following, following, unfollowable
from engine.planning.record import Kept
from engine.planning.redaction import Redactor
from engine.playbooks import words
from engine.playbooks.shelf import UNUSED, Shelf
from engine.playbooks.words import Missing
from engine.proposing import Proposing, Request
from engine.refusal import Refusal
from engine.replies import Choice, PlaybookView, Question
from engine.requesting import Guide
from engine.resolving import Wanted
from engine.understanding import Understood

_WHEN = frozenset({"schedule", "delay", "duration"})
_SAID_TO_THE_PLAYBOOK = frozenset({"playbook", "about"})
_ACTION = "playbook_run"
"""For the selector: no filter is a parameter of this, so that each narrows the targets or is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPlaybooks:
    """Turns "run playbook X on …" into a plan.

    Attributes:
        proposing: Finds the targets, has the steps planned, admits them.
        shelf: Where the version of a library playbook that was run is kept.
        memory: For questions back.
        accounts: The connected accounts.
        catalog: What can be done at all.
        policy: Gives the policy as it is now.
    """

    proposing: Proposing
    shelf: Shelf
    memory: Memory
    accounts: Iterable[CloudAccount]
    catalog: Catalog
    policy: Callable[[], Policy]

    async def run(self, request: Request, understood: Understood, view: PlaybookView) -> Kept | Question | Refusal:
        """Return the plan, the next question, or why not.

        Raises:
            PlannerUnavailable: The agent server gave no usable answer.
        """
        if refused := _unusable(view, understood) or unfollowable(view.playbook, self.catalog):
            return refused
        given = words.split(understood.text)[1]
        if unknown := words.unknown_values(view.playbook, given):
            return _no_such_value(view.playbook, unknown[0])
        values = words.settle(view.playbook, given)
        if isinstance(values, Missing):
            return self._ask_for(request, understood, values)
        follow = following(view.playbook, values, self.catalog)
        if isinstance(follow, Refusal):
            return follow
        parts = self._parts(understood, view.playbook, follow)
        if isinstance(parts, Refusal):
            return parts
        use = PlaybookUse(
            playbook=_as_sent(view.playbook, understood.redactor), parameters=understood.redactor.redact_all(values)
        )
        guide = Guide(follow=follow, use=use, notes=_notes(view))
        planned = await self.proposing.proceed(request, understood, parts, guide)
        if isinstance(planned, Kept):
            await asyncio.to_thread(self._pin, request, view)
        return planned

    def answered(self, waiting: Waiting, text: str) -> str | None:
        """Return the whole request with the value that a message gives to an open question; None when it is no value.

        A value is one word, or several in quotes; anything longer is a new message.
        """
        value = words.single(text.removeprefix(f"{waiting.awaits}="))
        return None if value is None else words.with_value(waiting.text, waiting.awaits, value)

    def _ask_for(self, request: Request, understood: Understood, missing: Missing) -> Question:
        parameter = missing.parameter
        offered = _offered(parameter)
        text = f"{parameter.description.rstrip('.?')}: what should {parameter.name} be?"
        question = Question(
            id=new_question_id(),
            text=f"That does not fit: {missing.why}. {text}" if missing.why else text,
            detail=_bounds(parameter),
            choices=tuple(Choice(id=one, label=one) for one in offered),
        )
        # A value that did not fit is taken out again, so that the next one takes its place.
        plain, given = words.split(understood.text)
        for name, value in given.items():
            plain = plain if name == parameter.name else words.with_value(plain, name, value)
        waiting = Waiting(
            question_id=question.id,
            text=plain,
            intent=understood.intent.model_dump(mode="json"),
            choices={one: {} for one in offered},
            awaits=parameter.name,
            asked=question.text,
        )
        self.memory.wait(request.thread, waiting)
        return question

    def _parts(self, understood: Understood, playbook: Playbook, follow: Following) -> tuple[Wanted, ...] | Refusal:
        """Return one part for each kind the playbook acts on; a kind that its procedure needs and nobody named is asked for."""
        intent = understood.intent
        filters = {key: value for key, value in intent.filters.items() if key not in _SAID_TO_THE_PLAYBOOK}
        kinds = _meant(follow, intent.resource_types, {one.value for one in (intent.cloud, *intent.clouds)})
        if not kinds:
            can = ", ".join(dict.fromkeys(kind for kind, _ in follow.kinds))
            return Refusal(
                code="playbook.kind",
                message=f"Playbook {playbook.id} acts on {can}, which is not what you named.",
                doors=(f"playbook show {playbook.id}",),
            )
        parts: list[Wanted] = []
        for kind, cloud in kinds:
            asked = Asked(action=_ACTION, cloud=cloud.value, resource_types=(kind,), filters=filters)
            selector = from_intent(asked, accounts=tuple(self.accounts), env_keys=self.policy().environment_tags)
            if isinstance(selector, Unanswerable):
                return Refusal(code=f"estate.{selector.key}", message=selector.sentence, doors=("help",))
            if understood.shown is not None:
                selector = replace(selector, ids=frozenset(understood.shown))
            parts.append(
                Wanted(
                    action=playbook.action.value,
                    selector=selector,
                    filters={},
                    named=_listed(filters.get("name")),
                    follow=follow,
                )
            )
        return tuple(parts)

    def _pin(self, request: Request, view: PlaybookView) -> None:
        """Keep the version of the library that was planned with, so that it is counted and stays what it was."""
        if view.source != "library" or self.shelf.get(view.playbook.id, view.playbook.version):
            return
        self.shelf.add(
            view.playbook,
            request.principal,
            strategy=StorageStrategy.USING_DEFAULT,
            state=PlaybookStatus.ACTIVE,
            note="taken from the library when it was first used",
        )


def _unusable(view: PlaybookView, understood: Understood) -> Refusal | None:
    playbook = view.playbook
    if view.state in UNUSED:
        return Refusal(
            code="playbook.unused",
            message=f"Playbook {playbook.id} {playbook.version} is {view.state.value}, so I do not follow it.",
            doors=("playbook list",),
        )
    if _WHEN & set(understood.intent.filters):
        return not_scheduled(playbook.id)
    return None


def _no_such_value(playbook: Playbook, name: str) -> Refusal:
    asked = ", ".join(parameter.name for parameter in playbook.parameters)
    return Refusal(
        code="playbook.parameter",
        message=f"Playbook {playbook.id} asks for no {name}; it asks for {asked or 'nothing'}.",
        doors=(f"playbook show {playbook.id}",),
    )


def not_scheduled(name: str) -> Refusal:
    """Return that schedules are not kept, and what is possible instead."""
    now = f"run playbook {name} on …" if name else "say it without the time, and I plan it for now"
    return Refusal(
        code="unsupported.schedule",
        message="I understood, but I keep no schedules in this version: I can only plan it for now.",
        doors=(now, "playbook list"),
    )


def _meant(follow: Following, types: Iterable[str], clouds: set[str]) -> tuple[tuple[str, Cloud], ...]:
    """Return the kinds of the playbook that were meant; when one of a cloud is, all of that cloud that it needs are."""
    wanted = expand(types) if types else None
    named = {cloud for cloud in clouds if cloud != "any"}
    on_cloud = [kind for kind in follow.kinds if not named or kind[1].value in named]
    meant = {cloud for type_, cloud in on_cloud if wanted is None or type_ in wanted}
    return tuple(kind for kind in on_cloud if kind[1] in meant)


def _notes(view: PlaybookView) -> tuple[str, ...]:
    """Return the lines of the card that name the playbook, and what its state warns of."""
    origin = {"own": "", "tenant": ", published by a colleague", "library": ", of the library"}[view.source]
    named = f"follows playbook {view.playbook.id}, version {view.playbook.version}{origin}"
    if view.state in {PlaybookStatus.DRAFT, PlaybookStatus.READY}:
        return (named, "nobody has reviewed this playbook")
    return (named, f"about this playbook: {view.warning}") if view.warning else (named,)


def _as_sent(playbook: Playbook, redactor: Redactor) -> Playbook:
    """Return what the agent server needs of a playbook to follow it: no scripts, and nobody's names in any text."""
    plain = playbook.model_dump(mode="json")
    texts = ("name", "summary", "keywords", "explain", "rollback")
    hidden: dict[str, Any] = {key: redactor.redact_all(plain[key]) for key in texts}
    steps = [
        {**one, "description": redactor.redact(one["description"]), "params": redactor.redact_all(one["params"])}
        for one in plain["steps"]
    ]
    declared = [
        {**one, "description": redactor.redact(one["description"]), "default": redactor.redact_all(one["default"])}
        for one in plain["parameters"]
    ]
    return Playbook.model_validate(
        plain | hidden | {"id": "followed", "steps": steps, "parameters": declared, "scripts": {}, "controls": []}
    )


def _offered(parameter: Parameter) -> tuple[str, ...]:
    match parameter.kind:
        case "choice":
            return tuple(parameter.choices[:MOST_CHOICES])
        case "boolean":
            return ("yes", "no")
        case _:
            return ()


def _bounds(parameter: Parameter) -> str:
    match parameter.kind:
        case "integer":
            low = f"at least {parameter.minimum}" if parameter.minimum is not None else ""
            high = f"at most {parameter.maximum}" if parameter.maximum is not None else ""
            return "a whole number" + "".join(f", {bound}" for bound in (low, high) if bound)
        case "choice" if len(parameter.choices) > MOST_CHOICES:
            return f"one of {', '.join(parameter.choices)}"
        case "string" | "resource":
            return "one word, or several in quotes"
        case _:
            return ""


def _listed(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
