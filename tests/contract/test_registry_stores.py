"""The registry's two stores: metadata in Qdrant, packages and scripts in S3, both real clients against local services."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from agent_server.contract.lifecycle import visible
from agent_server.contract.playbook import Language, PlaybookMetadata, PlaybookStatus, StorageStrategy
from agent_server.embedding.port import DIMENSIONS
from agent_server.registry import scripts, store
from agent_server.registry.scripts import Place, S3Packages
from agent_server.registry.store import QdrantPlaybooks, Record
from agent_server.registry.tenancy import collection_of
from agent_server.registry.unavailable import RegistryUnavailable
from tests.fakes.published import Storage, playbook, storage

S = PlaybookStatus
NOON = datetime(2031, 3, 1, 12, tzinfo=UTC)


def axis(n: int) -> list[float]:
    """A vector that is like no other."""
    return [1.0 if place == n else 0.0 for place in range(DIMENSIONS)]


def record(playbook_id: str = "weekend-shutdown", version: str = "1.0.0", **fields: Any) -> Record:
    """A stored version."""
    known = playbook(id=playbook_id, version=version)
    metadata = PlaybookMetadata(
        **{
            "id": known.id,
            "version": known.version,
            "name": known.name,
            "summary": known.summary,
            "clouds": known.clouds,
            "category": known.category,
            "action": known.action,
            "resource_types": known.resource_types,
            "keywords": known.keywords,
            "risk": known.risk,
            "status": S.ACTIVE,
            "storage_strategy": StorageStrategy.UPLOADED_TRUSTED,
            "scripts": {Language.BASH: "s3://b/k"},
            "digests": {Language.BASH: "0" * 64},
            "updated_at": NOON,
            **fields,
        }
    )
    return Record(metadata=metadata, package_sha256="1" * 64, successes=3)


@pytest.fixture
def index() -> QdrantPlaybooks:
    """An empty index, through the client that also speaks to servers."""
    return store.connect(store.IN_MEMORY)


class TestIndex:
    def test_what_is_put_comes_back_whole(self, index: QdrantPlaybooks) -> None:
        """Every field, the time with its zone, and what callers do not see."""
        index.put("acme", record(), axis(0))
        assert index.get("acme", "weekend-shutdown", "1.0.0") == record()

    def test_versions_lie_side_by_side(self, index: QdrantPlaybooks) -> None:
        """Putting another version replaces nothing; putting the same one again does."""
        index.put("acme", record(version="1.0.0"), axis(0))
        index.put("acme", record(version="1.1.0"), axis(0))
        index.put("acme", record(version="1.1.0", note="again"), axis(0))
        found = {
            one.metadata.version: one.metadata.note for one in index.listed("acme", playbook_id="weekend-shutdown")
        }
        assert found == {"1.0.0": "", "1.1.0": "again"}

    def test_a_record_is_rewritten_and_found_as_before(self, index: QdrantPlaybooks) -> None:
        """The vector stays when the state changes."""
        index.put("acme", record(), axis(4))
        index.rewrite("acme", record(status=S.DEPRECATED))
        ((found, nearness),) = index.near("acme", axis(4), statuses=visible())
        assert found.metadata.status is S.DEPRECATED
        assert nearness == pytest.approx(1.0)

    def test_nothing_is_found_where_nothing_was_published(self, index: QdrantPlaybooks) -> None:
        """Looking creates no collection, because the thinking side writes nothing."""
        assert index.get("acme", "weekend-shutdown", "1.0.0") is None
        assert index.listed("acme") == ()
        assert index.near("acme", axis(0), statuses=visible()) == ()
        assert not index._client.collection_exists(collection_of("acme"))

    def test_no_tenant_sees_anothers(self, index: QdrantPlaybooks) -> None:
        """Neither listed, nor by id, nor by meaning; not even by a name that looks like the other's."""
        index.put("acme", record(), axis(0))
        for other in ("acme2", "ACME", "acme_playbooks", "sub:acme", "tenant_acme_playbooks"):
            assert index.listed(other) == ()
            assert index.get(other, "weekend-shutdown", "1.0.0") is None
            assert index.near(other, axis(0), statuses=visible()) == ()

    @pytest.mark.parametrize("status", S)
    def test_a_search_finds_exactly_the_states_it_is_told(self, index: QdrantPlaybooks, status: S) -> None:
        """For each of the ten states: visible ones are found, hidden ones never."""
        index.put("acme", record(status=status), axis(0))
        found = index.near("acme", axis(0), statuses=visible())
        assert bool(found) == (status in visible())
        assert [one.metadata.status for one in index.listed("acme", statuses=(status,))] == [status]

    def test_a_search_keeps_to_the_clouds_and_orders_by_nearness(self, index: QdrantPlaybooks) -> None:
        """A playbook for several clouds is found for each of them."""
        index.put("acme", record("one-cloud"), axis(0))
        index.put("acme", record("two-clouds", clouds=["azure", "gcp"]), [0.8, 0.6, *axis(0)[2:]])
        every = index.near("acme", axis(0), statuses=visible())
        assert [one.metadata.id for one, _ in every] == ["one-cloud", "two-clouds"]
        assert [round(nearness, 3) for _, nearness in every] == [1.0, 0.8]
        found = index.near("acme", axis(0), clouds=["gcp"], statuses=visible())
        assert [one.metadata.id for one, _ in found] == ["two-clouds"]

    def test_more_than_one_page_is_listed(self, index: QdrantPlaybooks) -> None:
        """Three hundred versions, none forgotten, none twice."""
        for number in range(300):
            index.put("acme", record(version=f"1.0.{number}"), axis(0))
        assert len({one.metadata.version for one in index.listed("acme")}) == 300

    def test_a_server_that_does_not_answer_is_named_as_such(self) -> None:
        """Nothing of what was looked for is in the words."""
        index = store.connect("http://127.0.0.1:9")
        with pytest.raises(RegistryUnavailable, match="index of playbooks cannot be reached"):
            index.listed("acme")


@pytest.fixture(scope="module")
def s3() -> Iterator[Storage]:
    """S3 on loopback."""
    with storage() as running:
        yield running


@pytest.fixture
def packages(s3: Storage) -> S3Packages:
    """Packages in its bucket."""
    return scripts.connect(bucket=s3.bucket, endpoint=s3.url)


PLACE = Place(tenant="acme", playbook_id="weekend-shutdown", version="1.0.0")


def place(name: str) -> Place:
    """A place of a test's own."""
    return Place(tenant="acme", playbook_id=name, version="1.0.0")


class TestPackages:
    def test_the_first_to_claim_a_version_has_it(self, packages: S3Packages) -> None:
        """The second is told what lies there; nothing is written over."""
        assert packages.claim(place("claimed"), b"first") == b"first"
        assert packages.claim(place("claimed"), b"second") == b"first"
        assert packages.package(place("claimed")) == b"first"

    def test_nothing_is_where_nothing_was_put(self, packages: S3Packages) -> None:
        """Not there is a value, not a failure."""
        assert packages.package(place("nothing")) is None
        assert packages.script(place("nothing"), Language.BASH) is None

    def test_keys_hold_tenant_playbook_and_version(self, packages: S3Packages, s3: Storage) -> None:
        """A tenant with odd letters gets a name of its own and reaches no other folder."""
        odd = Place(tenant="../acme", playbook_id="weekend-shutdown", version="1.0.0")
        where = packages.put_script(odd, Language.BASH, "echo")
        assert (
            packages.put_script(PLACE, Language.BASH, "echo") == f"s3://{s3.bucket}/acme/weekend-shutdown/1.0.0/main.sh"
        )
        assert where.startswith(f"s3://{s3.bucket}/acme-")
        assert not any(".." in key for key in s3.files())

    def test_a_link_works_without_credentials_and_ends(self, packages: S3Packages) -> None:
        """A plain GET of the pre-signed address gives the very bytes; it carries when it ends."""
        text = "#!/usr/bin/env bash\necho 'Grüße'\n"
        packages.put_script(PLACE, Language.BASH, text)
        link = packages.link(PLACE, Language.BASH)
        answer = httpx.get(link, trust_env=False)
        assert answer.status_code == 200
        assert answer.content == text.encode()
        query = httpx.URL(link).params
        assert query["X-Amz-Expires"] == str(scripts.LINK_SECONDS)
        assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"

    def test_a_storage_that_does_not_answer_is_named_as_such(self, s3: Storage) -> None:
        """Neither a closed port nor a bucket that is not there looks like an empty one."""
        for broken in (
            scripts.connect(bucket=s3.bucket, endpoint="http://127.0.0.1:9"),
            scripts.connect(bucket="no-such-bucket", endpoint=s3.url),
        ):
            with pytest.raises(RegistryUnavailable, match="storage of playbooks cannot be reached"):
                broken.package(PLACE)
            with pytest.raises(RegistryUnavailable):
                broken.claim(PLACE, b"x")
