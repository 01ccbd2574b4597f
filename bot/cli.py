"""The command `escher`."""

import sys
from collections.abc import Sequence

import typer

from bot.commands import estate, later, operate, playbook, serve, session, setup, talk
from bot.commands.mishap import sentence
from bot.commands.telling import CommandFailed

app = typer.Typer(
    name="escher",
    help="Chat-ops for AWS, Azure and GCP: it plans, you approve, it does exactly that and keeps the proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for family in (talk.app, estate.app, playbook.app, serve.app, setup.app, operate.app, session.app, later.app):
    app.add_typer(family)

_INTERRUPTED = 130
"""What typer gives back after Ctrl-C."""


def main() -> None:
    """Run the command line."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; an error goes to standard error as one sentence and what to do."""
    try:
        code = app(list(arguments), prog_name="escher", standalone_mode=False)
    except CommandFailed as error:
        return _said(str(error), error.code)
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads a sentence, not a traceback
        return _said(*sentence(error))
    if code == _INTERRUPTED:
        return _said("interrupted; what was done is kept, `escher status` tells how things stand", 1)
    return int(code or 0)


def _said(words: str, code: int) -> int:
    typer.echo(f"escher: {words}", err=True)
    return code


if __name__ == "__main__":
    main()
