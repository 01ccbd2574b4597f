"""The health check: whoever answers is alive, whoever only has the port or the socket open is not."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot import health
from bot.terminal.listener import TerminalListener
from bot.terminal.methods import Methods


class Ready(BaseHTTPRequestHandler):
    """Answers `/ready` as the agent server does, and nothing else."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def server() -> Iterator[int]:
    """A server on a free port of loopback."""
    with HTTPServer(("127.0.0.1", 0), Ready) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield http.server_port
        http.shutdown()
        thread.join()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_runner_that_answers_on_its_socket_is_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's own listener answers the check, before and not after its stop."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    methods: Any = Methods.__new__(Methods)
    methods._methods = {}
    listener = TerminalListener(methods, data_dir=tmp_path)
    await listener.start()
    path = Path((tmp_path / "socket-path").read_text(encoding="utf-8"))
    assert await asyncio.to_thread(health.runner_answers, path)
    await listener.stop()
    assert not await asyncio.to_thread(health.runner_answers, path)


def test_a_runner_that_listens_but_does_not_answer_is_not_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket that takes a connection and says nothing, as with an event loop that hangs, is not health."""
    monkeypatch.setattr(health, "_SECONDS", 0.2)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        assert not health.runner_answers(tmp_path / "s")


def test_an_agent_server_that_is_ready_is_alive_and_a_closed_port_is_not() -> None:
    """The check asks `/ready` on loopback."""
    with server() as port:
        assert health.server_answers(port)
    assert not health.server_answers(free_port())


def test_a_machine_without_a_runner_is_judged_by_its_agent_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no runner named a socket, the agent server's port decides the exit code."""
    monkeypatch.setenv("ESCHER_DATA__DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with server() as port:
        monkeypatch.setattr(sys, "argv", ["health", "--port", str(port)])
        assert health.main() == 0
    monkeypatch.setattr(sys, "argv", ["health", "--port", str(free_port())])
    assert health.main() == 1


def test_the_check_loads_little() -> None:
    """It is asked every half minute, beside what it asks: it reads where the data is, and checks no other setting."""
    program = "import sys, bot.health; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(told.stdout.split())
    assert "bot" in loaded
    assert loaded.isdisjoint({"pydantic", "pydantic_settings", "agent_server", "engine", "typer"})
