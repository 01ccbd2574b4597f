"""The documents that are made from the code: `python -m tests.docs_are_current` compares them, `--write` makes them anew.

`docs/reference/cli.md` comes from the command line itself, `settings.md` from the settings models, `operations.md` from the
catalogue, `playbooks.md` from the library. Every link between our own documents must lead somewhere, and every command they show must exist.
"""

import argparse
import difflib
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.cli import app
from bot.settings_defaults import PREFIX
from bot.tables import Settings
from engine.clouds.catalog import Catalog, catalog
from engine.clouds.operation import Composite, Operation
from tests import library_runs

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
_MADE = "<!-- Made by `make docs` from the code; `make check` fails when it is not current. -->\n"
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_SHOWN = re.compile(r"(?:^|`)(?:\.venv/bin/)?escher ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", re.MULTILINE)
_TOML_SPECIAL = {"aws": "accounts", "azure": "subscriptions", "gcp": "projects"}


def cli() -> str:
    """Return the page of all commands."""
    lines = [_MADE, "# Commands", "", _cell(app.info.help or ""), ""]
    for path, command in commands():
        lines += _command(path, command)
    return "\n".join(lines).rstrip() + "\n"


def commands() -> Iterator[tuple[str, "typer.core.TyperCommand"]]:
    """Yield every command with its full name, in alphabetical order."""

    def walk(path: str, one: object) -> Iterator[tuple[str, "typer.core.TyperCommand"]]:
        if isinstance(one, typer.core.TyperGroup):
            for name, below in sorted(one.commands.items()):
                yield from walk(f"{path} {name}", below)
        elif isinstance(one, typer.core.TyperCommand):
            yield path, one

    yield from walk("escher", typer.main.get_command(app))


def _command(path: str, command: "typer.core.TyperCommand") -> list[str]:
    arguments = [one for one in command.params if isinstance(one, typer.core.TyperArgument)]
    options = [one for one in command.params if isinstance(one, typer.core.TyperOption) and not one.hidden]
    named = "".join(f" {_argument(one)}" for one in arguments)
    lines = [f"## `{path}{named}`", "", _cell(command.help or ""), ""]
    rows = [(f"`{_argument(one)}`", _default(one.default), _cell(one.help or "")) for one in arguments]
    rows += [(f"`{', '.join(one.opts)}`", _default(one.default), _cell(one.help or "")) for one in options]
    if rows:
        lines += ["| | default | |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows), ""]
    return lines


def _argument(one: "typer.core.TyperArgument") -> str:
    plain = (one.metavar or one.name or "").strip("[]").upper()
    return plain if one.required else f"[{plain}]"


def _default(value: object) -> str:
    return "" if value in (None, False, "", PydanticUndefined) or callable(value) else f"`{value}`"


def settings() -> str:
    """Return the page of all settings."""
    lines = [
        _MADE,
        "# Settings",
        "",
        "One TOML file, `./escher.toml` or `~/.escher/escher.toml` or what `--config` names. Each key is also an environment variable;",
        "lists are written there as JSON. The environment stands above the file. A key that",
        "does not exist, a value of another kind and a combination that cannot work end the start with a sentence that names the key.",
        "Secrets are `keyring:NAME`, `env:NAME` or `file:PATH`; in plain words only in the environment or for an endpoint on loopback.",
        "`escher settings show` prints what holds and where it comes from; `escher schema settings` prints the JSON schema.",
        "",
    ]
    plain = {name: field for name, field in Settings.model_fields.items() if _model(field.annotation) is None}
    lines += ["## Top level", "", *_rows(Settings, plain, PREFIX), ""]
    for name, field in Settings.model_fields.items():
        model = _model(field.annotation)
        if model is not None:
            lines += _table(name, model, many=_many(field.annotation))
    return "\n".join(lines).rstrip() + "\n"


def _table(name: str, model: type[BaseModel], *, many: bool) -> list[str]:
    inner = _TOML_SPECIAL.get(name)
    if inner is not None:
        below = _model(model.model_fields[inner].annotation)
        return [] if below is None else _table(f"{name}.{inner}", below, many=True)
    title = f"[[{name}]]" if many else f"[{name}]"
    lines = [f"## `{title}`", "", _summary(model), ""]
    if many:
        lines += [
            f"In the environment the whole list is one variable, `{PREFIX}{name.upper().replace('.', '__')}`.",
            "",
        ]
    return [*lines, *_rows(model, model.model_fields, "" if many else f"{PREFIX}{name.upper()}__"), ""]


def _rows(model: type[BaseModel], fields: Mapping[str, FieldInfo], prefix: str) -> list[str]:
    """Return a table of keys; without a prefix they have no environment variables of their own."""
    meanings = _meanings(model)
    lines = ["| key | kind | default | meaning |", "|---|---|---|---|"]
    if prefix:
        lines = ["| key | kind | default | meaning | environment |", "|---|---|---|---|---|"]
    for name, field in fields.items():
        row = f"| `{name}` | {_kind(field.annotation)} | {_value(field)} | {_cell(meanings[name])} |"
        lines.append(f"{row} `{prefix}{name.upper()}` |" if prefix else row)
    return lines


def _summary(model: type[BaseModel]) -> str:
    return _cell((model.__doc__ or "").partition("Attributes:")[0])


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Return what the `Attributes:` of a model's docstring say of each key; a key without a meaning is an error."""
    told = (model.__doc__ or "").partition("Attributes:")[2]
    found = dict(re.findall(r"^\s+(\w+): (.+)$", told, re.MULTILINE))
    if silent := {name for name, field in model.model_fields.items() if _model(field.annotation) is None} - set(found):
        raise ValueError(f"the docstring of {model.__name__} does not say what {min(silent)} is")
    return found


def _value(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    match value:
        case "":
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return f"`[{', '.join(repr(one).replace(chr(39), chr(34)) for one in value)}]`"
        case str():
            return f'`"{value}"`'
        case _:
            return f"`{value}`"


def _kind(annotation: object) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if origin is typing.Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is types.UnionType:
        return " or ".join(_kind(one) for one in arguments)
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(
        typing.cast("type", annotation), ""
    )


def _model(annotation: object) -> type[BaseModel] | None:
    for one in (annotation, *typing.get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _many(annotation: object) -> bool:
    return typing.get_origin(annotation) is tuple


def operations() -> str:
    """Return the page of everything that can be done."""
    known = catalog()
    lines = [
        _MADE,
        "# Operations",
        "",
        "Everything that Escher can change. *Replay* says what may happen when it is not known whether a call took effect: `token`",
        "repeats it with the same idempotency token, `natural` repeats it because repeating changes nothing more, `state` looks first,",
        "`cas` repeats it against the same expected version, `once` never repeats it and says `uncertain`.",
        "",
    ]
    clouds = sorted({one.cloud for one in known.operations.values()}, key=lambda cloud: cloud.value)
    for cloud in clouds:
        singles = sorted((one for one in known.operations.values() if one.cloud is cloud), key=lambda one: one.id)
        joined = sorted((one for one in known.composites.values() if one.cloud is cloud), key=lambda one: one.id)
        lines += [f"## {cloud.value}", "", f"{len(singles)} operations, {len(joined)} composites.", ""]
        lines += [
            "| operation | said | acts on | effect | replay | permissions | undo |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_operation(one, known) for one in singles]
        lines.append("")
        if joined:
            lines += ["| composite | said | acts on |", "|---|---|---|", *(_composite(one) for one in joined), ""]
    return "\n".join(lines).rstrip() + "\n"


def _operation(one: Operation, known: Catalog) -> str:
    undo = one.no_inverse_because or "none"
    if one.inverse is not None:
        way = known.operations[one.inverse.operation].id
        undo = f"`{way}`" + (", as it was" if one.inverse.choose else "")
    permissions = ", ".join(f"`{each}`" for each in one.permissions)
    said = (one.action or "part of others").replace("_", " ")
    effect = f"{one.effect.value}{', may expose' if one.exposes else ''}"
    return f"| `{one.id}` | {said} | `{one.type}` | {effect} | {one.replay.value} | {permissions} | {_cell(undo)} |"


def _composite(one: Composite) -> str:
    return f"| `{one.id}` | {one.action.replace('_', ' ')} | `{one.type}` |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "settings.md": settings,
    "operations.md": operations,
    "playbooks.md": library_runs.page,
}


def stale() -> Iterator[str]:
    """Yield what is wrong with the documents, one finding a line."""
    for name, make in PAGES.items():
        path = REFERENCE / name
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        changes = difflib.unified_diff(found.splitlines(), make().splitlines(), lineterm="", n=0)
        if shown := [line for line in changes if not line.startswith(("---", "+++", "@@"))]:
            yield f"docs/reference/{name} is not current ({shown[0][:100]}); run make docs"
    known = {path.removeprefix("escher ") for path, _ in commands()}
    for page in written():
        text = page.read_text(encoding="utf-8")
        place = page.relative_to(ROOT)
        yield from (f"{place}: {link} leads nowhere" for link in _LINK.findall(text) if _lost(page, link))
        yield from (
            f"{place}: there is no command escher {said}" for said in _SHOWN.findall(text) if _unknown(said, known)
        )


def written() -> Iterator[Path]:
    """Yield our own documents."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").rglob("*.md"))


def _lost(page: Path, link: str) -> bool:
    return "://" not in link and not (page.parent / link).exists()


def _unknown(said: str, known: set[str]) -> bool:
    first = said.split(" ", maxsplit=1)[0]
    return said not in known and first not in known


def main() -> int:
    """Compare or write; return 0 when all is current."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs_are_current", description=__doc__)
    parser.add_argument("--write", action="store_true", help="make the reference pages anew")
    if parser.parse_args().write:
        REFERENCE.mkdir(parents=True, exist_ok=True)
        for name, make in PAGES.items():
            (REFERENCE / name).write_text(make(), encoding="utf-8")
    findings = list(stale())
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    sys.stdout.write(f"documents: {len(list(written()))} looked at, {len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
