"""`escher playbook …` as a person types it: beside a running runner through its socket, and alone."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.terminal.listener import TerminalListener
from tests.fakes.house import House, house, opened
from tests.fakes.playbook_orders import OWN
from tests.fakes.published import storage

pytestmark = [pytest.mark.xdist_group("playbook_commands"), pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def home() -> Iterator[House]:
    """The clouds, and an agent server with a registry."""
    with storage() as s3, house(registry=s3) as running:
        yield running


async def escher(config: Path, *words: str) -> tuple[int, str, str]:
    """Type a command; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli",
        "playbook",
        *words,
        "--config",
        str(config),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    return process.returncode or 0, out.decode(), error.decode()


async def test_the_family_beside_a_runner_and_alone(home, tmp_path):
    """New, show, export, edit, upload, review, state, find, run, list: each answers, refuses and ends as it should."""
    config = home.settings(tmp_path)
    file = tmp_path / "night.toml"
    file.write_text(OWN.format(id="night-duty", name="Night duty"), encoding="utf-8")
    async with opened(config) as runner:
        listener = TerminalListener(
            runner.methods, data_dir=runner.loaded.settings.data.path, personas=_personas(runner.loaded)
        )
        await listener.start()
        try:
            await _everything(config, file)
        finally:
            await listener.stop()
    code, listed, _ = await escher(config, "list", "--json")
    found = {(one["id"], one["version"]): one["state"] for one in json.loads(listed)["playbooks"]}
    assert code == 0
    assert found["night-duty", "1.0.1"] == "deprecated"
    assert found["night-duty", "1.0.0"] == "draft"


async def _everything(config, file):
    code, made, _ = await escher(config, "new", str(file), "--json")
    assert (code, json.loads(made)["playbook"]["state"]) == (0, "draft")
    code, _, error = await escher(config, "new", str(file), "--json")
    assert code == 1
    assert "already" in error
    code, shown, _ = await escher(config, "show", "night-duty")
    assert code == 0
    assert "Night duty: 1 step" in shown
    code, text, _ = await escher(config, "export", "night-duty")
    assert code == 0
    file.write_text(text.replace("nobody needs", "hardly anybody needs"), encoding="utf-8")
    code, edited, _ = await escher(config, "edit", str(file), "--json")
    assert (code, json.loads(edited)["playbook"]["version"]) == (0, "1.0.1")
    assert (await escher(config, "upload", "night-duty", "--version", "1.0.1"))[0] == 0
    assert (await escher(config, "review", "night-duty", "approve"))[0] == 1
    code, approved, _ = await escher(config, "review", "night-duty", "approve", "--as", "local:reviewer", "--json")
    assert (code, json.loads(approved)["playbook"]["state"]) == (0, "active")
    code, found, _ = await escher(config, "find", "stopping machines that hardly anybody needs at night", "--json")
    assert code == 0
    assert "night-duty" in [one["id"] for one in json.loads(found)["playbooks"]]
    code, planned, _ = await escher(config, "run", "night-duty", "web-staging-1", "--json")
    assert (code, json.loads(planned)["kind"]) == (0, "plan")
    code, asked, _ = await escher(
        config, "run", "aws-ec2-resize", "web-staging-1", "--set", "instance_type=huge", "--json"
    )
    assert (code, json.loads(asked)["kind"]) == (1, "clarify")
    assert (await escher(config, "show", "nothing-like-it"))[0] == 1
    assert (await escher(config, "script", "night-duty"))[0] == 1
    assert (await escher(config, "new", "no-such-file.toml"))[0] == 2
    assert (await escher(config, "run", "night-duty", "--set", "nonsense"))[0] == 2
    assert (await escher(config, "state", "night-duty", "asleep"))[0] == 1
    assert (await escher(config, "state", "night-duty", "deprecated", "--reason", "a newer one"))[0] == 0


def _personas(loaded):
    from bot.app import known_people  # noqa: PLC0415 - the whole runner

    return known_people(loaded)[1:]
