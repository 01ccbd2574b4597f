"""How the bot is registered with Teams, checked before anything starts."""

from dataclasses import dataclass, field
from typing import Final

from bot.loopback import loopback_host, on_loopback
from bot.settings import SettingsError

METADATA_URL: Final = "https://login.botframework.com/v1/.well-known/openidconfiguration"
"""Where the Bot Framework publishes its signing keys.
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication"""


class TeamsMisconfigured(SettingsError):
    """The Teams settings cannot work; the text names the key and says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsOptions:
    """The `[teams]` settings with every secret resolved.

    Attributes:
        app_id: The bot's application id; empty only in the playground.
        app_password: Its client secret.
        tenants: Tenants whose members may speak to us; never empty outside the playground.
        host: Where we listen.
        port: Where we listen; 0 picks a free one.
        playground: Accept unsigned requests of this machine, for Microsoft's Agents Playground. Loopback only.
        metadata_url: Where the signing keys are published.
    """

    app_id: str = ""
    app_password: str = field(default="", repr=False)
    tenants: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 3978
    playground: bool = False
    metadata_url: str = METADATA_URL

    def __post_init__(self) -> None:
        """Refuse what cannot work, or would accept unsigned requests.

        Raises:
            TeamsMisconfigured: Which key, and what to write.
        """
        if self.playground:
            self._check_playground()
            return
        if not self.app_id.strip():
            raise TeamsMisconfigured(
                "teams.app_id is empty; anyone could then speak as anyone. Write the application id of the bot's registration"
            )
        if not self.app_password.strip():
            raise TeamsMisconfigured("teams.app_password is empty; write the client secret of the bot's registration")
        if not any(tenant.strip() for tenant in self.tenants):
            raise TeamsMisconfigured(
                "teams.tenants is empty; write the id of your Microsoft Entra tenant, so that no other may speak to the bot"
            )
        if self.metadata_url != METADATA_URL and not on_loopback(self.metadata_url):
            raise TeamsMisconfigured(f"the signing keys come from {METADATA_URL} or from an address on loopback")

    def _check_playground(self) -> None:
        if self.app_id:
            raise TeamsMisconfigured("teams.playground is for a bot without teams.app_id; write only one of them")
        if not loopback_host(self.host):
            raise TeamsMisconfigured("teams.playground accepts unsigned requests, so teams.host must be 127.0.0.1")

    def allows(self, tenant: str) -> bool:
        """Return whether members of a tenant may speak to us."""
        return self.playground or tenant.lower() in {one.strip().lower() for one in self.tenants}
