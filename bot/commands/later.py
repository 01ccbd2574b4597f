"""`escher schedule`, `alert` and `extend`: named here, so that who types them learns what there is instead."""

import json
from typing import Annotated, Final

import typer

from bot.commands.telling import CommandFailed

app = typer.Typer()
_ANY: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
Words = Annotated[list[str] | None, typer.Argument(metavar="WORDS", help="Whatever is said; nothing is done.")]


@app.command(context_settings=_ANY)
def schedule(words: Words = None) -> None:
    """Not in this version: operations at a time of day."""
    _not_yet("schedules are not in this version, so nothing was scheduled; ask for it when it is to be done", words)


@app.command(context_settings=_ANY)
def alert(words: Words = None) -> None:
    """Not in this version: events of the clouds, and rules about them."""
    _not_yet("alerts are not in this version, so nothing is watched; `escher report` says what needs you now", words)


@app.command(context_settings=_ANY)
def extend(words: Words = None) -> None:
    """Not in this version: moving Escher into a cloud account and back."""
    said = "moving into a cloud account is not in this version, so nothing was moved"
    _not_yet(
        f"{said}; `escher run` runs on any machine, and `escher backup` and `escher restore` move the record", words
    )


def _not_yet(sentence: str, words: list[str] | None) -> None:
    if "--json" in (words or ()):
        typer.echo(json.dumps({"schema": 1, "kind": "refuse", "code": "not_in_this_version", "message": sentence}))
    raise CommandFailed(sentence, 1)
