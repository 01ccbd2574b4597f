"""The stored key epochs: two random roots each, wrapped under the master key.

A root wrapped twice (under the master key in force and a staged one) opens with either; that is what lets a change of
master key stop at any point.
"""

from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, func, insert, select

from engine.clock import Clock
from engine.storage import envelope
from engine.storage.database import Database
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import EpochRoot, KeyRing, derive, new_root
from engine.storage.master import MasterKey, MasterKeyError
from engine.storage.tables import key_epochs

_TABLE = "key_epochs"
_KIND_LOCK = 0x6B657973


def open_key_ring(database: Database, master: MasterKey, clock: Clock) -> KeyRing:
    """Return the key ring of a database; the first epoch is made when there is none.

    The ring follows rotations made by other processes: the current epoch is looked at in every write transaction.

    Raises:
        MasterKeyError: The master key does not open the stored epochs.
        StorageUnavailable: The database cannot be used.
    """
    with database.transaction() as connection:
        database.lock(connection, _KIND_LOCK)
        if connection.execute(select(func.count()).select_from(key_epochs)).scalar_one() == 0:
            add_epoch(connection, master.held()[0], 1, new_root(), clock)
        roots = read_epochs(connection, master.held())

    def reload() -> Mapping[int, EpochRoot]:
        with database.read() as current:
            return read_epochs(current, master.held())

    ring = KeyRing(roots, reload=reload)

    def follow(connection: Connection) -> None:
        stored = connection.execute(_LIVE).scalar_one()
        if stored != ring.epoch:
            ring.adopt(read_epochs(connection, master.held()))

    database.at_begin(follow)
    return ring


def master_id(master: bytes) -> str:
    """Return the public name of a master key: 128 bit derived from it, in hex."""
    return derive(master, "master-id")[:16].hex()


def add_epoch(connection: Connection, master: bytes, epoch: int, root: EpochRoot, clock: Clock) -> None:
    """Store the roots of one epoch, wrapped under `master`; what is already stored so stays."""
    name = master_id(master)
    kinds = {"audit": root.audit} | ({"data": root.data} if root.data is not None else {})
    present = set(
        connection.execute(
            select(key_epochs.c.kind).where(key_epochs.c.epoch == epoch, key_epochs.c.master_id == name)
        ).scalars()
    )
    cipher = AESGCM(derive(master, "wrap"))
    rows = [
        {
            "epoch": epoch,
            "kind": kind,
            "master_id": name,
            "wrapped": envelope.seal(cipher, epoch, _TABLE, f"{epoch}:{kind}:{name}", 1, secret),
            "created_at": clock(),
        }
        for kind, secret in kinds.items()
        if kind not in present
    ]
    if rows:
        connection.execute(insert(key_epochs), rows)


def read_epochs(connection: Connection, masters: Iterable[bytes]) -> dict[int, EpochRoot]:
    """Return the roots of every stored epoch that one of `masters` opens.

    Raises:
        MasterKeyError: An epoch opens with none of them.
    """
    wrapping = {master_id(master): AESGCM(derive(master, "wrap")) for master in masters}
    found: dict[tuple[int, str], bytes] = {}
    wanted: set[tuple[int, str]] = set()
    for row in connection.execute(select(key_epochs)).mappings():
        place = (row["epoch"], row["kind"])
        wanted.add(place)
        if place in found or (cipher := wrapping.get(row["master_id"])) is None:
            continue
        record = f"{row['epoch']}:{row['kind']}:{row['master_id']}"
        try:
            found[place] = envelope.unseal(cipher, _TABLE, record, 1, row["wrapped"])
        except EnvelopeError:
            continue
    if not wanted or wanted != set(found):
        raise MasterKeyError(
            "[keys] master: this key does not open the data directory; give it the key it was made with"
        )
    return {
        epoch: EpochRoot(data=found.get((epoch, "data")), audit=found[epoch, "audit"])
        for epoch, kind in sorted(wanted)
        if kind == "audit"
    }


def forget_other_masters(connection: Connection, master: bytes) -> None:
    """Drop every wrap that is not under `master`; that other master key opens nothing from then on."""
    connection.execute(delete(key_epochs).where(key_epochs.c.master_id != master_id(master)))


def retire(connection: Connection, before: int) -> None:
    """Drop the data roots of every epoch below `before`; their audit roots stay."""
    connection.execute(delete(key_epochs).where(key_epochs.c.epoch < before, key_epochs.c.kind == "data"))


_LIVE = select(func.max(key_epochs.c.epoch)).where(key_epochs.c.kind == "data")
