"""Publishing, reviewing, moving, counting: the rules over what is stored. A "no" is a value, a problem document for the caller.

Order of writing: package, scripts, metadata. Whoever dies in between publishes again and comes to the same end, because a package that
lies there already is compared and not written over.
"""

import json
import threading

from agent_server import problems
from agent_server.contract import lifecycle
from agent_server.contract.lifecycle import Actor
from agent_server.contract.playbook import (
    Playbook,
    PlaybookMetadata,
    PlaybookStatus,
    PublishRequest,
    ReviewRequest,
    StatusRequest,
    UsageReport,
)
from agent_server.contract.soundness import faults
from agent_server.embedding.port import Embedder
from agent_server.problems import FieldError, Problem
from agent_server.registry.reading import MOST_VERSIONS, Clock, PublishedReader, order
from agent_server.registry.scripts import Packages, Place, digest
from agent_server.registry.store import PlaybookIndex, Record


class Published(PublishedReader):
    """What tenants published, with everything that changes it.

    Args:
        index: Metadata.
        packages: Whole playbooks and scripts.
        embedder: Turns texts into vectors.
        clock: The time, with its zone.
    """

    def __init__(self, *, index: PlaybookIndex, packages: Packages, embedder: Embedder, clock: Clock) -> None:
        super().__init__(index=index, packages=packages, clock=clock)
        self._embedder = embedder
        # Changes read first and write then; within this process they wait for each other.
        self._changing = threading.Lock()

    def publish(self, tenant: str, request: PublishRequest) -> PlaybookMetadata | Problem:
        """Upload a version; the same upload again changes nothing."""
        if wrong := faults(request.playbook):
            return problems.invalid(tuple(FieldError(path=f"playbook.{path}", message=why) for path, why in wrong))
        with self._changing:
            return self._published(tenant, request)

    def review(self, tenant: str, playbook_id: str, version: str, request: ReviewRequest) -> PlaybookMetadata | Problem:
        """Approve or reject what waits for a review."""
        after = PlaybookStatus.APPROVED if request.decision == "approve" else PlaybookStatus.REJECTED
        return self._moved(tenant, playbook_id, version, after, Actor.REVIEWER, request.note)

    def move(self, tenant: str, playbook_id: str, version: str, request: StatusRequest) -> PlaybookMetadata | Problem:
        """Move a version to another state, as its author may."""
        return self._moved(tenant, playbook_id, version, request.status, Actor.AUTHOR, request.note)

    def count(self, tenant: str, playbook_id: str, version: str, report: UsageReport) -> PlaybookMetadata | Problem:
        """Add executions to what is known of a version."""
        if report.successes > report.executions:
            error = FieldError(path="successes", message="at most as many as executions")
            return problems.invalid((error,))
        with self._changing:
            record = self.index.get(tenant, playbook_id, version)
            if record is None:
                return problems.no_playbook()
            executions = record.metadata.execution_count + report.executions
            successes = record.successes + report.successes
            counted = record.metadata.model_copy(
                update={"execution_count": executions, "success_rate": round(successes / executions, 4)}
            )
            kept = Record(metadata=counted, package_sha256=record.package_sha256, successes=successes)
            self.index.rewrite(tenant, kept)
            return counted

    def _published(self, tenant: str, request: PublishRequest) -> PlaybookMetadata | Problem:
        playbook = request.playbook
        package = _package(playbook)
        known = self.index.get(tenant, playbook.id, playbook.version)
        if known is not None:
            same = known.package_sha256 == digest(package) and known.metadata.storage_strategy is request.strategy
            return known.metadata if same else problems.conflict(_TAKEN)
        status = lifecycle.UPLOADED[request.strategy]
        if why := self._against(tenant, playbook.id, playbook.version, status):
            return problems.conflict(why)
        if len(self.index.listed(tenant)) >= MOST_VERSIONS:
            return problems.conflict(
                f"the registry holds {MOST_VERSIONS} versions of yours, which is the most it keeps"
            )
        place = Place(tenant=tenant, playbook_id=playbook.id, version=playbook.version)
        if self.packages.claim(place, package) != package:
            return problems.conflict(_TAKEN)
        metadata = self._described(request, place, status)
        vector = self._embedder.embed([" ".join((metadata.name, metadata.summary, *metadata.keywords))])[0].tolist()
        self.index.put(tenant, Record(metadata=metadata, package_sha256=digest(package)), vector)
        if status is PlaybookStatus.ACTIVE:
            self._supersede(tenant, metadata)
        return metadata

    def _described(self, request: PublishRequest, place: Place, status: PlaybookStatus) -> PlaybookMetadata:
        playbook = request.playbook
        scripts = {
            language: self.packages.put_script(place, language, text) for language, text in playbook.scripts.items()
        }
        return PlaybookMetadata(
            id=playbook.id,
            version=playbook.version,
            name=playbook.name,
            summary=playbook.summary,
            clouds=playbook.clouds,
            category=playbook.category,
            action=playbook.action,
            resource_types=playbook.resource_types,
            keywords=playbook.keywords,
            risk=playbook.risk,
            status=status,
            storage_strategy=request.strategy,
            scripts=scripts,
            digests={language: digest(text.encode()) for language, text in playbook.scripts.items()},
            note=request.note,
            updated_at=self.clock(),
        )

    def _moved(
        self, tenant: str, playbook_id: str, version: str, after: PlaybookStatus, actor: Actor, note: str
    ) -> PlaybookMetadata | Problem:
        with self._changing:
            record = self.index.get(tenant, playbook_id, version)
            if record is None:
                return problems.no_playbook()
            why = lifecycle.why_not(record.metadata.status, after, actor)
            if not why:
                why = self._against(tenant, playbook_id, version, after)
            if why:
                return problems.conflict(why)
            moved = self._written(tenant, record, after, note)
            if after is PlaybookStatus.ACTIVE:
                self._supersede(tenant, moved)
            return moved

    def _written(self, tenant: str, record: Record, status: PlaybookStatus, note: str) -> PlaybookMetadata:
        change = {"status": status, "updated_at": self.clock(), "note": note or record.metadata.note}
        moved = record.metadata.model_copy(update=change)
        self.index.rewrite(
            tenant, Record(metadata=moved, package_sha256=record.package_sha256, successes=record.successes)
        )
        return moved

    def _against(self, tenant: str, playbook_id: str, version: str, status: PlaybookStatus) -> str:
        """Return why a version may not get this state because of other versions: an older one never replaces a newer one."""
        if status is not PlaybookStatus.ACTIVE:
            return ""
        active = self.index.listed(tenant, playbook_id=playbook_id, statuses=(PlaybookStatus.ACTIVE,))
        newer = [one.metadata.version for one in active if order(one.metadata.version) > order(version)]
        return f"version {newer[0]} is active and newer; archive or deprecate it first" if newer else ""

    def _supersede(self, tenant: str, active: PlaybookMetadata) -> None:
        """Mark the older versions of what became active as deprecated."""
        for record in self.index.listed(tenant, playbook_id=active.id, statuses=lifecycle.SUPERSEDED):
            if order(record.metadata.version) < order(active.version):
                self._written(tenant, record, PlaybookStatus.DEPRECATED, f"Replaced by version {active.version}.")


_TAKEN = "this version is published already, with other content or another strategy; publish a new version"


def _package(playbook: Playbook) -> bytes:
    """Return the bytes of a playbook: the same for the same playbook, in whatever order its fields came."""
    return json.dumps(playbook.model_dump(mode="json"), sort_keys=True, separators=(",", ":")).encode()
