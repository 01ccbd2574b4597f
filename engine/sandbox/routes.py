"""The addresses of a vendor's API: which one a request asks for, and what each is called in our log."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request

from engine.sandbox.endpoint import Action

Handler = TypeVar("Handler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Generic[Handler]):
    """One address: `service` and `name` are what the log calls it, `permission` what the vendor asks for."""

    method: str
    path: re.Pattern[str]
    service: str
    name: str
    permission: str
    mutating: bool
    handler: Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Handler]):
    """The address that a request asks for, and the variable parts of its path."""

    route: Route[Handler]
    names: Mapping[str, str]

    def action(self, *, region: str, account: str) -> Action:
        """Return it in the words of the call log."""
        route = self.route
        return Action(service=route.service, name=route.name, region=region, mutating=route.mutating, account=account)


def find(routes: Sequence[Route[Handler]], method: str, path: str) -> Found[Handler] | None:
    """Return the first route that fits."""
    for route in routes:
        if route.method == method and (fits := route.path.fullmatch(path)) is not None:
            return Found(
                route=route, names={key: value for key, value in fits.groupdict().items() if value is not None}
            )
    return None


def unknown(request: Request) -> Action:
    """Return what the log calls a request that no route fits."""
    return Action(service="unknown", name=request.url.path, region="global", mutating=False, account="")
