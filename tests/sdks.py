"""What the installed SDKs say of their own operations: which there are, and what they take. Nothing is called."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator
from google.cloud.compute_v1 import services

INSTALLED = frozenset({"aws", "azure.compute", "azure.resourcegraph", "gcp.compute"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What an operation takes.

    Attributes:
        names: Every parameter.
        required: Those that have to be given.
    """

    names: frozenset[str]
    required: frozenset[str]


def installed(operation: str) -> bool:
    """Whether the SDK of an operation is here to be asked."""
    cloud, service, _ = operation.split(".")
    return bool({cloud, f"{cloud}.{service}"} & INSTALLED)


def signature(operation: str) -> Signature | None:
    """Return what an operation of an installed SDK takes, or None when it does not exist."""
    cloud, service, act = operation.split(".")
    match cloud:
        case "aws":
            model = aws_operation(operation)
            return _aws(model.input_shape) if model else None
        case "azure":
            return _azure(service).get(act)
        case _:
            return _gcp().get(act)


def complaints(operation: str, params: Mapping[str, object]) -> str:
    """Return what botocore says against the parameters of an AWS operation, or an empty text."""
    model = aws_operation(operation)
    if model is None or model.input_shape is None:
        return "takes nothing" if params else ""
    return ParamValidator().validate(dict(params), model.input_shape).generate_report()


def aws_operation(operation: str) -> OperationModel | None:
    """Return botocore's model of an operation, or None when there is none."""
    _, service, method = operation.split(".")
    known = _services()
    if service not in known:
        return None
    model = _session().get_service_model(known[service])
    name = _methods(service).get(method)
    return model.operation_model(name) if name else None


def _aws(shape: Any) -> Signature:
    if shape is None:
        return Signature(names=frozenset(), required=frozenset())
    return Signature(names=frozenset(shape.members), required=frozenset(shape.required_members))


def member(shape: Shape, path: str) -> Shape | None:
    """Return the shape that a path such as `Placement.Tenancy` leads to, or None."""
    for part in path.split("."):
        members = getattr(shape, "members", {})
        if part not in members:
            return None
        shape = members[part]
    return shape


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def _services() -> dict[str, str]:
    return {name.replace("-", "_"): name for name in _session().get_available_services()}


@cache
def _methods(service: str) -> dict[str, str]:
    model = _session().get_service_model(_services()[service])
    return {xform_name(name): name for name in model.operation_names}


@cache
def _azure(package: str) -> dict[str, Signature]:
    module = importlib.import_module(f"azure.mgmt.{package}")
    kind = next(getattr(module, name) for name in module.__all__ if name.endswith("Client"))
    wanted = inspect.signature(kind).parameters
    client = kind(**{k: v for k, v in {"credential": _NoCredential(), "subscription_id": "0"}.items() if k in wanted})
    groups = {f"{name}_": one for name, one in vars(client).items() if not name.startswith("_")}
    return {
        group + method.removeprefix("begin_"): _of(function)
        for group, owner in {"": client, **groups}.items()
        for method, function in inspect.getmembers(owner, inspect.ismethod)
        if not method.startswith("_")
    }


class _NoCredential:
    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        raise AssertionError("nothing is called")


def _of(function: Any) -> Signature:
    known = [one for one in inspect.signature(function).parameters.values() if one.kind is not one.VAR_KEYWORD]
    return Signature(
        names=frozenset(one.name for one in known),
        required=frozenset(one.name for one in known if one.default is one.empty and one.name != "self"),
    )


@cache
def _gcp() -> dict[str, Signature]:
    return {
        f"{found.name}_{method}": _gcp_method(function)
        for found in pkgutil.iter_modules(services.__path__)
        for method, function in inspect.getmembers(_gcp_client(found.name), inspect.isfunction)
        if not method.startswith("_") and "request" in inspect.signature(function).parameters
    }


def _gcp_client(name: str) -> Any:
    module = importlib.import_module(f"google.cloud.compute_v1.services.{name}")
    return next(getattr(module, one) for one in module.__all__ if one.endswith("Client"))


def _gcp_method(function: Any) -> Signature:
    """What the request message holds, and of it what the method names."""
    parameters = inspect.signature(function).parameters
    named = frozenset(parameters) - {"self", "request", "retry", "timeout", "metadata"}
    types = importlib.import_module("google.cloud.compute_v1.types")
    kinds = (getattr(types, str(one).rsplit(".", 1)[-1], None) for one in _parts(parameters["request"].annotation))
    fields = {name for kind in kinds if hasattr(kind, "meta") for name in kind.meta.fields}
    return Signature(names=named | fields, required=named)


def _parts(annotation: Any) -> list[str]:
    return [getattr(one, "__name__", "") for one in getattr(annotation, "__args__", ())]
