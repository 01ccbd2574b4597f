"""What a person reads who types a command wrongly, or types one that cannot work: one sentence, what to do, and a code."""

import json
import os
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from blocks import text
from bot.cli import run
from bot.commands.mishap import sentence
from bot.doctor import examine
from bot.views.replies import unwritable_card
from engine.storage.database import StorageUnavailable
from engine.storage.directory import TO_OPEN, prepare, room
from tests import docs_are_current

WRONG = [
    (["why"], "missing argument 'PLAN'; `escher why --help`"),
    (["why", "p-1", "p-2"], "got unexpected extra argument(s) (p-2); `escher why --help`"),
    (["asq", "hello"], "no such command 'asq', did you mean 'ask'; `escher --help`"),
    (["--version"], "no such option: --version; `escher --help`"),
    (["demo", "--port", "abc"], "invalid value for '--port': write a whole number; `escher demo --help`"),
    (["reject", "p-1"], "missing option '--reason'; `escher reject --help`"),
    (["playbook", "review", "x", "maybe"], "is not one of 'approve', 'reject'; `escher playbook review --help`"),
]


@pytest.mark.parametrize(("words", "told"), WRONG)
def test_a_command_typed_wrongly_is_answered_in_one_sentence(capsys, words, told):
    """Standard error has one line that says what is wrong and what to do; nothing is on standard output; the code is 2."""
    code = run(words)
    out, error = capsys.readouterr()
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert error.startswith("escher: ")
    assert told in error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["playbook", "list", "--state", "nope"], "there is no state nope; write one of "),
        (
            ["playbook", "new", "/nowhere/x.toml"],
            "/nowhere/x.toml cannot be read: no such file or directory; name a TOML file",
        ),
        (["ask", "help", "--config", "/nowhere/x.toml"], "there is no settings file /nowhere/x.toml; mend --config"),
        (["schema", "nope"], "there is no schema nope; choose one of settings, policy"),
    ],
)
def test_what_is_named_and_is_not_there_is_a_mistake_in_the_command(capsys, words, told):
    """The sentence says what is not there and what to write; code 2."""
    assert run(words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["settings"], ["playbook"], ["audit"], ["creds"]])
def test_a_family_without_a_command_is_explained(capsys, words):
    """Its commands are listed, and the sentence says that one of them is wanted."""
    code = run(words)
    out, error = capsys.readouterr()
    assert code == 2
    assert "Usage: escher" in out
    assert "the lines above list it" in error


@pytest.mark.parametrize("name", ["schedule", "alert", "extend"])
@pytest.mark.parametrize("more", [[], ["list"], ["aws", "plan", "--region", "x"], ["--config", "nowhere.toml"]])
def test_what_is_not_in_this_version_says_so(capsys, name, more):
    """Whatever is said to it: a clear no, code 1, and what there is instead."""
    code = run([name, *more])
    out, error = capsys.readouterr()
    assert (code, out) == (1, "")
    assert "not in this version" in error
    assert ";" in error


def test_a_script_reads_the_same_no_as_json(capsys):
    """`--json` prints one object with the sentence in it."""
    assert run(["alert", "list", "--json"]) == 1
    out, error = capsys.readouterr()
    told = json.loads(out)
    assert (told["schema"], told["kind"]) == (1, "refuse")
    assert told["message"] in error


def test_every_command_takes_a_settings_file():
    """`--config DIR/escher.toml` works with each, as the try-out promises; those not in this version take any word."""
    without = [
        path
        for path, command in docs_are_current.commands()
        if not any("--config" in one.opts for one in command.params)
    ]
    assert sorted(without) == ["escher alert", "escher extend", "escher schedule"]


def test_what_broke_unexpectedly_is_told_without_its_text():
    """The text of an error may quote a message or a secret: kind and place are told, and who looks for more."""
    try:
        prepare(Path("/dev/null/data"))
    except StorageUnavailable as error:
        told, code = sentence(ValueError("xoxb-secret").with_traceback(error.__traceback__))
    assert code == 3
    assert "xoxb" not in told
    assert "ValueError at engine/storage/directory.py:" in told
    assert "`escher doctor`" in told


@pytest.mark.parametrize(
    "command", [["init", "policy"], ["init", "teams", "--app-id", "0" * 8 + "-0000-4000-8000-" + "0" * 12]]
)
def test_a_file_that_cannot_be_written_is_named(capsys, tmp_path, command):
    """Path, reason and what to do; code 3."""
    place = tmp_path / "missing" / "file"
    assert run([*command, "--out", str(place)]) == 3
    assert f"{place} cannot be written: no such file or directory; say another place" in capsys.readouterr().err


def test_an_app_id_that_is_none_is_a_mistake_in_the_command(capsys, tmp_path):
    """The sentence says what an app id looks like; nothing is written; code 2."""
    assert run(["init", "teams", "--app-id", "x", "--out", str(tmp_path / "t.zip")]) == 2
    assert capsys.readouterr().err.startswith("escher: ")
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_takes_nothing_is_told_as_that():
    """Neither a broken something nor a message that was kept: what is not kept is not done."""
    told = text.render(unwritable_card())
    assert told.startswith("I cannot write to my record, so I did nothing.")
    assert "disk may be full" in told
    assert "kept" not in told


class TestDataDirectory:
    """A data directory that cannot be used is said before anything is begun."""

    def test_one_below_a_file_is_refused(self, tmp_path):
        """What stands in the way is told, and which setting names another place."""
        (tmp_path / "file").touch()
        with pytest.raises(StorageUnavailable, match=r"a file stands there; .*\[data\] dir"):
            prepare(tmp_path / "file")

    def test_one_on_a_full_disk_is_refused(self, tmp_path):
        """The index would be ended by the kernel without a word; the free and the wanted room are told instead."""
        with pytest.raises(StorageUnavailable, match=r"full: .* MB free, .* MB wanted; make room"):
            room(tmp_path, 1 << 60)
        room(tmp_path, 1)

    def test_a_new_one_is_made_for_its_user_alone(self, tmp_path):
        """Others may not look into it."""
        prepare(tmp_path / "a" / "b")
        assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
        assert list((tmp_path / "a" / "b").iterdir()) == []
        assert TO_OPEN < 1 << 30


SETTINGS = """
[data]
dir = "{home}/data"
[keys]
master = "env:TEST_MASTER"
[web]
enabled = true
port = {port}
"""


def escher(home: Path, *words: str, port: int = 0, tables: str = "") -> subprocess.CompletedProcess[str]:
    """Type a command with a settings file of its own."""
    (home / "policy.toml").write_text('version = 1\n[roles.ops]\nmembers = ["local:*"]\n', encoding="utf-8")
    (home / "escher.toml").write_text(SETTINGS.format(home=home, port=port) + tables, encoding="utf-8")
    given = {**os.environ, "TEST_MASTER": "A" * 43 + "="}  # noqa: TID251 - a child's environment
    command = [sys.executable, "-m", "bot.cli", *words, "--config", str(home / "escher.toml")]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=given, timeout=120)


def test_a_port_in_use_is_named_with_its_setting(tmp_path):
    """A runner whose console cannot listen does not say `ready`: it ends with code 2 and the sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = escher(tmp_path, "run", port=port)
    assert (done.returncode, done.stdout) == (2, "")
    told = done.stderr.splitlines()[-1]
    assert told.startswith(f"escher: web.port: cannot listen on 127.0.0.1 port {port}: address already in use; ")
    assert "Traceback" not in done.stderr


def test_a_data_directory_that_is_a_file_ends_a_runner_with_a_sentence(tmp_path):
    """Both a runner and a command without one say it; code 3."""
    (tmp_path / "data").touch()
    for words in (["run"], ["pending"]):
        done = escher(tmp_path, *words)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith("escher: the data directory ")
        assert done.stderr.count("\n") == 1


def test_a_report_to_a_surface_that_is_not_there_is_found_by_doctor(tmp_path):
    """It would never arrive; the key and the way out are told."""
    (tmp_path / "escher.toml").write_text(
        SETTINGS.format(home=tmp_path, port=0) + '[[report]]\nchannel = "slack:C0123"\n', encoding="utf-8"
    )
    (tmp_path / "policy.toml").write_text("version = 1\n", encoding="utf-8")
    found = {check.name: check for check in examine(tmp_path / "escher.toml")}
    assert not found["surfaces"].ok
    assert found["surfaces"].found == "report.0 goes to slack:C0123, and Slack is not configured"


class _Busy(BaseHTTPRequestHandler):
    """An agent server whose model is not available."""

    def do_POST(self) -> None:
        """Say so."""
        self.send_error(503)

    def log_message(self, *_words: object) -> None:
        """Say nothing of it."""


def test_an_agent_server_that_is_away_is_an_error_and_no_answer(tmp_path):
    """Standard output has nothing, or with `--json` one object; the sentence and what to do stand on standard error; code 3."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Busy) as busy:
        Thread(target=busy.serve_forever, daemon=True).start()
        url = f'[agent]\nurl = "http://127.0.0.1:{busy.server_port}"\n'
        answers = [escher(tmp_path, "ask", "stop web-1", *more, tables=url) for more in ([], ["--json"])]
        busy.shutdown()
    for done in answers:
        assert done.returncode == 3, done.stderr
        assert "`escher doctor` says what is missing" in done.stderr.splitlines()[-1]
    assert answers[0].stdout == ""
    assert json.loads(answers[1].stdout)["kind"] == "error"


class TestTryOut:
    """A try-out that cannot begin says so before its clouds are started, and leaves what is there alone."""

    def test_a_port_in_use_is_told_with_its_option(self, capsys, tmp_path):
        """The console's and the Teams endpoint's, each with the option that names another."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            home = ["--data-dir", str(tmp_path / "home"), "--no-browser"]
            assert run(["demo", "--port", port, *home]) == 2
            assert f"port {port} is taken; choose another with --port" in capsys.readouterr().err
            assert run(["demo", "--port", "0", "--teams", "--teams-port", port, *home]) == 2
            assert f"port {port} is taken; choose another with --teams-port" in capsys.readouterr().err

    def test_settings_that_cannot_be_read_are_named(self, capsys, tmp_path):
        """Missing, or no TOML."""
        (tmp_path / "bad.toml").write_text("x = [", encoding="utf-8")
        for name in ("missing.toml", "bad.toml"):
            assert run(["demo", "--no-browser", "--config", str(tmp_path / name)]) == 2
            assert f"{tmp_path / name} cannot be read: " in capsys.readouterr().err

    def test_a_file_is_no_folder(self, capsys, tmp_path):
        """What stands in the way is told."""
        (tmp_path / "file").touch()
        assert run(["demo", "--no-browser", "--data-dir", str(tmp_path / "file")]) == 2
        assert "a file stands there; say another --data-dir" in capsys.readouterr().err

    def test_a_folder_that_a_running_one_has_is_left_alone(self, capsys, tmp_path):
        """Its settings are not written over: they name clouds that are there."""
        (tmp_path / "data").mkdir()
        (tmp_path / "escher.toml").write_text("# as it was\n", encoding="utf-8")
        with TemporaryDirectory(prefix="e-") as short, socket.socket(socket.AF_UNIX) as runner:
            runner.bind(f"{short}/s")
            runner.listen()
            (tmp_path / "data" / "socket-path").write_text(f"{short}/s", encoding="utf-8")
            assert run(["demo", "--port", "0", "--no-browser", "--data-dir", str(tmp_path)]) == 1
        assert f"a try-out runs in {tmp_path}; `escher console" in capsys.readouterr().err
        assert (tmp_path / "escher.toml").read_text(encoding="utf-8") == "# as it was\n"
