"""What is said in a conversation: answers, questions, refusals, help."""

from datetime import timedelta
from typing import Final

from blocks import components as c
from blocks.components import Component, line
from tests.golden.card_samples.people import APPROVER, NOON

SAMPLES: Final[dict[str, Component]] = {
    "chat_message": c.ChatMessage(
        paragraphs=(
            "Spend rose because three m5.2xlarge instances were started in prod on Monday.",
            "They belong to the spring load test and end on Friday.",
        ),
        suggestions=("show the three instances",),
        model="the offline planner",
    ),
    "clarification": c.ClarificationCard(
        question="Which instances should I stop?",
        detail="I see 14 running: dev 5 · staging 3 · prod 6",
        question_id="q-81",
        options=(
            c.Option(id="dev", label="dev", detail="5"),
            c.Option(id="staging", label="staging", detail="3"),
            c.Option(id="choose", label="choose…"),
        ),
    ),
    "clarification_many": c.ClarificationCard(
        question="Two of these are called web-1. Which one do you mean?",
        question_id="q-82",
        options=tuple(c.Option(id=f"r{n}", label=f"web-1 in region {n}") for n in range(9)),
    ),
    "confirmation": c.ConfirmationCard(
        question="Remove the schedule “stop dev at 20:00”?",
        detail=("It has stopped 14 instances every weekday since 2 February.",),
        expires_at=NOON + timedelta(minutes=10),
        actions=(
            c.Action(id=c.ActionId.CANCEL, label="Remove", style="danger", value={"schedule_id": "sch-1"}),
            c.Action(id=c.ActionId.SKIP, label="Keep", value={"schedule_id": "sch-1"}),
        ),
    ),
    "error": c.ErrorCard(
        what_happened="I could not reach the agent server for 10 s, so I planned nothing",
        kept="Your message is kept.",
        what_to_do="I'll answer here when it is back.",
        reference="e-20260315-41",
        actions=(c.Action(id=c.ActionId.RETRY, label="Try now", style="primary", value={"request_id": "rq-9"}),),
    ),
    "refusal": c.RefusalCard(
        headline="I won't do this: it deletes 212 resources in prod",
        code="prod-deletes",
        reasons=("Policy “prod-deletes” allows at most 10 in one plan, with 2 approvers from sre.",),
        who_can=line("Break-glass: ", APPROVER, " and 3 others in sre"),
        suggestions=("list them", "plan the first 10", "ask sre for break-glass"),
    ),
    "refusal_infeasible": c.RefusalCard(
        headline="2 targets are larger than that; a disk can only grow.",
        code="planner.refuse",
        reasons=("Which: jenkins-data-old, payroll-restore-test", "left out, already so: worker-staging-scratch"),
        suggestions=("help",),
    ),
    "notice": c.NoticeCard(
        headline="Slack is connected as @escher in Acme",
        tone=c.Tone.GOOD,
        lines=("Mention me in any channel I am in.",),
        facts=(c.Fact(label="Mode", value="Socket Mode"), c.Fact(label="Channels", value="4")),
    ),
    "help": c.HelpCard(
        headline="You can ask and approve here; try one of these",
        groups=(
            c.HelpGroup(title="See", examples=("which instances are idle?", "show public buckets")),
            c.HelpGroup(title="Do", examples=("stop all dev EC2 instances", "tag vm web-1 team=web")),
            c.HelpGroup(title="Cost", examples=("why did spending go up yesterday?",)),
        ),
        notes=(c.Note(text="Prod changes need 2 approvers from sre; you are not one of them."),),
    ),
}
