"""The seeded company: what a reader can find in it by hand, at every scale."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.sandbox.company import Cloud, Company, CpuProfile, MachineState, build
from engine.sandbox.costs import ANOMALY_DAYS_AGO, DAYS, parts
from engine.sandbox.landmarks import HOSTILE_NAME, PROD
from engine.sandbox.use import daily_use

NOW = datetime(2026, 3, 11, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def company() -> Company:
    """The company at its default size."""
    return build(seed=7, scale=300, now=NOW)


def test_the_same_seed_gives_the_same_company(company: Company) -> None:
    """Two builds on the same day are equal to the last cent; another seed gives other figures."""
    assert build(seed=7, scale=300, now=NOW + timedelta(hours=3)).costs == company.costs
    assert build(seed=7, scale=300, now=NOW) == company
    assert build(seed=8, scale=300, now=NOW).costs != company.costs


@pytest.mark.parametrize("scale", [300, 301, 1000, 3000])
def test_the_scale_is_met_and_shared_out(scale: int) -> None:
    """N resources are N resources, about 30, 35 and 35 %."""
    company = build(seed=7, scale=scale, now=NOW)
    counts = [company.count(cloud) for cloud in Cloud]
    assert sum(counts) == scale
    assert counts[:2] == [scale * 30 // 100, scale * 35 // 100]


def test_a_larger_company_holds_the_smaller_one(company: Company) -> None:
    """Nothing that existed at scale 300 is missing or different at scale 3,000."""
    large = build(seed=7, scale=3000, now=NOW)
    ids = {machine.id: machine for machine in large.machines}
    assert all(ids[machine.id] == machine for machine in company.machines)
    assert {bucket.name for bucket in company.buckets} <= {bucket.name for bucket in large.buckets}
    assert {database.name for database in company.databases} <= {database.name for database in large.databases}


def test_ids_and_addresses_are_unique() -> None:
    """No two machines or disks share an id, no two buckets a name, no two things of one zone and account a name."""
    company = build(seed=7, scale=10_000, now=NOW)
    ids = [thing.id for thing in (*company.machines, *company.disks)]
    assert len(set(ids)) == len(ids)
    assert len({bucket.name for bucket in company.buckets}) == len(company.buckets)
    keys = [(machine.account.id, machine.zone, machine.resource_group, machine.name) for machine in company.machines]
    assert len(set(keys)) == len(keys)


def test_what_people_ask_for_by_hand_is_there(company: Company) -> None:
    """The first questions of a newcomer all have an answer in the small company."""
    aws = company.machines_of(Cloud.AWS)
    dev = [m for m in aws if m.tags.get("env") == "dev" and m.region in {"us-east-1", "us-west-2"}]
    assert sum(m.state is MachineState.RUNNING for m in dev) >= 5
    assert any(m.state is MachineState.STOPPED for m in dev)
    idle = [m for m in aws if m.profile is CpuProfile.IDLE and m.state is MachineState.RUNNING]
    assert sum(m.region == "us-east-1" for m in idle) >= 3
    assert [m for m in company.machines_of(Cloud.AZURE) if m.region == "westus" and m.tags.get("env") == "dev"]
    assert [m for m in company.machines_of(Cloud.GCP) if m.region == "us-central1" and m.tags.get("env") == "dev"]
    public = [bucket for bucket in company.buckets if bucket.public]
    assert len(public) >= 2
    assert any(bucket.tags.get("data-class") == "pii" for bucket in public)
    databases = {(d.name, d.account.name) for d in company.databases}
    assert {("orders-db", "prod"), ("crm-db", "staging"), ("sandbox-db", "dev")} <= databases
    assert {m.account.name for m in company.machines if m.name == "web-1"} == {"staging", "prod", "data"}
    assert any(m.name == HOSTILE_NAME for m in aws)
    assert any("env" not in m.tags and "Environment" in m.tags for m in aws)
    assert any("env" not in m.tags and "Environment" not in m.tags for m in aws)


def test_costs_are_sixty_days_with_one_anomaly(company: Company) -> None:
    """Every service has a line a day up to yesterday, and one day of production EC2 stands out and nothing else."""
    lines = [line for line in company.costs if line.account == PROD and "Compute" in line.service]
    assert [line.day for line in lines] == [NOW.date() - timedelta(days=back) for back in range(DAYS, 0, -1)]
    amounts = sorted((line.amount_usd, line.day) for line in lines)
    assert amounts[-1][1] == NOW.date() - timedelta(days=ANOMALY_DAYS_AGO)
    assert amounts[-1][0] > 2 * amounts[-2][0]


@pytest.mark.parametrize("scale", [300, 1000])
def test_a_line_of_the_bill_is_to_the_cent_what_it_was_spent_on(scale: int) -> None:
    """Whichever way it is cut, by place, usage or tag, each line adds up; no part is negative."""
    for line in build(seed=7, scale=scale, now=NOW).costs:
        cut = parts(line)
        assert sum(amount for _, amount in cut) == line.amount_usd
        assert all(amount > 0 for _, amount in cut)


def test_a_part_of_the_bill_has_the_place_and_the_team_of_the_things_it_pays_for(company: Company) -> None:
    """The pairs of region and team on yesterday's EC2 bill of production are exactly those of its running machines."""
    line = next(
        one for one in reversed(company.costs) if one.account == PROD and one.service.endswith("Cloud - Compute")
    )
    running = [m for m in company.machines if m.account == PROD and m.state is MachineState.RUNNING]
    billed = {(origin.region, dict(origin.tags).get("team", "")) for origin, _ in parts(line)}
    assert billed == {(m.region, m.tags.get("team", "")) for m in running}


def test_idle_machines_are_idle_by_the_published_rule(company: Company) -> None:
    """Idle means at most 10 % CPU and 5 MB of network on every day; busy machines never come near it."""
    days = [NOW.date() - timedelta(days=back) for back in range(1, 15)]
    for machine in company.machines:
        used = [use for day in days if (use := daily_use(machine, day))]
        low = [u for u in used if u.cpu_average <= 10 and u.network_in_bytes + u.network_out_bytes <= 5_000_000]
        if machine.state is not MachineState.RUNNING:
            assert not used
        elif machine.profile is CpuProfile.IDLE:
            assert len(low) == len(used)
        else:
            assert not low
