"""What the caller may do: the roles of its one principal, as `Microsoft.Authorization/permissions` lists them.

Source: https://learn.microsoft.com/rest/api/authorization/permissions. The principal is a Contributor
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged#contributor).
"""

from engine.estate.resource import Json

_CONTRIBUTOR: dict[str, Json] = {
    "actions": ["*"],
    "notActions": [
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Blueprint/blueprintAssignments/delete",
        "Microsoft.Compute/galleries/share/action",
        "Microsoft.Purview/consents/write",
        "Microsoft.Purview/consents/delete",
    ],
    "dataActions": [],
    "notDataActions": [],
}


def permissions() -> dict[str, Json]:
    """Return the permissions at any scope: the same role holds everywhere."""
    return {"value": [_CONTRIBUTOR]}
