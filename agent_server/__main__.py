"""`python -m agent_server`: listen, say where, drain when told to end."""

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from agent_server.app import create_app
from agent_server.embedding.minilm import MiniLm
from agent_server.knowledge.meaning import Meaning
from agent_server.knowledge.store import Knowledge
from agent_server.knowledge.warming import Warming
from agent_server.logs import notices
from agent_server.settings import Settings, SettingsError, is_loopback, load

_DRAIN_SECONDS = 30
_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to end; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = load()
        _check_host(options.host, settings)
        listening = listening_on(options.host, options.port)
    except SettingsError as error:
        return _complain(str(error))
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or "a port is a number from 0 to 65535"
        said = f"cannot listen on {options.host} port {options.port}: {str(why).partition(' (')[0].lower()}"
        return _complain(f"{said}; say another with --host or --port")
    embedder = MiniLm()
    knowledge = Knowledge(Meaning(embedder, notices()))
    config = uvicorn.Config(
        create_app(settings, embedder=embedder, knowledge=knowledge),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = _Server(config, options.host, listening.getsockname()[1], Warming(knowledge))
    if options.exit_with_parent:
        threading.Thread(target=server.end_with_input, daemon=True).start()
    asyncio.run(server.serve(sockets=[listening]))
    return 0


def listening_on(host: str, port: int) -> socket.socket:
    """Return a socket that listens; its connections send at once.

    An answer is written as head and body. Where the second waits until the first is acknowledged, which the other side puts off, that is
    40 ms for each; asyncio turns this off only for sockets that say that they are TCP, which these do not.
    """
    listening = socket.create_server((host, port), family=_family(host))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class _Server(uvicorn.Server):
    """Says where it listens once it does; SIGTERM and SIGINT drain and end with exit code 0."""

    def __init__(self, config: uvicorn.Config, host: str, port: int, warming: Warming) -> None:
        super().__init__(config)
        self._warming = warming
        self._address = f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        sys.stdout.write(f"agent server: {self._address}\n")
        sys.stdout.flush()
        self._warming.begin()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, and let go of what is still being loaded."""
        self._warming.end()
        await super().shutdown(sockets=sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on a signal, without dying of it afterwards."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield

    def end_with_input(self) -> None:
        """Drain when standard input ends: then whoever started the server is gone."""
        # Unbuffered: a thread that waits inside a buffered read would hold its lock when the interpreter ends.
        while os.read(0, 4096):
            pass
        self.should_exit = True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="agent_server", description="Understand requests and propose plans.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback only without an issuer)")
    parser.add_argument("--port", type=int, default=8790, help="port to listen on; 0 takes a free one")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input ends")
    return parser


def _check_host(host: str, settings: Settings) -> None:
    if settings.authenticates or is_loopback(host):
        return
    raise SettingsError(
        f"without authentication I listen on loopback only, not on {host}: set ESCHER_AGENT_SERVER__ISSUER and "
        "ESCHER_AGENT_SERVER__AUDIENCE, or leave --host at 127.0.0.1"
    )


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _complain(why: str) -> int:
    sys.stderr.write(f"agent server: {why}\n")
    return _USAGE


if __name__ == "__main__":
    sys.exit(main())
