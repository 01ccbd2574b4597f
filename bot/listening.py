"""A port to listen on, or the sentence that says which setting names another."""

import socket

from bot.settings import SettingsError


def listening_on(host: str, port: int, *, setting: str) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: An address of this machine.
        port: 0 picks a free one.
        setting: The dotted key of the port, for the sentence.

    Raises:
        SettingsError: It cannot be listened on: taken, not allowed, no address of this machine.
    """
    try:
        return socket.create_server((host, port))
    except OSError as error:
        why = (error.strerror or type(error).__name__).partition(" (")[0].lower()
        raise SettingsError(
            f"{setting}: cannot listen on {host} port {port}: {why}; end what listens there, or write another {setting}"
        ) from None
