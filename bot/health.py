"""`python -m bot.health`: does what runs here answer? Exit code 0 when it does, 1 when it does not; for containers and units.

A runner names its Unix socket in its data directory; where there is one, it must answer there. Elsewhere an agent server must
answer on loopback, at its usual port or the one given.
"""

import argparse
import http.client
import json
import socket
import sys
from pathlib import Path

from bot.settings import SettingsError, data_dir
from bot.terminal.address import socket_of

_SECONDS = 5.0


def runner_answers(path: Path) -> bool:
    """Say whether a runner answers on its socket; any answer shows that its event loop turns."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_SECONDS)
        try:
            line.connect(str(path))
            line.sendall(b'{"method": "health"}\n')
            with line.makefile("rb") as answers:
                return isinstance(json.loads(answers.readline() or b"null"), dict)
        except (OSError, ValueError):
            return False


def server_answers(port: int) -> bool:
    """Say whether an agent server on this machine takes requests."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        link.request("GET", "/ready")
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def main() -> int:
    """Ask what runs here; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.health", description="Does what runs here answer?")
    parser.add_argument("--config", type=Path, help="settings file of the runner")
    parser.add_argument("--port", type=int, default=8790, help="port of the agent server")
    asked = parser.parse_args()
    try:
        path = socket_of(data_dir(asked.config))
    except SettingsError:
        path = None
    return 0 if (runner_answers(path) if path else server_answers(asked.port)) else 1


if __name__ == "__main__":
    sys.exit(main())
