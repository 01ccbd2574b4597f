"""SDK clients of one project: made once under a lock and kept.

A loopback endpoint gets anonymous credentials: real ones never go to an endpoint that is not Google's, unless custom endpoints
are allowed. Waiting for operations goes over `zone_operations`: what the SDK's own `operation.result()` polls is always the real host,
also where `api_endpoint` is set.
"""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from google.api_core import exceptions, retry
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud import compute_v1

from engine.clouds.endpoints import is_loopback, require_allowed
from engine.clouds.purpose import Purpose

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_MONITORING = "https://monitoring.googleapis.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpProjectSettings:
    """One project, with its credential source already resolved.

    Attributes:
        name: What the settings call it: `data`.
        project_id: The project's id.
        service_account_json: A service account key. Empty: the application default credentials (ambient).
        endpoint_url: Empty for Google itself.
        custom_endpoints: Whether an endpoint other than loopback is allowed.
    """

    name: str
    project_id: str
    service_account_json: str = field(default="", repr=False)
    endpoint_url: str = ""
    custom_endpoints: bool = False


# Time-out of one attempt in seconds, and of all attempts together.
_PATIENCE = {Purpose.READ: (30.0, 60.0), Purpose.QUICK_READ: (4.0, 5.0), Purpose.WRITE: (30.0, 0.0)}


def patience(purpose: Purpose) -> dict[str, Any]:
    """Return the options of a call: a write is attempted exactly once, a read again when the service was not there."""
    attempt, whole = _PATIENCE[purpose]
    if purpose is Purpose.WRITE:
        return {"timeout": attempt, "retry": None}
    again = retry.if_exception_type(exceptions.ServiceUnavailable, exceptions.InternalServerError)
    return {"timeout": attempt, "retry": retry.Retry(predicate=again, initial=0.2, maximum=2.0, timeout=whole)}


class GcpSession:
    """The clients of one project; safe to use from several threads."""

    def __init__(self, settings: GcpProjectSettings) -> None:
        require_allowed(
            settings.endpoint_url, whose=f"GCP project {settings.name}", custom_allowed=settings.custom_endpoints
        )
        self.settings = settings
        self._credentials: Any = None
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def instances(self) -> Any:
        """Return the client of instances."""
        return self._client(compute_v1.InstancesClient)

    def disks(self) -> Any:
        """Return the client of disks."""
        return self._client(compute_v1.DisksClient)

    def snapshots(self) -> Any:
        """Return the client of snapshots."""
        return self._client(compute_v1.SnapshotsClient)

    def machine_images(self) -> Any:
        """Return the client of machine images."""
        return self._client(compute_v1.MachineImagesClient)

    def machine_types(self) -> Any:
        """Return the client of machine types."""
        return self._client(compute_v1.MachineTypesClient)

    def zone_operations(self) -> Any:
        """Return the client of zone operations."""
        return self._client(compute_v1.ZoneOperationsClient)

    def http(self) -> Any:
        """Return a session that sends authorized requests to addresses that have no client here."""
        with self._lock:
            if "http" not in self._made:
                session = AuthorizedSession(self._credential())
                session.trust_env = not is_loopback(self.settings.endpoint_url)
                self._made["http"] = session
            return self._made["http"]

    @property
    def monitoring_url(self) -> str:
        """Where Cloud Monitoring is, without a slash at its end."""
        return (self.settings.endpoint_url or _MONITORING).rstrip("/")

    def _client(self, kind: Any) -> Any:
        with self._lock:
            if kind.__name__ not in self._made:
                self._made[kind.__name__] = self._create(kind)
            return self._made[kind.__name__]

    def _create(self, kind: Any) -> Any:
        endpoint = self.settings.endpoint_url
        options = ClientOptions(api_endpoint=endpoint) if endpoint else None
        client = kind(credentials=self._credential(), client_options=options)
        if is_loopback(endpoint):
            # No proxy stands before this machine, and no .netrc entry belongs to it; the SDK has no public switch for that.
            client.transport._session.trust_env = False  # noqa: SLF001 - see above
        return client

    def _credential(self) -> Any:
        if self._credentials is None:
            self._credentials = _credentials(self.settings)
        return self._credentials


def _credentials(settings: GcpProjectSettings) -> Any:
    if is_loopback(settings.endpoint_url):
        return AnonymousCredentials()
    if settings.service_account_json:
        from google.oauth2 import service_account  # noqa: PLC0415 - needed only with a key

        info = json.loads(settings.service_account_json)
        return service_account.Credentials.from_service_account_info(info, scopes=_SCOPES)
    import google.auth  # noqa: PLC0415 - looks at the machine's own credentials

    return google.auth.default(scopes=_SCOPES)[0]
