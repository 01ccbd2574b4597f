"""Where archives lie. A target shows an archive under its name only once it is there whole."""

import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

NAME = re.compile(r"escher-\d{8}T\d{6}Z-[0-9a-f]{8}\.backup")
_PART = ".part"


class TargetUnavailable(Exception):
    """Archives could not be read or written there; the text says where and why."""


class BackupTarget(Protocol):
    """A place for archives."""

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        ...

    def put(self, name: str, file: Path) -> None:
        """Keep a copy of a file under a name, all of it or nothing.

        Raises:
            TargetUnavailable: It is not there.
        """
        ...

    def names(self) -> list[str]:
        """Return the names of the whole archives there, oldest first.

        Raises:
            TargetUnavailable: They cannot be listed.
        """
        ...

    def fetch(self, name: str, file: Path) -> None:
        """Write a copy of an archive into a file.

        Raises:
            TargetUnavailable: There is none of that name, or it cannot be read.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove an archive; none of that name is no error.

        Raises:
            TargetUnavailable: It cannot be removed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, of mode 0700 when it is made here."""

    path: Path

    @property
    def words(self) -> str:
        """The path."""
        return str(self.path)

    def put(self, name: str, file: Path) -> None:
        """Copy beside it, make it durable, rename."""
        scratch = self.path / f"{name}.{secrets.token_hex(4)}{_PART}"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._clear()
            with file.open("rb") as source, os.fdopen(os.open(scratch, _NEW, 0o600), "wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
            scratch.replace(self.path / name)
            _sync_folder(self.path)
        except OSError as error:
            with suppress(OSError):
                scratch.unlink(missing_ok=True)
            raise TargetUnavailable(f"the backup could not be written to {self.path}: {error.strerror}") from None

    def names(self) -> list[str]:
        """Return the names; unfinished copies are none."""
        try:
            return sorted(one.name for one in self.path.iterdir() if NAME.fullmatch(one.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TargetUnavailable(f"the backups in {self.path} cannot be listed: {error.strerror}") from None

    def fetch(self, name: str, file: Path) -> None:
        """Copy one out."""
        try:
            shutil.copyfile(self.path / name, file)
        except OSError as error:
            raise TargetUnavailable(f"the backup {self.path / name} cannot be read: {error.strerror}") from None

    def remove(self, name: str) -> None:
        """Remove one."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise TargetUnavailable(f"the backup {self.path / name} cannot be removed: {error.strerror}") from None

    def _clear(self) -> None:
        """Remove copies that a killed runner left unfinished; one backup runs at a time."""
        for left in self.path.glob(f"escher-*{_PART}"):
            with suppress(OSError):
                left.unlink()


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
