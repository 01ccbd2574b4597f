"""Changing the keys while the runner works, so that a stop at any point loses nothing.

The steps, each durable before the next: keep a next master key beside the one in force; note the rotation; wrap every
root under the next master key as well; put it in force; drop the wraps under the former one; add a new epoch; seal
every row anew under it; and, while no other write runs, the stragglers, then drop the old data roots. The noted
rotation is taken up again by `resume`, and every step may be repeated. At the end the former master key opens nothing
that is stored.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, and_, delete, func, insert, select, update

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database
from engine.storage.key_epochs import add_epoch, forget_other_masters, master_id, read_epochs, retire
from engine.storage.keys import KeyRing, new_root
from engine.storage.master import MasterKey
from engine.storage.tables import key_epochs, meta, sealed_tables

MAX_AGE = timedelta(days=90)
_NOTE = "rotation"
_BATCH = 100


class Rotation:
    """Changes the master key and the key epoch of one database.

    Args:
        database: The database.
        keys: Its key ring; it uses the new epoch as soon as there is one.
        master: Where the master key lives.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, master: MasterKey, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._master = master
        self._clock = clock
        self._others: list[Callable[[KeyRing], None]] = []

    def also(self, reseal: Callable[[KeyRing], None]) -> None:
        """Call `reseal` once the new epoch is in use and before the old one is dropped.

        For what is sealed elsewhere, such as search collections; it must have sealed everything anew when it returns,
        and it is called again when the rotation was cut short.
        """
        self._others.append(reseal)

    def due(self) -> bool:
        """Whether the current epoch is older than 90 days."""
        with self._database.read() as connection:
            made: datetime = connection.execute(
                select(func.min(key_epochs.c.created_at, type_=key_epochs.c.created_at.type)).where(
                    key_epochs.c.epoch == self._keys.epoch
                )
            ).scalar_one()
        return self._clock() - made >= MAX_AGE

    def rotate(self) -> int:
        """Change the master key and the epoch, seal every row anew, and return how many rows that were.

        Raises:
            MasterKeyError: The source of the master key cannot take a new one.
            EnvelopeError: A row cannot be opened; the old keys stay until it is dealt with.
            StorageUnavailable: A step could not be made durable; `resume` goes on from there.
        """
        if self._noted() is None:
            self._note(self._keys.epoch + 1, self._master.stage())
        return self.resume()

    def resume(self) -> int:
        """Finish a rotation that was begun and not finished; call it at start. Returns how many rows were sealed anew.

        Raises:
            MasterKeyError, EnvelopeError, StorageUnavailable: As for `rotate`.
        """
        if (noted := self._noted()) is None:
            return 0
        epoch, name = noted
        coming = next((key for key in self._master.held() if master_id(key) == name), None)
        if coming is None:
            coming = self._master.stage()
            self._note(epoch, coming)
        self._change_master(coming)
        self._change_epoch(coming, epoch)
        count = self.reencrypt()
        for other in self._others:
            other(self._keys)
        count += self._retire()
        self._database.scrub()
        return count

    def reencrypt(self) -> int:
        """Seal every row of an older epoch anew, in short transactions, and return how many rows that were.

        Raises:
            EnvelopeError: A row cannot be opened.
            StorageUnavailable: A batch could not be made durable.
        """
        count = 0
        for table in sealed_tables():
            while True:
                with self._database.transaction() as connection:
                    done = _reseal(connection, Cells(table, self._keys), limit=_BATCH)
                count += done
                if done < _BATCH:
                    break
        return count

    def _change_master(self, coming: bytes) -> None:
        with self._database.transaction() as connection:
            for epoch, root in read_epochs(connection, self._master.held()).items():
                add_epoch(connection, coming, epoch, root, self._clock)
        self._master.promote()
        with self._database.transaction() as connection:
            forget_other_masters(connection, coming)

    def _change_epoch(self, coming: bytes, epoch: int) -> None:
        with self._database.transaction() as connection:
            stored = read_epochs(connection, (coming,))
            if epoch not in stored:
                add_epoch(connection, coming, epoch, new_root(), self._clock)
                stored = read_epochs(connection, (coming,))
        self._keys.adopt(stored)

    def _retire(self) -> int:
        with self._database.exclusive() as connection:
            count = sum(_reseal(connection, Cells(table, self._keys), limit=None) for table in sealed_tables())
            retire(connection, self._keys.epoch)
            connection.execute(delete(meta).where(meta.c.name == _NOTE))
            stored = read_epochs(connection, self._master.held())
        self._keys.adopt(stored)
        return count

    def _noted(self) -> tuple[int, str] | None:
        with self._database.read() as connection:
            value = connection.execute(select(meta.c.value).where(meta.c.name == _NOTE)).scalar()
        if value is None:
            return None
        epoch, _, name = value.partition(":")
        return int(epoch), name

    def _note(self, epoch: int, coming: bytes) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(meta).where(meta.c.name == _NOTE))
            connection.execute(insert(meta).values(name=_NOTE, value=f"{epoch}:{master_id(coming)}"))


def _reseal(connection: Connection, cells: Cells, *, limit: int | None) -> int:
    table: Table = cells.table
    rows = (
        connection.execute(select(table).where(table.c.epoch < cells.keys.epoch).limit(limit).with_for_update())
        .mappings()
        .all()
    )
    for row in rows:
        place = and_(*(column == row[column.name] for column in table.primary_key.columns))
        connection.execute(update(table).where(place).values(**cells.resealed(row)))
    return len(rows)
