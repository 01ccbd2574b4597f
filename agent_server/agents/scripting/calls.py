"""The steps of a playbook as calls of the vendors' APIs, with every argument named."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from agent_server.agents.scripting.catalogued import wants_arn, writer_of
from agent_server.agents.scripting.values import Value, Variable, parsed, variable_name
from agent_server.contract.playbook import Playbook, PlaybookStep
from agent_server.contract.types import resource_types
from agent_server.knowledge.commands import Command, reference

_BODIES = frozenset({"body", "parameters", "resource", "request"})
_IN_SINGULAR = ("Address", "Status", "Class", "Access", "Alias", "Basis", "Process", "Analysis", "Progress")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call.

    Attributes:
        operation: Of the vendor's API.
        cli: How the vendor's command line says it, without arguments; empty where no rule gives it.
        description: What it does, as the playbook says it.
        arguments: By the API's names.
        target: The argument that names what is acted on.
    """

    operation: str
    cli: str
    description: str
    arguments: Mapping[str, Value]
    target: str = ""

    @property
    def cloud(self) -> str:
        """The cloud it belongs to."""
        return self.operation.partition(".")[0]

    @property
    def service(self) -> str:
        """The SDK's package."""
        return self.operation.split(".")[1]

    @property
    def method(self) -> str:
        """The rest of the id: for AWS the client's method, else collection and method."""
        return self.operation.split(".")[2]


def calls_of(playbook: Playbook) -> tuple[Call, ...]:
    """Return the calls in order; none when some step cannot be said as one."""
    variables = {one.name: Variable(name=variable_name(one.name), kind=one.kind) for one in playbook.parameters}
    calls: list[Call] = []
    for step in playbook.steps:
        try:
            call = _call(step, playbook, variables)
        except KeyError:
            return ()
        if call is None:
            return ()
        calls.append(call)
    return tuple(calls)


def _call(step: PlaybookStep, playbook: Playbook, variables: Mapping[str, Variable]) -> Call | None:
    params = {key: parsed(value, variables) for key, value in step.params.items()}
    thing = _thing(step, playbook)
    writer = writer_of(step.operation, params)
    if writer:
        written = writer(thing, params)
        if written is None:
            return None
        operation, arguments = written
        return Call(
            operation=operation,
            cli=_cli(operation),
            description=step.description,
            arguments=arguments,
            target=next(iter(arguments)),
        )
    command = _commands(step.operation.partition(".")[0]).get(step.operation)
    if step.operation.startswith("escher."):
        return None
    arguments = dict(params)
    target = step.target or _last_required(command, params)
    if target:
        _place(arguments, target.split("."), _as_wanted(step.operation, target, thing))
    for name in command.required if command else ():
        if name in arguments or _holds(name, target):
            continue
        if name in _BODIES or name.endswith(("_resource", "Configuration", "Config")):
            return None
        arguments[name] = Variable(name=variable_name(name))
    return Call(
        operation=step.operation,
        cli=_cli(step.operation),
        description=step.description,
        arguments=arguments,
        target=target,
    )


def _place(arguments: dict[str, Value], path: list[str], thing: Value) -> None:
    """Put the target where a path leads, into a copy of whatever is there."""
    first, rest = path[0], path[1:]
    if not rest:
        arguments[first] = thing
        return
    inner = arguments.get(first)
    below: dict[str, Value] = dict(inner) if isinstance(inner, dict) else {}
    _place(below, rest, thing)
    arguments[first] = below


def _holds(name: str, target: str) -> bool:
    return target.split(".", maxsplit=1)[0] == name


def _last_required(command: Command | None, params: Mapping[str, Value]) -> str:
    """Return the parameter that names the target where the step does not say: the last that has to be given."""
    left = [name for name in (command.required if command else ()) if name not in params and name not in _BODIES]
    return left[-1] if left else ""


def _as_wanted(operation: str, target: str, thing: Variable) -> Value:
    """Return what is acted on in the form in which the argument wants it."""
    if target == "InstanceSpecification":
        return {"InstanceId": thing}
    return [thing] if _is_list(operation, target) else thing


def _is_list(operation: str, target: str) -> bool:
    """Whether an AWS parameter takes several: its name says so, in the plural."""
    return operation.startswith("aws.") and target.endswith("s") and not target.endswith(_IN_SINGULAR)


def _thing(step: PlaybookStep, playbook: Playbook) -> Variable:
    """Return the variable that names what a step acts on, after its kind: `RDS_INSTANCE`."""
    type_ = step.target_type or playbook.resource_types[0]
    clouds = set(playbook.clouds)
    words = next((row.words for row in resource_types() if row.type == type_ and row.cloud in clouds), ())
    word = next((one for one in words if " " in one), words[0] if words else type_.replace("::", " "))
    ending = " arn" if wants_arn(step.operation) or step.target.lower().endswith("arn") else ""
    return Variable(name=variable_name(word + ending), kind="resource")


def _cli(operation: str) -> str:
    known = _commands(operation.partition(".")[0]).get(operation)
    return known.cli if known else ""


@cache
def _commands(cloud: str) -> Mapping[str, Command]:
    if cloud not in {"aws", "azure", "gcp"}:
        return {}
    return {one.id: one for one in reference(cloud)}
