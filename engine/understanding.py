"""What a message means, without its identities leaving the runner."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from agent_server.contract.intent import Action, HistoryTurn, Intent, IntentRequest, ResultRef
from agent_server.contract.plan import ProposedPlan
from agent_server.contract.types import resource_types
from engine.memory import Memory, ShownSet, Turn
from engine.planning.planner import Planner
from engine.planning.redaction import Redactor

MOST_TEXT = 4000
_WORD = re.compile(r"\w(?:[\w.-]*\w)?")
_ORDINARY = (
    "all any every the a an in on of to for and or but not with without except only me my our us it its this that those these "
    "show list find stop start restart delete make put set get give take what which who why how many much when where is are was "
    "dev development staging stage prod production qa uat test sandbox public private idle running stopped team tier env "
    "aws azure gcp amazon google microsoft cloud us eu ap east west north south central yes no ok please now today yesterday week month"
)


class Names(Protocol):
    """The names of the estate."""

    def names(self) -> frozenset[str]:
        """Return every name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A message and what was understood of it.

    Attributes:
        text: The words as typed.
        redacted: The words as they were sent.
        intent: In real names; for the runner.
        sent: In pseudonyms; for the next request to the agent server.
        redactor: The pseudonyms of this request.
        history: The thread before it, as it was sent.
        shown: The set that "those" means, as full ids, or None.
    """

    text: str
    redacted: str
    intent: Intent
    sent: Intent
    redactor: Redactor
    history: tuple[HistoryTurn, ...] = ()
    shown: tuple[str, ...] | None = None

    def without_names(self) -> Intent:
        """Return the intent with what people typed in pseudonyms; it may have been completed by a choice since it came."""
        redact = self.redactor.redact_all
        plain = self.intent.model_dump(mode="json")
        plain |= {"question": "", "answer": "", "filters": redact(plain["filters"])}
        plain["parts"] = [{**part, "filters": redact(part["filters"])} for part in plain["parts"]]
        return Intent.model_validate(plain)

    def in_real_words(self, proposal: ProposedPlan) -> ProposedPlan:
        """Return a proposal with pseudonyms in its parameters turned back: a tag's value may be somebody's name."""
        restore = self.redactor.restore_all
        steps = [step.model_copy(update={"params": restore(step.params)}) for step in proposal.steps]
        return proposal.model_copy(update={"steps": steps})


class Understanding:
    """Asks the agent server what a message means.

    Args:
        planner: The port to the agent server.
        memory: What the thread remembers.
        names: The estate's names.
        accounts: Ids and names of the connected accounts, subscriptions and projects. One whose name is a plain word (`main`) is not
            told from that word, which stays.
    """

    def __init__(
        self, *, planner: Planner, memory: Memory, names: Names, accounts: frozenset[str] = frozenset()
    ) -> None:
        self._planner = planner
        self._memory = memory
        self._names = names
        self._accounts = frozenset(one for one in accounts if not one.isalpha())

    async def understand(self, thread: str, text: str, *, request_id: str) -> Understood:
        """Return what `text`, said in `thread`, means.

        Raises:
            PlannerUnavailable: When the agent server gave no usable answer.
        """
        redactor = self.redactor()
        redacted = redactor.redact(text)[:MOST_TEXT]
        history = [_turn(turn, redactor) for turn in self._memory.turns(thread)]
        request = IntentRequest(request_id=request_id, text=redacted, history=history)
        sent = await self._planner.understand(request)
        intent = Intent.model_validate(redactor.restore_all(sent.model_dump(mode="json")))
        return Understood(
            text=text,
            redacted=redacted,
            intent=intent,
            sent=sent,
            redactor=redactor,
            history=tuple(history),
            shown=self._referred(thread, intent),
        )

    def redactor(self) -> Redactor:
        """Return fresh pseudonyms that know the estate's names as of now."""
        single, long = _split(self._names.names() | self._accounts)
        return Redactor(lambda word: word.casefold() in single, long_names=long, vocabulary=_vocabulary())

    def _referred(self, thread: str, intent: Intent) -> tuple[str, ...] | None:
        if intent.reference is None:
            return None
        shown: ShownSet | None = self._memory.shown(thread, intent.reference.set_id)
        if shown is None:
            return ()
        if intent.reference.items == "all":
            return shown.ids
        return tuple(shown.ids[item - 1] for item in intent.reference.items if item <= len(shown.ids))


def _turn(turn: Turn, redactor: Redactor) -> HistoryTurn:
    result = ResultRef(set_id=turn.set_id, types=list(turn.types), count=turn.count) if turn.set_id else None
    role = "assistant" if turn.role == "assistant" else "user"
    return HistoryTurn(role=role, text=redactor.redact(turn.text)[:MOST_TEXT], result=result)


@lru_cache(maxsize=2)
def _split(names: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the names that are one word, in lower case, and those that are not."""
    single = frozenset(name.casefold() for name in names if _WORD.fullmatch(name))
    return single, tuple(name for name in names if name.casefold() not in single)


@cache
def _vocabulary() -> frozenset[str]:
    """Words that people say about any estate; a machine that is called so is still found by its filters."""
    words = set(_ORDINARY.split())
    for row in resource_types():
        words.update(part for word in row.words for part in word.split())
    for action in Action:
        words.update(action.value.split("_"))
    return frozenset(words)
