"""boto3 clients of one account: made under a lock, kept, and marked with the step that uses them.

Creating boto3 clients is not thread-safe, using them is
(https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html). Reads retry by themselves; a write is
attempted exactly once, because a lost answer followed by a silent retry makes a second effect.
"""

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.loaders import create_loader

from engine.clouds.endpoints import is_loopback, require_allowed
from engine.clouds.ports import Attempt
from engine.clouds.purpose import Purpose

MAX_CONNECTIONS = 32
GLOBAL_REGION = "us-east-1"
# The services' models are large; they are read once, whatever the number of accounts.
_LOADER = create_loader()
# botocore's session variables: name in the configuration, names in the environment, default, conversion.
_NO_PROFILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_acting: ContextVar[str] = ContextVar("escher_aws_acting", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAccountSettings:
    """One account, with its credential source already resolved.

    Attributes:
        name: What the settings call it: `dev`.
        account_id: Twelve digits.
        regions: Regions to read; S3 is read once for all of them.
        access_key_id: With the next two: explicit keys. Empty: `profile`, else whatever the SDK finds (ambient).
        secret_access_key: See above.
        session_token: Only for temporary keys.
        profile: A profile of the AWS configuration files.
        role_arn: A role to assume with the credentials above; refreshed by itself.
        endpoint_url: Empty for AWS itself.
        custom_endpoints: Whether an endpoint other than loopback is allowed.
    """

    name: str
    account_id: str
    regions: tuple[str, ...]
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    profile: str = ""
    role_arn: str = ""
    endpoint_url: str = ""
    custom_endpoints: bool = False


# Connect and read time-out in seconds, attempts in all.
_PATIENCE = {Purpose.READ: (3, 20, 3), Purpose.QUICK_READ: (2, 4, 2), Purpose.WRITE: (5, 30, 1)}


class AwsSession:
    """The clients of one account; safe to use from several threads."""

    def __init__(self, settings: AwsAccountSettings) -> None:
        whose = f"AWS account {settings.name}"
        require_allowed(settings.endpoint_url, whose=whose, custom_allowed=settings.custom_endpoints)
        self.settings = settings
        self._session: boto3.Session | None = None
        self._clients: dict[tuple[str, str, Purpose], Any] = {}
        self._lock = threading.Lock()

    @property
    def local(self) -> bool:
        """Whether calls go to an endpoint on this machine, which has one host name only."""
        return bool(self.settings.endpoint_url) and is_loopback(self.settings.endpoint_url)

    def client(self, service: str, region: str, purpose: Purpose) -> Any:
        """Return the client of a service in a region, making it at first use.

        Raises:
            botocore.exceptions.BotoCoreError: When there are no usable credentials or no such service.
        """
        key = (service, region, purpose)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._create(service, region, purpose)
            return self._clients[key]

    def _create(self, service: str, region: str, purpose: Purpose) -> Any:
        if self._session is None:
            self._session = _boto3_session(self.settings)
        client = self._session.client(
            service,
            region_name=region,
            endpoint_url=self.settings.endpoint_url or None,
            config=_config(self.settings, purpose),
        )
        client.meta.events.register("request-created", _sign_with_step)
        return client


@contextmanager
def acting(attempt: Attempt) -> Iterator[None]:
    """Mark every request made inside, in this thread, with the plan's step."""
    token = _acting.set(attempt.user_agent)
    try:
        yield
    finally:
        _acting.reset(token)


def _sign_with_step(request: Any, **_: object) -> None:
    """Add the step to the user agent, which is not part of the signature."""
    if step := _acting.get():
        request.headers["User-Agent"] = f"{request.headers.get('User-Agent', '')} {step}".strip()


def _config(settings: AwsAccountSettings, purpose: Purpose) -> Config:
    connect, read, attempts = _PATIENCE[purpose]
    custom = bool(settings.endpoint_url)
    return Config(
        connect_timeout=connect,
        read_timeout=read,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=MAX_CONNECTIONS,
        # Only our own settings say where calls go, never an environment variable.
        ignore_configured_endpoint_urls=True,
        # A local endpoint has no bucket host names, and no proxy stands before it.
        s3={"addressing_style": "path"} if custom else None,
        proxies={} if custom and is_loopback(settings.endpoint_url) else None,
    )


def _boto3_session(settings: AwsAccountSettings) -> boto3.Session:
    base = _botocore_session(settings.profile, own_keys=bool(settings.access_key_id))
    if settings.access_key_id:
        base.set_credentials(settings.access_key_id, settings.secret_access_key, settings.session_token or None)
    if settings.role_arn:
        base = _assuming(base, settings)
    return boto3.Session(botocore_session=base, region_name=GLOBAL_REGION)


def _botocore_session(profile: str = "", *, own_keys: bool = True) -> botocore.session.Session:
    """Return a session; with keys of our own the machine's AWS profiles and files have no say in it."""
    session = botocore.session.Session(session_vars=_NO_PROFILES if own_keys else None, profile=profile or None)
    session.register_component("data_loader", _LOADER)
    return session


def _assuming(base: botocore.session.Session, settings: AwsAccountSettings) -> botocore.session.Session:
    """Return a session of the role, whose temporary keys are fetched at first use and renewed before they expire."""
    region = settings.regions[0] if settings.regions else GLOBAL_REGION
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=functools.partial(
            base.create_client,
            region_name=region,
            endpoint_url=settings.endpoint_url or None,
            config=_config(settings, Purpose.READ),
        ),
        source_credentials=base.get_credentials(),
        role_arn=settings.role_arn,
        extra_args={"RoleSessionName": "escher"},
    )
    role = _botocore_session()
    role._credentials = DeferredRefreshableCredentials(  # noqa: SLF001 - botocore has no public door for refreshable keys
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )
    return role
