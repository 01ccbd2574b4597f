"""Settings that are each right and cannot work together: refused at the start, with the key and what to write. Pure."""

from urllib.parse import urlsplit

from bot.loopback import on_loopback
from bot.settings_defaults import SLACK_API
from bot.settings_mistakes import SettingsError, twice
from bot.tables import Settings


def check(settings: Settings) -> None:
    """Refuse settings that cannot work together.

    Raises:
        SettingsError: Which key, and what to write.
    """
    _check_agent(settings)
    if settings.local.personas and not _all_local(settings):
        raise SettingsError("local.personas is for try-outs: it wants every cloud endpoint on loopback; remove it")
    _check_slack(settings)
    _check_accounts(settings)
    url = settings.data.database_url
    if url and not url.startswith("postgresql+psycopg://"):
        raise SettingsError(
            "data.database_url: write postgresql+psycopg://USER@HOST/NAME, or leave it empty for SQLite"
        )
    if settings.data.qdrant_url and urlsplit(settings.data.qdrant_url).scheme not in {"http", "https"}:
        raise SettingsError("data.qdrant_url: write http://HOST:6333, or leave it empty for an index in data.dir")
    if settings.backup.target and settings.data.database_url:
        raise SettingsError(
            "backup.target is set but data.database_url keeps the record in PostgreSQL; use your database's own backup "
            "and remove backup.target"
        )
    _check_endpoints(settings)


def _check_slack(settings: Settings) -> None:
    url = settings.slack.base_url
    if url == SLACK_API or on_loopback(url):
        return
    if not settings.allow_custom_endpoints:
        raise SettingsError(
            "slack.base_url is not on loopback; set allow_custom_endpoints = true to allow it, or remove slack.base_url"
        )
    if not url.startswith("https://"):
        raise SettingsError("slack.base_url must begin with https:// unless it is on loopback: the tokens go there")


def _check_accounts(settings: Settings) -> None:
    """Refuse two accounts of one cloud that are called the same, or are the same."""
    named = {
        "aws.accounts": [(one.name, one.account_id) for one in settings.aws.accounts],
        "azure.subscriptions": [(one.name, one.subscription_id) for one in settings.azure.subscriptions],
        "gcp.projects": [(one.name, one.project_id) for one in settings.gcp.projects],
    }
    for key, found in named.items():
        for same in ([name for name, _ in found], [id_ for _, id_ in found if id_]):
            if double := twice(same):
                raise SettingsError(f"{key}: {double} stands there twice; remove one of them")


def _check_endpoints(settings: Settings) -> None:
    endpoints = {
        **{f"aws.accounts.{one.name}": one.endpoint_url for one in settings.aws.accounts},
        **{f"azure.subscriptions.{one.name}": one.endpoint_url for one in settings.azure.subscriptions},
        **{f"gcp.projects.{one.name}": one.endpoint_url for one in settings.gcp.projects},
    }
    for key, url in endpoints.items():
        if url and not on_loopback(url) and not settings.allow_custom_endpoints:
            raise SettingsError(
                f"{key}: endpoint_url {url} is not on loopback; set allow_custom_endpoints = true to allow it"
            )


def _check_agent(settings: Settings) -> None:
    agent = settings.agent
    if agent.auth == "none" and not on_loopback(agent.url):
        raise SettingsError('agent.auth is "none" but agent.url is not on loopback; write auth = "oidc" or "static"')
    if not agent.url.startswith("https://") and not on_loopback(agent.url):
        raise SettingsError("agent.url must begin with https:// unless it is on loopback")
    wanted = {"none": (), "static": ("token",), "oidc": ("issuer", "client_id")}[agent.auth]
    if missing := next((key for key in wanted if not getattr(agent, key)), None):
        raise SettingsError(f'agent.auth is "{agent.auth}" but agent.{missing} is empty; write agent.{missing}')
    if agent.auth == "oidc" and not agent.issuer.startswith("https://") and not on_loopback(agent.issuer):
        raise SettingsError(
            "agent.issuer must begin with https:// unless it is on loopback: what this runner logs in with goes there"
        )


def _all_local(settings: Settings) -> bool:
    urls = (
        *(one.endpoint_url for one in settings.aws.accounts),
        *(one.endpoint_url for one in settings.azure.subscriptions),
        *(one.endpoint_url for one in settings.gcp.projects),
    )
    return bool(urls) and all(on_loopback(url) for url in urls)
