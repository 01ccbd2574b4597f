"""Calls as bash and as a plain list of commands.

Every literal is quoted by `shlex`, every variable stands in double quotes, and a variable inside JSON goes through the script's own `json`
function; so no value, whatever is in it, is ever read as code (POSIX shell, "Quoting",
https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02).
"""

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from agent_server.agents.scripting.calls import Call
from agent_server.agents.scripting.values import Joined, Value, Variable, comment, variable_name, variables_in
from agent_server.agents.scripting.waiting import wait_for
from agent_server.contract.playbook import Parameter, Playbook

# How botocore turns a parameter's name into an option (botocore.xform_name).
_FIRST_CAP = re.compile(r"(.)([A-Z][a-z]+)")
_END_CAP = re.compile(r"([a-z0-9])([A-Z])")
_PLURAL = re.compile(r"[A-Z]{2,}s$")
_GCLOUD = frozenset({"start", "stop", "reset", "suspend", "resume", "delete", "describe"})
_AZ = frozenset({"start", "deallocate", "restart", "redeploy", "delete", "show"})
_JSON = (
    "json() {  # a text as JSON",
    "  local text=${1//\\\\/\\\\\\\\}",
    '  printf \'"%s"\' "${text//\\"/\\\\\\"}"',
    "}",
)
_FLAG = (
    "flag() {  # the option for yes or the one for no",
    '  if [ "$3" = true ]; then printf -- "--%s" "$1"; else printf -- "--%s" "$2"; fi',
    "}",
)


def script(playbook: Playbook, calls: Sequence[Call]) -> str:
    """Return the script; empty when some call cannot be said on the command line."""
    lines = [_command(call) for call in calls]
    if not all(lines):
        return ""
    body = "\n".join(
        f"\n# {number}. {comment(call.description)}\n{line}"
        for number, (call, line) in enumerate(zip(calls, lines, strict=True), 1)
    )
    variables = sorted({one for call in calls for one in variables_in(dict(call.arguments))}, key=lambda one: one.name)
    helpers = [*(_JSON if "$(json " in body else ()), *(_FLAG if "$(flag " in body else ())]
    head = [
        "#!/usr/bin/env bash",
        f"# {comment(playbook.name)} ({playbook.id} {playbook.version})",
        f"# {comment(playbook.summary)}",
        f"# Takes from the environment: {', '.join(one.name for one in variables) or 'nothing'}",
        "set -euo pipefail",
        "export AWS_PAGER=",
        "",
        'die() { printf "%s\\n" "$1" >&2; exit 2; }',
        *helpers,
    ]
    declared = {variable_name(one.name): one for one in playbook.parameters}
    checks = [line for one in variables for line in _checks(one, declared.get(one.name))]
    return "\n".join((*head, *checks)) + "\n" + body + "\n"


def commands(calls: Sequence[Call]) -> str:
    """Return one command a line; empty when some call cannot be said on the command line."""
    lines = [_command(call) for call in calls]
    if not all(lines) or any(helper in line for line in lines for helper in ("$(json ", "$(flag ")):
        return ""
    return "\n".join(lines) + "\n"


def _checks(one: Variable, declared: Parameter | None) -> Iterable[str]:
    """Check a variable before anything is done; what a person wrote about it is only ever inside single quotes."""
    if declared is not None and declared.default is not None:
        yield f'[ -n "${{{one.name}:-}}" ] || {one.name}={shlex.quote(_plain(declared.default))}'
    else:
        what = comment(declared.description) if declared else "name or id"
        yield f'[ -n "${{{one.name}:-}}" ] || die {shlex.quote(f"set {one.name}: {what}")}'
    match one.kind:
        case "integer":
            yield f'[[ "${{{one.name}}}" =~ ^-?[0-9]{{1,18}}$ ]] || die "{one.name} must be a whole number"'
        case "boolean":
            yield f'[[ "${{{one.name}}}" == true || "${{{one.name}}}" == false ]] || die "{one.name} must be true or false"'
        case _:
            yield f'[[ ! "${{{one.name}}}" =~ [[:cntrl:]] ]] || die "{one.name} must be one line"'
            yield f'[[ "${{{one.name}}}" != -* ]] || die "{one.name} must not begin with a dash"'


def _command(call: Call) -> str:
    if not call.cli:
        return ""
    match call.cloud:
        case "aws":
            return "\n".join(_with_wait(call))
        case "azure":
            return _azure(call)
        case _:
            return _gcloud(call)


def _with_wait(call: Call) -> Iterable[str]:
    yield " ".join((call.cli, *_options(call.arguments)))
    wait = wait_for(call.operation, call.arguments)
    if wait:
        yield " ".join((*call.cli.split()[:2], "wait", wait.name.replace("_", "-"), *_options(wait.arguments)))


def _options(arguments: Mapping[str, Value]) -> list[str]:
    return [option for name, value in arguments.items() for option in _aws(name, value)]


def _aws(name: str, value: Value) -> list[str]:
    option = option_name(name)
    match value:
        case bool():
            return [f"--{option}" if value else f"--{_not(option)}"]
        case Variable(kind="boolean"):
            return [f'"$(flag {option} {_not(option)} "${{{value.name}}}")"']
        case [Variable() as only] if only.kind in {"string", "resource", "choice"}:
            return [f"--{option}", word(only)]
        case list() | dict():
            return [f"--{option}", _as_json(value)]
        case _:
            return [f"--{option}", word(value)]


def _not(option: str) -> str:
    """Return the option that says no: of `no-reboot` it is `reboot`, as the AWS command line has it."""
    return option.removeprefix("no-") if option.startswith("no-") else f"no-{option}"


def _azure(call: Call) -> str:
    """Return an `az` command for what is named by group and name alone; other arguments have no rule."""
    verb = call.cli.split()[-1]
    if verb not in _AZ or set(call.arguments) - {"resource_group_name", call.target} or not call.target:
        return ""
    group = call.arguments.get("resource_group_name", Variable(name="RESOURCE_GROUP_NAME"))
    name = call.arguments[call.target]
    sure = ["--yes"] if verb == "delete" else []
    return " ".join((call.cli, "--resource-group", word(group), "--name", word(name), *sure))


def _gcloud(call: Call) -> str:
    """Return a `gcloud compute` command for what is named by project, place and name alone; other arguments have no rule."""
    verb = call.cli.split()[-1]
    places = {"project", "zone", "region"}
    if not call.cli.startswith("gcloud compute ") or verb not in _GCLOUD or not call.target:
        return ""
    if set(call.arguments) - {*places, call.target}:
        return ""
    options = [f"--{name}={word(call.arguments[name])}" for name in sorted(places & set(call.arguments))]
    sure = ["--quiet"] if verb == "delete" else []
    return " ".join((call.cli, word(call.arguments[call.target]), *options, *sure))


def option_name(name: str) -> str:
    """Return the option that the AWS command line has for a parameter."""
    if _PLURAL.search(name):
        ending = _PLURAL.search(name)
        plural = ending[0] if ending else ""
        name = f"{name.removesuffix(plural)}-{plural.lower()}"
    return _END_CAP.sub(r"\1-\2", _FIRST_CAP.sub(r"\1-\2", name)).lower().replace("--", "-").strip("-")


def word(value: Value) -> str:
    """Return a value as one word of the shell."""
    match value:
        case Variable():
            return f'"${{{value.name}}}"'
        case Joined():
            return "".join(word(part) for part in value.parts)
        case list() | dict():
            return _as_json(value)
        case _:
            return shlex.quote(_plain(value))


def _as_json(value: Value) -> str:
    """Return a structure as one word: JSON in single quotes, broken open where a variable stands."""
    pieces: list[str] = []
    literal = ""
    for piece in _pieces(value):
        if isinstance(piece, str):
            literal += piece
            continue
        pieces += [shlex.quote(literal)] if literal else []
        literal = ""
        plain = isinstance(piece, Variable) and piece.kind in {"integer", "boolean"}
        pieces.append(word(piece) if plain else f'"$(json {word(piece)})"')
    pieces += [shlex.quote(literal)] if literal else []
    return "".join(pieces)


def _pieces(value: Value) -> Iterable["str | Variable | Joined"]:
    match value:
        case Variable() | Joined():
            yield value
        case list():
            yield "["
            for number, one in enumerate(value):
                yield ", " if number else ""
                yield from _pieces(one)
            yield "]"
        case dict():
            yield "{"
            for number, (key, one) in enumerate(value.items()):
                yield f"{', ' if number else ''}{json.dumps(key)}: "
                yield from _pieces(one)
            yield "}"
        case _:
            yield json.dumps(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
