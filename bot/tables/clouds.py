"""The accounts, subscriptions and projects."""

from typing import Annotated

from pydantic import Field

from bot.tables.values import AccountId, Credential, Table


class AwsAccount(Table):
    """One AWS account.

    Attributes:
        name: What people call it.
        account_id: Its twelve digits.
        credential: `keyring:NAME`, `profile:NAME`, `role:ARN`, `env` or `ambient`.
        regions: Regions that are read.
        endpoint_url: Another address of the API, for local clouds.
    """

    name: str
    account_id: AccountId
    credential: Credential = "ambient"
    regions: Annotated[tuple[str, ...], Field(min_length=1)] = ("us-east-1",)
    endpoint_url: str = ""


class AzureSubscription(Table):
    """One Azure subscription.

    Attributes:
        name: What people call it.
        subscription_id: Its id; a runner does not start while it is empty.
        credential: `keyring:NAME`, `file:PATH`, `env` or `ambient`.
        endpoint_url: Another address of the API, for local clouds.
    """

    name: str
    subscription_id: str
    credential: Credential = "ambient"
    endpoint_url: str = ""


class GcpProject(Table):
    """One GCP project.

    Attributes:
        name: What people call it.
        project_id: Its id; a runner does not start while it is empty.
        credential: `keyring:NAME`, `file:PATH`, `env` or `ambient`.
        endpoint_url: Another address of the API, for local clouds.
    """

    name: str
    project_id: str
    credential: Credential = "ambient"
    endpoint_url: str = ""


class Aws(Table):
    """All AWS accounts."""

    accounts: tuple[AwsAccount, ...] = ()


class Azure(Table):
    """All Azure subscriptions."""

    subscriptions: tuple[AzureSubscription, ...] = ()


class Gcp(Table):
    """All GCP projects."""

    projects: tuple[GcpProject, ...] = ()
