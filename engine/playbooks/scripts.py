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


async def fetch(
    link: ScriptLink, *, local: bool = False, transport: httpx.AsyncBaseTransport | None = None
) -> str | Refusal:
    """Return the script's text, or why it is not taken: from https only, whole, and with the promised digest.

    No token of ours goes with the request: a pre-signed address carries its own right.

    Args:
        link: Where it lies and what it must hash to.
        local: Whether the registry is on this machine; then its store may be, too. Any other may not have this machine's own services asked.
        transport: For tests: another httpx transport.
    """
    if why := _unsafe(link.url, local=local):
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


def _unsafe(url: str, *, local: bool) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "its address cannot be read"
    if parts.username or parts.password:
        return "its address carries a login"
    if is_loopback(host):
        return (
            ""
            if local and parts.scheme in {"http", "https"}
            else "its address is on this machine, and the registry is not"
        )
    return "" if parts.scheme == "https" and host else "its address is not https"


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, by its name or address alone; the unspecified address leads there, too."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return bool(plain.is_loopback or plain.is_unspecified)


def _no(why: str) -> Refusal:
    return Refusal(code="playbook.script", message=f"I do not take that script: {why}.", doors=("show the playbook",))
