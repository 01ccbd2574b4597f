"""What a person can press, and what a press carries back.

A value carries ids only (plan id, digest, choice…): the runner looks everything else up in its own record and
authorises again, so that a forged or replayed press gains nothing.
"""

import json
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from blocks.components.inline import Frozen

VALUE_CHARACTERS = 600
"""Most characters of a value as JSON. Slack allows 2,000 in a button; six of them must fit a card of 10,000."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Id = Annotated[str, StringConstraints(max_length=400)]


class ActionId(StrEnum):
    """Every press there is."""

    APPROVE = "approve"
    REJECT = "reject"
    DETAILS = "details"
    CHANGE = "change"
    CANCEL = "cancel"
    UNDO = "undo"
    CHECK = "check"
    LOG = "log"
    RETRY = "retry"
    CHOOSE = "choose"
    ASK = "ask"
    MORE = "more"
    SHOW = "show"
    PLAN = "plan"
    TIMELINE = "timeline"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    TEST = "test"
    OPEN = "open"
    SYNC = "sync"
    PLAYBOOK = "playbook"


class ActionStyle(StrEnum):
    """How a button looks; `danger` never stands alone, its label says the deed too."""

    DEFAULT = "default"
    PRIMARY = "primary"
    DANGER = "danger"


class AskKind(StrEnum):
    """What a person must write before the press counts."""

    REASON = "reason"
    COUNT = "count"
    NAME = "name"
    CODE = "code"
    TEXT = "text"


class Ask(Frozen):
    """One text the press asks for; `expected` is shown so that it can be typed, and checked by the runner, not here."""

    kind: AskKind
    label: str
    expected: str = ""
    required: bool = True


class Action(Frozen):
    """One button.

    `confirm` is a question asked before the press counts, `asks` are texts to be typed, `private` answers go to the
    presser only.
    """

    id: ActionId
    label: str
    style: ActionStyle = ActionStyle.DEFAULT
    value: dict[Key, Id] = Field(default_factory=dict)
    confirm: str = ""
    asks: tuple[Ask, ...] = Field(default=(), max_length=3)
    private: bool = False

    @model_validator(mode="after")
    def _value_is_small(self) -> Self:
        if len(encode_value(self.value)) > VALUE_CHARACTERS:
            raise ValueError(f"an action's value holds ids only, at most {VALUE_CHARACTERS} characters as JSON")
        return self


class Confirmation(Frozen):
    """What an approver must type: nothing, the number of targets, or a name."""

    kind: Literal["none", "count", "name"] = "none"
    expected: str = ""


def encode_value(value: dict[str, str]) -> str:
    """The JSON text a press carries, without needless spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def decode_value(text: str) -> dict[str, str]:
    """Read what a press carried back.

    Raises:
        ValueError: it is not an object of strings, or larger than anything we ever send.
    """
    if len(text) > VALUE_CHARACTERS:
        raise ValueError("the button's value is larger than any we send")
    value = json.loads(text or "{}")
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("the button's value is not an object of strings")
    return value


def ask_again(text: str, label: str = "") -> Action:
    """A button that sends a ready question or command as if the presser had typed it.

    Beside a line of text it wants a short label, or a phone has no room left for the line.
    """
    return Action(id=ActionId.ASK, label=label or text, value={"text": text[:200]})


def plan_actions(
    plan_id: str,
    digest: str,
    *,
    confirmation: Confirmation | None = None,
    reason: bool = False,
    code: bool = False,
) -> tuple[Action, ...]:
    """The four buttons of a waiting plan.

    Args:
        plan_id: such as `p-7f3a9k2m`.
        digest: the digest that a press approves.
        confirmation: what must be typed to approve.
        reason: the policy asks approvers for a reason.
        code: the policy asks for a step-up code.
    """
    value = {"plan_id": plan_id, "digest": digest}
    asks: list[Ask] = []
    if confirmation is not None and confirmation.kind != "none":
        what = "the number of resources" if confirmation.kind == "count" else "the name"
        asks.append(
            Ask(kind=AskKind(confirmation.kind), label=f"Type {what} to approve", expected=confirmation.expected)
        )
    if reason:
        asks.append(Ask(kind=AskKind.REASON, label="Why is this right? It is kept in the audit record."))
    if code:
        asks.append(Ask(kind=AskKind.CODE, label="Your step-up code"))
    why = Ask(kind=AskKind.REASON, label="Why not? The requester sees this.")
    return (
        Action(id=ActionId.APPROVE, label="Approve", style=ActionStyle.PRIMARY, value=value, asks=tuple(asks)),
        Action(id=ActionId.REJECT, label="Reject…", style=ActionStyle.DANGER, value=value, asks=(why,)),
        Action(id=ActionId.DETAILS, label="Details", value=value, private=True),
        Action(id=ActionId.CHANGE, label="Change…", value=value, private=True),
    )
