import contextvars
import threading
from datetime import datetime

import pytest
from sqlalchemy import insert, select, text, update

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.audit.verify import verify
from engine.storage.database import Database, StorageUnavailable
from engine.storage.plans import PlanStore
from engine.storage.schema import MIGRATIONS, SchemaTooNew, prepare
from engine.storage.tables import Instant, meta, metadata, schema_version, sealed_tables
from tests.fakes.patience import PATIENCE


def names(database: Database) -> list[str]:
    """The notes in the plainest table."""
    with database.read() as connection:
        return sorted(connection.execute(select(meta.c.name)).scalars())


class Stopped(Exception):
    """The process went no further."""


def stop(_done: object) -> None:
    """Go no further after what was just done."""
    raise Stopped


def note(database: Database, name: str) -> None:
    """Write one note."""
    with database.transaction() as connection:
        connection.execute(insert(meta).values(name=name, value=""))


class TestTransactions:
    def test_an_exception_undoes_everything(self, database):
        """All or nothing."""
        with pytest.raises(Stopped), database.transaction():
            stop(note(database, "a"))
        assert names(database) == []

    def test_an_inner_transaction_is_undone_alone_and_committed_with_the_outer(self, database):
        """A joined transaction is a savepoint."""
        with database.transaction():
            note(database, "outer")
            with pytest.raises(Stopped), database.transaction():
                stop(note(database, "inner"))
            note(database, "later")
        assert names(database) == ["later", "outer"]

    def test_a_failed_statement_says_why_without_values(self, database):
        """An error names what broke, never what was being stored."""
        note(database, "a")
        with pytest.raises(StorageUnavailable) as caught, database.transaction() as connection:
            connection.execute(insert(meta).values(name="a", value="needle"))
        assert "needle" not in str(caught.value)
        assert "cannot write the record" in str(caught.value)

    def test_another_thread_does_not_see_or_join_an_open_transaction(self, database):
        """A copied context is not a shared transaction."""
        seen: list[list[str]] = []
        with database.transaction():
            note(database, "a")
            reader = threading.Thread(target=lambda: seen.append(names(database)))
            reader.start()
            reader.join(PATIENCE)
        assert seen == [[]]

    def test_a_context_kept_from_inside_a_transaction_joins_nothing_later(self, database):
        """A task spawned inside a transaction, which runs after it, writes on its own."""
        with database.transaction():
            later = contextvars.copy_context()
        later.run(note, database, "later")
        assert names(database) == ["later"]

    def test_writers_in_many_threads_all_get_through(self, database):
        """Nobody is told to come back later."""
        writers = [threading.Thread(target=note, args=(database, f"n{n}")) for n in range(20)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(PATIENCE)
        assert len(names(database)) == 20

    def test_an_unreachable_database_is_named_as_such(self, tmp_path):
        """Whoever cannot write must learn it in one kind of exception."""
        (tmp_path / "file").write_text("no database, and longer than a header " * 10)
        for url in (f"sqlite:///{tmp_path}/none/x.db", f"sqlite:///{tmp_path}/file"):
            broken = Database(url)
            with pytest.raises(StorageUnavailable), broken.transaction():
                pass
            with pytest.raises(StorageUnavailable), broken.read():
                pass
            broken.close()

    def test_a_time_without_zone_is_refused_and_one_with_comes_back_exactly(self, database, ticking):
        """Stored instants are the same everywhere."""
        at = ticking()
        with database.transaction() as connection:
            connection.execute(update(schema_version).values(at=at))
            assert connection.execute(select(schema_version.c.at)).scalar() == at
        with pytest.raises(ValueError, match="timezone"):
            Instant().process_bind_param(datetime(2031, 1, 1), None)  # noqa: DTZ001 - what must be refused


class TestSchema:
    def test_a_second_start_changes_nothing(self, database, ticking):
        """Migrations run once."""
        assert prepare(database, ticking) == len(MIGRATIONS)

    def test_a_later_schema_is_refused(self, database, ticking):
        """An older version never writes into a newer database."""
        with database.transaction() as connection:
            connection.execute(insert(schema_version).values(version=len(MIGRATIONS) + 1, at=ticking()))
        with pytest.raises(SchemaTooNew):
            prepare(database, ticking)

    def test_every_sealed_table_says_its_format_and_epoch(self):
        """Everything persisted carries `v`, and what is sealed can be found by its epoch."""
        for table in sealed_tables():
            assert {"v", "epoch"} <= set(table.c.keys())
        plain = {table.name for table in metadata.sorted_tables} - {table.name for table in sealed_tables()}
        assert plain == {"schema_version", "meta", "key_epochs", "audit", "audit_checkpoints"}


class TestAudit:
    @pytest.fixture
    def log(self, database, keys, ticking) -> AuditLog:
        """A trail with a checkpoint after every fifth entry."""
        return AuditLog(database, keys, ticking, every=5)

    def test_facts_come_back_in_order(self, log):
        """What was appended is what is read, for all and for one plan."""
        for n in range(7):
            event = AuditEvent(
                tag=Tag.STEP_CALLED, principal="local:ada", plan_id=f"p-{n % 2}", detail={"n": n, "é": [1.5]}
            )
            assert log.append(event) == n + 1
        assert [found.event.detail["n"] for found in log.events()] == list(range(7))
        assert [found.seq for found in log.events(after=2, limit=3)] == [3, 4, 5]
        assert [found.event.detail["n"] for found in log.of_plan("p-1")] == [1, 3, 5]

    def test_a_fact_is_committed_with_what_it_is_about(self, log, database):
        """No state without its entry, no entry without its state."""
        with pytest.raises(Stopped), database.transaction():
            stop(log.append(AuditEvent(tag=Tag.PLAN_PROPOSED)))
        assert list(log.events()) == []
        assert log.append(AuditEvent(tag=Tag.PLAN_PROPOSED)) == 1

    def test_concurrent_facts_form_one_chain(self, log, database, keys):
        """Every writer gets its own number and the chain holds."""
        writers = [
            threading.Thread(target=log.append, args=(AuditEvent(tag=Tag.MESSAGE_RECEIVED, detail={"n": n}),))
            for n in range(20)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(PATIENCE)
        found = verify(database, keys)
        assert (found.ok, found.entries, found.complete_up_to) == (True, 20, 4)

    def test_the_anchor_tells_a_truncated_trail(self, log, database, keys, tmp_path):
        """Without it a shorter trail holds, and the sentence says that this is not excluded."""
        for n in range(12):
            log.append(AuditEvent(tag=Tag.STEP_FINISHED, detail={"n": n}))
        log.anchor(tmp_path / "anchor.json")
        assert verify(database, keys, tmp_path / "anchor.json").anchored
        with database.transaction() as connection:
            connection.execute(text("DELETE FROM audit WHERE seq > 6"))
            connection.execute(text("DELETE FROM audit_checkpoints WHERE seq > 6"))
        alone = verify(database, keys)
        assert alone.ok
        assert alone.sentence.endswith("complete up to checkpoint 1; later removal not excluded")
        anchored = verify(database, keys, tmp_path / "anchor.json")
        assert (anchored.ok, anchored.first_broken) == (False, "entry 7 is missing: the anchor counts 12")

    def test_a_record_put_back_is_noticed(self, log, database, keys, ticking):
        """A plan that is again in an earlier state contradicts the signed checkpoint."""
        store = PlanStore(database, keys, ticking)
        store.insert("p-1", state="proposed", digest="", payload=b"", requester="local:ada", not_after=ticking())
        with database.read() as connection:
            before = connection.execute(text("SELECT state, state_seal, version FROM plans")).mappings().one()
        store.cas_state("p-1", {"proposed"}, "rejected")
        log.checkpoint()
        with database.transaction() as connection:
            connection.execute(
                text("UPDATE plans SET state = :state, state_seal = :state_seal, version = :version"), dict(before)
            )
        assert store.get("p-1").state == "proposed"
        assert verify(database, keys).first_broken == "record p-1 of plans is at 1, a signed checkpoint has it at 2"
        log.checkpoint()
        assert not verify(database, keys).ok
