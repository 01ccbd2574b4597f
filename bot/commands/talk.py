"""`escher ask` and everything that is about a plan."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.link import call
from bot.commands.telling import CommandFailed, away
from bot.terminal.codes import BROKE, exit_code

Config = Annotated[Path | None, typer.Option("--config", help="Settings file.", show_default="./escher.toml")]
Unread = Annotated[
    Path | None, typer.Option("--config", help="Taken as by every command; nothing in it matters to this one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
As = Annotated[str, typer.Option("--as", help="Speak as a second person of the try-out, such as local:reviewer.")]
Thread = Annotated[str, typer.Option("--thread", help="The conversation; this terminal's own when not said.")]
PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Plan id, such as p-7f3a9k2m.")]
OptionalPlan = Annotated[str, typer.Argument(metavar="PLAN", help="Plan id; the newest of this thread when not said.")]

app = typer.Typer()


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="What you would say in chat.")],
    thread: Thread = "",
    principal: As = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say something to Escher: a question, or something to be done after an approval."""
    _run(config, "ask", {"text": text, "thread": thread or own_thread()}, principal=principal, as_json=as_json)


@app.command()
def approve(
    plan: PlanId,
    digest: Annotated[str, typer.Option(help="The digest you have seen; another one is refused.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept in the record.")] = "",
    confirm: Annotated[str, typer.Option(help="What the card asks to be typed.")] = "",
    code: Annotated[str, typer.Option(help="Step-up code.")] = "",
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Return at once instead of following the execution.")
    ] = False,
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Approve a plan, and follow it to its end."""
    params = {
        "plan_id": plan,
        "digest": digest,
        "reason": reason,
        "confirm": confirm,
        "code": code,
        "wait": not no_wait,
        "approve": True,
        "thread": thread or own_thread(),
    }
    _run(config, "decide", params, principal=principal, as_json=as_json)


@app.command()
def reject(
    plan: PlanId,
    reason: Annotated[str, typer.Option(help="Why; the requester sees it.")],
    principal: As = "",
    thread: Thread = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Reject a plan."""
    params = {"plan_id": plan, "reason": reason, "approve": False, "thread": thread or own_thread()}
    _run(config, "decide", params, principal=principal, as_json=as_json, rejecting=True)


@app.command()
def cancel(
    plan: OptionalPlan = "", principal: As = "", thread: Thread = "", config: Config = None, as_json: AsJson = False
) -> None:
    """Begin nothing more of a running plan, or take a waiting one off the table."""
    _command("cancel", plan, principal, thread, config, as_json)


@app.command()
def undo(
    plan: OptionalPlan = "", principal: As = "", thread: Thread = "", config: Config = None, as_json: AsJson = False
) -> None:
    """Propose a plan that takes back what a plan did."""
    _command("undo", plan, principal, thread, config, as_json)


@app.command()
def status(
    plan: OptionalPlan = "", principal: As = "", thread: Thread = "", config: Config = None, as_json: AsJson = False
) -> None:
    """How Escher is, or how a plan stands."""
    _command("status", plan, principal, thread, config, as_json)


@app.command()
def pending(principal: As = "", thread: Thread = "", config: Config = None, as_json: AsJson = False) -> None:
    """Plans that wait for a decision."""
    _command("pending", "", principal, thread, config, as_json)


@app.command()
def why(plan: PlanId, principal: As = "", thread: Thread = "", config: Config = None, as_json: AsJson = False) -> None:
    """Why a plan needs what it needs, and who could decide."""
    _command("why", plan, principal, thread, config, as_json)


def _command(verb: str, plan: str, principal: str, thread: str, config: Path | None, as_json: bool) -> None:
    params = {"text": f"{verb} {plan}".strip(), "thread": thread or own_thread()}
    _run(config, "command", params, principal=principal, as_json=as_json)


def _run(
    config: Path | None, method: str, params: dict[str, Any], *, principal: str, as_json: bool, rejecting: bool = False
) -> None:
    try:
        answer = call(config, method, params, principal=principal, progress=told if not as_json else _quiet)
    except CommandFailed as error:
        if as_json and method != "decide":  # whether something was decided is not known here
            typer.echo(json.dumps(_failed(str(error), params["thread"])))
        raise
    shape = answer["shape"]
    if shape.get("kind") == "error" or shape.get("code") == BROKE:
        if as_json:
            typer.echo(json.dumps(shape))
        raise CommandFailed(away(_why(shape)), 3)
    show(shape, answer["text"], as_json=as_json)
    code = 0 if rejecting and shape.get("decision") == "rejected" else exit_code(shape)
    if code and as_json and shape.get("message"):
        typer.echo(shape["message"], err=True)
    if code:
        raise typer.Exit(code)


def _why(shape: dict[str, Any]) -> str:
    """Return what went wrong: the message, or the first line of the card."""
    cards = [card for card in shape.get("components", []) if card["kind"] == "error"]
    first = "".join(str(piece.get("text", "")) for piece in cards[0]["what_happened"]) if cards else ""
    return str(shape.get("message") or first).rstrip(".")


def _failed(why: str, thread: str) -> dict[str, Any]:
    return {"schema": 1, "kind": "error", "thread": thread, "components": [], "code": "unavailable", "message": why}


def show(shape: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Print an answer."""
    typer.echo(json.dumps(shape) if as_json else text)


def told(words: str) -> None:
    """Print progress where it does not mix with the answer."""
    typer.echo(words, err=True)


def _quiet(_words: str) -> None:
    """Print nothing."""


def own_thread() -> str:
    """Return a name for this terminal's conversation."""
    try:
        return os.ttyname(sys.stdin.fileno()).removeprefix("/dev/").replace("/", "-")
    except (OSError, ValueError):
        return f"session-{os.getsid(0)}"
