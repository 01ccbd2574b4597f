"""`escher run`, `agent-server` and `demo`."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.link import settings
from bot.commands.talk import Config
from bot.commands.telling import CommandFailed
from bot.settings import agent_server_environment, environment

app = typer.Typer()


@app.command()
def run(config: Config = None) -> None:
    """Start the configured surfaces; prints `ready` when listening, drains at SIGTERM."""
    from bot.serving import serve  # noqa: PLC0415 - everything heavy begins here

    code = serve(settings(config))
    if code:
        raise typer.Exit(code)


@app.command("agent-server")
def agent_server(
    host: Annotated[
        str, typer.Option(help="Where to listen; without authentication settings only loopback.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8790,
    config: Config = None,
) -> None:
    """Start the agent server: Claude with a key, else the offline planner."""
    import os  # noqa: PLC0415 - this process becomes the server

    given = agent_server_environment(settings(config))
    argv = [sys.executable, "-m", "agent_server", "--host", host, "--port", str(port)]
    os.execve(sys.executable, argv, {**environment(), **given})  # noqa: S606 - our own module


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the web console; 0 picks a free one.")] = 8765,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the try-out keeps its record; a new folder when not said.")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    scale: Annotated[int, typer.Option(min=1, help="How many resources the company has.")] = 300,
    teams: Annotated[
        bool, typer.Option("--teams", help="Also a Teams endpoint for Microsoft's Agents Playground.")
    ] = False,
    teams_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the Teams endpoint.")] = 3978,
    config: Annotated[Path | None, typer.Option("--config", help="Take the surfaces of this settings file.")] = None,
    seed: Annotated[int, typer.Option(help="Which company.")] = 7,
) -> None:
    """Try Escher out: a company on local clouds, the offline planner, a web console; no token, no account, no network."""
    if find_spec("moto") is None:
        what = "the try-out needs moto, which is not installed; install escher[sandbox], or run make demo in a clone"
        raise CommandFailed(what, 2)

    from bot.demo import Choices, play  # noqa: PLC0415 - everything heavy begins here

    choices = Choices(
        port=port,
        data_dir=data_dir,
        browser=not no_browser,
        scale=scale,
        teams=teams,
        teams_port=teams_port,
        config=config,
        seed=seed,
    )
    try:
        code = play(choices)
    except (ValueError, OSError) as error:
        raise CommandFailed(str(error), 2) from None
    if code:
        raise typer.Exit(code)
