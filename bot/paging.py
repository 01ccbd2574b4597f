"""The next page of a list: by its button, which names the set and the row, or by the word `more`, which means where its thread stands."""

import json
from collections.abc import Sequence

from bot.turn import Shown, Turn, said_no
from bot.views.estate import PAGE, listed_card
from engine.estate.resource import Resource
from engine.memory import Memory
from engine.refusal import Refusal
from engine.replies import Listed
from engine.workflow import Workflow

_SHOWN = "page"


def page(workflow: Workflow, thread: str, set_id: str, first: str) -> Turn:
    """Return the page of a set of the thread that begins with row `first`, and remember that it was shown."""
    known = workflow.memory.shown(thread, set_id)
    if known is None or not first.isdigit() or int(first) < 1:
        return said_no(Refusal(code="more.unknown", message="I no longer know that list.", doors=("ask again",)))
    if int(first) > len(known.ids):
        return said_no(Refusal(code="more.end", message=f"That was all: {len(known.ids)} in this list."))
    estate = workflow.answering.estate
    found: Sequence[Resource] = [one for one in map(estate.get, known.ids) if one is not None]
    listed = Listed(set_id=set_id, resources=tuple(found), asked=())
    card = listed_card(listed, workflow.clock(), first=int(first))
    workflow.memory.keep(thread, _SHOWN, json.dumps({"set_id": set_id, "first": int(first)}).encode())
    return Turn(shown=(Shown(component=card),), reply=listed)


def following(workflow: Workflow, thread: str) -> Turn:
    """Return the page after the one that was last shown of the thread's newest list."""
    newest = workflow.memory.newest_set(thread)
    if newest is None:
        return said_no(
            Refusal(code="more.which", message="I see no list in this thread.", doors=("list everything there is",))
        )
    return page(workflow, thread, newest.set_id, str(_after(workflow.memory, thread, newest.set_id)))


def _after(memory: Memory, thread: str, set_id: str) -> int:
    last = json.loads(memory.newest(thread, _SHOWN) or b"{}")
    begun = int(last["first"]) if last.get("set_id") == set_id else 1
    return begun + PAGE
