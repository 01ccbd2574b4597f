"""Playbooks, their runs and what is planned again and again, over both databases; and a database of the version before."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, update

from engine.storage.database import Database
from engine.storage.envelope import EnvelopeError
from engine.storage.habits import HabitStore
from engine.storage.key_epochs import open_key_ring
from engine.storage.plans import PlanStore
from engine.storage.playbook_runs import PlaybookRunStore, RunCount
from engine.storage.playbooks import PlaybookStore
from engine.storage.record import open_record
from engine.storage.schema import MIGRATIONS, prepare
from engine.storage.tables import metadata, playbooks, schema_version

FIRST_SCHEMA = Path(__file__).parents[1] / "golden" / "schema" / "sqlite_1.sql"


@pytest.fixture
def store(database, keys, ticking):
    """An empty shelf."""
    return PlaybookStore(database, keys, ticking)


def shelve(store, number="1.0.0", package=b"one"):
    """Put a version on the shelf."""
    return store.add(
        "tidy-up", number, state="draft", strategy="local_only", author="local:ada", package=package, note="first"
    )


class TestPlaybooks:
    def test_a_version_is_kept_once_and_never_replaced(self, store):
        """The second text under the same number is not taken."""
        assert shelve(store)
        assert not shelve(store, package=b"other")
        kept = store.get("tidy-up", "1.0.0")
        assert (kept.package, kept.author, kept.note) == (b"one", "local:ada", "first")
        assert shelve(store, "1.0.1", b"two")
        assert [one.key for one in store.versions("tidy-up")] == ["tidy-up@1.0.0", "tidy-up@1.0.1"]
        assert store.get("tidy-up", "9.9.9") is None
        assert len(store.all()) == 2

    def test_a_state_changes_by_compare_and_swap(self, store):
        """Of two who saw the same state one moves it; text and author stay."""
        shelve(store)
        assert store.move("tidy-up", "1.0.0", before=("draft",), state="ready", note="done")
        assert not store.move("tidy-up", "1.0.0", before=("draft",), state="archived")
        assert store.move("tidy-up", "1.0.0", before=("ready",), state="pending_review", strategy="uploaded_for_review")
        kept = store.get("tidy-up", "1.0.0")
        assert (kept.state, kept.strategy, kept.version, kept.package) == (
            "pending_review",
            "uploaded_for_review",
            3,
            b"one",
        )

    @pytest.mark.parametrize("forged", [{"state": "active"}, {"strategy": "uploaded_trusted"}])
    def test_a_state_written_by_another_hand_does_not_open(self, store, database, forged):
        """Whoever can write the file cannot approve a playbook in it."""
        shelve(store)
        with database.transaction() as connection:
            connection.execute(update(playbooks).values(**forged))
        with pytest.raises(EnvelopeError):
            store.get("tidy-up", "1.0.0")


def test_a_run_is_counted_once_and_told_once(database, keys, ticking):
    """An end that is told twice after a restart counts once; what the registry knows is not told again."""
    plans = PlanStore(database, keys, ticking)
    for plan_id in ("p-1", "p-2"):
        plans.insert(
            plan_id,
            state="waiting",
            digest="d",
            payload=b"",
            requester="local:ada",
            not_after=ticking() + timedelta(hours=1),
        )
    runs = PlaybookRunStore(database, keys, ticking)
    assert runs.ended("p-1", "tidy-up@1.0.0", succeeded=True)
    assert not runs.ended("p-1", "tidy-up@1.0.0", succeeded=True)
    assert runs.ended("p-2", "tidy-up@1.0.0", succeeded=False)
    assert runs.count("tidy-up@1.0.0") == RunCount(executions=2, successes=1)
    assert runs.count("other@1.0.0") == RunCount(executions=0, successes=0)
    untold = runs.untold("tidy-up@1.0.0")
    assert untold == ("p-1", "p-2")
    assert runs.successes(untold) == 1
    runs.told(untold)
    assert runs.untold("tidy-up@1.0.0") == ()


def test_what_is_planned_again_is_counted(database, keys, ticking):
    """Each thing has a counter of its own."""
    habits = HabitStore(database, keys, ticking)
    assert [habits.again("stop dev") for _ in range(3)] == [1, 2, 3]
    assert habits.again("start dev") == 1


class TestUpgrade:
    def test_a_database_of_version_one_gets_the_tables_and_keeps_its_rows(self, tmp_path, master, ticking):
        """The statements of version 1 stand in a file as that version wrote them; a plan of then is there afterwards."""
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        with sqlite3.connect(folder / "escher.db") as file:
            file.executescript(FIRST_SCHEMA.read_text(encoding="utf-8"))
            file.execute("INSERT INTO schema_version (version, at) VALUES (1, 0)")
        file.close()
        database = Database.in_directory(folder)
        plans = PlanStore(database, open_key_ring(database, master, ticking), ticking)
        plans.insert(
            "p-1",
            state="waiting",
            digest="d",
            payload=b"old",
            requester="local:ada",
            not_after=ticking() + timedelta(hours=1),
        )
        record = open_record(database, master, ticking)
        assert record.plans.get("p-1").payload == b"old"
        assert shelve(record.playbooks)
        assert record.playbook_runs.ended("p-1", "tidy-up@1.0.0", succeeded=True)
        assert record.habits.again("stop dev") == 1
        record.close()

    def test_both_databases_take_the_step_from_version_one(self, database, ticking):
        """Without the three tables and with 1 as its version, a database comes out as a fresh one does."""
        names = ("playbook_runs", "playbooks", "habits")
        with database.transaction() as connection:
            metadata.drop_all(connection, tables=[metadata.tables[name] for name in names])
            connection.execute(schema_version.delete().where(schema_version.c.version > 1))
        assert prepare(database, ticking) == 1
        with database.transaction() as connection:
            assert set(names) <= set(inspect(connection).get_table_names())
        assert prepare(database, ticking) == len(MIGRATIONS)
