"""The runner's login at the agent server's issuer, as the settings describe it."""

from bot.settings import Loaded
from engine.planning.keeping import KeptLogin
from engine.planning.login import Issuer
from engine.planning.tokens import client_credentials, logged_in
from engine.planning.wire import Token


def issuer(loaded: Loaded) -> Issuer:
    """Return the issuer with this runner as its client.

    Raises:
        SettingsError: The client secret is named and cannot be read.
    """
    agent = loaded.settings.agent
    secret = loaded.secret("agent.client_secret", agent.client_secret, endpoint=agent.url)
    return Issuer(url=agent.issuer, client_id=agent.client_id, client_secret=secret, audience=agent.audience)


def kept(loaded: Loaded) -> KeptLogin:
    """Return where the login of a person is kept."""
    return KeptLogin(issuer=loaded.settings.agent.issuer, client_id=loaded.settings.agent.client_id)


def oidc_token(loaded: Loaded) -> Token:
    """Return the source of tokens: by the client's secret, or without one by the login that a person made.

    Raises:
        SettingsError: As for `issuer`.
    """
    at = issuer(loaded)
    if not at.client_secret:
        return logged_in(at, kept(loaded))
    return client_credentials(
        issuer=at.url, client_id=at.client_id, client_secret=at.client_secret, audience=at.audience
    )
