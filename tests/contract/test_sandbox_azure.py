"""The local Azure against the real, unchanged Azure SDKs: every vendor rule that it keeps."""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceResponseError
from azure.core.pipeline.policies import HeadersPolicy
from azure.core.rest import HttpRequest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from engine.clock import system_clock
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud
from tests.fakes.local_cloud import LocalCloud, local_cloud

SUBSCRIPTION = "5f0c8a52-3d3e-4d6b-9a57-0c1e5ac3de01"
STEP = "escher/p-01234567/s1"
MACHINES = "Resources | where type =~ 'microsoft.compute/virtualmachines'"


class NoToken:
    """A credential that must not be asked: the authentication policy below answers instead."""

    def get_token(self, *_: object, **__: object) -> Any:
        """Fail the test."""
        raise AssertionError("a token was asked for")


def _auth() -> HeadersPolicy:
    return HeadersPolicy({"Authorization": "Bearer anything"})


def _compute(
    cloud: LocalCloud, *, user_agent: str = STEP, headers: dict[str, str] | None = None
) -> ComputeManagementClient:
    return ComputeManagementClient(
        NoToken(), SUBSCRIPTION, base_url=cloud.url, authentication_policy=_auth(), user_agent=user_agent, retry_total=0, headers=headers or {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A small local Azure behind the gate."""
    with local_cloud("azure", "--scale", "300", "--gate") as running:
        yield running


@pytest.fixture
def compute(cloud: LocalCloud) -> Iterator[ComputeManagementClient]:
    """The real compute client, speaking for an approved step."""
    with _compute(cloud) as client:
        yield client


@pytest.fixture
def graph(cloud: LocalCloud) -> Iterator[ResourceGraphClient]:
    """The real Resource Graph client."""
    with ResourceGraphClient(NoToken(), base_url=cloud.url, authentication_policy=_auth(), retry_total=0) as client:
        yield client


@pytest.fixture
def machine(compute: ComputeManagementClient) -> tuple[str, str]:
    """Group and name of a machine of the test's own, running."""
    name = f"vm-{uuid.uuid4().hex[:8]}"
    body = {"location": "westeurope", "tags": {"env": "dev"}}
    compute.virtual_machines.begin_create_or_update("rg-tests", name, body, polling=False)
    _wait_power(compute, ("rg-tests", name), "PowerState/running")
    return "rg-tests", name


def _power(compute: ComputeManagementClient, machine: tuple[str, str]) -> str:
    return compute.virtual_machines.instance_view(*machine).statuses[1].code


def _wait_power(compute: ComputeManagementClient, machine: tuple[str, str], wanted: str) -> None:
    until = time.monotonic() + 3
    while _power(compute, machine) != wanted:
        assert time.monotonic() < until, f"not {wanted}"
        time.sleep(0.05)


def _error(caught: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str]:
    assert caught.value.error is not None
    return caught.value.status_code, caught.value.error.code


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
    """More than 500 machines come in several pages over `nextLink`, none lost or doubled, 1,600 machines in under two seconds."""
    with local_cloud("azure", "--scale", "10000") as large, _compute(large) as compute:
        list(compute.virtual_machines.list_all())
        since, began = large.last(), time.monotonic()
        names = [vm.id for vm in compute.virtual_machines.list_all()]
        took = time.monotonic() - began
        assert len(names) == len(set(names)) > 1500
        assert [call["action"] for call in large.calls(since)] == ["virtual_machines_list_all"] * 4
        assert took < 2.0, f"{took:.2f} s"


def test_status_only_tells_power_states_of_all(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """`statusOnly=true` carries the run-time state in the listing, and no hardware."""
    listed = {vm.name: vm for vm in compute.virtual_machines.list_all(status_only="true")}
    assert listed[machine[1]].properties.instance_view.statuses[1].code == "PowerState/running"
    assert listed[machine[1]].properties.hardware_profile is None


def test_deallocating_is_a_long_running_operation(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """202, then InProgress with `PowerState/deallocating`, then Succeeded with `PowerState/deallocated`."""
    poller = compute.virtual_machines.begin_deallocate(*machine)
    assert poller.status() == "InProgress"
    assert _power(compute, machine) == "PowerState/deallocating"
    assert compute.virtual_machines.get(*machine).properties.provisioning_state == "Updating"
    poller.result()
    assert poller.status() == "Succeeded"
    assert _power(compute, machine) == "PowerState/deallocated"


def test_start_brings_it_back(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """A deallocated machine starts over `PowerState/starting`; the expanded get agrees with the instance view."""
    compute.virtual_machines.begin_deallocate(*machine, polling=False)
    _wait_power(compute, machine, "PowerState/deallocated")
    compute.virtual_machines.begin_start(*machine, polling=False)
    assert _power(compute, machine) == "PowerState/starting"
    _wait_power(compute, machine, "PowerState/running")
    expanded = compute.virtual_machines.get(*machine, expand="instanceView")
    assert expanded.properties.instance_view.statuses[1].code == "PowerState/running"


def test_power_off_keeps_the_machine_allocated(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """Power-off ends in `PowerState/stopped`, which still costs, not in `deallocated`."""
    compute.virtual_machines.begin_power_off(*machine, polling=False)
    assert _power(compute, machine) == "PowerState/stopping"
    _wait_power(compute, machine, "PowerState/stopped")


def test_restart_needs_a_running_machine(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """A running machine restarts; a deallocated one answers 409 OperationNotAllowed."""
    compute.virtual_machines.begin_restart(*machine).result()
    compute.virtual_machines.begin_deallocate(*machine).result()
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_restart(*machine, polling=False)
    assert _error(caught) == (409, "OperationNotAllowed")


def test_another_change_meanwhile_is_a_conflict(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """While it deallocates, asking again joins, and starting answers 409 Conflict."""
    compute.virtual_machines.begin_deallocate(*machine, polling=False)
    compute.virtual_machines.begin_deallocate(*machine, polling=False)
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_start(*machine, polling=False)
    assert _error(caught) == (409, "Conflict")


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
    assert _error(caught) == (412, "PreconditionFailed")
    assert compute.virtual_machines.get(*machine).tags == {"a": "1"}


def test_a_deleted_machine_is_gone(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """Delete is long-running; afterwards the machine answers 404 ResourceNotFound in the vendor's words."""
    compute.virtual_machines.begin_delete(*machine).result()
    with pytest.raises(ResourceNotFoundError) as caught:
        compute.virtual_machines.get(*machine)
    assert _error(caught) == (404, "ResourceNotFound")
    assert (
        f"'Microsoft.Compute/virtualMachines/{machine[1]}' under resource group 'rg-tests' was not found"
        in caught.value.message
    )


def test_unknown_groups_and_subscriptions_are_told_apart(cloud: LocalCloud, compute: ComputeManagementClient) -> None:
    """404 says whether it is the group or the subscription that does not exist."""
    with pytest.raises(ResourceNotFoundError) as caught:
        compute.virtual_machines.get("no-such-group", "vm")
    assert _error(caught) == (404, "ResourceGroupNotFound")
    stranger = ComputeManagementClient(NoToken(), str(uuid.uuid4()), base_url=cloud.url, authentication_policy=_auth())
    with stranger, pytest.raises(ResourceNotFoundError) as caught:
        list(stranger.virtual_machines.list_all())
    assert _error(caught) == (404, "SubscriptionNotFound")


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


def test_the_graph_filters_and_projects(graph: ResourceGraphClient, compute: ComputeManagementClient) -> None:
    """Type, tag and `project` with an alias over a nested property answer the same as the listing."""
    query = (
        MACHINES
        + " and tags.env == 'dev' and location in~ ('WestUS', 'eastus') | project id, place = location, power = tostring(properties.extended.instanceView.powerState.code)"
    )
    found = graph.resources(
        QueryRequest(query=query, subscriptions=[SUBSCRIPTION], options=QueryRequestOptions(top=1000))
    )
    wanted = {
        vm.id
        for vm in compute.virtual_machines.list_all()
        if (vm.tags or {}).get("env") == "dev" and vm.location in {"westus", "eastus"}
    }
    assert {row["id"] for row in found.data} == wanted != set()
    assert {tuple(row) for row in found.data} == {("id", "place", "power")}
    assert all(row["power"].startswith("PowerState/") for row in found.data)


def test_the_graph_pages_with_a_skip_token(graph: ResourceGraphClient) -> None:
    """Pages hold at most `$top` rows, 100 when nothing is said; `$skipToken` leads through all of them exactly once."""
    first = graph.resources(QueryRequest(query="Resources | project id, type"))
    assert (first.count, first.result_truncated, first.total_records > 100) == (100, "false", True)
    seen, page = [], first
    while True:
        seen += [row["id"] for row in page.data]
        if not page.skip_token:
            break
        page = graph.resources(
            QueryRequest(query="Resources | project id, type", options=QueryRequestOptions(skip_token=page.skip_token))
        )
    assert len(seen) == len(set(seen)) == first.total_records


def test_rows_without_an_id_cannot_be_paged(graph: ResourceGraphClient) -> None:
    """Without the `id` column there is no `$skipToken`, and the result says that it is truncated."""
    cut = graph.resources(QueryRequest(query="Resources | project name"))
    assert (cut.count, cut.skip_token, cut.result_truncated) == (100, None, "true")


def test_the_graph_counts_and_orders(graph: ResourceGraphClient) -> None:
    """`count`, `order by` and `take` work on what is left."""
    counted = graph.resources(QueryRequest(query=MACHINES + " | count")).data[0]["Count"]
    assert counted == graph.resources(QueryRequest(query=MACHINES)).total_records
    names = [
        row["name"] for row in graph.resources(QueryRequest(query=MACHINES + " | order by name asc | take 5")).data
    ]
    assert names == sorted(names)
    assert len(names) == 5


@pytest.mark.parametrize(
    "query",
    [
        "Resources | summarize count() by type",
        "Nothing",
        "Resources | where type contains 'x'",
        "Resources | take many",
    ],
)
def test_a_query_it_does_not_understand_is_refused(graph: ResourceGraphClient, query: str) -> None:
    """Unknown tables and operators answer 400 with InvalidQuery and ParserFailure in the details."""
    with pytest.raises(HttpResponseError) as caught:
        graph.resources(QueryRequest(query=query))
    assert _error(caught) == (400, "BadRequest")
    assert [detail.code for detail in caught.value.error.details] == ["InvalidQuery", "ParserFailure"]


def _send(compute: ComputeManagementClient, method: str, path: str, body: Any = None) -> Any:
    answer = compute.send_request(HttpRequest(method, f"{{endpoint}}{path}", json=body))
    return answer.status_code, answer.json()


def test_costs_come_by_day_and_service(compute: ComputeManagementClient) -> None:
    """Cost Management's rows follow its columns and add up to the company's bill."""
    company = build(seed=7, scale=300, now=system_clock())
    last = company.costs_of(Cloud.AZURE)[-1].day
    first = last - timedelta(days=6)
    body = {"type": "ActualCost", "timeframe": "Custom", "timePeriod": {"from": f"{first}T00:00:00Z", "to": f"{last}T23:59:59Z"},
            "dataset": {"granularity": "Daily", "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
                        "grouping": [{"type": "Dimension", "name": "ServiceName"}]}}  # fmt: skip
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.CostManagement/query?api-version=2025-03-01"
    status, document = _send(compute, "POST", path, body)
    assert (status, [column["name"] for column in document["properties"]["columns"]]) == (
        200,
        ["Cost", "UsageDate", "ServiceName", "Currency"],
    )
    wanted = {
        (int(f"{line.day:%Y%m%d}"), line.service): float(line.amount_usd)
        for line in company.costs_of(Cloud.AZURE)
        if line.day >= first
    }
    assert {(day, service): cost for cost, day, service, _ in document["properties"]["rows"]} == wanted
    body["dataset"]["granularity"] = "None"  # type: ignore[index] # a nested literal
    assert _send(compute, "POST", path, body)[0] == 400


def test_permissions_are_those_of_a_contributor(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """At a machine's scope: everything but authorisation."""
    vm_id = compute.virtual_machines.get(*machine).id
    status, document = _send(
        compute, "GET", f"{vm_id}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
    )
    assert (status, document["value"][0]["actions"]) == (200, ["*"])
    assert "Microsoft.Authorization/*/Write" in document["value"][0]["notActions"]


def test_subscriptions_and_missing_versions(compute: ComputeManagementClient) -> None:
    """The subscription is listed by name; a call without api-version answers 400 MissingApiVersionParameter."""
    status, document = _send(compute, "GET", "/subscriptions?api-version=2022-12-01")
    assert (status, [each["displayName"] for each in document["value"]]) == (200, ["corp"])
    assert (
        _send(compute, "GET", f"/subscriptions/{SUBSCRIPTION}?api-version=2022-12-01")[1]["subscriptionId"]
        == SUBSCRIPTION
    )
    status, document = _send(compute, "GET", "/subscriptions")
    assert (status, document["error"]["code"]) == (400, "MissingApiVersionParameter")


def test_metrics_are_daily(compute: ComputeManagementClient) -> None:
    """Percentage CPU of a running machine has mean and maximum for each whole day."""
    company = build(seed=7, scale=300, now=system_clock())
    source = next(
        m for m in company.machines_of(Cloud.AZURE) if m.state == "running" and (company.now - m.launched_at).days > 5
    )
    last = company.now.date()
    span = f"{last - timedelta(days=3)}T00:00:00Z/{last}T00:00:00Z"
    vm_id = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{source.resource_group}/providers/Microsoft.Compute/virtualMachines/{source.name}"
    path = f"{vm_id}/providers/Microsoft.Insights/metrics?api-version=2024-02-01&metricnames=Percentage CPU&interval=P1D&timespan={span}&aggregation=average,maximum"
    status, document = _send(compute, "GET", path.replace(" ", "%20"))
    data = document["value"][0]["timeseries"][0]["data"]
    assert (status, len(data)) == (200, 3)
    assert all(0 < day["average"] <= day["maximum"] <= 100 for day in data)


def test_throttling_says_when_to_come_back(
    cloud: LocalCloud, compute: ComputeManagementClient, graph: ResourceGraphClient
) -> None:
    """A throttled call answers 429 with `Retry-After`, Compute and Resource Graph each with their own code."""
    cloud.fault(service="compute", action="virtual_machines_list_all", kind="throttle", seconds=7)
    with pytest.raises(HttpResponseError) as caught:
        list(compute.virtual_machines.list_all())
    assert _error(caught) == (429, "TooManyRequests")
    assert caught.value.response.headers["Retry-After"] == "7"
    cloud.fault(service="resourcegraph", kind="throttle", seconds=5)
    with pytest.raises(HttpResponseError) as caught:
        graph.resources(QueryRequest(query="Resources"))
    assert _error(caught) == (429, "RateLimiting")
    assert caught.value.response.headers["x-ms-user-quota-resets-after"] == "00:00:05"


def test_denial_names_the_missing_permission(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """403 AuthorizationFailed names the action, and nothing was done."""
    cloud.fault(action="virtual_machines_deallocate", kind="deny")
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_deallocate(*machine, polling=False)
    assert _error(caught) == (403, "AuthorizationFailed")
    assert "'Microsoft.Compute/virtualMachines/deallocate/action'" in caught.value.message
    assert _power(compute, machine) == "PowerState/running"


def test_a_broken_service_answers_500(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """The fault `error500` answers InternalServerError."""
    cloud.fault(action="virtual_machines_get", kind="error500")
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.get(*machine)
    assert _error(caught) == (500, "InternalServerError")


def test_a_dropped_response_was_carried_out(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """With `drop_response` the SDK sees a closed connection while the machine deallocates, exactly once."""
    since = cloud.last()
    cloud.fault(action="virtual_machines_deallocate", kind="drop_response")
    with pytest.raises(ServiceResponseError):
        compute.virtual_machines.begin_deallocate(*machine, polling=False)
    assert _power(compute, machine) == "PowerState/deallocating"
    dropped = [call for call in cloud.calls(since) if call["mutating"]]
    assert [(call["fault"], call["status"], call["plan"], call["step"]) for call in dropped] == [
        ("drop_response", 202, "p-01234567", "s1")
    ]


def test_the_gate_refuses_changes_without_a_step(
    cloud: LocalCloud, compute: ComputeManagementClient, machine: tuple[str, str]
) -> None:
    """A change without a plan's step in the user agent is refused; the world's own changes pass; reads always do."""
    with _compute(cloud, user_agent="someone") as unapproved:
        assert _power(unapproved, machine) == "PowerState/running"
        with pytest.raises(HttpResponseError) as caught:
            unapproved.virtual_machines.begin_deallocate(*machine, polling=False)
    assert _error(caught) == (403, "EscherGate")
    assert _power(compute, machine) == "PowerState/running"
    with _compute(cloud, user_agent="someone", headers={"x-escher-outside": "world"}) as world:
        world.virtual_machines.begin_deallocate(*machine, polling=False)
    assert _power(compute, machine) == "PowerState/deallocating"


def test_the_log_names_calls_like_the_catalogue(cloud: LocalCloud, compute: ComputeManagementClient) -> None:
    """Service and action of the log are the last parts of the operation id; region and subscription are the machine's."""
    vm = next(iter(compute.virtual_machines.list_all()))
    since = cloud.last()
    compute.virtual_machines.begin_start(vm.id.split("/")[4], vm.name, polling=False)
    call = cloud.calls(since)[0]
    assert (call["cloud"], call["service"], call["action"]) == ("azure", "compute", "virtual_machines_start")
    assert (call["region"], call["account"], call["mutating"]) == (vm.location, SUBSCRIPTION, True)
