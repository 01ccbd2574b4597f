"""Virtual machines, managed disks and their snapshots.

Breadth comes from Resource Graph (1,000 rows a request), which lags behind changes by seconds to minutes
(https://learn.microsoft.com/azure/governance/resource-graph/overview#how-resource-graph-is-kept-current). So the machines' power states come
from Compute itself, by one listing with `statusOnly=true`
(https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all): it also shows machines that the graph does not know yet, which are
then read one by one, and lacks those that the graph still holds although they are gone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from engine.clouds.azure.names import parse
from engine.clouds.azure.operations.declaring import SNAPSHOT_TAG, collection_name
from engine.clouds.azure.scanners.place import Place, in_utc, nested
from engine.estate.resource import Cloud, Json, Resource

MACHINE, DISK, SNAPSHOT = "compute::virtualmachine", "compute::disk", "compute::snapshot"
# https://learn.microsoft.com/azure/virtual-machines/states-billing; a machine that is stopped but not deallocated still costs.
_STATES = {"deallocating": "stopping"}
_DISK_STATES = {"Attached": "in-use", "Reserved": "in-use", "Unattached": "available"}
_ROWS = 1000
_COLUMNS = "project id, name, location, tags, zones, sku, managedBy, properties"


class ComputeScanner:
    """Reads machines, disks and snapshots.

    Only a second look fills the fact `snapshots` of machines and disks: names to states of what plans took of them.
    """

    @property
    def types(self) -> frozenset[str]:
        """Machines, disks, snapshots."""
        return frozenset({MACHINE, DISK, SNAPSHOT})

    @property
    def parts(self) -> Sequence[Callable[[Place], Iterable[Resource]]]:
        """Machines, disks, snapshots."""
        return (_machines, _disks, _snapshots)

    def read(self, place: Place, resource: Resource) -> Resource | None:
        """Read a machine or a disk again; a machine that is being deleted is there until it is gone."""
        id_ = parse(resource.id)
        client = place.session.compute(place.purpose)
        try:
            if resource.type == SNAPSHOT:
                return _snapshot(client.snapshots.get(id_.group, id_.name).as_dict(), place.account)
            if resource.type == DISK:
                disk = _disk(client.disks.get(id_.group, id_.name).as_dict(), place.account)
                return _with_snapshots(place, disk)
            return _with_restore_points(place, _fresh(place, id_.group, id_.name))
        except ResourceNotFoundError:
            return None


def _fresh(place: Place, group: str, name: str) -> Resource:
    client = place.session.compute(place.purpose)
    document = client.virtual_machines.get(group, name, expand="instanceView").as_dict()
    return _machine(document, place.account, nested(document, "properties", "instanceView"))


def _rows(place: Place, kind: str) -> Iterator[Mapping[str, Any]]:
    query = f"Resources | where type =~ '{kind}' | {_COLUMNS}"
    token: str | None = None
    while True:
        options = QueryRequestOptions(top=_ROWS, skip_token=token)
        request = QueryRequest(query=query, subscriptions=[place.account], options=options)
        page = place.session.graph(place.purpose).resources(request)
        yield from page.data
        token = page.skip_token
        if not token:
            return


def _machines(place: Place) -> Iterator[Resource]:
    client = place.session.compute(place.purpose)
    views: dict[str, Any] = {}
    for listed in client.virtual_machines.list_all(status_only="true"):
        views[listed.id.lower()] = nested(listed.as_dict(), "properties", "instanceView")
    for row in _rows(place, "microsoft.compute/virtualmachines"):
        view = views.pop(str(row["id"]).lower(), None)
        if view is not None:
            yield _machine(row, place.account, view)
    for unknown in views:
        id_ = parse(unknown)
        try:
            yield _fresh(place, id_.group, id_.name)
        except ResourceNotFoundError:
            continue


def _status(view: Mapping[str, Any] | None, kind: str) -> str:
    """Return the code of one kind in a run-time view: `running` of `PowerState/running`; empty when it has none."""
    for status in (view or {}).get("statuses") or ():
        parts = str(status.get("code", "")).split("/")
        if parts[0] == kind and len(parts) > 1:
            return parts[1].lower()
    return ""


def _machine(document: Mapping[str, Any], account: str, view: Mapping[str, Any] | None) -> Resource:
    id_ = parse(str(document["id"]))
    properties = document.get("properties") or {}
    power = _status(view, "PowerState")
    provisioning = _status(view, "ProvisioningState") or str(properties.get("provisioningState", "")).lower()
    zones = document.get("zones") or []
    return Resource(
        id=str(document["id"]).lower(),
        type=MACHINE,
        cloud=Cloud.AZURE,
        account=account,
        region=str(document["location"]),
        zone=str(zones[0]) if zones else "",
        name=str(document["name"]),
        state="deleting" if provisioning == "deleting" else _STATES.get(power, power),
        tags=dict(document.get("tags") or {}),
        size=str(nested(properties, "hardwareProfile", "vmSize") or ""),
        created_at=in_utc(properties.get("timeCreated")),
        facts={
            "resource_group": id_.group.lower(),
            "provisioning": provisioning,
            "vm_id": str(properties.get("vmId", "")),
            "platform": str(nested(properties, "storageProfile", "osDisk", "osType") or "").lower(),
            "disks": _disk_ids(properties),
            "spot": properties.get("priority") == "Spot",
            **_owner(properties),
        },
    )


def _disk_ids(properties: Mapping[str, Any]) -> list[Json]:
    profile = properties.get("storageProfile") or {}
    disks = [profile.get("osDisk") or {}, *(profile.get("dataDisks") or ())]
    return [str(id_).lower() for disk in disks if (id_ := nested(disk, "managedDisk", "id"))]


def _owner(properties: Mapping[str, Any]) -> dict[str, Json]:
    scale_set = nested(properties, "virtualMachineScaleSet", "id")
    if not scale_set:
        return {}
    return {"owner": {"kind": "compute::vmss", "name": str(scale_set).rsplit("/", 1)[-1]}}


def _disks(place: Place) -> Iterator[Resource]:
    for row in _rows(place, "microsoft.compute/disks"):
        yield _disk(row, place.account)


def _disk(document: Mapping[str, Any], account: str) -> Resource:
    properties = document.get("properties") or {}
    machine = str(document.get("managedBy") or "").lower()
    zones = document.get("zones") or []
    state = str(properties.get("diskState", ""))
    return Resource(
        id=str(document["id"]).lower(),
        type=DISK,
        cloud=Cloud.AZURE,
        account=account,
        region=str(document["location"]),
        zone=str(zones[0]) if zones else "",
        name=str(document["name"]),
        state=_DISK_STATES.get(state, state.lower()),
        tags=dict(document.get("tags") or {}),
        size=str(nested(document, "sku", "name") or ""),
        created_at=in_utc(properties.get("timeCreated")),
        encrypted=nested(properties, "encryption", "type") is not None,
        facts={
            "resource_group": parse(str(document["id"])).group.lower(),
            "size_gb": int(properties.get("diskSizeGB") or 0),
            "attached": bool(machine),
            "attached_to": machine,
        },
    )


def _snapshots(place: Place) -> Iterator[Resource]:
    for row in _rows(place, "microsoft.compute/snapshots"):
        yield _snapshot(row, place.account)


def _snapshot(document: Mapping[str, Any], account: str) -> Resource:
    properties = document.get("properties") or {}
    state = str(properties.get("provisioningState", ""))
    return Resource(
        id=str(document["id"]).lower(),
        type=SNAPSHOT,
        cloud=Cloud.AZURE,
        account=account,
        region=str(document["location"]),
        name=str(document["name"]),
        state="available" if state == "Succeeded" else state.lower(),
        tags=dict(document.get("tags") or {}),
        created_at=in_utc(properties.get("timeCreated")),
        encrypted=nested(properties, "encryption", "type") is not None,
        facts={
            "resource_group": parse(str(document["id"])).group.lower(),
            "size_gb": int(properties.get("diskSizeGB") or 0),
            "source": str(nested(properties, "creationData", "sourceResourceId") or "").lower(),
        },
    )


def _with_snapshots(place: Place, disk: Resource) -> Resource:
    """Add the snapshots of a disk; a caller who may not list them sees none, which leaves their success unverified."""
    client = place.session.compute(place.purpose)
    taken: dict[str, Json] = {}
    try:
        for listed in client.snapshots.list_by_resource_group(parse(disk.id).group):
            snapshot = _snapshot(listed.as_dict(), place.account)
            if snapshot.facts["source"] == disk.id and SNAPSHOT_TAG in snapshot.tags:
                taken[snapshot.name] = snapshot.state
    except HttpResponseError:
        return disk
    return replace(disk, facts={**disk.facts, "snapshots": taken}) if taken else disk


def _with_restore_points(place: Place, machine: Resource) -> Resource:
    """Add the restore points of a machine; a caller who may not read them sees none."""
    collections = place.session.compute(place.purpose).restore_point_collections
    try:
        found = collections.get(parse(machine.id).group, collection_name(machine), expand="restorePoints").as_dict()
    except HttpResponseError:
        return machine
    taken: dict[str, Json] = {}
    for point in nested(found, "properties", "restorePoints") or ():
        state = str(nested(point, "properties", "provisioningState") or "")
        taken[str(point["name"])] = "available" if state == "Succeeded" else state.lower()
    return replace(machine, facts={**machine.facts, "restore_points": True, "snapshots": taken})
