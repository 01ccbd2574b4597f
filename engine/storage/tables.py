"""Every table of the record.

A column says what may be read of it: `sealed` columns are envelopes, `keyed_hash` columns are keyed hashes of a sealed
column in the same row, the rest are opaque ids, states, counters and times. The re-encryption pass and the search for
readable values both rely on these marks. `epoch` is the oldest key epoch used in a row; `v` is the row format.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

ROW_FORMAT = 1
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A timezone-aware instant, stored as microseconds since 1970-01-01 UTC: the same in both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the stored number; a naive time is refused."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a timezone")
        return (value - _START) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        del dialect
        return None if value is None else _START + value * _MICROSECOND


def sealed(name: str, *, versioned: bool = False, nullable: bool = False) -> Column[bytes]:
    """A column that holds an envelope; `versioned` ones are sealed anew at each change of the row's `version`."""
    return Column(name, LargeBinary, nullable=nullable, info={"sealed": True, "versioned": versioned})


def keyed_hash(name: str, *, of: str, field: str, nullable: bool = False) -> Column[str]:
    """A column with the keyed hash of the sealed column `of`, under the blind-index field `field`."""
    return Column(name, String(32), nullable=nullable, info={"of": of, "field": field})


def _big(name: str, **options: Any) -> Column[int]:
    """A 64-bit integer that SQLite can still number by itself."""
    return Column(name, BigInteger().with_variant(Integer(), "sqlite"), **options)


def _table(name: str, *columns: Any, record: tuple[str, ...]) -> Table:
    """A table with sealed columns; `record` names the columns that spell the record id in the associated data."""
    return Table(
        name,
        metadata,
        *columns,
        Column("v", SmallInteger, nullable=False, default=ROW_FORMAT),
        Column("epoch", Integer, nullable=False, index=True),
        info={"record": record},
    )


metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True), Column("at", Instant))

meta = Table(
    "meta", metadata, Column("name", String(64), primary_key=True), Column("value", String(200), nullable=False)
)

key_epochs = Table(
    "key_epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), primary_key=True),
    Column("master_id", String(32), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("v", SmallInteger, nullable=False, default=ROW_FORMAT),
)

inbox = _table(
    "inbox",
    _big("n", primary_key=True, autoincrement=True),
    Column("id", String(32), unique=True, nullable=False),
    sealed("key"),
    keyed_hash("key_hash", of="key", field="inbox.key"),
    Column("surface", String(16), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    sealed("body"),
    UniqueConstraint("key_hash"),
    Index("ix_inbox_state", "state", "n"),
    record=("id",),
)

outbox = _table(
    "outbox",
    _big("n", primary_key=True, autoincrement=True),
    Column("id", String(32), unique=True, nullable=False),
    Column("version", Integer, nullable=False),
    Column("surface", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    sealed("channel"),
    keyed_hash("channel_hash", of="channel", field="outbox.channel"),
    sealed("coalesce", nullable=True),
    keyed_hash("coalesce_hash", of="coalesce", field="outbox.coalesce", nullable=True),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    sealed("body", versioned=True),
    sealed("sent_ref", nullable=True),
    Index("ix_outbox_due", "state", "due_at", "n"),
    Index("ix_outbox_coalesce", "coalesce_hash", "state"),
    record=("id",),
)

threads = _table(
    "threads",
    Column("id", String(32), primary_key=True),
    sealed("key"),
    keyed_hash("key_hash", of="key", field="threads.key"),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("key_hash"),
    record=("id",),
)

turns = _table(
    "turns",
    Column("thread_id", ForeignKey("threads.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    sealed("body"),
    record=("thread_id", "seq"),
)

result_sets = _table(
    "result_sets",
    Column("thread_id", ForeignKey("threads.id"), primary_key=True),
    Column("set_id", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    sealed("body"),
    record=("thread_id", "set_id"),
)

plans = _table(
    "plans",
    Column("plan_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(24), nullable=False, index=True),
    sealed("state_seal", versioned=True),
    Column("created_at", Instant, nullable=False, index=True),
    Column("not_after", Instant, nullable=False),
    sealed("digest"),
    sealed("requester"),
    keyed_hash("requester_hash", of="requester", field="principal"),
    sealed("thread", nullable=True),
    keyed_hash("thread_hash", of="thread", field="threads.key", nullable=True),
    sealed("payload"),
    Index("ix_plans_thread", "thread_hash"),
    Index("ix_plans_requester", "requester_hash"),
    record=("plan_id",),
)

decisions = _table(
    "decisions",
    Column("plan_id", ForeignKey("plans.plan_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    sealed("principal"),
    keyed_hash("principal_hash", of="principal", field="principal"),
    Column("at", Instant, nullable=False),
    sealed("payload"),
    UniqueConstraint("plan_id", "principal_hash"),
    record=("plan_id", "seq"),
)

cards = _table(
    "cards",
    _big("n", primary_key=True, autoincrement=True),
    Column("id", String(32), unique=True, nullable=False),
    sealed("subject"),
    keyed_hash("subject_hash", of="subject", field="cards.subject"),
    Column("at", Instant, nullable=False),
    sealed("ref"),
    Index("ix_cards_subject", "subject_hash"),
    record=("id",),
)

executions = _table(
    "executions",
    Column("id", String(32), primary_key=True),
    Column("plan_id", ForeignKey("plans.plan_id"), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("state", String(24), nullable=False, index=True),
    sealed("state_seal", versioned=True),
    Column("owner", String(64), nullable=False),
    Column("fencing", Integer, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    record=("id",),
)

journal = _table(
    "journal",
    Column("execution_id", ForeignKey("executions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("step_id", String(64), nullable=False),
    sealed("target"),
    keyed_hash("target_hash", of="target", field="journal.target"),
    Column("attempt", Integer, nullable=False),
    Column("event", String(16), nullable=False),
    sealed("event_seal"),
    Column("at", Instant, nullable=False),
    sealed("detail"),
    record=("execution_id", "seq"),
)

schedule_runs = _table(
    "schedule_runs",
    Column("id", String(32), primary_key=True),
    sealed("job"),
    keyed_hash("job_hash", of="job", field="schedule.job"),
    Column("due_at", Instant, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    UniqueConstraint("job_hash", "due_at"),
    record=("id",),
)

reports = _table(
    "reports",
    Column("id", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    sealed("body"),
    Index("ix_reports_kind", "kind", "at"),
    record=("id",),
)

playbooks = _table(
    "playbooks",
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(24), nullable=False, index=True),
    Column("strategy", String(24), nullable=False),
    sealed("state_seal", versioned=True),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    sealed("key"),
    keyed_hash("key_hash", of="key", field="playbooks.key"),
    sealed("playbook"),
    keyed_hash("playbook_hash", of="playbook", field="playbooks.playbook"),
    sealed("author"),
    sealed("package"),
    sealed("note", versioned=True),
    UniqueConstraint("key_hash"),
    Index("ix_playbooks_playbook", "playbook_hash"),
    record=("id",),
)

playbook_runs = _table(
    "playbook_runs",
    Column("plan_id", ForeignKey("plans.plan_id"), primary_key=True),
    sealed("key"),
    keyed_hash("key_hash", of="key", field="playbooks.key"),
    Column("at", Instant, nullable=False),
    Column("succeeded", SmallInteger, nullable=False),
    Column("reported", SmallInteger, nullable=False),
    Index("ix_playbook_runs_key", "key_hash", "reported"),
    record=("plan_id",),
)

habits = _table(
    "habits",
    Column("id", String(32), primary_key=True),
    sealed("key"),
    keyed_hash("key_hash", of="key", field="habits.key"),
    Column("times", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("key_hash"),
    record=("id",),
)

settings = _table(
    "settings",
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    sealed("name"),
    keyed_hash("name_hash", of="name", field="settings.name"),
    Column("changed_at", Instant, nullable=False),
    sealed("value", versioned=True),
    UniqueConstraint("name_hash"),
    record=("id",),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("plan_id", String(32), nullable=False, index=True),
    Column("entry", LargeBinary, nullable=False),
    Column("prev_hash", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("v", SmallInteger, nullable=False, default=ROW_FORMAT),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("versions", LargeBinary, nullable=False),
    Column("prev_hash", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("v", SmallInteger, nullable=False, default=ROW_FORMAT),
)


def sealed_tables() -> tuple[Table, ...]:
    """Every table whose rows follow the key epochs, parents before children."""
    return tuple(table for table in metadata.sorted_tables if "record" in table.info)
