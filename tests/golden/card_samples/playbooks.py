"""Playbooks: one, several, one under review."""

from typing import Final

from blocks import components as c
from blocks.components import Component, line
from tests.golden.card_samples.people import REQUESTER

SAMPLES: Final[dict[str, Component]] = {
    "playbook": c.PlaybookCard(
        headline="Rotate the logs of a full disk",
        playbook_id="disk-full",
        version="1.4.0",
        state="published",
        risk=c.RiskLevel.MEDIUM,
        running=c.Note(text="I can run it: say “run playbook disk-full on …”", tone=c.Tone.GOOD),
        summary=("Frees space on a Linux host without stopping its service.",),
        steps=("find the largest log directories", "compress what is older than 7 d", "verify free space"),
        facts=(c.Fact(label="Runs", value="31, 30 of them well"),),
        actions=(
            c.Action(
                id=c.ActionId.PLAYBOOK,
                label="Run…",
                style=c.ActionStyle.PRIMARY,
                value={"do": "run", "playbook_id": "disk-full", "version": "1.4.0"},
                asks=(c.Ask(kind=c.AskKind.TEXT, label="On what?"),),
            ),
            c.Action(
                id=c.ActionId.PLAYBOOK,
                label="Upload",
                value={"do": "upload", "playbook_id": "disk-full", "version": "1.4.0"},
            ),
        ),
    ),
    "playbook_list": c.PlaybookList(
        headline="2 playbooks fit “disk full on web-1”",
        entries=(
            c.PlaybookEntry(
                name="Rotate logs", playbook_id="disk-full", version="1.4.0", confidence=0.92, running="I can run it"
            ),
            c.PlaybookEntry(
                name="Grow the volume",
                playbook_id="grow-ebs",
                version="2.0.1",
                summary="adds 20 %",
                confidence=0.71,
                running="I can only show it, not run it: Escher does not do aws.ssm.send_command",
                warning="cannot be made smaller again",
            ),
        ),
    ),
    "playbook_review": c.PlaybookReviewCard(
        headline="Rotate logs 1.5.0 waits for review",
        playbook_id="disk-full",
        version="1.5.0",
        author=line("by ", REQUESTER),
        summary=("Frees space on a Linux host without stopping its service.",),
        steps=("find the largest log directories", "compress what is older than 7 d"),
        checks=(
            c.ReviewCheck(name="parameters typed", ok=True),
            c.ReviewCheck(name="no secrets", ok=False, detail="line 14 looks like an AWS key"),
        ),
        changes=("compresses with zstd instead of gzip",),
    ),
}
