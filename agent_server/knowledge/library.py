"""The curated playbooks: one TOML file each in `library/<cloud>/`, named by its id.

The keys of a file are the fields of `contract.playbook.Playbook`, its scripts the table `[scripts]`. A file that cannot be read ends the
start, because a library with holes would answer as if the procedure did not exist.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from pydantic import ValidationError

from agent_server.contract.playbook import CloudName, Playbook

CLOUDS: tuple[CloudName, ...] = ("aws", "azure", "gcp")
_ENDING = ".toml"


class UnreadablePlaybook(Exception):
    """A file of the library is not a playbook; the text says which and why."""


@cache
def playbooks() -> dict[str, Playbook]:
    """Return every curated playbook by its id, cloud by cloud, in order of the ids.

    Raises:
        UnreadablePlaybook: A file is not valid, or two have the same id.
    """
    found: dict[str, Playbook] = {}
    for file in files():
        playbook = read(file)
        if playbook.id in found:
            raise UnreadablePlaybook(f"{playbook.id} is in the library twice")
        found[playbook.id] = playbook
    return found


def files() -> Iterator[Traversable]:
    """Yield the library's files in a fixed order."""
    root = resources.files("agent_server.knowledge").joinpath("library")
    for cloud in CLOUDS:
        folder = root.joinpath(cloud)
        if folder.is_dir():
            yield from sorted((one for one in folder.iterdir() if one.name.endswith(_ENDING)), key=lambda one: one.name)


def read(file: Traversable) -> Playbook:
    """Return the playbook of one file.

    Raises:
        UnreadablePlaybook: It is not TOML, not a playbook, or not named by its id.
    """
    try:
        playbook = Playbook.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadablePlaybook(f"{file.name} is not TOML: {error}") from error
    except ValidationError as error:
        raise UnreadablePlaybook(f"{file.name} is not a playbook: {error}") from error
    if file.name != playbook.id + _ENDING:
        raise UnreadablePlaybook(f"{file.name} holds {playbook.id}; a file is named by the id in it")
    return playbook
