"""The try-out: the same runner and agent server as in production, over local clouds seeded with a believable company.

This is the only module that knows it is a try-out. It starts the endpoints, the agent server and the runner as child processes,
writes their settings, and starts the runner again when it dies. Everything else is settings: endpoints on loopback, a policy that
lets this machine's user and one second person decide, a throw-away master key outside the data directory.
"""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import tomllib
import webbrowser
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w
import typer

from bot import people
from bot.commands.link import call
from bot.commands.telling import CommandFailed
from bot.settings import environment, load
from bot.terminal.address import socket_of
from engine.clock import system_clock
from engine.sandbox.aws.credentials import credentials
from engine.sandbox.company import Cloud, Company, build
from engine.sandbox.process import Endpoint, EndpointNotStarted, start
from engine.storage.master import FileKey

_CLOUDS = ("aws", "azure", "gcp")
_SURFACES = ("slack", "teams", "web", "report", "sync", "privacy", "budgets", "backup")
_SECRETS = {"slack": ("bot_token", "app_token", "signing_secret"), "teams": ("app_password",)}
_REVIEWER = "local:reviewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the command line said."""

    port: int
    data_dir: Path | None
    browser: bool
    scale: int
    teams: bool
    teams_port: int
    config: Path | None
    seed: int


def play(choices: Choices) -> int:
    """Run the try-out until it is interrupted; return the exit code."""
    began = system_clock()
    chosen = _read(choices.config) if choices.config is not None else {}
    home = _home(choices)
    web_port = free_port(choices.port)
    if choices.teams:
        free_port(choices.teams_port, option="--teams-port")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as stack:
        typer.echo(f"starting three local clouds with {choices.scale:,} resources", err=True)
        clouds = _clouds(choices, stack)
        planner_port = free_port(0)
        _planner(planner_port, stack)
        config = _settings(home, choices, chosen, clouds, planner_port=planner_port, web_port=web_port)
        keeper = Keeper(config, stop)
        stack.callback(keeper.stop)
        keeper.start()
        _first_sync(config, began)
        link = call(config, "console", {}, progress=_told)["shape"]["url"] if _console_on(config) else ""
        typer.echo(f"console: {link}" if link else "console: off")
        typer.echo(f"settings: {config}", err=True)
        if choices.teams:
            typer.echo(f"teams: http://127.0.0.1:{choices.teams_port}/api/messages", err=True)
        if choices.browser and link:
            with suppress(webbrowser.Error):
                webbrowser.open(link)
        return keeper.watch()


class Keeper:
    """Keeps the runner alive: a runner that dies is started again, and goes on with what it was doing.

    Args:
        config: The settings file.
        stop: Set when the try-out ends.
    """

    def __init__(self, config: Path, stop: threading.Event) -> None:
        self._config = config
        self._stop = stop
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the runner and wait until it is ready.

        Raises:
            CommandFailed: It ended instead.
        """
        process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
            [sys.executable, "-m", "bot.serving", "--config", str(self._config), "--exit-with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log(),
            text=True,
        )
        self._process = process
        line = process.stdout.readline() if process.stdout else ""
        if line.strip() != "ready":
            code = process.wait()
            raise CommandFailed(self._why(), code or 3)
        threading.Thread(target=_drain, args=(process,), daemon=True).start()

    def watch(self) -> int:
        """Start the runner again whenever it dies, until the try-out ends; return the exit code."""
        while not self._stop.wait(0.2):
            if self._process is not None and self._process.poll() is not None:
                typer.echo("the runner died; starting it again", err=True)
                self.start()
        return 0

    def stop(self) -> None:
        """End the runner and wait for it to drain."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _why(self) -> str:
        """Return what the runner said before it ended."""
        log = self._config.parent / "runner.log"
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-1:]
        said = [line.removeprefix("escher: ") for line in last if line.startswith("escher: ")]
        return said[0] if said else f"the runner did not start; see {log}"

    def _log(self) -> Any:
        return (self._config.parent / "runner.log").open("a", encoding="utf-8")


def _home(choices: Choices) -> Path:
    """Return the folder of this try-out, made when missing; one that a running try-out has is left alone."""
    home = (choices.data_dir or Path(tempfile.mkdtemp(prefix="escher-demo-"))).expanduser().resolve()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        why = "a file stands there" if isinstance(error, FileExistsError) else str(error.strerror).lower()
        raise CommandFailed(f"{home} cannot be the try-out's folder: {why}; say another --data-dir", 2) from None
    if socket_of(home / "data") is not None:
        raise CommandFailed(
            f"a try-out runs in {home}; `escher console --config {home / 'escher.toml'}` opens it, or say another --data-dir",
            1,
        )
    return home


def free_port(wanted: int, *, option: str = "--port") -> int:
    """Return `wanted` if it is free on loopback, or any free port for 0.

    Raises:
        OSError: It is taken; the text says what to do.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise OSError(f"port {wanted} is taken; choose another with {option}, or {option} 0 for any") from None
        return int(probe.getsockname()[1])


def _clouds(choices: Choices, stack: ExitStack) -> dict[str, Endpoint]:
    """Start the three endpoints side by side."""
    argv = ["--seed", str(choices.seed), "--scale", str(choices.scale), "--gate"]
    started: dict[str, Endpoint] = {}
    failed: list[str] = []

    def begin(name: str) -> None:
        try:
            started[name] = start(name, argv)
        except EndpointNotStarted as error:
            failed.append(f"{name}: {error}")

    threads = [threading.Thread(target=begin, args=(name,)) for name in _CLOUDS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for endpoint in started.values():
        stack.callback(endpoint.stop)
    if failed:
        raise CommandFailed(f"a local cloud did not start: {'; '.join(failed)}", 3)
    return started


def _planner(port: int, stack: ExitStack) -> None:
    """Start the agent server with the offline planner and wait until it answers."""
    offline = {key: value for key, value in environment().items() if not key.startswith(("ANTHROPIC_", "ESCHER_AGENT"))}
    process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
        [sys.executable, "-m", "agent_server", "--host", "127.0.0.1", "--port", str(port), "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=offline,
    )
    stack.callback(process.terminate)
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith("agent server:"):
        raise CommandFailed("the agent server did not start; run `escher agent-server` to see why", 3)
    threading.Thread(target=_drain, args=(process,), daemon=True).start()


def _settings(
    home: Path,
    choices: Choices,
    chosen: Mapping[str, Any],
    clouds: Mapping[str, Endpoint],
    *,
    planner_port: int,
    web_port: int,
) -> Path:
    """Write settings and policy; keys, tokens and credentials go outside the data directory."""
    state = _state_dir(home)
    company = build(seed=choices.seed, scale=choices.scale, now=system_clock())
    master = state / "master.key"
    if not master.exists():
        FileKey(path=master, data_dir=home / "data").create()
    base: dict[str, Any] = {
        "data": {"dir": str(home / "data")},
        "keys": {"master": f"file:{master}"},
        "agent": {"url": f"http://127.0.0.1:{planner_port}"},
        "web": {"enabled": True, "port": web_port},
        "local": {"personas": [_REVIEWER], "open_console": True},
        "report": [{"channel": "web", "at": "02:00", "timezone": "UTC"}],
        "budgets": [{"scope": "all", "monthly": 25000, "currency": "USD"}],
        "policy": {"file": "policy.toml"},
        "aws": {"accounts": _aws(company, clouds["aws"].url, state)},
        "azure": {
            "subscriptions": [
                {"name": one.name, "subscription_id": one.id, "endpoint_url": clouds["azure"].url}
                for one in company.accounts_of(Cloud.AZURE)
            ]
        },
        "gcp": {
            "projects": [
                {"name": one.name, "project_id": one.id, "endpoint_url": clouds["gcp"].url}
                for one in company.accounts_of(Cloud.GCP)
            ]
        },
    }
    if choices.teams:
        base["teams"] = {"playground": True, "host": "127.0.0.1", "port": choices.teams_port}
    base = _merged(base, _surfaces(chosen, state))
    config = home / "escher.toml"
    config.write_text(tomli_w.dumps(base), encoding="utf-8")
    (home / "policy.toml").write_text(_policy(), encoding="utf-8")
    load(config)
    return config


def _aws(company: Company, url: str, state: Path) -> list[dict[str, Any]]:
    keys = credentials(company)
    regions = sorted({machine.region for machine in company.machines if machine.cloud is Cloud.AWS})
    found: list[dict[str, Any]] = []
    for account in company.accounts_of(Cloud.AWS):
        access, secret = keys[account.id]
        path = state / f"aws-{account.name}.json"
        _secret(path, json.dumps({"access_key_id": access, "secret_access_key": secret}))
        found.append(
            {
                "name": account.name,
                "account_id": account.id,
                "credential": f"file:{path}",
                "regions": regions,
                "endpoint_url": url,
            }
        )
    return found


def _read(path: Path) -> dict[str, Any]:
    """Return what a settings file says."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise CommandFailed(
            f"the settings file {path} cannot be read: {why}; mend it, or leave --config out", 2
        ) from None


def _surfaces(raw: Mapping[str, Any], state: Path) -> dict[str, Any]:
    """Return the surfaces of a settings file; tokens written in it go to files outside the data directory."""
    chosen = {key: value for key, value in raw.items() if key in _SURFACES}
    for table, names in _SECRETS.items():
        for name in names:
            value = chosen.get(table, {}).get(name, "")
            if value and value.partition(":")[0] not in {"keyring", "env", "file"}:
                kept = state / f"{table}-{name}"
                _secret(kept, value)
                chosen[table] = {**chosen[table], name: f"file:{kept}"}
    return chosen


def _merged(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    return base | {
        key: {**base[key], **value} if isinstance(value, Mapping) and isinstance(base.get(key), Mapping) else value
        for key, value in over.items()
    }


def _policy() -> str:
    members = json.dumps([people.own().id, _REVIEWER, "slack:*", "teams:*"])
    text = Path(__file__).with_name("default_policy.toml").read_text(encoding="utf-8")
    return "\n".join(f"members = {members}" if line.startswith("members = ") else line for line in text.splitlines())


def _state_dir(home: Path) -> Path:
    """Return a folder for what must not lie in the data directory, its own for each data directory."""
    base = environment().get("XDG_STATE_HOME", "")
    root = Path(base) if base else Path("~/.local/state").expanduser()
    folder = root / "escher" / f"demo-{home.name}-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _first_sync(config: Path, began: datetime) -> None:
    typer.echo("reading the clouds", err=True)
    answer = call(config, "sync", {"newer_than": began.isoformat()}, progress=_told)["shape"]
    typer.echo(f"{answer['resources']:,} resources read", err=True)


def _console_on(config: Path) -> bool:
    return load(config).settings.web.enabled


def _told(_words: str) -> None:
    """Keep the try-out's own output short."""


def _drain(process: "subprocess.Popen[str]") -> None:
    """Read what a child says, so that it never waits for a reader."""
    for _ in process.stdout or ():
        pass
