"""The one table of a playbook's life says what the product's description says."""

import pytest

from agent_server.contract.lifecycle import STATES, UPLOADED, WEIGHT, Actor, Rank, may, next_states, why_not
from agent_server.contract.playbook import PlaybookStatus, StorageStrategy

S = PlaybookStatus


def test_every_state_has_its_row():
    """Ten states, none forgotten."""
    assert set(STATES) == set(S)
    assert len(STATES) == 10


@pytest.mark.parametrize(
    ("state", "rank", "warned"),
    [
        (S.DRAFT, Rank.HIDDEN, False),
        (S.READY, Rank.HIDDEN, False),
        (S.ACTIVE, Rank.HIGH, False),
        (S.DEPRECATED, Rank.WARNED, True),
        (S.ARCHIVED, Rank.HIDDEN, False),
        (S.PENDING_REVIEW, Rank.VERY_LOW, True),
        (S.APPROVED, Rank.HIGH, False),
        (S.REJECTED, Rank.HIDDEN, False),
        (S.BROKEN, Rank.HIDDEN, False),
        (S.NEEDS_UPDATE, Rank.MEDIUM, True),
    ],
)
def test_a_search_treats_each_state_as_described(state, rank, warned):
    """Active and approved rank high, a pending one very low, a broken one never shows; what is found and not in order warns."""
    assert STATES[state].rank is rank
    assert bool(STATES[state].warning) == warned
    assert STATES[state].visible == (WEIGHT[rank] > 0)


def test_only_a_reviewer_approves_or_rejects():
    """Approved and rejected follow a pending review alone, and take the reviewer."""
    for state in S:
        for reviewed in (S.APPROVED, S.REJECTED):
            assert not may(state, reviewed, Actor.AUTHOR)
            assert not may(state, reviewed, Actor.SYSTEM)
            assert may(state, reviewed, Actor.REVIEWER) == (state is S.PENDING_REVIEW)


def test_what_failed_its_review_never_becomes_active():
    """From rejected one gets to the archive and nowhere else; a mended playbook is another version."""
    assert next_states(S.REJECTED) == {S.ARCHIVED}
    assert next_states(S.ARCHIVED) == frozenset()
    assert not may(S.PENDING_REVIEW, S.ACTIVE, Actor.AUTHOR)


def test_a_refused_move_says_what_could_be_done():
    """The sentence names who could, or what it can become."""
    assert "takes the reviewer" in why_not(S.PENDING_REVIEW, S.APPROVED, Actor.AUTHOR)
    assert "archived" in why_not(S.REJECTED, S.ACTIVE, Actor.AUTHOR)
    assert why_not(S.DRAFT, S.READY, Actor.AUTHOR) == ""


def test_uploads_begin_where_their_strategy_puts_them():
    """For review: waiting; trusted: active; the other two are never uploaded."""
    assert UPLOADED == {
        StorageStrategy.UPLOADED_FOR_REVIEW: S.PENDING_REVIEW,
        StorageStrategy.UPLOADED_TRUSTED: S.ACTIVE,
    }
