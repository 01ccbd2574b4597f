"""One or more believable samples of every component, for golden files and for looking at; one kind of talk a file."""

from typing import Final

from blocks.components import Component
from tests.golden.card_samples import estate, execution, findings, money, plans, playbooks, standing, talk
from tests.golden.card_samples.plans import DIGEST

__all__ = ["DIGEST", "SAMPLES"]

SAMPLES: Final[dict[str, Component]] = {
    **talk.SAMPLES,
    **estate.SAMPLES,
    **plans.SAMPLES,
    **execution.SAMPLES,
    **money.SAMPLES,
    **findings.SAMPLES,
    **playbooks.SAMPLES,
    **standing.SAMPLES,
}
