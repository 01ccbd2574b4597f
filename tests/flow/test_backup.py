"""Backups of a running runner: on demand, by themselves, and told when they fail."""

import asyncio
import fcntl
import json
import subprocess
import sys
from datetime import timedelta

import pytest

from bot import people
from bot.terminal.asked import Caller
from bot.terminal.listener import TerminalListener
from engine.clock import system_clock
from tests.fakes.house import opened
from tests.fakes.patience import PATIENCE

pytestmark = [pytest.mark.xdist_group("backup"), pytest.mark.filterwarnings("default")]


async def call(play, name, **params):
    """Ask a runner as the local user does through its socket."""

    async def say(_words):
        """Let progress pass."""

    return await play.methods.call(name, params, Caller(principal=people.own(), say=say))


async def escher(config, *arguments):
    """Run a command as a person does, beside whatever runs here."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot.cli", *arguments, "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


async def test_a_backup_beside_a_runner_is_drilled_and_restored_elsewhere(home, tmp_path):
    """The command goes through the socket; a restore into what the runner has is refused."""
    config = home.settings(tmp_path)
    async with opened(config) as play:
        play.runner.engine.record.threads.append("web:console:a", b"remember me")
        terminal = TerminalListener(play.methods, data_dir=tmp_path / "data")
        await terminal.start()
        try:
            done = await escher(config, "backup", "--to", str(tmp_path / "kept"), "--json")
            assert done.returncode == 0, done.stderr
            name = json.loads(done.stdout)["name"]
            refused = await escher(config, "restore", str(tmp_path / "kept"))
            assert refused.returncode == 1
            assert "a runner has" in refused.stderr
        finally:
            await terminal.stop()
    drilled = await escher(config, "restore", str(tmp_path / "kept"), "--drill")
    assert drilled.returncode == 0, drilled.stderr
    assert drilled.stdout.startswith(f"drill: {name} of ")
    assert "audit chain" in drilled.stdout
    full = await escher(config, "restore", str(tmp_path / "kept" / name))
    assert full.returncode == 1
    assert "not empty" in full.stderr
    into = tmp_path / "again"
    restored = await escher(config, "restore", str(tmp_path / "kept" / name), "--into", str(into), "--json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["into"] == str(into)
    config.write_text(config.read_text(encoding="utf-8").replace(str(tmp_path / "data"), str(into)), encoding="utf-8")
    async with opened(config) as play:
        assert play.runner.engine.record.threads.history("web:console:a", 1)[0].body == b"remember me"
        assert (await call(play, "audit_verify"))["shape"]["ok"]
        assert len(play.runner.engine.estate) > 0


async def test_backups_come_by_themselves_and_the_newest_stay(home, tmp_path):
    """One at the start when there is none, the next when its time has come, and not before."""
    table = {"target": "kept", "every": "1h", "keep": 2}
    async with opened(home.settings(tmp_path, backup=table), sync=False) as play:
        backups, kept = play.runner.backups, tmp_path / "kept"
        await backups.check()
        assert len(list(kept.iterdir())) == 1
        await backups.check()
        assert len(list(kept.iterdir())) == 1
        now = system_clock()
        for hours in (1, 2, 3):
            backups._clock = lambda hours=hours: now + timedelta(hours=hours, seconds=5)
            backups._last = now + timedelta(hours=hours - 1)
            await backups.check()
        assert len(list(kept.iterdir())) == 2
        events = [one.event.tag for one in play.runner.engine.audit.events()]
        assert events.count("engine:backup:made") == 4
    async with opened(home.settings(tmp_path, backup=table), sync=False) as play:
        await play.runner.backups.check()
        assert len(list(kept.iterdir())) == 2
        assert [one.event.tag for one in play.runner.engine.audit.events()].count("engine:backup:made") == 4


async def test_a_runner_looks_by_itself_whether_one_is_due(home, tmp_path, monkeypatch):
    """Nobody asks for it."""
    monkeypatch.setattr("bot.backups._TICK_SECONDS", 0.05)
    async with opened(home.settings(tmp_path, backup={"target": "kept"}), sync=False) as play:
        play.runner._begin(play.runner.backups.run(), "backups")
        async with asyncio.timeout(PATIENCE):
            await _there(tmp_path / "kept")


async def _there(folder):
    while True:
        if list(folder.glob("*.backup")):
            return
        await asyncio.sleep(0.05)


async def test_a_backup_that_fails_is_told_in_the_status_and_tried_again(home, tmp_path):
    """With its reason; once it works, the status says when."""
    (tmp_path / "kept").write_text("a file in the way", encoding="utf-8")
    async with opened(home.settings(tmp_path, backup={"target": "kept"}), sync=False) as play:
        await play.runner.backups.check()
        status = await call(play, "command", text="status", thread="main")
        assert "failed: the backup" in status["text"], status["text"]
        (tmp_path / "kept").unlink()
        await play.runner.backups.check()
        assert not (tmp_path / "kept").exists()
        play.runner.backups._not_before = None
        await play.runner.backups.check()
        status = await call(play, "command", text="status", thread="main")
        assert "failed" not in status["text"]
        assert "Backup" in status["text"]


async def test_without_a_target_nothing_is_made_and_the_command_says_what_to_write(home, tmp_path):
    """A place can be named for one backup; it must not be the data directory."""
    config = home.settings(tmp_path)
    async with opened(config, sync=False) as play:
        await play.runner.backups.check()
        assert "set [backup] target" in (await call(play, "command", text="status", thread="main"))["text"]
    told = await escher(config, "backup")
    assert (told.returncode, "--to FOLDER" in told.stderr) == (2, True)
    told = await escher(config, "backup", "--to", str(tmp_path / "data" / "inside"))
    assert (told.returncode, "inside the data directory" in told.stderr) == (2, True)
    for place in ("gs://bucket", "az://container", "s3://"):
        told = await escher(config, "backup", "--to", place)
        assert told.returncode == 2
        assert "write a folder or s3://" in told.stderr or "s3://BUCKET" in told.stderr
    assert (await escher(config, "backup", "--to", str(tmp_path / "kept"))).returncode == 0
    assert len(list((tmp_path / "kept").iterdir())) == 1


async def test_a_record_in_postgresql_is_left_to_its_own_tools(home, tmp_path):
    """A restore that would make a folder nobody reads is refused before anything is looked at."""
    table = {"dir": str(tmp_path / "data"), "database_url": "postgresql+psycopg://escher@127.0.0.1:1/escher"}
    told = await escher(home.settings(tmp_path, data=table), "restore", str(tmp_path / "kept"))
    assert (told.returncode, "your database's own tools" in told.stderr) == (1, True)


async def test_a_second_backup_beside_a_runner_is_told_to_wait(home, tmp_path):
    """A clear no, not a fault."""
    config = home.settings(tmp_path)
    async with opened(config, sync=False) as play:
        with (tmp_path / "data" / "backup.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            answer = await call(play, "backup", to=str(tmp_path / "kept"))
        assert (answer["shape"]["ok"], answer["shape"]["refused"]) == (False, True)
        assert "under way" in answer["text"]


async def test_a_target_of_another_cloud_is_an_error_at_the_start(home, tmp_path):
    """As every other mistake in the settings."""
    config = home.settings(tmp_path, backup={"target": "gs://bucket"})
    told = await escher(config, "settings", "show")
    assert told.returncode == 2
    assert "backup.target: gs:// is not in this version; write a folder or s3://BUCKET/PREFIX" in told.stderr
