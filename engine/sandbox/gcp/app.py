"""The local Compute Engine: its addresses, and how a request becomes an answer.

Any `Authorization` is accepted, since the endpoint is reachable on loopback only.
"""

import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.clock import Clock
from engine.sandbox.company import build
from engine.sandbox.endpoint import Action, Endpoint, body_of
from engine.sandbox.gate import Desk, FaultKind
from engine.sandbox.gcp import compute, copying, errors, metrics
from engine.sandbox.gcp.call import Call
from engine.sandbox.gcp.estate import Estate
from engine.sandbox.routes import Found, Route, find, unknown

ROOT = "/compute/v1/"

Handler = Callable[[Call], Response | Awaitable[Response]]


def _route(
    method: str, path: str, name: str, permission: str, handler: Handler, *, reads: bool = False
) -> Route[Handler]:
    service, _, action = name.partition(".")
    return Route(
        method=method,
        path=re.compile(path),
        service=service,
        name=action,
        permission=permission,
        mutating=method != "GET" and not reads,
        handler=handler,
    )


_PROJECT = ROOT + r"projects/(?P<project>[^/]+)"
_ZONE = _PROJECT + r"/zones/(?P<zone>[^/]+)"
_INSTANCE = _ZONE + r"/instances/(?P<name>[^/]+)"
_OPERATION = _ZONE + r"/operations/(?P<operation>[^/]+)"
_I, _D = "compute.instances", "compute.disks"

ROUTES = (
    _route("GET", _PROJECT + "/aggregated/instances", "compute.instances_aggregated_list", f"{_I}.list",
           compute.aggregate_instances),
    _route("GET", _ZONE + "/instances", "compute.instances_list", f"{_I}.list", compute.list_instances),
    _route("POST", _ZONE + "/instances", "compute.instances_insert", f"{_I}.create", compute.insert),
    _route("GET", _INSTANCE, "compute.instances_get", f"{_I}.get", compute.get_instance),
    _route("DELETE", _INSTANCE, "compute.instances_delete", f"{_I}.delete", compute.delete),
    *(
        _route("POST", f"{_INSTANCE}/{verb}", f"compute.instances_{verb}", f"{_I}.{verb}", partial(compute.turn, verb))
        for verb in compute.TURNS
    ),
    _route("POST", _INSTANCE + "/setLabels", "compute.instances_set_labels", f"{_I}.setLabels", compute.set_labels),
    _route("POST", _INSTANCE + "/testIamPermissions", "compute.instances_test_iam_permissions", f"{_I}.get",
           compute.test_permissions, reads=True),
    _route("GET", _PROJECT + "/aggregated/disks", "compute.disks_aggregated_list", f"{_D}.list", compute.aggregate_disks),
    _route("GET", _ZONE + "/disks", "compute.disks_list", f"{_D}.list", compute.list_disks),
    _route("GET", _ZONE + r"/disks/(?P<name>[^/]+)", "compute.disks_get", f"{_D}.get", compute.get_disk),
    _route("DELETE", _ZONE + r"/disks/(?P<name>[^/]+)", "compute.disks_delete", f"{_D}.delete", compute.delete_disk),
    _route("POST", _ZONE + r"/disks/(?P<name>[^/]+)/testIamPermissions", "compute.disks_test_iam_permissions",
           f"{_D}.get", compute.test_disk_permissions, reads=True),
    _route("POST", _INSTANCE + "/setMachineType", "compute.instances_set_machine_type", f"{_I}.setMachineType",
           compute.set_machine_type),
    _route("POST", _ZONE + r"/disks/(?P<name>[^/]+)/createSnapshot", "compute.disks_create_snapshot",
           f"{_D}.createSnapshot", copying.snapshot_disk),
    _route("POST", _PROJECT + "/global/machineImages", "compute.machine_images_insert", "compute.machineImages.create",
           copying.image_machine),
    *(
        route
        for kind, name in (("snapshots", "snapshots"), ("machineImages", "machine_images"))
        for route in (
            _route("GET", f"{_PROJECT}/global/{kind}", f"compute.{name}_list", f"compute.{kind}.list",
                   partial(copying.list_copies, kind)),
            _route("GET", f"{_PROJECT}/global/{kind}/(?P<name>[^/]+)", f"compute.{name}_get", f"compute.{kind}.get",
                   partial(copying.get_copy, kind)),
            _route("DELETE", f"{_PROJECT}/global/{kind}/(?P<name>[^/]+)", f"compute.{name}_delete",
                   f"compute.{kind}.delete", partial(copying.delete_copy, kind)),
        )
    ),
    _route("GET", _ZONE + r"/machineTypes/(?P<name>[^/]+)", "compute.machine_types_get", "compute.machineTypes.get",
           compute.get_machine_type),
    _route("GET", _PROJECT + "/zones", "compute.zones_list", "compute.zones.list", compute.list_zones),
    _route("GET", _PROJECT + "/regions", "compute.regions_list", "compute.regions.list", compute.list_regions),
    _route("GET", _OPERATION, "compute.zone_operations_get", "compute.zoneOperations.get", compute.get_operation),
    _route("POST", _OPERATION + "/wait", "compute.zone_operations_wait", "compute.zoneOperations.get",
           compute.wait_operation, reads=True),
    _route("GET", r"/v3/projects/(?P<project>[^/]+)/timeSeries", "monitoring.time_series_list",
           "monitoring.timeSeries.list", metrics.time_series),
)  # fmt: skip


def _find(request: Request) -> Found[Handler] | None:
    return find(ROUTES, request.method, request.url.path)


class ComputeEngine:
    """The dialect of Compute Engine's REST API."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def identify(self, request: Request) -> Action:
        """Name the route; the region is that of the zone in the path."""
        found = _find(request)
        if found is None:
            return unknown(request)
        names = found.names
        return found.action(
            region=names["zone"].rsplit("-", 1)[0] if "zone" in names else "global", account=names["project"]
        )

    async def carry_out(self, request: Request) -> Response:
        """Do what the route says."""
        try:
            answer = self._answer(request, await request.body())
            return await answer if isawaitable(answer) else answer
        except errors.ComputeError as error:
            return _error(error)

    def _answer(self, request: Request, body: bytes) -> Response | Awaitable[Response]:
        found = _find(request)
        if found is None:
            raise errors.path_not_served(request.url.path)
        document = body_of(body, json.loads)
        if document is None:
            raise errors.ComputeError(400, "parseError", "Parse Error")
        return found.route.handler(
            Call(
                estate=self._estate,
                names=found.names,
                query=dict(request.query_params),
                body=document,
                path=request.url.path.removeprefix(ROOT),
            )
        )

    def refuse(self, request: Request, sentence: str) -> Response:
        """Answer what the gate does not let through: 403 with a reason that no Google service uses."""
        del request
        return _error(errors.ComputeError(403, "escherGate", sentence))

    def misfortune(self, request: Request, kind: FaultKind, seconds: float) -> Response:
        """Answer as a throttled, denying or broken Compute Engine does; it names no time to wait when it throttles."""
        del seconds
        found = _find(request)
        match kind:
            case FaultKind.THROTTLE:
                return _error(errors.throttled())
            case FaultKind.DENY:
                permission = found.route.permission if found else "resourcemanager.projects.get"
                return _error(errors.denied(permission, request.url.path.removeprefix(ROOT)))
            case _:
                return _error(errors.broken())


def _error(error: errors.ComputeError) -> Response:
    return JSONResponse(error.body(), status_code=error.status)


def endpoint(*, seed: int, scale: int, gate: bool, seconds: float, clock: Clock) -> Endpoint:
    """Return the endpoint, seeded with the company; changes take `seconds`."""
    company = build(seed=seed, scale=scale, now=clock())
    dialect = ComputeEngine(Estate.of_company(company, clock=clock, seconds=seconds))
    return Endpoint(dialect=dialect, desk=Desk(cloud="gcp", enforcing=gate, clock=clock))
