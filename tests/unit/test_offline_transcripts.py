"""Threads as people lead them: each turn is understood with all turns before it, as the agent server gets them."""

from dataclasses import dataclass, field

import pytest

from agent_server.contract.intent import HistoryTurn, Intent, IntentRequest, ResultRef
from agent_server.models.offline import parse

MOST = 10


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a person: the words, what they come to, and what Escher then shows or asks.

    Attributes:
        text: The words.
        means: Fields of the intent that matter, `exclude`d facts and all.
        shows: Kinds and number of what is shown next, if anything is.
        answers: What Escher says next.
    """

    text: str
    means: dict[str, object]
    shows: tuple[str, int] | None = None
    answers: str = "Here you are."
    filters: dict[str, object] | None = field(default=None)


THREADS = {
    "narrowed, picked and stopped": [
        Said("show me all idle EC2 instances in us-east-1", {"action": "list"}, ("ec2::instance", 6), filters={"idle": True, "region": "us-east-1"}),
        Said("only the ones tagged team=ml", {"action": "list", "reference": "all"}, ("ec2::instance", 3), filters={"tags": {"team": "ml"}}),
        Said("stop the second one", {"intent": "execute", "action": "stop", "reference": [2], "resource_types": ["ec2::instance"]}, answers="Plan p-1"),
        Said("and the third one too", {"reference": [3]}),
    ],
    "the same elsewhere": [
        Said("stop all dev EC2 instances in us-east-1", {"action": "stop"}, answers="Plan p-1", filters={"tags": {"env": "dev"}, "region": "us-east-1"}),
        Said("do the same in eu-west-1", {"action": "stop", "resource_types": ["ec2::instance"]}, answers="Plan p-2", filters={"tags": {"env": "dev"}, "region": "eu-west-1"}),
        Said("same for staging", {"action": "stop"}, answers="Plan p-3", filters={"tags": {"env": "staging"}, "region": "eu-west-1"}),
        Said("and in azure?", {"action": "stop", "cloud": "azure", "resource_types": ["compute::virtualmachine"]}, answers="Plan p-4", filters={"tags": {"env": "staging"}}),
        Said("what about prod", {"action": "stop", "dangerous": True}),
    ],
    "asked, answered, dropped": [
        Said("stop the instances", {"action": "stop", "needs_clarification": True}, answers="Which instances should I stop? Name them, or say an environment, tag or region."),
        Said("the dev ones", {"action": "stop", "needs_clarification": False}, answers="In which region?", filters={"tags": {"env": "dev"}}),
        Said("yes, us-east-1", {"action": "stop", "needs_clarification": False}, answers="Plan p-1", filters={"tags": {"env": "dev"}, "region": "us-east-1"}),
        Said("never mind", {"intent": "unsupported"}),
    ],
    "a name for an answer": [
        Said("restart the vm", {"action": "restart", "needs_clarification": True}, answers="Which machine should I restart?"),
        Said("zeus", {"action": "restart", "needs_clarification": False}, answers="Plan p-1", filters={"name": "zeus"}),
        Said("who restarted it last?", {"intent": "query", "action": "audit"}),
    ],
    "those, these, them": [
        Said("unattached disks in azure", {"action": "list"}, ("compute::disk", 4), filters={"attached": False}),
        Said("how much do those cost", {"intent": "cost", "reference": "all"}, answers="120 USD a month."),
        Said("snapshot them", {"intent": "execute", "action": "snapshot", "reference": "all", "resource_types": ["compute::disk"]}, answers="Plan p-1"),
        Said("delete those", {"intent": "execute", "action": "delete", "reference": "all", "dangerous": True}, answers="Plan p-2"),
        Said("delete the first two", {"action": "delete", "reference": [1, 2], "dangerous": True}, answers="Plan p-3"),
        Said("tag the last one with keep=true", {"action": "tag", "reference": [4]}, filters={"set_tags": {"keep": "true"}}),
    ],
    "by number": [
        Said("list public buckets", {"action": "list"}, ("s3::bucket", 5), filters={"public": True}),
        Said("describe number 3", {"intent": "query", "action": "describe", "reference": [3]}),
        Said("make 2 and 4 private", {"intent": "execute", "action": "make_private", "reference": [2, 4]}, answers="Plan p-1"),
        Said("is the fifth one encrypted?", {"intent": "query", "action": "check", "reference": [5]}),
    ],
    "a new subject": [
        Said("list idle vms on gcp", {"action": "list"}, ("compute::instance", 2), filters={"idle": True}),
        Said("list public buckets", {"action": "list", "reference": None}, ("storage::bucket", 1), filters={"public": True}),
        Said("how do I make a bucket private?", {"intent": "help", "reference": None}),
        Said("make it private", {"intent": "execute", "action": "make_private", "reference": "all", "resource_types": ["storage::bucket"]}),
    ],
    "nothing shown yet": [
        Said("hello", {"intent": "unsupported"}, answers="Hello."),
        Said("stop those", {"intent": "execute", "action": "stop", "needs_clarification": True}, answers="Which ones do you mean?"),
        Said("i-0aa1 and i-0bb2", {"action": "stop", "needs_clarification": False}, answers="Plan p-1", filters={"name": ["i-0aa1", "i-0bb2"]}),
        Said("thanks!", {"intent": "unsupported"}),
    ],
    "a question that is not answered": [
        Said("delete the snapshots", {"action": "delete", "needs_clarification": True, "dangerous": True}, answers="Which snapshots should I delete?"),
        Said("list the snapshots older than a year in eu-west-1", {"intent": "query", "action": "list"}, ("ec2::snapshot", 7), filters={"age_days": {"op": ">", "value": 365}, "region": "eu-west-1"}),
        Said("delete all of them", {"intent": "execute", "action": "delete", "reference": "all", "dangerous": True}),
    ],
    "all but some": [
        Said("show the stopped vms in azure", {"action": "list"}, ("compute::virtualmachine", 5), filters={"state": "stopped"}),
        Said("start all of them except web-1", {"intent": "execute", "action": "start", "reference": "all"}, answers="Plan p-1", filters={"exclude": {"name": "web-1"}}),
        Said("restart those but leave db-1 alone", {"intent": "execute", "action": "restart", "reference": "all"}, answers="Plan p-2", filters={"exclude": {"name": "db-1"}}),
        Said("only those in westeurope", {"intent": "query", "action": "list", "reference": "all"}, ("compute::virtualmachine", 2), filters={"region": "westeurope"}),
        Said("stop both", {"intent": "execute", "action": "stop", "reference": "all"}),
    ],
    "a polite operator": [
        Said("Could you list the rds instances without deletion protection?", {"action": "list"}, ("rds::instance", 3), filters={"deletion_protection": False}),
        Said("Please enable it for all of them.", {"intent": "execute", "action": "enable", "reference": "all"}, answers="Plan p-1"),
        Said("Who created the first one?", {"intent": "query", "action": "audit", "reference": [1]}),
        Said("I would like the last one to be stopped tonight.", {"intent": "execute", "action": "stop", "reference": [3]}, filters={"schedule": "tonight"}),
    ],
    "money and back": [
        Said("aws spend by service last month", {"intent": "cost", "action": "cost_report"}, filters={"group_by": "service", "period": "last_month"}),
        Said("and in gcp?", {"intent": "cost", "cloud": "gcp"}, filters={"group_by": "service", "period": "last_month"}),
        Said("why did it go up", {"intent": "cost", "action": "cost_explain"}),
    ],
}  # fmt: skip


def spoken(thread: list[Said]) -> list[tuple[Said, Intent]]:
    """Understand every turn of a thread with the turns before it."""
    history: list[HistoryTurn] = []
    found = []
    for number, turn in enumerate(thread):
        found.append((turn, parse(IntentRequest(request_id="test", text=turn.text, history=history[-MOST:]))))
        result = (
            ResultRef(set_id=f"s{number}", types=[turn.shows[0]], count=turn.shows[1])
            if turn.shows is not None
            else None
        )
        history += [
            HistoryTurn(role="user", text=turn.text),
            HistoryTurn(role="assistant", text=turn.answers, result=result),
        ]
    return found


def told(turn: Said, intent: Intent) -> dict[str, object]:
    """Return what an intent says of the fields that a turn is about."""
    sent = intent.model_dump(mode="json")
    sent["reference"] = intent.reference.items if intent.reference else None
    return {key: sent[key] for key in turn.means}


@pytest.mark.parametrize("name", THREADS)
def test_a_thread_is_understood_turn_by_turn(name: str) -> None:
    """What was shown, asked and ordered before gives "those", "yes, us-east-1" and "the same in …" their meaning."""
    for turn, intent in spoken(THREADS[name]):
        assert (turn.text, told(turn, intent)) == (turn.text, turn.means)
        if turn.filters is not None:
            assert (turn.text, intent.filters) == (turn.text, turn.filters)
