"""What happens by itself: reading the clouds, reports, budgets, backups; and what the agent server may see of tags."""

from datetime import time
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.tables.values import BackupTarget, Channel, ClockTime, Duration, Table, Zone
from engine.planning.context import DEFAULT_TAG_KEYS


class Privacy(Table):
    """What the agent server may see.

    Attributes:
        tag_keys: Tags whose values it may see; of other tags it sees nothing.
    """

    tag_keys: tuple[str, ...] = DEFAULT_TAG_KEYS


class Sync(Table):
    """How often the estate is read.

    Attributes:
        every: Time between two whole readings, such as `30m`, `1h`, `1d`.
    """

    every: Duration = "1h"


class Report(Table):
    """One morning report: where it is posted and when.

    Attributes:
        channel: `slack:<channel>`, `teams:<conversation>`, `web` or `file:PATH`.
        at: Local time of day.
        timezone: Name of the time zone, such as `Europe/Berlin`; that of the first report also says when it is working hours, which weighs in the risk of a change.
    """

    channel: Channel
    at: ClockTime = "02:00"
    timezone: Zone = "UTC"

    @property
    def time(self) -> time:
        """The local time of day."""
        return time.fromisoformat(self.at)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)


class Budget(Table):
    """One budget.

    Attributes:
        scope: What it is for; `all` is everything.
        monthly: The amount of a calendar month.
        currency: Its currency.
    """

    scope: str = "all"
    monthly: float = Field(gt=0)
    currency: str = "USD"


class Backup(Table):
    """Backups of the record, encrypted under a key that comes from the master key.

    Attributes:
        target: A folder outside `[data] dir`, or `s3://BUCKET/PREFIX`; empty: no regular backups.
        every: Time between two backups.
        keep: How many archives stay at the target; older ones are removed.
    """

    target: BackupTarget = ""
    every: Duration = "1h"
    keep: int = Field(default=48, ge=1)
