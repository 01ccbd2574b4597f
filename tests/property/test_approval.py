"""Four eyes and quorum hold, whatever people click, whoever changes roles, and whichever way the clock goes."""

import os
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.approval.approval import Ballot, Decision, Subject, Verdict, admissible, enough
from engine.approval.policy import Policy, parse
from engine.approval.requirement import Act, Circumstances, Requirement, requirement, still
from engine.clock import NeverBack
from engine.clouds.operation import Effect
from engine.estate.resource import Cloud
from engine.principal import Principal, Standing

TRANSITIONS = int(os.environ.get("ESCHER_TRANSITIONS", "3000"))  # noqa: TID251 - whoever runs the tests says how many
STEPS = 30
BEGIN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
PEOPLE = ("local:ada", "local:bob", "slack:T0:U1", "slack:T0:U2", "teams:t:o1")
DIGEST = "d" * 64
ACT = Act(
    operation="aws.ec2.stop_instances",
    effect=Effect.WRITE,
    exposes=False,
    target="arn:aws:ec2:us-east-1:1:instance/i-1",
    name="web-1",
    cloud=Cloud.AWS,
    account="1",
    account_name="dev",
    env="dev",
)


def policy_of(
    asking: frozenset[str], approving: frozenset[str], *, quorum: int, own: bool, reason: bool, confirm: str
) -> Policy:
    """A policy with two roles."""
    return parse(
        {
            "version": 1,
            "roles": {"asking": {"members": sorted(asking)}, "approving": {"members": sorted(approving)}},
            "rule": [
                {
                    "id": "one",
                    "effect": "allow",
                    "request": ["asking"],
                    "approve": {
                        "roles": ["approving"],
                        "quorum": quorum,
                        "self": own,
                        "reason": reason,
                        "confirm": confirm,
                        "expires": "30m",
                    },
                }
            ],
        },
        source="policy.toml",
    )


class Approval(RuleBasedStateMachine):
    """One plan, five people, a clock that may be set back, and a policy that changes between clicks."""

    @initialize(
        quorum=st.integers(1, 3),
        own=st.booleans(),
        reason=st.booleans(),
        confirm=st.sampled_from(("none", "count", "name")),
        approving=st.frozensets(st.sampled_from(PEOPLE)),
    )
    def plan_is_shown(self, quorum, own, reason, confirm, approving):
        """Ada asks; the plan waits."""
        self.now = BEGIN
        self.clock = NeverBack(lambda: self.now, monotonic=lambda: 0.0)
        self.quorum, self.own, self.reason, self.confirm = quorum, own, reason, confirm
        self.approving = approving
        self.latest = BEGIN
        self.made: tuple[Decision, ...] = ()
        self.state = "waiting"
        self.held_role: dict[str, bool] = {}
        needs = requirement((ACT,), Principal(id="local:ada"), self.policy(), Circumstances(now=self.clock()))
        assert isinstance(needs, Requirement)
        self.needs = needs
        self.strictest = quorum

    def policy(self) -> Policy:
        """The policy as it is now."""
        return policy_of(
            frozenset({"local:ada"}),
            self.approving,
            quorum=self.quorum,
            own=self.own,
            reason=self.reason,
            confirm=self.confirm,
        )

    @rule(minutes=st.integers(-90, 15))
    def clock_moves(self, minutes):
        """Time passes, or somebody sets the machine's clock back."""
        self.now += timedelta(minutes=minutes)
        self.latest = max(self.latest, self.now)
        assert self.clock() == self.latest

    @rule(who=st.sampled_from(PEOPLE))
    def role_changes(self, who):
        """Somebody gets the approving role or loses it."""
        self.approving = self.approving ^ {who}

    @rule(quorum=st.integers(1, 3))
    def quorum_changes(self, quorum):
        """The operator edits the policy."""
        self.quorum = quorum

    @precondition(lambda self: self.state == "waiting")
    @rule(
        who=st.sampled_from(PEOPLE),
        name=st.sampled_from(("Ada", "Bob", "")),
        verdict=st.sampled_from((Verdict.APPROVED, Verdict.APPROVED, Verdict.APPROVED, Verdict.REJECTED)),
        digest=st.sampled_from((DIGEST, DIGEST, DIGEST, DIGEST, "e" * 64)),
        reason=st.sampled_from(("", "  ", "…", "looks right", "looks right")),
        confirm=st.sampled_from(("", "1", "web-1", "1 ", "2")),
        standing=st.sampled_from((Standing.MEMBER, Standing.MEMBER, Standing.GUEST)),
    )
    def somebody_decides(self, who, name, verdict, digest, reason, confirm, standing):
        """A click, by anybody, under any display name, with anything typed."""
        policy = self.policy()
        person = Principal(id=who, display=name, standing=standing)
        ballot = Ballot(principal=person, verdict=verdict, digest=digest, at=self.now, reason=reason, confirm=confirm)
        by_now = still((ACT,), self.needs, policy, Circumstances(now=self.clock()))
        assert isinstance(by_now, Requirement)
        subject = Subject(
            plan_id="p-00000001",
            digest=DIGEST,
            requester="local:ada",
            requirement=by_now,
            confirmations={"count": "1", "name": "web-1"},
            clock_floor=self.clock(),
        )
        counts = admissible(ballot, subject, self.made, policy) is None
        assert counts == self.should_count(ballot)
        if not counts:
            return
        self.strictest = max(self.needs.quorum, self.quorum)
        self.made = (*self.made, Decision(principal=who, display=name, verdict=verdict, digest=digest, at=self.clock()))
        self.held_role[who] = who in self.approving
        if verdict is Verdict.REJECTED:
            self.state = "rejected"
        elif enough(self.made, by_now):
            self.state = "approved"

    def should_count(self, ballot: Ballot) -> bool:
        """Say, in other words than the engine's, whether a click counts."""
        who = ballot.principal.id
        if ballot.digest != DIGEST or who in {one.principal for one in self.made}:
            return False
        if self.latest >= BEGIN + timedelta(minutes=30):
            return False
        if ballot.verdict is Verdict.REJECTED:
            return who == "local:ada" or who in self.approving
        if who not in self.approving or (who == "local:ada" and not self.own):
            return False
        if self.reason and ballot.reason != "looks right":
            return False
        return {"none": True, "count": ballot.confirm.strip() == "1", "name": ballot.confirm == "web-1"}[self.confirm]

    @invariant()
    def four_eyes_and_quorum_hold(self):
        """An approved plan has enough different people behind it, each entitled when they clicked, in time."""
        if getattr(self, "state", "") != "approved":
            return
        people = [one.principal for one in self.made if one.verdict is Verdict.APPROVED]
        assert len(set(people)) == len(people) >= self.strictest
        assert all(self.held_role[one] for one in people)
        assert self.own or "local:ada" not in people
        assert all(one.at < BEGIN + timedelta(minutes=30) for one in self.made)
        assert all(one.verdict is Verdict.APPROVED for one in self.made)


Approval.TestCase.settings = settings(
    max_examples=max(TRANSITIONS // STEPS, 1),
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class TestFourEyesAndQuorum(Approval.TestCase):
    """Runs the machine; `ESCHER_TRANSITIONS` says how many transitions."""


def test_what_has_expired_stays_expired_when_the_clock_is_set_back():
    """The clock that decisions read never goes back, also over a restart that knows the record's newest instant."""
    times = iter((BEGIN, BEGIN + timedelta(minutes=31), BEGIN + timedelta(minutes=1), BEGIN + timedelta(minutes=2)))
    clock = NeverBack(lambda: next(times))
    first, later = clock(), clock()
    assert later - first == timedelta(minutes=31)
    assert clock() >= later
    again = NeverBack(lambda: BEGIN, floor=later)
    assert again() >= later
    again.at_least(later + timedelta(minutes=5))
    assert again() >= later + timedelta(minutes=5)
