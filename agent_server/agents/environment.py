"""Which environment a target is in, by its tags and nothing else; what has no environment is treated as production."""

from agent_server.contract.plan import TargetFacts

PROD = frozenset({"prod", "production", "prd", "live"})
STAGING = frozenset({"staging", "stage", "stg", "preprod"})
_KEYS = ("env", "environment")


def env_of(target: TargetFacts) -> str:
    """Return the environment in lower case; empty when no tag tells it."""
    return next((target.tags[key].strip().lower() for key in _KEYS if target.tags.get(key)), "")


def is_careful(target: TargetFacts) -> bool:
    """Whether a target is in production, or in no environment that is known."""
    env = env_of(target)
    return not env or env in PROD
