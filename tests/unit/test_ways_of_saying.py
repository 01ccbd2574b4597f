"""The same thing said in many ways: every way of ordering meets every order, every way of excepting every kind of exception.

Nobody could write these messages one by one; the product of the ways finds what a list of sentences never would.
"""

from collections.abc import Mapping

import pytest

from agent_server.contract.intent import Intent, IntentKind, IntentRequest
from agent_server.models.offline import parse
from tests.evals.score import facts

ORDERS = (
    ("delete", "deleted", ("the vm web-9", "rds crm-2", "rg-old", "the unattached disks in westeurope", "snapshot snap-0a1", "all idle ec2 instances in us-east-1")),
    ("terminate", "terminated", ("i-0aa1",)),
    ("purge", "purged", ("queue jobs-1",)),
    ("stop", "stopped", ("the prod vm web-9", "vm prod-web-1", "all production vms")),
    ("restart", "restarted", ("prod db orders-1", "the production app service shop")),
    ("turn off", "turned off", ("termination protection on i-0aa1", "mfa for iam user joe", "the cloudtrail trail org-1")),
    ("disable", "disabled", ("deletion protection on rds crm-2", "encryption on bucket b-1", "guardduty in us-east-1")),
    ("fail over", "failed over", ("the production aurora cluster aur-1",)),
    ("roll back", "rolled back", ("the prod deployment api",)),
)  # fmt: skip
ORDERED = (
    "{do} {it}", "please {do} {it}", "can you {do} {it}", "could you please {do} {it}?", "would you mind and {do} {it}", "we need to {do} {it}", "I want you to {do} {it}",
    "I would like {it} to be {done}", "{it} should be {done}", "{it} must be {done} today", "please have {it} {done}", "I'd appreciate if {it} was {done}", "let's {do} {it}", "why don't you {do} {it}",
    "hey @escher {do} {it}", "first list {it}, then {do} it", "{it}: {do}", "{it} is not needed anymore, {do} it", "{do} {it} and tell me when done", "our customer left, so {do} {it}",
    "The project ended last week. Please {do} {it}.", "ticket OPS-12: {do} {it}", "is it ok to {do} {it}? if so do it", "may I ask you to {do} {it}", "don't forget to {do} {it}", "I think we should {do} {it}", "help me {do} {it}",
    "would it be possible to {do} {it}?", "is it ok if you {do} {it}?", "do you think you could {do} {it}", "could {it} be {done}?", "may I have {it} {done}", "is there any chance you could {do} {it}?", "I'd love {it} {done}", "tomorrow 06:00 {do} {it}", "maybe {do} {it}?",
    "{do} {it} at 22:00 UTC", "after the backup {do} {it}", "good morning, could you {do} {it}?",
)  # fmt: skip
WHOLE = (
    "make bucket b-1 public",
    "open port 22 on sg-1 to the world",
    "allow 0.0.0.0/0 on 5432 in sg-db",
    "let everyone read bucket b-1",
    "grant bob owner on subscription s-1",
    "attach AdministratorAccess to iam role r-1",
    "add joe to the admins",
    "remove the public access block from bucket b-1",
    "set the backup retention of rds crm-2 to 0",
    "relax the password policy",
    "add a firewall rule allowing all traffic to vm-1",
    "share snapshot snap-0a1 with everyone",
    "stop the logging of cloudtrail trail org-1",
    "turn the firewall off on vm web-1",
    "disable the approval for prod",
    "switch off read-only mode",
    "delete the cloudwatch alarm cpu-high",
)
ASKED = (
    "who {done} {it}?", "was {it} {done}?", "how do I {do} {it}?", "when was {it} {done}", "what happens if I {do} {it}", "should we {do} {it}?", "is it safe to {do} {it}?", "can {it} be {done}?", "list {it}", "don't {do} {it}", "please do not {do} {it}",
    "nobody should {do} {it}", "has anyone {done} {it}?", "alert me when {it} is {done}", "we {done} {it} yesterday, is that ok?", "who can {do} {it}?", "explain how to {do} {it}", "how much would we save if we {do} {it}", "do I need approval to {do} {it}?",
)  # fmt: skip
LEFT_OUT: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("build-1", {"name": "build-1"}), ("web-1, web-2 and web-3", {"name": ["web-1", "web-2", "web-3"]}), ("account 448812", {"account": "448812"}), ("the legacy account", {"account": "legacy"}), ("subscription corp-dev", {"subscription": "corp-dev"}),
    ("project lab-44", {"project": "lab-44"}), ("rg-lab", {"resource_group": "rg-lab"}), ("namespace kube-system", {"namespace": "kube-system"}), ("anything tagged keep=true", {"tags": {"keep": "true"}}), ("those tagged owner=ops", {"tags": {"owner": "ops"}}),
    ("the prod ones", {"tags": {"env": "prod"}}), ("staging and qa", {"tags": {"env": ["staging", "qa"]}}), ("team mobile", {"tags": {"team": "mobile"}}), ("the vm etl-9", {"name": "etl-9"}), ("us-east-1", {"region": "us-east-1"}), ("the ones in westus2", {"region": "westus2"}),
    ("us-east-1 and web-9", {"region": "us-east-1", "name": "web-9"}),
)  # fmt: skip
LEAVING_OUT = (
    " except {}", " except for {}", ", but not {}", ", skip {}", ", leave out {}", " but leave {} alone", ", but leave {} out", " leaving {} untouched", ", excluding {}", " other than {}", " apart from {}", " minus {}", ", ignore {}", ". Leave {} alone.", " - not {} though",
    ", don't touch {}", ", without touching {}", ", but please leave {} out of it", " (not {})", " (except {})",
)  # fmt: skip
SCOPES = (
    "list the running vms in aws",
    "stop the dev vms in azure",
    "gcp vms older than 30 days",
    "terminate idle ec2",
    "azure costs by service last month",
)


def understood(text: str) -> Intent:
    """Parse one message without a thread."""
    return parse(IntentRequest(request_id="test", text=text))


@pytest.mark.parametrize("way", ORDERED)
def test_a_dangerous_order_is_dangerous_however_it_is_said(way: str) -> None:
    """Deleting, interrupting production and taking guardrails away are flagged, and are to be planned."""
    said = [way.format(do=do, done=done, it=it) for do, done, things in ORDERS for it in things]
    found = {text: understood(text) for text in said}
    assert [text for text, intent in found.items() if not intent.dangerous] == []
    assert [text for text, intent in found.items() if intent.intent is not IntentKind.EXECUTE] == []


@pytest.mark.parametrize(
    "way",
    [way for way in ORDERED if "{it}" in way and "{done}" not in way and way.count("{it}") == way.count("{do} {it}")],
)
def test_what_weakens_security_is_dangerous_however_it_is_said(way: str) -> None:
    """Exposure, great rights and guardrails out of the way are flagged, whichever topic they belong to."""
    said = [way.replace("{do} {it}", whole) for whole in WHOLE]
    assert [text for text in said if not understood(text).dangerous] == []


@pytest.mark.parametrize("way", ASKED)
def test_asking_about_an_order_is_none(way: str) -> None:
    """Questions, prohibitions, reports and alerts about the same orders change nothing and are not flagged."""
    said = [way.format(do=do, done=done, it=it) for do, done, things in ORDERS for it in things]
    found = {text: understood(text) for text in said}
    assert [text for text, intent in found.items() if intent.intent is IntentKind.EXECUTE] == []
    assert [text for text, intent in found.items() if intent.dangerous] == []


@pytest.mark.parametrize("way", LEAVING_OUT)
def test_what_is_left_out_stays_out_however_it_is_said(way: str) -> None:
    """Names, accounts, projects, groups, tags, environments, teams and regions after any exception are excluded, and nothing else changes."""
    wrong = []
    for scope in SCOPES:
        whole = facts(understood(scope).filters)
        for words, expected in LEFT_OUT:
            filters = dict(understood(scope + way.format(words)).filters)
            out = filters.pop("exclude", {})
            if facts(out if isinstance(out, dict) else {}) != facts(expected) or facts(filters) != whole:
                wrong.append((scope + way.format(words), out, filters))
    assert wrong == []
