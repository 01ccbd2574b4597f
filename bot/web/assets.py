"""The page itself, read from the package once; names outside it do not exist."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

_MEDIA: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of the page."""

    media: str
    content: bytes


def load() -> dict[str, Asset]:
    """Return every file of the page by its path below `static/`."""
    found: dict[str, Asset] = {}
    _collect(files("bot.web") / "static", "", found)
    return found


def _collect(folder: Traversable, prefix: str, found: dict[str, Asset]) -> None:
    for item in folder.iterdir():
        if item.is_dir():
            _collect(item, f"{prefix}{item.name}/", found)
            continue
        suffix = item.name[item.name.rfind(".") :] if "." in item.name else ""
        if suffix in _MEDIA:
            found[f"{prefix}{item.name}"] = Asset(media=_MEDIA[suffix], content=item.read_bytes())
