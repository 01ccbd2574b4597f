"""The name under which a tenant's things are stored.

Tenants come from tokens and may hold any letter; names of collections and keys may not. A tenant of plain letters and digits keeps its
name; any other gets a readable start and a piece of its SHA-256 after a dash, so that two tenants never share a name.
"""

import hashlib
import re

_PLAIN = re.compile(r"[a-z0-9]{1,40}")
_OTHER = re.compile(r"[^a-z0-9]+")
_MOST_START = 24


def stored_name(tenant: str) -> str:
    """Return a name of lower-case letters, digits and dashes that is this tenant's alone.

    Raises:
        ValueError: When there is no tenant.
    """
    if not tenant:
        raise ValueError("there is no tenant")
    if _PLAIN.fullmatch(tenant):
        return tenant
    start = _OTHER.sub("", tenant.lower())[:_MOST_START]
    return f"{start}-{hashlib.sha256(tenant.encode()).hexdigest()[:32]}"


def collection_of(tenant: str) -> str:
    """Return the name of a tenant's collection of playbooks."""
    return f"tenant_{stored_name(tenant)}_playbooks"
