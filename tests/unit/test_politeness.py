"""Hedged requests are said plainly, and real questions stay as they are."""

import pytest

from agent_server.agents.politeness import plainly


@pytest.mark.parametrize(
    ("hedged", "plain"),
    [
        ("would it be possible to delete vm-7?", "please delete vm-7?"),
        ("Is it ok if you resume the night playbook?", "please resume the night playbook?"),
        ("could the vm web-1 be deleted?", "the vm web-1 should be deleted?"),
        ("do you mind deleting vm-7", "please delete vm-7"),
        ("would you mind counting the vms", "please count the vms"),
        ("any chance of removing rg-old?", "please remove rg-old?"),
        ("requesting deletion of bucket b-1", "please delete bucket b-1"),
        ("deletion of rg-old please", "please delete rg-old"),
        ("may I have the bucket tmp-x deleted", "please have the bucket tmp-x deleted"),
        ("can I get owner on subscription s-1", "please grant me owner on subscription s-1"),
        ("shutting down qa would be great", "please shut down qa"),
        ("is it ok to stop web-1? if so do it", "please stop web-1? if so do it"),
    ],
)
def test_hedges_are_taken_away(hedged: str, plain: str) -> None:
    """What is asked for stays; only the way of asking goes."""
    assert plainly(hedged) == plain


@pytest.mark.parametrize(
    "text",
    [
        "is it safe to delete vm-7?",
        "can vm-7 be deleted?",
        "could anyone have deleted vm-7?",
        "who asked for the deletion of vm-7?",
        "may I have the list of vms",
        "can I get the cpu of web-1",
        "is it ok to stop web-1?",
        "a history of deletion of vms",
        "delete vm-7",
    ],
)
def test_questions_and_plain_orders_stay(text: str) -> None:
    """Nothing is made an order that was none, and an order stays as it was said."""
    assert plainly(text) == text
