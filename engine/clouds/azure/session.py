"""SDK clients of one subscription: made once under a lock, kept, patient by purpose.

Reads retry by themselves; a write is attempted exactly once, because a lost answer followed by a silent retry makes a second
effect. The step is put into the user agent of each write (`user_agent=` of the call).

Azure's own token policy refuses plain HTTP, so a loopback endpoint gets a policy that sets a header and carries no token: real
credentials never go to an endpoint that is not Azure's, unless custom endpoints are allowed and it speaks TLS.
"""

import threading
from dataclasses import dataclass, field
from typing import Any

from azure.core.pipeline.policies import HeadersPolicy, RetryPolicy
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.resourcegraph import ResourceGraphClient

from engine.clouds.endpoints import is_loopback, require_allowed
from engine.clouds.purpose import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureSubscriptionSettings:
    """One subscription, with its credential source already resolved.

    Attributes:
        name: What the settings call it: `corp`.
        subscription_id: A UUID.
        tenant_id: With the next two: a service principal. Empty: whatever azure-identity finds (ambient).
        client_id: See above.
        client_secret: See above.
        endpoint_url: Empty for Azure itself.
        custom_endpoints: Whether an endpoint other than loopback is allowed.
    """

    name: str
    subscription_id: str
    tenant_id: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    endpoint_url: str = ""
    custom_endpoints: bool = False


# Connect and read time-out, retries, and the longest pause before one; all times in seconds.
_PATIENCE = {Purpose.READ: (3, 30, 2, 10), Purpose.QUICK_READ: (2, 4, 1, 1), Purpose.WRITE: (5, 30, 0, 0)}


class ShortPauses(RetryPolicy):  # type: ignore[misc] # mypy does not follow the SDK, so its classes are Any
    """Retries as azure-core does, but gives up when the service asks for a longer pause than the caller has time for."""

    def __init__(self, *, longest: float, retries: int) -> None:
        super().__init__(retry_total=retries, retry_backoff_max=longest)
        self._longest = longest

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
        """Say whether to try again."""
        asked = self.get_retry_after(response)
        return (asked is None or asked <= self._longest) and bool(super().is_retry(settings, response))


class AzureSession:
    """The clients of one subscription; safe to use from several threads."""

    def __init__(self, settings: AzureSubscriptionSettings) -> None:
        require_allowed(
            settings.endpoint_url,
            whose=f"Azure subscription {settings.name}",
            custom_allowed=settings.custom_endpoints,
        )
        self.settings = settings
        self._credential: Any = None
        self._clients: dict[tuple[str, Purpose], Any] = {}
        self._lock = threading.Lock()

    def compute(self, purpose: Purpose) -> Any:
        """Return the compute client, making it at first use; its `send_request` serves other ARM addresses, too."""
        return self._client("compute", purpose)

    def graph(self, purpose: Purpose) -> Any:
        """Return the Resource Graph client, making it at first use."""
        return self._client("graph", purpose)

    def _client(self, kind: str, purpose: Purpose) -> Any:
        with self._lock:
            if (kind, purpose) not in self._clients:
                self._clients[(kind, purpose)] = self._create(kind, purpose)
            return self._clients[(kind, purpose)]

    def _create(self, kind: str, purpose: Purpose) -> Any:
        options = self._options(purpose)
        if kind == "graph":
            return ResourceGraphClient(self._token_source(), **options)
        return ComputeManagementClient(self._token_source(), self.settings.subscription_id, **options)

    def _options(self, purpose: Purpose) -> dict[str, Any]:
        connect, read, retries, longest = _PATIENCE[purpose]
        options: dict[str, Any] = {
            "connection_timeout": connect,
            "read_timeout": read,
            "retry_policy": ShortPauses(longest=longest, retries=retries),
        }
        if self.settings.endpoint_url:
            options["base_url"] = self.settings.endpoint_url
        if is_loopback(self.settings.endpoint_url):
            options["authentication_policy"] = HeadersPolicy({"Authorization": "Bearer loopback"})
            options["use_env_settings"] = False
        return options

    def _token_source(self) -> Any:
        if self._credential is None:
            self._credential = _credential(self.settings)
        return self._credential


def _credential(settings: AzureSubscriptionSettings) -> Any:
    if is_loopback(settings.endpoint_url):
        return _NoToken()
    # Importing azure-identity takes long and is not needed on loopback.
    from azure.identity import ClientSecretCredential, DefaultAzureCredential  # noqa: PLC0415 - see above

    if settings.client_secret:
        return ClientSecretCredential(settings.tenant_id, settings.client_id, settings.client_secret)
    return DefaultAzureCredential()


class _NoToken:
    """Stands where a credential is required and none may be used."""

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        """Refuse: a loopback endpoint gets no token.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError("a loopback endpoint gets no token")
