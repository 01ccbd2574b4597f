"""Who may ask the console anything: the right host, the right origin, an open session; and the headers of every answer.

Against DNS rebinding the `Host` must be ours to the letter. Against other sites in the same browser, whatever changes
something must carry our `Origin` and JSON, and the session cookie is `SameSite=Strict`. Against other users of the machine
there is the session itself, which only a one-time link opens.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.doors import Doors

_SAFE: Final = frozenset({"GET", "HEAD"})
_FORBIDDEN: Final = 403
_POLICY_VIOLATION: Final = 1008
_POLICIES: Final = (
    "adaptivecards#markdownPassthroughPolicy adaptivecards#restoreContentsPolicy "
    "adaptivecards#deprecatedExportedFunctionPolicy"
)
"""The policies that the renderer of cards makes when it loads; nothing else may turn text into markup."""

_SAME_SITE: Final = frozenset({"same-origin", "none"})


class Gate:
    """ASGI middleware in front of everything.

    Args:
        app: What is behind it.
        port: The port we listen on.
        doors: The open sessions.
    """

    def __init__(self, app: ASGIApp, *, port: int, doors: Doors) -> None:
        self._app = app
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._doors = doors
        self._cookie = cookie_name(port)
        self._headers = _headers(port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that may not pass; hand on one that may, with `session` in its state."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = self._reason_to_refuse(scope, headers)
        if reason:
            await self._refuse(reason, scope, receive, send)
            return
        session = _cookie(headers, self._cookie)
        scope.setdefault("state", {})["session"] = self._doors.knows(session)
        await self._app(scope, receive, self._with_headers(send))

    def _reason_to_refuse(self, scope: Scope, headers: Headers) -> str:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "This address is not the console's."
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if changes and headers.getlist("origin") != [f"http://{hosts[0]}"]:
            return "This request does not come from the console's own page."
        site = headers.get("sec-fetch-site", "none")
        if changes and site not in _SAME_SITE:
            return "This request comes from another site."
        return ""

    async def _refuse(self, reason: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})
            return
        await JSONResponse({"error": reason}, status_code=_FORBIDDEN)(scope, receive, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return sending


def cookie_name(port: int) -> str:
    """Return the name of the session cookie; cookies do not know ports, so the name does."""
    return f"escher_console_{port}"


def session_cookie(port: int, session: str) -> str:
    """Return the `Set-Cookie` value of a session; it ends with the browser."""
    return f"{cookie_name(port)}={session}; Path=/; HttpOnly; SameSite=Strict"


def has_session(connection: HTTPConnection) -> bool:
    """Say whether a request that passed the gate has an open session."""
    return bool(connection.scope["state"]["session"])


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _headers(port: int) -> dict[str, str]:
    sockets = f"ws://127.0.0.1:{port} ws://localhost:{port}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"require-trusted-types-for 'script'; trusted-types {_POLICIES}"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


__all__ = ["Gate", "cookie_name", "has_session", "session_cookie"]
