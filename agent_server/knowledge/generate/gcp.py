"""Every operation of Compute Engine, from the clients and docstrings of `google.cloud.compute_v1`."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

from google.cloud.compute_v1 import services

from agent_server.knowledge.commands import Command
from agent_server.knowledge.effects import effect_of
from agent_server.knowledge.generate.sentences import first_sentence

_NOT_AN_ACT = re.compile(
    r"_.*|.*_(unary|path)|from_service_.*|get_mtls_.*|transport|api_endpoint|universe_domain|close"
)
_NOT_ASKED_FOR = frozenset({"self", "request", "retry", "timeout", "metadata"})
_CLI_VERBS = {
    "insert": "create",
    "delete": "delete",
    "list": "list",
    "aggregated_list": "list",
    "get": "describe",
    "patch": "update",
    "start": "start",
    "stop": "stop",
    "reset": "reset",
    "suspend": "suspend",
    "resume": "resume",
    "resize": "resize",
    "get_iam_policy": "get-iam-policy",
    "set_iam_policy": "set-iam-policy",
}
_CLI_GROUPS = {
    "instances": "instances",
    "disks": "disks",
    "snapshots": "snapshots",
    "images": "images",
    "machine_images": "machine-images",
    "instance_templates": "instance-templates",
    "instance_groups": "instance-groups",
    "instance_group_managers": "instance-groups managed",
    "firewalls": "firewall-rules",
    "networks": "networks",
    "subnetworks": "networks subnets",
    "addresses": "addresses",
    "routes": "routes",
    "routers": "routers",
    "backend_services": "backend-services",
    "backend_buckets": "backend-buckets",
    "health_checks": "health-checks",
    "forwarding_rules": "forwarding-rules",
    "url_maps": "url-maps",
    "ssl_certificates": "ssl-certificates",
    "ssl_policies": "ssl-policies",
    "security_policies": "security-policies",
    "target_http_proxies": "target-http-proxies",
    "target_https_proxies": "target-https-proxies",
    "vpn_tunnels": "vpn-tunnels",
    "vpn_gateways": "vpn-gateways",
    "reservations": "reservations",
    "resource_policies": "resource-policies",
    "regions": "regions",
    "zones": "zones",
    "machine_types": "machine-types",
    "disk_types": "disk-types",
    "projects": "project-info",
}
"""Clients whose commands `gcloud compute` names by one rule; others get no text of the command line."""
_CLI_OF_ONE_KIND = {
    "instances.set_labels": "gcloud compute instances update --update-labels",
    "instances.set_tags": "gcloud compute instances add-tags",
    "instances.set_metadata": "gcloud compute instances add-metadata",
    "instances.set_machine_type": "gcloud compute instances set-machine-type",
    "instances.set_service_account": "gcloud compute instances set-service-account",
    "instances.set_scheduling": "gcloud compute instances set-scheduling",
    "instances.set_deletion_protection": "gcloud compute instances update --deletion-protection",
    "instances.attach_disk": "gcloud compute instances attach-disk",
    "instances.detach_disk": "gcloud compute instances detach-disk",
    "instances.add_access_config": "gcloud compute instances add-access-config",
    "instances.delete_access_config": "gcloud compute instances delete-access-config",
    "instances.get_serial_port_output": "gcloud compute instances get-serial-port-output",
    "instances.get_screenshot": "gcloud compute instances get-screenshot",
    "instances.simulate_maintenance_event": "gcloud compute instances simulate-maintenance-event",
    "disks.create_snapshot": "gcloud compute snapshots create --source-disk",
    "disks.add_resource_policies": "gcloud compute disks add-resource-policies",
    "disks.remove_resource_policies": "gcloud compute disks remove-resource-policies",
    "images.deprecate": "gcloud compute images deprecate",
    "images.get_from_family": "gcloud compute images describe-from-family",
    "instance_group_managers.set_instance_template": "gcloud compute instance-groups managed set-instance-template",
    "instance_group_managers.recreate_instances": "gcloud compute instance-groups managed recreate-instances",
    "instance_group_managers.abandon_instances": "gcloud compute instance-groups managed abandon-instances",
    "instance_group_managers.delete_instances": "gcloud compute instance-groups managed delete-instances",
    "instance_group_managers.list_managed_instances": "gcloud compute instance-groups managed list-instances",
    "backend_services.get_health": "gcloud compute backend-services get-health",
    "networks.add_peering": "gcloud compute networks peerings create",
    "networks.remove_peering": "gcloud compute networks peerings delete",
    "subnetworks.expand_ip_cidr_range": "gcloud compute networks subnets expand-ip-range",
    "subnetworks.set_private_ip_google_access": "gcloud compute networks subnets update --enable-private-ip-google-access",
    "url_maps.invalidate_cache": "gcloud compute url-maps invalidate-cdn-cache",
    "security_policies.add_rule": "gcloud compute security-policies rules create",
    "security_policies.remove_rule": "gcloud compute security-policies rules delete",
    "routers.get_router_status": "gcloud compute routers get-status",
}
_NOT_OFFERED = frozenset(
    f"{client}.{method}"
    for client, methods in {
        "zones": ("insert", "delete"),
        "images": ("resize",),
        "firewalls": ("get_iam_policy",),
        "instances": ("resize", "patch"),
        "instance_groups": ("insert", "delete"),
    }.items()
    for method in methods
)


def commands() -> Iterator[Command]:
    """Yield every method of every client, client by client."""
    for found in sorted(pkgutil.iter_modules(services.__path__), key=lambda one: one.name):
        client = _client(found.name)
        for method, function in sorted(inspect.getmembers(client, callable)):
            if not _NOT_AN_ACT.fullmatch(method):
                yield _command(found.name, method, function)


def _client(name: str) -> Any:
    module = importlib.import_module(f"google.cloud.compute_v1.services.{name}")
    return next(getattr(module, one) for one in module.__all__ if one.endswith("Client") and "Async" not in one)


def _command(client: str, method: str, function: Any) -> Command:
    return Command(
        id=f"gcp.compute.{client}_{method}",
        service="Compute Engine",
        summary=first_sentence(function.__doc__ or ""),
        cli=_cli(client, method),
        required=tuple(one for one in inspect.signature(function).parameters if one not in _NOT_ASKED_FOR),
        effect=effect_of(method),
    )


def _cli(client: str, method: str) -> str:
    path = f"{client}.{method}"
    if path in _CLI_OF_ONE_KIND:
        return _CLI_OF_ONE_KIND[path]
    group, verb = _CLI_GROUPS.get(client), _CLI_VERBS.get(method)
    return f"gcloud compute {group} {verb}" if group and verb and path not in _NOT_OFFERED else ""
