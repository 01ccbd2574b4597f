"""Noticing that the same is planned again and again, from this runner's own history, and suggesting a playbook. Pure but for the count."""

import json

from agent_server.contract.intent import Intent
from engine.planning.record import Told

OFTEN = 3


def habit(intent: Intent) -> str:
    """Return one text for the same operations on the same selection."""
    same = {
        "steps": [one.value for one in (intent.steps or [intent.action])],
        "cloud": intent.cloud.value,
        "types": sorted(intent.resource_types),
        "filters": intent.filters,
        "parts": [
            [one.action.value, one.cloud.value, sorted(one.resource_types), one.filters, one.after]
            for one in intent.parts
        ],
    }
    return json.dumps(same, sort_keys=True, ensure_ascii=False)


def suggestion(told: Told) -> str:
    """Return the line that suggests a playbook after a plan that was made often; empty when there is nothing to suggest."""
    if told.playbook or told.undoes or told.times < OFTEN:
        return ""
    return f"You have planned this {told.times} times. Say “save this plan as playbook NAME” to keep it as a playbook."
