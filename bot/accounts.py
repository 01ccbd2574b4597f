"""The connected accounts, made from the settings; only the SDKs of configured clouds are imported."""

import json

from bot.settings import Loaded, SettingsError
from bot.tables import AwsAccount, AzureSubscription, GcpProject
from engine.clock import Clock
from engine.clouds.ports import CloudAccount


def accounts(loaded: Loaded, clock: Clock) -> tuple[CloudAccount, ...]:
    """Return every configured account.

    Raises:
        SettingsError: A credential or endpoint cannot be used.
    """
    settings = loaded.settings
    for sub in settings.azure.subscriptions:
        _named(f"azure.subscriptions.{sub.name}", "subscription_id", sub.subscription_id)
    for project in settings.gcp.projects:
        _named(f"gcp.projects.{project.name}", "project_id", project.project_id)
    try:
        return (
            *(_aws(one, loaded, clock) for one in settings.aws.accounts),
            *(_azure(one, loaded, clock) for one in settings.azure.subscriptions),
            *(_gcp(one, loaded, clock) for one in settings.gcp.projects),
        )
    except ModuleNotFoundError as error:
        extra = str(error.name).partition(".")[0]
        raise SettingsError(
            f"an account is configured whose SDK is not installed ({extra}): pip install 'escher[all]'"
        ) from None
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _named(account: str, key: str, value: str) -> None:
    if not value.strip():
        raise SettingsError(f"{account}: {key} is empty; write it, or remove the account")


def _aws(one: AwsAccount, loaded: Loaded, clock: Clock) -> CloudAccount:
    from engine.clouds.aws.account import AwsAccount as Account  # noqa: PLC0415 - SDKs only for configured clouds
    from engine.clouds.aws.session import AwsAccountSettings  # noqa: PLC0415 - likewise

    kind, _, rest = one.credential.partition(":")
    keys = (
        _json(loaded, f"aws.accounts.{one.name}", one.credential)
        if kind in {"keyring", "file"} or (rest and kind == "env")
        else {}
    )
    return Account(
        AwsAccountSettings(
            name=one.name,
            account_id=one.account_id,
            regions=one.regions,
            access_key_id=keys.get("access_key_id", ""),
            secret_access_key=keys.get("secret_access_key", ""),
            session_token=keys.get("session_token", ""),
            profile=rest if kind == "profile" else "",
            role_arn=rest if kind == "role" else "",
            endpoint_url=one.endpoint_url,
            custom_endpoints=loaded.settings.allow_custom_endpoints,
        ),
        clock,
    )


def _azure(one: AzureSubscription, loaded: Loaded, clock: Clock) -> CloudAccount:
    from engine.clouds.azure.account import AzureAccount  # noqa: PLC0415 - SDKs only for configured clouds
    from engine.clouds.azure.session import AzureSubscriptionSettings  # noqa: PLC0415 - likewise

    keys = _principal(loaded, f"azure.subscriptions.{one.name}", one.credential)
    return AzureAccount(
        AzureSubscriptionSettings(
            name=one.name,
            subscription_id=one.subscription_id,
            tenant_id=keys.get("tenant_id", ""),
            client_id=keys.get("client_id", ""),
            client_secret=keys.get("client_secret", ""),
            endpoint_url=one.endpoint_url,
            custom_endpoints=loaded.settings.allow_custom_endpoints,
        ),
        clock,
    )


def _gcp(one: GcpProject, loaded: Loaded, clock: Clock) -> CloudAccount:
    from engine.clouds.gcp.account import GcpAccount  # noqa: PLC0415 - SDKs only for configured clouds
    from engine.clouds.gcp.session import GcpProjectSettings  # noqa: PLC0415 - likewise

    keys = _principal(loaded, f"gcp.projects.{one.name}", one.credential)
    return GcpAccount(
        GcpProjectSettings(
            name=one.name,
            project_id=one.project_id,
            service_account_json=json.dumps(keys) if keys else "",
            endpoint_url=one.endpoint_url,
            custom_endpoints=loaded.settings.allow_custom_endpoints,
        ),
        clock,
    )


def _principal(loaded: Loaded, key: str, credential: str) -> dict[str, str]:
    kind, _, rest = credential.partition(":")
    if credential in {"env", "ambient"}:
        return {}
    if kind in {"keyring", "file", "env"} and rest:
        return _json(loaded, key, credential)
    raise SettingsError(f"{key}: credential {credential!r} is for AWS only; write keyring:NAME, env or ambient")


def _json(loaded: Loaded, key: str, credential: str) -> dict[str, str]:
    text = loaded.secret(key, credential)
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise SettingsError(f"{key}: the credential must be a JSON object, as `escher creds add` writes it")
    return {str(name): str(value) for name, value in found.items()}
