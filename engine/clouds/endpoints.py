"""Where calls may go: the vendor, this machine, or elsewhere only when the settings say so."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Say whether a URL points to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_allowed(url: str, *, whose: str, custom_allowed: bool) -> None:
    """Accept an empty URL (the vendor), loopback, and others only when custom endpoints are allowed.

    Raises:
        ValueError: Naming `whose` endpoint it is and what to set.
    """
    if url and not custom_allowed and not is_loopback(url):
        raise ValueError(f"the endpoint of {whose} is not on loopback; set allow_custom_endpoints to allow it")
