"""What Azure Resource Manager says when it says no: status, headers and body as the vendor sends them.

Sources: the error shape `{"error": {"code", "message"}}` is the ARM resource provider contract
(https://github.com/cloud-and-ai-microsoft/resource-provider-contract/blob/master/v1.0/common-api-details.md#error-response-content);
codes from https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors and
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from engine.estate.resource import Json

PRINCIPAL = "escher-runner"
OBJECT_ID = "0d7a6a10-6c51-4f3f-9d6b-51c7a8f3b1aa"


class ArmError(Exception):
    """A refusal of the endpoint.

    Attributes:
        status: The HTTP status.
        code: The vendor's code, such as `ResourceNotFound`.
        message: The vendor's sentence.
        details: Inner errors, each with `code` and `message`.
        headers: What is sent beside the body, such as `Retry-After`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[Mapping[str, Json]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Json]:
        """Return the error document."""
        error: dict[str, Json] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    """No such resource; `kind` is `Microsoft.Compute/virtualMachines`."""
    return ArmError(
        HTTPStatus.NOT_FOUND,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
        headers={"x-ms-failure-cause": "gateway"},
    )


def group_not_found(group: str) -> ArmError:
    """No such resource group."""
    return ArmError(
        HTTPStatus.NOT_FOUND,
        "ResourceGroupNotFound",
        f"Resource group '{group}' could not be found.",
        headers={"x-ms-failure-cause": "gateway"},
    )


def subscription_not_found(subscription: str) -> ArmError:
    """No such subscription, or none that the caller sees: ARM does not tell these apart."""
    return ArmError(
        HTTPStatus.NOT_FOUND, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found."
    )


def operation_not_found(operation: str) -> ArmError:
    """No such long-running operation."""
    return ArmError(HTTPStatus.NOT_FOUND, "NotFound", f"The entity was not found: operation '{operation}'.")


def path_not_served(path: str) -> ArmError:
    """A resource type that this endpoint does not have."""
    return ArmError(
        HTTPStatus.NOT_FOUND, "InvalidResourceType", f"The resource type could not be found in the path '{path}'."
    )


def missing_api_version() -> ArmError:
    """ARM serves nothing without an api-version."""
    return ArmError(
        HTTPStatus.BAD_REQUEST,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
        headers={"x-ms-failure-cause": "gateway"},
    )


def invalid_parameter(message: str) -> ArmError:
    """A request that cannot be carried out as written."""
    return ArmError(HTTPStatus.BAD_REQUEST, "InvalidParameter", message)


def denied(action: str, scope: str) -> ArmError:
    """The caller's roles do not hold `action`, such as `Microsoft.Compute/virtualMachines/start/action`."""
    return ArmError(
        HTTPStatus.FORBIDDEN,
        "AuthorizationFailed",
        f"The client '{PRINCIPAL}' with object id '{OBJECT_ID}' does not have authorization to perform action '{action}' "
        f"over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        headers={"x-ms-failure-cause": "gateway"},
    )


def throttled(seconds: int) -> ArmError:
    """The token bucket of Compute is empty; `seconds` until it has refilled."""
    return ArmError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "TooManyRequests",
        "The request is being throttled as the limit has been reached for operation type - "
        f"VirtualMachinesRequests. For more information, see - https://aka.ms/csprgthrottling. Please try again after "
        f"'{seconds}' seconds.",
        headers={"Retry-After": str(seconds), "x-ms-ratelimit-remaining-subscription-reads": "0"},
    )


def graph_throttled(seconds: int) -> ArmError:
    """Resource Graph's quota of 15 queries in 5 seconds is used up.

    Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests.
    """
    return ArmError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "RateLimiting",
        "Please provide below info when asking for support: timestamp = 2026-01-01T00:00:00.0000000Z, "
        "correlationId = 00000000-0000-0000-0000-000000000000.",
        details=(
            {
                "code": "RateLimiting",
                "message": "Client application has been throttled and should not attempt to repeat the request until an "
                "amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.",
            },
        ),
        headers={
            "Retry-After": str(seconds),
            "x-ms-user-quota-remaining": "0",
            "x-ms-user-quota-resets-after": f"00:00:{seconds:02d}",
        },
    )


def invalid_query(reason: str) -> ArmError:
    """Resource Graph could not read the query; `reason` names the place."""
    return ArmError(
        HTTPStatus.BAD_REQUEST,
        "BadRequest",
        "Please provide below info when asking for support: timestamp = 2026-01-01T00:00:00.0000000Z, "
        "correlationId = 00000000-0000-0000-0000-000000000000.",
        details=(
            {
                "code": "InvalidQuery",
                "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and "
                "fix the error before retrying.",
            },
            {"code": "ParserFailure", "message": reason},
        ),
    )


def conflict() -> ArmError:
    """Another operation holds the resource."""
    return ArmError(
        HTTPStatus.CONFLICT,
        "Conflict",
        "The request failed due to conflict with a concurrent request. To resolve it, please refer to "
        "https://aka.ms/activitylog to get more details on the conflicting requests.",
    )


def disk_in_use(disk: str, machine: str) -> ArmError:
    """A disk cannot be deleted while a machine has it."""
    return ArmError(
        HTTPStatus.CONFLICT,
        "OperationNotAllowed",
        f"Disk {disk} is attached to VM {machine}.",
    )


def not_running() -> ArmError:
    """The operation needs a machine that runs."""
    return ArmError(
        HTTPStatus.CONFLICT,
        "OperationNotAllowed",
        "The operation requires the VM to be running (or set to run).",
    )


def precondition_failed(expected: str) -> ArmError:
    """`If-Match` named a version that is no longer the present one."""
    return ArmError(
        HTTPStatus.PRECONDITION_FAILED,
        "PreconditionFailed",
        f"The condition specified using HTTP conditional header(s) is not met: the etag {expected} is not the present one.",
    )


def broken() -> ArmError:
    """The service itself failed."""
    return ArmError(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerError", "An internal server error occurred.")
