"""One request to the endpoint, taken apart, and the answers that can be given to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from engine.estate.resource import Json
from engine.sandbox.azure import errors
from engine.sandbox.azure.estate import Estate
from engine.sandbox.azure.operations import LongRunning, headers

PAGE_ITEMS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request for one route.

    Attributes:
        estate: What the endpoint holds.
        names: The variable parts of the path: `subscription`, `group`, `name`, …
        query: The query parameters.
        body: The JSON object that was sent, empty when there was none.
        if_match: The `If-Match` header, or empty.
        base: The endpoint's own address, without a slash at its end.
        path: The path as it was asked for.
    """

    estate: Estate
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Json]
    if_match: str
    base: str
    path: str

    @property
    def subscription(self) -> str:
        """The subscription in the path."""
        return self.names["subscription"]

    @property
    def api_version(self) -> str:
        """The version asked for."""
        return self.query["api-version"]

    def page(self, items: Sequence[Mapping[str, Json]]) -> Response:
        """Answer one page of a listing; `nextLink` leads to the rest.

        Raises:
            ArmError: 400 when the `$skiptoken` is not one of ours.
        """
        token = self.query.get("$skiptoken", "0")
        if not token.isdecimal():
            raise errors.invalid_parameter(f"The $skiptoken '{token}' is not valid.")
        begin = int(token)
        document: dict[str, Json] = {"value": list(items[begin : begin + PAGE_ITEMS])}
        if begin + PAGE_ITEMS < len(items):
            kept = "&".join(f"{key}={value}" for key, value in self.query.items() if key != "$skiptoken")
            document["nextLink"] = f"{self.base}{self.path}?{kept}&$skiptoken={begin + PAGE_ITEMS}"
        return JSONResponse(document)

    def accepted(
        self,
        operation: LongRunning,
        *,
        status: int = HTTPStatus.ACCEPTED,
        document: Mapping[str, Json] | None = None,
    ) -> Response:
        """Answer that a change was accepted and where to poll; with the resource when the method returns one."""
        addresses = dict(headers(operation, base=self.base, api_version=self.api_version))
        if document is None:
            return Response(status_code=status, headers=addresses)
        return JSONResponse(document, status_code=status, headers=addresses)
