"""Layouts of alerts."""

from blocks.accents import SEVERITIES, Accent, Badge
from blocks.components.alert import OperationalAlertCard, SecurityAlertCard
from blocks.components.vocabulary import AlertState, TimeStyle
from blocks.layout.parts import Facts, Layout
from blocks.layout.shared import at, buttons, card, grey, labelled, notes, words


def alert(component: SecurityAlertCard | OperationalAlertCard) -> Layout:
    """What, where, since when, why it matters, what was or can be done."""
    words_now = f"{component.severity.value} · {component.state.value}"
    over = component.state in {AlertState.RESOLVED, AlertState.CLOSED}
    return card(
        component.headline,
        Badge(words=words_now, accent=Accent.GOOD if over else SEVERITIES[component.severity]),
        [
            grey(component.resource, at("at", component.at, TimeStyle.DATETIME)),
            *(words(text) for text in component.why),
            Facts(rows=component.facts) if component.facts else None,
            labelled("Remedy", component.remediation),
            *notes(component.notes),
            buttons(component.actions),
        ],
    )
