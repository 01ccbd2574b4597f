"""One request to the endpoint, taken apart, and the answers that can be given to it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import JSONResponse, Response

from engine.estate.resource import Json
from engine.sandbox.gcp import errors
from engine.sandbox.gcp.estate import Estate
from engine.sandbox.gcp.links import link
from engine.sandbox.gcp.operations import ZoneOperation

DEFAULT_RESULTS = 500
MOST_RESULTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request for one route.

    Attributes:
        estate: What the endpoint holds.
        names: The variable parts of the path: `project`, `zone`, `name`, …
        query: The query parameters.
        body: The JSON object that was sent, empty when there was none.
        path: The path as it was asked for, from `projects/` on.
    """

    estate: Estate
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Json]
    path: str

    @property
    def project(self) -> str:
        """The project in the path."""
        return self.names["project"]

    @property
    def zone(self) -> str:
        """The zone in the path."""
        return self.names["zone"]

    @property
    def request_id(self) -> str:
        """The caller's idempotency key, or empty."""
        return self.query.get("requestId", "")

    def window(self) -> tuple[int, int]:
        """Return where the page begins and ends: `maxResults` (at most 500) items after `pageToken`.

        Raises:
            ComputeError: 400 for a filter, a number or a token that cannot be used.
        """
        if self.query.get("filter"):
            raise errors.invalid("filter", self.query["filter"], "Invalid list filter expression.")
        wanted = self.query.get("maxResults", str(DEFAULT_RESULTS))
        if not wanted.isdecimal() or int(wanted) > MOST_RESULTS:
            raise errors.invalid("maxResults", wanted, f"Values must be within the range: [0, {MOST_RESULTS}]")
        begin = 0
        if token := self.query.get("pageToken"):
            begin = _place(token)
        return begin, begin + (int(wanted) or DEFAULT_RESULTS)

    def unfiltered(self) -> "Call":
        """Return the same call without its filter, which has been applied."""
        return replace(self, query={key: value for key, value in self.query.items() if key != "filter"})

    def page(self, kind: str, items: Sequence[Mapping[str, Json]]) -> Response:
        """Answer one page of a listing; `nextPageToken` leads to the rest."""
        begin, end = self.window()
        document: dict[str, Json] = {"kind": kind, "id": self.path, "selfLink": link(self.path)}
        if items[begin:end]:
            document["items"] = list(items[begin:end])
        if end < len(items):
            document["nextPageToken"] = _token(end)
        return JSONResponse(document)

    def aggregated(self, kind: str, member: str, items: Sequence[tuple[str, Mapping[str, Json]]]) -> Response:
        """Answer one page of a listing over all zones; a zone with nothing on the page carries a warning.

        Args:
            kind: `compute#instanceAggregatedList`.
            member: What a scope's list is called: `instances`.
            items: Pairs of zone and body, in the order of the zones.
        """
        begin, end = self.window()
        held: dict[str, list[Json]] = {zone: [] for zone in self.estate.zones}
        for zone, item in items[begin:end]:
            held[zone].append(item)
        scopes: dict[str, Json] = {}
        for zone, found in held.items():
            scopes[f"zones/{zone}"] = {member: found} if found else {"warning": _nothing(f"zones/{zone}")}
        document: dict[str, Json] = {"kind": kind, "id": self.path, "items": scopes, "selfLink": link(self.path)}
        if end < len(items):
            document["nextPageToken"] = _token(end)
        return JSONResponse(document)

    def operation(self, operation: ZoneOperation) -> Response:
        """Answer how a change stands."""
        return JSONResponse(operation.document(self.estate.clock()))


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"next:{place}".encode()).decode()


def _place(token: str) -> int:
    try:
        kind, _, place = base64.urlsafe_b64decode(token).decode().partition(":")
        if kind == "next":
            return int(place)
    except ValueError:
        pass
    raise errors.invalid("pageToken", token, "The page token is invalid.")


def _nothing(scope: str) -> dict[str, Json]:
    return {
        "code": "NO_RESULTS_ON_PAGE",
        "message": f"There are no results for scope '{scope}' on this page.",
        "data": [{"key": "scope", "value": scope}],
    }
