"""The local Compute Engine beside instances: disks, snapshots, metrics, permissions, misfortunes, the gate, the log."""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud import compute_v1

from engine.clock import system_clock
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud
from tests.fakes.gcp_sdk import PROJECT, STEP, ZONE, Clients, do, done, get, options, reasons
from tests.fakes.local_cloud import LocalCloud, local_cloud
from tests.fakes.patience import PATIENCE


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A small local Compute Engine behind the gate."""
    with local_cloud("gcp", "--scale", "300", "--gate") as running:
        yield running


@pytest.fixture(scope="module")
def clients(cloud: LocalCloud) -> Iterator[Clients]:
    """The real clients."""
    made = Clients.of(cloud.url)
    yield made
    made.close()


@pytest.fixture
def name(clients: Clients) -> str:
    """The name of a running instance of the test's own, in `ZONE`."""
    made = f"vm-{uuid.uuid4().hex[:8]}"
    body = compute_v1.Instance(name=made, machine_type=f"zones/{ZONE}/machineTypes/e2-micro", labels={"env": "dev"})
    operation = clients.instances.insert_unary(project=PROJECT, zone=ZONE, instance_resource=body, metadata=STEP)
    assert (
        clients.operations.wait(project=PROJECT, zone=ZONE, operation=operation.name).status
        == compute_v1.Operation.Status.DONE
    )
    return made


def _set_labels(clients: Clients, name: str, labels: dict[str, str], fingerprint: str) -> compute_v1.Operation:
    body = compute_v1.InstancesSetLabelsRequest(labels=labels, label_fingerprint=fingerprint)
    return do(clients, "set_labels", name, instances_set_labels_request_resource=body)


def test_permissions_are_answered_for_the_caller(clients: Clients, name: str) -> None:
    """The answer to testIamPermissions is the held part of what was asked."""
    asked = {"permissions": ["compute.instances.stop", "compute.instances.setIamPolicy", "storage.buckets.get"]}
    answer = clients.instances.test_iam_permissions(
        project=PROJECT, zone=ZONE, resource=name, test_permissions_request_resource=asked
    )
    assert list(answer.permissions) == ["compute.instances.stop"]


def test_disks_name_their_users(clients: Clients) -> None:
    """Every seeded disk is listed with size and type; attached ones name their instance."""
    seeded = {d.id: d for d in build(seed=7, scale=300, now=system_clock()).disks_of(Cloud.GCP)}
    listed = {str(each.id): each for _, scope in clients.disks.aggregated_list(project=PROJECT) for each in scope.disks}
    assert set(seeded) <= set(listed)
    for number, disk in seeded.items():
        assert (listed[number].size_gb, bool(listed[number].users)) == (disk.size_gb, bool(disk.machine_id))


def test_snapshots_have_rules(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """A name has a form and is taken once; lists take a filter on the name and refuse others."""
    snapshots = compute_v1.SnapshotsClient(**options(cloud.url))
    where = {"project": PROJECT, "zone": ZONE, "disk": name}
    for text, reason in (("Bad Name", "invalid"), ("snap-1", ""), ("snap-1", "alreadyExists")):
        request = {**where, "snapshot_resource": {"name": text}}
        if not reason:
            done(clients, clients.disks.create_snapshot_unary(request=request, metadata=STEP))
            continue
        with pytest.raises(exceptions.GoogleAPICallError) as caught:
            clients.disks.create_snapshot_unary(request=request, metadata=STEP)
        assert reasons(caught) == [reason]
    assert snapshots.get(project=PROJECT, snapshot="snap-1").status == "READY"
    assert [each.name for each in snapshots.list(request={"project": PROJECT, "filter": 'name eq "snap-.*"'})] == [
        "snap-1"
    ]
    assert not list(snapshots.list(request={"project": PROJECT, "filter": 'name eq "other-.*"'}))
    with pytest.raises(exceptions.BadRequest):
        snapshots.list(request={"project": PROJECT, "filter": "diskSizeGb > 5"})
    snapshots.transport.close()


def test_zones_and_regions(clients: Clients) -> None:
    """Every zone names its region, and every region is listed."""
    regions = {each.name for each in clients.regions.list(project=PROJECT)}
    assert {each.region.rsplit("/", 1)[1] for each in clients.zones.list(project=PROJECT)} == regions


def test_metrics_are_daily(cloud: LocalCloud) -> None:
    """CPU utilisation has one point a whole day and running instance, newest first."""
    company = build(seed=7, scale=300, now=system_clock())
    last = company.now.date()
    query = {
        "filter": 'metric.type = "compute.googleapis.com/instance/cpu/utilization"',
        "interval.startTime": f"{last - timedelta(days=3)}T00:00:00Z",
        "interval.endTime": f"{last}T00:00:00Z",
        "aggregation.alignmentPeriod": "86400s",
        "aggregation.perSeriesAligner": "ALIGN_MEAN",
    }
    with AuthorizedSession(AnonymousCredentials()) as session:
        answer = session.get(f"{cloud.url}/v3/projects/{PROJECT}/timeSeries", params=query, timeout=PATIENCE)
        wrong = session.get(f"{cloud.url}/v3/projects/{PROJECT}/timeSeries", params={"filter": "x"}, timeout=PATIENCE)
    series = {one["resource"]["labels"]["instance_id"]: one["points"] for one in answer.json()["timeSeries"]}
    old = [m for m in company.machines_of(Cloud.GCP) if (company.now - m.launched_at).days > 5]
    assert {m.id for m in old if m.state == "running"} <= set(series)
    assert not {m.id for m in old if m.state != "running"} & set(series)
    assert all(0 < point["value"]["doubleValue"] <= 1 for points in series.values() for point in points)
    assert wrong.status_code == 400


def test_a_used_up_quota_is_a_403_of_its_own(cloud: LocalCloud, clients: Clients) -> None:
    """Compute Engine throttles with 403 `rateLimitExceeded`, unlike a denial, whose reason is `forbidden`."""
    cloud.fault(action="instances_aggregated_list", kind="throttle")
    with pytest.raises(exceptions.Forbidden) as throttled:
        clients.instances.aggregated_list(project=PROJECT)
    assert (reasons(throttled), throttled.value.reason) == (["rateLimitExceeded"], "RATE_LIMIT_EXCEEDED")
    cloud.fault(action="instances_aggregated_list", kind="deny")
    with pytest.raises(
        exceptions.Forbidden, match=r"Required 'compute\.instances\.list' permission for 'projects/acme-data"
    ) as denied:
        clients.instances.aggregated_list(project=PROJECT)
    assert reasons(denied) == ["forbidden"]


def test_a_broken_service_answers_500(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """The fault `error500` answers `backendError`."""
    cloud.fault(action="instances_stop", kind="error500")
    with pytest.raises(exceptions.InternalServerError) as caught:
        do(clients, "stop", name)
    assert reasons(caught) == ["backendError"]
    assert get(clients, name).status == "RUNNING"


def test_a_dropped_response_was_carried_out(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """With `drop_response` the SDK sees a closed connection while the instance stops, exactly once."""
    since = cloud.last()
    cloud.fault(action="instances_stop", kind="drop_response")
    with pytest.raises(Exception, match=r"Connection aborted|RemoteDisconnected"):
        do(clients, "stop", name)
    assert get(clients, name).status == "STOPPING"
    dropped = [call for call in cloud.calls(since) if call["mutating"]]
    assert [(call["fault"], call["status"], call["plan"], call["step"]) for call in dropped] == [
        ("drop_response", 200, "p-01234567", "s1")
    ]


def test_a_delayed_call_is_carried_out(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """The fault `delay` waits and then does it."""
    cloud.fault(action="instances_get", kind="delay", seconds=0.3)
    began = time.monotonic()
    assert get(clients, name).name == name
    assert time.monotonic() - began >= 0.3


def test_the_gate_refuses_changes_without_a_step(clients: Clients, name: str) -> None:
    """A change without a plan's step in the user agent is refused; the world's own changes pass; reads always do."""
    request = {"project": PROJECT, "zone": ZONE, "instance": name}
    with pytest.raises(exceptions.Forbidden) as caught:
        clients.instances.stop_unary(request=request)
    assert reasons(caught) == ["escherGate"]
    assert get(clients, name).status == "RUNNING"
    clients.instances.stop_unary(request=request, metadata=[("x-escher-outside", "world")])
    assert get(clients, name).status == "STOPPING"


def test_the_log_names_calls_like_the_catalogue(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """Service and action of the log are the last parts of the operation id; waiting and testing permissions are no changes."""
    since = cloud.last()
    done(clients, _set_labels(clients, name, {}, get(clients, name).label_fingerprint))
    calls = {call["action"]: call for call in cloud.calls(since)}
    assert (calls["instances_set_labels"]["service"], calls["instances_set_labels"]["region"]) == (
        "compute",
        "europe-west1",
    )
    assert [action for action, call in calls.items() if call["mutating"]] == ["instances_set_labels"]
    assert "zone_operations_wait" in calls
