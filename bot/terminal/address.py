"""Where the socket of a running runner is: named in a file of its data directory, since a socket's path must be short."""

import socket
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.settings import environment

_NAME = "socket-path"
_ALONE = "escher-"


def socket_of(data_dir: Path) -> Path | None:
    """Return the socket of the runner that has this data directory open, or None when none answers."""
    try:
        path = Path((data_dir / _NAME).read_text(encoding="utf-8").strip())
    except OSError:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return None
    return path


def publish(data_dir: Path, path: Path) -> None:
    """Name a runner's socket in its data directory."""
    (data_dir / _NAME).write_text(str(path), encoding="utf-8")


def withdraw(data_dir: Path, path: Path) -> None:
    """Remove a runner's socket, with the folder that was made for it alone, and name none any more."""
    path.unlink(missing_ok=True)
    if path.parent.name.startswith(_ALONE):
        with suppress(OSError):
            path.parent.rmdir()
    (data_dir / _NAME).unlink(missing_ok=True)


def folder(data_dir: Path) -> Path:
    """Return a short folder of this user for sockets: a socket's path may have 107 characters at most (unix(7)).

    Where nothing but the data directory can be written to, as in a read-only container, it is there.
    """
    base = environment().get("XDG_RUNTIME_DIR", "")
    if base and Path(base).is_dir():
        found = Path(base) / "escher"
    else:
        with suppress(OSError):
            return Path(tempfile.mkdtemp(prefix=_ALONE))
        found = data_dir / "run"
    found.mkdir(mode=0o700, exist_ok=True)
    return found
