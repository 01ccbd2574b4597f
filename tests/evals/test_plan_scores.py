"""Plans on the frozen estate touch what was asked for, and nothing else."""

from collections.abc import Mapping

import pytest

from agent_server.contract.types import names
from engine.clouds.catalog import catalog
from tests.evals.plans.frozen import accounts, keys
from tests.evals.plans.playing import Gold, Outcome, gold, play
from tests.evals.plans.score import difference, scored

pytestmark = [pytest.mark.xdist_group("plan_scores")]


@pytest.fixture(scope="module")
def found() -> Mapping[str, Outcome]:
    """What every request comes to."""
    return play(gold())


def test_nothing_is_touched_that_nobody_asked_for(found: Mapping[str, Outcome]) -> None:
    """No resource and no operation beyond the gold, in any request."""
    extra = [difference(one, found[one.id]) for one in gold() if found[one.id].touched - one.touched]
    assert not extra


def test_nearly_every_request_comes_to_exactly_its_gold(found: Mapping[str, Outcome]) -> None:
    """The same operations on the same things, or the question or refusal that was wanted."""
    figures = scored(gold(), found)
    wrong = [line for one in gold() if one.id in figures.wrong for line in difference(one, found[one.id])]
    assert figures.accuracy >= 0.95, "\n".join(wrong)


def test_no_reply_without_a_plan_is_without_words(found: Mapping[str, Outcome]) -> None:
    """Whoever gets no plan is told why."""
    assert all(one.words for one in found.values() if one.reply != "plan")


def test_the_gold_is_well_formed() -> None:
    """Every operation is in the catalogue, every thing in the estate, ids do not repeat, and there are enough of each."""
    requests, known = gold(), set(keys().values())
    operations = catalog().operations
    assert len(requests) >= 60
    assert len({one.id for one in requests}) == len(requests)
    assert len(known) >= 120
    for one in requests:
        assert one.reply in {"plan", "question", "refusal"}
        assert bool(one.touched) == (one.reply == "plan")
        assert {operation for operation, _ in one.touched} <= set(operations)
        assert {name for _, name in one.touched} <= known


def test_the_estate_is_of_three_clouds_and_known_kinds() -> None:
    """A kind without a word could not be asked for."""
    every = [
        one for account in accounts() for cell in account.cells() for one in account.scan(cell, deadline=1).resources
    ]
    assert {one.cloud.value for one in every} == {"aws", "azure", "gcp"}
    assert {one.type for one in every} <= names()


def test_a_thing_beyond_the_gold_counts_as_extra() -> None:
    """The figures would show it."""
    wanted = Gold(id="g", text="stop a", reply="plan", touched=frozenset({("aws.ec2.stop_instances", "a")}))
    more = Outcome(reply="plan", touched=wanted.touched | {("aws.ec2.stop_instances", "b")})
    figures = scored([wanted], {"g": more})
    assert (figures.exact, figures.extra, figures.missing) == (0, 1, 0)
