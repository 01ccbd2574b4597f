"""Settings typed and told: exact commands alone are obeyed, and the policy is said in plain words."""

import pytest

from bot.settings_words import meant
from bot.spoken import TABLES, Verb, command
from bot.tables import Settings
from bot.views.policy import about, approval, changes_anything
from engine.approval.policy import parse


def test_the_first_words_of_settings_are_the_tables_of_the_file():
    """A table that is missing here could not be set by its exact name."""
    assert set(TABLES) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("text", "verb", "key", "value"),
    [
        ("set sync.every 30m", Verb.SET, "sync.every", "30m"),
        ("set sync.every = 30m", Verb.SET, "sync.every", "30m"),
        ("Set report.0.at to 07:30", Verb.SET, "report.0.at", "07:30"),
        ('set privacy.tag_keys ["env"]', Verb.SET, "privacy.tag_keys", '["env"]'),
        ("unset report", Verb.UNSET, "report", ""),
        ("confirm s-7f3a9k2m", Verb.CONFIRM, "s-7f3a9k2m", ""),
        ("settings", Verb.SETTINGS, "", ""),
        ("when does the morning report come?", Verb.SETTINGS, "report", ""),
        ("when do I get the morning report", Verb.SETTINGS, "report", ""),
        ("what time is the daily report", Verb.SETTINGS, "report", ""),
    ],
)
def test_exact_forms_about_settings_are_commands(text, verb, key, value):
    """With the key and the value as they were typed."""
    said = command(text)
    assert (said.verb, said.key, said.value) == (verb, key, value)


@pytest.mark.parametrize(
    "text",
    [
        "set web-1 to t3.large",
        "set the timezone to CET",
        "set prod.db to private",
        "set report",
        "unset everything",
        "confirm that web-1 is stopped",
        "confirm s-7f3a9k2m and stop web-1",
        "when does the report say that costs rose",
        "where is web-1",
        "where is the bucket for reports",
        "when is the report of the audit due",
        "when did the report fail",
    ],
)
def test_other_sentences_are_to_be_understood(text):
    """They go to whoever understands words."""
    assert command(text) is None


@pytest.mark.parametrize(
    ("filters", "text", "said"),
    [
        ({"setting": "sync"}, "sync every 30 minutes", ("sync.every", "30m")),
        ({"setting": "sync", "value": "hourly"}, "", ("sync.every", "1h")),
        ({"setting": "budget"}, "set the budget to $30,000", ("budgets.monthly", 30000)),
        ({"setting": "budget", "value": "1.5k"}, "", ("budgets.monthly", 1500)),
        ({"setting": "report", "value": "off"}, "", ("report", [])),
        ({"setting": "report", "value": "on"}, "", None),
        ({"setting": "approvers", "value": "alice"}, "", None),
        ({"setting": "sync"}, "sync now and then", None),
    ],
)
def test_what_was_said_becomes_a_key_and_a_value(filters, text, said):
    """Or nothing, when no value was said or it is no setting."""
    assert meant(filters, text) == said


def test_a_rule_is_said_in_plain_words():
    """What it is about, its bounds, who approves, and what they must do."""
    rule = {
        "id": "deletes",
        "effect": "allow",
        "match": {"env": ["prod"], "effect": ["destroy"], "count": "<=10", "cost_per_day": "<100"},
        "request": ["ops"],
        "approve": {"roles": ["ops"], "quorum": 2, "reason": True, "confirm": "count", "expires": "15m"},
    }
    never = {"id": "no", "effect": "deny", "match": {"exposes": True}, "because": "nothing of ours is public"}
    policy = parse({"version": 1, "roles": {"ops": {}}, "rule": [rule, never]}, source="policy")
    first, second = policy.rule
    assert about(first.match) == "deleting prod, up to 10 resources, at less than $100 a day"
    assert approval(first) == (
        "2 approvals by ops; somebody other than who asked; with a reason; typing the count; open for 15 min"
    )
    assert about(second.match) == "opening something to the public"
    assert approval(second) == "never: nothing of ours is public"
    assert changes_anything(policy)
