"""What one request used of a model, kept for its one log line and then forgotten."""

from contextvars import ContextVar
from dataclasses import dataclass

from agent_server.contract.wire import Usage


@dataclass(slots=True)
class Meter:
    """The figures of one request.

    Attributes:
        request_id: The runner's name for it.
        tenant: Whose request it is.
        input_tokens: Tokens a vendor's model read, cached ones included.
        output_tokens: Tokens it wrote.
    """

    request_id: str = ""
    tenant: str = ""
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def usage(self) -> Usage:
        """The figures as a reply says them."""
        return Usage(input_tokens=self.input_tokens, output_tokens=self.output_tokens)


_current: ContextVar[Meter | None] = ContextVar("agent_server_meter", default=None)


def open_meter() -> Meter:
    """Start the figures of a request."""
    meter = Meter()
    _current.set(meter)
    return meter


def meter() -> Meter:
    """Return the figures of the current request; outside of one, figures that nobody reads."""
    return _current.get() or Meter()
