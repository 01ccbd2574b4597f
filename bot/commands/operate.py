"""`escher settings`, `backup`, `restore`, `reindex`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.link import beside, call, settings
from bot.commands.talk import AsJson, Config, show, told
from bot.commands.telling import CommandFailed

app = typer.Typer()
shown = typer.Typer(help="Settings: where each comes from, and changing them.", no_args_is_help=True)
app.add_typer(shown, name="settings")
Key = Annotated[str, typer.Argument(help="The setting, such as sync.every or report.0.at.")]


@app.command()
def reindex(config: Config = None, as_json: AsJson = False) -> None:
    """Make the estate's index anew from its own records: filters, meanings, room on disk. May be interrupted and repeated."""
    answer = call(config, "reindex", {}, progress=told)
    show(answer["shape"], answer["text"], as_json=as_json)


@app.command()
def backup(
    to: Annotated[str, typer.Option(help="Another place than [backup] target: a folder or s3://BUCKET/PREFIX.")] = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make an encrypted backup of the record; the master key is not in it."""
    if to and "://" not in to:
        to = str(Path(to).expanduser().resolve())
    answer = beside(config, "backup", {"to": to}, progress=told)
    if answer is None:
        from bot.commands.archive import backup as alone  # noqa: PLC0415 - the record, only when no runner answers

        answer = alone(settings(config), to)
    if not answer["shape"]["ok"]:
        raise CommandFailed(answer["text"], 1 if answer["shape"]["refused"] else 3)
    show(answer["shape"], answer["text"], as_json=as_json)


@app.command()
def restore(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="An archive, or a folder or s3:// place: the newest there.")
    ],
    into: Annotated[
        Path | None, typer.Option(help="The data directory to make; [data] dir when not said. It must be empty.")
    ] = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="Only try it: restore into a temporary folder, check everything, say so.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Restore the record from a backup; it needs the same master key, and overwrites nothing."""
    from bot.commands.archive import put_back  # noqa: PLC0415 - the record, only for this

    answer = put_back(settings(config), source, into, only_try=drill)
    show(answer["shape"], answer["text"], as_json=as_json)


@shown.command("show")
def settings_show(config: Config = None, as_json: AsJson = False) -> None:
    """Print every setting and where it comes from: environment, database, file or default; secrets are not printed."""
    answer = beside(config, "settings_show", {}, progress=told)
    if answer is None:
        from bot.commands.desk import look  # noqa: PLC0415 - the record, only when no runner answers

        answer = look(settings(config))
    show(answer["shape"], answer["text"], as_json=as_json)


@shown.command("set")
def settings_set(
    key: Key,
    value: Annotated[str, typer.Argument(help="The value; lists and tables as JSON.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Change a setting above the file: report, budgets, sync.every, backup.every, backup.keep, web.*."""
    _change({"key": key, "value": value}, config, as_json=as_json)


@shown.command("unset")
def settings_unset(key: Key, config: Config = None, as_json: AsJson = False) -> None:
    """Let a setting be again what the file says."""
    _change({"key": key}, config, as_json=as_json)


def _change(params: dict[str, Any], config: Config, *, as_json: bool) -> None:
    answer = beside(config, "settings_set", params, progress=told)
    if answer is None:
        from bot.commands.desk import change  # noqa: PLC0415 - the record, only when no runner answers

        answer = change(settings(config), params)
    shape = answer["shape"]
    if not shape["ok"]:
        if as_json:
            typer.echo(json.dumps(shape))
        raise CommandFailed(answer["text"], 2 if shape["code"] == "settings.wrong" else 1)
    show(shape, answer["text"], as_json=as_json)
