"""What single values may be, and the base of all tables."""

import re
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.durations import seconds


def _duration(text: str) -> str:
    seconds(text)
    return text


def _clock_time(text: object) -> object:
    if isinstance(text, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return text
    raise ValueError('write a time such as "02:00"')


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError('write a time zone such as "Europe/Berlin"')
    return text


def _channel(text: str) -> str:
    kind, _, rest = text.partition(":")
    if text == "web" or (kind in {"slack", "teams", "file"} and rest):
        return text
    raise ValueError('write "slack:<channel>", "teams:<conversation>", "web" or "file:PATH"')


def _backup_target(text: str) -> str:
    kind, there, rest = text.partition("://")
    if not there or (kind == "s3" and rest.strip("/")):
        return text
    if kind == "s3":
        raise ValueError("write s3://BUCKET/PREFIX")
    raise ValueError(f"{kind}:// is not in this version; write a folder or s3://BUCKET/PREFIX")


def _cloud_credential(text: str) -> str:
    kind, _, rest = text.partition(":")
    if text in {"env", "ambient"} or (kind in {"keyring", "profile", "role", "env", "file"} and rest):
        return text
    raise ValueError('write "keyring:NAME", "profile:NAME", "env", "role:ARN" or "ambient"')


def _account_id(text: object) -> object:
    if isinstance(text, str) and re.fullmatch(r"\d{12}", text):
        return text
    raise ValueError("write the twelve digits of the account, in quotes")


AccountId = Annotated[str, Field(pattern=r"^\d{12}$"), BeforeValidator(_account_id)]
Duration = Annotated[str, AfterValidator(_duration)]
Credential = Annotated[str, AfterValidator(_cloud_credential)]
ClockTime = Annotated[str, BeforeValidator(_clock_time)]
Zone = Annotated[str, AfterValidator(_zone)]
Channel = Annotated[str, AfterValidator(_channel)]
BackupTarget = Annotated[str, AfterValidator(_backup_target)]


class Table(BaseModel):
    """One table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
