"""Which model answers, by the settings."""

from agent_server.knowledge.store import Knowledge
from agent_server.models.deterministic import Deterministic
from agent_server.models.port import PlanningModel
from agent_server.settings import Settings


def choose(settings: Settings, knowledge: Knowledge) -> PlanningModel:
    """Return Claude when it is set and there is a key, else the offline planner. Vendors' SDKs are imported only when chosen."""
    offline = Deterministic(knowledge=knowledge)
    _ = offline.parser  # reads its tables now, not at the first request
    if not settings.claude:
        return offline
    from agent_server.models.anthropic import Claude  # noqa: PLC0415 - a second or more that only a key is worth

    return Claude(
        name=settings.claude,
        api_key=settings.api_key.get_secret_value(),
        offline=offline,
        base_url=settings.base_url,
        max_tokens=settings.max_tokens,
    )
