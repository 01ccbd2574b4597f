"""The command `escher`."""

import sys

import typer

from bot.commands import estate, operate, playbook, serve, session, setup, talk
from bot.commands.link import CommandFailed

app = typer.Typer(
    name="escher",
    help="Chat-ops for AWS, Azure and GCP: it plans, you approve, it does exactly that and keeps the proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for family in (talk.app, estate.app, playbook.app, serve.app, setup.app, operate.app, session.app):
    app.add_typer(family)


def main() -> None:
    """Run the command line; errors go to standard error as one sentence and what to do."""
    try:
        app()
    except CommandFailed as error:
        typer.echo(f"escher: {error}", err=True)
        sys.exit(error.code)


if __name__ == "__main__":
    main()
