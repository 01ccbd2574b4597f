"""Words that mean what more usual ones mean: signs for comparisons, inverted questions, rare verbs, sizes for kinds."""

import pytest

from agent_server.contract.intent import Action, IntentKind
from tests.unit.test_ways_of_saying import understood


@pytest.mark.parametrize(
    ("text", "intent", "action", "filters"),
    [
        ("del ebs snaps >90d", IntentKind.EXECUTE, Action.DELETE, {"age_days": {"op": ">", "value": 90}}),
        ("acm certs expiring <14d", IntentKind.QUERY, Action.LIST, {"expires_within_days": 14}),
        ("which vms lack a budget tag?", IntentKind.QUERY, Action.LIST, {"missing_tags": ["budget"]}),
        ("how much could we claw back from unattached disks", IntentKind.COST, Action.COST_OPTIMIZE, {"attached": False}),
        ("kindly revert back to the previous version the cloud run service factura", IntentKind.EXECUTE, Action.ROLLBACK, {"name": "factura"}),
        ("nsg-edge: allow 3389 <- 10.0.0.0/8", IntentKind.EXECUTE, Action.ALLOW_ACCESS, {"name": "nsg-edge", "port": 3389, "cidr": "10.0.0.0/8"}),
        ("please use #ops-eu as Escher's default channel.", IntentKind.SETTINGS, Action.SETTINGS_UPDATE, {"setting": "channel", "channel": "#ops-eu"}),
        ("don't delete security group sg-0c3, only drop its port 23 rule", IntentKind.EXECUTE, Action.REVOKE_ACCESS, {"name": "sg-0c3", "port": 23}),
    ],
)  # fmt: skip
def test_rarer_words_mean_the_same(text: str, intent: IntentKind, action: Action, filters: dict[str, object]) -> None:
    """Terse, foreign and finance voices are understood as plain ones are."""
    found = understood(text)
    assert (found.intent, found.action, found.filters) == (intent, action, filters)


def test_an_inverted_how_to_is_a_question() -> None:
    """'How I can erase a key vault?' orders nothing and is not dangerous."""
    found = understood("I have one doubt, how I can erase an old Key Vault?")
    assert (found.intent, found.dangerous) == (IntentKind.HELP, False)


def test_what_is_launched_by_its_size_is_a_machine() -> None:
    """Who spins up a t3.micro wants an instance, and needs not say so."""
    assert understood("spin up a t3.micro called box-1").resource_types == ["ec2::instance"]


def test_a_kind_may_be_written_together() -> None:
    """'functionapp' is what the command line calls it."""
    assert understood("functionapp fn-1 logs").resource_types == ["web::functionapp"]
