"""The local Azure Resource Manager: its addresses, and how a request becomes an answer.

ARM compares paths without regard to case, so do these routes. Every call needs an `api-version`; any `Authorization` is
accepted, since the endpoint is reachable on loopback only.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.clock import Clock
from engine.estate.resource import Json
from engine.sandbox.azure import access, compute, copying, cost, errors, graph, metrics
from engine.sandbox.azure.call import Call
from engine.sandbox.azure.estate import Estate
from engine.sandbox.company import build
from engine.sandbox.endpoint import Action, Endpoint, body_of
from engine.sandbox.gate import Desk, FaultKind
from engine.sandbox.routes import Found, Route, find, unknown

LEAST_RETRY_SECONDS = 1
TENANT = "7a1f6d3e-1c1b-4c3f-8a56-1f6f0b2f9c55"

Handler = Callable[[Call], Response]


def _subscriptions(call: Call) -> Response:
    return JSONResponse(
        {"value": [_subscription_document(sub, a.name) for sub, a in call.estate.subscriptions.items()]}
    )


def _subscription(call: Call) -> Response:
    account = call.estate.subscription(call.subscription)
    return JSONResponse(_subscription_document(account.id, account.name))


def _subscription_document(subscription: str, name: str) -> dict[str, Json]:
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "tenantId": TENANT,
        "displayName": name,
        "state": "Enabled",
        "authorizationSource": "RoleBased",
    }


def _groups(call: Call) -> Response:
    call.estate.subscription(call.subscription)
    return call.page(
        [
            {
                "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
                "name": name,
                "type": "Microsoft.Resources/resourceGroups",
                "location": location,
                "properties": {"provisioningState": "Succeeded"},
            }
            for (subscription, _), (name, location) in call.estate.groups.items()
            if subscription == call.subscription.lower()
        ]
    )


def _permissions(_call: Call) -> Response:
    return JSONResponse(access.permissions())


def _graph(call: Call) -> Response:
    query, options, wanted = call.body.get("query"), call.body.get("options"), call.body.get("subscriptions")
    if not isinstance(query, str) or not query.strip():
        raise errors.invalid_query("the query is empty")
    subscriptions = [str(each) for each in wanted] if isinstance(wanted, list) else list(call.estate.subscriptions)
    rows = [row for subscription in subscriptions for row in _rows(call.estate, subscription)]
    document = graph.answer(query, rows, options if isinstance(options, Mapping) else {})
    return JSONResponse(
        document, headers={"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
    )


def _rows(estate: Estate, subscription: str) -> list[dict[str, Json]]:
    """Return what Resource Graph knows: types and groups in lower case, power states below `properties.extended`."""
    rows = []
    for machine in estate.machines_in(subscription):
        row = _row(machine.document(), subscription, machine.group)
        power: Json = {"code": f"PowerState/{machine.power}", "displayStatus": f"VM {machine.power}", "level": "Info"}
        extended: Json = {"instanceView": {"computerName": machine.name[:64], "powerState": power}}
        row["properties"] = {**_mapping(row["properties"]), "extended": extended}
        rows.append(row)
    rows.extend(_row(disk.document(), subscription, disk.group) for disk in estate.disks_in(subscription))
    rows.extend(
        _row(snapshot.document(estate.operations), subscription, snapshot.group)
        for snapshot in estate.snapshots_in(subscription)
    )
    return rows


def _row(document: dict[str, Json], subscription: str, group: str) -> dict[str, Json]:
    return {
        "kind": "",
        "managedBy": "",
        "zones": None,
        "sku": None,
        **document,
        "type": str(document["type"]).lower(),
        "resourceGroup": group.lower(),
        "subscriptionId": subscription.lower(),
        "tenantId": TENANT,
    }


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _cost(call: Call) -> Response:
    account = call.estate.subscription(call.subscription)
    token = call.query.get("$skiptoken", "0")
    document = cost.answer(
        call.estate.costs,
        call.body,
        subscription=account.id,
        today=call.estate.clock().date(),
        skip=int(token) if token.isdecimal() else 0,
        address=f"{call.base}{call.path}?api-version={call.api_version}",
    )
    return JSONResponse(document)


_SUB = r"/subscriptions/(?P<subscription>[^/]+)"
_GROUP = _SUB + r"/resourceGroups/(?P<group>[^/]+)"
_COMPUTE = r"/providers/Microsoft\.Compute"
_MACHINE = _GROUP + _COMPUTE + r"/virtualMachines/(?P<name>[^/]+)"
_DISK = _GROUP + _COMPUTE + r"/disks/(?P<name>[^/]+)"
_SNAPSHOT = _GROUP + _COMPUTE + r"/snapshots/(?P<name>[^/]+)"
_COLLECTION = _GROUP + _COMPUTE + r"/restorePointCollections/(?P<name>[^/]+)"
_POINT = _COLLECTION + r"/restorePoints/(?P<point>[^/]+)"
_PERMISSIONS = r"/providers/Microsoft\.Authorization/permissions"


def _route(method: str, path: str, name: str, permission: str, handler: Handler) -> Route[Handler]:
    service, _, action = name.partition(".")
    mutating = method != "GET" and service not in {"resourcegraph", "costmanagement"}
    return Route(
        method=method,
        path=re.compile(path, re.IGNORECASE),
        service=service,
        name=action,
        permission=permission,
        mutating=mutating,
        handler=handler,
    )


_VM = "Microsoft.Compute/virtualMachines"
_COLLECTIONS = "Microsoft.Compute/restorePointCollections"
_SNAPSHOTS = "Microsoft.Compute/snapshots"
_POWER_NAMES = {"start": "start", "restart": "restart", "powerOff": "power_off", "deallocate": "deallocate"}

ROUTES = (
    _route("GET", r"/subscriptions", "subscription.list", "Microsoft.Resources/subscriptions/read", _subscriptions),
    _route("GET", _SUB, "subscription.get", "Microsoft.Resources/subscriptions/read", _subscription),
    _route("GET", _SUB + r"/resourceGroups", "resource.groups_list", "Microsoft.Resources/resourceGroups/read", _groups),
    _route("GET", _SUB + _COMPUTE + r"/virtualMachines", "compute.virtual_machines_list_all", f"{_VM}/read",
           compute.list_machines),
    _route("GET", _SUB + _COMPUTE + r"/locations/(?P<location>[^/]+)/virtualMachines",
           "compute.virtual_machines_list_by_location", f"{_VM}/read", compute.list_machines),
    _route("GET", _GROUP + _COMPUTE + r"/virtualMachines", "compute.virtual_machines_list", f"{_VM}/read",
           compute.list_machines),
    _route("GET", _MACHINE, "compute.virtual_machines_get", f"{_VM}/read", compute.get_machine),
    _route("GET", _MACHINE + r"/instanceView", "compute.virtual_machines_instance_view", f"{_VM}/instanceView/read",
           compute.instance_view),
    _route("PATCH", _MACHINE, "compute.virtual_machines_update", f"{_VM}/write", compute.update_machine),
    _route("PUT", _MACHINE, "compute.virtual_machines_create_or_update", f"{_VM}/write", compute.put_machine),
    _route("DELETE", _MACHINE, "compute.virtual_machines_delete", f"{_VM}/delete", compute.delete_machine),
    *(
        _route("POST", f"{_MACHINE}/{verb}", f"compute.virtual_machines_{name}", f"{_VM}/{verb}/action",
               partial(compute.turn, verb))
        for verb, name in _POWER_NAMES.items()
    ),
    _route("GET", _SUB + _COMPUTE + r"/skus", "compute.resource_skus_list", "Microsoft.Compute/skus/read",
           compute.list_skus),
    _route("GET", _SUB + _COMPUTE + r"/disks", "compute.disks_list", "Microsoft.Compute/disks/read", compute.list_disks),
    _route("GET", _GROUP + _COMPUTE + r"/disks", "compute.disks_list_by_resource_group", "Microsoft.Compute/disks/read",
           compute.list_disks),
    _route("GET", _DISK, "compute.disks_get", "Microsoft.Compute/disks/read", compute.get_disk),
    _route("DELETE", _DISK, "compute.disks_delete", "Microsoft.Compute/disks/delete", compute.delete_disk),
    _route("GET", _SUB + _COMPUTE + r"/snapshots", "compute.snapshots_list", f"{_SNAPSHOTS}/read", copying.list_snapshots),
    _route("GET", _GROUP + _COMPUTE + r"/snapshots", "compute.snapshots_list_by_resource_group", f"{_SNAPSHOTS}/read",
           copying.list_snapshots),
    _route("GET", _SNAPSHOT, "compute.snapshots_get", f"{_SNAPSHOTS}/read", copying.get_snapshot),
    _route("PUT", _SNAPSHOT, "compute.snapshots_create_or_update", f"{_SNAPSHOTS}/write", copying.put_snapshot),
    _route("DELETE", _SNAPSHOT, "compute.snapshots_delete", f"{_SNAPSHOTS}/delete", copying.delete_snapshot),
    _route("GET", _COLLECTION, "compute.restore_point_collections_get", f"{_COLLECTIONS}/read", copying.get_collection),
    _route("PUT", _COLLECTION, "compute.restore_point_collections_create_or_update", f"{_COLLECTIONS}/write",
           copying.put_collection),
    _route("GET", _POINT, "compute.restore_points_get", f"{_COLLECTIONS}/restorePoints/read", copying.get_point),
    _route("PUT", _POINT, "compute.restore_points_create", f"{_COLLECTIONS}/restorePoints/write", copying.put_point),
    _route("GET", _SUB + _COMPUTE + r"/locations/[^/]+/operations/(?P<operation>[^/]+)", "compute.operations_get",
           "Microsoft.Compute/locations/operations/read", compute.get_operation),
    _route("POST", r"/providers/Microsoft\.ResourceGraph/resources", "resourcegraph.resources",
           "Microsoft.ResourceGraph/resources/read", _graph),
    _route("GET", _SUB + r"(?:/.+)?" + _PERMISSIONS, "authorization.permissions_list",
           "Microsoft.Authorization/permissions/read", _permissions),
    _route("POST", _SUB + r"/providers/Microsoft\.CostManagement/query", "costmanagement.query_usage",
           "Microsoft.CostManagement/query/action", _cost),
    _route("GET", _MACHINE + r"/providers/Microsoft\.Insights/metrics", "monitor.metrics_list",
           "Microsoft.Insights/metrics/read", metrics.of_machine),
)  # fmt: skip


def _find(request: Request) -> Found[Handler] | None:
    return find(ROUTES, request.method, request.url.path.rstrip("/") or "/")


class Arm:
    """The dialect of Azure Resource Manager."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def identify(self, request: Request) -> Action:
        """Name the route; the region is the machine's or the disk's where the path names one that exists."""
        found = _find(request)
        if found is None:
            return unknown(request)
        return found.action(
            region=self._region(request.url.path.lower(), found.names),
            account=found.names.get("subscription", "").lower(),
        )

    def _region(self, path: str, names: Mapping[str, str]) -> str:
        if "name" not in names:
            return names.get("location", "global")
        key = "/".join(path.split("/")[:9])
        estate = self._estate
        thing = estate.machines.get(key) or estate.disks.get(key) or estate.snapshots.get(key)
        return thing.location if thing is not None else "global"

    async def carry_out(self, request: Request) -> Response:
        """Do what the route says."""
        try:
            return self._answer(request, await request.body())
        except errors.ArmError as error:
            return _error(error)

    def _answer(self, request: Request, body: bytes) -> Response:
        found = _find(request)
        if found is None:
            raise errors.path_not_served(request.url.path)
        if "api-version" not in request.query_params:
            raise errors.missing_api_version()
        document = body_of(body, json.loads)
        if document is None:
            raise errors.invalid_parameter("The request content was invalid and could not be deserialized.")
        return found.route.handler(
            Call(
                estate=self._estate,
                names=found.names,
                query=dict(request.query_params),
                body=document,
                if_match=request.headers.get("if-match", ""),
                base=str(request.base_url).rstrip("/"),
                path=request.url.path,
            )
        )

    def refuse(self, request: Request, sentence: str) -> Response:
        """Answer what the gate does not let through: 403 with a code that no Azure service uses."""
        del request
        return _error(errors.ArmError(403, "EscherGate", sentence))

    def misfortune(self, request: Request, kind: FaultKind, seconds: float) -> Response:
        """Answer as a throttled, denying or broken Azure does."""
        found = _find(request)
        match kind:
            case FaultKind.THROTTLE:
                wait = max(LEAST_RETRY_SECONDS, round(seconds))
                graph_call = found is not None and found.route.service == "resourcegraph"
                return _error(errors.graph_throttled(wait) if graph_call else errors.throttled(wait))
            case FaultKind.DENY:
                return _error(errors.denied(found.route.permission if found else "*/read", request.url.path))
            case _:
                return _error(errors.broken())


def _error(error: errors.ArmError) -> Response:
    return JSONResponse(error.body(), status_code=error.status, headers=error.headers)


def endpoint(*, seed: int, scale: int, gate: bool, seconds: float, clock: Clock) -> Endpoint:
    """Return the endpoint, seeded with the company; changes take `seconds`."""
    company = build(seed=seed, scale=scale, now=clock())
    arm = Arm(Estate.of_company(company, clock=clock, seconds=seconds))
    return Endpoint(dialect=arm, desk=Desk(cloud="azure", enforcing=gate, clock=clock))
