"""The local Compute Engine against the real, unchanged google-cloud-compute: every vendor rule that it keeps."""

import uuid
from collections.abc import Iterator

import pytest
from google.api_core import exceptions
from google.cloud import compute_v1

from engine.clock import system_clock
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud
from tests.fakes.gcp_sdk import PROJECT, STEP, ZONE, Clients, do, done, get, reasons
from tests.fakes.local_cloud import LocalCloud, local_cloud


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
    """More than 500 instances come in pages of 500 by themselves."""
    with local_cloud("gcp", "--scale", "10000") as large:
        many = Clients.of(large.url)
        list(many.zones.list(project=PROJECT))
        ids = [each.id for _, scope in many.instances.aggregated_list(project=PROJECT) for each in scope.instances]
        assert len(ids) == len(set(ids)) > 1500
        assert len([call for call in large.calls() if call["action"] == "instances_aggregated_list"]) == 4
        many.close()


def test_filters_and_bad_tokens_are_refused(clients: Clients) -> None:
    """A filter it cannot apply, too large a page and a foreign token answer 400 `invalid`, never a wrong list."""
    for wrong in ({"filter": "status = RUNNING"}, {"max_results": 501}, {"page_token": "garbage"}):
        with pytest.raises(exceptions.BadRequest) as caught:
            clients.instances.aggregated_list(request={"project": PROJECT, **wrong})
        assert reasons(caught) == ["invalid"]


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
    operation = do(clients, "stop", name)
    assert operation.status in {compute_v1.Operation.Status.PENDING, compute_v1.Operation.Status.RUNNING}
    assert (type(operation.id), operation.operation_type) == (int, "stop")
    assert get(clients, name).status == "STOPPING"
    assert (
        clients.operations.get(project=PROJECT, zone=ZONE, operation=operation.name).status
        != compute_v1.Operation.Status.DONE
    )
    done(clients, operation)
    assert get(clients, name).status == "TERMINATED"
    assert clients.operations.get(project=PROJECT, zone=ZONE, operation=str(operation.id)).progress == 100


def test_start_and_reset_need_the_right_status(clients: Clients, name: str) -> None:
    """Reset works on RUNNING only, start on TERMINATED; starting what runs succeeds at once and changes nothing."""
    already = do(clients, "start", name)
    assert already.status == compute_v1.Operation.Status.DONE
    done(clients, do(clients, "reset", name))
    done(clients, do(clients, "stop", name))
    with pytest.raises(exceptions.BadRequest) as caught:
        do(clients, "reset", name)
    assert reasons(caught) == ["resourceNotReady"]
    started = do(clients, "start", name)
    assert get(clients, name).status == "STAGING"
    done(clients, started)
    assert get(clients, name).status == "RUNNING"


def test_starting_what_is_stopping_is_refused(clients: Clients, name: str) -> None:
    """While it stops, stopping again joins the same operation and starting answers `resourceNotReady`."""
    first = do(clients, "stop", name)
    assert do(clients, "stop", name).id == first.id
    with pytest.raises(exceptions.BadRequest) as caught:
        do(clients, "start", name)
    assert reasons(caught) == ["resourceNotReady"]


def test_suspend_and_resume(clients: Clients, name: str) -> None:
    """RUNNING goes over SUSPENDING to SUSPENDED and back."""
    operation = do(clients, "suspend", name)
    assert get(clients, name).status == "SUSPENDING"
    done(clients, operation)
    assert get(clients, name).status == "SUSPENDED"
    done(clients, do(clients, "resume", name))
    assert get(clients, name).status == "RUNNING"


def test_the_same_request_id_is_the_same_operation(clients: Clients, name: str) -> None:
    """A repeated `requestId` answers the first operation, also after it was done and undone; what is no UUID is refused."""
    request_id = str(uuid.uuid4())
    first = do(clients, "stop", name, request_id=request_id)
    done(clients, first)
    done(clients, do(clients, "start", name))
    assert do(clients, "stop", name, request_id=request_id).id == first.id
    assert get(clients, name).status == "RUNNING"
    for wrong in ("once", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(exceptions.BadRequest, match="valid UUID"):
            do(clients, "stop", name, request_id=wrong)


def _set_labels(clients: Clients, name: str, labels: dict[str, str], fingerprint: str) -> compute_v1.Operation:
    body = compute_v1.InstancesSetLabelsRequest(labels=labels, label_fingerprint=fingerprint)
    return do(clients, "set_labels", name, instances_set_labels_request_resource=body)


def test_labels_are_replaced_under_their_fingerprint(clients: Clients, name: str) -> None:
    """The present fingerprint replaces all labels; a stale or missing one answers 412 `conditionNotMet` and changes nothing."""
    fingerprint = get(clients, name).label_fingerprint
    done(clients, _set_labels(clients, name, {"team": "data"}, fingerprint))
    assert dict(get(clients, name).labels) == {"team": "data"}
    for stale in (fingerprint, ""):
        with pytest.raises(exceptions.PreconditionFailed) as caught:
            _set_labels(clients, name, {"team": "web"}, stale)
        assert reasons(caught) == ["conditionNotMet"]
    assert dict(get(clients, name).labels) == {"team": "data"}


@pytest.mark.parametrize("labels", [{"Env": "dev"}, {"env": "Dev"}, {"1env": "dev"}, {"env": "a b"}, {"env": "x" * 64}])
def test_labels_have_a_form(clients: Clients, name: str, labels: dict[str, str]) -> None:
    """Upper case, blanks, a leading digit and more than 63 characters are refused."""
    with pytest.raises(exceptions.BadRequest, match="violates format constraints"):
        _set_labels(clients, name, labels, get(clients, name).label_fingerprint)


def test_names_are_taken_once(clients: Clients, name: str) -> None:
    """Inserting a name again answers 409 `alreadyExists`; after delete the instance answers 404 and its disk hangs on nothing."""
    body = compute_v1.Instance(name=name, machine_type=f"zones/{ZONE}/machineTypes/e2-micro")
    with pytest.raises(exceptions.Conflict) as caught:
        clients.instances.insert_unary(project=PROJECT, zone=ZONE, instance_resource=body, metadata=STEP)
    assert reasons(caught) == ["alreadyExists"]
    assert list(clients.disks.get(project=PROJECT, zone=ZONE, disk=name).users)
    done(clients, do(clients, "delete", name))
    with pytest.raises(exceptions.NotFound) as gone:
        get(clients, name)
    assert reasons(gone) == ["notFound"]
    assert not list(clients.disks.get(project=PROJECT, zone=ZONE, disk=name).users)


def test_protected_instances_stay(clients: Clients) -> None:
    """Deletion protection refuses the delete."""
    body = compute_v1.Instance(
        name="vm-kept", machine_type=f"zones/{ZONE}/machineTypes/e2-micro", deletion_protection=True
    )
    done(clients, clients.instances.insert_unary(project=PROJECT, zone=ZONE, instance_resource=body, metadata=STEP))
    with pytest.raises(exceptions.BadRequest, match="protected against deletion"):
        do(clients, "delete", "vm-kept")
