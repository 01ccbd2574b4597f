"""The operations agent: what it plans, asks back and refuses."""

import pytest

from agent_server.agents.operations import propose
from agent_server.contract.intent import Action, Intent, Part, Scope
from agent_server.contract.plan import Limits, PlanReply, ProposedStep, TargetFacts
from tests.fakes.plan_requests import EC2, intent, plan_request, target, targets

STOP, START, DELETE = "aws.ec2.stop_instances", "aws.ec2.start_instances", "aws.ec2.terminate_instances"
SNAPSHOT, TAG = "aws.ec2.create_snapshots", "aws.ec2.create_tags"
VM, AZURE_STOP, GCP_STOP = (
    "compute::virtualmachine",
    "azure.compute.virtual_machines_deallocate",
    "gcp.compute.instances_stop",
)


def steps(reply: PlanReply) -> list[ProposedStep]:
    """The steps of a reply that must be a plan."""
    assert reply.kind == "plan", reply.summary
    assert reply.plan is not None
    return reply.plan.steps


def order(*parts: Part) -> Intent:
    """An intent of several parts."""
    return intent(parts[0].action.value, parts=list(parts))


def part(action: str, *types: str, after: tuple[int, ...] = (), **filters: object) -> Part:
    """One part."""
    return Part(action=Action(action), cloud=Scope.ANY, resource_types=list(types), filters=filters, after=list(after))


class TestPlans:
    def test_one_step_holds_all_targets_of_an_operation(self) -> None:
        """Stopping three instances is one step over three handles."""
        (step,) = steps(propose(plan_request(intent(), targets(3), STOP)))
        assert (step.operation, step.targets, step.params) == (STOP, ["r1", "r2", "r3"], {})

    def test_each_cloud_gets_its_own_operation(self) -> None:
        """One request over three clouds becomes a step for each, none waiting for another."""
        on = [
            target("r1"),
            target("r2", type=VM, cloud="azure"),
            target("r3", type="compute::instance", cloud="gcp"),
        ]
        made = steps(propose(plan_request(intent(resource_types=["any::vm"]), on, STOP, AZURE_STOP, GCP_STOP)))
        assert [step.operation for step in made] == [STOP, AZURE_STOP, GCP_STOP]
        assert all(not step.depends_on for step in made)

    def test_a_type_that_two_clouds_share_is_told_apart_by_cloud(self) -> None:
        """`compute::disk` exists on Azure and on Google Cloud."""
        on = [
            target("r1", type="compute::disk", cloud="gcp", state="available"),
            target("r2", type="compute::disk", cloud="azure", state="available"),
        ]
        asked = intent("delete", resource_types=["any::disk"])
        made = steps(propose(plan_request(asked, on, "gcp.compute.disks_delete", "azure.compute.disks_delete")))
        assert [(step.operation, step.targets) for step in made] == [
            ("gcp.compute.disks_delete", ["r1"]),
            ("azure.compute.disks_delete", ["r2"]),
        ]

    def test_a_composite_goes_before_a_single_call(self) -> None:
        """Where the runner offers its own composite, that is what is planned."""
        on = [target("r1", type="s3::bucket", state="")]
        asked = intent("make_private", resource_types=["s3::bucket"])
        (step,) = steps(propose(plan_request(asked, on, "aws.s3.put_public_access_block", "escher.s3.make_private")))
        assert step.operation == "escher.s3.make_private"

    def test_steps_of_a_chain_wait_for_each_other(self) -> None:
        """Stop, then start: the second step waits for the first."""
        asked = intent("stop", steps=["stop", "start"])
        on = [target("r1", part=0), target("r2", part=1)]
        made = steps(propose(plan_request(asked, on, STOP, START)))
        assert [(step.operation, step.depends_on) for step in made] == [(STOP, []), (START, [0])]

    def test_parts_are_brought_in_the_order_they_ask_for(self) -> None:
        """A part that must come after a later one is planned after it."""
        asked = order(part("delete", EC2, after=(1,)), part("snapshot", EC2))
        on = [target("r1", part=0), target("r2", part=1)]
        made = steps(propose(plan_request(asked, on, DELETE, SNAPSHOT)))
        assert [(step.operation, step.depends_on) for step in made] == [(SNAPSHOT, []), (DELETE, [0])]

    def test_a_snapshot_said_first_comes_before_the_deletion_unasked(self) -> None:
        """Asked to snapshot these and delete those, the deletion waits, though nobody said so."""
        asked = order(part("snapshot", EC2), part("delete", EC2))
        on = [target("r1", part=0), target("r2", part=1)]
        made = steps(propose(plan_request(asked, on, DELETE, SNAPSHOT)))
        assert made[1].depends_on == [0]

    def test_a_part_without_targets_passes_its_order_on(self) -> None:
        """Where the middle of three has nothing left to do, the last waits for the first."""
        asked = order(part("stop", EC2), part("snapshot", EC2, after=(0,)), part("delete", EC2, after=(1,)))
        on = [target("r1", part=0), target("r2", part=2)]
        made = steps(propose(plan_request(asked, on, STOP, SNAPSHOT, DELETE)))
        assert [(step.operation, step.depends_on) for step in made] == [(STOP, []), (DELETE, [0])]

    @pytest.mark.parametrize(("count", "canary"), [(20, 0), (21, 1)])
    def test_one_goes_alone_first_when_there_are_many(self, count: int, canary: int) -> None:
        """More targets than the runner's limit: a canary."""
        reply = propose(plan_request(intent(), targets(count), STOP))
        assert reply.plan is not None
        assert (reply.plan.strategy.canary, reply.plan.strategy.parallel) == (canary, 5)

    def test_how_it_is_taken_back_is_said_when_it_can_be(self) -> None:
        """A stop is taken back by a start, a deletion by nothing."""
        stopped, deleted = (
            propose(plan_request(intent(action), targets(2), STOP, DELETE)) for action in ("stop", "delete")
        )
        assert stopped.plan is not None
        assert deleted.plan is not None
        assert (stopped.plan.rollback, deleted.plan.rollback) == ("start the same 2", "")

    def test_the_summary_counts_and_names_kinds_only(self) -> None:
        """One sentence, of counts, verbs, kinds and regions."""
        reply = propose(plan_request(intent(), targets(30), STOP, text="stop web-secret-name"))
        assert reply.summary == "Stop 30 ec2 instances in us-east-1, 5 at a time, 1 alone first."


class TestCare:
    def test_production_goes_slowly_and_one_goes_alone_first(self) -> None:
        """Two at a time and a canary, however few there are; a single one needs none."""
        several, single = (propose(plan_request(intent(), targets(n, tags={"env": "prod"}), STOP)) for n in (3, 1))
        assert several.plan is not None
        assert single.plan is not None
        assert (several.plan.strategy.parallel, several.plan.strategy.canary) == (2, 1)
        assert single.plan.strategy.canary == 0

    def test_what_has_no_environment_is_treated_as_production(self) -> None:
        """A doubtful machine is treated as the dearer one."""
        reply = propose(plan_request(intent(), targets(3, tags={}), STOP))
        assert reply.plan is not None
        assert (reply.plan.strategy.parallel, reply.plan.strategy.canary) == (2, 1)

    def test_production_goes_region_by_region(self) -> None:
        """The second region is not begun before the first is done, so that not all fail at once."""
        prod = {"env": "prod"}
        on = [target("r1", tags=prod), target("r2", tags=prod, region="eu-west-1"), target("r3", tags=prod)]
        made = steps(propose(plan_request(intent("restart"), on, "aws.ec2.reboot_instances")))
        assert [(step.targets, step.depends_on) for step in made] == [(["r1", "r3"], []), (["r2"], [0])]

    def test_other_environments_go_in_all_regions_at_once(self) -> None:
        """Dev in two regions is one step."""
        on = [target("r1"), target("r2", region="eu-west-1")]
        assert len(steps(propose(plan_request(intent(), on, STOP)))) == 1

    def test_regions_do_not_make_more_steps_than_the_runner_takes(self) -> None:
        """Where they would, all go in one step."""
        on = [target(f"r{n}", tags={"env": "prod"}, region=f"eu-west-{n}") for n in range(1, 6)]
        assert len(steps(propose(plan_request(intent(), on, STOP, limits=Limits(max_steps=3))))) == 1

    @pytest.mark.parametrize(
        ("first", "then", "operations"),
        [
            ("stop", "resize", ("aws.ec2.stop_instances", "aws.ec2.modify_instance_attribute")),
            ("resize", "start", ("aws.ec2.modify_instance_attribute", "aws.ec2.start_instances")),
            ("snapshot", "resize", ("aws.ec2.create_snapshots", "aws.ec2.modify_instance_attribute")),
            ("snapshot", "stop", ("aws.ec2.create_snapshots", "aws.ec2.stop_instances")),
            ("stop", "delete", ("aws.ec2.stop_instances", "aws.ec2.terminate_instances")),
        ],
    )
    def test_what_makes_the_next_possible_or_safe_comes_first_unasked(
        self, first: str, then: str, operations: tuple[str, str]
    ) -> None:
        """Said of the very same machines, one waits for the other though nobody said so."""
        filters = {"tags": {"env": "dev"}, "instance_type": "m5.xlarge"}
        asked = order(part(first, EC2, **filters), part(then, EC2, **filters))
        state = "stopped" if first == "resize" else "running"
        on = [target("r1", part=0, state=state), target("r2", part=1, state=state)]
        made = steps(propose(plan_request(asked, on, *operations)))
        assert [(step.operation, step.depends_on) for step in made] == [(operations[0], []), (operations[1], [0])]

    def test_a_volume_is_detached_before_it_is_deleted(self) -> None:
        """The deletion waits, and is not judged by the state before."""
        asked = order(part("detach", "ec2::volume"), part("delete", "ec2::volume"))
        volume = {"type": "ec2::volume", "state": "in-use"}
        on = [target("r1", part=0, **volume), target("r2", part=1, **volume)]
        made = steps(propose(plan_request(asked, on, "aws.ec2.detach_volume", "aws.ec2.delete_volume")))
        assert made[1].depends_on == [0]

    def test_what_can_be_taken_back_and_what_cannot_is_said(self) -> None:
        """A plan of both kinds promises no more than it can keep."""
        asked = order(part("stop", EC2), part("delete", EC2, name="old-1"))
        reply = propose(plan_request(asked, [target("r1"), target("r2", part=1)], STOP, DELETE))
        assert reply.plan is not None
        assert reply.plan.rollback == "start the same 1; what this does by delete cannot be taken back"


class TestMoney:
    @pytest.mark.parametrize(
        ("action", "facts", "sentence"),
        [
            ("stop", {"monthly_usd": 70.08}, "Saves about $210.24 a month."),
            ("start", {"monthly_usd": 70}, "Costs about $210.00 a month more."),
            ("resize", {"monthly_usd": 70, "monthly_usd_after": 35}, "Saves about $105.00 a month."),
            ("resize", {"monthly_usd": 70}, None),
            ("tag", {"monthly_usd": 70}, None),
            ("stop", {}, None),
            ("stop", {"monthly_usd": "70"}, None),
            ("stop", {"monthly_usd": -5}, None),
        ],
    )
    def test_what_a_plan_saves_or_costs_is_computed_from_given_prices(
        self, action: str, facts: dict, sentence: str | None
    ) -> None:
        """No price is ever made up."""
        filters = {"set_tags": {"a": "b"}, "instance_type": "m5.xlarge"}
        state = "running" if action == "stop" else "stopped"
        offered = (STOP, START, TAG, "aws.ec2.modify_instance_attribute")
        reply = propose(plan_request(intent(action, filters=filters), targets(3, facts=facts, state=state), *offered))
        said = [finding.message for finding in reply.validation if finding.code == "cost"]
        assert said == ([sentence] if sentence else [])

    def test_prices_that_are_not_known_are_counted(self) -> None:
        """The sum is that of the known ones."""
        on = [target("r1", facts={"monthly_usd": 10}), target("r2")]
        reply = propose(plan_request(intent(), on, STOP))
        assert "Saves about $10.00 a month; of 1 the price is not known." in [one.message for one in reply.validation]


class TestParameters:
    @pytest.mark.parametrize(
        ("action", "operation", "facts", "filters", "params"),
        [
            ("tag", TAG, {}, {"set_tags": {"owner": "dana", "cost": 12}}, {"tags": {"owner": "dana", "cost": "12"}}),
            ("untag", "aws.ec2.delete_tags", {}, {"remove_tags": "temp"}, {"keys": ["temp"]}),
            (
                "tag",
                "azure.compute.virtual_machines_update",
                {"type": VM, "cloud": "azure"},
                {"set_tags": {"a": "b"}},
                {"tags": {"a": "b"}},
            ),
            (
                "tag",
                "gcp.compute.instances_set_labels",
                {"type": "compute::instance", "cloud": "gcp"},
                {"set_tags": {"a": "b"}},
                {"tags": {"a": "b"}},
            ),
            (
                "resize",
                "aws.ec2.modify_volume",
                {"type": "ec2::volume", "state": "in-use"},
                {"size_gb": 200},
                {"size_gb": 200},
            ),
            (
                "resize",
                "escher.rds.resize",
                {"type": "rds::instance", "state": "available"},
                {"instance_type": "db.r6g.large"},
                {"instance_type": "db.r6g.large"},
            ),
            (
                "enable",
                "escher.s3.enable",
                {"type": "s3::bucket", "state": ""},
                {"feature": ["versioning"]},
                {"feature": "versioning"},
            ),
            ("snapshot", "aws.rds.create_db_snapshot", {"type": "rds::instance", "state": "available"}, {}, {}),
        ],
    )
    def test_they_come_from_what_was_said(
        self, action: str, operation: str, facts: dict, filters: dict, params: dict
    ) -> None:
        """Each operation gets exactly the parameters that the words hold, under its own names."""
        (step,) = steps(propose(plan_request(intent(action, filters=filters), [target("r1", **facts)], operation)))
        assert step.params == params

    @pytest.mark.parametrize(
        ("action", "operation", "facts", "question"),
        [
            ("tag", TAG, {}, "Which tag should I set, as key=value?"),
            ("resize", "aws.ec2.modify_instance_attribute", {"state": "stopped"}, "Which size should it get?"),
            ("enable", "escher.s3.enable", {"type": "s3::bucket", "state": ""}, "Which feature do you mean?"),
        ],
    )
    def test_what_was_not_said_is_asked_for(self, action: str, operation: str, facts: dict, question: str) -> None:
        """Nothing is guessed."""
        reply = propose(plan_request(intent(action, filters={}), [target("r1", **facts)], operation))
        assert (reply.kind, reply.summary) == ("clarify", question)

    @pytest.mark.parametrize("size", [-1, 0, 1.5, "200", True, 10**9, [200]])
    def test_a_size_that_is_none_is_asked_for(self, size: object) -> None:
        """Only whole gigabytes are taken."""
        asked = intent("resize", filters={"size_gb": size})
        on = [target("r1", type="ec2::volume", state="in-use")]
        assert propose(plan_request(asked, on, "aws.ec2.modify_volume")).kind == "clarify"

    def test_a_feature_that_cannot_be_switched_is_refused_with_those_that_can(self) -> None:
        """The refusal says what is possible, and repeats foreign words only as plain letters."""
        asked = intent("enable", filters={"feature": "<!channel> logging"})
        reply = propose(plan_request(asked, [target("r1", type="s3::bucket", state="")], "escher.s3.enable"))
        assert (reply.kind, reply.summary) == (
            "refuse",
            "Of a s3::bucket I can enable versioning, not channel logging.",
        )


class TestNo:
    @pytest.mark.parametrize("when", [{"schedule": "tomorrow 18:00"}, {"delay": "2h"}])
    def test_what_is_wanted_later_is_not_planned_for_now(self, when: dict) -> None:
        """A plan that runs at once is not what was asked; the sentence says what can be done instead."""
        reply = propose(plan_request(intent(filters=when), targets(1), STOP))
        assert (reply.kind, reply.plan) == ("refuse", None)
        assert "leave the time out" in reply.summary

    def test_nothing_to_act_on_is_asked_about(self) -> None:
        """Without targets there is a question: the intent's own when it has one."""
        assert propose(plan_request(intent(), [], STOP)).summary == "Which resources do you mean?"
        assert propose(plan_request(intent(question="Which VMs?"), [], STOP)).summary == "Which VMs?"

    def test_a_request_that_only_reads_is_no_plan(self) -> None:
        """A list is answered by the runner."""
        assert propose(plan_request(intent("list"), targets(1), STOP)).kind == "refuse"

    def test_what_nothing_serves_is_refused_by_name(self) -> None:
        """The verb and the kind are in the sentence."""
        reply = propose(plan_request(intent("encrypt"), targets(2), STOP))
        assert reply.kind == "refuse"
        assert reply.summary.startswith("I cannot encrypt ec2 instances yet. What I can do to them: start, stop, ")

    def test_an_operation_that_is_not_offered_is_not_used(self) -> None:
        """Knowing an operation is not enough: this runner must offer it."""
        assert propose(plan_request(intent(), targets(1), START)).kind == "refuse"

    @pytest.mark.parametrize(
        "after", [((1,), (0,)), ((0,), ()), ((7,), ())], ids=["each other", "itself", "a part that is not there"]
    )
    def test_parts_that_wait_in_a_circle_are_refused(self, after: tuple[tuple[int, ...], ...]) -> None:
        """There is no order to bring them in."""
        asked = order(*(part("stop", EC2, after=earlier) for earlier in after))
        reply = propose(plan_request(asked, [target("r1"), target("r2", part=1)], STOP))
        assert reply.kind == "refuse"

    def test_targets_of_a_part_that_does_not_exist_are_refused(self) -> None:
        """A target must belong to something that was asked."""
        assert propose(plan_request(intent(), [target("r1", part=3)], STOP)).kind == "refuse"

    def test_a_handle_given_twice_is_refused(self) -> None:
        """Two things under one name cannot be told apart."""
        assert propose(plan_request(intent(), [target("r1"), target("r1")], STOP)).kind == "refuse"

    def test_more_than_the_runner_takes_is_refused(self) -> None:
        """The limit is in the sentence."""
        reply = propose(plan_request(intent(), targets(11), STOP, limits=Limits(max_targets=10)))
        assert (reply.kind, reply.summary) == ("refuse", "That is 11 resources; one plan may hold at most 10.")


class TestSize:
    def test_two_thousand_targets_in_twenty_parts_are_planned(self) -> None:
        """The largest request the contract allows."""
        asked = order(*(part("stop", EC2, after=(index - 1,) if index else ()) for index in range(20)))
        on: list[TargetFacts] = [target(f"r{index + 1}", part=index % 20) for index in range(2000)]
        made = steps(propose(plan_request(asked, on, STOP, limits=Limits(max_targets=2000))))
        assert len(made) == 20
        assert sum(len(step.targets) for step in made) == 2000
