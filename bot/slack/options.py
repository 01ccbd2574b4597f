"""How the Slack app is connected, checked before anything starts."""

from dataclasses import dataclass, field

from bot.loopback import on_loopback
from bot.settings import SettingsError
from bot.settings_defaults import SLACK_API


class SlackMisconfigured(SettingsError):
    """The Slack settings cannot work; the text names the key and says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackOptions:
    """The `[slack]` settings with every secret resolved.

    Attributes:
        bot_token: `xoxb-…`.
        app_token: `xapp-…`, for Socket Mode.
        signing_secret: For HTTP mode.
        mode: `socket` or `http`.
        base_url: Web API root; anything but Slack's own must be on loopback.
        custom_endpoint: It may be elsewhere.
        host: Where HTTP mode listens.
        port: Where HTTP mode listens; 0 picks a free one.
        connections: Socket Mode connections held at once, so that a refresh of one loses nothing. Slack allows 10.
        ping_seconds: Time between pings on a connection; a cut connection is noticed within it.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    mode: str = "socket"
    base_url: str = SLACK_API
    custom_endpoint: bool = False
    host: str = "127.0.0.1"
    port: int = 3000
    connections: int = 2
    ping_seconds: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what cannot work, or would accept unsigned requests.

        Raises:
            SlackMisconfigured: Which key, and what to write.
        """
        if not self.bot_token.startswith("xoxb-"):
            raise SlackMisconfigured("slack.bot_token must be the bot token that starts with xoxb-")
        if self.mode not in {"socket", "http"}:
            raise SlackMisconfigured(f"slack.mode is {self.mode!r}; write socket or http")
        if self.mode == "socket" and not self.app_token.startswith("xapp-"):
            raise SlackMisconfigured(
                "slack.app_token must be the app-level token that starts with xapp-, for mode socket"
            )
        if self.mode == "http" and not self.signing_secret.strip():
            raise SlackMisconfigured(
                "slack.signing_secret is empty; in mode http anyone could then speak as anyone. "
                "Copy it from Basic Information, App Credentials"
            )
        if self.base_url != SLACK_API and not self.custom_endpoint and not on_loopback(self.base_url):
            raise SlackMisconfigured(f"slack.base_url must be {SLACK_API} or an address on loopback")
