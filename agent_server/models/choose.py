"""Which model answers, by the settings."""

import time

from agent_server.knowledge.store import Knowledge
from agent_server.models.budget import TokenBudget
from agent_server.models.deterministic import Deterministic
from agent_server.models.port import PlanningModel
from agent_server.settings import Settings

_MARGIN_SECONDS = 2.0
"""Left of a request's time for the rules' answer when Claude's does not come."""


def choose(settings: Settings, knowledge: Knowledge) -> PlanningModel:
    """Return Claude when it is set and there is a key, else the offline planner. Vendors' SDKs are imported only when chosen."""
    offline = Deterministic(knowledge=knowledge)
    _ = offline.parser  # reads its tables now, not at the first request
    if not settings.claude:
        return offline
    from agent_server.models.anthropic import Claude  # noqa: PLC0415 - a second or more that only a key is worth
    from agent_server.models.calling import DEADLINE_SECONDS  # noqa: PLC0415 - likewise

    return Claude(
        name=settings.claude,
        api_key=settings.api_key.get_secret_value(),
        offline=offline,
        base_url=settings.base_url,
        max_tokens=settings.max_tokens,
        deadline=min(DEADLINE_SECONDS, settings.request_seconds - _MARGIN_SECONDS),
        budget=TokenBudget(
            a_minute=settings.tokens_per_minute, a_request=settings.tokens_per_request, clock=time.monotonic
        ),
    )
