"""The local Azure beside Compute: Resource Graph, costs, metrics, permissions, throttling."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from engine.clock import system_clock
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud
from tests.fakes.azure_sdk import MACHINES, SUBSCRIPTION, NoToken, auth, compute_client, error, send, wait_power
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
    assert error(caught) == (400, "BadRequest")
    assert [detail.code for detail in caught.value.error.details] == ["InvalidQuery", "ParserFailure"]


def test_costs_come_by_day_and_service(compute: ComputeManagementClient) -> None:
    """Cost Management's rows follow its columns and add up to the company's bill."""
    company = build(seed=7, scale=300, now=system_clock())
    last = company.costs_of(Cloud.AZURE)[-1].day
    first = last - timedelta(days=6)
    body = {"type": "ActualCost", "timeframe": "Custom", "timePeriod": {"from": f"{first}T00:00:00Z", "to": f"{last}T23:59:59Z"},
            "dataset": {"granularity": "Daily", "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
                        "grouping": [{"type": "Dimension", "name": "ServiceName"}]}}  # fmt: skip
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.CostManagement/query?api-version=2025-03-01"
    status, document = send(compute, "POST", path, body)
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
    assert send(compute, "POST", path, body)[0] == 400


def test_permissions_are_those_of_a_contributor(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """At a machine's scope: everything but authorisation."""
    vm_id = compute.virtual_machines.get(*machine).id
    status, document = send(
        compute, "GET", f"{vm_id}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
    )
    assert (status, document["value"][0]["actions"]) == (200, ["*"])
    assert "Microsoft.Authorization/*/Write" in document["value"][0]["notActions"]


def test_subscriptions_and_missing_versions(compute: ComputeManagementClient) -> None:
    """The subscription is listed by name; a call without api-version answers 400 MissingApiVersionParameter."""
    status, document = send(compute, "GET", "/subscriptions?api-version=2022-12-01")
    assert (status, [each["displayName"] for each in document["value"]]) == (200, ["corp"])
    assert (
        send(compute, "GET", f"/subscriptions/{SUBSCRIPTION}?api-version=2022-12-01")[1]["subscriptionId"]
        == SUBSCRIPTION
    )
    status, document = send(compute, "GET", "/subscriptions")
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
    status, document = send(compute, "GET", path.replace(" ", "%20"))
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
    assert error(caught) == (429, "TooManyRequests")
    assert caught.value.response.headers["Retry-After"] == "7"
    cloud.fault(service="resourcegraph", kind="throttle", seconds=5)
    with pytest.raises(HttpResponseError) as caught:
        graph.resources(QueryRequest(query="Resources"))
    assert error(caught) == (429, "RateLimiting")
    assert caught.value.response.headers["x-ms-user-quota-resets-after"] == "00:00:05"


def test_snapshots_have_rules(compute: ComputeManagementClient) -> None:
    """Taking one again changes nothing, its name belongs to one disk, an unknown disk is 404, deleting twice is no error."""
    first, second = [disk for disk in compute.disks.list() if disk.managed_by is None][:2]
    group = first.id.split("/")[4]

    def take(source: str) -> Any:
        body = {
            "location": first.location,
            "properties": {"creationData": {"createOption": "Copy", "sourceResourceId": source}},
        }
        return compute.snapshots.begin_create_or_update(group, "snap-1", body).result()

    assert take(first.id).properties.provisioning_state == "Succeeded"
    assert take(first.id).properties.time_created == compute.snapshots.get(group, "snap-1").properties.time_created
    assert [each.name for each in compute.snapshots.list_by_resource_group(group)] == ["snap-1"]
    with pytest.raises(HttpResponseError) as caught:
        take(second.id)
    assert error(caught) == (409, "Conflict")
    with pytest.raises(HttpResponseError) as caught:
        take(first.id + "-nothing")
    assert error(caught) == (404, "ResourceNotFound")
    compute.snapshots.begin_delete(group, "snap-1").result()
    compute.snapshots.begin_delete(group, "snap-1").result()
    assert not list(compute.snapshots.list())


def test_restore_points_live_in_a_collection(compute: ComputeManagementClient, machine: tuple[str, str]) -> None:
    """Without the machine's collection there is no restore point; a name is taken once; the collection shows them when asked."""
    vm_id = compute.virtual_machines.get(*machine).id
    body = {"location": "westeurope", "properties": {"source": {"id": vm_id}}}
    with pytest.raises(HttpResponseError) as caught:
        compute.restore_points.begin_create(machine[0], "points", "first", {})
    assert error(caught) == (404, "ResourceNotFound")
    for _ in range(2):
        compute.restore_point_collections.create_or_update(machine[0], "points", body)
    compute.restore_points.begin_create(machine[0], "points", "first", {}).result()
    with pytest.raises(HttpResponseError) as caught:
        compute.restore_points.begin_create(machine[0], "points", "first", {})
    assert error(caught) == (409, "Conflict")
    assert compute.restore_point_collections.get(machine[0], "points").properties.restore_points is None
    shown = compute.restore_point_collections.get(
        machine[0], "points", expand="restorePoints"
    ).properties.restore_points
    assert [(point.name, point.properties.provisioning_state) for point in shown] == [("first", "Succeeded")]
