"""Layouts of conversation."""

from blocks.accents import STATES, TONES, Badge
from blocks.components.actions import Action, ActionId
from blocks.components.chat import (
    ChatMessage,
    ClarificationCard,
    ConfirmationCard,
    ErrorCard,
    HelpCard,
    NoticeCard,
    RefusalCard,
)
from blocks.components.inline import Code, line
from blocks.components.vocabulary import State
from blocks.layout.parts import Facts, Item, Layout, Listing, Part, Title
from blocks.layout.shared import at, buttons, card, grey, notes, offers, words


def chat_message(component: ChatMessage) -> Layout:
    """Paragraphs without a headline of their own."""
    first, *rest = component.paragraphs or (line("…"),)
    parts: list[Part | None] = [words(text) for text in rest]
    model = grey(line(f"worded by {component.model}")) if component.model else None
    layout = card((), None, [words(first), *parts, *notes(component.notes), model, offers(component.suggestions)])
    return Layout(accent=layout.accent, parts=layout.parts[1:])


def clarification(component: ClarificationCard) -> Layout:
    """The question, what is known, the likely answers."""
    choices = tuple(
        Action(
            id=ActionId.CHOOSE,
            label=f"{option.label} ({option.detail})" if option.detail else option.label,
            value={"question_id": component.question_id[:120], "choice": option.id[:200]},
        )
        for option in component.options
    )
    typed = grey(line("Or say it in your own words: mention me in this thread.")) if component.free_text else None
    return card(component.question, None, [words(component.detail), buttons(choices), typed])


def confirmation(component: ConfirmationCard) -> Layout:
    """A question with yes and no."""
    lines = [words(text) for text in component.detail]
    return card(
        component.question, None, [*lines, grey(at("expires", component.expires_at)), buttons(component.actions)]
    )


def error(component: ErrorCard) -> Layout:
    """What happened, what was kept, what to do."""
    reference = grey(line("reference ", Code(text=component.reference))) if component.reference else None
    return card(
        component.what_happened,
        Badge(words="error", accent=STATES[State.FAILED].accent),
        [words(component.kept), words(component.what_to_do), reference, buttons(component.actions)],
    )


def refusal(component: RefusalCard) -> Layout:
    """What is refused, by which rule, who can, what could be done instead."""
    lines: list[Part | None] = [words(text) for text in component.reasons]
    # A rule of the policy has no dot in its name (`engine.approval.policy`); a code of ours has.
    named = "code " if "." in component.code else "rule "
    code = grey(line(named, Code(text=component.code))) if component.code else None
    return card(
        component.headline,
        Badge(words="refused", accent=STATES[State.REFUSED].accent),
        [*lines, words(component.who_can), code, buttons(component.actions), offers(component.suggestions)],
    )


def notice(component: NoticeCard) -> Layout:
    """A fact and its few lines."""
    facts = Facts(rows=component.facts) if component.facts else None
    lines: list[Part | None] = [words(text) for text in component.lines]
    return card(component.headline, None, [*lines, facts, buttons(component.actions)], accent=TONES[component.tone])


def help_card(component: HelpCard) -> Layout:
    """Examples by group; the first of each group can be pressed."""
    parts: list[Part] = []
    for group in component.groups:
        parts.append(Title(text=line(group.title)))
        parts.append(Listing(items=tuple(Item(cells=(line(Code(text=example)),)) for example in group.examples)))
    firsts = offers(tuple(group.examples[0] for group in component.groups if group.examples))
    return card(component.headline, None, [*parts, *notes(component.notes), firsts])
