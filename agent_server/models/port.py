"""What any language model must do for Escher."""

from typing import Protocol

from agent_server.contract.intent import Intent, IntentRequest


class Model(Protocol):
    """Understands a message; an implementation per vendor, and one without any."""

    async def understand(self, request: IntentRequest) -> Intent:
        """Return what the message asks for, in the closed vocabulary; never raises on any text."""
        ...
