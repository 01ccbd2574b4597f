"""The whole record in one place: what the composition root opens and hands on."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.storage.cards import CardStore
from engine.storage.database import Database
from engine.storage.executions import ExecutionStore
from engine.storage.habits import HabitStore
from engine.storage.inbox import InboxStore
from engine.storage.journal import Journal
from engine.storage.key_epochs import open_key_ring
from engine.storage.keys import KeyRing
from engine.storage.master import MasterKey
from engine.storage.outbox import OutboxStore
from engine.storage.plans import PlanStore
from engine.storage.playbook_runs import PlaybookRunStore
from engine.storage.playbooks import PlaybookStore
from engine.storage.reports import ReportStore
from engine.storage.rotation import Rotation
from engine.storage.schedule_runs import ScheduleRunStore
from engine.storage.schema import prepare
from engine.storage.settings_store import SettingsStore
from engine.storage.threads import ThreadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Every store over one database and one key ring."""

    database: Database
    keys: KeyRing
    rotation: Rotation
    inbox: InboxStore
    outbox: OutboxStore
    threads: ThreadStore
    cards: CardStore
    plans: PlanStore
    executions: ExecutionStore
    journal: Journal
    schedule_runs: ScheduleRunStore
    reports: ReportStore
    settings: SettingsStore
    playbooks: PlaybookStore
    playbook_runs: PlaybookRunStore
    habits: HabitStore

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def open_record(database: Database, master: MasterKey, clock: Clock) -> Record:
    """Bring the database up to date, open its keys, and return the stores.

    Whatever is sealed elsewhere registers with `rotation.also`; then `rotation.resume()` finishes a rotation that was
    cut short. Until then everything is readable as it is.

    Raises:
        SchemaTooNew: The database is ahead of this version.
        MasterKeyError: The master key is missing, unsafe, or not the right one.
        StorageUnavailable: The database cannot be used.
    """
    prepare(database, clock)
    keys = open_key_ring(database, master, clock)
    return Record(
        database=database,
        keys=keys,
        rotation=Rotation(database, keys, master, clock),
        inbox=InboxStore(database, keys, clock),
        outbox=OutboxStore(database, keys, clock),
        threads=ThreadStore(database, keys, clock),
        cards=CardStore(database, keys, clock),
        plans=PlanStore(database, keys, clock),
        executions=ExecutionStore(database, keys, clock),
        journal=Journal(database, keys, clock),
        schedule_runs=ScheduleRunStore(database, keys, clock),
        reports=ReportStore(database, keys, clock),
        settings=SettingsStore(database, keys, clock),
        playbooks=PlaybookStore(database, keys, clock),
        playbook_runs=PlaybookRunStore(database, keys, clock),
        habits=HabitStore(database, keys, clock),
    )
