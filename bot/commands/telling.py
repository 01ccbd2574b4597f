"""What whoever typed a command is told on the way, and when it cannot go on."""

from collections.abc import Callable

Progress = Callable[[str], None]


class CommandFailed(Exception):
    """A command cannot go on.

    Attributes:
        code: Exit code.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def away(reason: str) -> str:
    """Return what is said when something could not be asked: a terminal is not answered later, as a chat is."""
    return f"{reason}; `escher doctor` says what is missing, then type it again"
