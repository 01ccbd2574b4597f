"""The first line of a plan says what it does: the verb, the target, and the value that is set."""

from typing import Any

import pytest

from blocks import text
from bot.views.about import details_card
from bot.views.plan import headline
from engine.estate.resource import Cloud, Resource
from engine.planning.admission import Admitted, admit
from engine.planning.record import Kept, Told
from engine.plans import PlanState
from engine.replies import PlanView
from tests.fakes.requests import CATALOG, POLICY, asked, planned, thing

Said = tuple[str, dict[str, Any], list[Resource]]

_MACHINE = thing("ec2::instance", Cloud.AWS, "web-1", state="stopped")
_OTHER = thing("ec2::instance", Cloud.AWS, "web-2", state="stopped")
_DISK = thing("ec2::volume", Cloud.AWS, "data-1", state="in-use")
_BUCKET = thing("s3::bucket", Cloud.AWS, "logs")
_DATABASE = thing("rds::instance", Cloud.AWS, "orders", state="available")
_AZURE = thing("compute::virtualmachine", Cloud.AZURE, "vm-1", state="deallocated")
_GCE = thing("compute::instance", Cloud.GCP, "gce-1", state="stopped")


def _kept(*parts: Said, words: tuple[str, str, str] = ("", "", "")) -> Kept:
    after = ((), (0,)) if len(parts) > 1 else ()
    reply = planned(*parts, after=after)
    assert reply.plan is not None, reply.summary
    admitted = admit(reply.plan, asked(*parts, after=after), CATALOG, POLICY)
    assert isinstance(admitted, Admitted), admitted
    action, _, found = parts[0]
    serving = CATALOG.serving(action, found[0].type, found[0].cloud)
    assert serving is not None
    return Kept(admitted=admitted, told=Told(action=action, words=words if words[0] else serving.words))


@pytest.mark.parametrize(
    ("action", "filters", "targets", "said"),
    [
        ("resize", {"instance_type": "t3.large"}, [_MACHINE], "Resize web-1 (EC2 instance) to t3.large"),
        ("resize", {"instance_type": "t3.large"}, [_MACHINE, _OTHER], "Resize 2 dev EC2 instances to t3.large"),
        ("resize", {"size_gb": 80}, [_DISK], "Enlarge data-1 (EBS volume) to 80 GB"),
        ("resize", {"instance_type": "db.m5.xlarge"}, [_DATABASE], "Resize orders (RDS database) to db.m5.xlarge"),
        ("resize", {"instance_type": "Standard_D4s_v5"}, [_AZURE], "Resize vm-1 (Azure VM) to Standard_D4s_v5"),
        ("resize", {"instance_type": "e2-standard-4"}, [_GCE], "Resize gce-1 (GCE instance) to e2-standard-4"),
        ("tag", {"set_tags": {"team": "web"}}, [_MACHINE], "Tag web-1 (EC2 instance) with team=web"),
        ("tag", {"set_tags": {"team": "web"}}, [_GCE], "Label gce-1 (GCE instance) with team=web"),
        ("untag", {"remove_tags": ["old"]}, [_MACHINE], "Untag web-1 (EC2 instance): old"),
        ("untag", {"remove_tags": ["old"]}, [_BUCKET], "Untag logs (S3 bucket): old"),
        ("enable", {"feature": "versioning"}, [_BUCKET], "Enable versioning of logs (S3 bucket)"),
        (
            "enable",
            {"feature": "deletion_protection"},
            [_DATABASE],
            "Enable deletion protection of orders (RDS database)",
        ),
        ("delete", {}, [_BUCKET], "Delete logs (S3 bucket)"),
        ("make_public", {}, [_BUCKET], "Make logs (S3 bucket) public"),
    ],
)
def test_the_first_line_says_which_value_is_set(
    action: str, filters: dict[str, Any], targets: list[Resource], said: str
) -> None:
    """Somebody who decides from a phone reads the size, the tag or the feature without opening the details."""
    assert headline(_kept((action, filters, targets))) == said


def test_many_tags_are_counted_and_a_long_one_is_cut() -> None:
    """The first line stays a line; the details hold all of it."""
    tags = {"a": "1", "b": "x" * 200, "c": "3", "d": "4", "e": "5"}
    said = headline(_kept(("tag", {"set_tags": tags}, [_MACHINE])))
    assert said.startswith("Tag web-1 (EC2 instance) with a=1, b=xxx")
    assert said.endswith("…, c=3 and 2 more")


def test_a_value_behind_several_verbs_is_set_off() -> None:
    """Which of the verbs it belongs to, the steps say."""
    parts: tuple[Said, Said] = (("snapshot", {}, [_DISK]), ("resize", {"size_gb": 80}, [_DISK]))
    words = ("Snapshot, then enlarge", "Taking snapshots of, then enlarging", "Took snapshots of, then enlarged")
    assert headline(_kept(*parts, words=words)) == "Snapshot, then enlarge data-1 (EBS volume): to 80 GB"


def test_the_details_name_every_target_that_the_card_has_no_room_for():
    """In a terminal they are the only place where the ninth can be read before it is approved."""
    machines = [thing("ec2::instance", Cloud.AWS, f"web-{number:02}", state="running") for number in range(1, 12)]
    view = PlanView(kept=_kept(("stop", {}, machines)), state=PlanState.WAITING.value, decisions=(), execution=None)
    shown = " ".join(text.render(details_card(view, CATALOG)).split())
    assert "web-09, web-10, web-11" in shown
    assert "# and 10 more" in shown


def test_what_no_tag_puts_into_an_environment_is_not_called_prod():
    """It is treated as production, and that is what is said."""
    untagged = thing("ec2::instance", Cloud.AWS, "lab-1", state="running", team="ml")
    tagged = thing("ec2::instance", Cloud.AWS, "web-1", state="running", env="prod")
    alone, both = _kept(("stop", {}, [untagged])), _kept(("stop", {}, [untagged, tagged]))
    assert "1 without an environment tag, treated as prod" in alone.admitted.risk.reasons
    assert "2 in prod, 1 of them for want of an environment tag" in both.admitted.risk.reasons
    assert headline(both) == "Stop 2 EC2 instances"
    assert alone.admitted.risk.score == _kept(("stop", {}, [tagged])).admitted.risk.score
