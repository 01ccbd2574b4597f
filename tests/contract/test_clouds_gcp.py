"""The Google Cloud account against the local Compute Engine: what is read, what is called, and what every failure becomes."""

import shlex
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.clock import system_clock
from engine.clouds.billing import BY_SERVICE
from engine.clouds.errors import Conflict, Denied
from engine.clouds.gcp import permitted
from engine.clouds.gcp.account import GcpAccount
from engine.clouds.gcp.calls import CALLS
from engine.clouds.gcp.operations import COMPOSITES, OPERATIONS
from engine.clouds.operation import Composite, ReplayClass, Verdict
from engine.estate.resource import CellStatus, Permitted, Resource
from engine.planning.plan import guard
from engine.sandbox import inventory
from engine.sandbox.company import build
from engine.sandbox.inventory import Company
from tests.fakes.gcp_data import BY_ID, LABEL, PLAN, PROJECT, START, STOP, attempt, known, settings, until_done
from tests.fakes.local_cloud import LocalCloud, local_cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A small local Compute Engine behind the gate, whose changes take a fifth of a second."""
    with local_cloud("gcp", "--scale", "300", "--gate", "--operation-seconds", "0.2") as running:
        yield running


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> GcpAccount:
    """The project."""
    return GcpAccount(settings(cloud.url), system_clock)


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
        fresh = account.read(known(machine.zone, machine.name))
        if fresh is not None and fresh.state == "running":
            return fresh
    raise AssertionError("no instance is left running")


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
    evidence = account.call(STOP, running, {}, attempt()).evidence
    assert str(evidence["operation"]).startswith("operation-")
    assert int(str(evidence["operation_id"]))
    assert stop.verdict(account.read(running), {}) is Verdict.UNDERWAY
    listed = {each.id: each.state for each in account.scan(account.cells()[0], deadline=10).resources}
    assert listed[running.id] in {"stopping", "stopped"}
    assert until_done(account, stop, running).state == "stopped"
    assert stop.inverse is not None
    (back,) = stop.inverse.steps(running, {})
    account.call(back.operation, running, back.params, attempt())
    assert until_done(account, BY_ID[back.operation], running).state == "running"
    assert stop.inverse.steps(replace(running, state="suspended"), {}) == ()


def test_a_repeated_token_does_nothing_more(account: GcpAccount, running: Resource) -> None:
    """The attempt's token is the request id: sending it again answers the first operation, also after a start in between."""
    token = str(uuid.uuid4())
    first = account.call(STOP, running, {}, attempt(token)).evidence
    until_done(account, BY_ID[STOP], running)
    account.call(START, running, {}, attempt())
    until_done(account, BY_ID[START], running)
    assert account.call(STOP, running, {}, attempt(token)).evidence == first
    fresh = account.read(running)
    assert fresh is not None
    assert (BY_ID[STOP].replay, fresh.state) == (ReplayClass.TOKEN, "running")


def test_a_reset_leaves_no_trace(account: GcpAccount, running: Resource) -> None:
    """Reset is of class `once`, and a look afterwards cannot tell."""
    reset = BY_ID["gcp.compute.instances_reset"]
    account.call(reset.id, running, {}, attempt())
    assert (reset.replay, reset.verdict(account.read(running), {})) == (ReplayClass.ONCE, Verdict.UNTOLD)
    time.sleep(0.3)


def test_labels_are_merged_not_replaced(account: GcpAccount, running: Resource) -> None:
    """Setting a label keeps the others; the undo restores exactly what was."""
    label = BY_ID[LABEL]
    params: dict[str, Any] = {"tags": {"env": "test", "owner2": "dana"}}
    account.call(LABEL, running, params, attempt())
    after = until_done(account, label, running, params)
    assert dict(after.tags) == {**running.tags, "env": "test", "owner2": "dana"}
    assert label.inverse is not None
    (back,) = label.inverse.steps(running, params)
    account.call(LABEL, running, back.params, attempt())
    assert dict(until_done(account, label, running, dict(back.params)).tags) == dict(running.tags)


def test_unlabelling_expands_to_what_is_there(running: Resource) -> None:
    """The composite takes away only labels that the instance has, and is nothing when it has none of them."""
    unlabel = _composite("untag")
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
        account.call(LABEL, running, {"tags": {"by": "us"}}, attempt())
    assert caught.value.code == "conditionNotMet"
    monkeypatch.undo()
    fresh = account.read(running)
    assert fresh is not None
    assert fresh.tags["by"] == "someone"


def test_deleting_instances_and_disks(account: GcpAccount, estate: dict[str, Resource], running: Resource) -> None:
    """A used disk is a conflict; a deleted instance is gone, then its disk is free and goes, too."""
    disk = next(each for each in estate.values() if each.facts.get("attached_to") == running.id)
    with pytest.raises(Conflict) as caught:
        account.call("gcp.compute.disks_delete", disk, {}, attempt())
    assert caught.value.code == "resourceInUseByAnotherResource"
    delete = BY_ID["gcp.compute.instances_delete"]
    account.call(delete.id, running, {}, attempt())
    time.sleep(0.4)
    assert delete.verdict(account.read(running), {}) is Verdict.DONE
    fresh = account.read(disk)
    assert fresh is not None
    assert fresh.state == "available"
    assert account.permitted("gcp.compute.disks_delete", disk) == (Permitted.ALLOWED, "testIamPermissions")
    account.call("gcp.compute.disks_delete", disk, {}, attempt())
    assert account.read(disk) is None


def test_every_operation_is_callable(running: Resource) -> None:
    """The catalogue and the calls name the same operations; hostile names stay inside the quotes of the command line."""
    assert set(BY_ID) == set(CALLS)
    for operation in OPERATIONS:
        hostile = replace(running, id=running.id + "; rm -rf")
        line = operation.cli(hostile, {"tags": {"k": "v"}, "remove": ["old"], "suffix": "p-1"})
        assert line.startswith("gcloud compute ")
        assert "rm" in line
        assert not {"rm", ";"} & set(shlex.split(line))


def _composite(action: str) -> Composite:
    return next(each for each in COMPOSITES if each.action == action)


def test_snapshots_of_disks_and_images_of_instances(account: GcpAccount, running: Resource) -> None:
    """Both are named after their source and the plan; a second one of the name is a conflict, which a look resolves."""
    disk = account.read(replace(running, id=str(running.facts["disks"][0]), type="compute::disk"))  # type: ignore[index] # a list of paths
    assert disk is not None
    params = {"suffix": "p-7f3a"}
    for source, operation in (
        (disk, BY_ID["gcp.compute.disks_create_snapshot"]),
        (running, BY_ID["gcp.compute.machine_images_insert"]),
    ):
        assert operation.verdict(account.read(source), params) is Verdict.NOT_DONE
        account.call(operation.id, source, params, attempt())
        assert operation.verdict(account.read(source), params) is Verdict.UNDERWAY
        until_done(account, operation, source, params)
        with pytest.raises(Conflict):
            account.call(operation.id, source, params, attempt())
        assert operation.verdict(account.read(source), {"suffix": "p-other"}) is Verdict.NOT_DONE
    listed = {
        each.name: each
        for each in account.scan(account.cells()[0], deadline=10).resources
        if each.type == "compute::snapshot"
    }
    snapshot = listed[f"{disk.name}-p-7f3a"]
    assert (snapshot.state, snapshot.region, snapshot.facts["source"]) == ("available", "global", disk.id)
    assert account.permitted("gcp.compute.snapshots_delete", snapshot) == (Permitted.UNKNOWN, "none")
    delete = BY_ID["gcp.compute.snapshots_delete"]
    account.call(delete.id, snapshot, {}, attempt())
    assert delete.verdict(account.read(snapshot), {}) is Verdict.DONE


def test_resizing_stops_and_starts_what_runs(account: GcpAccount, running: Resource) -> None:
    """Three steps for a running instance, one for a stopped one, none for the type it has; the undo brings the old type back."""
    resize, params = _composite("resize"), {"instance_type": "e2-highmem-2"}
    steps = resize.expand(running, params)
    assert [step.operation.rsplit("instances_", 1)[1] for step in steps] == ["stop", "set_machine_type", "start"]
    with pytest.raises(Conflict):
        account.call(steps[1].operation, running, steps[1].params, attempt())
    for step in steps:
        account.call(step.operation, running, step.params, attempt())
        until_done(account, BY_ID[step.operation], running, dict(step.params))
    fresh = account.read(running)
    assert fresh is not None
    assert (fresh.size, fresh.state) == ("e2-highmem-2", "running")
    assert resize.expand(fresh, params) == ()
    assert len(resize.expand(replace(running, state="stopped"), params)) == 1
    undo = BY_ID[steps[1].operation].inverse
    assert undo is not None
    assert [step.params for step in undo.steps(running, params)] == [{"instance_type": running.size}]


def test_calls_carry_the_step(account: GcpAccount, cloud: LocalCloud, running: Resource) -> None:
    """Exactly one mutating call reaches the cloud, and its user agent names plan and step."""
    since = cloud.last()
    account.call(START, running, {}, attempt())
    calls = [call for call in cloud.calls(since) if call["mutating"]]
    assert [(call["action"], call["plan"], call["step"]) for call in calls] == [("instances_start", PLAN, "s1")]
    assert all(not call["plan"] for call in cloud.calls() if not call["mutating"])


def test_permissions_are_those_of_the_caller(
    account: GcpAccount, cloud: LocalCloud, running: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the role holds is allowed, what it lacks denied, and what cannot be read unknown."""
    assert account.permitted(STOP, running) == (Permitted.ALLOWED, "testIamPermissions")
    monkeypatch.setitem(permitted._NEEDED, STOP, ("compute.instances.stop", "compute.instances.setIamPolicy"))
    assert account.permitted(STOP, running) == (Permitted.DENIED, "testIamPermissions")
    cloud.fault(action="instances_test_iam_permissions", kind="deny")
    assert account.permitted(STOP, running) == (Permitted.UNKNOWN, "none")


def test_a_right_on_what_is_yet_to_be_made_is_unknown_and_not_denied(account: GcpAccount, running: Resource) -> None:
    """An instance does not answer for the project's machine images, whose creation a copy needs as well."""
    assert account.permitted("gcp.compute.machine_images_insert", running)[0] is Permitted.UNKNOWN


def test_a_size_is_offered_by_the_zone(account: GcpAccount, cloud: LocalCloud, running: Resource) -> None:
    """By its name; of a disk nothing is said; what Google would not say is raised."""
    assert account.offers("n2-standard-4", running) is True
    assert account.offers("n2-standard-99", running) is False
    assert account.offers("n2-standard-4", replace(running, type="compute::disk")) is None
    cloud.fault(action="machine_types_get", kind="deny")
    with pytest.raises(Denied):
        account.offers("n2-standard-4", running)


def test_there_are_no_costs(account: GcpAccount, company: Company) -> None:
    """A project by itself has no cost source, and says so instead of claiming zero."""
    assert account.costs(start=company.now.date(), end=company.now.date(), grouping=BY_SERVICE) is None


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
