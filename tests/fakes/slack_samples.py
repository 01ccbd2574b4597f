"""Valid pieces of Block Kit to break in tests of the fake Slack, and how a refusal is read."""

import pytest
from slack_sdk.errors import SlackApiError


class ManualClock:
    """Seconds that pass only when told."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        """Return the present second."""
        return self.now


async def refused(call) -> tuple[str, list[str]]:
    """Return the error code and messages of a call that must fail."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return answer["error"], answer.get("errors") or []


def button(**changes):
    """Return a valid button with changes."""
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", **changes}


def section(text="hello", **changes):
    """Return a valid section with changes."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **changes}


def actions(*elements, **changes):
    """Return an actions block."""
    return {"type": "actions", "elements": list(elements), **changes}


def cell(text="x"):
    """Return a table cell."""
    return {"type": "raw_text", "text": text}


def task(**changes):
    """Return a valid task card."""
    return {"type": "task_card", "task_id": "1", "title": "Stop web-1", "status": "pending", **changes}


CONFIRM = {
    "title": {"type": "plain_text", "text": "Sure?"},
    "text": {"type": "plain_text", "text": "Really"},
    "confirm": {"type": "plain_text", "text": "Yes"},
    "deny": {"type": "plain_text", "text": "No"},
}


def modal(**changes):
    """Return a valid modal with one input."""
    ask = {
        "type": "input",
        "block_id": "why",
        "label": {"type": "plain_text", "text": "Reason"},
        "element": {"type": "plain_text_input", "action_id": "why"},
    }
    title = {"type": "plain_text", "text": "Why?"}
    return {
        "type": "modal",
        "title": title,
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [ask],
        **changes,
    }
