"""The second ear: learned from what may be read, asked only where no order was understood, and only ever raising."""

import pytest

from agent_server.agents.alarm import ear, hears
from agent_server.agents.danger import is_dangerous, may_be_misread
from agent_server.contract.intent import Action, Intent, IntentKind
from tests.evals.ear import digest, lessons


def meaning(kind: IntentKind, action: Action) -> Intent:
    """Return an intent that says nothing but its kind and action."""
    return Intent(intent=kind, action=action, model="test")


def test_the_ear_was_learned_from_what_lies_here() -> None:
    """`python -m tests.evals.ear --write` was run after the sets, the lists or the ear last changed."""
    examples = [one for some in lessons().values() for one in some]
    assert ear.weights().learned_from == digest(examples)


def test_nothing_is_learned_from_what_nobody_reads() -> None:
    """The held halves teach nothing."""
    assert [name for name in lessons() if "held" in name] == []


@pytest.mark.parametrize(
    ("kind", "action", "misread"),
    [
        (IntentKind.QUERY, Action.LIST, True),
        (IntentKind.UNSUPPORTED, Action.NONE, True),
        (IntentKind.EXECUTE, Action.MODIFY, True),
        (IntentKind.EXECUTE, Action.STOP, False),
        (IntentKind.EXECUTE, Action.SCALE, False),
        (IntentKind.PLAYBOOK, Action.PLAYBOOK_RUN, False),
        (IntentKind.HELP, Action.HELP, False),
    ],
)
def test_it_is_asked_where_an_order_may_have_been_misread(kind: IntentKind, action: Action, misread: bool) -> None:
    """A plain change that was understood is judged by rules alone."""
    assert may_be_misread(meaning(kind, action)) is misread


def test_it_raises_where_no_rule_does() -> None:
    """What sounds like an order counts as one, unless it was understood as something harmless."""
    loud = "kindly vanish-away those leftover disks permanently, destroy them all"
    assert hears(loud)
    assert is_dangerous(meaning(IntentKind.QUERY, Action.LIST), loud)


@pytest.mark.parametrize("text", ["", "?", "hello", "which buckets are public?", "🎉" * 9, "x" * 100_000])
def test_it_is_quiet_for_what_is_no_order(text: str) -> None:
    """Nothing, greetings, questions and noise of any length are let be."""
    assert not hears(text)


def test_a_name_is_as_good_as_another() -> None:
    """Names with digits in them are all alike to it."""
    assert ear.buckets("delete vm-1") == ear.buckets("delete web-77-b")
