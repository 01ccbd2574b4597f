"""The local Azure against the real, unchanged Azure SDKs: every vendor rule that it keeps."""

import uuid
from collections.abc import Iterator

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceResponseError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.resourcegraph import ResourceGraphClient

from engine.clock import system_clock
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud
from tests.fakes.azure_sdk import (
    SUBSCRIPTION,
    NoToken,
    auth,
    compute_client,
    error,
    power,
    wait_power,
)
from tests.fakes.local_cloud import LocalCloud, local_cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A small local Azure behind the gate."""
    with local_cloud("azure", "--scale", "300", "--gate") as running:
        yield running


@pytest.fixture
def compute(cloud: LocalCloud) -> Iterator[ComputeManagementClient]:
    """The real compute client, speaking for an approved step."""
    with compute_client(cloud) as client:
        yield client


@pytest.fixture
def graph(cloud: LocalCloud) -> Iterator[ResourceGraphClient]:
    """The real Resource Graph client."""
    with ResourceGraphClient(NoToken(), base_url=cloud.url, authentication_policy=auth(), retry_total=0) as client:
        yield client


@pytest.fixture
def machine(compute: ComputeManagementClient) -> tuple[str, str]:
    """Group and name of a machine of the test's own, running."""
    name = f"vm-{uuid.uuid4().hex[:8]}"
    body = {"location": "westeurope", "tags": {"env": "dev"}}
    compute.virtual_machines.begin_create_or_update("rg-tests", name, body, polling=False)
    wait_power(compute, ("rg-tests", name), "PowerState/running")
    return "rg-tests", name


def test_the_listing_holds_every_machine_of_the_company(compute: ComputeManagementClient) -> None:
    """The subscription's list has exactly the seeded machines (and those that tests add), with size, tags and zone."""
    seeded = build(seed=7, scale=300, now=system_clock()).machines_of(Cloud.AZURE)
    listed = {vm.name: vm for vm in compute.virtual_machines.list_all() if "/rg-tests/" not in vm.id}
    assert set(listed) == {machine.name for machine in seeded}
    for machine in seeded:
        assert (listed[machine.name].properties.hardware_profile.vm_size, listed[machine.name].tags) == (
            machine.size,
            dict(machine.tags),
        )


def test_a_group_lists_only_its_own(compute: ComputeManagementClient) -> None:
    """Listing by resource group, in any spelling, gives the machines whose id names the group."""
    everything = list(compute.virtual_machines.list_all())
    group = everything[0].id.split("/")[4]
    inside = {vm.name for vm in compute.virtual_machines.list(group.upper())}
    assert inside == {vm.name for vm in everything if vm.id.split("/")[4] == group}
    assert len(inside) < len(everything)


def test_long_listings_come_in_pages() -> None:
    """More than 500 machines come in several pages over `nextLink`, none lost or doubled."""
    with local_cloud("azure", "--scale", "10000") as large, compute_client(large) as compute:
        since = large.last()
        names = [vm.id for vm in compute.virtual_machines.list_all()]
        assert len(names) == len(set(names)) > 1500
        assert [call["action"] for call in large.calls(since)] == ["virtual_machines_list_all"] * 4


def test_status_only_tells_power_states_of_all(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """`statusOnly=true` carries the run-time state in the listing, and no hardware."""
    listed = {vm.name: vm for vm in compute.virtual_machines.list_all(status_only="true")}
    assert listed[machine[1]].properties.instance_view.statuses[1].code == "PowerState/running"
    assert listed[machine[1]].properties.hardware_profile is None


def test_deallocating_is_a_long_running_operation(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """202, then InProgress with `PowerState/deallocating`, then Succeeded with `PowerState/deallocated`."""
    poller = compute.virtual_machines.begin_deallocate(*machine)
    assert poller.status() == "InProgress"
    assert power(compute, machine) == "PowerState/deallocating"
    assert compute.virtual_machines.get(*machine).properties.provisioning_state == "Updating"
    poller.result()
    assert poller.status() == "Succeeded"
    assert power(compute, machine) == "PowerState/deallocated"


def test_start_brings_it_back(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """A deallocated machine starts over `PowerState/starting`; the expanded get agrees with the instance view."""
    compute.virtual_machines.begin_deallocate(*machine, polling=False)
    wait_power(compute, machine, "PowerState/deallocated")
    compute.virtual_machines.begin_start(*machine, polling=False)
    assert power(compute, machine) == "PowerState/starting"
    wait_power(compute, machine, "PowerState/running")
    expanded = compute.virtual_machines.get(*machine, expand="instanceView")
    assert expanded.properties.instance_view.statuses[1].code == "PowerState/running"


def test_power_off_keeps_the_machine_allocated(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """Power-off ends in `PowerState/stopped`, which still costs, not in `deallocated`."""
    compute.virtual_machines.begin_power_off(*machine, polling=False)
    assert power(compute, machine) == "PowerState/stopping"
    wait_power(compute, machine, "PowerState/stopped")


def test_restart_needs_a_running_machine(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """A running machine restarts; a deallocated one answers 409 OperationNotAllowed."""
    compute.virtual_machines.begin_restart(*machine).result()
    compute.virtual_machines.begin_deallocate(*machine).result()
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_restart(*machine, polling=False)
    assert error(caught) == (409, "OperationNotAllowed")


def test_another_change_meanwhile_is_a_conflict(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """While it deallocates, asking again joins, and starting answers 409 Conflict."""
    compute.virtual_machines.begin_deallocate(*machine, polling=False)
    compute.virtual_machines.begin_deallocate(*machine, polling=False)
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_start(*machine, polling=False)
    assert error(caught) == (409, "Conflict")


def test_tags_are_replaced_wholly(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """PATCH with tags leaves exactly those tags, and everything else as it was."""
    before = compute.virtual_machines.get(*machine)
    updated = compute.virtual_machines.begin_update(*machine, {"tags": {"owner": "dana"}}).result()
    assert updated.tags == {"owner": "dana"}
    after = compute.virtual_machines.get(*machine)
    assert after.properties.hardware_profile == before.properties.hardware_profile
    assert (after.properties.vm_id, after.tags) == (before.properties.vm_id, {"owner": "dana"})


def test_a_stale_etag_changes_nothing(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """`If-Match` with the present etag is carried out; with an older one it answers 412 and leaves the tags."""
    etag = compute.virtual_machines.get(*machine).etag
    compute.virtual_machines.begin_update(
        *machine, {"tags": {"a": "1"}}, etag=etag, match_condition=MatchConditions.IfNotModified
    ).result()
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_update(
            *machine, {"tags": {"a": "2"}}, etag=etag, match_condition=MatchConditions.IfNotModified, polling=False
        )
    assert error(caught) == (412, "PreconditionFailed")
    assert compute.virtual_machines.get(*machine).tags == {"a": "1"}


def test_a_deleted_machine_is_gone(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """Delete is long-running; afterwards the machine answers 404 ResourceNotFound in the vendor's words."""
    compute.virtual_machines.begin_delete(*machine).result()
    with pytest.raises(ResourceNotFoundError) as caught:
        compute.virtual_machines.get(*machine)
    assert error(caught) == (404, "ResourceNotFound")
    assert (
        f"'Microsoft.Compute/virtualMachines/{machine[1]}' under resource group 'rg-tests' was not found"
        in caught.value.message
    )


def test_unknown_groups_and_subscriptions_are_told_apart(cloud: LocalCloud, compute: ComputeManagementClient) -> None:
    """404 says whether it is the group or the subscription that does not exist."""
    with pytest.raises(ResourceNotFoundError) as caught:
        compute.virtual_machines.get("no-such-group", "vm")
    assert error(caught) == (404, "ResourceGroupNotFound")
    stranger = ComputeManagementClient(NoToken(), str(uuid.uuid4()), base_url=cloud.url, authentication_policy=auth())
    with stranger, pytest.raises(ResourceNotFoundError) as caught:
        list(stranger.virtual_machines.list_all())
    assert error(caught) == (404, "SubscriptionNotFound")


def test_disks_follow_their_machine(compute: ComputeManagementClient) -> None:
    """A disk names its machine and is Attached, Reserved while the machine is deallocated, Unattached without one."""
    power = {
        vm.id: vm.properties.instance_view.statuses[1].code
        for vm in compute.virtual_machines.list_all(status_only="true")
    }
    seen = set()
    for disk in compute.disks.list():
        wanted = (
            "Unattached"
            if disk.managed_by is None
            else "Reserved"
            if power[disk.managed_by].endswith("deallocated")
            else "Attached"
        )
        assert disk.properties.disk_state == wanted
        seen.add(wanted)
    assert seen == {"Attached", "Reserved", "Unattached"}
    group, name = disk.id.split("/")[4], disk.name
    assert compute.disks.get(group, name).id == disk.id


def test_denial_names_the_missing_permission(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """403 AuthorizationFailed names the action, and nothing was done."""
    cloud.fault(action="virtual_machines_deallocate", kind="deny")
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_deallocate(*machine, polling=False)
    assert error(caught) == (403, "AuthorizationFailed")
    assert "'Microsoft.Compute/virtualMachines/deallocate/action'" in caught.value.message
    assert power(compute, machine) == "PowerState/running"


def test_a_broken_service_answers_500(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """The fault `error500` answers InternalServerError."""
    cloud.fault(action="virtual_machines_get", kind="error500")
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.get(*machine)
    assert error(caught) == (500, "InternalServerError")


def test_a_dropped_response_was_carried_out(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """With `drop_response` the SDK sees a closed connection while the machine deallocates, exactly once."""
    since = cloud.last()
    cloud.fault(action="virtual_machines_deallocate", kind="drop_response")
    with pytest.raises(ServiceResponseError):
        compute.virtual_machines.begin_deallocate(*machine, polling=False)
    assert power(compute, machine) == "PowerState/deallocating"
    dropped = [call for call in cloud.calls(since) if call["mutating"]]
    assert [(call["fault"], call["status"], call["plan"], call["step"]) for call in dropped] == [
        ("drop_response", 202, "p-01234567", "s1")
    ]


def test_the_gate_refuses_changes_without_a_step(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """A change without a plan's step in the user agent is refused; the world's own changes pass; reads always do."""
    with compute_client(cloud, user_agent="someone") as unapproved:
        assert power(unapproved, machine) == "PowerState/running"
        with pytest.raises(HttpResponseError) as caught:
            unapproved.virtual_machines.begin_deallocate(*machine, polling=False)
    assert error(caught) == (403, "EscherGate")
    assert power(compute, machine) == "PowerState/running"
    with compute_client(cloud, user_agent="someone", headers={"x-escher-outside": "world"}) as world:
        world.virtual_machines.begin_deallocate(*machine, polling=False)
    assert power(compute, machine) == "PowerState/deallocating"


def test_the_log_names_calls_like_the_catalogue(cloud: LocalCloud, compute: ComputeManagementClient) -> None:
    """Service and action of the log are the last parts of the operation id; region and subscription are the machine's."""
    vm = next(iter(compute.virtual_machines.list_all()))
    since = cloud.last()
    compute.virtual_machines.begin_start(vm.id.split("/")[4], vm.name, polling=False)
    call = cloud.calls(since)[0]
    assert (call["cloud"], call["service"], call["action"]) == ("azure", "compute", "virtual_machines_start")
    assert (call["region"], call["account"], call["mutating"]) == (vm.location, SUBSCRIPTION, True)
