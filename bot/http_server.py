"""A server of our own in the runner's event loop, as HTTP surfaces have one each."""

import asyncio
import socket

import uvicorn

from engine.tasks import spawn


class HttpServer:
    """Answers on a socket from `start` to `stop`.

    Args:
        config: What uvicorn serves, and how.
        listener: Listens already; closed by `stop`.
        name: What its task is called.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket, *, name: str) -> None:
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._listener = listener
        self._name = name
        self._ticking: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    async def start(self) -> None:
        """Begin to answer. Not by `serve`: it would take the signals over, and stopping is the runner's business."""
        await self._server.startup(sockets=[self._listener])
        self._ticking = spawn(self._server.main_loop(), name=self._name)

    async def stop(self) -> None:
        """Finish what is being answered and close."""
        self._server.should_exit = True
        if self._ticking is not None:
            await self._ticking
        await self._server.shutdown(sockets=[self._listener])
