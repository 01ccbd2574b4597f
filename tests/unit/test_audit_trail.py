import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from engine.audit.chain import GENESIS, entry_hash, entry_mac
from engine.audit.events import AuditEvent, Tag
from engine.audit.export import export, export_holds
from engine.audit.log import AuditLog
from engine.audit.verify import NoAnchor, anchor_in, verify
from engine.storage.database import Database
from engine.storage.keys import KeyRing, Purpose
from engine.storage.schema import prepare
from engine.storage.tables import audit, audit_checkpoints

NOW = datetime(2031, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    made = Database.in_directory(tmp_path / "data")
    prepare(made, lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def keys() -> KeyRing:
    """A key ring of the test's own."""
    return KeyRing.ephemeral()


@pytest.fixture
def log(database, keys) -> AuditLog:
    """An empty trail."""
    return AuditLog(database, keys, lambda: NOW)


def test_every_tag_is_subject_object_action():
    """Scripts can split it."""
    assert all(len([part for part in tag.split(":") if part]) == 3 for tag in Tag)


def test_a_fact_keeps_its_own_time_or_gets_the_moment_of_writing(log):
    """A late note about an early thing says when it happened."""
    early = datetime(2031, 2, 1, tzinfo=UTC)
    log.append(AuditEvent(tag=Tag.STEP_CALLED, at=early))
    log.append(AuditEvent(tag=Tag.STEP_CALLED))
    assert [found.event.at for found in log.events()] == [early, NOW]


def test_what_json_cannot_say_is_refused_and_leaves_no_gap(log, database, keys):
    """A fact that cannot be written is an error before anything is done."""
    for detail in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises((TypeError, ValueError)):
            log.append(AuditEvent(tag=Tag.STEP_CALLED, detail=detail))
    assert log.append(AuditEvent(tag=Tag.STEP_CALLED)) == 1
    assert verify(database, keys).ok


def test_an_empty_trail_holds_and_says_how_little_that_means(database, keys):
    """Nothing is complete up to nothing."""
    assert verify(database, keys).sentence == "0 entries hold; complete up to checkpoint 0; later removal not excluded"


def test_an_anchor_inside_the_data_directory_is_refused(log, database):
    """What lies beside the trail is removed with it."""
    with pytest.raises(ValueError, match="outside the data directory"):
        log.anchor(database.directory / "anchor.json")


def test_an_anchor_still_holds_when_the_trail_has_grown(log, database, keys, tmp_path):
    """Old anchors stay good."""
    log.append(AuditEvent(tag=Tag.STEP_CALLED))
    log.anchor(tmp_path / "anchor.json")
    for _ in range(5):
        log.append(AuditEvent(tag=Tag.STEP_FINISHED))
    found = verify(database, keys, tmp_path / "anchor.json")
    assert (found.ok, found.entries, found.sentence) == (True, 6, "6 entries hold, and the anchor agrees")
    assert (tmp_path / "anchor.json").stat().st_mode & 0o077 == 0


def test_an_export_is_readable_and_its_signature_notices_any_change(log, keys, tmp_path):
    """People outside check it with the public key of an anchor."""
    for n in range(3):
        log.append(
            AuditEvent(tag=Tag.DECISION_MADE, principal="local:ada", plan_id="p-1", detail={"n": n, "why": "née"})
        )
    log.anchor(tmp_path / "anchor.json")
    public = base64.b64decode(json.loads((tmp_path / "anchor.json").read_text())["public_key"])
    lines = list(export(log, keys))
    assert [json.loads(line)["detail"]["n"] for line in lines[:-1]] == [0, 1, 2]
    assert json.loads(lines[0])["tag"] == "principal:decision:made"
    assert export_holds(lines, public)
    assert export_holds([f"{line}\n" for line in lines], public)
    assert not export_holds([lines[0].replace("ada", "bob"), *lines[1:]], public)
    assert not export_holds(lines[1:], public)
    assert not export_holds(lines[:-1], public)
    assert not export_holds([], public)
    assert not export_holds(lines, KeyRing.ephemeral().signer().public_key().public_bytes_raw())


def test_an_export_kept_elsewhere_is_an_anchor(log, database, keys, tmp_path):
    """What was exported must still be there; without it a removed end is not noticed, and that is said."""
    for _ in range(3):
        log.append(AuditEvent(tag=Tag.STEP_CALLED))
    kept = tmp_path / "export.jsonl"
    kept.write_text("\n".join(export(log, keys)) + "\n", encoding="utf-8")
    log.append(AuditEvent(tag=Tag.STEP_FINISHED))
    assert verify(database, keys, kept).sentence == "4 entries hold, and the anchor agrees"
    with database.transaction() as connection:
        connection.execute(delete(audit).where(audit.c.seq > 2))
        connection.execute(delete(audit_checkpoints))
    assert verify(database, keys).ok
    assert verify(database, keys, kept).first_broken == "entry 3 is missing: the anchor counts 3"


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"anchor": 1}', '{"checkpoint": {}}'])
def test_a_file_that_is_no_anchor_is_not_taken_for_a_broken_trail(tmp_path, text):
    """Whoever names the wrong file hears of the file."""
    (tmp_path / "file").write_text(text, encoding="utf-8")
    with pytest.raises(NoAnchor, match="is not an anchor file"):
        anchor_in(tmp_path / "file")
    with pytest.raises(NoAnchor, match="cannot be read"):
        anchor_in(tmp_path / "missing")


def test_a_hundred_thousand_entries_are_verified(database, keys, record_property):
    """Stored bytes are hashed; none is decrypted. How long that takes is told, not judged."""
    fill(database, keys, 100_000)
    began = time.process_time()
    found = verify(database, keys)
    record_property("100,000 entries verified in CPU seconds", round(time.process_time() - began, 2))
    assert (found.ok, found.entries) == (True, 100_000)


def fill(database: Database, keys: KeyRing, count: int) -> None:
    """Write a trail in bulk, as `append` would have one by one."""
    key, previous, rows = keys.secret(Purpose.AUDIT_MAC), GENESIS, []
    for seq in range(1, count + 1):
        stored = keys.seal_audit("audit", str(seq), b'{"tag":"executor:step:called","principal":"local:ada"}' * 4)
        digest = entry_hash(previous, stored)
        rows.append(
            {
                "seq": seq,
                "epoch": 1,
                "plan_id": "p-1",
                "entry": stored,
                "prev_hash": previous,
                "hash": digest,
                "mac": entry_mac(key, 1, seq, digest, "p-1"),
            }
        )
        previous = digest
    with database.transaction() as connection:
        connection.execute(insert(audit), rows)
