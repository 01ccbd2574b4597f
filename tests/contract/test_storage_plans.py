from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.storage.database import Database, StorageUnavailable
from engine.storage.envelope import EnvelopeError
from engine.storage.executions import ExecutionStore
from engine.storage.journal import Fenced, Journal, JournalEvent
from engine.storage.plans import PlanMissing, PlanStore
from engine.storage.tables import plans


@pytest.fixture
def store(database, keys, ticking) -> PlanStore:
    """The store under test."""
    return PlanStore(database, keys, ticking)


@pytest.fixture
def executions(database, keys, ticking) -> ExecutionStore:
    """The executions beside it."""
    return ExecutionStore(database, keys, ticking)


@pytest.fixture
def journal(database, keys, ticking) -> Journal:
    """The journal beside it."""
    return Journal(database, keys, ticking)


def propose(store: PlanStore, ticking, plan_id: str = "p-00000001", **changes) -> None:
    """Store a plan like any other, with what the test cares about changed."""
    values = {
        "state": "proposed",
        "digest": "d" * 64,
        "payload": b'{"v":1}',
        "requester": "slack:T0ACME:U0ONE",
        "not_after": ticking() + timedelta(minutes=30),
        "thread": "slack:C1:1.2",
    }
    store.insert(plan_id, **(values | changes))


class TestPlans:
    def test_a_plan_comes_back_as_it_was_stored(self, store, ticking):
        """What was proposed is read back to the byte."""
        propose(store, ticking, payload=b"\x00\xffbytes")
        found = store.get("p-00000001")
        assert found is not None
        assert (found.payload, found.digest, found.requester, found.thread, found.state, found.version) == (
            b"\x00\xffbytes",
            "d" * 64,
            "slack:T0ACME:U0ONE",
            "slack:C1:1.2",
            "proposed",
            1,
        )
        assert found.not_after.utcoffset() == timedelta(0)
        assert store.get("p-unknown") is None

    def test_a_taken_id_is_refused(self, store, ticking):
        """No plan replaces another."""
        propose(store, ticking)
        with pytest.raises(StorageUnavailable):
            propose(store, ticking, payload=b"other")
        assert store.get("p-00000001").payload == b'{"v":1}'

    def test_plans_are_found_by_state_thread_and_requester(self, store, ticking):
        """The three questions the conversation asks of the store."""
        propose(store, ticking, "p-a")
        propose(store, ticking, "p-b", thread="", requester="local:ada")
        propose(store, ticking, "p-c", state="expired")
        assert [plan.plan_id for plan in store.in_state("proposed")] == ["p-a", "p-b"]
        assert [plan.plan_id for plan in store.in_thread("slack:C1:1.2")] == ["p-a", "p-c"]
        assert [plan.plan_id for plan in store.in_thread("slack:C1:1.2", "proposed")] == ["p-a"]
        assert [plan.plan_id for plan in store.of_requester("local:ada")] == ["p-b"]
        assert store.count() == 3

    def test_a_state_changes_only_from_the_states_named(self, store, ticking):
        """Compare-and-swap: the loser learns that it lost."""
        propose(store, ticking)
        assert store.cas_state("p-00000001", {"proposed"}, "approved")
        assert not store.cas_state("p-00000001", {"proposed"}, "rejected")
        assert not store.cas_state("p-unknown", {"proposed"}, "rejected")
        assert (store.get("p-00000001").state, store.get("p-00000001").version) == ("approved", 2)

    def test_a_state_written_by_another_hand_is_noticed(self, store, database: Database, ticking):
        """Whoever can write the file still cannot approve a plan."""
        propose(store, ticking)
        with database.transaction() as connection:
            connection.execute(update(plans).values(state="approved"))
        with pytest.raises(EnvelopeError, match="p-00000001"):
            store.get("p-00000001")

    def test_a_longer_life_given_by_another_hand_is_noticed(self, store, database: Database, ticking):
        """An expired plan cannot be brought back by moving its end."""
        propose(store, ticking)
        with database.transaction() as connection:
            connection.execute(update(plans).values(not_after=ticking() + timedelta(days=1)))
        with pytest.raises(EnvelopeError, match="p-00000001"):
            store.get("p-00000001")

    def test_one_of_many_concurrent_changes_wins(self, store, ticking):
        """Ten threads, one winner."""
        propose(store, ticking)
        with ThreadPoolExecutor(10) as pool:
            won = list(pool.map(lambda _: store.cas_state("p-00000001", {"proposed"}, "approved"), range(10)))
        assert won.count(True) == 1


class TestDecisions:
    def test_a_decision_settles_the_plan_in_the_same_transaction(self, store, ticking):
        """With a quorum of two the second approval changes the state."""
        propose(store, ticking)

        def settle(_plan, decisions):
            return "approved" if len(decisions) == 2 else None

        first = store.decide("p-00000001", principal="local:ada", payload=b"yes", settle=settle)
        again = store.decide("p-00000001", principal="local:ada", payload=b"yes", settle=settle)
        second = store.decide("p-00000001", principal="local:bob", payload=b"yes", settle=settle)
        assert (first.recorded, first.plan.state) == (True, "proposed")
        assert (again.recorded, len(again.decisions)) == (False, 1)
        assert (second.recorded, second.plan.state, second.plan.version) == (True, "approved", 2)
        assert [decision.principal for decision in store.decisions("p-00000001")] == ["local:ada", "local:bob"]

    def test_what_settle_raises_undoes_the_decision(self, store, ticking):
        """A decision that may not count is not kept."""
        propose(store, ticking)

        def settle(_plan, _decisions):
            raise PermissionError

        with pytest.raises(PermissionError):
            store.decide("p-00000001", principal="local:ada", payload=b"yes", settle=settle)
        assert store.decisions("p-00000001") == ()

    def test_a_decision_about_nothing_is_refused(self, store):
        """An unknown plan id is not a plan."""
        with pytest.raises(PlanMissing):
            store.decide("p-none", principal="local:ada", payload=b"", settle=lambda _plan, _decisions: None)

    def test_concurrent_decisions_of_one_person_count_once(self, store, ticking):
        """A double click is one decision; the quorum counts people."""
        propose(store, ticking)

        def click(_):
            return store.decide("p-00000001", principal="local:ada", payload=b"yes", settle=lambda _p, _d: None)

        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(click, range(8)))
        assert [outcome.recorded for outcome in done].count(True) == 1
        assert len(store.decisions("p-00000001")) == 1


class TestExecutions:
    def test_fifty_concurrent_claims_have_one_winner(self, store, executions, ticking):
        """However often Approve is clicked, a plan is executed once."""
        propose(store, ticking)
        until = ticking() + timedelta(seconds=15)

        def claim(n):
            return executions.claim("p-00000001", f"x-{n}", owner=f"runner-{n}", lease_until=until)

        with ThreadPoolExecutor(50) as pool:
            won = list(pool.map(claim, range(50)))
        assert won.count(True) == 1
        winner = executions.of_plan("p-00000001")
        assert winner.id == f"x-{won.index(True)}"
        assert (winner.state, winner.fencing) == ("pending", 1)

    def test_an_unfinished_execution_is_listed_until_it_ends(self, store, executions, ticking):
        """A start finds exactly what must be looked at."""
        propose(store, ticking)
        executions.claim("p-00000001", "x-1", owner="r", lease_until=ticking())
        assert executions.cas_state("x-1", {"pending"}, "running", fencing=1)
        assert not executions.cas_state("x-1", {"running"}, "failed", fencing=2)
        assert [found.id for found in executions.unfinished()] == ["x-1"]
        assert executions.cas_state("x-1", {"running"}, "succeeded")
        assert executions.unfinished() == []

    def test_a_lapsed_lease_is_taken_over_and_fences_the_former_owner(self, store, executions, journal, ticking):
        """The frozen runner that wakes up can write nothing more."""
        propose(store, ticking)
        executions.claim("p-00000001", "x-1", owner="one", lease_until=ticking() + timedelta(seconds=5))
        assert executions.take_over("x-1", owner="two", lease_until=ticking()) is None
        ticking.now += timedelta(seconds=6)
        assert executions.take_over("x-1", owner="two", lease_until=ticking() + timedelta(seconds=5)) == 2
        assert not executions.renew("x-1", fencing=1, lease_until=ticking())
        assert executions.renew("x-1", fencing=2, lease_until=ticking())
        with pytest.raises(Fenced):
            journal.append("x-1", step_id="s1", target="i-1", event=JournalEvent.INTENT, fencing=1)
        assert journal.append("x-1", step_id="s1", target="i-1", event=JournalEvent.INTENT, fencing=2) == 1

    def test_a_finished_execution_opened_again_by_another_hand_is_noticed(self, store, executions, database, ticking):
        """Nobody gets a second run by editing the file."""
        propose(store, ticking)
        executions.claim("p-00000001", "x-1", owner="r", lease_until=ticking())
        executions.cas_state("x-1", {"pending"}, "succeeded")
        with database.transaction() as connection:
            connection.exec_driver_sql("UPDATE executions SET state = 'running'")
        with pytest.raises(EnvelopeError, match="x-1"):
            executions.take_over("x-1", owner="two", lease_until=ticking())
        with pytest.raises(EnvelopeError, match="x-1"):
            executions.unfinished()


class TestJournal:
    def test_entries_come_back_in_order_and_open_calls_are_named(self, store, executions, journal, ticking):
        """Intent without an end is what a restart must reconcile."""
        propose(store, ticking)
        executions.claim("p-00000001", "x-1", owner="r", lease_until=ticking())
        for target, event in [
            ("i-1", JournalEvent.INTENT),
            ("i-1", JournalEvent.CALLED),
            ("i-1", JournalEvent.DONE),
            ("i-2", JournalEvent.INTENT),
        ]:
            journal.append("x-1", step_id="s1", target=target, event=event, detail=b"why")
        assert [(entry.seq, entry.target, entry.event) for entry in journal.entries("x-1")] == [
            (1, "i-1", "intent"),
            (2, "i-1", "called"),
            (3, "i-1", "done"),
            (4, "i-2", "intent"),
        ]
        assert [(entry.target, entry.detail) for entry in journal.unfinished("x-1")] == [("i-2", b"why")]

    def test_an_entry_for_an_unknown_execution_is_refused(self, journal):
        """Nothing is journalled, hence nothing called, without an execution."""
        with pytest.raises(Fenced):
            journal.append("x-none", step_id="s1", target="i-1", event=JournalEvent.INTENT)

    def test_a_missing_or_changed_entry_is_noticed(self, store, executions, journal, database, ticking):
        """A corrupt journal is an error, not a shorter journal."""
        propose(store, ticking)
        executions.claim("p-00000001", "x-1", owner="r", lease_until=ticking())
        for _ in range(3):
            journal.append("x-1", step_id="s1", target="i-1", event=JournalEvent.INTENT)
        with database.transaction() as connection:
            connection.exec_driver_sql("UPDATE journal SET event = 'done' WHERE seq = 3")
        with pytest.raises(EnvelopeError, match="another hand"):
            journal.entries("x-1")
        with database.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM journal WHERE seq <> 2")
        with pytest.raises(EnvelopeError, match="missing"):
            journal.entries("x-1")
