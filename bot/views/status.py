"""How Escher itself is, on one card."""

from collections.abc import Sequence
from datetime import datetime

from blocks.components import SettingsCard, StatusGroup, StatusLine, Tone, line
from blocks.wording import count, duration
from bot.views.nouns import cloud_name
from engine.clouds.ports import CloudAccount
from engine.estate.cells import CellState
from engine.estate.resource import CellStatus

_MOST_GAPS = 5


def status_card(
    *,
    surfaces: Sequence[tuple[str, bool]],
    accounts: Sequence[CloudAccount],
    resources: int,
    coverage: Sequence[CellState],
    planner: str,
    version: str,
    waiting: int,
    running: int,
    backup: StatusLine,
    now: datetime,
) -> SettingsCard:
    """Return surfaces, accounts, coverage, model, versions and what waits."""
    gaps = [state for state in coverage if state.status is not CellStatus.OK]
    oldest = min((state.read_at for state in coverage if state.read_at), default=None)
    seen = f"{len(coverage) - len(gaps)} of {count(len(coverage), 'cell')} read"
    groups = (
        StatusGroup(
            title="Surfaces",
            lines=tuple(
                StatusLine(
                    label=name, value=line("connected" if up else "not connected"), tone=Tone.GOOD if up else Tone.BAD
                )
                for name, up in surfaces
            ),
        ),
        StatusGroup(
            title="Accounts",
            lines=tuple(
                StatusLine(label=f"{cloud_name(one.cloud)} {one.name}", value=line(f"{one.account[:4]}…"))
                for one in accounts
            ),
        ),
        StatusGroup(
            title="Estate",
            lines=(
                StatusLine(label="Resources", value=line(f"{resources:,}")),
                StatusLine(
                    label="Coverage",
                    value=line(seen),
                    tone=Tone.WARNING if gaps or not coverage else Tone.GOOD,
                    remedy="" if coverage else "say sync",
                ),
                StatusLine(
                    label="Oldest part",
                    value=line(f"{duration((now - oldest).total_seconds())} ago" if oldest else "never read"),
                ),
                *(
                    StatusLine(
                        label=f"Not seen: {state.cell.region} {state.cell.service}",
                        value=line(state.reason or state.status.value),
                        tone=Tone.WARNING,
                    )
                    for state in gaps[:_MOST_GAPS]
                ),
            ),
        ),
        StatusGroup(
            title="Escher",
            lines=(
                StatusLine(label="Planner", value=line(planner)),
                StatusLine(label="Version", value=line(version)),
                StatusLine(label="Running now", value=line(count(running, "plan"))),
                backup,
            ),
        ),
    )
    return SettingsCard(
        headline=line(f"Escher sees {resources:,} resources in {count(len(accounts), 'account')}"),
        groups=groups,
        pending=line(f"{count(waiting, 'plan')} waiting for a decision") if waiting else (),
    )
