"""The Google Cloud account when things go wrong: what every failure becomes, and how a cell ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.clock import system_clock
from engine.clouds.errors import CloudError, Conflict, Denied, Invalid, NotFound, NotSent, Throttled, Unanswered
from engine.clouds.gcp import session
from engine.clouds.gcp.account import GcpAccount
from engine.clouds.gcp.session import GcpProjectSettings
from engine.estate.resource import CellStatus, Permitted, Resource
from engine.sandbox import inventory
from engine.sandbox.company import build
from engine.sandbox.inventory import Company
from tests.fakes.gcp_data import BY_ID, LABEL, START, STOP, attempt, known, settings, until_done
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


@pytest.fixture
def running(account: GcpAccount, company: Company) -> Resource:
    """An instance that runs now, freshly read; each test gets whichever still does."""
    for machine in company.machines_of(inventory.Cloud.GCP):
        fresh = account.read(known(machine.zone, machine.name))
        if fresh is not None and fresh.state == "running":
            return fresh
    raise AssertionError("no instance is left running")


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
        account.call(START, running, {}, attempt())
    assert len([call for call in cloud.calls(since) if call["action"] == "instances_start"]) == 1
    assert running.short_id in caught.value.message
    assert "http://" not in caught.value.message


def test_a_wrong_state_is_a_conflict(account: GcpAccount, running: Resource) -> None:
    """`resourceNotReady` is a 400, yet means: look again."""
    account.call(STOP, running, {}, attempt())
    with pytest.raises(Conflict) as caught:
        account.call(START, running, {}, attempt())
    assert caught.value.code == "resourceNotReady"
    until_done(account, BY_ID[STOP], running)


def test_bad_values_are_invalid(account: GcpAccount, running: Resource) -> None:
    """What Compute Engine refuses for its form is `Invalid`: repeating it will not help."""
    with pytest.raises(Invalid):
        account.call(LABEL, running, {"tags": {"Env": "Dev"}}, attempt())


def test_a_silent_cloud_is_unanswered(
    account: GcpAccount, cloud: LocalCloud, running: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time-out after sending is not known to be done or not."""
    monkeypatch.setitem(session._PATIENCE, session.Purpose.WRITE, (0.2, 0.0))
    cloud.fault(action="instances_start", kind="delay", seconds=1)
    with pytest.raises(Unanswered):
        account.call(START, running, {}, attempt())


def test_nobody_listening_is_not_sent(running: Resource) -> None:
    """A refused connection means that nothing was done; a scan says unreachable."""
    nobody = GcpAccount(settings("http://127.0.0.1:9"), system_clock)
    with pytest.raises(NotSent):
        nobody.call(START, running, {}, attempt())
    assert nobody.scan(nobody.cells()[0], deadline=5).status is CellStatus.UNREACHABLE
    assert nobody.permitted(START, running) == (Permitted.UNKNOWN, "none")


def test_what_does_not_exist(account: GcpAccount, running: Resource) -> None:
    """An instance that is gone reads as None and refuses calls as NotFound; an unknown operation is invalid."""
    nothing = replace(running, id=running.id + "-nothing")
    assert account.read(nothing) is None
    with pytest.raises(NotFound):
        account.call(START, nothing, {}, attempt())
    with pytest.raises(Invalid):
        account.call("gcp.compute.nothing", running, {}, attempt())


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


@pytest.mark.parametrize(
    "url", ["http://10.0.0.5:8000", "https://compute.evil.example", "http://localhost.evil.example"]
)
def test_endpoints_elsewhere_are_refused(url: str) -> None:
    """Only loopback, unless custom endpoints are allowed; so a token can never be sent to a stranger by a typing error."""
    with pytest.raises(ValueError, match="not on loopback"):
        GcpAccount(settings(url), system_clock)


def test_secrets_do_not_show() -> None:
    """The settings' text form leaves the key out."""
    settings = GcpProjectSettings(name="x", project_id="y", service_account_json='{"private_key": "hunter2-and-more"}')
    assert "hunter2" not in repr(settings)


def test_many_threads_may_use_one_account(cloud: LocalCloud, running: Resource) -> None:
    """Clients are made once and shared: eight threads that read at the same time all get the same answer."""
    fresh = GcpAccount(settings(cloud.url), system_clock)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: fresh.read(running), range(24)))
    assert all(answer is not None and answer.id == running.id for answer in answers)
