"""Running a runner as a process: ready when listening, drained at SIGTERM."""

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.app import known_people, open_runner, reporter, surfaces
from bot.logs import configure_logging
from bot.runner import Surface
from bot.settings import Loaded, SettingsError, load
from bot.terminal.client import TerminalPlatform
from bot.terminal.listener import TerminalListener
from bot.terminal.methods import Methods
from engine.approval.policy import PolicyError
from engine.clouds.errors import CloudError
from engine.estate.vectors import StoreInUse
from engine.execution.executor import JournalPoint, no_point
from engine.storage.database import StorageUnavailable
from engine.storage.envelope import EnvelopeError
from engine.storage.master import MasterKeyError
from engine.storage.schema import SchemaTooNew


@runtime_checkable
class LinkMaker(Protocol):
    """A listener that lets a browser in by a link which works once."""

    def new_link(self) -> str:
        """Return a fresh link."""
        ...


def serve(loaded: Loaded, *, exit_with_parent: bool = False, point: JournalPoint = no_point) -> int:
    """Run until SIGTERM or SIGINT; return the exit code."""
    configure_logging()
    try:
        return asyncio.run(_serve(loaded, exit_with_parent=exit_with_parent, point=point))
    except (SettingsError, PolicyError, MasterKeyError) as error:
        print(f"escher: {error}", file=sys.stderr)  # noqa: T201 - the person who started it reads this
        return 2
    except StoreInUse as error:
        other = "stop the other runner, or give this one another [data] dir"
        print(f"escher: {error}; {other}", file=sys.stderr)  # noqa: T201 - likewise
        return 3
    except (StorageUnavailable, SchemaTooNew, EnvelopeError, CloudError) as error:
        print(f"escher: {error}", file=sys.stderr)  # noqa: T201 - likewise
        return 3


async def _serve(loaded: Loaded, *, exit_with_parent: bool, point: JournalPoint) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if exit_with_parent:
        threading.Thread(target=_watch_parent, args=(loop, stop), daemon=True).start()
    runner = open_runner(loaded, point=point)
    found = surfaces(loaded, runner)
    platform = TerminalPlatform()
    own, *personas = known_people(loaded)
    del own
    methods = Methods(runner, platform, links=_links(found))
    terminal = TerminalListener(methods, data_dir=loaded.settings.data.path, personas=personas)
    every = (*found, Surface(name="Terminal", platform=platform, listener=terminal))
    try:
        await runner.start(every, reporter(loaded, runner))
        print("ready", flush=True)  # noqa: T201 - the contract of `escher run`
        await stop.wait()
    finally:
        await runner.stop()
    return 0


def _links(found: tuple[Surface, ...]) -> Callable[[], str] | None:
    for surface in found:
        if isinstance(surface.listener, LinkMaker):
            return surface.listener.new_link
    return None


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Wait for the end of standard input, which the parent holds open, then stop.

    Read from the descriptor: a thread inside `sys.stdin` would hold its lock while the interpreter ends.
    """
    while os.read(0, 1024):
        pass
    loop.call_soon_threadsafe(stop.set)


def main() -> None:
    """Serve as a child process: `python -m bot.serving --config F [--exit-with-parent]`."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--config", type=Path, required=True)
    arguments.add_argument("--exit-with-parent", action="store_true")
    chosen = arguments.parse_args()
    try:
        loaded = load(chosen.config)
    except SettingsError as error:
        print(f"escher: {error}", file=sys.stderr)  # noqa: T201 - the person who started it reads this
        sys.exit(2)
    sys.exit(serve(loaded, exit_with_parent=chosen.exit_with_parent))


if __name__ == "__main__":
    main()
