"""The curated playbooks: every file can be read, and says nothing that the clouds' own SDKs contradict."""

from pathlib import Path

import pytest

from agent_server.contract.playbook import Playbook
from agent_server.knowledge import library

MINIMAL = """
id = "aws-try"
version = "1.0.0"
name = "Try it"
clouds = ["aws"]
category = "operations"
action = "stop"
resource_types = ["ec2::instance"]
summary = "Stops a machine."
explain = ["Stop it."]
risk = "low"
rollback = "Start it again."
"""


def written(folder: Path, name: str, text: str) -> Path:
    """Return a file of the library that holds `text`."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_with_its_scripts(tmp_path: Path) -> None:
    """The keys of the file are the fields of the model; scripts are a table by language."""
    text = MINIMAL + '\n[scripts]\nbash = "aws ec2 stop-instances"\n'
    found = library.read(written(tmp_path, "aws-try.toml", text))
    assert isinstance(found, Playbook)
    assert found.scripts == {"bash": "aws ec2 stop-instances"}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("aws-try.toml", "id = ", "is not TOML"),
        ("aws-try.toml", MINIMAL.replace('risk = "low"', 'risk = "none"'), "is not a playbook"),
        ("aws-try.toml", MINIMAL + "owner = 'me'\n", "is not a playbook"),
        ("aws-other.toml", MINIMAL, "named by the id"),
    ],
)
def test_a_file_that_is_no_playbook_is_named(tmp_path: Path, name: str, text: str, why: str) -> None:
    """The library is refused as a whole, with the file's name and the reason."""
    with pytest.raises(library.UnreadablePlaybook, match=f"{name} .*{why}"):
        library.read(written(tmp_path, name, text))
