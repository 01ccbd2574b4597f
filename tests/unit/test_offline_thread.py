"""What the thread adds: "those", "the second one", answers to a question, "the same elsewhere"."""

import pytest

from agent_server.contract.intent import (
    Action,
    HistoryTurn,
    Intent,
    IntentKind,
    IntentRequest,
    Reference,
    ResultRef,
    Scope,
)
from agent_server.models.offline import parse

SHOWN = [
    HistoryTurn(role="user", text="show me all idle EC2 instances in us-east-1"),
    HistoryTurn(role="assistant", text="6 instances", result=ResultRef(set_id="s1", types=["ec2::instance"], count=6)),
]
ASKED = [
    HistoryTurn(role="user", text="stop the instances"),
    HistoryTurn(
        role="assistant", text="Which machines should I stop? Name them, or say an environment, tag or region."
    ),
]
DONE = [
    HistoryTurn(role="user", text="stop all dev EC2 instances in us-east-1"),
    HistoryTurn(role="assistant", text="Plan p-0abcdefg"),
]


def understood(text: str, history: list[HistoryTurn]) -> Intent:
    """Parse one message."""
    return parse(IntentRequest(request_id="test", text=text, history=history))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("stop those", "all"),
        ("stop it", "all"),
        ("stop the second one", [2]),
        ("stop the first two", [1, 2]),
        ("stop the last one", [6]),
        ("stop the last two", [5, 6]),
        ("stop 2 and 4", [2, 4]),
        ("stop number 3", [3]),
    ],
)
def test_what_was_shown_can_be_pointed_at(text: str, items: object) -> None:
    """The intent refers to the set that was shown and counts from 1; its kind and cloud are the set's."""
    found = understood(text, SHOWN)
    assert found.reference == Reference.model_validate({"set_id": "s1", "items": items})
    assert (found.action, found.cloud, found.resource_types) == (Action.STOP, Scope.AWS, ["ec2::instance"])
    assert not found.needs_clarification


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("stop them all except the second one", [1, 3, 4, 5, 6]),
        ("stop all of those but the last one", [1, 2, 3, 4, 5]),
        ("stop those except the first two", [3, 4, 5, 6]),
        ("stop the second and third but not the third", [2]),
        ("stop number 4, not the last one", [4]),
        ("stop those except web-2", "all"),
    ],
)
def test_what_is_excepted_by_its_number_is_never_what_is_meant(text: str, items: object) -> None:
    """'All but the second' is the others; a name that is excepted is a filter over all of them."""
    found = understood(text, SHOWN)
    assert found.reference == Reference.model_validate({"set_id": "s1", "items": items})


def test_exceptions_by_number_from_a_very_long_list_are_asked_about() -> None:
    """Hundreds of others cannot be told one by one, so nobody guesses."""
    long = [
        HistoryTurn(role="assistant", text="900", result=ResultRef(set_id="s1", types=["ec2::instance"], count=900))
    ]
    assert understood("stop them all except the second one", long).needs_clarification


def test_with_says_what_is_put_on_the_things_that_were_shown() -> None:
    """What follows "with" is the new tag, not a condition."""
    intent = understood("tag those with owner=dana", SHOWN)
    assert (intent.action, intent.filters) == (Action.TAG, {"set_tags": {"owner": "dana"}})
    assert intent.reference == Reference(set_id="s1")
    assert not intent.needs_clarification


def test_what_was_shown_can_be_narrowed() -> None:
    """'Only the ones in …' is a question about the shown set with one more filter."""
    found = understood("only the ones in us-east-1", SHOWN)
    assert (found.intent, found.action) == (IntentKind.QUERY, Action.LIST)
    assert found.reference == Reference(set_id="s1", items="all")
    assert found.filters == {"region": "us-east-1"}


def test_a_full_request_refers_to_nothing() -> None:
    """A sentence that says all it needs is not about what was shown before."""
    assert understood("stop all dev EC2 instances", SHOWN).reference is None
    assert understood("list public buckets", SHOWN).reference is None


@pytest.mark.parametrize("text", ["stop those", "start them again", "delete the second one"])
def test_without_anything_shown_it_is_asked(text: str) -> None:
    """'Those' with nothing before is a question back."""
    found = understood(text, [])
    assert found.needs_clarification
    assert found.question


@pytest.mark.parametrize(
    ("text", "filters", "cloud"),
    [
        ("dev", {"tags": {"env": "dev"}}, "any"),
        ("the dev ones in us-east-1", {"tags": {"env": "dev"}, "region": "us-east-1"}, "aws"),
        ("web-1", {"name": "web-1"}, "any"),
        ("zeus", {"name": "zeus"}, "any"),
        ("those tagged team=ml", {"tags": {"team": "ml"}}, "any"),
    ],
)
def test_an_answer_completes_the_request(text: str, filters: dict[str, object], cloud: str) -> None:
    """The earlier order and the answer become one intent."""
    found = understood(text, ASKED)
    assert (found.intent, found.action, found.cloud, found.filters) == (IntentKind.EXECUTE, Action.STOP, cloud, filters)
    assert not found.needs_clarification


def test_a_new_request_is_no_answer() -> None:
    """Whoever asks for something else after a question gets that."""
    found = understood("list public buckets", ASKED)
    assert (found.intent, found.action) == (IntentKind.QUERY, Action.LIST)


def test_a_question_can_be_dropped() -> None:
    """'Never mind' carries nothing out."""
    assert understood("never mind", ASKED).intent is IntentKind.UNSUPPORTED


@pytest.mark.parametrize(
    ("text", "cloud", "types", "filters"),
    [
        ("do the same in eu-west-1", "aws", ["ec2::instance"], {"tags": {"env": "dev"}, "region": "eu-west-1"}),
        ("same for staging", "aws", ["ec2::instance"], {"tags": {"env": "staging"}, "region": "us-east-1"}),
        ("and in azure?", "azure", ["compute::virtualmachine"], {"tags": {"env": "dev"}}),
    ],
)
def test_the_same_can_be_asked_elsewhere(text: str, cloud: str, types: list[str], filters: dict[str, object]) -> None:
    """The last request is repeated with what is new; a new cloud drops the old region."""
    found = understood(text, DONE)
    assert (found.action, found.cloud, found.resource_types, found.filters) == (Action.STOP, cloud, types, filters)


def test_the_same_in_production_is_dangerous() -> None:
    """Danger is judged on the completed request, not on the few words that completed it."""
    assert understood("what about prod?", DONE).dangerous


LISTED = [
    HistoryTurn(role="user", text="show running dev EC2 instances"),
    HistoryTurn(role="assistant", text="9 instances", result=ResultRef(set_id="s2", types=["ec2::instance"], count=9)),
]


def test_the_same_elsewhere_is_about_the_kind_that_was_pointed_at() -> None:
    """After "start those" comes "same in staging": the machines of the list's kind, narrowed as the list was, and no other kind."""
    history = [
        *LISTED,
        HistoryTurn(role="user", text="stop those"),
        HistoryTurn(role="assistant", text="Plan p-0abcdefg"),
    ]
    found = understood("same in staging", history)
    assert (found.action, found.resource_types) == (Action.STOP, ["ec2::instance"])
    assert found.filters == {"state": "running", "tags": {"env": "staging"}}
    assert found.reference is None
    assert not found.needs_clarification


@pytest.mark.parametrize("order", ["stop the second one", "stop 2 and 4"])
def test_the_same_elsewhere_of_single_ones_is_asked_about(order: str) -> None:
    """Two of a list are no rule that says which ones elsewhere."""
    history = [*LISTED, HistoryTurn(role="user", text=order), HistoryTurn(role="assistant", text="Plan p-0abcdefg")]
    found = understood("and in us-west-2", history)
    assert (found.action, found.needs_clarification) == (Action.STOP, True)
    assert found.reference is None


def test_the_same_elsewhere_of_the_one_that_was_described_is_asked_about() -> None:
    """After "the second one" and "stop it" it is still about that one machine."""
    one = ResultRef(set_id="s3", types=["ec2::instance"], count=1)
    history = [
        *LISTED,
        HistoryTurn(role="user", text="the second one"),
        HistoryTurn(role="assistant", text="web-dev-2", result=one),
        HistoryTurn(role="user", text="stop it"),
        HistoryTurn(role="assistant", text="Plan p-0abcdefg"),
    ]
    assert understood("and in us-west-2", history).needs_clarification
