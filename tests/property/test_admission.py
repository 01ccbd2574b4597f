"""A hostile planner achieves nothing: whatever it proposes, only what was asked is admitted, and good proposals are."""

import copy
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agent_server.contract.plan import ProposedPlan
from engine.approval.policy import parse
from engine.clouds.operation import Composite
from engine.planning.admission import Admitted, Asked, admit
from engine.planning.expansion import expand
from engine.planning.risk import Claimed
from engine.refusal import Refusal
from tests.fakes.hostile_plans import HOSTILE, SCRIPTS, TAG, TERMINATE, UNTAG, WRONG, ec2, plan, step
from tests.fakes.requests import CATALOG, POLICY, SERVING, asked, fitting, planned, said

MUTATIONS = int(os.environ.get("ESCHER_HOSTILE_PLANS", "1000"))  # noqa: TID251 - whoever runs the tests says how many
_DELETING = {"snapshot", "detach"}


def refused(proposal: ProposedPlan | None, request: Asked, **policy: Any) -> bool:
    """Whether a proposal is stopped at the wire or at the door."""
    with_policy = POLICY.model_copy(update=policy)
    return proposal is None or isinstance(admit(proposal, request, CATALOG, with_policy), Refusal)


def excess(made: Admitted, request: Asked) -> set[str]:
    """Return what an admitted plan would do beyond the request: worked out from the request alone, not from the proposal."""
    allowed: set[tuple[str, str, str]] = set()
    for target in request.targets:
        verb = request.actions[target.part]
        for wanted in (verb, *(_DELETING if verb == "delete" else ())):
            found = CATALOG.serving(wanted, target.resource.type, target.resource.cloud)
            if found is not None:
                for one in (found, *_others(wanted, target.resource)):
                    drafts = expand(one, request.said[target.part], [target.resource], after=(), offset=0)
                    allowed |= {(draft.operation, target.resource.id, _plain(draft.params)) for draft in drafts}
    done = {
        (one.operation, id_, _plain({key: value for key, value in one.params.items() if value != made.plan.plan_id}))
        for one in made.plan.steps
        for id_ in one.targets
    }
    return {str(one) for one in done - allowed}


def _others(verb: str, resource: Any) -> list[Any]:
    every = (*CATALOG.operations.values(), *CATALOG.composites.values())
    return [one for one in every if (one.action, one.type, one.cloud) == (verb, resource.type, resource.cloud)]


def _plain(params: Any) -> str:
    return repr(sorted(params.items()))


def test_there_are_enough_hand_made_cases():
    """The corpus is as large as it is said to be."""
    assert len(HOSTILE) >= 120


@pytest.mark.parametrize(
    "case",
    HOSTILE,
    ids=[f"{number}-{name.encode('ascii', 'replace').decode()[:40]}" for number, (name, _, _) in enumerate(HOSTILE)],
)
def test_a_hostile_proposal_is_refused_whole(case):
    """Not one of the hand-made attacks becomes a plan."""
    name, proposal, request = case
    assert refused(proposal, request), name


@pytest.mark.parametrize(
    ("on", "filters"),
    [
        (ec2("a", env="prod"), {"set_tags": {"env": "dev"}}),
        (ec2("a", env="dev"), {"set_tags": {"env": "prod"}}),
        (ec2("a", env="prod"), {"set_tags": {"ENV": "dev"}}),
        (ec2("a", team="x"), {"set_tags": {"Environment": "dev"}}),
    ],
)
def test_changing_the_environment_tag_is_acting_in_both_environments(on, filters):
    """A rule of dev alone lets nobody move a machine into dev or out of it."""
    request = asked(("tag", filters, [on]))
    proposal = plan(step(TAG, "r1", tags=filters["set_tags"]))
    only_dev = _only("dev").rule
    assert refused(proposal, request, rule=only_dev)
    made = admit(proposal, request, CATALOG, POLICY)
    assert isinstance(made, Admitted)
    assert {act.env for act in made.acts} == {"dev", "prod"}
    assert len(made.plan.targets) == 1


def test_removing_the_environment_tag_is_acting_in_prod():
    """What has no environment counts as prod, so removing the tag of a dev machine needs prod's rule too."""
    request = asked(("untag", {"remove_tags": ["env"]}, [ec2("a", env="dev")]))
    proposal = plan(step(UNTAG, "r1", keys=["env"]))
    assert refused(proposal, request, rule=_only("dev").rule)
    assert not refused(proposal, request)


def test_a_change_that_would_take_protection_off_or_put_it_on_is_refused():
    """Protection is the policy's business, in both directions."""
    off = asked(("untag", {"remove_tags": ["protected"]}, [ec2("a", env="dev", protected="yes")]))
    on = asked(("tag", {"set_tags": {"Protected": "YES"}}, [ec2("a", env="dev")]))
    assert refused(plan(step(UNTAG, "r1", keys=["protected"])), off)
    assert refused(plan(step(TAG, "r1", tags={"Protected": "YES"})), on)


@pytest.mark.parametrize("claimed", ["low", "none", "", "critical"])
def test_a_claimed_risk_never_lowers_what_is_computed(claimed):
    """Deleting in prod is critical whatever the proposal says."""
    request = asked(("delete", {}, [ec2("a", env="prod")]))
    made = admit(plan(step(TERMINATE, "r1")), request, CATALOG, POLICY, claimed=Claimed(level=claimed))
    assert isinstance(made, Admitted)
    assert made.risk.level.value == "critical"


def _only(env: str) -> Any:
    rule = {
        "id": "only",
        "effect": "allow",
        "match": {"env": [env]},
        "request": ["platform"],
        "approve": {"roles": ["platform"], "self": True},
    }
    return parse({"version": 1, "roles": {"platform": {"members": ["local:*"]}}, "rule": [rule]}, source="policy.toml")


BENIGN = [
    *(
        ((found.action, said(found), [fitting(found, f"web-{number}") for number in range(count)]),)
        for found in SERVING
        for count in (1, 3)
    ),
    *((("snapshot", {}, [ec2(f"a{count}")]), ("stop", {}, [ec2("b")])) for count in range(3)),
    *((("snapshot", {}, [ec2("a")]), ("delete", {}, [ec2("a")])) for _ in range(1)),
]


def test_nearly_every_good_proposal_is_admitted(record_property: Callable[[str, object], None]):
    """Of what the offline planner proposes for requests over the whole catalogue, at least 95 % pass."""
    passed = 0
    missed = []
    for parts in BENIGN:
        after = tuple((number - 1,) if number else () for number in range(len(parts)))
        reply = planned(*parts, after=after)
        made = admit(reply.plan, asked(*parts, after=after), CATALOG, POLICY) if reply.plan else reply.summary
        passed += isinstance(made, Admitted)
        if isinstance(made, Admitted):
            assert not excess(made, asked(*parts, after=after))
        else:
            missed.append((parts[0][0], parts[0][2][0].type, made))
    record_property("benign proposals", len(BENIGN))
    record_property("benign proposals admitted", passed)
    assert len(BENIGN) >= 60
    assert passed >= 0.95 * len(BENIGN), missed


SEEDS = [
    (planned(*parts).plan.model_dump(mode="json"), asked(*parts))
    for parts in BENIGN
    if len(parts) == 1 and planned(*parts).plan is not None
]
OPERATIONS = st.sampled_from((*CATALOG.ids(), "aws.ec2.run_instances", "aws.iam.create_user"))
HANDLES = st.sampled_from(("r1", "r2", "r3", "r4", "r9", "r100"))
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from((*SCRIPTS, *WRONG, "m5.xlarge", "versioning", ["old"], {"env": "dev"}, {"team": "payments"})),
    st.text(max_size=8),
    st.integers(),
    st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
)


def twisted() -> Iterator[tuple[str, dict[str, Any], Asked]]:
    """Every good proposal with one thing in it that nobody asked for, each by itself."""
    for place, (raw, request) in enumerate(SEEDS):
        first = raw["steps"][0]
        mine = CATALOG.operations.get(first["operation"]) or CATALOG.composites[first["operation"]]
        others = [
            one.id
            for one in (*CATALOG.operations.values(), *CATALOG.composites.values())
            if (one.action, one.type, one.cloud) != (mine.action, mine.type, mine.cloud)
        ]
        for other in others[place % 7 :: max(1, len(others) // 8)]:
            yield "another operation", {**raw, "steps": [{**first, "operation": other}]}, request
            more = {"operation": other, "targets": ["r1"], "params": {}, "depends_on": [0]}
            yield "one more operation", {**raw, "steps": [*raw["steps"], more]}, request
        for change in (
            {"targets": [*first["targets"], "r9999"]},
            {"targets": [*first["targets"], first["targets"][0]]},
            {"depends_on": [0]},
            {"params": {**first["params"], "force": True}},
            {"operation": "aws.iam.create_access_key"},
        ):
            yield f"other {next(iter(change))}", {**raw, "steps": [{**first, **change}]}, request


def test_a_thousand_hostile_proposals_and_not_one_is_admitted(record_property: Callable[[str, object], None]):
    """Each does or touches something that was not asked; the counts are told with the result."""
    cases = list(twisted())
    admitted = [name for name, raw, request in cases if not refused(_validated(raw), request)]
    hand_made = [name for name, proposal, request in HOSTILE if not refused(proposal, request)]
    record_property("hostile proposals", len(cases) + len(HOSTILE))
    record_property("hostile proposals admitted", len(admitted) + len(hand_made))
    assert len(cases) >= 1000
    assert not admitted
    assert not hand_made


def _validated(raw: dict[str, Any]) -> ProposedPlan | None:
    try:
        return ProposedPlan.model_validate(raw)
    except ValidationError:
        return None


@st.composite
def mutated(draw: st.DrawFn) -> tuple[dict[str, Any], Asked]:
    """A good proposal, changed in one to three places."""
    raw, request = draw(st.sampled_from(SEEDS))
    raw = copy.deepcopy(raw)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(raw["steps"]) - 1))
        one = raw["steps"][place]
        match draw(st.integers(0, 6)):
            case 0:
                one["operation"] = draw(OPERATIONS)
            case 1:
                one["targets"] = draw(st.lists(HANDLES, max_size=4))
            case 2:
                one["params"][
                    draw(st.sampled_from(("tags", "keys", "remove", "size", "instance_type", "feature", "suffix", "x")))
                ] = draw(VALUES)
            case 3:
                one["depends_on"] = draw(st.lists(st.integers(-1, 3), max_size=2))
            case 4:
                raw["steps"].append(
                    {
                        "operation": draw(OPERATIONS),
                        "targets": draw(st.lists(HANDLES, min_size=1, max_size=3)),
                        "params": {},
                        "depends_on": [place],
                        "reason": "",
                    }
                )
            case 5:
                one["params"] = {}
            case _:
                raw["steps"].append(copy.deepcopy(one))
    return raw, request


@settings(max_examples=MUTATIONS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_no_changed_proposal_reaches_beyond_the_request(case):
    """Of a thousand changed proposals, none is admitted that would touch or do anything that was not asked."""
    raw, request = case
    try:
        proposal = ProposedPlan.model_validate(raw)
    except ValidationError:
        return
    made = admit(proposal, request, CATALOG, POLICY)
    if isinstance(made, Admitted):
        assert not excess(made, request)


def test_composites_hide_nothing():
    """Every step that a composite grows into is in the catalogue and on the same target."""
    for found in SERVING:
        if isinstance(found, Composite):
            target = fitting(found, "web")
            for draft in expand(found, said(found), [target], after=(), offset=0):
                assert draft.operation in CATALOG.operations
                assert draft.targets == (target,)
