"""What the agent server says about a plan, as its card says it: whose words they are, of which targets, never too many."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent_server.contract.plan import Finding, PlanReply, ProposedPlan, ProposedStep, RankedPlaybook
from blocks.components.inline import Plain
from blocks.text import render
from bot.views.plan import plan_card
from bot.views.replies import refusal_card
from engine.estate.resource import Cloud
from engine.planning.admission import Admitted, admit
from engine.planning.context import Target, handles
from engine.planning.record import Kept, Remark, Told, dump, read
from engine.planning.risk import Claimed
from engine.refusal import Refusal
from engine.remarks import MOST_REASONS, alike, capped, cost, reasons, remarks
from engine.replies import PlanView
from tests.fakes.requests import CATALOG, POLICY, asked, thing

STOP = "aws.ec2.stop_instances"
EC2 = "ec2::instance"


def targets(*names: str) -> tuple[Target, ...]:
    """Running instances of these names, as `r1..rn`."""
    return handles([[thing(EC2, Cloud.AWS, name, state="running") for name in names]])


def reply(*findings: Finding, on: str = "r1", **fields: Any) -> PlanReply:
    """A plan that stops the given handles, with findings."""
    plan = ProposedPlan(steps=[ProposedStep(operation=STOP, targets=on.split())])
    return PlanReply(**{"kind": "plan", "summary": "Stop them.", "plan": plan, "validation": list(findings), **fields})


def finding(message: str, *gone: str, severity: Any = "warning", **fields: Any) -> Finding:
    """Something found; `gone` are handles that were left out for it."""
    return Finding(
        code=fields.pop("code", "infeasible"),
        message=message,
        severity=severity,
        repair="left_out" if gone else "",
        targets=list(gone),
        **fields,
    )


def texts(found: tuple[Remark, ...]) -> list[str]:
    """What the remarks say."""
    return [one.text for one in found]


def same(text: str) -> str:
    """Pseudonyms that are none."""
    return text


class TestRemarks:
    def test_what_the_plan_leaves_out_is_named_with_the_reason(self) -> None:
        """The names are the runner's, the reason is the planner's, and the line says so."""
        found = remarks(
            reply(finding("2 targets are larger than that; a disk can only grow.", "r2", "r3")),
            targets("web-1", "old-1", "old-2"),
            same,
        )
        assert found == (
            Remark(text="left out by the planner, larger than that; a disk can only grow: old-1, old-2", loud=True),
        )

    def test_what_is_left_out_without_a_word_is_said_all_the_same(self) -> None:
        """A planner that drops a target silently does not get away with it."""
        assert texts(remarks(reply(), targets("web-1", "web-2"), same)) == [
            "left out by the planner, without a reason: web-2"
        ]

    @pytest.mark.parametrize("code", ["cost", "permission.denied"])
    def test_a_finding_that_the_card_tells_otherwise_does_not_hide_what_is_left_out(self, code: str) -> None:
        """The card tells prices and rights of the targets that are in the plan; of one that is not it has only this line."""
        found = remarks(reply(finding("1 target is not permitted.", "r2", code=code)), targets("web-1", "web-2"), same)
        assert texts(found) == ["left out by the planner, not permitted: web-2"]

    def test_what_is_left_out_stands_before_everything_else_that_is_found(self) -> None:
        """A card shows only the first few remarks, and a planner may find much."""
        noise = [finding(f"Look at this, number {number}.") for number in range(9)]
        found = remarks(reply(*noise, finding("1 target is too small.", "r2")), targets("web-1", "web-2"), same)
        assert texts(found)[0] == "left out by the planner, too small: web-2"

    def test_what_is_said_to_be_left_out_and_is_not_is_no_such_line(self) -> None:
        """Which targets a plan leaves out is read from the plan."""
        found = remarks(reply(finding("1 target is not there.", "r1", "r9")), targets("web-1"), same)
        assert texts(found) == ["Planner: 1 target is not there (put right)"]

    def test_loud_lines_come_before_grey_ones(self) -> None:
        """What should not be missed stands first; each line stands once."""
        grey = finding("Steps were put in the order that was asked for.", severity="info")
        loud = finding("No snapshot is taken first.", code="delete.no_copy")
        found = remarks(reply(grey, grey, loud), targets("web-1"), same)
        assert [(one.text, one.loud) for one in found] == [
            ("Planner: No snapshot is taken first", True),
            ("Planner: Steps were put in the order that was asked for", False),
        ]

    def test_what_the_runner_says_itself_is_not_said_twice(self) -> None:
        """Denied rights stand beside each target, money in its own place."""
        own = (finding("Saves about $9.00 a month.", code="cost"), finding("May not.", code="permission.denied"))
        assert remarks(reply(*own), targets("web-1"), same) == ()

    def test_pseudonyms_become_names_again(self) -> None:
        """The words went out in pseudonyms and come back in real words."""
        found = remarks(
            reply(finding("name-p1 is odd.")), targets("web-1"), lambda text: text.replace("name-p1", "x-9")
        )
        assert texts(found) == ["Planner: x-9 is odd"]

    @pytest.mark.parametrize(
        ("model", "said"),
        [
            ("offline (claude unavailable)", ["planned by rules: claude unavailable"]),
            ("offline", []),
            ("claude-x", []),
        ],
    )
    def test_a_model_that_was_to_plan_and_did_not_is_said(self, model: str, said: list[str]) -> None:
        """A plan made by rules because the model was away says so; one made by rules anyhow does not."""
        assert texts(remarks(reply(model=model), targets("web-1"), same)) == said

    def test_a_tainted_plan_is_said_aloud(self) -> None:
        """Text of others was read on the way to it."""
        found = remarks(reply(tainted=True), targets("web-1"), same)
        assert [(one.text[:10], one.loud) for one in found] == [("made after", True)]

    def test_long_and_broken_words_become_one_short_line(self) -> None:
        """A thousand characters over many lines do not push the buttons off a phone."""
        assert capped("a\n\n  b\tc") == "a b c"
        assert len(capped("word " * 200)) <= 240


class TestReasons:
    def test_a_no_says_which_things_it_is_about(self) -> None:
        """The sentence counts, the line under it names."""
        why = "2 targets are larger than that; a disk can only grow."
        no = PlanReply(kind="refuse", summary=why, validation=[finding(why, "r1", "r2")])
        assert reasons(no, targets("old-1", "old-2", "web-1"), same) == ("Which: old-1, old-2",)

    def test_a_no_says_what_else_stands_against_it_and_not_all_of_it(self) -> None:
        """Further findings are lines of their own, at most a handful."""
        more = [finding(f"Reason {number}.", "r1") for number in range(20)]
        no = PlanReply(kind="refuse", summary="No.", validation=[finding("No."), *more])
        found = reasons(no, targets("web-1"), same)
        assert found[0] == "Reason 0: web-1"
        assert len(found) == MOST_REASONS

    def test_the_card_of_a_no_shows_them(self) -> None:
        """They stand under the sentence."""
        card = refusal_card(Refusal(code="planner.refuse", message="No.", reasons=("Which: old-1",)))
        assert "Which: old-1" in render(card)


class TestCard:
    @staticmethod
    def card(told: Told, *, claimed: Claimed | None = None, plan_of: str = EC2, money: bool = True) -> Any:
        """The card of a plan over one instance."""
        found = [thing(plan_of, Cloud.AWS, "web-1", state="running", env="dev")]
        planned = reply().plan
        assert planned is not None
        made = admit(planned, asked(("stop", {}, found)), CATALOG, POLICY, claimed=claimed or Claimed())
        assert isinstance(made, Admitted), made
        kept = Kept(admitted=made if money else replace(made, money=None), told=told)
        assert read(dump(kept), digest=made.plan.digest) == kept
        return plan_card(PlanView(kept=kept, state="waiting"), CATALOG, datetime(2026, 3, 10, 10, tzinfo=UTC))

    def test_five_remarks_stand_on_it_and_the_rest_is_counted(self) -> None:
        """Never a wall."""
        told = Told(action="stop", words=("Stop", "", ""), remarks=tuple(Remark(text=f"remark {n}") for n in range(9)))
        shown = render(self.card(told))
        assert "remark 4" in shown
        assert "remark 5" not in shown
        assert "4 more remarks of the planner" in shown

    def test_playbooks_that_do_the_same_stand_under_details(self) -> None:
        """At most three, as ids that can be asked for; the card itself stays short."""
        ranked = [RankedPlaybook(id=f"stop-idle-{n}", version="1", confidence=0.8, reason="x") for n in range(5)]
        told = Told(action="stop", words=("Stop", "", ""), alike=alike(reply(playbooks=ranked)))
        card = self.card(told)
        assert "stop-idle" not in render(card)
        assert "stop-idle-0, stop-idle-1, stop-idle-2" in render(card, detailed=True)
        assert "stop-idle-3" not in render(card, detailed=True)

    def test_its_words_can_only_be_plain(self) -> None:
        """A mention, a link or a button in the planner's words is text on the card."""
        told = Told(action="stop", words=("Stop", "", ""), remarks=(Remark(text="<!channel> [Approve](http://x)"),))
        note = next(one for one in self.card(told).notes if "Approve" in one.text[0].text)
        assert all(isinstance(piece, Plain) for piece in note.text)

    def test_money_is_the_runners_own_and_else_says_whose_it_is(self) -> None:
        """A price of the planner stands only where the runner has none, and is named as the planner's."""
        told = Told(action="stop", words=("Stop", "", ""), cost=cost(reply(finding("Saves $1 a month.", code="cost"))))
        assert "Saves $1 a month, the planner says" in render(self.card(told, money=False))
        assert "planner" not in render(self.card(told))

    def test_a_level_that_the_planner_raised_says_why(self) -> None:
        """The runner's own reasons stand first; what raised the level is named as the planner's word."""
        shown = self.card(
            Told(action="stop", words=("Stop", "", "")), claimed=Claimed(level="high", reasons=("on a Friday",))
        )
        assert shown.risk.level.value == "high"
        assert shown.risk.reasons[-1] == "the planner says high (on a Friday)"

    def test_a_level_that_the_planner_did_not_raise_does_not_carry_its_words(self) -> None:
        """Nothing it says softens or pads the runner's own judgement."""
        shown = self.card(Told(action="stop", words=("Stop", "", "")), claimed=Claimed(reasons=("all fine",)))
        assert all("fine" not in one for one in shown.risk.reasons)
