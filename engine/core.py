"""The engine put together over one data directory: the composition root of everything below the chat surfaces."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_server.embedding.port import Embedder
from engine.answering import Answering, Idle
from engine.asking import Asking
from engine.audit.log import AuditLog
from engine.clock import Clock, NeverBack
from engine.clouds.catalog import Catalog, catalog
from engine.clouds.ports import CloudAccount
from engine.deciding import Deciding
from engine.estate.edge import EdgeIndex
from engine.estate.search import EstateSearch
from engine.estate.store import EstateStore
from engine.estate.sync import EstateSync
from engine.estate.vectors import VectorIndex
from engine.execution.aftermath import Aftermath
from engine.execution.executor import Executor, JournalPoint, no_point
from engine.inquiring import Inquiring
from engine.memory import Memory
from engine.planning.planner import Planner
from engine.plans import Plans
from engine.playbooks.making import Making
from engine.playbooks.publishing import Publishing
from engine.playbooks.running import RunningPlaybooks
from engine.playbooks.server import PlaybookServer
from engine.playbooks.shelf import Shelf
from engine.playbooks.sources import Sources
from engine.playbooks.story import PlaybookStory
from engine.playbooks.usage import Usage
from engine.proposing import PolicySource, Proposing
from engine.reports.delivered import Delivered
from engine.reports.ledger import Ledger
from engine.requesting import Requests, Zone, nowhere
from engine.running import ExecutionRecord, Running
from engine.storage.database import Database
from engine.storage.directory import prepare
from engine.storage.keys import KeyRing
from engine.storage.master import MasterKey
from engine.storage.record import Record, open_record
from engine.understanding import Understanding
from engine.undoing import Undoing
from engine.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the engine is made from.

    Attributes:
        data_dir: The data directory; made when missing.
        database_url: PostgreSQL, or empty for SQLite in the directory.
        qdrant_url: A Qdrant server, or empty for a shard in the directory.
        master: The master key.
        accounts: The connected accounts.
        planner: The port to the agent server.
        playbooks: The port to its playbook calls.
        policy: Gives the policy as it is now.
        embedder: Turns texts into vectors.
        tag_keys: Tag keys whose values the agent server may see.
        clock: The machine's clock.
        point: Journal points, for crash tests.
        zone: Gives the time zone that people live in, where the settings name one.
    """

    data_dir: Path
    database_url: str
    master: MasterKey
    accounts: Sequence[CloudAccount]
    planner: Planner
    playbooks: PlaybookServer
    policy: PolicySource
    embedder: Embedder
    tag_keys: Sequence[str]
    clock: Clock
    point: JournalPoint = no_point
    qdrant_url: str = ""
    zone: Zone = nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The engine, open."""

    record: Record
    audit: AuditLog
    estate: EstateStore
    sync: EstateSync
    workflow: Workflow
    accounts: tuple[CloudAccount, ...]
    catalog: Catalog
    planner: Planner
    playbooks: PlaybookServer
    usage: Usage
    clock: NeverBack

    def close(self) -> None:
        """Close record and estate; the planner's connections belong to the loop that used them."""
        self.estate.close()
        self.record.close()


def open_engine(parts: Parts) -> Engine:
    """Open the record and the estate and put the engine together.

    Raises:
        StoreInUse: Another process has this data directory open.
        MasterKeyError, SchemaTooNew, StorageUnavailable: The record or the estate cannot be opened.
    """
    clock = NeverBack(parts.clock)
    prepare(parts.data_dir)
    index = _index(parts)
    database = Database(parts.database_url) if parts.database_url else Database.in_directory(parts.data_dir)
    record = open_record(database, parts.master, clock)
    audit = AuditLog(database, record.keys, clock)
    never_before_the_record(audit, clock)
    policy = parts.policy
    estate = EstateStore(index, record.keys, clock, env_keys=policy().environment_tags)

    def reseal_estate(_keys: KeyRing) -> None:
        estate.reseal()

    record.rotation.also(reseal_estate)
    record.rotation.resume()
    sync = EstateSync(parts.accounts, estate, clock, embedder=parts.embedder)
    search = EstateSearch(estate, parts.embedder)
    workflow = _workflow(parts, record, audit, estate, sync, search, clock)
    return Engine(
        record=record,
        audit=audit,
        estate=estate,
        sync=sync,
        workflow=workflow,
        accounts=tuple(parts.accounts),
        catalog=workflow.catalog,
        planner=parts.planner,
        playbooks=parts.playbooks,
        usage=Usage(record.playbook_runs, workflow.playbooks.shelf, parts.playbooks),
        clock=clock,
    )


def _index(parts: Parts) -> VectorIndex:
    if parts.qdrant_url:
        from engine.estate.server import connect  # noqa: PLC0415 - only when a server is configured

        return connect(parts.qdrant_url, parts.data_dir)
    return EdgeIndex(parts.data_dir / "qdrant" / "cloud_estate")


def never_before_the_record(audit: AuditLog, clock: NeverBack) -> None:
    """Make the clock begin no earlier than the newest thing the record knows."""
    newest = audit.newest()
    if newest is not None and newest.event.at is not None:
        clock.at_least(newest.event.at)


def _workflow(
    parts: Parts,
    record: Record,
    audit: AuditLog,
    estate: EstateStore,
    sync: EstateSync,
    search: EstateSearch,
    clock: Clock,
) -> Workflow:
    everything = catalog()
    memory = Memory(record.threads)
    plans = Plans(record.plans)
    idle = Idle(parts.accounts, clock)
    kept = ExecutionRecord(database=record.database, journal=record.journal, executions=record.executions, audit=audit)
    executor = Executor(
        accounts={account.account: account for account in parts.accounts},
        catalog=everything,
        record=kept,
        clock=clock,
        point=parts.point,
    )
    understanding = Understanding(
        planner=parts.planner,
        memory=memory,
        names=estate,
        accounts=frozenset(word for account in parts.accounts for word in (account.account, account.name)),
    )
    proposing = Proposing(
        planner=parts.planner,
        estate=estate,
        sync=sync,
        search=search,
        idle=idle,
        accounts=parts.accounts,
        catalog=everything,
        policy=parts.policy,
        memory=memory,
        inquire=Inquiring(parts.accounts, everything),
        requests=Requests(catalog=everything, tag_keys=tuple(parts.tag_keys), zone=parts.zone),
        clock=clock,
    )
    running = Running(
        executor=executor,
        executions=record.executions,
        record=kept,
        plans=plans,
        audit=audit,
        database=record.database,
        clock=clock,
        owner=f"runner-{secrets.token_hex(4)}",
    )
    return Workflow(
        understanding=understanding,
        answering=Answering(
            estate=estate,
            search=search,
            idle=idle,
            accounts=parts.accounts,
            catalog=everything,
            policy=parts.policy,
            memory=memory,
            clock=clock,
        ),
        aftermath=Aftermath(parts.planner, understanding.redactor, parts.tag_keys),
        asking=Asking(
            planner=parts.planner,
            estate=estate,
            idle=idle,
            accounts=parts.accounts,
            reports=record.reports,
            ledger=Ledger(reports=record.reports, clock=clock),
            delivered=Delivered(record.threads),
            memory=memory,
            policy=parts.policy,
            tag_keys=parts.tag_keys,
            clock=clock,
        ),
        proposing=proposing,
        playbooks=_playbooks(
            parts, record, audit, understanding, proposing, plans=plans, memory=memory, everything=everything
        ),
        habits=record.habits,
        deciding=Deciding(
            plans=plans,
            accounts=parts.accounts,
            policy=parts.policy,
            audit=audit,
            database=record.database,
            clock=clock,
        ),
        running=running,
        undoing=Undoing(running=running, accounts=parts.accounts, catalog=everything, policy=parts.policy, clock=clock),
        plans=plans,
        memory=memory,
        catalog=everything,
        policy=parts.policy,
        audit=audit,
        database=record.database,
        clock=clock,
    )


def _playbooks(
    parts: Parts,
    record: Record,
    audit: AuditLog,
    understanding: Understanding,
    proposing: Proposing,
    *,
    plans: Plans,
    memory: Memory,
    everything: Catalog,
) -> PlaybookStory:
    shelf = Shelf(record.playbooks, record.playbook_runs, audit, record.database)
    sources = Sources(
        shelf=shelf,
        server=parts.playbooks,
        memory=memory,
        catalog=everything,
        policy=parts.policy,
        redactor=understanding.redactor,
    )
    return PlaybookStory(
        sources=sources,
        making=Making(
            shelf=shelf,
            sources=sources,
            server=parts.playbooks,
            plans=plans,
            catalog=everything,
            redactor=understanding.redactor,
        ),
        publishing=Publishing(
            shelf=shelf, server=parts.playbooks, policy=parts.policy, redactor=understanding.redactor
        ),
        running=RunningPlaybooks(
            proposing=proposing,
            shelf=shelf,
            memory=memory,
            accounts=parts.accounts,
            catalog=everything,
            policy=parts.policy,
        ),
        shelf=shelf,
        server=parts.playbooks,
    )
