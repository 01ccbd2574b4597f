"""One order over several things: what is narrowed differently is never crossed."""

import pytest

from agent_server.contract.intent import IntentRequest
from agent_server.models.offline import parse

AWS_VM, AZURE_VM, GCP_VM, RDS = "ec2::instance", "compute::virtualmachine", "compute::instance", "rds::instance"


def parts(text: str) -> list[tuple[str, tuple[str, ...], dict[str, object], list[int]]]:
    """Return action, types, filters and order of each part."""
    intent = parse(IntentRequest(request_id="t", text=text))
    return [(part.action.value, tuple(part.resource_types), part.filters, part.after) for part in intent.parts]


def test_two_environments_in_two_regions_stay_apart() -> None:
    """Production in the second region is not touched, nor dev in the first."""
    assert parts("stop prod ec2 in us-east-1 and dev ec2 in us-west-2") == [
        ("stop", (AWS_VM,), {"tags": {"env": "prod"}, "region": "us-east-1"}, []),
        ("stop", (AWS_VM,), {"tags": {"env": "dev"}, "region": "us-west-2"}, []),
    ]


def test_a_place_of_one_cloud_does_not_hide_the_other_cloud() -> None:
    """Azure's region narrows Azure's machines alone."""
    assert parts("stop all dev VMs in azure west us and dev ec2 instances") == [
        ("stop", (AZURE_VM,), {"tags": {"env": "dev"}, "region": "westus"}, []),
        ("stop", (AWS_VM,), {"tags": {"env": "dev"}}, []),
    ]


def test_a_named_machine_and_a_set_are_two_things() -> None:
    """The name does not narrow the set, nor the set's environment the named machine."""
    assert parts("stop web-dev-1 in us-east-1 and all staging vms in azure") == [
        ("stop", (AWS_VM,), {"name": "web-dev-1", "region": "us-east-1"}, []),
        ("stop", (AZURE_VM,), {"tags": {"env": "staging"}}, []),
    ]


def test_ages_stay_with_their_environment() -> None:
    """Thirty days for dev, a year for production."""
    assert [
        found[2] for found in parts("delete dev snapshots older than 30 days and prod snapshots older than 1 year")
    ] == [
        {"tags": {"env": "dev"}, "age_days": {"op": ">", "value": 30}},
        {"tags": {"env": "prod"}, "age_days": {"op": ">", "value": 365}},
    ]


def test_what_is_left_open_is_taken_over() -> None:
    """An environment said first holds for what follows, a place said last for what came before: less is touched."""
    assert [found[2] for found in parts("stop prod ec2 and dev rds in us-east-1")] == [
        {"tags": {"env": "prod"}, "region": "us-east-1"},
        {"tags": {"env": "dev"}, "region": "us-east-1"},
    ]
    assert [found[2] for found in parts("stop dev ec2 in us-east-1 and rds in us-west-2")] == [
        {"tags": {"env": "dev"}, "region": "us-east-1"},
        {"tags": {"env": "dev"}, "region": "us-west-2"},
    ]


def test_what_is_excepted_is_excepted_everywhere() -> None:
    """An exception at the end holds for every thing of the order."""
    found = parts("stop dev ec2 in us-east-1 and staging vms in azure except web-1")
    assert [each[2]["exclude"] for each in found] == [{"name": "web-1"}, {"name": "web-1"}]


def test_the_next_order_waits_for_all_things_of_the_one_before() -> None:
    """The word "then" means after all of it."""
    found = parts("stop ec2 instances in us-east-1 and databases in eu-west-1, then delete vol-0123456789abcdef0")
    assert [(each[0], each[3]) for each in found] == [("stop", []), ("stop", []), ("delete", [0, 1])]


def test_three_clouds_each_with_its_own_narrowing() -> None:
    """Commas join like "and"."""
    found = parts("shut down the test vms in westeurope, the qa gke cluster in europe-west1 and every sandbox rds")
    assert [each[1] for each in found] == [(AZURE_VM,), ("gke::cluster",), (RDS,)]


@pytest.mark.parametrize(
    "text",
    [
        "stop all dev ec2 instances and rds databases",
        "stop dev and prod ec2 instances",
        "stop web-1 and web-2 in us-east-1",
        "stop dev ec2 and rds in us-east-1 and us-west-2",
        "stop all dev machines on aws, azure and gcp",
        "Deallocate azure vm jump-02 in westeurope, it's a prod box",
    ],
)
def test_what_one_frame_says_exactly_stays_one_frame(text: str) -> None:
    """No parts where crossing changes nothing."""
    assert parts(text) == []


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("tag web-1 and web-2 with owner=dana", "set_tags", {"owner": "dana"}),
        ("resize web-1 and web-2 to m5.xlarge", "instance_type", "m5.xlarge"),
        ("enable versioning on logs-1 and logs-2", "feature", "versioning"),
    ],
)
def test_what_is_to_be_done_counts_for_all_of_the_things(text: str, key: str, value: object) -> None:
    """Said once, before the things or behind them, it is no narrowing of one of them."""
    intent = parse(IntentRequest(request_id="t", text=text))
    assert intent.filters[key] == value
    assert all(part.filters[key] == value for part in intent.parts)


def test_each_thing_keeps_the_tag_that_was_said_with_it() -> None:
    """Two tags for two things are not mixed."""
    assert [found[2]["set_tags"] for found in parts("tag web-1 with owner=dana and web-2 with owner=omar")] == [
        {"owner": "dana"},
        {"owner": "omar"},
    ]
