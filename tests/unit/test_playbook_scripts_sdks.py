"""Scripts for Azure and Google Cloud against the installed SDKs: what they look up is there and takes what they give."""

import inspect
import sys
import types
import typing
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.mgmt.compute import ComputeManagementClient
from google.cloud import compute_v1

from agent_server.agents.scripting import scripts_of
from agent_server.agents.scripting.calls import calls_of
from agent_server.contract.playbook import Language, Playbook
from agent_server.knowledge import library


def compute_only(cloud: str) -> list[Any]:
    """The playbooks of a cloud all of whose steps are of its compute service, which is installed here."""
    return [
        pytest.param(one, id=one.id)
        for one in library.playbooks().values()
        if (calls := calls_of(one))
        and Language.PYTHON in scripts_of(one)
        and all(call.cloud == cloud and call.service == "compute" for call in calls)
    ]


class Environment(dict[str, str]):
    """Gives a value to every variable."""

    def __missing__(self, key: str) -> str:
        """Return one that is also a whole number."""
        return "7777"

    def get(self, key: str, default: Any = None) -> Any:
        """Return the default where there is one."""
        return self[key] if default is None else default


def run(book: Playbook, modules: dict[str, Any]) -> None:
    """Run a playbook's Python script over these modules."""
    text = scripts_of(book)[Language.PYTHON]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "os", types.SimpleNamespace(environ=Environment()))
        for name, module in modules.items():
            patch.setitem(sys.modules, name, module)
        exec(compile(text, "script.py", "exec"), {"print": lambda *_: None})  # noqa: S102 - the program under test


class NoToken:
    """A credential that is never used."""

    def get_token(self, *_scopes: str, **_more: Any) -> AccessToken:
        """Return nothing worth having."""
        return AccessToken("none", 0)


class Bound:
    """A group of operations of the real client, whose methods are not called but held to their signatures."""

    def __init__(self, group: Any, seen: list[str]) -> None:
        self._group = group
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        """Return what checks arguments, where the real group has such a method."""
        method = getattr(self._group, name)

        def held(**arguments: Any) -> Any:
            inspect.signature(method).bind(**arguments)
            self._seen.append(name)
            return types.SimpleNamespace(result=lambda: None)

        return held


@pytest.mark.parametrize("book", compute_only("azure"))
def test_azures_operations_are_found_and_take_these_arguments(book: Playbook) -> None:
    """Group and method by the id, `begin_` where the SDK has it, every argument by name."""
    seen: list[str] = []

    class Client:
        def __init__(self, _credential: object, subscription: str) -> None:
            self._real = ComputeManagementClient(NoToken(), subscription)

        def __getattr__(self, name: str) -> Any:
            return Bound(getattr(self._real, name), seen)

    package = types.ModuleType("azure.mgmt.compute")
    package.ComputeManagementClient = Client  # type: ignore[attr-defined]
    identity = types.ModuleType("azure.identity")
    identity.DefaultAzureCredential = NoToken  # type: ignore[attr-defined]
    run(book, {"azure.mgmt.compute": package, "azure.identity": identity})
    assert len(seen) == len(book.steps)


def held_to(kind: type, seen: list[str]) -> type:
    """A client with the real one's methods, which build the real request and send nothing."""

    def method(name: str) -> Any:
        annotation = inspect.signature(getattr(kind, name)).parameters["request"].annotation
        request = next(
            one for one in typing.get_args(annotation) if isinstance(one, type) and one not in {dict, type(None)}
        )

        def held(_self: object, *, request_: Any = None, **given: Any) -> Any:
            request(given["request"] if request_ is None else request_)
            seen.append(name)
            return types.SimpleNamespace(result=lambda: None)

        return held

    names = [
        name
        for name in dir(kind)
        if not name.startswith("_") and callable(getattr(kind, name)) and "request" in _parameters(kind, name)
    ]
    return type(kind.__name__, (), {name: method(name) for name in names})


def _parameters(kind: type, name: str) -> set[str]:
    try:
        return set(inspect.signature(getattr(kind, name)).parameters)
    except (TypeError, ValueError):
        return set()


@pytest.mark.parametrize("book", compute_only("gcp"))
def test_googles_operations_are_found_and_take_these_arguments(book: Playbook) -> None:
    """Client and method by the id; the real request takes every field, however deep."""
    seen: list[str] = []
    wanted = {call.method for call in calls_of(book)}
    module = types.ModuleType("google.cloud.compute_v1")
    for name, kind in vars(compute_v1).items():
        if not name.endswith("Client"):
            continue
        service = name.removesuffix("Client").lower()
        if any(one.replace("_", "").startswith(service) for one in wanted):
            setattr(module, name, held_to(kind, seen))
    run(book, {"google.cloud.compute_v1": module})
    assert len(seen) == len(book.steps)
