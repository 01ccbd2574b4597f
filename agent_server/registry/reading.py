"""Reading what tenants published: all that the thinking side may do with the registry."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import ValidationError

from agent_server import problems
from agent_server.contract.lifecycle import visible
from agent_server.contract.playbook import (
    Language,
    Playbook,
    PlaybookListing,
    PlaybookMetadata,
    PlaybookStatus,
    PublishedPlaybook,
    ScriptLink,
)
from agent_server.problems import Problem
from agent_server.registry.scripts import LINK_SECONDS, Packages, Place, digest
from agent_server.registry.store import PlaybookIndex


class Clock(Protocol):
    """Tells the time, with its zone."""

    def __call__(self) -> datetime:
        """Return now."""
        ...


class PublishedReader:
    """What tenants published, to look at.

    Args:
        index: Metadata.
        packages: Whole playbooks and scripts.
        clock: The time, with its zone.
    """

    def __init__(self, *, index: PlaybookIndex, packages: Packages, clock: Clock) -> None:
        self.index = index
        self.packages = packages
        self.clock = clock

    def listed(self, tenant: str, status: PlaybookStatus | None = None) -> PlaybookListing:
        """Return every version, or those in one state, the last changed first."""
        found = self.index.listed(tenant, statuses=(status,) if status else ())
        return PlaybookListing(playbooks=_newest_first([record.metadata for record in found]))

    def versions(self, tenant: str, playbook_id: str) -> PlaybookListing | Problem:
        """Return every version of one playbook, the highest first."""
        found = [record.metadata for record in self.index.listed(tenant, playbook_id=playbook_id)]
        if not found:
            return problems.no_playbook()
        return PlaybookListing(playbooks=sorted(found, key=lambda one: order(one.version), reverse=True))

    def one(self, tenant: str, playbook_id: str, version: str) -> PublishedPlaybook | Problem:
        """Return a version whole, as it was published."""
        record = self.index.get(tenant, playbook_id, version)
        if record is None:
            return problems.no_playbook()
        package = self.packages.package(Place(tenant=tenant, playbook_id=playbook_id, version=version))
        if package is None or digest(package) != record.package_sha256:
            return problems.altered()
        try:
            playbook = Playbook.model_validate_json(package)
        except ValidationError:
            return problems.altered()
        return PublishedPlaybook(metadata=record.metadata, playbook=playbook)

    def link(self, tenant: str, playbook_id: str, version: str, language: Language) -> ScriptLink | Problem:
        """Return where a script can be fetched for a while; only when it still is what was published."""
        record = self.index.get(tenant, playbook_id, version)
        if record is None or language not in record.metadata.digests:
            return problems.no_playbook()
        place = Place(tenant=tenant, playbook_id=playbook_id, version=version)
        script = self.packages.script(place, language)
        expected = record.metadata.digests[language]
        if script is None or digest(script) != expected:
            return problems.altered()
        # Counted from before the link is made, so that the stated end is never later than the real one.
        expires = self.clock() + timedelta(seconds=LINK_SECONDS)
        return ScriptLink(
            language=language, url=self.packages.link(place, language), sha256=expected, expires_at=expires
        )

    def candidates(
        self, tenant: str, vector: Sequence[float], clouds: Collection[str]
    ) -> tuple[tuple[PlaybookMetadata, float], ...]:
        """Return every version that a search may find, on any of the clouds if clouds are given, with its nearness in meaning."""
        near = self.index.near(tenant, vector, clouds=clouds, statuses=visible(), limit=MOST_VERSIONS)
        return tuple((record.metadata, nearness) for record, nearness in near)


MOST_VERSIONS = 1000
"""Of one tenant, archived ones included: what one listing can hold."""


def order(version: str) -> tuple[int, ...]:
    """Return a version as numbers, so that 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split("."))


def _newest_first(found: Sequence[PlaybookMetadata]) -> list[PlaybookMetadata]:
    return sorted(found, key=lambda one: (-one.updated_at.timestamp(), one.id, one.version))
