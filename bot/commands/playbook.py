"""`escher playbook …`: keep procedures, publish them, review them, run them."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot.commands.link import call
from bot.commands.talk import As, AsJson, Config, Thread, own_thread, show, told
from bot.commands.telling import CommandFailed
from bot.terminal.codes import exit_code

app = typer.Typer()
playbook = typer.Typer(help="Playbooks: keep them, publish them, review them, run them.", no_args_is_help=True)
app.add_typer(playbook, name="playbook")

Id = Annotated[str, typer.Argument(metavar="ID", help="The playbook's id, such as nightly-stop, or its name.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file in the form of the library's playbooks.")]
Version = Annotated[str, typer.Option("--version", help="The version; the newest in use when not said.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the record.")]


@playbook.command("list")
def list_(
    state: Annotated[str, typer.Option(help="Only those in this state, such as active.")] = "",
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List what this runner keeps and what the tenant published."""
    from agent_server.contract.playbook import PlaybookStatus  # noqa: PLC0415 - the contract, only for this

    if state and state not in set(PlaybookStatus):
        raise CommandFailed(f"there is no state {state}; write one of {', '.join(PlaybookStatus)}", 2)
    _order(config, {"do": "list", "text": state}, principal=principal, thread=thread, as_json=as_json)


@playbook.command("show")
def show_(
    playbook_id: Id,
    version: Version = "",
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show one playbook: what its steps do, what it asks for, where it stands."""
    params = {"do": "show", "name": playbook_id, "version": version}
    _order(config, params, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def new(file: File, principal: As = "", thread: Thread = "", config: Config = None, as_json: AsJson = False) -> None:
    """Keep the playbook of a file as a draft."""
    _order(config, {"do": "new", "text": _read(file)}, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def edit(file: File, principal: As = "", thread: Thread = "", config: Config = None, as_json: AsJson = False) -> None:
    """Keep the playbook of a file as the next version of the one with its id."""
    _order(config, {"do": "edit", "text": _read(file)}, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def upload(
    playbook_id: Id,
    version: Version = "",
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Active at once, without a review; only reviewers may.")
    ] = False,
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Publish a version to the tenant's registry, where it waits for a review."""
    params = {"do": "trust" if trusted else "upload", "name": playbook_id, "version": version}
    _order(config, params, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def review(
    playbook_id: Id,
    decision: Annotated[Literal["approve", "reject"], typer.Argument(help="What you decide.")],
    reason: Reason = "",
    version: Version = "",
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Approve or reject what somebody else uploaded; a rejection says why."""
    params = {"do": decision, "name": playbook_id, "version": version, "text": reason}
    _order(config, params, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def state(
    playbook_id: Id,
    to: Annotated[
        str, typer.Argument(metavar="STATE", help="ready, active, deprecated, needs_update, broken or archived.")
    ],
    reason: Reason = "",
    version: Version = "",
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Move a version to another state of its life."""
    params = {"do": "state", "name": playbook_id, "version": version, "text": f"{to}|{reason}"}
    _order(config, params, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def find(
    text: Annotated[str, typer.Argument(help="What it should do.")],
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Find playbooks for something: of this runner, of the tenant, of the library."""
    _order(config, {"do": "find", "text": text}, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def run(
    playbook_id: Id,
    on: Annotated[str, typer.Argument(help="On what, as you would say it in chat: dev instances in us-east-1.")] = "",
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A value it asks for; may be repeated.")
    ] = None,
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Plan with a playbook; what comes out waits for its approval like any plan."""
    params = {"do": "run", "name": playbook_id, "text": " ".join((on, *map(_value, values or ()))).strip()}
    _order(config, params, principal=principal, thread=thread, as_json=as_json)


@playbook.command()
def script(
    playbook_id: Id,
    language: Annotated[str, typer.Option(help="bash, python or cli; the first there is when not said.")] = "",
    version: Version = "",
    principal: As = "",
    config: Config = None,
) -> None:
    """Print a playbook's script, to be read and copied; Escher does not run it."""
    _print({"do": "script", "name": playbook_id, "version": version, "text": language}, principal, config)


@playbook.command()
def export(playbook_id: Id, version: Version = "", principal: As = "", config: Config = None) -> None:
    """Print a playbook as the TOML file that `new` and `edit` read."""
    _print({"do": "export", "name": playbook_id, "version": version}, principal, config)


def _order(config: Path | None, params: dict[str, Any], *, principal: str, thread: str, as_json: bool) -> None:
    asked = params | {"thread": thread or own_thread()}
    answer = call(config, "playbook", asked, principal=principal, progress=told)
    shape = answer["shape"]
    show(shape, answer["text"], as_json=as_json)
    code = exit_code(shape)
    if code and as_json and shape.get("message"):
        typer.echo(shape["message"], err=True)
    if code:
        raise typer.Exit(code)


def _print(params: dict[str, Any], principal: str, config: Path | None) -> None:
    """Print the bare text, so that it can be piped into a file."""
    answer = call(config, "playbook", params | {"thread": own_thread()}, principal=principal, progress=told)
    if "text" not in answer["shape"]:
        raise CommandFailed(str(answer["shape"].get("message") or answer["text"]), exit_code(answer["shape"]) or 1)
    text = str(answer["shape"]["text"])
    typer.echo(
        seen(text) if sys.stdout.isatty() else text, nl=False, color=True
    )  # nothing is stripped on the way to a file


def seen(text: str) -> str:
    """Return a text as a screen may show it: what would move the cursor, or hide what stands there, is a mark; a file gets it as it is."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "it is no text in UTF-8"
        raise CommandFailed(f"{file} cannot be read: {why}; name a TOML file", 2) from None


def _value(pair: str) -> str:
    name, found, value = pair.partition("=")
    if not found or not name or '"' in value:
        raise CommandFailed(f"{pair!r} is no value; write --set name=value", 2)
    return f'with {name}="{value}"'
