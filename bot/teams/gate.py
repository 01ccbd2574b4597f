"""Who may speak to our route.

In production: the Bot Framework, for our app, about a tenant we allow. botframework-connector checks signature, issuer,
audience, expiry and service address; what it leaves open is closed here, before and after it. It would take tokens of the
Emulator and of skills from other issuers, a token without an expiry, and an activity without a service address.
In the try-out: Microsoft's Agents Playground on this machine, which signs nothing; a web page in a browser of this machine
is kept out by what it cannot avoid sending.
Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#step-4-verify-the-jwt-token
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import jwt

from bot.loopback import loopback_host, on_loopback
from bot.teams.activities import Activity
from bot.teams.options import TeamsOptions
from bot.teams.signing import CHANNEL

ISSUER: Final = "https://api.botframework.com"
_MOST_TOKEN: Final = 16_384


class Refused(Exception):
    """The request is not let in.

    Attributes:
        status: What to answer over HTTP.
    """

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Gate:
    """Lets requests in or refuses them.

    Args:
        options: Who is allowed.
    """

    def __init__(self, options: TeamsOptions) -> None:
        self._options = options

    def before(self, activity: Activity, headers: Mapping[str, str], client: str) -> str:
        """Check what can be checked before the signature; return the authorization for the SDK to check.

        Args:
            activity: What was sent.
            headers: With lower-case names.
            client: Address of the sender.

        Raises:
            Refused: It is not let in.
        """
        if activity.channel_id != CHANNEL:
            raise Refused(HTTPStatus.FORBIDDEN, "not from Teams")
        if not activity.service_url or not activity.recipient.id:
            raise Refused(HTTPStatus.FORBIDDEN, "no service address or recipient")
        if self._options.playground:
            _from_this_machine(activity, headers, client)
            return ""
        authorization = headers.get("authorization", "")
        _signed_by_the_channel(authorization)
        if not activity.tenants or not all(self._options.allows(tenant) for tenant in activity.tenants):
            raise Refused(HTTPStatus.FORBIDDEN, "a tenant that is not in teams.tenants")
        return authorization

    def after(self, activity: Activity, claims: Mapping[str, Any]) -> None:
        """Check the claims of a token whose signature held.

        Raises:
            Refused: It is not let in.
        """
        if self._options.playground:
            return
        expected = {"iss": ISSUER, "aud": self._options.app_id, "serviceurl": activity.service_url}
        for name, value in expected.items():
            if claims.get(name) != value:
                raise Refused(HTTPStatus.FORBIDDEN, f"the claim {name} is not ours")
        if not isinstance(claims.get("exp"), int):
            raise Refused(HTTPStatus.FORBIDDEN, "a token that never expires")


def _signed_by_the_channel(authorization: str) -> None:
    """Refuse whatever does not even say that it comes from the channel, whose issuer no other token has."""
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer" or not token or len(token) > _MOST_TOKEN:
        raise Refused(HTTPStatus.UNAUTHORIZED, "no bearer token")
    try:
        header = jwt.get_unverified_header(token)
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except jwt.PyJWTError as error:
        raise Refused(HTTPStatus.UNAUTHORIZED, "not a token") from error
    if issuer != ISSUER:
        raise Refused(HTTPStatus.FORBIDDEN, "a token of another issuer, such as the Emulator")
    if header.get("alg") != "RS256" or not header.get("kid"):
        raise Refused(HTTPStatus.FORBIDDEN, "a token signed in another way")


def _from_this_machine(activity: Activity, headers: Mapping[str, str], client: str) -> None:
    host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    if not loopback_host(client) or not loopback_host(host):
        raise Refused(HTTPStatus.FORBIDDEN, "the playground is open to this machine only")
    if "origin" in headers or not headers.get("content-type", "").startswith("application/json"):
        raise Refused(HTTPStatus.FORBIDDEN, "a web page may not speak to the playground's endpoint")
    if not on_loopback(activity.service_url):
        raise Refused(HTTPStatus.FORBIDDEN, "the playground answers on this machine only")
