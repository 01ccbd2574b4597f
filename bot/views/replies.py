"""Any reply of the workflow as a component."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from blocks.components import (
    ChatMessage,
    ClarificationCard,
    Component,
    ErrorCard,
    HelpCard,
    HelpGroup,
    Note,
    Option,
    RefusalCard,
    line,
    parse_foreign,
)
from bot.views.estate import changed_card, described_card, listed_card
from bot.views.plan import plan_card
from bot.views.playbook import about_playbooks
from engine.clouds.catalog import Catalog
from engine.refusal import Refusal
from engine.replies import (
    Answered,
    CardReply,
    Changed,
    Described,
    Listed,
    PlanView,
    PlaybookReply,
    Question,
    Said,
    Unavailable,
)


def cards(reply: CardReply, catalog: Catalog, now: datetime) -> tuple[Component, ...]:
    """Return the components that show a reply, in order."""
    return answered_cards(reply) if isinstance(reply, Answered) else (card(reply, catalog, now),)


def card(reply: CardReply, catalog: Catalog, now: datetime) -> Component:
    """Return the component that shows a reply, the first where there are several."""
    if isinstance(reply, PlaybookReply):
        return about_playbooks(reply, catalog)
    return _card(reply, catalog, now)


def _card(
    reply: Said | Listed | Described | Question | PlanView | Changed | Answered | Refusal | Unavailable,
    catalog: Catalog,
    now: datetime,
) -> Component:
    match reply:
        case Said():
            return ChatMessage(
                paragraphs=tuple(line(text) for text in reply.paragraphs),
                notes=_sources(reply.sources),
                suggestions=reply.suggestions,
                model=reply.model,
            )
        case Listed():
            return listed_card(reply, now)
        case Described():
            return described_card(reply, now)
        case Question():
            return question_card(reply)
        case PlanView():
            return plan_card(reply, catalog, now)
        case Changed():
            return changed_card(reply)
        case Answered():
            return answered_cards(reply)[0]
        case Refusal():
            return refusal_card(reply)
        case Unavailable():
            return unavailable_card(reply)


def question_card(reply: Question) -> ClarificationCard:
    """Return a question with its likely answers."""
    return ClarificationCard(
        question=line(reply.text),
        detail=line(reply.detail),
        question_id=reply.id or "q-open",
        options=tuple(Option(id=one.id, label=one.label, detail=one.detail) for one in reply.choices),
    )


def refusal_card(reply: Refusal) -> RefusalCard:
    """Return a "no" with its reason and the next doors."""
    who = tuple(door.removeprefix("ask ") for door in reply.doors if door.startswith("ask ") and ":" in door)
    return RefusalCard(
        headline=line(reply.message),
        code=reply.code,
        reasons=tuple(line(reason) for reason in reply.reasons),
        who_can=line(f"Who can: {', '.join(who)}") if who else (),
        suggestions=tuple(door for door in reply.doors if door.removeprefix("ask ") not in who),
    )


def unavailable_card(reply: Unavailable) -> ErrorCard:
    """Return that something is away, what was kept, and what happens next."""
    return ErrorCard(
        what_happened=line(f"I planned nothing: {reply.reason}."),
        kept=line("Your message is kept."),
        what_to_do=line("I will answer here when it is back."),
    )


def no_words_card() -> ChatMessage:
    """Return what is said to a message without a word, such as a bare mention or an emoji."""
    return ChatMessage(
        paragraphs=(
            line(
                "I read words, and there were none. Ask about your clouds (“what is idle”), or say what to change "
                "(“stop all dev EC2 instances”). An emoji approves nothing."
            ),
        ),
        suggestions=("help", "what is idle", "pending"),
    )


def broken_card(reference: str) -> ErrorCard:
    """Return that something of ours broke."""
    return ErrorCard(
        what_happened=line("Something broke on my side, so I did nothing."),
        kept=line("Your message is kept in the record."),
        what_to_do=line("Try again; if it happens again, show the operator this reference."),
        reference=reference,
    )


def unwritable_card() -> ErrorCard:
    """Return that the record takes nothing: what is not kept is not done."""
    return ErrorCard(
        what_happened=line("I cannot write to my record, so I did nothing."),
        what_to_do=line(
            "Its disk may be full, or its database away: escher doctor tells the operator. Say it again when that is mended."
        ),
    )


def help_card(name: str = "@escher") -> HelpCard:
    """Return what one can say."""
    return HelpCard(
        headline=line(f"Say it in your own words, for example “{name} stop all dev EC2 instances”"),
        groups=(
            HelpGroup(
                title="See",
                examples=(
                    "show me all idle EC2 instances in us-east-1",
                    "list public buckets",
                    "what changed since yesterday",
                    "aws cost this month",
                ),
            ),
            HelpGroup(
                title="Do, after an approval",
                examples=(
                    "stop all dev VMs in Azure West US",
                    "make bucket <name> private",
                    "snapshot <database> then stop it",
                    "tag web-dev-1 with team=web",
                ),
            ),
            HelpGroup(
                title="Decide and follow",
                examples=(
                    "pending",
                    "approve <plan>",
                    "reject <plan> <reason>",
                    "status <plan>",
                    "cancel <plan>",
                    "undo <plan>",
                ),
            ),
            HelpGroup(
                title="Playbooks",
                examples=(
                    "playbook for stopping idle instances",
                    "list my playbooks",
                    "run playbook <name> on dev instances in us-east-1",
                    "save this plan as playbook <name>",
                ),
            ),
            HelpGroup(title="Escher itself", examples=("status", "settings", "sync", "report", "whoami", "why <plan>")),
        ),
    )


def answered_cards(reply: Answered) -> tuple[Component, ...]:
    """Return an answer as cards; words of their own stand before them where a model chose them, or where there is no card."""
    found = tuple(one for one in map(_foreign, reply.components) if one is not None)
    if found and not reply.worded:
        return found
    words = ChatMessage(
        paragraphs=tuple(line(text) for text in reply.paragraphs),
        notes=_sources(reply.sources),
        suggestions=reply.suggestions,
        model=reply.model if reply.worded else "",
    )
    return (words, *found)


def _foreign(component: Mapping[str, Any]) -> Component | None:
    """Return a component that the agent server made, without people and buttons in it; None when it is not one."""
    try:
        return parse_foreign(component)
    except ValidationError:
        return None


def _sources(titles: Sequence[str]) -> tuple[Note, ...]:
    return (Note(text=line(f"Source: {'; '.join(titles)}")),) if titles else ()
