"""Which addresses are on this machine: some settings are taken for those only."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def on_loopback(url: str) -> bool:
    """Say whether an address is on this machine."""
    try:
        return loopback_host(urlsplit(url).hostname or "")
    except ValueError:
        return False


def loopback_host(host: str) -> bool:
    """Say whether a host name or address is this machine's own."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
