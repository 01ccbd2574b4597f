"""`escher doctor`: is everything there that a runner needs? One finding each, with its remedy."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.accounts import accounts
from bot.settings import Loaded, SettingsError, environment, load
from engine.approval.policy import PolicyError
from engine.approval.policy import load as load_policy
from engine.clock import system_clock
from engine.clouds.ports import CloudAccount
from engine.estate.resource import CellStatus
from engine.storage.database import StorageUnavailable
from engine.storage.directory import prepare
from engine.storage.master import MasterKeyError, master_key

_CELL_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One finding."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def examine(config: Path | None) -> Iterator[Check]:
    """Give the findings one by one."""
    try:
        loaded = load(config)
    except SettingsError as error:
        yield Check(name="settings", ok=False, found=str(error), remedy="mend the settings file")
        return
    yield Check(name="settings", ok=True, found=str(loaded.path or "defaults and environment"))
    for one in (_policy, _master, _data, _agent, _surfaces):
        yield one(loaded)
    yield from _accounts(loaded)


def _policy(loaded: Loaded) -> Check:
    try:
        policy = load_policy(loaded.policy_path)
    except PolicyError as error:
        return Check(name="policy", ok=False, found=str(error), remedy="run escher init policy and add members")
    empty = [rule.id for rule in policy.rule if rule.approve and not policy.members_of(rule.approve.roles)]
    if empty:
        found = f"nobody can ever approve under {', '.join(empty)}"
        return Check(name="policy", ok=False, found=found, remedy="add members to the roles those rules name")
    return Check(name="policy", ok=True, found=f"{len(policy.rule)} rules, {len(policy.roles)} roles")


def _master(loaded: Loaded) -> Check:
    setting = loaded.settings.keys.master
    try:
        master_key(setting, environment=environment(), data_dir=loaded.settings.data.path).held()
    except MasterKeyError as error:
        return Check(
            name="master key", ok=False, found=str(error), remedy="set [keys] master to keyring, env:NAME or file:PATH"
        )
    return Check(name="master key", ok=True, found=setting.partition(":")[0])


def _data(loaded: Loaded) -> Check:
    path = loaded.settings.data.path
    if not path.exists():
        return Check(name="data", ok=True, found=f"{path} will be made at the first start")
    mode = path.stat().st_mode & 0o077
    if mode:
        return Check(name="data", ok=False, found=f"{path} can be read by others", remedy=f"chmod 700 {path}")
    try:
        prepare(path)
    except StorageUnavailable as error:
        return Check(name="data", ok=False, found=str(error), remedy="a runner does not start before that is mended")
    return Check(name="data", ok=True, found=str(path))


def _agent(loaded: Loaded) -> Check:
    url = urlsplit(loaded.settings.agent.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        with socket.create_connection((url.hostname or "", port), timeout=3):
            return Check(name="agent server", ok=True, found=loaded.settings.agent.url)
    except OSError as error:
        return Check(
            name="agent server",
            ok=False,
            found=f"{loaded.settings.agent.url} does not answer ({error.strerror or error})",
            remedy="start escher agent-server, or mend [agent] url",
        )


def _surfaces(loaded: Loaded) -> Check:
    settings = loaded.settings
    on = [
        name
        for name, there in (
            ("Slack", settings.slack.enabled),
            ("Teams", settings.teams.enabled),
            ("web console", settings.web.enabled),
        )
        if there
    ]
    if not on:
        return Check(
            name="surfaces", ok=False, found="none is configured", remedy="set [slack], [teams] or [web] enabled = true"
        )
    names = {"slack": "Slack", "teams": "Teams", "web": "web console"}
    for number, post in enumerate(settings.report):
        if (name := names.get(post.channel.partition(":")[0])) is not None and name not in on:
            found = f"report.{number} goes to {post.channel}, and {name} is not configured"
            return Check(name="surfaces", ok=False, found=found, remedy="configure it, or write another channel")
    return Check(name="surfaces", ok=True, found=", ".join(on))


def _accounts(loaded: Loaded) -> Iterator[Check]:
    try:
        found = accounts(loaded, system_clock)
    except SettingsError as error:
        yield Check(name="accounts", ok=False, found=str(error), remedy="mend the account's credential or endpoint")
        return
    if not found:
        yield Check(
            name="accounts",
            ok=False,
            found="none is configured",
            remedy="add [[aws.accounts]], [[azure.subscriptions]] or [[gcp.projects]]",
        )
    for account in found:
        yield _account(account)


def _account(account: CloudAccount) -> Check:
    name = f"{account.cloud.value} {account.name}"
    cells = account.cells()
    if not cells:
        return Check(name=name, ok=False, found="nothing to read", remedy="give it at least one region")
    outcome = account.scan(cells[0], deadline=_CELL_SECONDS)
    if outcome.status is CellStatus.OK:
        return Check(name=name, ok=True, found=f"reads {cells[0].service} in {cells[0].region}")
    return Check(
        name=name,
        ok=False,
        found=f"{outcome.status.value}: {outcome.reason}",
        remedy="check the credential and its read permissions",
    )
