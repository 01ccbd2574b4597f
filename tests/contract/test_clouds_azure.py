"""The Azure account against the local Azure: what is read, what is called, and what every failure becomes."""

import shlex
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.clock import system_clock
from engine.clouds.azure import permitted
from engine.clouds.azure.account import AzureAccount
from engine.clouds.azure.calls import CALLS
from engine.clouds.azure.cost import region_of
from engine.clouds.azure.operations import COMPOSITES, OPERATIONS
from engine.clouds.billing import BY_SERVICE, NO_REGION, CostDimension, CostGrouping
from engine.clouds.errors import Conflict
from engine.clouds.operation import Composite, ReplayClass, Verdict
from engine.estate.resource import CellStatus, Permitted, Resource
from engine.planning.plan import guard
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud, Company
from tests.fakes.azure_corp import BY_ID, PLAN, START, STOP, SUBSCRIPTION, UPDATE, attempt, known, settings, until_done
from tests.fakes.local_cloud import LocalCloud, local_cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A small local Azure behind the gate, whose changes take a fifth of a second."""
    with local_cloud("azure", "--scale", "300", "--gate", "--operation-seconds", "0.2") as running:
        yield running


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> AzureAccount:
    """The subscription."""
    return AzureAccount(settings(cloud.url), system_clock)


@pytest.fixture(scope="module")
def company() -> Company:
    """What the endpoint was seeded with."""
    return build(seed=7, scale=300, now=system_clock())


@pytest.fixture(scope="module")
def estate(account: AzureAccount) -> dict[str, Resource]:
    """The resources of one scan, by name, as they were at the start."""
    scanned = account.scan(account.cells()[0], deadline=20)
    assert scanned.status is CellStatus.OK
    return {resource.name: resource for resource in scanned.resources}


@pytest.fixture
def running(account: AzureAccount, company: Company) -> Resource:
    """A machine that runs now, freshly read; each test gets whichever still does."""
    for machine in company.machines_of(Cloud.AZURE):
        fresh = account.read(known(machine.name, machine.resource_group))
        if fresh is not None and fresh.state == "running":
            return fresh
    raise AssertionError("no machine is left running")


def test_a_scan_reads_the_whole_subscription(
    account: AzureAccount, estate: dict[str, Resource], company: Company
) -> None:
    """One cell for all regions holds every seeded machine and disk with the facts that people ask for."""
    (cell,) = account.cells()
    assert (cell.account, cell.region, cell.service) == (SUBSCRIPTION, "global", "compute")
    for machine in company.machines_of(Cloud.AZURE):
        found = estate[machine.name]
        assert (found.type, found.region, found.zone, found.size) == (
            "compute::virtualmachine",
            machine.region,
            machine.zone,
            machine.size,
        )
        assert (found.state, dict(found.tags), found.created_at) == (
            machine.state,
            dict(machine.tags),
            machine.launched_at,
        )
        assert found.id == found.id.lower()
        assert ("owner" in found.facts) == bool(machine.scaling_group)
    for disk in company.disks_of(Cloud.AZURE):
        found = estate[disk.name]
        assert (found.type, found.facts["size_gb"], found.size, found.encrypted) == (
            "compute::disk",
            disk.size_gb,
            disk.kind,
            True,
        )
        assert (found.state == "in-use", found.facts["attached"]) == (bool(disk.machine_id),) * 2
    assert len(estate) == len(company.machines_of(Cloud.AZURE)) + len(company.disks_of(Cloud.AZURE))


def test_reading_again_tells_the_same_as_the_scan(account: AzureAccount, estate: dict[str, Resource]) -> None:
    """The guard of a plan, made from a scan, holds against a fresh read of an untouched machine or disk."""
    for resource in [each for each in estate.values() if each.state in {"stopped", "deallocated", "available"}][:6]:
        fresh = account.read(resource)
        assert fresh is not None
        assert guard(fresh) == guard(resource)
        assert fresh.facts == resource.facts


def test_a_scan_follows_changes_at_once(account: AzureAccount, running: Resource) -> None:
    """Power states are Compute's own: what was stopped a moment ago is listed so."""
    account.call(STOP, running, {}, attempt())
    listed = {each.id: each.state for each in account.scan(account.cells()[0], deadline=10).resources}
    assert listed[running.id] == "stopping"
    until_done(account, BY_ID[STOP], running)


def test_stop_and_its_undo(account: AzureAccount, running: Resource) -> None:
    """Stopping deallocates; the declared undo brings the machine back; the verdict says underway on the way."""
    stop = BY_ID[STOP]
    assert stop.verdict(running, {}) is Verdict.NOT_DONE
    evidence = account.call(STOP, running, {}, attempt()).evidence
    assert evidence["request_id"]
    assert "/operations/" in str(evidence["operation"])
    assert stop.verdict(account.read(running), {}) is Verdict.UNDERWAY
    assert until_done(account, stop, running).state == "deallocated"
    assert stop.inverse is not None
    (back,) = stop.inverse.steps(running, {})
    account.call(back.operation, running, back.params, attempt())
    assert until_done(account, BY_ID[back.operation], running).state == "running"


def test_the_undo_of_a_start_knows_how_it_was_stopped(account: AzureAccount, running: Resource) -> None:
    """What was only powered off is powered off again, what was deallocated is deallocated; a stop of what did not run starts nothing."""
    start, stop = BY_ID[START].inverse, BY_ID[STOP].inverse
    assert start is not None
    assert stop is not None
    off = replace(running, state="stopped")
    assert [step.operation for step in start.steps(off, {})] == ["azure.compute.virtual_machines_power_off"]
    assert [step.operation for step in start.steps(replace(running, state="deallocated"), {})] == [STOP]
    assert stop.steps(off, {}) == ()
    account.call("azure.compute.virtual_machines_power_off", running, {}, attempt())
    assert until_done(account, BY_ID["azure.compute.virtual_machines_power_off"], running).state == "stopped"
    account.call(START, running, {}, attempt())
    until_done(account, BY_ID[START], running)


def test_a_restart_is_called_once_and_leaves_no_trace(
    account: AzureAccount, cloud: LocalCloud, running: Resource
) -> None:
    """Restart is of class `once`, and a look afterwards cannot tell."""
    since = cloud.last()
    restart = BY_ID["azure.compute.virtual_machines_restart"]
    account.call(restart.id, running, {}, attempt())
    assert (restart.replay, restart.verdict(account.read(running), {})) == (ReplayClass.ONCE, Verdict.UNTOLD)
    assert [call["action"] for call in cloud.calls(since) if call["mutating"]] == ["virtual_machines_restart"]
    time.sleep(0.3)


def test_tags_are_merged_not_replaced(account: AzureAccount, running: Resource) -> None:
    """Setting a tag keeps the others, also one in another spelling of the same name; the undo restores exactly what was."""
    update = BY_ID[UPDATE]
    params: dict[str, Any] = {"tags": {"ENV": "test", "owner2": "dana"}}
    account.call(UPDATE, running, params, attempt())
    after = until_done(account, update, running, params)
    assert dict(after.tags) == {**running.tags, "env": "test", "owner2": "dana"}
    assert update.inverse is not None
    (back,) = update.inverse.steps(running, params)
    account.call(UPDATE, running, back.params, attempt())
    assert dict(until_done(account, update, running, dict(back.params)).tags) == dict(running.tags)


def test_untagging_expands_to_what_is_there(running: Resource) -> None:
    """The composite takes away only tags that the machine has, and is nothing when it has none of them."""
    untag = _composite("untag")
    (step,) = untag.expand(running, {"keys": ["ENV", "nothing-like-it"]})
    assert (step.operation, step.params) == (UPDATE, {"remove": ["env"]})
    assert untag.expand(running, {"keys": ["nothing-like-it"]}) == ()


def test_tags_changed_meanwhile_are_a_conflict(
    account: AzureAccount, running: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the machine changes between the read and the write, nothing is written and the answer is `Conflict`."""
    client = account._session.compute("write")
    real_get = client.virtual_machines.get

    def get_then_change(*names: str, **options: Any) -> Any:
        before = real_get(*names, **options)
        client.virtual_machines.begin_update(
            *names, {"tags": {**before.tags, "by": "someone"}}, polling=False, headers={"x-escher-outside": "world"}
        )
        time.sleep(0.3)
        return before

    monkeypatch.setattr(client.virtual_machines, "get", get_then_change)
    with pytest.raises(Conflict) as caught:
        account.call(UPDATE, running, {"tags": {"by": "us"}}, attempt())
    assert caught.value.code == "PreconditionFailed"
    fresh = account.read(running)
    assert fresh is not None
    assert fresh.tags["by"] == "someone"


def _composite(action: str) -> Composite:
    return next(each for each in COMPOSITES if each.action == action)


def test_a_snapshot_of_a_disk(account: AzureAccount, running: Resource) -> None:
    """Named after the disk and the plan, so that taking it again changes nothing; it is listed, and can be deleted."""
    disk = account.read(replace(running, id=str(running.facts["disks"][0]), type="compute::disk"))  # type: ignore[index] # a list of ids
    assert disk is not None
    take, params = BY_ID["azure.compute.snapshots_create_or_update"], {"suffix": "p-7f3a"}
    assert take.verdict(disk, params) is Verdict.NOT_DONE
    account.call(take.id, disk, params, attempt())
    account.call(take.id, disk, params, attempt())
    assert take.verdict(account.read(disk), params) is Verdict.UNDERWAY
    until_done(account, take, disk, params)
    assert take.verdict(disk, {"suffix": "p-other"}) is Verdict.NOT_DONE
    listed = {each.name: each for each in account.scan(account.cells()[0], deadline=10).resources}
    snapshot = listed[f"{disk.name}-p-7f3a"]
    assert (snapshot.type, snapshot.state, snapshot.facts["source"]) == ("compute::snapshot", "available", disk.id)
    delete = BY_ID["azure.compute.snapshots_delete"]
    account.call(delete.id, snapshot, {}, attempt())
    assert delete.verdict(account.read(snapshot), {}) is Verdict.DONE


def test_a_snapshot_of_a_machine_is_a_restore_point(account: AzureAccount, running: Resource) -> None:
    """Two steps: the machine's collection, then all disks at one moment; asking twice is a conflict, which a look resolves."""
    steps = _composite("snapshot").expand(running, {})
    assert [step.after for step in steps] == [(), (0,)]
    params = {"suffix": "p-9k2m"}
    for step in steps:
        given = params if BY_ID[step.operation].params else {}
        assert BY_ID[step.operation].verdict(account.read(running), given) is Verdict.NOT_DONE
        account.call(step.operation, running, given, attempt())
        until_done(account, BY_ID[step.operation], running, given)
    account.call(steps[0].operation, running, {}, attempt())
    with pytest.raises(Conflict):
        account.call(steps[1].operation, running, params, attempt())
    assert BY_ID[steps[1].operation].verdict(account.read(running), {"suffix": "p-other"}) is Verdict.NOT_DONE


def test_resizing_stops_and_starts_what_runs(account: AzureAccount, running: Resource) -> None:
    """Three steps for a running machine, one for a stopped one, none for the size it has; the undo brings the old size back."""
    resize = _composite("resize")
    steps = resize.expand(running, {"instance_type": "Standard_D2s_v5"})
    assert [step.operation.rsplit("_", 1)[1] for step in steps] == ["deallocate", "update", "start"]
    for step in steps:
        account.call(step.operation, running, step.params, attempt())
        until_done(account, BY_ID[step.operation], running, dict(step.params))
    fresh = account.read(running)
    assert fresh is not None
    assert (fresh.size, fresh.state, fresh.tags) == ("Standard_D2s_v5", "running", running.tags)
    assert resize.expand(fresh, {"instance_type": "standard_d2s_v5"}) == ()
    assert len(resize.expand(replace(running, state="deallocated"), {"instance_type": "Standard_D2s_v5"})) == 1
    undo = BY_ID[UPDATE].inverse
    assert undo is not None
    (back,) = undo.steps(running, steps[1].params)
    assert back.params == {"size": running.size}


def test_deleting_machines_and_disks(account: AzureAccount, estate: dict[str, Resource], running: Resource) -> None:
    """A deleted machine is gone and its disks stay; an attached disk is a conflict, a free one goes; twice is no error."""
    disk = next(each for each in estate.values() if each.facts.get("attached_to") == running.id)
    with pytest.raises(Conflict):
        account.call("azure.compute.disks_delete", disk, {}, attempt())
    delete = BY_ID["azure.compute.virtual_machines_delete"]
    account.call(delete.id, running, {}, attempt())
    assert delete.verdict(account.read(running), {}) is Verdict.UNDERWAY
    time.sleep(0.4)
    assert delete.verdict(account.read(running), {}) is Verdict.DONE
    account.call(delete.id, running, {}, attempt())
    fresh = account.read(disk)
    assert fresh is not None
    assert fresh.state == "available"
    account.call("azure.compute.disks_delete", disk, {}, attempt())
    assert account.read(disk) is None
    listed = {each.id for each in account.scan(account.cells()[0], deadline=10).resources}
    assert not {running.id, disk.id} & listed


def test_every_operation_is_declared_callable_and_undoable(running: Resource) -> None:
    """The catalogue and the calls name the same operations; each has permissions, a command line, and an undo or a reason."""
    assert set(BY_ID) == set(CALLS)
    for operation in OPERATIONS:
        assert operation.permissions
        assert bool(operation.inverse) != bool(operation.no_inverse_because)
        hostile = replace(running, id=running.id + "; rm -rf", name="a; rm -rf")
        line = operation.cli(hostile, {"tags": {"k": "v w"}, "remove": ["old"], "suffix": "p-1"})
        assert line.startswith(("az vm ", "az disk ", "az snapshot ", "az restore-point "))
        assert "rm" in line
        assert not {"rm", ";"} & set(shlex.split(line))


def test_calls_carry_the_step(account: AzureAccount, cloud: LocalCloud, running: Resource) -> None:
    """Exactly one mutating call reaches the cloud, and its user agent names plan and step."""
    since = cloud.last()
    account.call(START, running, {}, attempt())
    calls = [call for call in cloud.calls(since) if call["mutating"]]
    assert [(call["action"], call["plan"], call["step"]) for call in calls] == [("virtual_machines_start", PLAN, "s1")]
    assert all(not call["plan"] for call in cloud.calls() if not call["mutating"])


def test_permissions_are_those_of_the_caller(
    account: AzureAccount, cloud: LocalCloud, running: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contributor may; what `notActions` takes away is denied; what cannot be read is unknown."""
    assert account.permitted(STOP, running) == (Permitted.ALLOWED, "azure-permissions")
    monkeypatch.setitem(permitted._NEEDED, STOP, ("Microsoft.Authorization/locks/write",))
    assert account.permitted(STOP, running) == (Permitted.DENIED, "azure-permissions")
    cloud.fault(service="authorization", kind="deny")
    assert account.permitted(STOP, running) == (Permitted.UNKNOWN, "none")


def test_costs_are_the_bill(account: AzureAccount, company: Company) -> None:
    """Every service and day of a week, to the cent, and nothing outside of it."""
    end = company.now.date() - timedelta(days=1)
    start = end - timedelta(days=7)
    lines = account.costs(start=start, end=end, grouping=BY_SERVICE)
    wanted = {
        (line.day, line.service): float(line.amount_usd)
        for line in company.costs_of(Cloud.AZURE)
        if start <= line.day < end
    }
    assert lines is not None
    assert {(line.day, line.service): line.amount for line in lines} == wanted != {}


def test_costs_come_by_region_by_kind_and_by_tag(account: AzureAccount, company: Company) -> None:
    """Each cut adds up to the same; places are written as the estate writes them, no team is an empty tag."""
    end = company.now.date()
    start = end - timedelta(days=5)
    whole = sum(one.amount for one in account.costs(start=start, end=end, grouping=BY_SERVICE) or ())
    cuts = {
        "region": CostGrouping(dimensions=(CostDimension.REGION, CostDimension.SERVICE)),
        "type": CostGrouping(dimensions=(CostDimension.TYPE, CostDimension.SERVICE)),
        "tag": CostGrouping(dimensions=(CostDimension.TAG, CostDimension.REGION), tag="team"),
    }
    found = {}
    for name, grouping in cuts.items():
        lines = account.costs(start=start, end=end, grouping=grouping) or ()
        assert sum(one.amount for one in lines) == pytest.approx(whole)
        found[name] = {getattr(one, name) for one in lines}
    assert found["region"] == {"westus", "eastus", "westeurope"}
    assert {"", "it", "platform"} <= found["tag"]
    assert {"virtual machines", "managed disks", "key vaults"} <= found["type"]


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("US West 2", "westus2"),
        ("EU North", "northeurope"),
        ("UK South", "uksouth"),
        ("AP Southeast", "southeastasia"),
        ("US South Central", "southcentralus"),
        ("eastus", "eastus"),
        ("Unassigned", NO_REGION),
        ("", NO_REGION),
    ],
)
def test_places_of_a_bill_are_regions(place: str, region: str) -> None:
    """A form that is not known stays as it is."""
    assert region_of(place) == region


def test_daily_use(account: AzureAccount, estate: dict[str, Resource], company: Company) -> None:
    """Running machines have figures for each whole day, oldest first; stopped ones are absent."""
    machines = [each for each in estate.values() if each.type == "compute::virtualmachine"]
    use = account.use(machines, days=4, until=company.now)
    old = [
        m
        for m in company.machines_of(Cloud.AZURE)
        if (company.now - m.launched_at).days > 5 and account.read(known(m.name, m.resource_group))
    ]
    running = {estate[m.name].id for m in old if m.state == "running"}
    assert running <= set(use)
    assert not {estate[m.name].id for m in old if m.state != "running"} & set(use)
    for days in use.values():
        assert [day.day for day in days] == sorted(day.day for day in days)
    assert all(len(use[machine]) == 4 for machine in running)
    assert all(
        0 < day.cpu_mean <= day.cpu_max <= 100 and day.network_bytes > 0 for machine in running for day in use[machine]
    )
