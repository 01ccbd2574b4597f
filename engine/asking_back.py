"""One precise question, with what each answer would add to the request; and the "no" to a name that nothing has. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.clouds.ports import CloudAccount
from engine.estate.resource import Json, Resource
from engine.memory import new_question_id
from engine.refusal import Refusal
from engine.replies import Choice, Question

MOST_CHOICES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBack:
    """A question and, by the id of each choice, the filters it adds."""

    question: Question
    choices: Mapping[str, Mapping[str, Json]]


def which_of(
    names: Sequence[str], resources: Sequence[Resource], accounts: Mapping[str, CloudAccount]
) -> AskedBack | None:
    """Ask which one is meant when a name, said once, is the name of several things; None when none is."""
    for name in names:
        same = [one for one in resources if name.lower() in {one.name.lower(), one.short_id.lower()}]
        if len(same) > 1 and "*" not in name:
            return _which_of(name, same, accounts)
    return None


def _which_of(name: str, same: Sequence[Resource], accounts: Mapping[str, CloudAccount]) -> AskedBack:
    choices: dict[str, Mapping[str, Json]] = {}
    shown: list[Choice] = []
    for index, one in enumerate(same[:MOST_CHOICES], 1):
        account = accounts.get(one.account)
        where = f"{account.name if account else one.account} · {one.place}"
        choices[str(index)] = {"id": one.id}
        shown.append(Choice(id=str(index), label=where, detail=f"{one.short_id} {one.state}".strip()))
    question = Question(
        id=new_question_id(),
        text=f"There are {len(same)} called {name}. Which one?",
        choices=(*shown, Choice(id="all", label=f"all {len(same)}")),
    )
    return AskedBack(question=question, choices={**choices, "all": {"id": [one.id for one in same]}})


def nothing_called(name: str, near: Sequence[str], *, doing: str = "") -> Refusal:
    """Refuse a name that nothing fitting has, with the names that are spelled much like it.

    Args:
        name: As it was said.
        near: Names of the estate; the very name among them means that something has it, and does not fit the rest that was asked.
        doing: The verb that was asked for; a look when empty.
    """
    could = f" that I could {doing}" if doing else ""
    if any(name.casefold() == one.casefold() for one in near):
        rest = could or " that fits all you asked"
        return Refusal(
            code="estate.not_found",
            message=f"There is {name}, but nothing of that name{rest}.",
            doors=(f"show {name}", "sync"),
        )
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    others = near[:1] if doing else near
    return Refusal(
        code="estate.not_found",
        message=f"I see nothing called {name}{could}.{hint}",
        doors=(*(f"{doing or 'show'} {other}" for other in others), "sync"),
    )
