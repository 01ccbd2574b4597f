"""Any reply of the workflow as a component."""

from datetime import datetime

from blocks.components import (
    Align,
    ChatMessage,
    ClarificationCard,
    Column,
    Component,
    CostBreakdownTable,
    ErrorCard,
    HelpCard,
    HelpGroup,
    Option,
    RefusalCard,
    TableRow,
    line,
)
from blocks.wording import money, signed_money, signed_percent
from bot.views.estate import changed_card, described_card, listed_card
from bot.views.plan import plan_card
from bot.views.playbook import about_playbooks
from engine.clouds.catalog import Catalog
from engine.refusal import Refusal
from engine.replies import (
    Changed,
    Described,
    Listed,
    PlanView,
    PlaybookReply,
    Question,
    Reply,
    Said,
    Spending,
    Unavailable,
)

_MOST_COST_LINES = 15


def card(reply: Reply, catalog: Catalog, now: datetime) -> Component:
    """Return the component that shows a reply."""
    if isinstance(reply, PlaybookReply):
        return about_playbooks(reply, catalog)
    return _card(reply, catalog, now)


def _card(
    reply: Said | Listed | Described | Question | PlanView | Changed | Spending | Refusal | Unavailable,
    catalog: Catalog,
    now: datetime,
) -> Component:
    match reply:
        case Said():
            return ChatMessage(
                paragraphs=tuple(line(text) for text in reply.paragraphs),
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
        case Spending():
            return spending_card(reply)
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


def broken_card(reference: str) -> ErrorCard:
    """Return that something of ours broke."""
    return ErrorCard(
        what_happened=line("Something broke on my side, so I did nothing."),
        kept=line("Your message is kept in the record."),
        what_to_do=line("Try again; if it happens again, show the operator this reference."),
        reference=reference,
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
            HelpGroup(title="Escher itself", examples=("status", "sync", "report", "whoami", "why <plan>")),
        ),
    )


def spending_card(reply: Spending) -> CostBreakdownTable:
    """Return what was spent in a period."""
    change = ""
    if reply.previous:
        delta = reply.total - reply.previous
        change = f" ({signed_money(delta)}, {signed_percent(round(100 * delta / reply.previous, 1))} against the time before)"
    shown = reply.lines[:_MOST_COST_LINES]
    return CostBreakdownTable(
        title=line(f"{money(reply.total)} from {reply.start:%d %b} to before {reply.end:%d %b}{change}"),
        columns=(Column(label=reply.grouped_by.capitalize()), Column(label="US dollars", align=Align.RIGHT)),
        rows=tuple(TableRow(cells=(line(label), line(money(amount)))) for label, amount in shown),
        total=len(reply.lines),
        footer=line(f"Not connected to a cost source: {', '.join(reply.unknown)}") if reply.unknown else (),
    )
