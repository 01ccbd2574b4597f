"""Whoever can write the database but holds no key cannot change the trail unnoticed.

`ESCHER_TAMPERING=1800` runs that many random changes; the default is a sample.
"""

# ruff: noqa: S608, S311 - the test plays the attacker: SQL put together from our own names, repeatable random choices

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.audit.verify import verify
from engine.storage.database import Database
from engine.storage.key_epochs import open_key_ring
from engine.storage.keys import KeyRing
from engine.storage.master import FileKey
from engine.storage.plans import PlanStore
from engine.storage.rotation import Rotation
from engine.storage.schema import prepare

ROUNDS = int(os.environ.get("ESCHER_TAMPERING", "200"))  # noqa: TID251 - how long the test runs, not a setting
ENTRIES = 60


@dataclass
class Trail:
    database: Database
    keys: KeyRing
    anchor: Path
    copy: Path

    def changed(self, change: Callable[[sqlite3.Connection, random.Random], bool], chance: random.Random) -> Database:
        """Return a copy of the database after `change`, made the way another program would."""
        for left in self.copy.parent.glob(f"{self.copy.name}*"):
            left.unlink()
        with sqlite3.connect(self.database.url.database) as source, sqlite3.connect(self.copy) as target:
            source.backup(target)
        source.close()
        assert change(target, chance)
        target.commit()
        target.close()
        return Database(f"sqlite:///{self.copy}")


@pytest.fixture(scope="module")
def trail(tmp_path_factory) -> Iterator[Trail]:
    """A trail over two key epochs, with checkpoints, guarded records and an anchor at its end."""
    home = tmp_path_factory.mktemp("audit")
    now = datetime(2031, 3, 1, tzinfo=UTC)

    def clock() -> datetime:
        return now

    database = Database.in_directory(home / "data")
    prepare(database, clock)
    master = FileKey(path=home / "keys" / "master", data_dir=home / "data")
    master.create()
    keys = open_key_ring(database, master, clock)
    log = AuditLog(database, keys, clock, every=16)
    store = PlanStore(database, keys, clock)
    for n in range(ENTRIES):
        if n == ENTRIES // 2:
            Rotation(database, keys, master, clock).rotate()
        if n % 10 == 0:
            store.insert(
                f"p-{n}",
                state="proposed",
                digest="d",
                payload=b"plan",
                requester="local:ada",
                not_after=now + timedelta(hours=1),
            )
            store.cas_state(f"p-{n}", {"proposed"}, "approved")
        log.append(AuditEvent(tag=Tag.STEP_CALLED, principal="local:ada", plan_id=f"p-{n}", detail={"n": n}))
    log.anchor(home / "anchor.json")
    yield Trail(database, keys, home / "anchor.json", home / "tampered.db")
    database.close()


def edit(db: sqlite3.Connection, chance: random.Random) -> bool:
    """Change one bit or byte of one column of one entry or checkpoint."""
    table, columns = chance.choice(
        [
            ("audit", ["epoch", "plan_id", "entry", "prev_hash", "hash", "mac", "v"]),
            ("audit_checkpoints", ["seq", "epoch", "at", "head", "versions", "prev_hash", "signature", "v"]),
        ]
    )
    column = chance.choice(columns)
    row, value = chance.choice(db.execute(f"SELECT rowid, {column} FROM {table}").fetchall())
    match value:
        case int():
            changed = value + chance.choice([-1, 1, 7])
        case str():
            changed = value + "x"
        case _:
            place = chance.randrange(len(value))
            changed = value[:place] + bytes([value[place] ^ (1 << chance.randrange(8))]) + value[place + 1 :]
    if chance.random() < 0.1:
        changed = "not of the column's type"
    return db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, row)).rowcount == 1


def delete(db: sqlite3.Connection, chance: random.Random) -> bool:
    """Remove one entry, with or without closing the gap, or one checkpoint."""
    table, key = chance.choice([("audit", "seq"), ("audit_checkpoints", "number")])
    gone = chance.choice([row[0] for row in db.execute(f"SELECT {key} FROM {table}")])
    done = db.execute(f"DELETE FROM {table} WHERE {key} = ?", (gone,)).rowcount == 1
    if chance.random() < 0.5:
        for (later,) in db.execute(f"SELECT {key} FROM {table} WHERE {key} > ? ORDER BY 1", (gone,)).fetchall():
            db.execute(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", (later - 1, later))
    return done


def swap(db: sqlite3.Connection, chance: random.Random) -> bool:
    """Exchange two entries, wholly or only their content."""
    one, other = chance.sample(range(1, ENTRIES + 1), 2)
    columns = chance.choice(["entry", "entry, hash, prev_hash, mac", "entry, hash, prev_hash, mac, epoch, plan_id"])
    values = {seq: db.execute(f"SELECT {columns} FROM audit WHERE seq = ?", (seq,)).fetchone() for seq in (one, other)}
    marks = ", ".join(f"{name} = ?" for name in columns.split(", "))
    for seq, source in ((one, other), (other, one)):
        db.execute(f"UPDATE audit SET {marks} WHERE seq = ?", (*values[source], seq))
    return True


def insert(db: sqlite3.Connection, chance: random.Random) -> bool:
    """Add a copy of an entry at the end or in the middle, with the hash chain (which needs no key) mended."""
    from engine.audit.chain import entry_hash  # noqa: PLC0415 - what an attacker would read in our source

    where = chance.randint(1, ENTRIES + 1)
    rows = db.execute("SELECT seq, epoch, plan_id, entry, prev_hash, hash, mac, v FROM audit ORDER BY seq").fetchall()
    rows.insert(where - 1, chance.choice(rows))
    previous = bytes(32)
    db.execute("DELETE FROM audit")
    for seq, (_, epoch, plan_id, entry, _, _, mac, v) in enumerate(rows, start=1):
        digest = entry_hash(previous, entry)
        db.execute(
            "INSERT INTO audit (seq, epoch, plan_id, entry, prev_hash, hash, mac, v) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (seq, epoch, plan_id, entry, previous, digest, mac, v),
        )
        previous = digest
    return True


def truncate(db: sqlite3.Connection, chance: random.Random) -> bool:
    """Remove the newest entries with the checkpoints that knew them: only the anchor can tell."""
    keep = chance.randrange(ENTRIES)
    db.execute("DELETE FROM audit_checkpoints WHERE seq > ?", (keep,))
    return db.execute("DELETE FROM audit WHERE seq > ?", (keep,)).rowcount == ENTRIES - keep


def roll_back(db: sqlite3.Connection, chance: random.Random) -> bool:
    """Put a guarded record below the version that a checkpoint signed, or remove it."""
    plan = f"p-{10 * chance.randrange(ENTRIES // 10)}"
    if chance.random() < 0.5:
        return db.execute("DELETE FROM plans WHERE plan_id = ?", (plan,)).rowcount == 1
    return db.execute("UPDATE plans SET version = 1, state = 'proposed' WHERE plan_id = ?", (plan,)).rowcount == 1


CHANGES = [edit, delete, swap, insert, truncate, roll_back]


def test_an_untouched_trail_holds(trail: Trail):
    """The check can succeed: with and without the anchor, over two key epochs."""
    alone, anchored = verify(trail.database, trail.keys), verify(trail.database, trail.keys, trail.anchor)
    assert (alone.ok, alone.entries, alone.anchored, anchored.ok, anchored.anchored) == (
        True,
        ENTRIES,
        False,
        True,
        True,
    )
    assert (
        alone.sentence
        == f"60 entries hold; complete up to checkpoint {alone.complete_up_to}; later removal not excluded"
    )
    untouched = trail.changed(lambda _db, _chance: True, random.Random(0))
    assert verify(untouched, trail.keys, trail.anchor).ok
    untouched.close()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_random_change_is_noticed(trail: Trail, change):
    """Edits, deletions, swaps, insertions, truncations, roll-backs: none is missed."""
    for seed in range(max(1, ROUNDS // len(CHANGES))):
        tampered = trail.changed(change, random.Random(f"{change.__name__}{seed}"))
        found = verify(tampered, trail.keys, trail.anchor)
        tampered.close()
        assert not found.ok, f"{change.__name__} with seed {seed} was missed"
        assert found.first_broken


def test_an_anchor_of_another_runner_is_refused(trail: Trail, tmp_path: Path):
    """A forged anchor vouches for nothing."""
    forged = tmp_path / "anchor.json"
    forged.write_bytes(trail.anchor.read_bytes().replace(b'"seq":60', b'"seq":59'))
    assert verify(trail.database, trail.keys, forged).first_broken == "the anchor was not signed by this runner"
    forged.write_text("{}")
    assert "is not an anchor file" in verify(trail.database, trail.keys, forged).first_broken
    assert "cannot be read" in verify(trail.database, trail.keys, tmp_path / "none").first_broken
