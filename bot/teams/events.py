"""Activities → `Mention` and `Click`, without asking anybody.

Sources: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
(`adaptiveCard/action`) and https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions
(`Action.Submit` arrives as a message with a `value`).

De-duplication keys are the conversation and the activity's own id, which a repeated delivery repeats. Two presses of the same
button are two activities; that only the first counts is the record's business.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from blocks.components.actions import ActionId, AskKind, decode_value
from bot.inbox import Event
from bot.messages import Click, Mention, MessageRef, Surface, ThreadRef
from bot.teams.activities import Activity, Kind
from bot.teams.people import TeamsPeople
from bot.teams.words import typed
from engine.clock import Clock

EXECUTE: Final = "adaptiveCard/action"
_AUTOMATIC: Final = "automatic"
_INPUTS: Final = frozenset(kind.value for kind in AskKind)
_TYPED = 2_000


class TeamsEvents:
    """Reads activities.

    Args:
        people: Knows what can be said about an account without asking.
        clock: The time, where an activity has none.
    """

    def __init__(self, *, people: TeamsPeople, clock: Clock) -> None:
        self._people = people
        self._clock = clock

    def read(self, activity: Activity) -> Event | None:
        """Return what happened, or None when it is nothing for us.

        Raises:
            ValueError: It is none that Teams documents, or a press is none of ours.
        """
        if not activity.sender.aad_object_id or not activity.tenant or not activity.id:
            return None
        if activity.type == "invoke" and activity.name == EXECUTE:
            return self._executed(activity)
        if activity.type == "message":
            return self._submitted(activity) if isinstance(activity.value, Mapping) else self._spoken(activity)
        return None

    def _spoken(self, activity: Activity) -> Mention | None:
        addressed = activity.conversation.kind is Kind.PERSONAL or bool(activity.own_mentions)
        words = typed(activity.text, own_mentions=activity.own_mentions)
        if not addressed or not words:
            return None
        return Mention(
            event_id=event_id(activity),
            principal=self._people.at_first_sight(activity.sender, tenant=activity.tenant),
            thread=thread_of(activity),
            text=words,
            at=activity.at(self._clock()),
            message=activity.id,
        )

    def _executed(self, activity: Activity) -> Click | None:
        value = activity.value
        action = value.get("action") if isinstance(value, Mapping) else None
        if not isinstance(action, Mapping):
            raise ValueError("an executed action without its data")  # noqa: TRY004 - it is the payload that is wrong
        if value.get("trigger") == _AUTOMATIC:
            return None
        data = action.get("data")
        return self._click(activity, data if isinstance(data, Mapping) else {}, verb=str(action.get("verb") or ""))

    def _submitted(self, activity: Activity) -> Click:
        return self._click(activity, activity.value, verb="")

    def _click(self, activity: Activity, data: Mapping[str, Any], *, verb: str) -> Click:
        thread = thread_of(activity)
        card = MessageRef(thread=thread, message=activity.reply_to_id) if activity.reply_to_id else None
        return Click(
            event_id=event_id(activity),
            principal=self._people.at_first_sight(activity.sender, tenant=activity.tenant),
            thread=thread,
            action=ActionId(str(data.get("action") or verb)),
            value=_value(data),
            inputs={
                key: text[:_TYPED] for key, text in data.items() if key in _INPUTS and isinstance(text, str) and text
            },
            at=activity.at(self._clock()),
            message=card,
        )


def event_id(activity: Activity) -> str:
    """Return the de-duplication key."""
    return f"teams:{activity.conversation.id}:{activity.id}"


def thread_of(activity: Activity) -> ThreadRef:
    """Return the thread it happened in; only channels have threads, and a message without one begins its own."""
    where = activity.conversation
    root = (where.root or activity.id) if where.kind is Kind.CHANNEL else ""
    return ThreadRef(surface=Surface.TEAMS, channel=where.base, thread=root, workspace=activity.tenant)


def _value(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids a press carried; a list to choose from carries them as text beside it."""
    chosen = data.get("choice_value")
    if isinstance(chosen, str) and chosen:
        return decode_value(chosen)
    return decode_value(json.dumps(data.get("value") or {}, ensure_ascii=False, separators=(",", ":")))
