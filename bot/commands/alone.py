"""A command without a runner: the engine is opened in this process for the time of one method."""

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from bot import people
from bot.app import known_people, open_runner, reporter
from bot.commands.telling import CommandFailed, Progress, away
from bot.logs import configure_logging
from bot.loopback import on_loopback
from bot.settings import Loaded, SettingsError
from bot.terminal.asked import BadRequest, Caller, not_you
from bot.terminal.client import TerminalPlatform
from bot.terminal.methods import Methods
from engine.approval.policy import PolicyError
from engine.estate.vectors import StoreInUse
from engine.planning.wire import PlannerUnavailable
from engine.storage.database import StorageUnavailable
from engine.storage.envelope import EnvelopeError
from engine.storage.master import MasterKeyError
from engine.storage.schema import SchemaTooNew


def run(
    loaded: Loaded, method: str, params: Mapping[str, Any], *, principal: str, progress: Progress
) -> dict[str, Any]:
    """Do one method as a runner would, and close everything again.

    Raises:
        CommandFailed: It could not be done.
    """
    configure_logging(least=logging.WARNING)
    return asyncio.run(_alone(loaded, method, params, principal, progress))


async def _alone(
    loaded: Loaded, method: str, params: Mapping[str, Any], principal: str, progress: Progress
) -> dict[str, Any]:
    who = {one.id: one for one in known_people(loaded)}.get(principal or people.own().id)
    if who is None:
        raise CommandFailed(not_you(principal), 2)
    helper = _planner_beside(loaded)
    try:
        runner = open_runner(loaded)
        runner.sync_seconds, runner.regular = 0, False
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
    except PlannerUnavailable as error:
        raise CommandFailed(away(error.reason), 3) from None
    except (StorageUnavailable, SchemaTooNew, EnvelopeError) as error:
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
