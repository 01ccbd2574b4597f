"""Conversation: answers in words, questions back, refusals, errors, help."""

from typing import Literal

from pydantic import AwareDatetime

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.rows import Fact, Note
from blocks.components.vocabulary import Tone


class ChatMessage(Frozen):
    """A few paragraphs of words; `model` says which model wrote them, where one did."""

    kind: Literal["chat_message"] = "chat_message"
    paragraphs: tuple[Line, ...]
    notes: tuple[Note, ...] = ()
    suggestions: tuple[str, ...] = ()
    model: str = ""


class Option(Frozen):
    """One answer to a question: what it is called and, behind it, how much it covers."""

    id: str
    label: str
    detail: str = ""


class ClarificationCard(Frozen):
    """One precise question back, with its likely answers as buttons."""

    kind: Literal["clarification"] = "clarification"
    question: Line
    detail: Line = ()
    question_id: str
    options: tuple[Option, ...] = ()
    free_text: bool = True


class ConfirmationCard(Frozen):
    """A yes or no that is not a plan, such as removing a schedule."""

    kind: Literal["confirmation"] = "confirmation"
    question: Line
    detail: tuple[Line, ...] = ()
    expires_at: AwareDatetime | None = None
    actions: tuple[Action, ...] = ()


class ErrorCard(Frozen):
    """Something broke: what happened, what was kept, what to do now."""

    kind: Literal["error"] = "error"
    what_happened: Line
    what_to_do: Line
    kept: Line = ()
    reference: str = ""
    actions: tuple[Action, ...] = ()


class RefusalCard(Frozen):
    """A "no" with its rule, who can, and the nearest things that are possible."""

    kind: Literal["refusal"] = "refusal"
    headline: Line
    code: str
    reasons: tuple[Line, ...] = ()
    who_can: Line = ()
    suggestions: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


class NoticeCard(Frozen):
    """A short fact that somebody should know; nothing to decide."""

    kind: Literal["notice"] = "notice"
    headline: Line
    tone: Tone = Tone.NORMAL
    lines: tuple[Line, ...] = ()
    facts: tuple[Fact, ...] = ()
    actions: tuple[Action, ...] = ()


class HelpGroup(Frozen):
    """Examples of one kind, each of which can be pressed as it stands."""

    title: str
    examples: tuple[str, ...]


class HelpCard(Frozen):
    """What the asker may do, as examples."""

    kind: Literal["help"] = "help"
    headline: Line
    groups: tuple[HelpGroup, ...]
    notes: tuple[Note, ...] = ()
