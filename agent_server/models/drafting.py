"""How Claude is asked to word a drafted playbook, and what of its answer is taken: name, summary and sentences, never steps or figures."""

import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from agent_server.contract.playbook import DraftReply, DraftRequest
from agent_server.models.prompts import DATA, stripped

_MARKUP = re.compile(r"[<>`*_\[\]{}|\\#@]|://|www\.", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


class Wording(BaseModel):
    """A playbook's texts as a model words them."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=3, max_length=120)]
    summary: Annotated[str, Field(min_length=3, max_length=500)]
    explain: Annotated[list[Annotated[str, Field(min_length=3, max_length=400)]], Field(min_length=1, max_length=40)]


KNOWLEDGE = f"""You word playbooks for operators of AWS, Azure and Google Cloud. Call the tool `wording` exactly once. {DATA}

`draft` was made by rules from steps that were executed. Say the same better: `name` as an operator would look for it, `summary` in one or two
sentences, `explain` with exactly one sentence for each sentence of the draft, in the same order, saying what the step does and what it means
for whoever depends on it. Plain words, no markup, no links, no names of people. Do not add or leave out steps, promise nothing the draft does not
say, and use no number that is not in the draft.
"""


def message(request: DraftRequest, made: DraftReply) -> str:
    """Return the user message."""
    playbook = made.playbook
    shown: dict[str, Any] = {
        "message": stripped(request.text, most=2000),
        "draft": {"name": stripped(playbook.name, most=120), "summary": playbook.summary, "explain": playbook.explain},
        "steps": [
            {"operation": step.operation, "description": stripped(step.description, most=300), "effect": step.effect}
            for step in playbook.steps
        ],
        "risk": playbook.risk,
        "rollback": playbook.rollback,
    }
    return json.dumps(shown, ensure_ascii=True)


def believed(said: Wording, request: DraftRequest, made: DraftReply, model: str) -> DraftReply | None:
    """Return the draft in a model's words, or None when they are not the draft's.

    A name that the person gave stays.
    """
    playbook = made.playbook
    texts = (said.name, said.summary, *said.explain)
    if len(said.explain) != len(playbook.explain) or any(_MARKUP.search(text) for text in texts):
        return None
    known = set(_NUMBER.findall(" ".join((playbook.name, playbook.summary, *playbook.explain))))
    if any(number not in known for text in texts for number in _NUMBER.findall(text)):
        return None
    change = {
        "name": playbook.name if request.name else stripped(said.name, most=120),
        "summary": stripped(said.summary, most=500),
        "explain": [stripped(text, most=400) for text in said.explain],
    }
    return made.model_copy(update={"playbook": playbook.model_copy(update=change), "model": model})
