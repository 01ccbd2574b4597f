"""How far back the bills must go for a question. Pure.

A question that compares reads the period before, too. More than two months are read only where they are needed, because Cost Explorer charges
for each page.
"""

import re

from agent_server.contract.intent import Action, Intent
from engine.reports.ledger import DAYS, LONG_DAYS

_NEAR = frozenset({"yesterday", "today", "last_24h", "this_week", "last_week", "this_month"})
_COUNTED = re.compile(r"last_(\d{1,3})d")
_COMPARING = frozenset({Action.COST_EXPLAIN, Action.COST_COMPARE})


def reach(intent: Intent) -> int:
    """Return how many days back a question may look."""
    said = intent.filters.get("period")
    periods = [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str) and one]
    compares = intent.action in _COMPARING or intent.filters.get("sort") == "growth"
    # Of two periods that are named, one is what the other is compared with.
    before = compares and len(periods) == 1
    return LONG_DAYS if any(_is_far(one, before=before) for one in periods) else DAYS


def _is_far(period: str, *, before: bool) -> bool:
    if period == "last_month":
        return before
    counted = _COUNTED.fullmatch(period)
    return 2 * int(counted[1]) > DAYS if counted else period not in _NEAR
