"""Instances and persistent disks, over all zones at once, and snapshots.

Source: https://cloud.google.com/compute/docs/reference/rest/v1/instances/aggregatedList. When Google cannot reach a zone, the listing goes on
without it and names it in `unreachables` or in the zone's warning; the part then ends as failed, so that nothing vanishes from the estate
because its zone could not be read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from google.api_core.exceptions import GoogleAPICallError, NotFound

from engine.clouds.errors import Unanswered
from engine.clouds.gcp.names import last, parse, path_of, project_of
from engine.clouds.gcp.scanners.place import Place, in_utc
from engine.clouds.gcp.session import patience
from engine.estate.resource import Cloud, Json, Resource

INSTANCE, DISK, SNAPSHOT = "compute::instance", "compute::disk", "compute::snapshot"
# https://cloud.google.com/compute/docs/instances/instance-lifecycle
_STATES = {
    "PENDING": "starting",
    "PROVISIONING": "starting",
    "STAGING": "starting",
    "PENDING_STOP": "stopping",
    "STOPPING": "stopping",
    "SUSPENDING": "stopping",
    "DEPROVISIONING": "deleting",
    "TERMINATED": "stopped",
}
_PAGE = 500
# A copy's name begins with its source's, of which at least so much is left beside the longest suffix.
_SURE_CHARACTERS = 22


class ComputeScanner:
    """Reads instances, disks and snapshots.

    Only a second look fills the fact `snapshots` of instances and disks: names to states of the copies that there are of them.
    """

    @property
    def types(self) -> frozenset[str]:
        """Instances, disks, snapshots."""
        return frozenset({INSTANCE, DISK, SNAPSHOT})

    @property
    def parts(self) -> Sequence[Callable[[Place], Iterable[Resource]]]:
        """Instances, disks, snapshots."""
        return (_instances, _disks, _snapshots)

    def read(self, place: Place, resource: Resource) -> Resource | None:
        """Read an instance, a disk or a snapshot again."""
        session, patient = place.session, patience(place.purpose)
        try:
            if resource.type == SNAPSHOT:
                where = {"project": project_of(resource.id), "snapshot": resource.short_id}
                return _snapshot(session.snapshots().get(**where, **patient), place.account)
            path = parse(resource.id)
            if resource.type == DISK:
                raw = session.disks().get(project=path.project, zone=path.zone, disk=path.name, **patient)
                return _with_copies(place, _disk(raw, place.account), session.snapshots())
            raw = session.instances().get(project=path.project, zone=path.zone, instance=path.name, **patient)
            return _with_copies(place, _instance(raw, place.account), session.machine_images())
        except NotFound:
            return None


def _scopes(client: Any, place: Place) -> Iterator[Any]:
    request = {"project": place.account, "max_results": _PAGE}
    unreachable: list[str] = []
    pager = client.aggregated_list(request=request, **patience(place.purpose))
    for page in pager.pages:
        unreachable += page.unreachables
        for scope, held in page.items.items():
            if held.warning.code == "UNREACHABLE":
                unreachable.append(scope)
            yield held
    if unreachable:
        named = ", ".join(sorted(last(scope) for scope in unreachable))
        raise Unanswered("UNREACHABLE", f"could not list {named}: Google could not reach the zone")


def _instances(place: Place) -> Iterator[Resource]:
    for held in _scopes(place.session.instances(), place):
        for instance in held.instances:
            yield _instance(instance, place.account)


def _instance(raw: Any, account: str) -> Resource:
    path = path_of(raw.self_link)
    labels = dict(raw.labels)
    interface = raw.network_interfaces[0] if raw.network_interfaces else None
    addresses = [config.nat_i_p for config in interface.access_configs if config.nat_i_p] if interface else []
    return Resource(
        id=path,
        type=INSTANCE,
        cloud=Cloud.GCP,
        account=account,
        region=parse(path).region,
        zone=parse(path).zone,
        name=raw.name,
        state=_STATES.get(raw.status, raw.status.lower()),
        tags=labels,
        size=last(raw.machine_type),
        created_at=in_utc(raw.creation_timestamp),
        facts={
            "instance_id": str(raw.id),
            "private_ip": interface.network_i_p if interface else "",
            "public_ip": addresses[0] if addresses else "",
            "disks": [path_of(disk.source) for disk in raw.disks],
            "spot": raw.scheduling.provisioning_model == "SPOT",
            "protected": raw.deletion_protection,
            **_owner(raw, labels),
        },
    )


def _owner(raw: Any, labels: dict[str, str]) -> dict[str, Json]:
    """Return the fact `owner`: the GKE cluster or the managed instance group that made the instance, else nothing.

    Source: https://cloud.google.com/compute/docs/instance-groups/getting-info-about-migs (the metadata key `created-by`) and
    https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-usage-metering (the labels of its nodes).
    """
    if cluster := labels.get("goog-k8s-cluster-name"):
        return {"owner": {"kind": "gke::cluster", "name": cluster}}
    for item in raw.metadata.items:
        if item.key == "created-by" and "/instanceGroupManagers/" in item.value:
            return {"owner": {"kind": "compute::instancegroup", "name": last(item.value)}}
    return {}


def _disks(place: Place) -> Iterator[Resource]:
    for held in _scopes(place.session.disks(), place):
        for disk in held.disks:
            if disk.zone:  # regional disks replicate over two zones and are a kind of their own
                yield _disk(disk, place.account)


def _disk(raw: Any, account: str) -> Resource:
    """Return a disk; Google encrypts all of them (https://cloud.google.com/docs/security/encryption/default-encryption)."""
    path = path_of(raw.self_link)
    users = [path_of(user) for user in raw.users]
    return Resource(
        id=path,
        type=DISK,
        cloud=Cloud.GCP,
        account=account,
        region=parse(path).region,
        zone=parse(path).zone,
        name=raw.name,
        state="in-use" if users else "available",
        tags=dict(raw.labels),
        size=last(raw.type_),
        created_at=in_utc(raw.creation_timestamp),
        encrypted=True,
        facts={
            "size_gb": int(raw.size_gb),
            "attached": bool(users),
            "attached_to": users[0] if users else "",
        },
    )


def _snapshots(place: Place) -> Iterator[Resource]:
    request = {"project": place.account, "max_results": _PAGE}
    for snapshot in place.session.snapshots().list(request=request, **patience(place.purpose)):
        yield _snapshot(snapshot, place.account)


def _snapshot(raw: Any, account: str) -> Resource:
    return Resource(
        id=path_of(raw.self_link),
        type=SNAPSHOT,
        cloud=Cloud.GCP,
        account=account,
        region="global",
        name=raw.name,
        state=_copy_state(raw.status),
        tags=dict(raw.labels),
        created_at=in_utc(raw.creation_timestamp),
        encrypted=True,
        facts={"size_gb": int(raw.disk_size_gb), "source": path_of(raw.source_disk)},
    )


def _copy_state(status: str) -> str:
    return "available" if status == "READY" else status.lower()


def _with_copies(place: Place, resource: Resource, client: Any) -> Resource:
    """Add the copies named after a disk or an instance; a caller who may not list them sees none, so nothing is verified."""
    request = {"project": place.account, "filter": f'name eq "{resource.name[:_SURE_CHARACTERS]}.*"'}
    taken: dict[str, Json] = {}
    try:
        for copy in client.list(request=request, **patience(place.purpose)):
            source = copy.source_disk if resource.type == DISK else copy.source_instance
            if path_of(source) == resource.id:
                taken[copy.name] = _copy_state(copy.status)
    except GoogleAPICallError:
        return resource
    return replace(resource, facts={**resource.facts, "snapshots": taken}) if taken else resource
