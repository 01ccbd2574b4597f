"""Whether the credentials may do something: the caller's effective permissions at the resource.

Source: https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource and
https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions (what matches `actions` and not `notActions` of one
role is granted, `*` stands for anything). A lock or a policy may still say no, which only the call itself shows; whatever cannot
be read is `unknown`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from azure.core.exceptions import AzureError
from azure.core.rest import HttpRequest

from engine.clouds.azure.operations import OPERATIONS
from engine.clouds.azure.session import AzureSession
from engine.clouds.purpose import Purpose
from engine.estate.resource import Permitted, Resource

METHOD = "azure-permissions"
UNKNOWN = (Permitted.UNKNOWN, "none")
_API_VERSION = "2022-04-01"
_NEEDED = {operation.id: operation.permissions for operation in OPERATIONS}


def ask(session: AzureSession, operation: str, resource: Resource) -> tuple[Permitted, str]:
    """Return what is known and the method that says so: `azure-permissions` or `none`. Never raises."""
    if operation not in _NEEDED:
        return UNKNOWN
    try:
        roles = _roles(session, resource.id)
    except (AzureError, OSError, ValueError, KeyError):
        return UNKNOWN
    granted = all(any(_grants(role, action) for role in roles) for action in _NEEDED[operation])
    return Permitted.ALLOWED if granted else Permitted.DENIED, METHOD


def _roles(session: AzureSession, scope: str) -> list[Mapping[str, Any]]:
    client = session.compute(Purpose.QUICK_READ)
    url = f"{{endpoint}}{scope}/providers/Microsoft.Authorization/permissions?api-version={_API_VERSION}"
    roles: list[Mapping[str, Any]] = []
    while url:
        answer = client.send_request(HttpRequest("GET", url))
        answer.raise_for_status()
        document = answer.json()
        roles.extend(document["value"])
        url = document.get("nextLink") or ""
    return roles


def _grants(role: Mapping[str, Any], action: str) -> bool:
    return _matches(role.get("actions") or (), action) and not _matches(role.get("notActions") or (), action)


def _matches(patterns: Sequence[str], action: str) -> bool:
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE) is not None for pattern in patterns
    )
