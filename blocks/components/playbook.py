"""Playbooks: versioned procedures, lists of them, their review."""

from typing import Literal

from pydantic import Field

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.rows import Fact, Note
from blocks.components.vocabulary import RiskLevel


class PlaybookCard(Frozen):
    """One playbook in one version; `running` says whether Escher can run it or only shows it, and why."""

    kind: Literal["playbook"] = "playbook"
    headline: Line
    playbook_id: str
    version: str
    state: str
    risk: RiskLevel
    running: Note | None = None
    summary: tuple[Line, ...] = ()
    steps: tuple[Line, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class PlaybookEntry(Frozen):
    """One playbook in a list; `running` says whether Escher can run it or only shows it, and why."""

    name: str
    playbook_id: str
    version: str
    summary: str = ""
    confidence: float | None = Field(default=None, ge=0, le=1)
    running: str = ""
    warning: str = ""
    action: Action | None = None


class PlaybookList(Frozen):
    """Playbooks that fit a question, best first."""

    kind: Literal["playbook_list"] = "playbook_list"
    headline: Line
    entries: tuple[PlaybookEntry, ...]
    more: int = Field(default=0, ge=0)
    suggestions: tuple[str, ...] = ()


class ReviewCheck(Frozen):
    """One check of a review."""

    name: str
    ok: bool
    detail: str = ""


class PlaybookReviewCard(Frozen):
    """A playbook that waits for a reviewer: what it would do, which checks it passed."""

    kind: Literal["playbook_review"] = "playbook_review"
    headline: Line
    playbook_id: str
    version: str
    author: Line = ()
    summary: tuple[Line, ...] = ()
    steps: tuple[Line, ...] = ()
    checks: tuple[ReviewCheck, ...] = ()
    changes: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()
