"""For what facts are read: the same words mean different things for a change, a question and a bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent_server.contract.intent import Action, IntentKind, Scope
from agent_server.models.offline.refine import CHANGES
from agent_server.models.offline.view import View

Filters = dict[str, Any]

FIREWALLS = frozenset({"ec2::security_group", "network::nsg", "compute::firewall", "any::firewall_rule"})
ACCESS = frozenset({Action.ALLOW_ACCESS, Action.REVOKE_ACCESS})
PUBLICITY = frozenset({Action.MAKE_PUBLIC, Action.MAKE_PRIVATE})
RELOCATING = frozenset({Action.DETACH, Action.MOVE, Action.COPY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known when filters are written: the message, what is to be done, to which kinds, on which clouds."""

    view: View
    action: Action
    intent: IntentKind
    types: Sequence[str]
    clouds: tuple[Scope, ...]

    @property
    def changes(self) -> bool:
        """Whether something is to be changed."""
        return self.action in CHANGES

    @property
    def about_firewalls(self) -> bool:
        """Whether the kinds are firewalls of any cloud."""
        return not FIREWALLS.isdisjoint(self.types)


def append(into: Filters, key: str, value: Any) -> None:
    """Put a value under a key; a second value makes a list."""
    held = into.get(key)
    if held is None:
        into[key] = value
    elif isinstance(held, list):
        if value not in held:
            held.append(value)
    elif held != value:
        into[key] = [held, value]
