"""Calls as Python over the vendors' SDKs: boto3, azure-mgmt, google-cloud and Google's discovery client.

Literals are written by `repr`, variables come from the environment. Azure's and Google's ids name a package, a group and a method; the script finds
the group and the method in the installed SDK by that rule, as the ids are defined, and says which is missing when one is.
"""

from collections.abc import Iterable, Mapping, Sequence
from keyword import iskeyword

from agent_server.agents.scripting.calls import Call
from agent_server.agents.scripting.values import Joined, Value, Variable, comment, variable_name, variables_in
from agent_server.agents.scripting.waiting import wait_for
from agent_server.contract.playbook import Parameter, Playbook

_AZURE_CALL = '''
def azure(package, operation, **arguments):
    """Call `<group>_<method>` of an azure-mgmt package and wait for its end."""
    module = importlib.import_module(f"azure.mgmt.{package}")
    kind = next(value for name, value in sorted(vars(module).items()) if name.endswith("Client"))
    client = kind(DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"])
    words = operation.split("_")
    for end in range(len(words) - 1, 0, -1):
        group, method = getattr(client, "_".join(words[:end]), None), "_".join(words[end:])
        if hasattr(group, f"begin_{method}"):
            return getattr(group, f"begin_{method}")(**arguments).result()
        if hasattr(group, method):
            return getattr(group, method)(**arguments)
    raise SystemExit(f"azure-mgmt-{package} has no {operation}")
'''
_GOOGLE_CALL = '''
def google(module, operation, **arguments):
    """Call `<service>_<method>` of a Google Cloud client library and wait for its end."""
    library = importlib.import_module(module)
    plain = operation.replace("_", "")
    for name, kind in sorted(vars(library).items(), key=lambda pair: -len(pair[0])):
        service = name.removesuffix("Client").lower()
        if not name.endswith("Client") or name.endswith("AsyncClient") or not plain.startswith(service):
            continue
        for method in dir(kind):
            if service + method.replace("_", "") == plain and not method.startswith("_"):
                answer = getattr(kind(), method)(request=arguments)
                return answer.result() if hasattr(answer, "result") else answer
    raise SystemExit(f"{module} has no {operation}")
'''
_DISCOVERY_CALL = '''
def discovered(api, version, operation, **arguments):
    """Call `<collection>_<method>` of a Google API by its discovery document."""
    words = operation.split("_")
    client = build(api, version)
    collection = words[0] + "".join(word.capitalize() for word in words[1:-1])
    answer = getattr(getattr(client, collection)(), words[-1])(**arguments).execute()
    while answer.get("kind") == "sql#operation" and answer["status"] != "DONE":
        time.sleep(5)
        asked = {"project": answer["targetProject"], "operation": answer["name"]}
        answer = client.operations().get(**asked).execute()
    if "error" in answer:
        raise SystemExit(str(answer["error"]))
    return answer
'''
_GAPIC: Mapping[str, str] = {
    "artifactregistry": "google.cloud.artifactregistry_v1",
    "budgets": "google.cloud.billing.budgets_v1",
    "compute": "google.cloud.compute_v1",
    "dataproc": "google.cloud.dataproc_v1",
    "firestore_admin": "google.cloud.firestore_admin_v1",
    "iam_admin": "google.cloud.iam_admin_v1",
    "kms": "google.cloud.kms_v1",
    "pubsub": "google.pubsub_v1",
    "redis": "google.cloud.redis_v1",
    "resourcemanager": "google.cloud.resourcemanager_v3",
    "run": "google.cloud.run_v2",
    "secretmanager": "google.cloud.secretmanager_v1",
    "spanner_admin_database": "google.cloud.spanner_admin_database_v1",
    "storage_transfer": "google.cloud.storage_transfer_v1",
    "tasks": "google.cloud.tasks_v2",
}
_DISCOVERED: Mapping[str, tuple[str, str]] = {
    "bigquery": ("bigquery", "v2"),
    "dns": ("dns", "v1"),
    "sqladmin": ("sqladmin", "v1"),
    "storage": ("storage", "v1"),
}


def script(playbook: Playbook, calls: Sequence[Call]) -> str:
    """Return the script; empty when some call has no rule."""
    lines = [_line(call) for call in calls]
    if not all(lines):
        return ""
    variables = sorted({one for call in calls for one in variables_in(dict(call.arguments))}, key=lambda one: one.name)
    declared = {variable_name(one.name): one for one in playbook.parameters}
    head = [
        f"# {comment(playbook.name)} ({playbook.id} {playbook.version})",
        f"# {comment(playbook.summary)}",
        f"# Takes from the environment: {', '.join(one.name for one in variables) or 'nothing'}",
        *_imports(calls),
    ]
    values = [_read(one, declared.get(one.name)) for one in variables]
    body = [
        f"\n# {number}. {comment(call.description)}\n{line}"
        for number, (call, line) in enumerate(zip(calls, lines, strict=True), 1)
    ]
    return "\n".join((*head, *_functions(calls), "", *values, *body)) + "\n"


def _imports(calls: Sequence[Call]) -> Iterable[str]:
    clouds = {call.cloud for call in calls}
    if "azure" in clouds or any(call.service in _GAPIC for call in calls if call.cloud == "gcp"):
        yield "import importlib"
    yield "import os"
    if any(call.service in _DISCOVERED for call in calls if call.cloud == "gcp"):
        yield "import time"
    yield ""
    if "aws" in clouds:
        yield "import boto3"
    if "azure" in clouds:
        yield "from azure.identity import DefaultAzureCredential"
    if any(call.service in _DISCOVERED for call in calls if call.cloud == "gcp"):
        yield "from googleapiclient.discovery import build"
    yield ""


def _functions(calls: Sequence[Call]) -> Iterable[str]:
    if any(call.cloud == "azure" for call in calls):
        yield _AZURE_CALL
    if any(call.cloud == "gcp" and call.service in _GAPIC for call in calls):
        yield _GOOGLE_CALL
    if any(call.cloud == "gcp" and call.service in _DISCOVERED for call in calls):
        yield _DISCOVERY_CALL


def _line(call: Call) -> str:
    arguments = ", ".join(_argument(name, value) for name, value in call.arguments.items())
    rest = f", {arguments}" if arguments else ""
    if not all(name.isidentifier() and not iskeyword(name) for name in call.arguments):
        return ""
    match call.cloud:
        case "aws":
            return "\n".join(_with_wait(call, arguments))
        case "azure":
            return f"print(azure({call.service!r}, {call.method!r}{rest}))"
        case _ if call.service in _GAPIC:
            return f"print(google({_GAPIC[call.service]!r}, {call.method!r}{rest}))"
        case _ if call.service in _DISCOVERED:
            api, version = _DISCOVERED[call.service]
            return f"print(discovered({api!r}, {version!r}, {call.method!r}{rest}))"
        case _:
            return ""


def _with_wait(call: Call, arguments: str) -> Iterable[str]:
    client = f"boto3.client({call.service.replace('_', '-')!r})"
    yield f"print({client}.{call.method}({arguments}))"
    wait = wait_for(call.operation, call.arguments)
    if wait:
        waited = ", ".join(_argument(name, value) for name, value in wait.arguments.items())
        yield f"{client}.get_waiter({wait.name!r}).wait({waited})"


def _argument(name: str, value: Value) -> str:
    return f"{name}={written(value)}"


def written(value: Value) -> str:
    """Return a value as an expression."""
    match value:
        case Variable():
            return value.name
        case Joined():
            return " + ".join(repr(part) if isinstance(part, str) else f"str({part.name})" for part in value.parts)
        case list():
            return f"[{', '.join(written(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{key!r}: {written(one)}' for key, one in value.items())}}}"
        case _:
            return repr(value)


def _read(one: Variable, declared: Parameter | None) -> str:
    default = declared.default if declared else None
    given = f"os.environ[{one.name!r}]"
    if default is not None:
        plain = str(default).lower() if isinstance(default, bool) else str(default)
        given = f"os.environ.get({one.name!r}, {plain!r})"
    match one.kind:
        case "integer":
            return f"{one.name} = int({given})"
        case "boolean":
            return f'{one.name} = {{"true": True, "false": False}}[{given}]'
        case _:
            return f"{one.name} = {given}"
