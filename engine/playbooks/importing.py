"""A playbook from a TOML file, in the form of the library's files; what is wrong is named by its field. Pure."""

import tomllib

from pydantic import ValidationError

from agent_server.contract.playbook import Playbook
from agent_server.contract.soundness import faults
from engine.refusal import Refusal

MOST_FILE = 400_000


def read(text: str, *, source: str = "the file") -> Playbook | Refusal:
    """Return the playbook of a file, or the first thing that is wrong with it.

    Args:
        text: The file's text.
        source: What to call it.
    """
    if len(text) > MOST_FILE:
        return _no(f"{source} is longer than {MOST_FILE:,} characters")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _no(f"{source} is not TOML: {error}")
    try:
        playbook = Playbook.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        unknown = first["type"] == "extra_forbidden"
        said = (
            "there is no such field; remove it or mend its name"
            if unknown
            else first["msg"].removeprefix("Value error, ")
        )
        return _no(f"{source}: {place}: {said}")
    wrong = next((f"{place}: {why}" for place, why in faults(playbook)), "")
    return _no(f"{source}: {wrong}") if wrong else playbook


def _no(why: str) -> Refusal:
    return Refusal(code="playbook.file", message=f"That is not a playbook I can keep: {why}.")
