"""A bill of Cost Management is read page by page, and not for ever."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from engine.clouds.azure.cost import daily_costs
from engine.clouds.billing import BY_SERVICE
from engine.clouds.errors import Invalid

PAGES = 25


@dataclass(frozen=True, slots=True)
class Page:
    """An answer with one line of a dollar."""

    link: str

    def raise_for_status(self) -> None:
        """Be a good answer."""

    def json(self) -> dict[str, Any]:
        """Return it as the service writes it."""
        columns = [{"name": name} for name in ("CostUSD", "UsageDate", "ServiceName", "Currency")]
        return {
            "properties": {
                "columns": columns,
                "rows": [[1.0, 20260314, "Storage", "USD"]],
                "nextLink": self.link,
            }
        }


@dataclass(slots=True)
class Pages:
    """A session whose bill has so many pages."""

    many: int
    asked: list[str] = field(default_factory=list)

    def compute(self, purpose: object) -> "Pages":
        """Return the client, which is this one."""
        del purpose
        return self

    def send_request(self, request: Any) -> Page:
        """Return the next page, with a link to the one after it while there is one."""
        self.asked.append(request.url)
        if len(self.asked) > 2 * PAGES:
            pytest.fail("it is read for ever")
        return Page(link=f"https://management.azure.com/next/{len(self.asked)}" if len(self.asked) < self.many else "")


def bill(pages: Pages) -> float:
    """What the whole bill comes to."""
    days = {"start": date(2026, 3, 1), "end": date(2026, 3, 15)}
    return sum(one.amount for one in daily_costs(pages, "5f0c", **days, grouping=BY_SERVICE))


@pytest.mark.parametrize("many", [1, 3, PAGES])
def test_every_page_counts(many):
    """The link of one leads to the next, and the last has none."""
    pages = Pages(many)
    assert bill(pages) == many
    assert len(set(pages.asked)) == many


def test_a_bill_without_an_end_is_refused_and_not_told_in_part():
    """As one of Cost Explorer is: a part would look like the whole."""
    pages = Pages(1_000_000)
    with pytest.raises(Invalid, match="more than 25 pages of Cost Management"):
        bill(pages)
    assert len(pages.asked) == PAGES
