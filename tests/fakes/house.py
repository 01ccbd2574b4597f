"""The whole house on loopback: three local clouds, the agent server, and a runner over them, for flow tests."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from bot.app import open_runner, reporter, surfaces
from bot.runner import Runner, Surface
from bot.settings import Loaded, load
from bot.terminal.client import TerminalPlatform
from bot.terminal.methods import Methods
from engine.clock import system_clock
from engine.execution.executor import no_point
from engine.sandbox.aws.credentials import credentials
from engine.sandbox.company import Cloud, build
from engine.sandbox.process import start
from engine.storage.master import FileKey
from tests.fakes.aws_clients import Aws
from tests.fakes.local_cloud import LocalCloud
from tests.fakes.patience import PATIENCE
from tests.fakes.published import REGION, Storage

SEED = 7
SCALE = 120
POLICY = Path(__file__).parents[2] / "bot" / "default_policy.toml"
MEMBERS = ["local:*", "slack:T0ACME:*", "teams:*"]


@dataclass(frozen=True, slots=True)
class House:
    """The parts that tests share: the clouds and the agent server."""

    aws: Aws
    azure: LocalCloud
    gcp: LocalCloud
    planner_url: str

    def settings(self, home: Path, **tables: Any) -> Path:
        """Write a settings file for a runner in `home`; `tables` are laid over the usual ones."""
        home.mkdir(parents=True, exist_ok=True)
        master = FileKey(path=home / "keys" / "master", data_dir=home / "data")
        if not (home / "keys" / "master").exists():
            master.create()
        company = self.aws.company
        keys = credentials(company)
        accounts = []
        for account in company.accounts_of(Cloud.AWS):
            kept = home / "keys" / f"aws-{account.name}.json"
            access, secret = keys[account.id]
            kept.write_text(json.dumps({"access_key_id": access, "secret_access_key": secret}), encoding="utf-8")
            accounts.append(
                {
                    "name": account.name,
                    "account_id": account.id,
                    "credential": f"file:{kept}",
                    "regions": ["us-east-1", "us-west-2", "eu-west-1"],
                    "endpoint_url": self.aws.cloud.url,
                }
            )
        base: dict[str, Any] = {
            "data": {"dir": str(home / "data")},
            "keys": {"master": f"file:{home / 'keys' / 'master'}"},
            "agent": {"url": self.planner_url},
            "local": {"personas": ["local:reviewer", "local:third"], "open_console": True},
            "policy": {"file": "policy.toml"},
            "aws": {"accounts": accounts},
            "azure": {
                "subscriptions": [
                    {"name": one.name, "subscription_id": one.id, "endpoint_url": self.azure.url}
                    for one in company.accounts_of(Cloud.AZURE)
                ]
            },
            "gcp": {
                "projects": [
                    {"name": one.name, "project_id": one.id, "endpoint_url": self.gcp.url}
                    for one in company.accounts_of(Cloud.GCP)
                ]
            },
        }
        path = home / "escher.toml"
        path.write_text(tomli_w.dumps(base | tables), encoding="utf-8")
        policy = home / "policy.toml"
        if not policy.exists():
            text = POLICY.read_text(encoding="utf-8")
            members = f"members = {json.dumps(MEMBERS)}"
            lines = [members if line.startswith("members = ") else line for line in text.splitlines()]
            policy.write_text("\n".join(lines), encoding="utf-8")
        return path


@dataclass(slots=True)
class Open:
    """A running runner and what a terminal can ask of it."""

    loaded: Loaded
    runner: Runner
    methods: Methods
    terminal: TerminalPlatform
    surfaces: tuple[Surface, ...]


@contextmanager
def house(*, scale: int = SCALE, registry: Storage | None = None) -> Iterator[House]:
    """Start the clouds and the agent server, with a registry where there is a storage for it; each ends with the block."""
    company = build(seed=SEED, scale=scale, now=system_clock())
    options = ["--seed", str(SEED), "--scale", str(scale), "--gate"]
    with ExitStack() as stack:
        aws, azure, gcp = (
            LocalCloud(stack.enter_context(start(name, options)).url) for name in ("aws", "azure", "gcp")
        )
        planner = stack.enter_context(agent_server(registry=registry))
        yield House(Aws(aws, company), azure, gcp, planner)


@contextmanager
def agent_server(*, port: int = 0, registry: Storage | None = None) -> Iterator[str]:
    """Run the agent server with the offline planner; give its address."""
    given: dict[str, str] = {}
    if registry is not None:
        names = {"QDRANT_URL": ":memory:", "BUCKET": registry.bucket, "ENDPOINT": registry.url, "REGION": REGION}
        given = {f"ESCHER_AGENT_SERVER__REGISTRY_{name}": value for name, value in names.items()}
        given |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    process = subprocess.Popen(
        [sys.executable, "-m", "agent_server", "--port", str(port), "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **given},  # noqa: TID251 - a child's environment
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("agent server: "), line
        yield line.removeprefix("agent server: ").strip()
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


@asynccontextmanager
async def opened(config: Path, *, sync: bool = True, point=no_point) -> AsyncIterator[Open]:
    """Run a runner with the surfaces its settings name, in this event loop."""
    loaded = load(config)
    runner = open_runner(loaded, point=point)
    runner.sync_seconds, runner.regular = 0, False
    found = surfaces(loaded, runner)
    terminal = TerminalPlatform()
    runner.outbox.add(terminal)
    await runner.start(found, reporter(loaded, runner))
    try:
        if sync:
            await asyncio.to_thread(runner.engine.sync.run, embed=False)
        yield Open(loaded, runner, Methods(runner, terminal), terminal, found)
    finally:
        await runner.stop()
