"""Who asks and who approves.

A `Principal` is an immutable platform identity, never a display name: `slack:<team>:<user>`,
`teams:<tenant>:<aad object id>`, `local:<os user>`, `rule:<id>`.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

_SHAPE = re.compile(r"(slack|teams|local|rule):[^\s:]+(:[^\s:]+)?")


class Standing(StrEnum):
    """What the platform says about the account behind a message."""

    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """One who asks or approves.

    Attributes:
        id: `slack:T0ACME:U0ONE`, `teams:TENANT:OBJECT`, `local:ada`, `rule:nightly-stop`.
        display: The name people know; never used for a decision.
        standing: What the platform vouches for; anything but a member may do nothing unless the policy names it.
        groups: Groups the platform vouches for, as `group:oncall`.
    """

    id: str
    display: str = ""
    standing: Standing = Standing.MEMBER
    groups: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not _SHAPE.fullmatch(self.id):
            raise ValueError(f"not a principal: {self.id!r}")

    @property
    def surface(self) -> str:
        """The platform that vouches for this identity: `slack`, `teams`, `local` or `rule`."""
        return self.id.partition(":")[0]
