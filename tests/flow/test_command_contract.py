"""The commands that scripts lean on, typed beside a running runner and without one: objects, exit codes, sentences."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from bot import people
from bot.terminal.listener import TerminalListener
from tests.fakes.house import opened

pytestmark = [pytest.mark.xdist_group("command_contract"), pytest.mark.filterwarnings("default")]


@pytest.fixture
def type_(home, tmp_path):
    """Type a command; returns its exit code, what it printed, and what it said on standard error."""
    config = home.settings(tmp_path)

    async def typed(*words):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "bot.cli", *words, "--config", str(config)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout, done.stderr

    return typed


@asynccontextmanager
async def running(home, tmp_path):
    """A runner that has read its clouds, with its socket named in the data directory."""
    async with opened(home.settings(tmp_path)) as play:
        await play.runner.sync()
        personas = [people.persona(one) for one in play.loaded.settings.local.personas]
        terminal = TerminalListener(play.methods, data_dir=tmp_path / "data", personas=personas)
        await terminal.start()
        try:
            yield play
        finally:
            await terminal.stop()


async def test_a_plan_is_approved_and_its_objects_are_those_of_the_contract(home, tmp_path, type_):
    """Each key stands where scripts look for it, and the place in the record is told from approval and status alike."""
    async with running(home, tmp_path):
        code, out, _ = await type_("ask", "stop spike-dev", "--json", "--thread", "t")
        plan = json.loads(out)
        assert (code, plan["schema"], plan["kind"], plan["thread"]) == (0, 1, "plan", "t")
        assert plan["steps"][0].keys() == {"id", "operation", "targets", "params", "depends_on"}
        assert plan["risk"].keys() == {"level", "score", "reasons"}
        assert plan["requirement"].keys() == {"roles", "quorum", "self_allowed", "confirm", "expires_at"}
        code, out, _ = await type_("approve", plan["plan_id"], "--digest", plan["digest"], "--json")
        done = json.loads(out)
        assert (code, done["decision"], done["missing"], done["digest"]) == (0, "approved", [], plan["digest"])
        assert done["execution"].keys() == {"id", "state", "steps", "audit_seq"}
        assert done["execution"]["steps"][0].keys() == {"id", "operation", "target", "state", "error", "attempts"}
        code, out, _ = await type_("status", plan["plan_id"], "--json")
        assert (code, json.loads(out)["kind"]) == (0, "execution")
        assert json.loads(out)["execution"]["audit_seq"] == done["execution"]["audit_seq"] > 0
        code, out, error = await type_("approve", plan["plan_id"], "--json")
        assert (code, json.loads(out)["decision"]) == (1, "refused")
        assert "already approved" in error


async def test_what_was_deleted_stays_deleted_and_undo_says_why(home, tmp_path, type_):
    """Two approvals, the number typed; nothing claims afterwards that nothing had happened."""
    async with running(home, tmp_path):
        _, out, _ = await type_("ask", "delete volume jenkins-data-old", "--json")
        plan = json.loads(out)["plan_id"]
        code, out, _ = await type_("approve", plan, "--confirm", "1", "--json")
        assert (code, json.loads(out)["decision"], json.loads(out)["missing"][0]["approvals"]) == (0, "waiting", 1)
        code, out, _ = await type_("approve", plan, "--confirm", "1", "--as", "local:reviewer", "--json")
        assert (code, json.loads(out)["execution"]["state"]) == (0, "succeeded")
        code, out, error = await type_("undo", plan, "--json")
        assert (code, json.loads(out)["code"]) == (1, "undo.impossible")
        assert "nothing of it succeeded" not in error


@pytest.mark.parametrize("beside", [True, False], ids=["beside a runner", "alone"])
async def test_what_cannot_be_meant_is_a_mistake_in_the_command(home, tmp_path, type_, beside):
    """A part that no account has, a person that is none, a file that is no anchor: code 2 and what to write."""
    wrong = {
        "name a part such as aws/dev/us-east-1/ec2": ("sync", "--only", "aws/nowhere"),
        "write slack:TEAM:USER": ("policy", "test", "stop jenkins-dev", "--as", "somebody"),
        "leave --as out": ("ask", "help", "--as", "local:nobody"),
        "name a file that `escher audit export` wrote": ("audit", "verify", "--anchor", str(tmp_path / "none")),
    }

    async def all_told():
        for advice, words in wrong.items():
            code, out, error = await type_(*words)
            assert (code, out, error.count("\n")) == (2, "", 1), error
            assert advice in error

    if not beside:
        home.settings(tmp_path)
        await all_told()
        return
    async with running(home, tmp_path):
        await all_told()


async def test_who_could_decide_are_those_who_may(home, tmp_path, type_):
    """Where somebody else must approve, the one who asks is not among them; an export is an anchor for what follows."""
    async with running(home, tmp_path):
        code, out, _ = await type_("policy", "test", "stop web-prod-1", "--as", "local:reviewer", "--json")
        found = json.loads(out)
        assert (code, found["self_allowed"]) == (0, False)
        assert "local:reviewer" not in found["who"]
        _, exported, _ = await type_("audit", "export")
        (tmp_path / "export.jsonl").write_text(exported, encoding="utf-8")
        code, out, _ = await type_("audit", "verify", "--anchor", str(tmp_path / "export.jsonl"))
        assert code == 0
        assert "the anchor agrees" in out
