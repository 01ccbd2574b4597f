"""Dialogs that a press needs on Slack: a reason for "no", a typed confirmation, a step-up code.

The view's `private_metadata` carries what the press carried, plus where the card is, so that the submission can be
handled without any memory of the dialog (https://docs.slack.dev/reference/views/modal-views).
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from blocks import limits
from blocks.components.actions import Action, ActionStyle, Ask, AskKind, encode_value
from blocks.escape import inert
from blocks.fitting import clip
from blocks.slack_text import Json, bold, mrkdwn_text, plain_text

CALLBACK: Final = "escher.ask"
"""`callback_id` of every dialog of ours."""

_REASON: Final = 500
_TYPED: Final = 120


def ask_modal(action: Action, *, headline: str, origin: Mapping[str, str]) -> Json:
    """The dialog for an action with `asks`.

    Args:
        action: what was pressed, as it stood on the card.
        headline: the first line of the card, so that the presser sees what this is about.
        origin: where the card is (`channel`, `ts`, `thread`), returned with the submission.

    Raises:
        ValueError: action and origin together are larger than Slack's private metadata.
    """
    metadata = json.dumps(
        {"action": action.id.value, "value": encode_value(action.value), "origin": dict(origin)},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    if len(metadata) > limits.SLACK_PRIVATE_METADATA:
        raise ValueError("what the dialog must carry is larger than Slack's private metadata")
    about = {"type": "section", "text": mrkdwn_text(_about(headline))}
    label = action.label.removesuffix("…")
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": metadata,
        "title": plain_text(label, limits.SLACK_MODAL_TITLE),
        "submit": plain_text(label, limits.SLACK_MODAL_TITLE),
        "close": plain_text("Cancel", limits.SLACK_MODAL_TITLE),
        "blocks": [about, *(_input(ask) for ask in action.asks)],
    }


def reject_modal(action: Action, *, headline: str, origin: Mapping[str, str]) -> Json:
    """The dialog that asks why not."""
    asked = action.asks or (Ask(kind=AskKind.REASON, label="Why not? The requester sees this."),)
    rejecting = action.model_copy(update={"asks": asked, "style": ActionStyle.DANGER})
    return ask_modal(rejecting, headline=headline, origin=origin)


def confirm_modal(action: Action, *, expected: str, headline: str, origin: Mapping[str, str]) -> Json:
    """The dialog that asks to type a count or a name before a dangerous plan is approved."""
    asked = action.asks or (Ask(kind=AskKind.NAME, label="Type this to approve", expected=expected),)
    return ask_modal(action.model_copy(update={"asks": asked}), headline=headline, origin=origin)


def read_submission(view: Mapping[str, Any]) -> tuple[str, dict[str, str], dict[str, str], dict[str, str]]:
    """What a submitted dialog says: action id, the value of the press, the origin, the typed texts by `AskKind`.

    Raises:
        ValueError: the view is none of ours.
    """
    if view.get("callback_id") != CALLBACK:
        raise ValueError("this dialog is not one of ours")
    metadata = json.loads(view["private_metadata"])
    typed: dict[str, str] = {}
    for kind, fields in view.get("state", {}).get("values", {}).items():
        typed[kind] = str(fields.get(kind, {}).get("value") or "").strip()
    return metadata["action"], json.loads(metadata["value"]), metadata["origin"], typed


def _about(headline: str) -> str:
    return bold(clip(headline, 300)) or " "


def _input(ask: Ask) -> Json:
    long = ask.kind in {AskKind.REASON, AskKind.TEXT}
    element: Json = {
        "type": "plain_text_input",
        "action_id": ask.kind.value,
        "multiline": long,
        "max_length": _REASON if long else _TYPED,
    }
    if ask.expected:
        element["placeholder"] = plain_text(ask.expected, limits.SLACK_PLACEHOLDER)
    label = f"{ask.label}: {ask.expected}" if ask.expected else ask.label
    return {
        "type": "input",
        "block_id": ask.kind.value,
        "label": plain_text(inert(label), limits.SLACK_INPUT_LABEL),
        "optional": not ask.required,
        "element": element,
    }
