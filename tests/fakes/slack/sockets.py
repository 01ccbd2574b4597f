"""Socket Mode: up to ten WebSockets, each payload to one of them, acknowledged by envelope id.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode/ (hello, disconnect with `warning` or
`refresh_requested`, envelopes with `retry_attempt`, "each payload may be sent to any of the connections", ten at most).
"""

import asyncio
import random
from dataclasses import dataclass, field

import uvicorn
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.fakes.slack.delivery import EVENTS, Attempt, Outcome
from tests.fakes.slack.errors import Json
from tests.fakes.slack.state import State
from tests.fakes.slack.workspace import APP

MOST_CONNECTIONS = 10


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """One open WebSocket."""

    id: str
    socket: WebSocket
    waiting: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict)
    muted: bool = False


class Sockets:
    """All open WebSockets of the app."""

    def __init__(self, state: State, *, seed: int) -> None:
        """Start without connections; `seed` makes the distribution repeatable."""
        self._state = state
        self._random = random.Random(seed)  # noqa: S311 - picks a connection, guards nothing
        self.open: list[Connection] = []
        self.server: uvicorn.Server | None = None
        self.stray_acks: list[str] = []
        self.connected_ever = 0

    async def serve(self, socket: WebSocket) -> None:
        """Run one connection until it ends."""
        if not self._state.use_ticket(socket.query_params.get("ticket", "")):
            await socket.close(code=1008)
            return
        await socket.accept()
        if len(self.open) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return
        connection = Connection(id=self._state.workspace.new_id("conn"), socket=socket)
        self.open.append(connection)
        self.connected_ever += 1
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.open),
                "debug_info": {"host": "applink", "build_number": 1, "approximate_connection_time": 18060},
                "connection_info": {"app_id": APP},
            }
        )
        self._state.changed()
        try:
            while True:
                self._acknowledged(connection, await socket.receive_json())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._gone(connection)

    async def send(self, attempt: Attempt) -> Outcome:
        """Send an envelope over one connection and wait for its acknowledgement."""
        usable = [connection for connection in self.open if not connection.muted]
        if not usable:
            return Outcome(failure="connection_failed")
        return await self._send(self._random.choice(usable), attempt)

    async def _send(self, connection: Connection, attempt: Attempt) -> Outcome:
        envelope_id = self._state.workspace.new_id("env")
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = future
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": attempt.delivery.kind,
            "payload": attempt.delivery.payload,
            "accepts_response_payload": attempt.delivery.kind != EVENTS,
        }
        if attempt.delivery.kind == EVENTS:
            envelope |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
        try:
            await connection.socket.send_json(envelope)
            async with asyncio.timeout(attempt.seconds):
                return Outcome(response=await future)
        except TimeoutError:
            return Outcome(failure="timeout")
        except (WebSocketDisconnect, RuntimeError, ConnectionError):
            return Outcome(failure="connection_failed")
        finally:
            connection.waiting.pop(envelope_id, None)
            if future.done() and not future.cancelled():
                future.exception()  # retrieved, so that nothing is logged about it

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce to every connection that it is about to end; the app should open a new one."""
        for connection in list(self.open):
            await connection.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}}
            )

    def kill(self, count: int | None = None) -> int:
        """Cut connections without a goodbye, all or the first `count`; return how many were cut."""
        victims = self.open[:count]
        clients = {connection.socket.client for connection in victims if connection.socket.client}
        addresses = {(client.host, client.port) for client in clients}
        for protocol in list(self.server.server_state.connections) if self.server else []:
            peer = getattr(protocol, "client", None)
            if peer and tuple(peer) in addresses:
                protocol.transport.abort()
        for connection in victims:
            self._gone(connection)
        return len(victims)

    def _acknowledged(self, connection: Connection, frame: Json) -> None:
        envelope_id = str(frame.get("envelope_id"))
        future = connection.waiting.get(envelope_id)
        if future is None or future.done():
            self.stray_acks.append(envelope_id)
        else:
            future.set_result(frame.get("payload"))

    def _gone(self, connection: Connection) -> None:
        if connection in self.open:
            self.open.remove(connection)
        for future in connection.waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError())
        self._state.changed()
