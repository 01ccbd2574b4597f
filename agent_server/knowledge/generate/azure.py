"""Every operation of the installed `azure.mgmt` packages, from their classes and docstrings."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import azure.mgmt

from agent_server.knowledge.commands import Command
from agent_server.knowledge.effects import effect_of
from agent_server.knowledge.generate.sentences import first_sentence

_NOT_A_SERVICE = frozenset({"core"})
_NOT_AN_ACT = frozenset({"close", "send_request"})
_TITLES = {"compute": "Compute", "resourcegraph": "Resource Graph"}
_CLI_GROUPS = {
    "compute.virtual_machines": "vm",
    "compute.virtual_machine_scale_sets": "vmss",
    "compute.disks": "disk",
    "compute.snapshots": "snapshot",
    "compute.images": "image",
    "compute.galleries": "sig",
    "compute.gallery_images": "sig image-definition",
    "compute.gallery_image_versions": "sig image-version",
    "compute.availability_sets": "vm availability-set",
    "compute.disk_encryption_sets": "disk-encryption-set",
    "compute.disk_accesses": "disk-access",
    "compute.proximity_placement_groups": "ppg",
    "compute.dedicated_hosts": "vm host",
    "compute.dedicated_host_groups": "vm host group",
    "compute.ssh_public_keys": "sshkey",
    "compute.virtual_machine_extensions": "vm extension",
    "compute.virtual_machine_run_commands": "vm run-command",
    "compute.restore_point_collections": "restore-point collection",
    "compute.restore_points": "restore-point",
    "compute.capacity_reservations": "capacity reservation",
    "compute.capacity_reservation_groups": "capacity reservation group",
}
"""Operation groups whose commands `az` names by one rule; other groups get no text of the command line."""
_CLI_VERBS = {
    "get": "show",
    "create_or_update": "create",
    "create": "create",
    "update": "update",
    "delete": "delete",
    "list": "list",
    "start": "start",
    "deallocate": "deallocate",
    "restart": "restart",
    "redeploy": "redeploy",
    "reapply": "reapply",
    "reimage": "reimage",
    "generalize": "generalize",
    "capture": "capture",
    "grant_access": "grant-access",
    "revoke_access": "revoke-access",
    "assess_patches": "assess-patches",
    "install_patches": "install-patches",
    "perform_maintenance": "perform-maintenance",
    "simulate_eviction": "simulate-eviction",
}
_CLI_OF_ONE_KIND = {
    "compute.virtual_machines.power_off": "az vm stop",
    "compute.virtual_machines.instance_view": "az vm get-instance-view",
    "compute.virtual_machines.run_command": "az vm run-command invoke",
    "compute.virtual_machines.list_all": "az vm list",
    "compute.virtual_machines.list_available_sizes": "az vm list-vm-resize-options",
    "compute.virtual_machine_scale_sets.list_all": "az vmss list",
    "compute.virtual_machine_scale_sets.power_off": "az vmss stop",
    "compute.usage.list": "az vm list-usage",
    "compute.resource_skus.list": "az vm list-skus",
    "compute.virtual_machine_images.list": "az vm image list",
    "compute.virtual_machine_images.list_skus": "az vm image list-skus",
    "compute.virtual_machine_images.list_offers": "az vm image list-offers",
    "compute.virtual_machine_images.list_publishers": "az vm image list-publishers",
    "resourcegraph.resources": "az graph query",
}


def commands() -> Iterator[Command]:
    """Yield every operation of every installed package, package by package."""
    for found in sorted(pkgutil.iter_modules(azure.mgmt.__path__), key=lambda one: one.name):
        if found.name in _NOT_A_SERVICE:
            continue
        module = importlib.import_module(f"azure.mgmt.{found.name}")
        client = _client(module)
        for group, owner in [("", client), *_groups(client)]:
            for method, function in sorted(_methods(owner)):
                yield _command(found.name, group=group, method=method, function=function)


class _NoCredential:
    """Stands where a client wants a credential; a client that only describes itself asks for no token."""

    def get_token(self, *scopes: str, **_options: Any) -> Any:
        """Refuse: nothing is called here."""
        raise PermissionError(f"no token for {scopes}: the reference is made without calling anybody")


def _client(module: Any) -> Any:
    """Return a client of a package, bound to no subscription: its attributes are the operation groups by their right names."""
    kind = next(getattr(module, name) for name in module.__all__ if name.endswith("Client"))
    wanted = inspect.signature(kind).parameters
    given = {"credential": _NoCredential(), "subscription_id": "0"}
    return kind(**{name: value for name, value in given.items() if name in wanted})


def _groups(client: Any) -> list[tuple[str, Any]]:
    found = ((name, one) for name, one in vars(client).items() if not name.startswith("_"))
    return sorted(
        (name, one) for name, one in found if type(one).__name__.endswith("Operations") and name != "operations"
    )


def _methods(owner: Any) -> Iterator[tuple[str, Any]]:
    for name, function in inspect.getmembers(owner, callable):
        if not name.startswith("_") and name not in _NOT_AN_ACT:
            yield name.removeprefix("begin_"), function


def _command(package: str, *, group: str, method: str, function: Any) -> Command:
    act = f"{group}_{method}" if group else method
    return Command(
        id=f"azure.{package}.{act}",
        service=_TITLES.get(package, package),
        summary=first_sentence(function.__doc__ or ""),
        cli=_cli(package, group, method),
        required=_required(function),
        effect=effect_of(method),
    )


def _cli(package: str, group: str, method: str) -> str:
    path = ".".join(part for part in (package, group, method) if part)
    if path in _CLI_OF_ONE_KIND:
        return _CLI_OF_ONE_KIND[path]
    said, verb = _CLI_GROUPS.get(f"{package}.{group}"), _CLI_VERBS.get(method)
    return f"az {said} {verb}" if said and verb else ""


def _required(function: Any) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return tuple(
        one.name for one in parameters if one.name != "self" and one.kind in plain and one.default is one.empty
    )
