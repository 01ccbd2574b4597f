"""The ten states of a playbook: who sees it, how high it stands, and what may follow what."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.contract import lifecycle
from agent_server.contract.lifecycle import Actor, Rank
from agent_server.contract.playbook import PlaybookStatus, StorageStrategy
from agent_server.registry.tenancy import collection_of, stored_name

S = PlaybookStatus
SEED = {
    S.DRAFT: Rank.HIDDEN,
    S.READY: Rank.HIDDEN,
    S.ACTIVE: Rank.HIGH,
    S.DEPRECATED: Rank.WARNED,
    S.ARCHIVED: Rank.HIDDEN,
    S.PENDING_REVIEW: Rank.VERY_LOW,
    S.APPROVED: Rank.HIGH,
    S.REJECTED: Rank.HIDDEN,
    S.BROKEN: Rank.HIDDEN,
    S.NEEDS_UPDATE: Rank.MEDIUM,
}
ALLOWED = {
    (S.DRAFT, S.READY, Actor.AUTHOR),
    (S.DRAFT, S.ARCHIVED, Actor.AUTHOR),
    (S.READY, S.DRAFT, Actor.AUTHOR),
    (S.READY, S.PENDING_REVIEW, Actor.AUTHOR),
    (S.READY, S.ACTIVE, Actor.AUTHOR),
    (S.READY, S.ARCHIVED, Actor.AUTHOR),
    (S.PENDING_REVIEW, S.APPROVED, Actor.REVIEWER),
    (S.PENDING_REVIEW, S.REJECTED, Actor.REVIEWER),
    (S.PENDING_REVIEW, S.ARCHIVED, Actor.AUTHOR),
    (S.APPROVED, S.ACTIVE, Actor.AUTHOR),
    (S.APPROVED, S.ACTIVE, Actor.SYSTEM),
    (S.APPROVED, S.DEPRECATED, Actor.AUTHOR),
    (S.APPROVED, S.DEPRECATED, Actor.SYSTEM),
    (S.APPROVED, S.NEEDS_UPDATE, Actor.AUTHOR),
    (S.APPROVED, S.BROKEN, Actor.AUTHOR),
    (S.APPROVED, S.ARCHIVED, Actor.AUTHOR),
    (S.REJECTED, S.ARCHIVED, Actor.AUTHOR),
    (S.ACTIVE, S.DEPRECATED, Actor.AUTHOR),
    (S.ACTIVE, S.DEPRECATED, Actor.SYSTEM),
    (S.ACTIVE, S.NEEDS_UPDATE, Actor.AUTHOR),
    (S.ACTIVE, S.BROKEN, Actor.AUTHOR),
    (S.ACTIVE, S.ARCHIVED, Actor.AUTHOR),
    (S.DEPRECATED, S.ACTIVE, Actor.AUTHOR),
    (S.DEPRECATED, S.BROKEN, Actor.AUTHOR),
    (S.DEPRECATED, S.ARCHIVED, Actor.AUTHOR),
    (S.NEEDS_UPDATE, S.ACTIVE, Actor.AUTHOR),
    (S.NEEDS_UPDATE, S.DEPRECATED, Actor.AUTHOR),
    (S.NEEDS_UPDATE, S.DEPRECATED, Actor.SYSTEM),
    (S.NEEDS_UPDATE, S.BROKEN, Actor.AUTHOR),
    (S.NEEDS_UPDATE, S.ARCHIVED, Actor.AUTHOR),
    (S.BROKEN, S.NEEDS_UPDATE, Actor.AUTHOR),
    (S.BROKEN, S.ARCHIVED, Actor.AUTHOR),
}


class TestStates:
    def test_every_state_is_in_the_table(self) -> None:
        """Ten states, ten rows."""
        assert set(lifecycle.STATES) == set(S)
        assert len(S) == 10

    @pytest.mark.parametrize("status", S)
    def test_a_state_stands_as_high_as_the_product_says(self, status: S) -> None:
        """Rank and visibility are those of the product's table; what is seen with less than a high rank carries a warning."""
        state = lifecycle.STATES[status]
        assert state.rank is SEED[status]
        assert state.visible == (SEED[status] is not Rank.HIDDEN)
        assert bool(state.warning) == (state.rank in {Rank.WARNED, Rank.VERY_LOW, Rank.MEDIUM})
        assert state.local == (status in {S.DRAFT, S.READY})

    def test_better_ranks_weigh_more(self) -> None:
        """High before medium before a warning before very low before hidden."""
        weights = [lifecycle.WEIGHT[rank] for rank in Rank]
        assert weights == sorted(weights, reverse=True)
        assert len(set(weights)) == len(Rank)

    def test_what_a_search_finds(self) -> None:
        """Five states are found, five are not."""
        assert set(lifecycle.visible()) == {S.ACTIVE, S.APPROVED, S.NEEDS_UPDATE, S.DEPRECATED, S.PENDING_REVIEW}


class TestTransitions:
    def test_exactly_these_moves_are_allowed(self) -> None:
        """Each of the three hundred combinations is allowed or refused as written down here."""
        found = {each for each in itertools.product(S, S, Actor) if lifecycle.may(*each)}
        assert found == ALLOWED

    @pytest.mark.parametrize(("before", "after", "actor"), list(itertools.product(S, S, Actor)))
    def test_a_refused_move_is_explained_and_an_allowed_one_is_not(self, before: S, after: S, actor: Actor) -> None:
        """The sentence names both states."""
        why = lifecycle.why_not(before, after, actor)
        assert bool(why) != lifecycle.may(before, after, actor)
        if why:
            assert before.value.replace("_", " ") in why
            assert after.value.replace("_", " ") in why

    def test_a_refused_move_says_who_could_and_what_else_there_is(self) -> None:
        """Of an approval, that it takes the reviewer; of a state that cannot follow, what can."""
        assert "takes the reviewer" in lifecycle.why_not(S.PENDING_REVIEW, S.APPROVED, Actor.AUTHOR)
        assert "archived" in lifecycle.why_not(S.REJECTED, S.ACTIVE, Actor.AUTHOR)

    def test_what_was_uploaded_is_never_a_draft_again(self) -> None:
        """A version does not change: no state of the registry leads to a local one."""
        for status, state in lifecycle.STATES.items():
            if not state.local:
                assert not any(lifecycle.STATES[after].local for after in lifecycle.next_states(status))

    def test_an_archived_playbook_stays_archived(self) -> None:
        """The end is the end."""
        assert lifecycle.next_states(S.ARCHIVED) == frozenset()

    def test_every_state_can_be_reached_and_left_for_the_archive(self) -> None:
        """From a draft every state can be reached, and from every state the archive."""
        assert reached(S.DRAFT) | {S.DRAFT} == set(S)
        assert all(S.ARCHIVED in reached(status) for status in S if status is not S.ARCHIVED)

    @given(moves=st.lists(st.sampled_from([(after, actor) for after in S for actor in Actor]), max_size=40))
    def test_nothing_under_review_becomes_active_unapproved(self, moves: list[tuple[S, Actor]]) -> None:
        """Whatever anybody tries, in any order, `approved` lies between `pending_review` and `active`."""
        held = [S.PENDING_REVIEW]
        for after, actor in moves:
            if lifecycle.may(held[-1], after, actor):
                held.append(after)
        if S.ACTIVE in held:
            assert S.APPROVED in held[: held.index(S.ACTIVE)]

    def test_without_the_reviewer_a_review_leads_nowhere_but_the_archive(self) -> None:
        """Taking `approved` away from the graph takes every way to `active` away."""
        assert reached(S.PENDING_REVIEW, without=S.APPROVED) == {S.REJECTED, S.ARCHIVED}


def reached(start: S, *, without: S | None = None) -> set[S]:
    """Every state that can follow, however late."""
    found: set[S] = set()
    ahead = [start]
    while ahead:
        new = lifecycle.next_states(ahead.pop()) - found - {without}
        found |= new
        ahead.extend(new)
    return found


class TestStrategies:
    def test_only_uploads_begin_in_the_registry(self) -> None:
        """What is local, and what is the library's own, is never uploaded."""
        assert lifecycle.UPLOADED == {
            StorageStrategy.UPLOADED_FOR_REVIEW: S.PENDING_REVIEW,
            StorageStrategy.UPLOADED_TRUSTED: S.ACTIVE,
        }


class TestTenants:
    @given(one=st.text(min_size=1, max_size=128), other=st.text(min_size=1, max_size=128))
    def test_two_tenants_never_share_a_name(self, one: str, other: str) -> None:
        """Names that only differ in case or in signs stay apart."""
        assert (stored_name(one) == stored_name(other)) == (one == other)

    @pytest.mark.parametrize(
        "tenant", ["acme", "sub:runner-1", "../../etc", "ACME", "acme_playbooks", "é" * 128, "a" * 41]
    )
    def test_a_name_holds_nothing_that_could_lead_elsewhere(self, tenant: str) -> None:
        """Letters, digits and dashes only, and short."""
        name = stored_name(tenant)
        assert name.replace("-", "").isalnum()
        assert name.isascii()
        assert name == name.lower()
        assert len(name) <= 60
        assert collection_of(tenant) == f"tenant_{name}_playbooks"

    @pytest.mark.parametrize("tenant", ["acme", "acme-1", "ACME"])
    def test_a_name_made_for_one_tenant_is_not_free_for_another(self, tenant: str) -> None:
        """Who is called what another is stored as gets another name still."""
        assert stored_name(stored_name(tenant)) != stored_name(tenant) or stored_name(tenant) == tenant

    def test_no_tenant_has_no_name(self) -> None:
        """Nothing is stored for nobody."""
        with pytest.raises(ValueError, match="no tenant"):
            stored_name("")
