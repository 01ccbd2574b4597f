"""Making playbooks: of a plan of this thread, or of a file; every change of text is a new version."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from agent_server.contract.intent import Action, Intent, IntentKind, Scope
from agent_server.contract.playbook import DraftRequest, Playbook, PlaybookStep
from agent_server.contract.soundness import faults
from engine.clouds.catalog import Catalog
from engine.planning.plan import Plan
from engine.planning.record import Kept
from engine.planning.redaction import Redactor
from engine.plans import Plans, PlanState
from engine.playbooks import importing, words
from engine.playbooks.drafted import faithful
from engine.playbooks.server import PlaybookServer
from engine.playbooks.shelf import Shelf, after
from engine.playbooks.sources import Sources
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import PlaybookView
from engine.understanding import Understood

_OF_A_PLAN = (PlanState.EXECUTED, PlanState.APPROVED, PlanState.WAITING)
_ACTIONS = frozenset(action.value for action in Action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Makes playbooks.

    Attributes:
        shelf: Where they go.
        sources: Shows what was made.
        server: The port to the agent server.
        plans: The plans of threads.
        catalog: What operations do.
        redactor: Gives fresh pseudonyms.
    """

    shelf: Shelf
    sources: Sources
    server: PlaybookServer
    plans: Plans
    catalog: Catalog
    redactor: Callable[[], Redactor]

    async def of_the_plan(self, request: Request, understood: Understood) -> PlaybookView | Refusal:
        """Save the newest plan of the thread as a draft under the name that was said.

        Raises:
            PlannerUnavailable: The agent server gave no usable answer; nothing was kept.
        """
        record = await asyncio.to_thread(self.plans.newest_in, request.thread, *_OF_A_PLAN)
        found = await asyncio.to_thread(self.plans.get, record.plan_id) if record else None
        if found is None:
            return Refusal(
                code="playbook.no_plan",
                message="There is no plan in this thread that I could save as a playbook.",
                doors=(
                    "ask for something to be done first, then “save this plan as playbook NAME”",
                    "escher playbook new FILE",
                ),
            )
        name = str(understood.intent.filters.get("playbook") or "") or words.new_name(understood.text)
        if not words.slug(name):
            return Refusal(
                code="playbook.name",
                message="What should it be called? A name has at least three characters and begins with a letter.",
                doors=("save this plan as playbook nightly-stop",),
            )
        redactor = self.redactor()
        steps = _steps(found[0].admitted.plan, self.catalog, redactor)
        reply = await self.server.draft(
            DraftRequest(
                request_id=request.request_id,
                text=redactor.redact(found[0].told.text)[:4000],
                name=redactor.redact(name)[:120],
                intent=_intent(found[0]),
                steps=steps,
            )
        )
        made = _named(reply.playbook, name, redactor)
        done = [one.model_copy(update={"params": redactor.restore_all(one.params)}) for one in steps]
        if made is None or not faithful(done, made):
            return Refusal(
                code="playbook.draft",
                message="The agent server's draft does not have the steps of the plan, so I kept nothing.",
                doors=("try again", "escher playbook new FILE"),
            )
        return await asyncio.to_thread(self.keep, request, made, note="; ".join(reply.notes)[:1000])

    def of_a_file(self, request: Request, text: str, *, editing: bool) -> PlaybookView | Refusal:
        """Keep the playbook of a TOML file: as it is when new, as the next version when one is edited."""
        read = importing.read(text)
        if isinstance(read, Refusal):
            return read
        known = self.shelf.versions(read.id)
        if editing and not known:
            return Refusal(
                code="playbook.unknown",
                message=f"There is no playbook {read.id} here to edit.",
                doors=("escher playbook new FILE", "playbook list"),
            )
        if not editing and known:
            return Refusal(
                code="playbook.exists",
                message=f"There is a playbook {read.id} already.",
                doors=("escher playbook edit FILE makes its next version", f"playbook show {read.id}"),
            )
        return self.keep(request, read)

    def keep(self, request: Request, playbook: Playbook, *, note: str = "") -> PlaybookView | Refusal:
        """Keep a playbook as a draft; where its number is taken, as the next one."""
        known = self.shelf.versions(playbook.id)
        if playbook.version in known:
            playbook = playbook.model_copy(update={"version": after(known)})
        kept = self.shelf.add(playbook, request.principal, note=note)
        return kept if isinstance(kept, Refusal) else self.sources.own(kept, request.principal)


def _steps(plan: Plan, catalog: Catalog, redactor: Redactor) -> list[PlaybookStep]:
    """Return the plan's steps without its targets; what was one thing in several accounts is one step again."""
    places: dict[str, int] = {}
    seen: dict[str, int] = {}
    steps: list[PlaybookStep] = []
    for step in plan.steps:
        params = {key: value for key, value in step.params.items() if value != plan.plan_id}
        same = f"{step.operation} {sorted(params.items())!r}"
        if same not in seen:
            operation = catalog.operations[step.operation]
            seen[same] = len(steps)
            before = sorted({places[one] for one in step.depends_on if one in places})
            steps.append(
                PlaybookStep(
                    operation=step.operation,
                    description=operation.words[0],
                    target_type=operation.type,
                    params=redactor.redact_all(params),
                    depends_on=before,
                    effect=operation.effect.value,
                )
            )
        places[step.id] = seen[same]
    return steps


def _intent(kept: Kept) -> Intent:
    """Return what was asked for, as far as a procedure repeats it: the verb and the kinds, nobody's names."""
    before = kept.admitted.before.values()
    clouds = sorted({Scope(one.cloud.value) for one in before})
    action = Action(kept.told.action) if kept.told.action in _ACTIONS else Action.MODIFY
    return Intent(
        intent=IntentKind.EXECUTE,
        action=action,
        cloud=clouds[0] if len(clouds) == 1 else Scope.ANY,
        clouds=clouds,
        resource_types=sorted({one.type for one in before})[:20],
    )


def _named(drafted: Playbook, name: str, redactor: Redactor) -> Playbook | None:
    """Return the draft in real words, under the name that was said; None when that is no playbook any more."""
    plain = redactor.restore_all(drafted.model_dump(mode="json"))
    title = name if len(name) >= 3 else drafted.name  # noqa: PLR2004 - the least a name has
    try:
        made = Playbook.model_validate({**plain, "id": words.slug(name), "name": title, "version": "1.0.0"})
    except ValidationError:
        return None
    return None if faults(made) else made
