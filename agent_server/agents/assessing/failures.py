"""What the clouds' error codes come down to, and what helps against each sort.

Vendors have hundreds of codes; `failures.tsv` lists pieces of them by sort, and the first sort with a fitting piece wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Sort(StrEnum):
    """Why something was not done, by what one can do about it."""

    DENIED = "denied"
    CREDENTIALS = "credentials"
    QUOTA = "quota"
    THROTTLED = "throttled"
    NOT_FOUND = "not_found"
    IN_THE_WAY = "in_the_way"
    STATE = "state"
    DRIFT = "drift"
    NOT_VERIFIED = "not_verified"
    UNANSWERED = "unanswered"
    UNSENT = "unsent"
    INVALID = "invalid"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What to say of a sort, `{them}` being the things; what to do, and what one would type for it (`{r}`: the first of them)."""

    said: str
    text: str
    ask: str = ""


HELP: Mapping[Sort, Help] = {
    Sort.DENIED: Help(said="{them}: the credentials may not do this", text="Have {permission} granted to Escher's role there, then ask again; retrying now would fail the same way"),
    Sort.CREDENTIALS: Help(said="{them}: the credentials are expired or not valid", text="Renew the account's credentials, then ask again", ask="status"),
    Sort.QUOTA: Help(said="{them}: a quota or the capacity of the zone is used up", text="Ask the vendor for a higher quota, take another size or zone, or free something first"),
    Sort.THROTTLED: Help(said="{them}: the cloud asked for fewer calls", text="Wait a few minutes, then ask for the rest; nothing was done to these", ask="{again} {r}"),
    Sort.NOT_FOUND: Help(said="{them}: no longer there", text="Read the estate again, so that it is no longer listed", ask="sync"),
    Sort.IN_THE_WAY: Help(said="{them}: something still uses it or stands in the way", text="See what depends on it, take that away first, then ask again", ask="describe {r}"),
    Sort.STATE: Help(said="{them}: in a state that does not allow this", text="Look at its state now, and ask again when it has settled", ask="describe {r}"),
    Sort.DRIFT: Help(said="{them}: changed between approval and execution, so I did not touch it", text="Look at it, then ask again for a plan that knows the change", ask="describe {r}"),
    Sort.NOT_VERIFIED: Help(said="{them}: the call was taken, but the effect did not show in time", text="Look again in a minute; some changes take longer than I wait", ask="describe {r}"),
    Sort.UNANSWERED: Help(said="{them}: no answer came after the call was sent, so it may or may not be done", text="Check before anything is repeated", ask="describe {r}"),
    Sort.UNSENT: Help(said="{them}: the cloud could not be reached, nothing was sent", text="Ask again when the network is back", ask="{again} {r}"),
    Sort.INVALID: Help(said="{them}: the cloud found the request wrong", text="Repeating it does not help; say it with other values", ask="describe {r}"),
    Sort.OTHER: Help(said="{them}: failed for a reason I have no advice for", text="Read the log of the plan; the cloud's own words are there"),
}  # fmt: skip


def sort_of(code: str) -> Sort:
    """Return the sort of a vendor's error code."""
    low = code.lower().replace("-", "_").replace(" ", "")
    for sort, pieces in _pieces():
        if any(piece in low for piece in pieces):
            return sort
    return Sort.OTHER


@cache
def _pieces() -> tuple[tuple[Sort, tuple[str, ...]], ...]:
    table = resources.files(__package__).joinpath("failures.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:] if line)
    return tuple((Sort(sort), tuple(codes.split(", "))) for sort, codes in rows)
