"""What is asked of the clouds just before planning: which answers reach the plan, how few questions there are, and what silence means."""

import threading
from collections import Counter
from dataclasses import replace

import pytest

from engine.clouds.errors import Denied
from engine.estate.resource import Cloud, Permitted, Resource
from engine.estate.selector import Selector
from engine.inquiring import MOST_PERMISSIONS, MOST_PLACES, Inquiring
from engine.planning.context import facts, handles
from engine.resolving import Wanted
from tests.fakes.cloud_account import FakeCloudAccount
from tests.fakes.requests import ACCOUNTS, CATALOG, NOW, thing

EC2, VM = "ec2::instance", "compute::virtualmachine"
STOP, RESIZE = "aws.ec2.stop_instances", "aws.ec2.modify_instance_attribute"
DEALLOCATE, UPDATE, START = (f"azure.compute.virtual_machines_{verb}" for verb in ("deallocate", "update", "start"))
COMPOSITE = "escher.azure.resize_virtual_machine"


class Counting(FakeCloudAccount):
    """An account that counts what it is asked, and can be told to be silent or to refuse."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud, ACCOUNTS[cloud], cloud.value, lambda: NOW)
        self.asked: Counter[str] = Counter()
        self.silent: threading.Event | None = None
        self.rights: dict[str, Permitted] = {}
        self.refuses = False

    def permitted(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Return the right that was written down."""
        del resource
        self.asked["permitted"] += 1
        if self.silent is not None:
            self.silent.wait(60)
        return self.rights.get(operation, Permitted.UNKNOWN), "fake"

    def offers(self, size: str, resource: Resource) -> bool | None:
        """Return what the list says, or refuse."""
        self.asked["offers"] += 1
        if self.refuses:
            raise Denied("AccessDenied", "no")
        return super().offers(size, resource)


def wanted(action: str, **filters: object) -> Wanted:
    """A part of a request."""
    return Wanted(action=action, selector=Selector(), filters=filters)


async def asked(account: Counting, part: Wanted, *found: Resource, seconds: float = 60.0) -> tuple[Resource, ...]:
    """What is known of the resources after asking."""
    (learned,) = await Inquiring([account], CATALOG, seconds=seconds)([part], [found])
    return learned


def machines(count: int, *, zones: int = 1) -> list[Resource]:
    """Instances of so many zones."""
    return [
        replace(thing(EC2, Cloud.AWS, f"web-{number}", state="running"), zone=f"zone-{number % zones}")
        for number in range(count)
    ]


@pytest.mark.parametrize("right", list(Permitted))
async def test_a_right_reaches_the_resource_and_the_agent_server(right):
    """Allowed, denied or unknown: as the cloud said it."""
    account = Counting(Cloud.AWS)
    account.rights[STOP] = right
    (one,) = await asked(account, wanted("stop"), *machines(1))
    assert one.permissions == {STOP: right}
    assert facts(handles([[one]])[0], str).permissions == {STOP: right.value}


async def test_a_composite_is_permitted_as_the_least_of_its_steps_is():
    """A resize that may deallocate and start and may not change the size is denied."""
    account = Counting(Cloud.AZURE)
    account.rights = {DEALLOCATE: Permitted.ALLOWED, UPDATE: Permitted.DENIED, START: Permitted.ALLOWED}
    machine = replace(thing(VM, Cloud.AZURE, "web-1"), state="running")
    (one,) = await asked(account, wanted("resize", instance_type="Standard_D4s_v5"), machine)
    assert one.permissions == {**account.rights, COMPOSITE: Permitted.DENIED}


async def test_of_many_targets_the_first_few_are_asked_about_and_the_rest_stays_unknown():
    """A plan over hundreds does not become hundreds of questions."""
    account = Counting(Cloud.AWS)
    account.rights[STOP] = Permitted.ALLOWED
    found = await asked(account, wanted("stop"), *machines(MOST_PERMISSIONS + 30))
    assert account.asked["permitted"] == MOST_PERMISSIONS
    assert sum(one.permissions[STOP] is Permitted.ALLOWED for one in found) == MOST_PERMISSIONS


async def test_every_account_is_asked_about_some_of_its_targets():
    """Thirty instances of one account do not leave the machines of another unasked; rights differ by account."""
    aws, azure = Counting(Cloud.AWS), Counting(Cloud.AZURE)
    aws.rights[STOP], azure.rights[DEALLOCATE] = Permitted.ALLOWED, Permitted.DENIED
    found = (*machines(MOST_PERMISSIONS + 10), *(thing(VM, Cloud.AZURE, f"vm-{n}", state="running") for n in range(2)))
    (learned,) = await Inquiring([aws, azure], CATALOG, seconds=60.0)([wanted("stop")], [found])
    assert [one.permissions[DEALLOCATE] for one in learned[-2:]] == [Permitted.DENIED] * 2
    assert aws.asked["permitted"] == MOST_PERMISSIONS - 2


async def test_a_size_is_asked_for_once_a_place():
    """Machines of one zone share the answer, and every place has one."""
    account = Counting(Cloud.AWS)
    account.sizes = frozenset({"m5.large"})
    found = await asked(account, wanted("resize", instance_type="m5.xlarge"), *machines(12, zones=3))
    assert account.asked["offers"] == 3
    assert all(one.facts["sizes_offered"] == [] for one in found)
    found = await asked(account, wanted("resize", instance_type="m5.large"), *machines(2))
    assert [facts(target, str).facts["sizes_offered"] for target in handles([found])] == [["m5.large"]] * 2


async def test_only_so_many_places_are_asked():
    """Beyond them nothing is known, and nothing is said."""
    account = Counting(Cloud.AWS)
    account.sizes = frozenset({"m5.xlarge"})
    found = await asked(
        account, wanted("resize", instance_type="m5.xlarge"), *machines(MOST_PLACES + 5, zones=MOST_PLACES + 5)
    )
    assert sum("sizes_offered" in one.facts for one in found) == MOST_PLACES


@pytest.mark.parametrize("how", ["no list", "refused", "another action", "unknown account"])
async def test_what_the_clouds_do_not_say_is_not_said(how):
    """A size nobody vouched for is no fact."""
    account = Counting(Cloud.AWS)
    account.refuses = how == "refused"
    account.sizes = None if how == "no list" else frozenset({"m5.xlarge"})
    part = wanted("stop") if how == "another action" else wanted("resize", instance_type="m5.xlarge")
    machine = replace(machines(1)[0], **({"account": "999999999999"} if how == "unknown account" else {}))
    (one,) = await asked(account, part, machine)
    assert "sizes_offered" not in one.facts


async def test_a_cloud_that_does_not_answer_holds_nothing_up():
    """When the time is over the plan goes on without the answers."""
    account = Counting(Cloud.AWS)
    account.silent = threading.Event()
    try:
        (one,) = await asked(account, wanted("stop"), *machines(1), seconds=0.01)
    finally:
        account.silent.set()
    assert one.permissions == {STOP: Permitted.UNKNOWN}


async def test_without_anything_to_ask_nothing_changes():
    """A kind that no operation serves is left as it is."""
    account = Counting(Cloud.AWS)
    bucket = thing("s3::bucket", Cloud.AWS, "b")
    assert await asked(account, wanted("stop"), bucket) == (bucket,)
    assert not account.asked


@pytest.mark.parametrize(("right", "times"), [(Permitted.ALLOWED, 1), (Permitted.DENIED, 2), (Permitted.UNKNOWN, 2)])
async def test_a_yes_is_not_asked_for_again_and_a_no_is(right, times):
    """Who was denied mends it and asks again at once; what was granted stands on the second card as on the first."""
    account = Counting(Cloud.AWS)
    account.rights[STOP] = right
    inquire = Inquiring([account], CATALOG, seconds=60.0)
    machine = machines(1)
    for _ in range(2):
        ((one,),) = await inquire([wanted("stop")], [machine])
        assert one.permissions == {STOP: right}
    assert account.asked["permitted"] == times


async def test_a_size_that_is_offered_is_not_asked_for_again_and_one_that_is_not_is():
    """It may be offered soon; and another size of the same place is another question."""
    account = Counting(Cloud.AWS)
    account.sizes = frozenset({"m5.large", "m5.xlarge"})
    inquire = Inquiring([account], CATALOG, seconds=60.0)
    for size in ("m5.large", "m5.large", "m5.xlarge", "m7.large", "m7.large"):
        ((one,),) = await inquire([wanted("resize", instance_type=size)], [machines(1)])
        assert one.facts["sizes_offered"] == ([size] if size in account.sizes else [])
    assert account.asked["offers"] == 4


async def test_what_was_granted_is_asked_for_again_after_a_while():
    """Rights are withdrawn, too."""
    account = Counting(Cloud.AWS)
    account.rights[STOP] = Permitted.ALLOWED
    inquire = Inquiring([account], CATALOG, seconds=60.0, remembered=0.0)
    for _ in range(2):
        await inquire([wanted("stop")], [machines(1)])
    assert account.asked["permitted"] == 2
