"""The layer between the socket and moto: it asks the desk, then lets the call through, refuses it or breaks it."""

import socket
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from engine.sandbox.aws.errors import Trouble, WireError, form_of, wire_error
from engine.sandbox.aws.reading import Environ, is_dry_run, parameters, read
from engine.sandbox.gate import PREFIX, Desk, FaultKind, Incoming, Reply, Ruling

StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]
Page = Callable[[str, str, bytes], Reply | None]
Witness = Callable[[Incoming, dict[str, Any], str], None]

_TROUBLE = {
    FaultKind.THROTTLE: (Trouble.THROTTLED, "Rate exceeded"),
    FaultKind.DENY: (Trouble.DENIED, "the caller is not authorized to perform this operation"),
    FaultKind.ERROR500: (Trouble.BROKEN, "an internal error occurred"),
}


class Front:
    """A WSGI application around moto's.

    `knows` says whether an access key belongs to an account of the sandbox; moto itself would take an unknown one for
    its default account. `page` serves what this endpoint adds to the desk's own pages. `witness` is told of every change that
    was tried, with its parameters and its error code (empty: it was done).
    """

    def __init__(self, app: WsgiApp, desk: Desk, *, knows: Callable[[str], bool], page: Page, witness: Witness) -> None:
        self._app = app
        self._desk = desk
        self._knows = knows
        self._page = page
        self._witness = witness

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            return self._own_page(environ, start_response)
        # Moto lets a header choose the account; here only the access key does.
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)
        incoming = read(environ)
        stranger = bool(incoming.account) and not self._knows(incoming.account)
        ruling = Ruling() if stranger else self._desk.rule(incoming)
        asked = parameters(environ, incoming.service) if incoming.mutating else {}
        error = _refusal(environ, incoming, ruling, stranger=stranger)
        if error is not None:
            self._record(incoming, ruling, asked, status=error.status)
            return _send(error, start_response)
        if ruling.fault is FaultKind.DELAY:
            time.sleep(ruling.seconds)
        status, headers, body = self._pass_on(environ)
        self._record(incoming, ruling, asked, status=int(status.split()[0]))
        if ruling.fault is FaultKind.DROP_RESPONSE:
            _hang_up(environ)
        start_response(status, headers)
        return [body]

    def _record(self, incoming: Incoming, ruling: Ruling, asked: dict[str, Any], *, status: int) -> None:
        self._desk.record(incoming, ruling, status=status)
        if incoming.mutating:
            refused = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
            code = "" if status < HTTPStatus.BAD_REQUEST else "AccessDenied" if refused else "ClientError"
            self._witness(incoming, asked, code)

    def _pass_on(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        """Run moto to the end before anything is sent: a call is written down before its answer can be seen."""
        answer: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
            answer["status"], answer["headers"] = status, headers
            return lambda _: None

        chunks = self._app(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return answer["status"], answer["headers"], body

    def _own_page(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        reply = self._page(method, path, body) or self._desk.answer(method=method, path=path, query=query, body=body)
        if reply is None:  # the prefix was checked: the desk always answers
            raise LookupError(path)
        return _send(
            WireError(status=reply.status, content_type="application/json", body=reply.encoded()), start_response
        )


def _refusal(environ: Environ, incoming: Incoming, ruling: Ruling, *, stranger: bool) -> WireError | None:
    form = form_of(
        incoming.service,
        has_target="HTTP_X_AMZ_TARGET" in environ,
        has_form_body=environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"),
    )
    if stranger:
        return wire_error(Trouble.UNKNOWN_KEY, form, "The security token included in the request is invalid.")
    if ruling.refusal is not None:
        return wire_error(Trouble.DENIED_BY_GATE, form, ruling.refusal)
    if ruling.fault in _TROUBLE:
        trouble, message = _TROUBLE[ruling.fault]
        return wire_error(trouble, form, message)
    if is_dry_run(environ):  # moto does some of what it is only asked about
        return wire_error(Trouble.DRY_RUN, form, "Request would have succeeded, but DryRun flag is set.")
    return None


def _send(error: WireError, start_response: StartResponse) -> Iterable[bytes]:
    headers = [("Content-Type", error.content_type), ("Content-Length", str(len(error.body))), *error.headers]
    start_response(f"{error.status} {HTTPStatus(error.status).phrase}", headers)
    return [error.body]


def _hang_up(environ: Environ) -> None:
    """Close the connection without a byte; the server takes the exception for a client that went away."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the answer is dropped on purpose")
