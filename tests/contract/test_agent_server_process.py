"""The agent server as a process: how it starts and ends, and that it stores nothing."""

import json
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from agent_server.__main__ import listening_on
from agent_server.door import THINKING
from tests.fakes.agent_server_process import ROOT, Running, agent_server, environment
from tests.fakes.anthropic_api import Answer, FakeAnthropic
from tests.fakes.patience import PATIENCE
from tests.fakes.plan_requests import said
from tests.fakes.thinking_requests import mixed

AUDITED = (str(Path(__file__).parents[1] / "fakes" / "audited_agent_server.py"),)
INTENT = said("stop all dev ec2 instances").model_dump(mode="json")


def refused(*arguments: str, **settings: str) -> str:
    """What the server says when it does not start."""
    ended = subprocess.run(
        [sys.executable, "-m", "agent_server", "--port", "0", *arguments],
        env=environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ended.returncode == 2, ended.stderr
    return ended.stderr


@pytest.fixture
def running() -> Iterator[Running]:
    """A server with the offline planner."""
    with agent_server() as server:
        yield server


class TestStarting:
    def test_it_says_where_it_listens_and_answers(self, running: Running) -> None:
        """The printed address works at once."""
        assert running.url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{running.url}/health", trust_env=False).json() == {"status": "ok", "model": "offline"}
        answer = httpx.post(f"{running.url}/v1/intent", json=INTENT, trust_env=False)
        assert answer.json()["action"] == "stop"

    def test_it_does_not_load_a_vendors_sdk_without_a_key(self) -> None:
        """Half of the start would be spent on it."""
        program = "import sys; import agent_server.__main__ as m; from agent_server.app import create_app; "
        program += "from agent_server.settings import load; create_app(load()); "
        program += "print([name for name in ('anthropic', 'boto3', 'engine', 'bot', 'jwt') if name in sys.modules])"
        ended = subprocess.run(
            [sys.executable, "-c", program], env=environment({}), cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert ended.stdout.strip() == "[]"

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])  # noqa: S104 - refused
    def test_without_authentication_it_listens_on_loopback_only(self, host: str) -> None:
        """The sentence says what to set."""
        said_ = refused("--host", host)
        assert "loopback only" in said_
        assert "ESCHER_AGENT_SERVER__ISSUER" in said_

    @pytest.mark.parametrize(
        ("settings", "key"),
        [
            ({"ESCHER_AGENT_SERVER__MODEL": "gpt"}, "ESCHER_AGENT_SERVER__MODEL: write auto"),
            ({"ESCHER_AGENT__MODEL": "gpt"}, "MODEL: write auto"),
            ({"ESCHER_AGENT_SERVER__MODEL": "claude"}, "needs api_key"),
            ({"ESCHER_AGENT_SERVER__MODLE": "auto"}, "ESCHER_AGENT_SERVER__MODLE is no setting"),
            ({"ESCHER_AGENT_SERVER__ISSUER": "https://issuer.example"}, "issuer and audience belong together"),
            (
                {"ESCHER_AGENT_SERVER__ISSUER": "http://issuer.example"},
                "ESCHER_AGENT_SERVER__ISSUER: write an https://",
            ),
            ({"ESCHER_AGENT_SERVER__BASE_URL": "http://model.example"}, "ESCHER_AGENT_SERVER__BASE_URL"),
            ({"ESCHER_AGENT_SERVER__BURST": "none"}, "ESCHER_AGENT_SERVER__BURST"),
            ({"ESCHER_AGENT_SERVER__API_KEY": "env:NOT_THERE"}, "NOT_THERE is not set"),
            ({"ESCHER_AGENT_SERVER__API_KEY": "keyring:claude"}, "a keychain is the runner's"),
        ],
    )
    def test_settings_that_cannot_work_are_named(self, settings: dict[str, str], key: str) -> None:
        """One sentence with the key and what to write; exit code 2."""
        said_ = refused(**settings)
        assert key in said_
        assert "Traceback" not in said_

    def test_a_port_that_is_taken_is_said_to_be(self, running: Running) -> None:
        """Not a traceback."""
        port = running.url.rsplit(":", 1)[1]
        assert "cannot listen" in refused("--port", port)


class TestSending:
    @pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
    def test_a_connection_sends_at_once(self, host: str) -> None:
        """The body of an answer does not wait until its head was acknowledged."""
        with listening_on(host, 0) as listening, socket.create_connection(listening.getsockname()[:2]):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


class TestEnding:
    def test_it_ends_when_its_parent_is_gone(self, running: Running) -> None:
        """The end of standard input is enough."""
        assert running.process.stdin is not None
        running.process.stdin.close()
        assert running.process.wait(timeout=PATIENCE) == 0

    def test_a_signal_lets_it_finish_and_end_well(self) -> None:
        """SIGTERM while Claude is still thinking: the answer comes, then the process ends with 0."""
        with FakeAnthropic() as api:
            api.script = [Answer(tool_input={"intent": "help", "action": "help", "answer": "hi"}, after=1.5)]
            settings = {"ESCHER_AGENT_SERVER__API_KEY": api.api_key, "ESCHER_AGENT_SERVER__BASE_URL": api.url}
            with agent_server(settings) as server:
                ender = subprocess.Popen(
                    [
                        sys.executable,
                        "-c",
                        f"import os, time; time.sleep(0.7); os.kill({server.process.pid}, {signal.SIGTERM})",
                    ]
                )
                answer = httpx.post(f"{server.url}/v1/intent", json=INTENT, timeout=10, trust_env=False)
                ender.wait(timeout=PATIENCE)
                assert answer.status_code == 200
                assert server.process.wait(timeout=PATIENCE) == 0


class TestStoringNothing:
    def test_a_thousand_requests_write_no_file_and_open_no_socket(
        self, record_property: Callable[[str, object], None]
    ) -> None:
        """P6 without a model, over all thinking pages: under an audit hook the process changes nothing and calls nobody."""
        canary, counted = "zebra-canary-7731", Counter[str]()
        as_fast_as_it_goes = {"ESCHER_AGENT_SERVER__BURST": "1001"}
        with (
            agent_server(as_fast_as_it_goes, program=AUDITED) as server,
            httpx.Client(base_url=server.url, trust_env=False) as http,
        ):
            for path, body in mixed(1000, word=canary):
                assert http.post(path, json=body, timeout=60).status_code == 200, path
                counted[path] += 1
            unread = http.post("/v1/plan", content=canary, headers={"content-type": "application/json"})
            assert unread.status_code == 400
        audit = [line for line in server.log if line.startswith("audit:")]
        for path, count in counted.items():
            record_property(f"requests {path}", count)
        record_property("writes and sockets", len(audit))
        assert audit == []
        assert canary not in "".join(server.log)
        lines = [json.loads(line) for line in server.log]
        assert len(lines) == 1001
        assert {f"m{number}" for number in range(1000)} <= {line["request_id"] for line in lines}
        assert set(counted) == THINKING

    def test_with_a_model_the_only_socket_is_the_models(self) -> None:
        """P6 with Claude: connections go to the Messages API and nowhere else, and still nothing is written."""
        with FakeAnthropic() as api:
            api.script = [Answer(tool_input={"intent": "help", "action": "help", "answer": "hi"}) for _ in range(10)]
            settings = {"ESCHER_AGENT_SERVER__API_KEY": api.api_key, "ESCHER_AGENT_SERVER__BASE_URL": api.url}
            with agent_server(settings, program=AUDITED) as server:
                for _ in range(10):
                    answer = httpx.post(f"{server.url}/v1/intent", json=INTENT, trust_env=False, timeout=20)
                    assert answer.json()["model"].startswith("claude-")
            port = int(api.url.rsplit(":", 1)[1])
        audit = {line.strip() for line in server.log if line.startswith("audit:")}
        assert audit == {f"audit: connect ('127.0.0.1', {port})"}
        figures = [json.loads(line) for line in server.log if line.startswith("{")]
        assert all(line["input_tokens"] > 0 and line["output_tokens"] > 0 for line in figures)

    def test_the_hook_itself_sees_writes_and_connections(self, tmp_path: Path) -> None:
        """A watch that sees nothing would prove nothing."""
        program = f"import runpy, socket; runpy.run_path({AUDITED[0]!r}, run_name='watched'); "
        program += f"open({str(tmp_path / 'x')!r}, 'w').close(); s = socket.socket(); s.connect_ex(('127.0.0.1', 9)); s.close()"
        ended = subprocess.run(
            [sys.executable, "-B", "-c", program],
            env=environment({}),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "audit: write" in ended.stderr
        assert "audit: connect ('127.0.0.1', 9)" in ended.stderr
