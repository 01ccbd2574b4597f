"""`escher login` and `logout`."""

import json
from datetime import timedelta

import typer

from bot.commands.link import settings
from bot.commands.talk import AsJson, Config
from bot.commands.telling import CommandFailed

app = typer.Typer()


@app.command()
def login(config: Config = None, as_json: AsJson = False) -> None:
    """Log this runner in at the agent server's issuer; tokens are kept in the keychain and never printed."""
    import asyncio  # noqa: PLC0415 - only for this command

    from bot.login import issuer, kept  # noqa: PLC0415 - likewise
    from bot.settings import SettingsError  # noqa: PLC0415 - likewise
    from engine.clock import system_clock  # noqa: PLC0415 - likewise
    from engine.planning.login import Invitation, LoginEnded  # noqa: PLC0415 - likewise
    from engine.planning.wire import PlannerUnavailable  # noqa: PLC0415 - likewise

    loaded = settings(config)
    if loaded.settings.agent.auth != "oidc":
        said = f'[agent] auth is "{loaded.settings.agent.auth}", so there is nothing to log in to'
        raise CommandFailed(f'{said}; set auth = "oidc" with issuer and client_id', 2)

    def invite(told: Invitation) -> None:
        minutes = max(round(told.seconds / 60), 1)
        typer.echo(f"open {told.address} and enter {told.code}; it is good for {minutes} min", err=True)

    try:
        at = issuer(loaded)
        grant = asyncio.run(at.by_secret() if at.client_secret else at.by_device(invite))
        if not at.client_secret:
            if not grant.refresh_token:
                raise CommandFailed(
                    "the login issuer gave nothing to stay logged in with; allow offline_access there", 1
                )
            kept(loaded).save(grant.refresh_token)
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None
    except LoginEnded as error:
        raise CommandFailed(error.reason, 1) from None
    except PlannerUnavailable as error:
        raise CommandFailed(error.reason, 3) from None
    until = system_clock() + timedelta(seconds=grant.seconds)
    shape = {
        "schema": 1,
        "issuer": at.url,
        "client_id": at.client_id,
        "tenant": grant.tenant,
        "token_until": until.isoformat(timespec="seconds"),
        "kept": not at.client_secret,
    }
    stays = "asked for anew with the client secret" if at.client_secret else "renewed by itself until escher logout"
    words = f"logged in at {at.url} as {at.client_id}, tenant {grant.tenant or 'not named'}; token until {until:%H:%M} UTC, {stays}"
    typer.echo(json.dumps(shape) if as_json else words)


@app.command()
def logout(config: Config = None) -> None:
    """Forget the login, and end it at the issuer where that is offered."""
    import asyncio  # noqa: PLC0415 - only for this command

    from bot.login import issuer, kept  # noqa: PLC0415 - likewise
    from bot.settings import SettingsError  # noqa: PLC0415 - likewise
    from engine.planning.wire import PlannerUnavailable  # noqa: PLC0415 - likewise

    loaded = settings(config)
    if loaded.settings.agent.auth != "oidc":
        typer.echo("nobody is logged in")
        return
    try:
        at, keep = issuer(loaded), kept(loaded)
        if at.client_secret:
            typer.echo(
                "nothing is kept: with a client secret a token is asked for when it is needed; remove the secret to end that"
            )
            return
        token = keep.load()
        keep.forget()
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None
    except PlannerUnavailable as error:
        raise CommandFailed(error.reason, 3) from None
    if not token:
        typer.echo("nobody was logged in")
        return
    try:
        asyncio.run(at.revoke(token))
    except PlannerUnavailable as error:
        typer.echo(f"logged out here; the issuer could not be told: {error.reason}")
    else:
        typer.echo("logged out")
