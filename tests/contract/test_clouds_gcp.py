"""The Google Cloud account against the local Compute Engine: what is read, what is called, and what every failure becomes."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.clock import system_clock
from engine.clouds.errors import CloudError, Conflict, Denied, Invalid, NotFound, NotSent, Throttled, Unanswered
from engine.clouds.gcp import permitted, session
from engine.clouds.gcp.account import GcpAccount
from engine.clouds.gcp.calls import CALLS
from engine.clouds.gcp.operations import COMPOSITES, OPERATIONS
from engine.clouds.gcp.session import GcpProjectSettings
from engine.clouds.operation import Operation, ReplayClass, Verdict
from engine.clouds.ports import Attempt
from engine.estate.resource import CellStatus, Cloud, Permitted, Resource
from engine.planning.plan import guard
from engine.sandbox import inventory
from engine.sandbox.company import build
from engine.sandbox.inventory import Company
from tests.fakes.local_cloud import LocalCloud, local_cloud

PROJECT = "acme-data"
PLAN = "p-01234567"
BY_ID = {operation.id: operation for operation in OPERATIONS}
START, STOP, LABEL = (f"gcp.compute.instances_{verb}" for verb in ("start", "stop", "set_labels"))


def _settings(url: str) -> GcpProjectSettings:
    return GcpProjectSettings(name="data", project_id=PROJECT, endpoint_url=url)


def _attempt(token: str = "") -> Attempt:
    return Attempt(plan_id=PLAN, step_id="s1", token=token or str(uuid.uuid4()))


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A small local Compute Engine behind the gate, whose changes take a fifth of a second."""
    with local_cloud("gcp", "--scale", "300", "--gate", "--operation-seconds", "0.2") as running:
        yield running


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> GcpAccount:
    """The project."""
    return GcpAccount(_settings(cloud.url), system_clock)


@pytest.fixture(scope="module")
def company() -> Company:
    """What the endpoint was seeded with."""
    return build(seed=7, scale=300, now=system_clock())


@pytest.fixture(scope="module")
def estate(account: GcpAccount) -> dict[str, Resource]:
    """The resources of one scan, by id, as they were at the start."""
    scanned = account.scan(account.cells()[0], deadline=20)
    assert scanned.status is CellStatus.OK
    return {resource.id: resource for resource in scanned.resources}


@pytest.fixture
def running(account: GcpAccount, company: Company) -> Resource:
    """An instance that runs now, freshly read; each test gets whichever still does."""
    for machine in company.machines_of(inventory.Cloud.GCP):
        fresh = account.read(_known(machine.zone, machine.name))
        if fresh is not None and fresh.state == "running":
            return fresh
    raise AssertionError("no instance is left running")


def _known(zone: str, name: str) -> Resource:
    path = f"projects/{PROJECT}/zones/{zone}/instances/{name}"
    return Resource(id=path, type="compute::instance", cloud=Cloud.GCP, account=PROJECT, region=zone[:-2], name=name)


def _until(
    account: GcpAccount, operation: Operation, resource: Resource, params: dict[str, Any] | None = None
) -> Resource:
    """Look until the operation's own verdict says done."""
    until = time.monotonic() + 5
    while operation.verdict(fresh := account.read(resource), params or {}) is not Verdict.DONE:
        assert time.monotonic() < until, f"{operation.id}: still {fresh.state if fresh else 'gone'}"
        time.sleep(0.05)
    assert fresh is not None
    return fresh


def test_a_scan_reads_the_whole_project(account: GcpAccount, estate: dict[str, Resource], company: Company) -> None:
    """One cell for all zones holds every seeded instance and disk with the facts that people ask for."""
    (cell,) = account.cells()
    assert (cell.account, cell.region, cell.service) == (PROJECT, "global", "compute")
    for machine in company.machines_of(inventory.Cloud.GCP):
        found = estate[f"projects/{PROJECT}/zones/{machine.zone}/instances/{machine.name}"]
        assert (found.type, found.name, found.region, found.zone, found.size) == (
            "compute::instance",
            machine.name,
            machine.region,
            machine.zone,
            machine.size,
        )
        assert (found.state, dict(found.tags), found.created_at) == (
            machine.state,
            dict(machine.tags),
            machine.launched_at,
        )
        assert (found.facts["instance_id"], bool(found.facts["public_ip"])) == (machine.id, machine.public_ip)
        assert found.facts.get("owner") == (
            {"kind": "compute::instancegroup", "name": machine.scaling_group} if machine.scaling_group else None
        )
    for disk in company.disks_of(inventory.Cloud.GCP):
        found = estate[f"projects/{PROJECT}/zones/{disk.zone}/disks/{disk.name}"]
        assert (found.type, found.facts["size_gb"], found.size, found.encrypted) == (
            "compute::disk",
            disk.size_gb,
            disk.kind,
            True,
        )
        assert (found.state == "in-use", found.facts["attached"]) == (bool(disk.machine_id),) * 2
    assert len(estate) == len(company.machines_of(inventory.Cloud.GCP)) + len(company.disks_of(inventory.Cloud.GCP))


def test_reading_again_tells_the_same_as_the_scan(account: GcpAccount, estate: dict[str, Resource]) -> None:
    """The guard of a plan, made from a scan, holds against a fresh read of an untouched instance or disk."""
    for resource in [each for each in estate.values() if each.state in {"stopped", "available"}][:6]:
        fresh = account.read(resource)
        assert fresh is not None
        assert guard(fresh) == guard(resource)
        assert fresh.facts == resource.facts


def test_stop_and_its_undo(account: GcpAccount, running: Resource) -> None:
    """The verdict goes from not done over underway to done; the declared undo brings the instance back."""
    stop = BY_ID[STOP]
    assert stop.verdict(running, {}) is Verdict.NOT_DONE
    evidence = account.call(STOP, running, {}, _attempt()).evidence
    assert str(evidence["operation"]).startswith("operation-")
    assert int(str(evidence["operation_id"]))
    assert stop.verdict(account.read(running), {}) is Verdict.UNDERWAY
    listed = {each.id: each.state for each in account.scan(account.cells()[0], deadline=10).resources}
    assert listed[running.id] in {"stopping", "stopped"}
    assert _until(account, stop, running).state == "stopped"
    assert stop.inverse is not None
    (back,) = stop.inverse.steps(running, {})
    account.call(back.operation, running, back.params, _attempt())
    assert _until(account, BY_ID[back.operation], running).state == "running"
    assert stop.inverse.steps(replace(running, state="suspended"), {}) == ()


def test_a_repeated_token_does_nothing_more(account: GcpAccount, running: Resource) -> None:
    """The attempt's token is the request id: sending it again answers the first operation, also after a start in between."""
    token = str(uuid.uuid4())
    first = account.call(STOP, running, {}, _attempt(token)).evidence
    _until(account, BY_ID[STOP], running)
    account.call(START, running, {}, _attempt())
    _until(account, BY_ID[START], running)
    assert account.call(STOP, running, {}, _attempt(token)).evidence == first
    fresh = account.read(running)
    assert fresh is not None
    assert (BY_ID[STOP].replay, fresh.state) == (ReplayClass.TOKEN, "running")


def test_a_reset_leaves_no_trace(account: GcpAccount, running: Resource) -> None:
    """Reset is of class `once`, and a look afterwards cannot tell."""
    reset = BY_ID["gcp.compute.instances_reset"]
    account.call(reset.id, running, {}, _attempt())
    assert (reset.replay, reset.verdict(account.read(running), {})) == (ReplayClass.ONCE, Verdict.UNTOLD)
    time.sleep(0.3)


def test_labels_are_merged_not_replaced(account: GcpAccount, running: Resource) -> None:
    """Setting a label keeps the others; the undo restores exactly what was."""
    label = BY_ID[LABEL]
    params: dict[str, Any] = {"tags": {"env": "test", "owner2": "dana"}}
    account.call(LABEL, running, params, _attempt())
    after = _until(account, label, running, params)
    assert dict(after.tags) == {**running.tags, "env": "test", "owner2": "dana"}
    assert label.inverse is not None
    (back,) = label.inverse.steps(running, params)
    account.call(LABEL, running, back.params, _attempt())
    assert dict(_until(account, label, running, dict(back.params)).tags) == dict(running.tags)


def test_unlabelling_expands_to_what_is_there(running: Resource) -> None:
    """The composite takes away only labels that the instance has, and is nothing when it has none of them."""
    (unlabel,) = COMPOSITES
    (step,) = unlabel.expand(running, {"keys": ["env", "nothing-like-it"]})
    assert (step.operation, step.params) == (LABEL, {"remove": ["env"]})
    assert unlabel.expand(running, {"keys": ["nothing-like-it"]}) == ()


def test_labels_changed_meanwhile_are_a_conflict(
    account: GcpAccount, running: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the labels change between the read and the write, nothing is written and the answer is `Conflict`."""
    client = account._session.instances()
    real_get = client.get

    def get_then_change(**where: Any) -> Any:
        before = real_get(**where)
        body = {"labels": {**before.labels, "by": "someone"}, "label_fingerprint": before.label_fingerprint}
        place = {key: where[key] for key in ("project", "zone", "instance")}
        client.set_labels_unary(
            request={**place, "instances_set_labels_request_resource": body}, metadata=[("x-escher-outside", "world")]
        )
        return before

    monkeypatch.setattr(client, "get", get_then_change)
    with pytest.raises(Conflict) as caught:
        account.call(LABEL, running, {"tags": {"by": "us"}}, _attempt())
    assert caught.value.code == "conditionNotMet"
    monkeypatch.undo()
    fresh = account.read(running)
    assert fresh is not None
    assert fresh.tags["by"] == "someone"


def test_deleting_instances_and_disks(account: GcpAccount, estate: dict[str, Resource], running: Resource) -> None:
    """A used disk is a conflict; a deleted instance is gone, then its disk is free and goes, too."""
    disk = next(each for each in estate.values() if each.facts.get("attached_to") == running.id)
    with pytest.raises(Conflict) as caught:
        account.call("gcp.compute.disks_delete", disk, {}, _attempt())
    assert caught.value.code == "resourceInUseByAnotherResource"
    delete = BY_ID["gcp.compute.instances_delete"]
    account.call(delete.id, running, {}, _attempt())
    time.sleep(0.4)
    assert delete.verdict(account.read(running), {}) is Verdict.DONE
    fresh = account.read(disk)
    assert fresh is not None
    assert fresh.state == "available"
    assert account.permitted("gcp.compute.disks_delete", disk) == (Permitted.ALLOWED, "testIamPermissions")
    account.call("gcp.compute.disks_delete", disk, {}, _attempt())
    assert account.read(disk) is None


def test_every_operation_is_declared_callable_and_undoable(running: Resource) -> None:
    """The catalogue and the calls name the same operations; each has permissions, a command line, and an undo or a reason."""
    assert set(BY_ID) == set(CALLS)
    for operation in OPERATIONS:
        assert operation.permissions
        assert bool(operation.inverse) != bool(operation.no_inverse_because)
        line = operation.cli(replace(running, id=running.id + "; rm"), {"tags": {"k": "v"}, "remove": ["old"]})
        assert line.startswith("gcloud compute ")
        assert f"'{running.name}; rm'" in line


def test_calls_carry_the_step(account: GcpAccount, cloud: LocalCloud, running: Resource) -> None:
    """Exactly one mutating call reaches the cloud, and its user agent names plan and step."""
    since = cloud.last()
    account.call(START, running, {}, _attempt())
    calls = [call for call in cloud.calls(since) if call["mutating"]]
    assert [(call["action"], call["plan"], call["step"]) for call in calls] == [("instances_start", PLAN, "s1")]
    assert all(not call["plan"] for call in cloud.calls() if not call["mutating"])


@pytest.mark.parametrize(
    ("kind", "error"),
    [("throttle", Throttled), ("deny", Denied), ("error500", Unanswered), ("drop_response", Unanswered)],
)
def test_failures_are_named_by_what_can_be_done(
    account: GcpAccount, cloud: LocalCloud, running: Resource, kind: str, error: type[CloudError]
) -> None:
    """Each misfortune becomes its error after exactly one call: writes are never retried here."""
    since = cloud.last()
    cloud.fault(action="instances_start", kind=kind)
    with pytest.raises(error) as caught:
        account.call(START, running, {}, _attempt())
    assert len([call for call in cloud.calls(since) if call["action"] == "instances_start"]) == 1
    assert running.short_id in caught.value.message
    assert "http://" not in caught.value.message


def test_a_wrong_state_is_a_conflict(account: GcpAccount, running: Resource) -> None:
    """`resourceNotReady` is a 400, yet means: look again."""
    account.call(STOP, running, {}, _attempt())
    with pytest.raises(Conflict) as caught:
        account.call(START, running, {}, _attempt())
    assert caught.value.code == "resourceNotReady"
    _until(account, BY_ID[STOP], running)


def test_bad_values_are_invalid(account: GcpAccount, running: Resource) -> None:
    """What Compute Engine refuses for its form is `Invalid`: repeating it will not help."""
    with pytest.raises(Invalid):
        account.call(LABEL, running, {"tags": {"Env": "Dev"}}, _attempt())


def test_a_silent_cloud_is_unanswered(
    account: GcpAccount, cloud: LocalCloud, running: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time-out after sending is not known to be done or not."""
    monkeypatch.setitem(session._PATIENCE, session.Purpose.WRITE, (0.2, 0.0))
    cloud.fault(action="instances_start", kind="delay", seconds=1)
    with pytest.raises(Unanswered):
        account.call(START, running, {}, _attempt())


def test_nobody_listening_is_not_sent(running: Resource) -> None:
    """A refused connection means that nothing was done; a scan says unreachable."""
    nobody = GcpAccount(_settings("http://127.0.0.1:9"), system_clock)
    with pytest.raises(NotSent):
        nobody.call(START, running, {}, _attempt())
    assert nobody.scan(nobody.cells()[0], deadline=5).status is CellStatus.UNREACHABLE
    assert nobody.permitted(START, running) == (Permitted.UNKNOWN, "none")


def test_what_does_not_exist(account: GcpAccount, running: Resource) -> None:
    """An instance that is gone reads as None and refuses calls as NotFound; an unknown operation is invalid."""
    nothing = replace(running, id=running.id + "-nothing")
    assert account.read(nothing) is None
    with pytest.raises(NotFound):
        account.call(START, nothing, {}, _attempt())
    with pytest.raises(Invalid):
        account.call("gcp.compute.nothing", running, {}, _attempt())


@pytest.mark.parametrize(
    ("kind", "status"),
    [("deny", CellStatus.DENIED), ("throttle", CellStatus.THROTTLED), ("error500", CellStatus.UNREACHABLE)],
)
def test_a_cell_says_how_it_ended(
    account: GcpAccount, cloud: LocalCloud, kind: str, status: CellStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Denied, throttled (a 403, too) and broken are told apart, with the cloud's own sentence as the reason."""
    monkeypatch.setitem(session._PATIENCE, session.Purpose.QUICK_READ, (4.0, 0.5))
    cloud.fault(kind=kind, count=50)
    try:
        scanned = account.scan(account.cells()[0], deadline=10)
    finally:
        cloud.lift()
    assert (scanned.status, scanned.resources) == (status, ())
    assert scanned.reason


def test_a_cell_may_end_partly_read(account: GcpAccount, cloud: LocalCloud) -> None:
    """When only the instances' listing is denied, the disks are there and the cell is partial."""
    cloud.fault(action="instances_aggregated_list", kind="deny")
    scanned = account.scan(account.cells()[0], deadline=10)
    assert scanned.status is CellStatus.PARTIAL
    assert {each.type for each in scanned.resources} == {"compute::disk"}


def test_reads_are_tried_again(account: GcpAccount, cloud: LocalCloud, running: Resource) -> None:
    """A broken answer to a read is asked for again."""
    cloud.fault(action="instances_get", kind="error500")
    assert account.read(running) is not None


def test_a_deadline_ends_a_scan(account: GcpAccount) -> None:
    """A scan without time is a time-out, not an empty estate; a cell that is not read here says so."""
    cell = account.cells()[0]
    assert account.scan(cell, deadline=0).status is CellStatus.TIMEOUT
    assert account.scan(replace(cell, service="sql"), deadline=5).status is CellStatus.UNSUPPORTED
    assert account.scan(replace(cell, account="other"), deadline=5).status is CellStatus.UNSUPPORTED


def test_permissions_are_those_of_the_caller(
    account: GcpAccount, cloud: LocalCloud, running: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the role holds is allowed, what it lacks denied, and what cannot be read unknown."""
    assert account.permitted(STOP, running) == (Permitted.ALLOWED, "testIamPermissions")
    monkeypatch.setitem(permitted._NEEDED, STOP, ("compute.instances.stop", "compute.instances.setIamPolicy"))
    assert account.permitted(STOP, running) == (Permitted.DENIED, "testIamPermissions")
    cloud.fault(action="instances_test_iam_permissions", kind="deny")
    assert account.permitted(STOP, running) == (Permitted.UNKNOWN, "none")


def test_there_are_no_costs(account: GcpAccount, company: Company) -> None:
    """A project by itself has no cost source, and says so instead of claiming zero."""
    assert account.costs(start=company.now.date(), end=company.now.date()) is None


def test_daily_use(account: GcpAccount, estate: dict[str, Resource], company: Company, cloud: LocalCloud) -> None:
    """Running instances have figures for each whole day, oldest first, over four requests; stopped ones are absent."""
    since = cloud.last()
    use = account.use([each for each in estate.values() if each.type == "compute::instance"], days=4, until=company.now)
    assert len(cloud.calls(since)) == 4
    left = {each.id for each in account.scan(account.cells()[0], deadline=10).resources}
    old = {m.state: [] for m in company.machines_of(inventory.Cloud.GCP)}
    for machine in company.machines_of(inventory.Cloud.GCP):
        path = f"projects/{PROJECT}/zones/{machine.zone}/instances/{machine.name}"
        if (company.now - machine.launched_at).days > 5 and path in left:
            old[machine.state].append(path)
    assert set(old["running"]) <= set(use)
    assert not set(old["stopped"]) & set(use)
    for machine in old["running"]:
        assert [day.day for day in use[machine]] == sorted(day.day for day in use[machine])
        assert len(use[machine]) == 4
        assert all(0 < day.cpu_mean <= day.cpu_max <= 100 and day.network_bytes > 0 for day in use[machine])


@pytest.mark.parametrize(
    "url", ["http://10.0.0.5:8000", "https://compute.evil.example", "http://localhost.evil.example"]
)
def test_endpoints_elsewhere_are_refused(url: str) -> None:
    """Only loopback, unless custom endpoints are allowed; so a token can never be sent to a stranger by a typing error."""
    with pytest.raises(ValueError, match="not on loopback"):
        GcpAccount(_settings(url), system_clock)


def test_secrets_do_not_show() -> None:
    """The settings' text form leaves the key out."""
    settings = GcpProjectSettings(name="x", project_id="y", service_account_json='{"private_key": "hunter2-and-more"}')
    assert "hunter2" not in repr(settings)
