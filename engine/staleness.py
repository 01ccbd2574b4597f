"""What could not be read again just before planning, in words for the card. Pure."""

from collections.abc import Mapping, Sequence

from engine.clouds.ports import CloudAccount
from engine.estate.sync import StaleCell


def unread_notes(unread: Sequence[StaleCell], accounts: Mapping[str, CloudAccount]) -> list[str]:
    """Return one line for each account and service that was not read again, with its regions."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for stale in unread:
        account = accounts.get(stale.cell.account)
        name = account.name if account else stale.cell.account
        grouped.setdefault((name, stale.cell.service, _known(stale)), []).append(stale.cell.region)
    return [
        f"not read again just now: {service} of {name} in {', '.join(regions)} ({known})"
        for (name, service, known), regions in grouped.items()
    ]


def _known(stale: StaleCell) -> str:
    age = f"known as of {int(stale.age.total_seconds() // 60)} min ago" if stale.age is not None else "never read"
    return f"{stale.status.value}, {age}"
