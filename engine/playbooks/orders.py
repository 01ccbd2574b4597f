"""What can be ordered of a playbook by a button, an exact form of words, or a command."""

from dataclasses import dataclass
from enum import StrEnum


class Do(StrEnum):
    """The orders."""

    LIST = "list"
    SHOW = "show"
    FIND = "find"
    NEW = "new"
    EDIT = "edit"
    UPLOAD = "upload"
    TRUST = "trust"
    APPROVE = "approve"
    REJECT = "reject"
    STATE = "state"
    SCRIPT = "script"
    EXPORT = "export"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order.

    Attributes:
        do: What.
        name: The playbook, as somebody calls it.
        version: Empty for the newest in use.
        text: What was typed besides: a reason, a state, what to look for, on what to run it, a file's text, a language.
    """

    do: Do
    name: str = ""
    version: str = ""
    text: str = ""
