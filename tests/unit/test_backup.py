"""Backups: whole, consistent, unreadable, and put back only where everything holds."""

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.audit.verify import verify
from engine.backup import archive
from engine.backup.archive import NotABackup
from engine.backup.making import BackupMaker, BackupRefused
from engine.backup.manifest import counts
from engine.backup.restoring import RestoreRefused, drill, restore
from engine.backup.targets import NAME, Folder
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record
from tests.unit.test_nothing_readable import NEEDLES, write_needles

NOW = datetime(2031, 3, 1, tzinfo=UTC)


class Clock:
    """A clock that moves when it is told to."""

    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def master(tmp_path):
    """A master key outside the data directory."""
    key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    key.create()
    return key


@pytest.fixture
def maker(tmp_path, master):
    """What makes backups of a record full of needles."""
    clock = Clock()
    record = open_record(Database.in_directory(tmp_path / "data"), master, clock)
    write_needles(record)
    audit = AuditLog(record.database, record.keys, clock)
    audit.append(AuditEvent(tag=Tag.RUNNER_STARTED, detail={"needle": NEEDLES[0]}))
    yield BackupMaker(record=record, audit=audit, master=master, clock=clock)
    record.close()


@pytest.fixture
def kept(tmp_path):
    """A folder for backups."""
    return Folder(tmp_path / "kept")


def test_a_backup_is_put_back_with_everything_in_it(maker, kept, master, tmp_path):
    """Every row, under the same master key, with a trail that agrees with the checkpoint signed then."""
    before = maker.record.threads.history(f"slack:{NEEDLES[4]}:1700000000.000100", 10)
    made = maker.make(kept, keep=5)
    found = restore(kept.path / made.name, tmp_path / "again", master, Clock(), by="local:ada")
    assert found.into == tmp_path / "again"
    assert found.entries == 2
    record = open_record(Database.in_directory(tmp_path / "again"), master, Clock())
    assert record.threads.history(f"slack:{NEEDLES[4]}:1700000000.000100", 10) == before
    assert verify(record.database, record.keys).ok
    newest = AuditLog(record.database, record.keys, Clock()).newest()
    assert newest.event.tag == "engine:backup:restored"
    assert newest.event.detail["name"] == made.name
    assert newest.event.principal == "local:ada"
    record.close()
    assert not list(tmp_path.glob(".again*"))


def test_nothing_in_an_archive_can_be_read(maker, kept, master):
    """Neither what people said, nor names, nor the master key, nor that it holds a database."""
    made = maker.make(kept, keep=5)
    content = (kept.path / made.name).read_bytes()
    (key,) = master.held()
    for needle in (*(one.encode() for one in NEEDLES), key, b"SQLite format", b"CREATE TABLE", b"audit"):
        assert needle not in content


def test_what_rests_in_the_archive_is_sealed_as_it_rests_in_the_record(maker, kept, master):
    """Whoever opened the archive would find envelopes, and key epochs wrapped under the master key."""
    made = maker.make(kept, keep=5)
    with (kept.path / made.name).open("rb") as file:
        opened = b"".join(archive.unseal(file, master.held()))
    (key,) = master.held()
    assert b"SQLite format" in opened
    for needle in (*(one.encode() for one in NEEDLES), key):
        assert needle not in opened


def test_an_archive_is_of_one_moment_while_others_write(maker, kept, master, tmp_path):
    """Events and outbox entries that are written together are both in it, or neither."""
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            with maker.record.database.transaction():
                maker.record.inbox.accept(f"pair-{number}", b"x", surface="web")
                maker.record.outbox.enqueue(b"x", surface="web", channel=f"pair-{number}", kind="post")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [maker.make(kept, keep=9) for _ in range(5)]
    finally:
        stop.set()
        writer.join()
    for number, one in enumerate(made):
        work = tmp_path / f"drill-{number}"
        drill(kept.path / one.name, work, master, Clock())
        with closing(sqlite3.connect(work / "escher.db")) as taken:
            held = counts(taken)
        assert held["inbox"] == held["outbox"]


class TestWhatDoesNotHold:
    def test_every_changed_byte_is_found(self, maker, kept, master, tmp_path):
        """In the header, in a piece, in a tag."""
        made = maker.make(kept, keep=5)
        whole = (kept.path / made.name).read_bytes()
        for number, place in enumerate((0, 20, 60, 200, len(whole) // 2, len(whole) - 1)):
            changed = bytearray(whole)
            changed[place] ^= 1
            file = tmp_path / f"changed-{number}"
            file.write_bytes(changed)
            with pytest.raises(NotABackup):
                restore(file, tmp_path / "again", master, Clock())
            assert not (tmp_path / "again").exists()

    @pytest.mark.parametrize("cut", [0, 10, 100, 4096, -1, -17])
    def test_a_cut_archive_is_not_taken_for_whole(self, maker, kept, master, tmp_path, cut):
        """Also at the border of a piece, where nothing but the missing last one tells."""
        made = maker.make(kept, keep=5)
        file = tmp_path / "cut"
        file.write_bytes((kept.path / made.name).read_bytes()[:cut])
        with pytest.raises(NotABackup):
            drill(file, tmp_path / "drill", master, Clock())

    def test_a_piece_that_is_left_out_moved_or_added_is_found(self, tmp_path, master):
        """Pieces open in their own place and number alone."""
        (key,) = master.held()
        file = tmp_path / "archive"
        with file.open("wb") as out:
            archive.seal(out, [b"x" * (3 * archive.PIECE)], key)
        whole = file.read_bytes()
        head = len(whole) - 3 * (archive.PIECE + 16)
        piece = archive.PIECE + 16
        pieces = [whole[head + n * piece : head + (n + 1) * piece] for n in range(3)]
        for order in ((0, 1), (0, 2), (1, 0, 2), (0, 1, 2, 2), (2,)):
            file.write_bytes(whole[:head] + b"".join(pieces[n] for n in order))
            with file.open("rb") as changed, pytest.raises(NotABackup):
                list(archive.unseal(changed, [key]))
        file.write_bytes(whole)
        with file.open("rb") as same:
            assert sum(map(len, archive.unseal(same, [key]))) == 3 * archive.PIECE

    def test_another_master_key_opens_nothing_and_is_said_to_be_another(self, maker, kept, tmp_path):
        """The person is told which key it takes."""
        made = maker.make(kept, keep=5)
        other = FileKey(path=tmp_path / "other" / "master", data_dir=tmp_path / "data")
        other.create()
        with pytest.raises(NotABackup, match="another master key"):
            drill(kept.path / made.name, tmp_path / "drill", other, Clock())

    def test_a_record_that_was_tampered_with_before_the_backup_fails_the_drill(self, maker, kept, master, tmp_path):
        """The archive is genuine; the audit chain in it is not."""
        with maker.record.database.transaction() as connection:
            connection.exec_driver_sql("UPDATE audit SET hash = zeroblob(32) WHERE seq = 1")
        made = maker.make(kept, keep=5)
        with pytest.raises(NotABackup, match="audit trail is broken"):
            drill(kept.path / made.name, tmp_path / "drill", master, Clock())


def test_a_restore_overwrites_nothing(maker, kept, master, tmp_path):
    """A folder with anything in it stays as it is."""
    made = maker.make(kept, keep=5)
    place = tmp_path / "used"
    place.mkdir()
    (place / "letter").write_text("dear", encoding="utf-8")
    with pytest.raises(RestoreRefused, match="not empty"):
        restore(kept.path / made.name, place, master, Clock())
    assert [one.name for one in place.iterdir()] == ["letter"]


def test_a_restore_goes_into_the_folder_one_stands_in(maker, kept, master, tmp_path, monkeypatch):
    """It has a name of its own although it is written as a dot."""
    made = maker.make(kept, keep=5)
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    found = restore(kept.path / made.name, Path(), master, Clock())
    assert found.into == place
    assert (place / "escher.db").exists()


def test_a_restored_record_does_nothing_and_says_nothing_again(maker, kept, master, tmp_path):
    """What waited or was under way then is closed: nobody knows what became of it since."""
    record = maker.record
    for number, state in enumerate(("waiting", "approved", "approved")):
        record.plans.insert(
            f"p-1000000{number}", state=state, digest="d", payload=b"x", requester="local:ada", thread="t",
            not_after=NOW + timedelta(hours=1),
        )  # fmt: skip
    record.executions.claim("p-10000002", "x-9", owner="runner-1", lease_until=NOW)
    record.outbox.enqueue(b"x", surface="web", channel="c", kind="post")
    made = maker.make(kept, keep=5)
    found = restore(kept.path / made.name, tmp_path / "again", master, Clock())
    again = open_record(Database.in_directory(tmp_path / "again"), master, Clock())
    states = {one: again.plans.get(f"p-1000000{one}").state for one in range(3)}
    assert states == {0: "void", 1: "void", 2: "executed"}
    assert again.executions.get("x-9").state == "uncertain"
    assert not again.executions.unfinished()
    assert not again.inbox.pending()
    assert not again.outbox.queued(10)
    assert found.closed >= 6
    again.close()
    assert record.plans.get("p-10000000").state == "waiting"


def test_the_newest_are_kept_and_older_ones_go(maker, kept):
    """And what is no archive of ours is never touched."""
    kept.path.mkdir()
    (kept.path / "notes.txt").write_text("mine", encoding="utf-8")
    names = []
    for _ in range(5):
        Clock.now += timedelta(hours=1)
        names.append(maker.make(kept, keep=3).name)
    Clock.now = NOW
    assert kept.names() == names[-3:]
    assert (kept.path / "notes.txt").exists()


def test_one_backup_at_a_time(maker, kept, tmp_path):
    """A second one is told to wait."""
    import fcntl  # noqa: PLC0415 - only here

    with (tmp_path / "data" / "backup.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BackupRefused, match="under way"):
            maker.make(kept, keep=3)
    assert NAME.fullmatch(maker.make(kept, keep=3).name)


def test_a_backup_leaves_nothing_behind_in_the_data_directory(maker, kept, tmp_path):
    """No second copy of the record lies about."""
    maker.make(kept, keep=3)
    assert not (tmp_path / "data" / "backup.work").exists()


def test_a_change_of_the_master_key_leaves_old_archives_to_the_old_key(maker, kept, master, tmp_path):
    """A copy of the old key opens them; the new one says that it is another."""
    old = tmp_path / "old-key"
    shutil.copy(master.path, old)
    made = maker.make(kept, keep=3)
    maker.record.rotation.rotate()
    former = FileKey(path=old, data_dir=tmp_path / "data")
    assert master.held() != former.held()
    with pytest.raises(NotABackup, match="another master key"):
        drill(kept.path / made.name, tmp_path / "new", master, Clock())
    found = drill(kept.path / made.name, tmp_path / "drill", former, Clock())
    assert found.entries == 2


def test_a_record_on_a_server_is_left_to_its_own_backup(maker, kept, monkeypatch):
    """PostgreSQL has backups of its own, and the sentence says so."""
    monkeypatch.setattr(Database, "directory", None)
    with pytest.raises(BackupRefused, match="your database's own backup"):
        maker.make(kept, keep=3)
