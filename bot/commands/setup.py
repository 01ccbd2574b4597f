"""`escher init`, `creds`, `doctor`, `schema`."""

import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.talk import Config, Unread
from bot.commands.telling import CommandFailed

if TYPE_CHECKING:
    from pydantic import BaseModel

app = typer.Typer()
init = typer.Typer(help="What a platform wants to know of Escher.", no_args_is_help=True)
creds = typer.Typer(help="Credentials in the operating system's keychain.", no_args_is_help=True)
app.add_typer(init, name="init")
app.add_typer(creds, name="creds")
_SERVICE = "escher"
_INDEX = "names"


@init.command("slack")
def init_slack(
    mode: Annotated[str, typer.Option(help="socket (no public endpoint) or http.")] = "socket",
    url: Annotated[str, typer.Option(help="For http: the public address of this runner.")] = "",
    config: Unread = None,
) -> None:
    """Print the Slack app manifest with the smallest set of scopes."""
    del config
    from bot.slack.manifest import manifest  # noqa: PLC0415 - only for this command

    try:
        typer.echo(json.dumps(manifest(mode=mode, request_url=url), indent=2))
    except ValueError as error:
        raise CommandFailed(str(error), 2) from None


@init.command("teams")
def init_teams(
    app_id: Annotated[str, typer.Option(help="The bot's Microsoft app id.")],
    out: Annotated[Path, typer.Option(help="Where to write the package.")] = Path("escher-teams.zip"),
    config: Unread = None,
) -> None:
    """Write the Teams app package."""
    del config
    from bot.settings import SettingsError  # noqa: PLC0415 - only for this command
    from bot.teams.manifest import app_package  # noqa: PLC0415 - likewise

    try:
        package = app_package(app_id)
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None
    _write(out, package)
    typer.echo(f"wrote {out}; upload it in Teams under Apps, Manage your apps")


@init.command("policy")
def init_policy(
    out: Annotated[Path, typer.Option(help="Where to write it.")] = Path("policy.toml"), config: Unread = None
) -> None:
    """Write the default policy: one approver in dev, another person in prod, two for deletes and public exposure."""
    del config
    if out.exists():
        raise CommandFailed(f"{out} exists, and I do not overwrite it; say another place with --out", 2)
    _write(out, Path(__file__).parents[1].joinpath("default_policy.toml").read_bytes())
    typer.echo(f"wrote {out}; add members to [roles.platform]")


@creds.command("add")
def creds_add(
    name: Annotated[str, typer.Argument(help="How the settings call it: keyring:NAME.")],
    config: Unread = None,
) -> None:
    """Read a secret (a token, or a JSON object of cloud keys) from standard input or a prompt, and keep it."""
    del config
    secret = getpass.getpass("secret: ") if sys.stdin.isatty() else sys.stdin.read().strip()
    if not secret:
        raise CommandFailed("nothing was given; type or pipe the secret", 2)
    chain = _keychain()
    chain.set_password(_SERVICE, name, secret)
    names = sorted({*_names(chain), name})
    chain.set_password(_SERVICE, _INDEX, json.dumps(names))
    typer.echo(f"kept; write keyring:{name} in the settings")


@creds.command("list")
def creds_list(config: Unread = None) -> None:
    """Print the names of the kept secrets, never the secrets."""
    del config
    for name in _names(_keychain()):
        typer.echo(name)


@creds.command("remove")
def creds_remove(name: Annotated[str, typer.Argument(help="Its name.")], config: Unread = None) -> None:
    """Forget a secret."""
    del config
    chain = _keychain()
    names = _names(chain)
    if name not in names:
        raise CommandFailed(f"there is no credential {name}; escher creds list shows the names", 1)
    chain.delete_password(_SERVICE, name)
    chain.set_password(_SERVICE, _INDEX, json.dumps([each for each in names if each != name]))
    typer.echo("removed")


@app.command()
def doctor(config: Config = None) -> None:
    """Check everything, one line each; exit 1 when something must be mended."""
    from bot.doctor import examine  # noqa: PLC0415 - imports what it examines

    bad = False
    for check in examine(config):
        bad = bad or not check.ok
        typer.echo(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.found}")
        if not check.ok:
            typer.echo(f"     {check.remedy}")
    if bad:
        raise typer.Exit(1)


@app.command()
def schema(
    name: Annotated[str, typer.Argument(help="settings, policy, intent or plan.")] = "settings",
    config: Unread = None,
) -> None:
    """Print the JSON schema of the settings, the policy or a wire model."""
    del config
    from agent_server.contract.intent import Intent  # noqa: PLC0415 - only for this command
    from agent_server.contract.plan import PlanReply  # noqa: PLC0415 - likewise
    from bot.tables import Settings  # noqa: PLC0415 - likewise
    from engine.approval.policy import Policy  # noqa: PLC0415 - likewise

    models: dict[str, type[BaseModel]] = {"settings": Settings, "policy": Policy, "intent": Intent, "plan": PlanReply}
    if name not in models:
        raise CommandFailed(f"there is no schema {name}; choose one of {', '.join(models)}", 2)
    typer.echo(json.dumps(models[name].model_json_schema(), indent=2))


def _keychain() -> Any:
    from engine.storage.master import MasterKeyError, keychain  # noqa: PLC0415 - slow to import

    try:
        return keychain()
    except MasterKeyError:
        why = "there is no keychain on this machine that keeps secrets safe"
        raise CommandFailed(f"{why}; write env:NAME or file:PATH in the settings instead of keyring:NAME", 2) from None


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise CommandFailed(f"{out} cannot be written: {why}; say another place with --out", 3) from None


def _names(chain: Any) -> list[str]:
    return list(json.loads(chain.get_password(_SERVICE, _INDEX) or "[]"))
