"""How a command reaches a runner: through its Unix socket, or, when none runs, by being one for a moment."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.settings import Loaded, SettingsError, load, on_loopback


class CommandFailed(Exception):
    """A command cannot go on.

    Attributes:
        code: Exit code.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


Progress = Callable[[str], None]


def settings(config: Path | None) -> Loaded:
    """Read the settings, or end the command with what is wrong with them."""
    try:
        return load(config)
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None


def call(
    loaded: Loaded, method: str, params: Mapping[str, Any], *, principal: str = "", progress: Progress
) -> dict[str, Any]:
    """Ask the runner; alone, open the engine in this process.

    Raises:
        CommandFailed: It answered with an error, or could not be reached or opened.
    """
    from bot.terminal.listener import socket_of  # noqa: PLC0415 - asyncio and friends cost start-up time

    path = socket_of(loaded.settings.data.path)
    if path is not None:
        return _through(path, {"method": method, "params": dict(params), "as": principal}, progress)
    return asyncio.run(_alone(loaded, method, params, principal, progress))


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
                        raise CommandFailed(answer["error"]["message"], 2 if answer["error"]["code"] == "usage" else 3)
                    else:
                        result: dict[str, Any] = answer["result"]
                        return result
        except OSError as error:
            raise CommandFailed(f"the runner stopped answering ({error.strerror}); try again", 3) from None
    raise CommandFailed("the runner went away before it answered; `escher status` tells how things stand", 3)


async def _alone(
    loaded: Loaded, method: str, params: Mapping[str, Any], principal: str, progress: Progress
) -> dict[str, Any]:
    from bot import people  # noqa: PLC0415 - only when no runner answers
    from bot.app import known_people, open_runner, reporter  # noqa: PLC0415
    from bot.terminal.client import TerminalPlatform  # noqa: PLC0415
    from bot.terminal.methods import BadRequest, Caller, Methods  # noqa: PLC0415
    from engine.approval.policy import PolicyError  # noqa: PLC0415
    from engine.estate.vectors import StoreInUse  # noqa: PLC0415
    from engine.planning.planner import PlannerUnavailable  # noqa: PLC0415
    from engine.storage.database import StorageUnavailable  # noqa: PLC0415
    from engine.storage.master import MasterKeyError  # noqa: PLC0415

    who = {one.id: one for one in known_people(loaded)}.get(principal or people.own().id)
    if who is None:
        raise CommandFailed(f"you may not speak for {principal}", 2)
    helper = _planner_beside(loaded)
    try:
        runner = open_runner(loaded)
        runner.sync_seconds = 0
        platform = TerminalPlatform()
        runner.outbox.add(platform)

        async def say(words: str) -> None:
            progress(words)

        await runner.start((), reporter(loaded, runner))
        try:
            caller = Caller(principal=who, say=say)
            return await Methods(runner, platform).call(method, params, caller)
        finally:
            await runner.stop()
    except (SettingsError, PolicyError, MasterKeyError) as error:
        raise CommandFailed(str(error), 2) from None
    except BadRequest as error:
        raise CommandFailed(str(error), 2) from None
    except StoreInUse as error:
        raise CommandFailed(f"{error}; is a runner starting or stopping? try again in a moment", 3) from None
    except PlannerUnavailable as away:
        raise CommandFailed(away.reason, 3) from None
    except StorageUnavailable as error:
        raise CommandFailed(str(error), 3) from None
    finally:
        if helper is not None:
            helper.terminate()
            with suppress(subprocess.TimeoutExpired):
                helper.wait(5)


def _planner_beside(loaded: Loaded) -> "subprocess.Popen[str] | None":
    """Start the offline planner when the agent server should be on this machine and nothing listens there."""
    url = urlsplit(loaded.settings.agent.url)
    if not on_loopback(loaded.settings.agent.url) or _listens(url.hostname or "", url.port or 80):
        return None
    process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
        [
            sys.executable,
            "-m",
            "agent_server",
            "--host",
            "127.0.0.1",
            "--port",
            str(url.port or 80),
            "--exit-with-parent",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    if process.stdout is not None:
        process.stdout.readline()
    return process


def _listens(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0
