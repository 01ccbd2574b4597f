"""What the server knows as data: complete, without doubles, and found by what it says of itself."""

from agent_server.agents.assessing.events import events
from agent_server.agents.helping.naming import mentioned
from agent_server.agents.helping.practices import fitting
from agent_server.contract.intent import Action, Intent, IntentKind
from agent_server.contract.types import names
from agent_server.knowledge.equivalents import equivalents
from agent_server.knowledge.practices import entries, practices


def test_at_least_ninety_concepts_have_a_name_on_each_cloud():
    """And a clause on what differs, and words that people use."""
    rows = equivalents()
    assert len(rows) >= 90
    for row in rows.values():
        assert set(row.names) == {"aws", "azure", "gcp"}
        assert all(row.names.values())
        assert row.differs[0].islower() or row.differs.split()[0][:1].isupper()
        assert not row.differs.endswith(".")
        assert len(row.words) >= 3


def test_each_concept_is_found_by_its_own_name():
    """The longest name in a text wins, so "security group" is no mere group."""
    for row in equivalents().values():
        found = mentioned(row.concept.lower())
        assert row.concept in [one.concept for one in found], row.concept


def test_at_least_eighty_practices_on_three_clouds_with_advice_reason_and_page():
    """Types exist, controls name framework, version and id, pages are the vendors'."""
    rows = practices()
    assert len(rows) >= 80
    for cloud in ("aws", "azure", "gcp"):
        assert sum(cloud in row.clouds for row in rows.values()) >= 25
    for row in rows.values():
        assert set(row.types) <= names(), row.id
        assert row.advice.endswith(".")
        assert 1 <= row.advice.count(". ") + 1 <= 4, row.id
        assert row.why.endswith(".")
        assert row.how
        assert row.source[1].startswith(
            ("https://docs.aws.amazon.com/", "https://learn.microsoft.com/", "https://cloud.google.com/")
        )
        assert all(one.framework and one.version and one.id for one in row.controls)


def test_each_practice_is_found_by_its_title():
    """At least nine of ten as the best, on their own cloud."""
    missed = []
    for row in practices().values():
        asked = Intent(
            intent=IntentKind.HELP, action=Action.HELP, clouds=list(row.clouds) if len(row.clouds) == 1 else []
        )
        if row.id not in [one.id for one in fitting(f"how do i {row.title.lower()}", asked)]:
            missed.append(row.id)
    assert len(missed) <= len(practices()) // 10, missed


def test_what_judgements_refer_to_exists():
    """Every practice that an event names."""
    named = {practice for row in events().values() for practice in row.practices}
    assert named <= set(practices())


def test_entries_can_be_found_by_the_one_search():
    """Key, text and clouds, for the common index."""
    every = entries()
    assert len({one.key for one in every}) == len(every)
    assert all(one.title and one.text for one in every)
