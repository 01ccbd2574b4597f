"""Fetching a published script from where the registry says it lies, and believing nothing about it but its digest."""

import asyncio
import hashlib
import ipaddress
from urllib.parse import urlsplit

import httpx

from agent_server.contract.playbook import MOST_SCRIPT, ScriptLink
from engine.refusal import Refusal

_MOST_BYTES = 4 * MOST_SCRIPT
"""A character is at most four bytes of UTF-8."""
_SECONDS = 10.0
"""For all of it, however slowly it comes."""


async def fetch(link: ScriptLink, *, transport: httpx.AsyncBaseTransport | None = None) -> str | Refusal:
    """Return the script's text, or why it is not taken: from https or this machine only, whole, and with the promised digest.

    No token of ours goes with the request: a pre-signed address carries its own right.

    Args:
        link: Where it lies and what it must hash to.
        transport: For tests: another httpx transport.
    """
    if why := _unsafe(link.url):
        return _no(why)
    try:
        async with (
            asyncio.timeout(_SECONDS),
            httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False, transport=transport) as http,
            http.stream("GET", link.url, headers={"accept-encoding": "identity"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                return _no(f"its store answered {answer.status_code}")
            data = await _bounded(answer)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return _no(f"its store could not be reached ({type(error).__name__})")
    if data is None:
        return _no(f"it is larger than {_MOST_BYTES // 1024} KiB")
    if hashlib.sha256(data).hexdigest() != link.sha256:
        return _no("it is not what was published: its SHA-256 differs")
    return _text(data)


async def _bounded(answer: httpx.Response) -> bytes | None:
    """Return the body, or None as soon as it is too large, whatever its headers say."""
    data = b""
    async for piece in answer.aiter_raw():
        data += piece
        if len(data) > _MOST_BYTES:
            return None
    return data


def _text(data: bytes) -> str | Refusal:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _no("it is no text")
    return text if len(text) <= MOST_SCRIPT else _no(f"it is longer than {MOST_SCRIPT:,} characters")


def _unsafe(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "its address cannot be read"
    if parts.username or parts.password:
        return "its address carries a login"
    if parts.scheme == "https" and host:
        return ""
    return "" if parts.scheme == "http" and _is_loopback(host) else "its address is neither https nor on this machine"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _no(why: str) -> Refusal:
    return Refusal(code="playbook.script", message=f"I do not take that script: {why}.", doors=("show the playbook",))
