"""Whatever is typed, the offline understanding gives a valid answer, and certain things never change it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_server.contract.intent import HistoryTurn, Intent, IntentKind, IntentRequest, ResultRef
from agent_server.models.offline import parse
from tests.evals.intent import SETS
from tests.evals.score import read

MESSAGES = [row["text"] for name in SETS for row in read(SETS[name])]
WORDS = sorted({word for text in MESSAGES for word in text.split()})
calm = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

anything = st.text(max_size=400) | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
turns = st.lists(
    st.builds(
        HistoryTurn,
        role=st.sampled_from(["user", "assistant"]),
        text=st.sampled_from(MESSAGES) | st.sampled_from(["Which one?", "6 found"]),
        result=st.none()
        | st.builds(ResultRef, set_id=st.just("s1"), types=st.just(["ec2::instance"]), count=st.integers(0, 9)),
    ),
    max_size=4,
)


def understood(text: str, history: list[HistoryTurn] | None = None) -> Intent:
    """Parse one message."""
    return parse(IntentRequest(request_id="test", text=text, history=history or []))


@calm
@given(text=anything, history=turns)
def test_any_text_gives_a_valid_intent(text: str, history: list[HistoryTurn]) -> None:
    """No text and no thread makes the parser fail, and what it says passes the contract again."""
    found = understood(text[:4000], history)
    assert Intent.model_validate(found.model_dump(mode="json")) == found
    assert bool(found.question) == found.needs_clarification


@calm
@given(text=st.sampled_from(MESSAGES), gap=st.sampled_from(["  ", "\t", "\n", " \u00a0"]))
def test_white_space_says_nothing(text: str, gap: str) -> None:
    """Wider gaps and line ends between words do not change what is meant."""
    if any(mark in text for mark in "\"'`#<"):
        return
    assert understood(text.replace(" ", gap)) == understood(text)


@calm
@given(text=st.sampled_from(MESSAGES))
def test_a_shouted_message_asks_for_the_same(text: str) -> None:
    """Upper case changes the letters of names, not the intent, the cloud or the kinds."""
    calmly, loudly = understood(text.lower()), understood(text.upper())
    assert (loudly.intent, loudly.cloud, loudly.action, loudly.resource_types) == (
        calmly.intent,
        calmly.cloud,
        calmly.action,
        calmly.resource_types,
    )


@calm
@given(
    order=st.sampled_from(
        [
            "stop all dev vms",
            "delete untagged disks in azure",
            "restart the qa instances in gcp",
            "list ec2 instances",
            "tag all buckets with team=a",
        ]
    ),
    marker=st.sampled_from(
        [
            " except {}",
            " but not {}",
            ", skip {}",
            " other than {}",
            ", leave {} alone",
            " excluding {}",
            " apart from {}",
            ", but don't touch {}",
            " besides {}",
            ", ignore {}",
            " with the exception of {}",
        ]
    ),
    name=st.from_regex(r"[a-z]{2,8}-[a-z]{2,6}-[0-9]{1,3}", fullmatch=True),
)
def test_an_exception_is_never_lost(order: str, marker: str, name: str) -> None:
    """Whatever the words of an exception, its name is excluded and never becomes a target."""
    found = understood(order + marker.format(name))
    assert found.filters["exclude"] == {"name": name}
    assert found.filters.get("name") is None


@calm
@given(text=anything)
def test_a_deletion_is_never_harmless(text: str) -> None:
    """Whenever a deletion is understood, it is flagged."""
    found = understood(text[:4000])
    if found.intent is IntentKind.EXECUTE and (found.action == "delete" or "delete" in found.steps):
        assert found.dangerous
