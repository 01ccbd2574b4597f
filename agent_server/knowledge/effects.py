"""What an operation does to the world, as far as its name tells.

All three clouds name their calls by a verb: AWS and the Azure groups put it first (`describe_instances`, `list_all`), Azure and GCP
ids put the noun before it (`virtual_machines_deallocate`, `instances_aggregated_list`). Where a name tells nothing the operation is taken to
change things.
"""

from typing import Literal

Effect = Literal["read", "write", "destroy"]

_READING = frozenset(
    {
        "advice",
        "backend_health",
        "aggregated",
        "assess_patches",
        "batch_check",
        "batch_describe",
        "batch_get",
        "batch_list",
        "calculate",
        "check",
        "count",
        "decode",
        "describe",
        "detect",
        "discover",
        "download",
        "estimate",
        "evaluate",
        "export_request_rate",
        "filter",
        "find",
        "generate_presigned",
        "get",
        "head",
        "instance_view",
        "is",
        "list",
        "lookup",
        "predict",
        "preview",
        "query",
        "retrieve",
        "scan",
        "search",
        "select",
        "show",
        "tail",
        "test",
        "validate",
        "verify",
        "view",
    }
)
_DESTROYING = frozenset(
    {"batch_delete", "delete", "deprovision", "destroy", "drop", "erase", "purge", "terminate", "wipe"}
)
_CHANGING_ANYWAY = frozenset(
    {
        "export_throttled_requests",
        "generate_data_key",
        "get_session_token",
        "list_and_delete",
        "set_public_access",
        "test_failover",
    }
)


def effect_of(method: str) -> Effect:
    """Return what a method does, by its verb.

    Args:
        method: The method without its noun: `describe_instances`, `deallocate`, `aggregated_list`.
    """
    if method in _CHANGING_ANYWAY:
        return "write"
    if _begins(method, _DESTROYING):
        return "destroy"
    return "read" if _begins(method, _READING) else "write"


def effect_of_id(operation: str) -> Effect:
    """Return what an operation does, by its id.

    AWS ids name the method alone; in the others the noun comes first, and where it ends is not marked, so the first word that is a
    verb of looking or destroying decides.
    """
    cloud, _, act = operation.split(".")
    if cloud == "aws":
        return effect_of(act)
    words = act.split("_")
    found = (effect_of("_".join(words[at:])) for at in range(len(words)))
    return next((effect for effect in found if effect != "write"), "write")


def _begins(method: str, verbs: frozenset[str]) -> bool:
    return any(method == verb or method.startswith(f"{verb}_") for verb in verbs)
