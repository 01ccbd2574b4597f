"""The Azure account when things go wrong: what every failure becomes, and how a cell ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.clock import system_clock
from engine.clouds.azure import session
from engine.clouds.azure.account import AzureAccount
from engine.clouds.azure.session import AzureSubscriptionSettings
from engine.clouds.errors import CloudError, Denied, Invalid, NotFound, NotSent, Throttled, Unanswered
from engine.estate.resource import CellStatus, Permitted, Resource
from engine.sandbox.company import build
from engine.sandbox.inventory import Cloud, Company
from tests.fakes.azure_corp import START, attempt, known, settings
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


@pytest.fixture
def running(account: AzureAccount, company: Company) -> Resource:
    """A machine that runs now, freshly read; each test gets whichever still does."""
    for machine in company.machines_of(Cloud.AZURE):
        fresh = account.read(known(machine.name, machine.resource_group))
        if fresh is not None and fresh.state == "running":
            return fresh
    raise AssertionError("no machine is left running")


@pytest.mark.parametrize(
    ("kind", "error"),
    [("throttle", Throttled), ("deny", Denied), ("error500", Unanswered), ("drop_response", Unanswered)],
)
def test_failures_are_named_by_what_can_be_done(
    account: AzureAccount, cloud: LocalCloud, running: Resource, kind: str, error: type[CloudError]
) -> None:
    """Each misfortune becomes its error after exactly one call: writes are never retried here."""
    since = cloud.last()
    cloud.fault(action="virtual_machines_start", kind=kind, seconds=3)
    with pytest.raises(error) as caught:
        account.call(START, running, {}, attempt())
    assert len([call for call in cloud.calls(since) if call["action"] == "virtual_machines_start"]) == 1
    assert running.short_id in caught.value.message
    assert getattr(caught.value, "retry_after", None) == (3 if kind == "throttle" else None)


def test_a_silent_cloud_is_unanswered(cloud: LocalCloud, running: Resource, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time-out after sending is not known to be done or not."""
    monkeypatch.setitem(session._PATIENCE, session.Purpose.WRITE, (1, 0.2, 0, 0))
    hasty = AzureAccount(settings(cloud.url), system_clock)
    cloud.fault(action="virtual_machines_start", kind="delay", seconds=1)
    with pytest.raises(Unanswered):
        hasty.call(START, running, {}, attempt())


def test_a_long_pause_is_not_waited_for(account: AzureAccount, cloud: LocalCloud, running: Resource) -> None:
    """A read is tried again after a pause of a second, but answers `Throttled` at once when a minute is asked for."""
    cloud.fault(action="virtual_machines_get", kind="throttle", seconds=1)
    assert account.read(running) is not None
    cloud.fault(action="virtual_machines_get", kind="throttle", seconds=60)
    began = cloud.last()
    with pytest.raises(Throttled) as caught:
        account.read(running)
    assert caught.value.retry_after == 60
    assert len(cloud.calls(began)) == 1


def test_nobody_listening_is_not_sent(running: Resource) -> None:
    """A refused connection means that nothing was done; a scan says unreachable."""
    nobody = AzureAccount(settings("http://127.0.0.1:9"), system_clock)
    with pytest.raises(NotSent):
        nobody.call(START, running, {}, attempt())
    assert nobody.scan(nobody.cells()[0], deadline=5).status is CellStatus.UNREACHABLE
    assert nobody.permitted(START, running) == (Permitted.UNKNOWN, "none")


def test_a_size_is_offered_by_the_region_to_this_subscription(
    account: AzureAccount, cloud: LocalCloud, running: Resource
) -> None:
    """In whatever case it is written; one that is listed and closed is not offered; of a disk nothing is said; a no is raised."""
    assert account.offers("standard_d4s_v5", running) is True
    assert account.offers("Standard_NC6s_v3", running) is False
    assert account.offers("Standard_X9", running) is False
    assert account.offers("Standard_D4s_v5", replace(running, type="compute::disk")) is None
    cloud.fault(action="resource_skus_list", kind="deny")
    with pytest.raises(Denied):
        account.offers("Standard_D4s_v5", running)


def test_what_does_not_exist(account: AzureAccount, running: Resource) -> None:
    """A machine that is gone reads as None and refuses calls as NotFound; an unknown operation is invalid."""
    nothing = replace(running, id=running.id + "-nothing")
    assert account.read(nothing) is None
    with pytest.raises(NotFound):
        account.call(START, nothing, {}, attempt())
    with pytest.raises(Invalid):
        account.call("azure.compute.nothing", running, {}, attempt())


@pytest.mark.parametrize(
    ("kind", "service", "status"),
    [
        ("deny", "*", CellStatus.DENIED),
        ("throttle", "*", CellStatus.THROTTLED),
        ("error500", "*", CellStatus.UNREACHABLE),
    ],
)
def test_a_cell_says_how_it_ended(
    account: AzureAccount, cloud: LocalCloud, kind: str, service: str, status: CellStatus
) -> None:
    """Denied, throttled and broken are told apart, with the cloud's own sentence as the reason."""
    cloud.fault(service=service, kind=kind, count=50, seconds=1)
    try:
        scanned = account.scan(account.cells()[0], deadline=10)
    finally:
        cloud.lift()
    assert (scanned.status, scanned.resources) == (status, ())
    assert scanned.reason.startswith("could not list compute: ")


def test_a_cell_may_end_partly_read(account: AzureAccount, cloud: LocalCloud) -> None:
    """When only the machines' listing is denied, the disks are there and the cell is partial."""
    cloud.fault(action="virtual_machines_list_all", kind="deny")
    scanned = account.scan(account.cells()[0], deadline=10)
    assert scanned.status is CellStatus.PARTIAL
    assert {each.type for each in scanned.resources} == {"compute::disk"}


def test_a_deadline_ends_a_scan(account: AzureAccount) -> None:
    """A scan without time is a time-out, not an empty estate."""
    assert account.scan(account.cells()[0], deadline=0).status is CellStatus.TIMEOUT


def test_other_cells_are_unsupported(account: AzureAccount) -> None:
    """A service that is not read, or another subscription's cell, says so."""
    cell = account.cells()[0]
    assert account.scan(replace(cell, service="sql"), deadline=5).status is CellStatus.UNSUPPORTED
    assert account.scan(replace(cell, account="other"), deadline=5).status is CellStatus.UNSUPPORTED


@pytest.mark.parametrize(
    "url", ["http://10.0.0.5:8000", "https://management.evil.example", "http://localhost.evil.example"]
)
def test_endpoints_elsewhere_are_refused(url: str) -> None:
    """Only loopback, unless custom endpoints are allowed; so a token can never be sent to a stranger by a typing error."""
    with pytest.raises(ValueError, match="not on loopback"):
        AzureAccount(settings(url), system_clock)


def test_secrets_do_not_show() -> None:
    """The settings' text form leaves the secret out."""
    settings = AzureSubscriptionSettings(name="x", subscription_id="y", client_secret="hunter2-and-more")
    assert "hunter2" not in repr(settings)


def test_many_threads_may_use_one_account(cloud: LocalCloud, running: Resource) -> None:
    """Clients are made once and shared: eight threads that read at the same time all get the same answer."""
    fresh = AzureAccount(settings(cloud.url), system_clock)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: fresh.read(running), range(24)))
    assert all(answer is not None and answer.id == running.id for answer in answers)
