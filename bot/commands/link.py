"""How a command reaches a runner: through its Unix socket, or, when none runs, by being one for a moment.

The way through the socket imports nothing of the engine: beside a running runner a command is a line of JSON each way.
"""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.commands.telling import CommandFailed, Progress, away
from bot.settings import Loaded, SettingsError, data_dir, load
from bot.terminal.address import socket_of


def settings(config: Path | None) -> Loaded:
    """Read the settings, or end the command with what is wrong with them."""
    try:
        return load(config)
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None


def call(
    config: Path | None, method: str, params: Mapping[str, Any], *, principal: str = "", progress: Progress
) -> dict[str, Any]:
    """Ask the runner; alone, open the engine in this process.

    Raises:
        CommandFailed: It answered with an error, or could not be reached or opened.
    """
    answer = beside(config, method, params, principal=principal, progress=progress)
    if answer is not None:
        return answer
    from bot.commands.alone import run  # noqa: PLC0415 - the whole engine, only when no runner answers

    return run(settings(config), method, params, principal=principal, progress=progress)


def beside(
    config: Path | None, method: str, params: Mapping[str, Any], *, principal: str = "", progress: Progress
) -> dict[str, Any] | None:
    """Ask the running runner; None when none runs.

    Raises:
        CommandFailed: It answered with an error, or stopped answering.
    """
    path = socket_of(_data_dir(config))
    if path is None:
        return None
    return _through(path, {"method": method, "params": dict(params), "as": principal}, progress)


def _data_dir(config: Path | None) -> Path:
    try:
        return data_dir(config)
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None


def _failed(code: str, message: str) -> CommandFailed:
    match code:
        case "usage":
            return CommandFailed(message, 2)
        case "unavailable":
            return CommandFailed(away(message), 3)
        case _:
            return CommandFailed(message, 3)


def _through(path: Path, request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            line.connect(str(path))
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as answers:
                for raw in answers:
                    answer = json.loads(raw)
                    if "progress" in answer:
                        progress(answer["progress"])
                    elif "error" in answer:
                        raise _failed(answer["error"]["code"], answer["error"]["message"])
                    else:
                        result: dict[str, Any] = answer["result"]
                        return result
        except OSError as error:
            raise CommandFailed(f"the runner stopped answering ({error.strerror}); try again", 3) from None
    raise CommandFailed("the runner went away before it answered; `escher status` tells how things stand", 3)
