"""Playbooks as cards.

Whatever a playbook says of itself may be somebody else's text and is shown as plain text; what its steps do is read from the catalogue.
"""

from agent_server.contract.playbook import PlaybookStatus, PlaybookStep, StorageStrategy
from blocks.components import (
    Action,
    ActionStyle,
    Ask,
    Code,
    Component,
    Fact,
    Line,
    LogOutputCard,
    Note,
    PlaybookCard,
    PlaybookEntry,
    PlaybookList,
    PlaybookReviewCard,
    ReviewCheck,
    RiskLevel,
    Tone,
    line,
)
from blocks.components.actions import ActionId, AskKind
from blocks.wording import count, percent
from bot.views.nouns import of_type
from bot.views.plan import person
from engine.clouds.catalog import Catalog
from engine.clouds.operation import Effect, Operation
from engine.planning.hindrances import said
from engine.playbooks.orders import Do
from engine.replies import PlaybookReply, Playbooks, PlaybookText, PlaybookView

_MOST_ENTRIES = 8
_MOST_STEPS = 12
_MOST_LINES = 200
_MOST_SUMMARY = 200
_MOST_DETAIL = 120
_WHERE = {
    StorageStrategy.LOCAL_ONLY: "on this runner only",
    StorageStrategy.UPLOADED_FOR_REVIEW: "published, by way of a review",
    StorageStrategy.UPLOADED_TRUSTED: "published by a reviewer",
    StorageStrategy.USING_DEFAULT: "from Escher's library",
}


def about_playbooks(reply: PlaybookReply, catalog: Catalog) -> Component:
    """Return the component that shows an answer about playbooks."""
    match reply:
        case PlaybookView():
            return playbook_card(reply, catalog)
        case Playbooks():
            return playbooks_card(reply)
        case PlaybookText():
            return script_card(reply)


def playbook_card(view: PlaybookView, catalog: Catalog) -> PlaybookCard | PlaybookReviewCard:
    """Return the card of one playbook; for whoever may review it now, the card to decide on."""
    if "review" in view.may:
        return review_card(view, catalog)
    book = view.playbook
    return PlaybookCard(
        headline=line(f"{book.name}: {_size(view)}"),
        playbook_id=book.id,
        version=book.version,
        state=state_words(view.state),
        risk=RiskLevel(book.risk),
        running=_running(view),
        summary=(line(book.summary),),
        steps=_steps(view, catalog),
        facts=_facts(view),
        notes=_notes(view),
        actions=_actions(view),
    )


def addressed(component: Component, key: str) -> Component:
    """Return a playbook's card whose buttons carry its card key, so that a press can change the very card it is on."""
    if not isinstance(component, PlaybookCard | PlaybookReviewCard):
        return component
    actions = tuple(one.model_copy(update={"value": {**one.value, "card": key}}) for one in component.actions)
    return component.model_copy(update={"actions": actions})


def review_card(view: PlaybookView, catalog: Catalog) -> PlaybookReviewCard:
    """Return the card of a playbook that waits for this reader's review."""
    book = view.playbook
    return PlaybookReviewCard(
        headline=line(f"Review {book.name}: {_size(view)}"),
        playbook_id=book.id,
        version=book.version,
        author=line("by ", person(view.author, "")) if view.author else (),
        summary=(line(book.summary),),
        steps=_steps(view, catalog),
        checks=_checks(view, catalog),
        notes=_notes(view),
        actions=(
            _button(view, Do.APPROVE, "Approve", style=ActionStyle.PRIMARY),
            _button(
                view,
                Do.REJECT,
                "Reject…",
                style=ActionStyle.DANGER,
                ask=Ask(kind=AskKind.REASON, label="Why not? The author sees this."),
            ),
            *_reading(view),
        ),
    )


def playbooks_card(found: Playbooks) -> PlaybookList:
    """Return a list of playbooks; when it is empty, what one could say instead."""
    shown = found.views[:_MOST_ENTRIES]
    fit = found.asked.startswith("fit ")
    number = count(len(found.views), "playbook") if found.views else "No playbook"
    if fit and len(found.views) <= 1:
        headline = f"{number} fits{found.asked.removeprefix('fit')}"
    else:
        headline = f"{number} {found.asked}" if fit else count(len(found.views), found.asked.removesuffix("s"))
    if not found.views and not fit:
        headline = f"No {found.asked} of your own yet" if found.library else f"No {found.asked} yet"
    if found.library:
        headline += f"; the library has {found.library:,}"
    find = ("find a playbook for stopping idle instances",) if found.library or not found.views else ()
    suggestions = (() if found.views else ("list my playbooks",)) if fit else find
    return PlaybookList(
        headline=line(headline),
        entries=tuple(_entry(view) for view in shown),
        more=len(found.views) - len(shown),
        suggestions=(*suggestions, *found.notes),
    )


def script_card(found: PlaybookText) -> LogOutputCard:
    """Return a script to be read and copied."""
    lines = found.text.splitlines()
    what = "file" if found.language == "toml" else "script"
    return LogOutputCard(
        headline=line(
            f"The {found.language} {what} of ", Code(text=found.playbook), f" {found.version}, to copy; I do not run it"
        ),
        lines=tuple(lines[:_MOST_LINES]),
        omitted=max(len(lines) - _MOST_LINES, 0),
    )


def state_words(state: PlaybookStatus) -> str:
    """Return how a state is said."""
    return {PlaybookStatus.PENDING_REVIEW: "waits for a review", PlaybookStatus.NEEDS_UPDATE: "needs an update"}.get(
        state, state.value
    )


def _size(view: PlaybookView) -> str:
    book = view.playbook
    if view.listed_only:
        return "published by a colleague"
    steps = count(len(book.steps), "step") if book.steps else "a script"
    kinds = ", ".join(dict.fromkeys(f"{of_type(one)}s" for one in book.resource_types[:3]))
    return f"{steps} on {kinds}"


def _steps(view: PlaybookView, catalog: Catalog) -> tuple[Line, ...]:
    steps = view.playbook.steps
    shown = tuple(_step(step, catalog) for step in steps[:_MOST_STEPS])
    more = (line(f"and {len(steps) - _MOST_STEPS} more"),) if len(steps) > _MOST_STEPS else ()
    return (*shown, *more)


def _step(step: PlaybookStep, catalog: Catalog) -> Line:
    found = catalog.operations.get(step.operation) or catalog.composites.get(step.operation)
    if found is None:
        return line(f"{step.description} ", Code(text=step.operation), " (Escher does not do this)")
    effect = found.effect.value if isinstance(found, Operation) else Effect.WRITE.value
    values = ", ".join(f"{key} = {value}" for key, value in step.params.items())
    told = f", {values}" if values else ""
    said = found.words[0].removesuffix(" of")
    described = "" if step.description in found.words else f": {step.description}"
    return line(f"{said}{described} ", Code(text=found.id), f" ({effect}{told})")


def _facts(view: PlaybookView) -> tuple[Fact, ...]:
    book = view.playbook
    asked = "; ".join(f"{one.name}: {one.description.rstrip('.')}" for one in book.parameters)
    runs = f"{view.executions}, {view.successes} of them well" if view.executions else "none yet"
    facts = (
        ("Fits", f"{percent(round(100 * view.confidence))}: {view.reason}" if view.confidence is not None else ""),
        ("Asks for", asked),
        ("Undo", book.rollback),
        ("Meets", ", ".join(f"{one.framework} {one.version} {one.id}".replace("  ", " ") for one in book.controls)),
        ("Runs", runs),
        ("Kept", _WHERE[view.strategy]),
        ("Written by", view.author),
        ("Note", view.note),
    )
    return tuple(Fact(label=label, value=line(value)) for label, value in facts if value)


def _running(view: PlaybookView) -> Note:
    """Say whether Escher can run a playbook, before anybody tries."""
    if "run" in view.may:
        how = f"say “run playbook {view.playbook.id} on …”, and it becomes a plan that waits for approval"
        return Note(text=line(f"{_in_short(view)}: {how}"), tone=Tone.GOOD)
    return Note(text=line(_in_short(view)), tone=Tone.GREY if view.listed_only else Tone.WARNING)


def _in_short(view: PlaybookView) -> str:
    if view.listed_only:
        return f"“playbook show {view.playbook.id}” shows its steps and says whether I can run it"
    if view.hindrances:
        return f"I can only show it, not run it: {said(view.hindrances)}"
    if "run" not in view.may:
        return f"I do not run it while it is {state_words(view.state)}"
    return "I can run it"


def _notes(view: PlaybookView) -> tuple[Note, ...]:
    return (Note(text=line(view.warning), tone=Tone.WARNING),) if view.warning else ()


def _checks(view: PlaybookView, catalog: Catalog) -> tuple[ReviewCheck, ...]:
    book = view.playbook
    destroying = [
        step.operation
        for step in book.steps
        if (found := catalog.operations.get(step.operation)) is not None and found.effect is Effect.DESTROY
    ]
    return (
        ReviewCheck(name="Escher can run it", ok=not view.hindrances, detail=said(view.hindrances)[:_MOST_DETAIL]),
        ReviewCheck(name="Nothing is deleted", ok=not destroying, detail=", ".join(destroying)),
        ReviewCheck(name="It says how it is undone", ok=bool(book.rollback), detail=book.rollback[:_MOST_DETAIL]),
    )


def _actions(view: PlaybookView) -> tuple[Action, ...]:
    run = (
        _button(
            view,
            Do.RUN,
            "Run…",
            style=ActionStyle.PRIMARY,
            ask=Ask(kind=AskKind.TEXT, label="On what? For example: dev instances in us-east-1"),
        ),
    )
    return (
        *(run if "run" in view.may else ()),
        *((_button(view, Do.UPLOAD, "Upload for review"),) if "upload" in view.may else ()),
        *((_button(view, Do.TRUST, "Upload as trusted"),) if "trust" in view.may else ()),
        *((_button(view, Do.SHOW, "Show"),) if view.listed_only else ()),
        *_reading(view),
    )


def _reading(view: PlaybookView) -> tuple[Action, ...]:
    has = view.playbook.scripts or (view.source == "tenant" and not view.playbook.steps)
    return (_button(view, Do.SCRIPT, "Script", private=True),) if has else ()


def _button(
    view: PlaybookView,
    do: Do,
    label: str,
    *,
    style: ActionStyle = ActionStyle.DEFAULT,
    ask: Ask | None = None,
    private: bool = False,
) -> Action:
    return Action(
        id=ActionId.PLAYBOOK,
        label=label,
        style=style,
        value={"do": do.value, "playbook_id": view.playbook.id, "version": view.playbook.version},
        asks=(ask,) if ask else (),
        private=private,
    )


def _entry(view: PlaybookView) -> PlaybookEntry:
    return PlaybookEntry(
        name=view.playbook.name,
        playbook_id=view.playbook.id,
        version=f"{view.playbook.version}, {state_words(view.state)}",
        summary=_first_sentence(view.playbook.summary),
        confidence=view.confidence,
        running=_in_short(view),
        warning=view.warning,
        action=_button(view, Do.SHOW, "Show"),
    )


def _first_sentence(text: str) -> str:
    first, found, _ = text.partition(". ")
    return f"{first}." if found else text[:_MOST_SUMMARY]
