"""The playbooks of this runner: kept whole, versions unchangeable, every change of state in the audit trail.

Who may do what is decided by `rules` before anything comes here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent_server.contract.lifecycle import STATES
from agent_server.contract.playbook import Playbook, PlaybookStatus, StorageStrategy
from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.principal import Principal
from engine.refusal import Refusal
from engine.storage.database import Database
from engine.storage.playbook_runs import PlaybookRunStore, RunCount
from engine.storage.playbooks import PlaybookRecord, PlaybookStore

UNUSED = frozenset({PlaybookStatus.ARCHIVED, PlaybookStatus.REJECTED, PlaybookStatus.BROKEN})
"""States in which a playbook is kept but no longer followed."""
UNREVIEWED = frozenset({PlaybookStatus.DRAFT, PlaybookStatus.READY, PlaybookStatus.PENDING_REVIEW})
"""States in which nobody but its author has answered for a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """One version on the shelf."""

    playbook: Playbook
    state: PlaybookStatus
    strategy: StorageStrategy
    author: str
    note: str
    runs: RunCount

    @property
    def key(self) -> str:
        """`id@version`."""
        return f"{self.playbook.id}@{self.playbook.version}"

    @property
    def visible(self) -> bool:
        """Whether a search finds it."""
        return STATES[self.state].visible

    @property
    def uploaded(self) -> bool:
        """Whether the registry has it."""
        return self.strategy in {StorageStrategy.UPLOADED_FOR_REVIEW, StorageStrategy.UPLOADED_TRUSTED}


class Shelf:
    """Keeps playbooks.

    Args:
        store: Where they rest.
        runs: How often they were run.
        audit: The trail.
        database: For one transaction over both.
    """

    def __init__(self, store: PlaybookStore, runs: PlaybookRunStore, audit: AuditLog, database: Database) -> None:
        self._store = store
        self._runs = runs
        self._audit = audit
        self._database = database

    def add(
        self,
        playbook: Playbook,
        principal: Principal,
        *,
        strategy: StorageStrategy = StorageStrategy.LOCAL_ONLY,
        state: PlaybookStatus = PlaybookStatus.DRAFT,
        note: str = "",
    ) -> Shelved | Refusal:
        """Keep a new version; a number that is taken is refused, because a version never changes.

        Raises:
            StorageUnavailable: It is not durable.
        """
        own = strategy is not StorageStrategy.USING_DEFAULT
        with self._database.transaction():
            added = self._store.add(
                playbook.id,
                playbook.version,
                state=state.value,
                strategy=strategy.value,
                author=principal.id if own else "",
                package=playbook.model_dump_json().encode(),
                note=note,
            )
            if not added:
                return Refusal(
                    code="playbook.version",
                    message=f"Version {playbook.version} of {playbook.id} exists, and a version never changes.",
                    doors=(f"give it the version {after([playbook.version])} or later",),
                )
            self._tell(playbook, principal, before="", after_=state, strategy=strategy, note=note)
        kept = self.get(playbook.id, playbook.version)
        if kept is None:
            raise LookupError(f"{playbook.id} was kept and is not there")
        return kept

    def get(self, playbook: str, version: str) -> Shelved | None:
        """Return one version, or None."""
        record = self._store.get(playbook, version)
        return self._shelved(record) if record else None

    def newest(self, playbook: str, *, to_run: bool = False) -> Shelved | None:
        """Return the newest version in use; when none is in use, the newest; None when there is none.

        Args:
            playbook: Its id.
            to_run: Whether it is to be followed: then somebody's newer draft does not take the place of a version that was reviewed.
        """
        return newest_of(map(self._shelved, self._store.versions(playbook)), to_run=to_run)

    def all(self) -> tuple[Shelved, ...]:
        """Return every version, by id, newest first."""
        found = map(self._shelved, self._store.all())
        return tuple(sorted(found, key=lambda one: (one.playbook.id, [-part for part in order(one.playbook.version)])))

    def versions(self, playbook: str) -> tuple[str, ...]:
        """Return the numbers of every version."""
        return tuple(record.key.rpartition("@")[2] for record in self._store.versions(playbook))

    def move(
        self,
        shelved: Shelved,
        principal: Principal,
        state: PlaybookStatus,
        *,
        strategy: StorageStrategy | None = None,
        note: str = "",
    ) -> Shelved | Refusal:
        """Change the state of what was just looked at; when somebody was faster, nothing changes.

        Raises:
            StorageUnavailable: The change is not durable.
        """
        playbook = shelved.playbook
        with self._database.transaction():
            moved = self._store.move(
                playbook.id,
                playbook.version,
                before={shelved.state.value},
                state=state.value,
                strategy=strategy.value if strategy else "",
                note=note,
            )
            if not moved:
                return Refusal(
                    code="playbook.raced",
                    message=f"Somebody has just changed {shelved.key}; nothing was done.",
                    doors=(f"playbook show {playbook.id}",),
                )
            self._tell(
                playbook,
                principal,
                before=shelved.state.value,
                after_=state,
                strategy=strategy or shelved.strategy,
                note=note,
            )
        return self.get(playbook.id, playbook.version) or shelved

    def _tell(
        self,
        playbook: Playbook,
        principal: Principal,
        *,
        before: str,
        after_: PlaybookStatus,
        strategy: StorageStrategy,
        note: str,
    ) -> None:
        detail = {
            "playbook": playbook.id,
            "version": playbook.version,
            "before": before,
            "after": after_.value,
            "strategy": strategy.value,
            **({"note": note} if note else {}),
        }
        self._audit.append(AuditEvent(tag=Tag.PLAYBOOK_CHANGED, principal=principal.id, detail=detail))

    def _shelved(self, record: PlaybookRecord) -> Shelved:
        return Shelved(
            playbook=Playbook.model_validate_json(record.package),
            state=PlaybookStatus(record.state),
            strategy=StorageStrategy(record.strategy),
            author=record.author,
            note=record.note,
            runs=self._runs.count(record.key),
        )


def newest_of(found: Iterable[Shelved], *, to_run: bool) -> Shelved | None:
    """Return the version that is meant when none is said: see `Shelf.newest`."""

    def rank(one: Shelved) -> tuple[bool, bool, tuple[int, ...]]:
        return (one.state not in UNUSED, not (to_run and one.state in UNREVIEWED), order(one.playbook.version))

    return max(found, key=rank, default=None)


def order(version: str) -> tuple[int, ...]:
    """Return what versions are sorted by."""
    return tuple(int(part) for part in version.split("."))


def after(versions: Sequence[str]) -> str:
    """Return the version that follows the highest of these: one patch more; the first when there is none."""
    if not versions:
        return "1.0.0"
    major, minor, patch = max(map(order, versions))
    return f"{major}.{minor}.{patch + 1}"
