"""How a bill can be cut: what its lines tell, at most two things at once. Pure values, the same for every cloud."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST_AT_ONCE = 2
"""Cost Explorer and Cost Management both group by two things at most."""


class CostDimension(StrEnum):
    """One thing that a line of a bill can tell."""

    SERVICE = "service"
    REGION = "region"
    TYPE = "type"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostGrouping:
    """What the lines of a bill tell.

    Attributes:
        dimensions: One or two.
        tag: The tag's key, when one of them is a tag.

    Raises:
        ValueError: More dimensions than a cloud tells at once, or a tag without its key.
    """

    dimensions: tuple[CostDimension, ...] = (CostDimension.SERVICE,)
    tag: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(set(self.dimensions)) == len(self.dimensions) <= MOST_AT_ONCE:
            raise ValueError(f"a bill is told by one or two things, not by {', '.join(self.dimensions) or 'none'}")
        if bool(self.tag) != (CostDimension.TAG in self.dimensions):
            raise ValueError("a tag is told by its key")


BY_SERVICE = CostGrouping()
NO_REGION = "no region"
"""Where money is spent that belongs to no place, such as a global service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What something cost in one account on one day, in US dollars (unblended).

    Attributes:
        service: As the bill calls it; empty when the bill was not asked for services.
        region: As the estate writes regions, or `NO_REGION`; empty when it was not asked for.
        type: The kind of thing in words (`EC2 instances`); empty when it was not asked for.
        tag: The value of the tag that was asked for; empty without that tag, and when none was asked for.
    """

    day: date
    account: str
    amount: float
    service: str = ""
    region: str = ""
    type: str = ""
    tag: str = ""
