"""Backups of a running Escher: regular ones, one on demand, and how the last one went."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from blocks.components import StatusLine, Tone, line
from blocks.wording import duration
from bot.durations import seconds
from bot.settings import Loaded, SettingsError
from bot.tables import Backup
from bot.timer import ticking
from engine.backup.making import BackupMaker, BackupRefused, Made
from engine.backup.targets import BackupTarget, Folder, TargetUnavailable
from engine.clock import Clock
from engine.storage.database import StorageUnavailable
from engine.storage.master import MasterKeyError

_log = structlog.get_logger(__name__)
_TICK_SECONDS = 5.0
_RETRY = timedelta(minutes=5)
FAILURES = (BackupRefused, TargetUnavailable, StorageUnavailable, MasterKeyError, OSError)


def target(loaded: Loaded, named: str) -> BackupTarget:
    """Return the place that a target names: a folder, relative to the settings file, or a bucket.

    Raises:
        SettingsError: It names none, or one inside the data directory.
        TargetUnavailable: The bucket cannot be spoken to.
    """
    try:
        named = TypeAdapter(Backup).validate_python({"target": named}).target
    except ValidationError as error:
        raise SettingsError(f"backup target: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    if named.startswith("s3://"):
        try:
            from engine.clouds.aws.objects import bucket  # noqa: PLC0415 - only where archives go to S3
        except ModuleNotFoundError:
            raise SettingsError("a backup to s3:// needs boto3; install escher[aws]") from None
        return bucket(named)
    path = Path(named).expanduser()
    base = loaded.path.parent if loaded.path else Path.cwd()
    path = path if path.is_absolute() else base / path
    if path.resolve().is_relative_to(loaded.settings.data.path.resolve()):
        raise SettingsError(f"backup target: {path} lies inside the data directory, which it should outlive")
    return Folder(path)


class Backups:
    """Makes the backups of a runner.

    Args:
        loaded: The settings, looked at whenever something is due.
        maker: Makes archives.
        clock: The time.
    """

    def __init__(self, loaded: Loaded, maker: BackupMaker, clock: Clock) -> None:
        self._loaded = loaded
        self._maker = maker
        self._clock = clock
        self._busy = asyncio.Lock()
        self._last: datetime | None = None
        self._looked = False
        self._failed = ""
        self._not_before: datetime | None = None

    @property
    def regular(self) -> bool:
        """Whether a target is configured."""
        return bool(self._loaded.settings.backup.target)

    async def now(self, to: str = "") -> Made:
        """Make one now: at the configured target, or at `to`, where nothing is ever removed.

        Raises:
            SettingsError: There is no target, or it names no place.
            BackupRefused, TargetUnavailable, StorageUnavailable, MasterKeyError, OSError: It could not be made.
        """
        backup = self._loaded.settings.backup
        named = to or backup.target
        if not named:
            raise SettingsError(
                "no backup target is set; say --to FOLDER, or write [backup] target in the settings file"
            )
        where = await asyncio.to_thread(target, self._loaded, named)
        async with self._busy:
            made = await asyncio.to_thread(self._maker.make, where, keep=sys.maxsize if to else backup.keep)
        if not to:
            self._last, self._failed, self._looked = made.at, "", True
        return made

    async def run(self) -> None:
        """Make backups when they are due, until cancelled."""
        await ticking(self.check, _TICK_SECONDS)

    async def check(self) -> None:
        """Make one when it is due; a failure is told in the status and tried again a little later."""
        if not self.regular or (self._not_before is not None and self._clock() < self._not_before):
            return
        try:
            if await self._due():
                made = await self.now()
                _log.info("backup made", size=made.size, removed=len(made.removed))
        except (SettingsError, *FAILURES) as error:
            self._failed = str(error)
            every = timedelta(seconds=seconds(self._loaded.settings.backup.every))
            self._not_before = self._clock() + min(_RETRY, every)
            _log.error("a backup could not be made; trying again later", error=str(error))

    def status(self) -> StatusLine:
        """Return how the backups are, for the status card."""
        if not self.regular:
            return StatusLine(label="Backup", value=line("none"), remedy="set [backup] target in the settings file")
        if self._failed:
            return StatusLine(
                label="Backup", value=line(f"failed: {self._failed}"), tone=Tone.BAD, remedy="escher backup"
            )
        if self._last is None:
            return StatusLine(label="Backup", value=line("none yet"), tone=Tone.WARNING)
        ago = duration((self._clock() - self._last).total_seconds())
        return StatusLine(label="Backup", value=line(f"{ago} ago"), tone=Tone.GOOD)

    async def _due(self) -> bool:
        backup = self._loaded.settings.backup
        if not self._looked:
            names = await asyncio.to_thread(target(self._loaded, backup.target).names)
            self._last = made_at(names[-1]) if names else None
            self._looked = True
        return self._last is None or self._clock() >= self._last + timedelta(seconds=seconds(backup.every))


def made_at(name: str) -> datetime:
    """Return when an archive was begun, from its name."""
    return datetime.strptime(name.split("-")[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
