"""The local Compute Engine against the real, unchanged google-cloud-compute: every vendor rule that it keeps."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud import compute_v1

from engine.clock import system_clock
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud
from tests.fakes.local_cloud import LocalCloud, local_cloud

PROJECT = "acme-data"
ZONE = "europe-west1-b"
STEP = (("user-agent", "escher/p-01234567/s1"),)


@dataclass(frozen=True)
class Clients:
    """The real clients of one endpoint."""

    instances: compute_v1.InstancesClient
    disks: compute_v1.DisksClient
    zones: compute_v1.ZonesClient
    regions: compute_v1.RegionsClient
    operations: compute_v1.ZoneOperationsClient

    @classmethod
    def of(cls, url: str) -> "Clients":
        """Return clients that speak to `url` without credentials."""
        options: dict[str, Any] = {
            "credentials": AnonymousCredentials(),
            "client_options": ClientOptions(api_endpoint=url),
        }
        return cls(
            compute_v1.InstancesClient(**options),
            compute_v1.DisksClient(**options),
            compute_v1.ZonesClient(**options),
            compute_v1.RegionsClient(**options),
            compute_v1.ZoneOperationsClient(**options),
        )

    def close(self) -> None:
        """Close all connections."""
        for client in (self.instances, self.disks, self.zones, self.regions, self.operations):
            client.transport.close()


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


def _do(clients: Clients, verb: str, name: str, **more: Any) -> compute_v1.Operation:
    method = getattr(clients.instances, f"{verb}_unary")
    return method(request={"project": PROJECT, "zone": ZONE, "instance": name, **more}, metadata=STEP)


def _done(clients: Clients, operation: compute_v1.Operation) -> None:
    done = clients.operations.wait(project=PROJECT, zone=ZONE, operation=operation.name)
    assert done.status == compute_v1.Operation.Status.DONE


def _get(clients: Clients, name: str) -> compute_v1.Instance:
    return clients.instances.get(project=PROJECT, zone=ZONE, instance=name)


def _reasons(caught: pytest.ExceptionInfo[exceptions.GoogleAPICallError]) -> list[str]:
    return [error["reason"] for error in caught.value.errors]


def test_the_aggregated_list_holds_every_instance_of_the_company(clients: Clients) -> None:
    """Over all zones there are exactly the seeded machines, with number, size, status and labels."""
    seeded = {m.name: m for m in build(seed=7, scale=300, now=system_clock()).machines_of(Cloud.GCP)}
    listed = {
        each.name: each for _, scope in clients.instances.aggregated_list(project=PROJECT) for each in scope.instances
    }
    own = {name: each for name, each in listed.items() if not name.startswith("vm-")}
    assert set(own) == set(seeded)
    for name, machine in seeded.items():
        assert (str(own[name].id), own[name].machine_type.rsplit("/", 1)[1], dict(own[name].labels)) == (
            machine.id,
            machine.size,
            dict(machine.tags),
        )
        assert own[name].status == ("RUNNING" if machine.state == "running" else "TERMINATED")


def test_empty_zones_carry_a_warning(clients: Clients) -> None:
    """A zone with nothing on the page says NO_RESULTS_ON_PAGE and names itself."""
    scopes = dict(clients.instances.aggregated_list(project=PROJECT))
    empty = [scope for scope, held in scopes.items() if not held.instances]
    assert "zones/asia-northeast1-a" in empty
    for scope in empty:
        assert scopes[scope].warning.code == "NO_RESULTS_ON_PAGE"
        assert scopes[scope].warning.data[0].value == scope


def test_pages_hold_max_results(clients: Clients, cloud: LocalCloud) -> None:
    """`maxResults` bounds the items of a page over all scopes; the token leads through all of them exactly once."""
    since = cloud.last()
    request = compute_v1.AggregatedListInstancesRequest(project=PROJECT, max_results=10)
    pages = [
        [each.id for held in page.items.values() for each in held.instances]
        for page in clients.instances.aggregated_list(request).pages
    ]
    assert all(len(page) == 10 for page in pages[:-1])
    everything = [each for page in pages for each in page]
    assert len(everything) == len(set(everything))
    assert len(cloud.calls(since)) == len(pages) > 1


def test_long_listings_come_in_pages() -> None:
    """More than 500 instances come in pages of 500 by themselves, 1,600 instances in under two seconds."""
    with local_cloud("gcp", "--scale", "10000") as large:
        many = Clients.of(large.url)
        list(many.zones.list(project=PROJECT))
        began = time.monotonic()
        ids = [each.id for _, scope in many.instances.aggregated_list(project=PROJECT) for each in scope.instances]
        took = time.monotonic() - began
        assert len(ids) == len(set(ids)) > 1500
        assert len([call for call in large.calls() if call["action"] == "instances_aggregated_list"]) == 4
        assert took < 2.0, f"{took:.2f} s"
        many.close()


def test_filters_and_bad_tokens_are_refused(clients: Clients) -> None:
    """A filter it cannot apply, too large a page and a foreign token answer 400 `invalid`, never a wrong list."""
    for wrong in ({"filter": "status = RUNNING"}, {"max_results": 501}, {"page_token": "garbage"}):
        with pytest.raises(exceptions.BadRequest) as caught:
            clients.instances.aggregated_list(request={"project": PROJECT, **wrong})
        assert _reasons(caught) == ["invalid"]


def test_a_zone_lists_its_own(clients: Clients, name: str) -> None:
    """The zonal list has the instances of that zone only; an unknown zone answers 400, an unknown project 404."""
    listed = list(clients.instances.list(project=PROJECT, zone=ZONE))
    assert name in {each.name for each in listed}
    assert {each.zone.rsplit("/", 1)[1] for each in listed} == {ZONE}
    with pytest.raises(exceptions.BadRequest, match="Unknown zone"):
        clients.instances.list(project=PROJECT, zone="mars-1a")
    with pytest.raises(exceptions.NotFound, match="'projects/strangers' was not found"):
        clients.instances.aggregated_list(project="strangers")


def test_stopping_goes_over_an_operation(clients: Clients, name: str) -> None:
    """Stop answers a running operation with an integer id; STOPPING on the way, TERMINATED when `wait` returns."""
    operation = _do(clients, "stop", name)
    assert operation.status in {compute_v1.Operation.Status.PENDING, compute_v1.Operation.Status.RUNNING}
    assert (type(operation.id), operation.operation_type) == (int, "stop")
    assert _get(clients, name).status == "STOPPING"
    assert (
        clients.operations.get(project=PROJECT, zone=ZONE, operation=operation.name).status
        != compute_v1.Operation.Status.DONE
    )
    _done(clients, operation)
    assert _get(clients, name).status == "TERMINATED"
    assert clients.operations.get(project=PROJECT, zone=ZONE, operation=str(operation.id)).progress == 100


def test_start_and_reset_need_the_right_status(clients: Clients, name: str) -> None:
    """Reset works on RUNNING only, start on TERMINATED; starting what runs succeeds at once and changes nothing."""
    already = _do(clients, "start", name)
    assert already.status == compute_v1.Operation.Status.DONE
    _done(clients, _do(clients, "reset", name))
    _done(clients, _do(clients, "stop", name))
    with pytest.raises(exceptions.BadRequest) as caught:
        _do(clients, "reset", name)
    assert _reasons(caught) == ["resourceNotReady"]
    started = _do(clients, "start", name)
    assert _get(clients, name).status == "STAGING"
    _done(clients, started)
    assert _get(clients, name).status == "RUNNING"


def test_starting_what_is_stopping_is_refused(clients: Clients, name: str) -> None:
    """While it stops, stopping again joins the same operation and starting answers `resourceNotReady`."""
    first = _do(clients, "stop", name)
    assert _do(clients, "stop", name).id == first.id
    with pytest.raises(exceptions.BadRequest) as caught:
        _do(clients, "start", name)
    assert _reasons(caught) == ["resourceNotReady"]


def test_suspend_and_resume(clients: Clients, name: str) -> None:
    """RUNNING goes over SUSPENDING to SUSPENDED and back."""
    operation = _do(clients, "suspend", name)
    assert _get(clients, name).status == "SUSPENDING"
    _done(clients, operation)
    assert _get(clients, name).status == "SUSPENDED"
    _done(clients, _do(clients, "resume", name))
    assert _get(clients, name).status == "RUNNING"


def test_the_same_request_id_is_the_same_operation(clients: Clients, name: str) -> None:
    """A repeated `requestId` answers the first operation, also after it was done and undone; what is no UUID is refused."""
    request_id = str(uuid.uuid4())
    first = _do(clients, "stop", name, request_id=request_id)
    _done(clients, first)
    _done(clients, _do(clients, "start", name))
    assert _do(clients, "stop", name, request_id=request_id).id == first.id
    assert _get(clients, name).status == "RUNNING"
    for wrong in ("once", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(exceptions.BadRequest, match="valid UUID"):
            _do(clients, "stop", name, request_id=wrong)


def _set_labels(clients: Clients, name: str, labels: dict[str, str], fingerprint: str) -> compute_v1.Operation:
    body = compute_v1.InstancesSetLabelsRequest(labels=labels, label_fingerprint=fingerprint)
    return _do(clients, "set_labels", name, instances_set_labels_request_resource=body)


def test_labels_are_replaced_under_their_fingerprint(clients: Clients, name: str) -> None:
    """The present fingerprint replaces all labels; a stale or missing one answers 412 `conditionNotMet` and changes nothing."""
    fingerprint = _get(clients, name).label_fingerprint
    _done(clients, _set_labels(clients, name, {"team": "data"}, fingerprint))
    assert dict(_get(clients, name).labels) == {"team": "data"}
    for stale in (fingerprint, ""):
        with pytest.raises(exceptions.PreconditionFailed) as caught:
            _set_labels(clients, name, {"team": "web"}, stale)
        assert _reasons(caught) == ["conditionNotMet"]
    assert dict(_get(clients, name).labels) == {"team": "data"}


@pytest.mark.parametrize("labels", [{"Env": "dev"}, {"env": "Dev"}, {"1env": "dev"}, {"env": "a b"}, {"env": "x" * 64}])
def test_labels_have_a_form(clients: Clients, name: str, labels: dict[str, str]) -> None:
    """Upper case, blanks, a leading digit and more than 63 characters are refused."""
    with pytest.raises(exceptions.BadRequest, match="violates format constraints"):
        _set_labels(clients, name, labels, _get(clients, name).label_fingerprint)


def test_permissions_are_answered_for_the_caller(clients: Clients, name: str) -> None:
    """The answer to testIamPermissions is the held part of what was asked."""
    asked = {"permissions": ["compute.instances.stop", "compute.instances.setIamPolicy", "storage.buckets.get"]}
    answer = clients.instances.test_iam_permissions(
        project=PROJECT, zone=ZONE, resource=name, test_permissions_request_resource=asked
    )
    assert list(answer.permissions) == ["compute.instances.stop"]


def test_names_are_taken_once(clients: Clients, name: str) -> None:
    """Inserting a name again answers 409 `alreadyExists`; after delete the instance answers 404 and its disk hangs on nothing."""
    body = compute_v1.Instance(name=name, machine_type=f"zones/{ZONE}/machineTypes/e2-micro")
    with pytest.raises(exceptions.Conflict) as caught:
        clients.instances.insert_unary(project=PROJECT, zone=ZONE, instance_resource=body, metadata=STEP)
    assert _reasons(caught) == ["alreadyExists"]
    assert list(clients.disks.get(project=PROJECT, zone=ZONE, disk=name).users)
    _done(clients, _do(clients, "delete", name))
    with pytest.raises(exceptions.NotFound) as gone:
        _get(clients, name)
    assert _reasons(gone) == ["notFound"]
    assert not list(clients.disks.get(project=PROJECT, zone=ZONE, disk=name).users)


def test_protected_instances_stay(clients: Clients) -> None:
    """Deletion protection refuses the delete."""
    body = compute_v1.Instance(
        name="vm-kept", machine_type=f"zones/{ZONE}/machineTypes/e2-micro", deletion_protection=True
    )
    _done(clients, clients.instances.insert_unary(project=PROJECT, zone=ZONE, instance_resource=body, metadata=STEP))
    with pytest.raises(exceptions.BadRequest, match="protected against deletion"):
        _do(clients, "delete", "vm-kept")


def test_disks_name_their_users(clients: Clients) -> None:
    """Every seeded disk is listed with size and type; attached ones name their instance."""
    seeded = {d.id: d for d in build(seed=7, scale=300, now=system_clock()).disks_of(Cloud.GCP)}
    listed = {str(each.id): each for _, scope in clients.disks.aggregated_list(project=PROJECT) for each in scope.disks}
    assert set(seeded) <= set(listed)
    for number, disk in seeded.items():
        assert (listed[number].size_gb, bool(listed[number].users)) == (disk.size_gb, bool(disk.machine_id))


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
        answer = session.get(f"{cloud.url}/v3/projects/{PROJECT}/timeSeries", params=query, timeout=5)
        wrong = session.get(f"{cloud.url}/v3/projects/{PROJECT}/timeSeries", params={"filter": "x"}, timeout=5)
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
    assert (_reasons(throttled), throttled.value.reason) == (["rateLimitExceeded"], "RATE_LIMIT_EXCEEDED")
    cloud.fault(action="instances_aggregated_list", kind="deny")
    with pytest.raises(
        exceptions.Forbidden, match=r"Required 'compute\.instances\.list' permission for 'projects/acme-data"
    ) as denied:
        clients.instances.aggregated_list(project=PROJECT)
    assert _reasons(denied) == ["forbidden"]


def test_a_broken_service_answers_500(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """The fault `error500` answers `backendError`."""
    cloud.fault(action="instances_stop", kind="error500")
    with pytest.raises(exceptions.InternalServerError) as caught:
        _do(clients, "stop", name)
    assert _reasons(caught) == ["backendError"]
    assert _get(clients, name).status == "RUNNING"


def test_a_dropped_response_was_carried_out(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """With `drop_response` the SDK sees a closed connection while the instance stops, exactly once."""
    since = cloud.last()
    cloud.fault(action="instances_stop", kind="drop_response")
    with pytest.raises(Exception, match=r"Connection aborted|RemoteDisconnected"):
        _do(clients, "stop", name)
    assert _get(clients, name).status == "STOPPING"
    dropped = [call for call in cloud.calls(since) if call["mutating"]]
    assert [(call["fault"], call["status"], call["plan"], call["step"]) for call in dropped] == [
        ("drop_response", 200, "p-01234567", "s1")
    ]


def test_a_delayed_call_is_carried_out(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """The fault `delay` waits and then does it."""
    cloud.fault(action="instances_get", kind="delay", seconds=0.3)
    began = time.monotonic()
    assert _get(clients, name).name == name
    assert time.monotonic() - began >= 0.3


def test_the_gate_refuses_changes_without_a_step(clients: Clients, name: str) -> None:
    """A change without a plan's step in the user agent is refused; the world's own changes pass; reads always do."""
    request = {"project": PROJECT, "zone": ZONE, "instance": name}
    with pytest.raises(exceptions.Forbidden) as caught:
        clients.instances.stop_unary(request=request)
    assert _reasons(caught) == ["escherGate"]
    assert _get(clients, name).status == "RUNNING"
    clients.instances.stop_unary(request=request, metadata=[("x-escher-outside", "world")])
    assert _get(clients, name).status == "STOPPING"


def test_the_log_names_calls_like_the_catalogue(cloud: LocalCloud, clients: Clients, name: str) -> None:
    """Service and action of the log are the last parts of the operation id; waiting and testing permissions are no changes."""
    since = cloud.last()
    _done(clients, _set_labels(clients, name, {}, _get(clients, name).label_fingerprint))
    calls = {call["action"]: call for call in cloud.calls(since)}
    assert (calls["instances_set_labels"]["service"], calls["instances_set_labels"]["region"]) == (
        "compute",
        "europe-west1",
    )
    assert [action for action, call in calls.items() if call["mutating"]] == ["instances_set_labels"]
    assert "zone_operations_wait" in calls
