"""The chat surfaces, and who may speak on this machine's own."""

from typing import Literal

from pydantic import Field

from bot.settings_defaults import SLACK_API
from bot.tables.values import Table


class Slack(Table):
    """Slack.

    Attributes:
        bot_token: `xoxb-…`; Slack is on when it is set.
        app_token: `xapp-…`, for Socket Mode.
        signing_secret: For HTTP mode: what Slack signs its requests with.
        mode: `socket`: the runner calls Slack; `http`: Slack calls the runner.
        base_url: Slack's API; another address on loopback, or with `allow_custom_endpoints` an https one anywhere.
        host: For HTTP mode: where to listen.
        port: For HTTP mode: the port; 0 picks a free one.
    """

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    mode: Literal["socket", "http"] = "socket"
    base_url: str = SLACK_API
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)

    @property
    def enabled(self) -> bool:
        """Whether Slack is configured."""
        return bool(self.bot_token)


class Teams(Table):
    """Microsoft Teams.

    Attributes:
        app_id: The bot's application id; Teams is on when it is set.
        app_password: Its client secret.
        tenants: Tenants whose members are heard; nobody else is.
        host: Where to listen for `/api/messages`.
        port: The port; 0 picks a free one.
        playground: Take unsigned requests of this machine, for Microsoft's Agents Playground; loopback only.
    """

    app_id: str = ""
    app_password: str = ""
    tenants: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = Field(default=3978, ge=0, le=65535)
    playground: bool = False

    @property
    def enabled(self) -> bool:
        """Whether Teams is configured."""
        return bool(self.app_id) or self.playground


class Web(Table):
    """The web console on loopback.

    Attributes:
        enabled: Whether the console is served.
        port: Its port; 0 picks a free one.
    """

    enabled: bool = False
    port: int = Field(default=8765, ge=0, le=65535)


class Local(Table):
    """People on this machine, beside the user who runs a command; for try-outs on local clouds only.

    Attributes:
        personas: Principals that the local user may also speak as.
        open_console: The console's address opens it as often as it is used.
    """

    personas: tuple[str, ...] = ()
    open_console: bool = False
