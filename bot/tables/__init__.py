"""The tables of the settings file, as models: every key, its default, and what it may hold.

Imported only when settings are checked (`bot.settings.load`), since the models cost start-up time.
"""

from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings_defaults import PREFIX
from bot.tables.clouds import Aws, AwsAccount, Azure, AzureSubscription, Gcp, GcpProject
from bot.tables.keeping import Data, Keys, PolicyFile
from bot.tables.routine import Backup, Budget, Privacy, Report, Sync
from bot.tables.surfaces import Local, Slack, Teams, Web
from bot.tables.thinking import Agent, AgentServer

__all__ = [
    "Agent",
    "AgentServer",
    "Aws",
    "AwsAccount",
    "Azure",
    "AzureSubscription",
    "Backup",
    "Budget",
    "Data",
    "Gcp",
    "GcpProject",
    "Keys",
    "Local",
    "PolicyFile",
    "Privacy",
    "Report",
    "Settings",
    "Slack",
    "Sync",
    "Teams",
    "Web",
]


class Settings(BaseSettings):
    """All settings.

    Attributes:
        allow_custom_endpoints: Allow cloud endpoints that are neither the vendor's nor on loopback.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, case_sensitive=False
    )

    allow_custom_endpoints: bool = False
    data: Data = Data()
    keys: Keys = Keys()
    agent: Agent = Agent()
    agent_server: AgentServer = AgentServer()
    slack: Slack = Slack()
    teams: Teams = Teams()
    web: Web = Web()
    local: Local = Local()
    aws: Aws = Aws()
    azure: Azure = Azure()
    gcp: Gcp = Gcp()
    privacy: Privacy = Privacy()
    sync: Sync = Sync()
    report: tuple[Report, ...] = ()
    budgets: tuple[Budget, ...] = ()
    policy: PolicyFile = PolicyFile()
    backup: Backup = Backup()
