"""`escher sync`, `report`, `audit`, `policy`, `console`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.link import call
from bot.commands.talk import As, AsJson, Config, own_thread, show, told
from bot.commands.telling import CommandFailed

app = typer.Typer()
audit = typer.Typer(help="The record: verify it, export it.", no_args_is_help=True)
policy = typer.Typer(help="The policy: try it out.", no_args_is_help=True)
app.add_typer(audit, name="audit")
app.add_typer(policy, name="policy")


@app.command()
def sync(
    only: Annotated[str, typer.Option(help="One part: aws/dev/us-east-1/ec2, as many parts as wanted.")] = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Read the clouds into the estate."""
    answer = call(config, "sync", {"only": only}, progress=told)
    shape = answer["shape"]
    bad = [cell for cell in shape["cells"] if cell["status"] != "ok"]
    if as_json:
        typer.echo(json.dumps(shape))
    else:
        _told(shape, bad)
    if bad and len(bad) == len(shape["cells"]):
        raise CommandFailed("nothing could be read; `escher doctor` says what each account is missing", 3)


def _told(shape: dict[str, Any], bad: list[dict[str, Any]]) -> None:
    typer.echo(
        f"{shape['resources']:,} resources, {shape['upserted']:,} new or different, {shape['removed']:,} gone, "
        f"searchable in {shape['searchable_seconds']:.1f} s"
    )
    for cell in bad:
        typer.echo(f"not seen: {cell['account']}/{cell['region']}/{cell['service']} {cell['status']}: {cell['reason']}")


@app.command()
def report(
    now: Annotated[bool, typer.Option("--now", help="Make it from the present figures; the default.")] = True,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make and print the morning report."""
    answer = call(config, "report", {"now": now, "thread": own_thread()}, progress=told)
    show(answer["shape"], answer["text"], as_json=as_json)


@app.command()
def console(config: Config = None) -> None:
    """Print a link that opens the web console once."""
    answer = call(config, "console", {}, progress=told)
    if not answer["shape"]["ok"]:
        raise CommandFailed(answer["text"], 1)
    typer.echo(answer["text"])


@audit.command("verify")
def audit_verify(
    anchor: Annotated[
        Path | None,
        typer.Option(
            help="An earlier `escher audit export`, kept elsewhere: it shows whether anything was removed since."
        ),
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Check that nothing in the record was changed or removed."""
    params = {"anchor": str(anchor.resolve()) if anchor else ""}
    answer = call(config, "audit_verify", params, progress=told)
    show(answer["shape"], answer["text"], as_json=as_json)
    if not answer["shape"]["ok"]:
        raise typer.Exit(1)


@audit.command("export")
def audit_export(config: Config = None) -> None:
    """Print the record as signed JSON lines; kept elsewhere, they are an anchor for `escher audit verify`."""
    typer.echo(call(config, "audit_export", {}, progress=told)["text"])


@policy.command("test")
def policy_test(
    text: Annotated[str, typer.Argument(help="What somebody would ask for.")],
    principal: As,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say who could approve a request, and why."""
    answer = call(config, "policy_test", {"as": principal, "text": text}, progress=told)
    show(answer["shape"], answer["text"], as_json=as_json)
    if not answer["shape"]["allowed"]:
        raise typer.Exit(1)
