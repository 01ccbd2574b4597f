"""The runner's Unix socket: one request a connection, a line of JSON each way, progress lines in between.

Who asks is taken from the socket's peer credentials (`SO_PEERCRED`, unix(7)), never from the request. A request may name one of
the try-out's personas; anything else is refused.
"""

import asyncio
import json
import os
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from bot import people
from bot.terminal import address
from bot.terminal.asked import BadRequest, Caller, not_you
from bot.terminal.methods import Methods
from engine.planning.wire import PlannerUnavailable
from engine.principal import Principal
from engine.storage.database import StorageUnavailable

_log = structlog.get_logger(__name__)
_MOST_LINE = 4 * 1024 * 1024


class TerminalListener:
    """Serves `Methods` on a Unix socket.

    Args:
        methods: What can be asked.
        data_dir: Names the socket in a file, so that commands find it.
        personas: Second persons of a try-out.
    """

    def __init__(self, methods: Methods, *, data_dir: Path, personas: Sequence[Principal] = ()) -> None:
        self._methods = methods
        self._data_dir = data_dir
        self._personas = {persona.id: persona for persona in personas}
        self._server: asyncio.Server | None = None
        self._path: Path | None = None

    async def start(self) -> None:
        """Listen on a fresh socket, readable by this user only, and name it in the data directory."""
        self._path = address.folder(self._data_dir) / f"{os.getpid()}.sock"
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, path=str(self._path), limit=_MOST_LINE)
        self._path.chmod(0o600)
        address.publish(self._data_dir, self._path)

    async def stop(self) -> None:
        """Listen no more and remove the socket."""
        if self._server is not None:
            self._server.close()
        if self._path is not None:
            address.withdraw(self._data_dir, self._path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lock = asyncio.Lock()

        async def write(message: dict[str, Any]) -> None:
            async with lock:
                writer.write(json.dumps(message).encode() + b"\n")
                await writer.drain()

        async def say(words: str) -> None:
            with suppress(ConnectionError):
                await write({"progress": words})

        try:
            line = await reader.readline()
            if not line:
                return
            request = json.loads(line)
            wanted = str(request.get("as") or "")
            principal = self._principal(writer, wanted)
            if principal is None:
                await write({"error": {"code": "usage", "message": not_you(wanted)}})
                return
            answer = await self._methods.call(
                str(request.get("method")), request.get("params") or {}, Caller(principal=principal, say=say)
            )
            await write({"result": answer})
        except PlannerUnavailable as away:
            await write({"error": {"code": "unavailable", "message": away.reason}})
        except StorageUnavailable as error:
            await write({"error": {"code": "storage", "message": str(error)}})
        except (BadRequest, json.JSONDecodeError, ValueError) as error:
            await write({"error": {"code": "usage", "message": str(error)}})
        except ConnectionError:
            _log.info("a terminal went away")
        except Exception as error:  # noqa: BLE001 - whatever broke, the terminal must be told
            _log.exception("a terminal request broke")
            with suppress(ConnectionError):
                await write(
                    {
                        "error": {
                            "code": "broken",
                            "message": f"something broke ({type(error).__name__}); `escher doctor` looks for what is wrong",
                        }
                    }
                )
        finally:
            writer.close()

    def _principal(self, writer: asyncio.StreamWriter, wanted: str) -> Principal | None:
        peer: socket.socket = writer.get_extra_info("socket")
        _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        own = people.of_uid(uid)
        if not wanted or wanted == own.id:
            return own
        return self._personas.get(wanted) if uid == os.getuid() else None
