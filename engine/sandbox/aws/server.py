"""The process: build the company, seed moto, listen on loopback, say where, and end when the parent does."""

import argparse
import gc
import os
import sys
import threading
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from engine.clock import system_clock
from engine.sandbox.aws import identity, seeding
from engine.sandbox.aws.front import Front
from engine.sandbox.company import DEFAULT_SCALE, DEFAULT_SEED, build
from engine.sandbox.gate import Desk

HOST = "127.0.0.1"
KEPT_HOSTS = 1_000


class Dispatcher(DomainDispatcherApplication):
    """Moto's choice of a back end by host name, remembered: moto itself lists its folder for every request."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._chosen: dict[str, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """Return the name of the back end that serves `host`; called under moto's lock."""
        if host is None:
            return None
        if host not in self._chosen:
            if len(self._chosen) >= KEPT_HOSTS:
                self._chosen.clear()
            self._chosen[host] = super().get_backend_for_host(host)
        return self._chosen[host]


class QuietHandler(MotoRequestHandler):
    """Moto's handler without a line on standard error for each request; the desk keeps the log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main() -> None:
    """Run the local AWS endpoint until SIGTERM, SIGINT or, if asked, the end of standard input."""
    chosen = _options().parse_args()
    company = build(seed=chosen.seed, scale=chosen.scale, now=system_clock())
    seeded = seeding.seed(company, clock=system_clock)
    # The seeded company lives as long as the process: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    desk = Desk(cloud="aws", enforcing=chosen.gate, clock=system_clock)
    front = Front(
        Dispatcher(),
        desk,
        knows=identity.knows,
        page=seeded.ledger.page,
        witness=seeding.witness(seeded.trail, clock=system_clock),
    )
    server = make_server(HOST, chosen.port, front, threaded=True, request_handler=QuietHandler)
    if chosen.exit_with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    print(f"aws endpoint: http://{HOST}:{server.server_port}", flush=True)  # noqa: T201 - the line the parent waits for
    server.serve_forever()


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description="A local AWS holding the seeded company.")
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options.add_argument("--seed", type=int, default=DEFAULT_SEED)
    options.add_argument("--scale", type=int, default=DEFAULT_SCALE, help="resources over all three clouds")
    options.add_argument("--gate", action="store_true", help="refuse changes that name no approved step")
    options.add_argument("--exit-with-parent", action="store_true", help="end when standard input does")
    return options


def _end_with_parent() -> None:
    """Wait for the end of standard input, which comes when the parent's end of the pipe is gone, however it died."""
    sys.stdin.buffer.read()
    os._exit(0)
