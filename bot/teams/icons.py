"""The two icons of the app package, drawn here so that the package needs no file of its own.

A stair that turns back on itself: three steps, white. Teams wants a colour icon of 192 × 192 pixels and an outline icon of
32 × 32, white on transparent
(https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package#app-icons).
PNG: https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from typing import Final

ACCENT: Final = (0x1F, 0x29, 0x37)
_WHITE: Final = bytes((255, 255, 255, 255))
_CLEAR: Final = bytes(4)
_STEPS: Final = 3
_MARGIN: Final = 1 / 5


def color() -> bytes:
    """Return the colour icon as PNG."""
    return _png(192, bytes((*ACCENT, 255)))


def outline() -> bytes:
    """Return the outline icon as PNG."""
    return _png(32, _CLEAR)


def _png(size: int, ground: bytes) -> bytes:
    rows = b"".join(
        b"\x00" + b"".join(_WHITE if _on_a_step(x, y, size) else ground for x in range(size)) for y in range(size)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _on_a_step(x: int, y: int, size: int) -> bool:
    """Return whether a pixel lies on the stair, which rises from the lower left."""
    margin = round(size * _MARGIN)
    inside = size - 2 * margin
    across, down = x - margin, y - margin
    if not (0 <= across < inside and 0 <= down < inside):
        return False
    step = across * _STEPS // inside
    return down >= inside - (step + 1) * inside // _STEPS
