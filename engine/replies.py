"""What the engine says back: values, not words. A surface turns each into a card.

`Reply` is closed: whoever shows replies handles every kind, and the type checker says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent_server.contract.intent import Intent
from agent_server.contract.playbook import Playbook, PlaybookStatus, StorageStrategy
from engine.approval.approval import Decision
from engine.estate.idleness import Idleness
from engine.estate.resource import CellScan, Json, Resource
from engine.execution.executor import Execution
from engine.planning.hindrances import Hindrance
from engine.planning.record import Kept
from engine.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words, with what one could say next and where they come from."""

    paragraphs: tuple[str, ...]
    suggestions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Resources that were asked for: all of them, never a top-k unless found by meaning.

    Attributes:
        set_id: The name under which the thread remembers them, for "those".
        resources: In the order shown.
        asked: What was asked for in a few words: `idle`, `public`, `by meaning: payroll`.
        kinds: The types that were asked for; empty for any.
        regions: The regions that were asked for; empty for any.
        rules: How it was judged, with the numbers, one sentence each.
        idleness: For idle questions: the numbers by resource id.
        by_meaning: Whether they were found by meaning, nearest first.
        gaps: Cells that matter here and were not wholly read.
        synced_at: When the oldest cell that matters was read; None before the first sync.
        counted: Whether only the number was asked for.
        groups: How many there are of each, when they were to be counted by something; the most first.
        grouped_by: By what.
    """

    set_id: str
    resources: tuple[Resource, ...]
    asked: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    idleness: Mapping[str, Idleness] = field(default_factory=dict)
    by_meaning: bool = False
    gaps: tuple[CellScan, ...] = ()
    synced_at: datetime | None = None
    counted: bool = False
    groups: tuple[tuple[str, int], ...] = ()
    grouped_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One resource in full."""

    resource: Resource
    account_name: str
    set_id: str = ""
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One likely answer to a question: its label, and how much it covers."""

    id: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One precise question back. `id` names the kept request that an answer completes."""

    id: str
    text: str
    detail: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan as it stands: what was planned, who decided what, and how far it is."""

    kept: Kept
    state: str
    decisions: tuple[Decision, ...] = ()
    execution: Execution | None = None
    audit_seq: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One resource that changed: which property, from what, to what."""

    at: datetime
    kind: str
    name: str
    type: str
    account: str
    region: str
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What changed since an instant."""

    since: datetime
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer from figures, or what is missing for one.

    Attributes:
        known: Whether it could be answered.
        paragraphs: In sentences.
        sources: Where it comes from, where that is not the runner's own figures.
        suggestions: What could be asked next, as one would type it.
        components: Cards that say the same, as component JSON of the agent server: foreign, until a surface has read them.
        set_id: The name under which the thread remembers the things it speaks of.
        unnamed: The first paragraph as it came, over handles: what a thread may remember, because it is told again with later questions.
        worded: Whether a language model chose the words, so that they say more than the cards.
        model: Which model answered.
    """

    known: bool
    paragraphs: tuple[str, ...]
    sources: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    components: tuple[Mapping[str, Json], ...] = ()
    set_id: str = ""
    unnamed: str = ""
    worded: bool = False
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something worth doing next; `ask` is what one would type for it, or empty."""

    text: str
    ask: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Something Escher needs is away; the message is kept and answered later."""

    reason: str
    retry_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookView:
    """One version of a playbook as it stands. All of its text may be somebody else's.

    Attributes:
        playbook: The whole.
        state: Where it is in its life.
        source: `own` of this runner, `tenant` what colleagues published, `library` what Escher comes with.
        strategy: Where it lives.
        author: Principal id of who wrote it; empty when this runner does not know.
        note: What was said with the last change.
        reason, confidence: Why and how well it fits, when it was looked for.
        warning: What its state warns of.
        executions, successes: How often it was run, as far as is known.
        hindrances: What keeps Escher from running it; empty too where only a listing is here.
        may: What the asker may do with it now: `run`, `upload`, `trust`, `review`.
        listed_only: Whether only what a listing says is here, without steps and scripts.
    """

    playbook: Playbook
    state: PlaybookStatus
    source: Literal["own", "tenant", "library"]
    strategy: StorageStrategy
    author: str = ""
    note: str = ""
    reason: str = ""
    confidence: float | None = None
    warning: str = ""
    executions: int = 0
    successes: int = 0
    hindrances: tuple[Hindrance, ...] = ()
    may: frozenset[str] = frozenset()
    listed_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbooks:
    """Playbooks that were asked for, best or newest first.

    Attributes:
        views: In order.
        asked: What they are, for the headline: `fit “stop idle instances”`, `kept here`.
        notes: What was not looked at.
        library: How many more the library has, where all were asked for.
    """

    views: tuple[PlaybookView, ...]
    asked: str
    notes: tuple[str, ...] = ()
    library: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookText:
    """The script of a playbook, to be read and copied; Escher does not run it."""

    playbook: str
    version: str
    language: str
    text: str


PlaybookReply = PlaybookView | Playbooks | PlaybookText
CardReply = Said | Listed | Described | Question | PlanView | Changed | Answered | PlaybookReply | Refusal | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsAsked:
    """Something about the settings was asked for; they are the runner's own, which answers alone."""

    intent: Intent
    text: str


Reply = CardReply | SettingsAsked
