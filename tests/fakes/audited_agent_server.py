"""The agent server under an audit hook: every write and every connection of the process is a line on standard error.

`python tests/fakes/audited_agent_server.py [arguments of agent_server]`. Audit events: https://docs.python.org/3/library/audit_events.html.
"""

import os
import sys
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset(
    {
        "os.mkdir",
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "subprocess.Popen",
        "shutil.copyfile",
        "tempfile.mkstemp",
        "tempfile.mkdtemp",
        "sqlite3.connect",
    }
)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & _WRITING):
            _say(f"write {path!r}")
    elif event in {"socket.connect", "socket.sendto"}:
        _say(f"connect {arguments[1]!r}")
    elif event in _CHANGES and not _is_there(event, arguments):
        _say(f"change {event}")


def _is_there(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether a folder was asked for that exists, which changes nothing."""
    return event == "os.mkdir" and Path(arguments[0]).is_dir()


def _say(what: str) -> None:
    os.write(2, f"audit: {what}\n".encode())


sys.addaudithook(_watch)

from agent_server.__main__ import main  # noqa: E402 - the hook comes before everything

if __name__ == "__main__":
    sys.exit(main())
