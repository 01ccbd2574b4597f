"""What Compute Engine says when it says no: status and body as the vendor sends them.

Sources: https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-api-errors (shape and reasons) and
https://cloud.google.com/compute/api-quota (a used-up rate quota is status 403 with the reason `rateLimitExceeded`, not 429).
"""

from collections.abc import Mapping
from http import HTTPStatus

from engine.estate.resource import Json

PRINCIPAL = "escher-runner@acme-data.iam.gserviceaccount.com"


class ComputeError(Exception):
    """A refusal of the endpoint.

    Attributes:
        status: The HTTP status.
        reason: The vendor's reason, such as `notFound`.
        message: The vendor's sentence.
        domain: `global`, or `usageLimits` for quotas.
        more: Further members of the inner error, such as `location`.
        info: The `google.rpc.ErrorInfo` reason, for quotas.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        more: Mapping[str, Json] | None = None,
        info: str = "",
    ) -> None:
        super().__init__(f"{reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.more = dict(more or {})
        self.info = info

    def body(self) -> dict[str, Json]:
        """Return the error document."""
        inner: dict[str, Json] = {"message": self.message, "domain": self.domain, "reason": self.reason, **self.more}
        error: dict[str, Json] = {"code": int(self.status), "message": self.message, "errors": [inner]}
        if self.info:
            error["status"] = "PERMISSION_DENIED"
            error["details"] = [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": self.info,
                    "domain": "googleapis.com",
                    "metadata": {"service": "compute.googleapis.com", "quota_limit_value": "1500"},
                }
            ]
        return {"error": error}


def not_found(resource: str) -> ComputeError:
    """No such thing; `resource` is its path from `projects/` on."""
    return ComputeError(HTTPStatus.NOT_FOUND, "notFound", f"The resource '{resource}' was not found")


def path_not_served(path: str) -> ComputeError:
    """An address that this endpoint does not have."""
    return ComputeError(HTTPStatus.NOT_FOUND, "notFound", f"The requested URL {path} was not found on this server.")


def exists(resource: str) -> ComputeError:
    """Something of this name is already there."""
    return ComputeError(HTTPStatus.CONFLICT, "alreadyExists", f"The resource '{resource}' already exists")


def invalid(field: str, value: str, reason: str) -> ComputeError:
    """A field of the request cannot be used."""
    return ComputeError(HTTPStatus.BAD_REQUEST, "invalid", f"Invalid value for field '{field}': '{value}'. {reason}")


def not_ready(resource: str) -> ComputeError:
    """The thing is in a state that does not allow this."""
    return ComputeError(HTTPStatus.BAD_REQUEST, "resourceNotReady", f"The resource '{resource}' is not ready")


def stale_labels() -> ComputeError:
    """The fingerprint is not that of the present labels."""
    return ComputeError(
        HTTPStatus.PRECONDITION_FAILED,
        "conditionNotMet",
        "Labels fingerprint either invalid or resource labels have changed",
        more={"location": "If-Match", "locationType": "header"},
    )


def denied(permission: str, resource: str) -> ComputeError:
    """The caller lacks `permission`, such as `compute.instances.stop`."""
    return ComputeError(HTTPStatus.FORBIDDEN, "forbidden", f"Required '{permission}' permission for '{resource}'")


def throttled() -> ComputeError:
    """A rate quota of the project is used up."""
    return ComputeError(
        HTTPStatus.FORBIDDEN,
        "rateLimitExceeded",
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'compute.googleapis.com' for "
        "consumer 'project_number:210987654321'.",
        domain="usageLimits",
        info="RATE_LIMIT_EXCEEDED",
    )


def broken() -> ComputeError:
    """The service itself failed."""
    return ComputeError(
        HTTPStatus.INTERNAL_SERVER_ERROR, "backendError", "Internal error. Please try again or contact Google Support."
    )
