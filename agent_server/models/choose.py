"""Which model answers, by the settings."""

from agent_server.models.deterministic import Deterministic
from agent_server.models.port import PlanningModel
from agent_server.settings import Settings


def choose(settings: Settings) -> PlanningModel:
    """Return Claude when it is set and there is a key, else the offline planner. Vendors' SDKs are imported only when chosen."""
    offline = Deterministic()
    _ = offline.parser  # reads its tables now, not at the first request
    if not settings.claude:
        return offline
    from agent_server.models.anthropic import Claude  # noqa: PLC0415 - half a second that only a key is worth

    return Claude(settings, fallback=offline)
