"""Log lines: JSON on standard error, ids, places and timings only, never what people said or what things are called.

Our own lines have fixed texts. Everything else that could write to standard error goes through here as well: libraries that log,
warnings, exceptions nobody caught. Of an exception its kind and the places it passed are kept; its text may quote a message or a key.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO, cast

import structlog

from engine.planning.redaction import Redactor

_MOST_VALUE = 200
_OURS = frozenset({"event", "level", "timestamp"})


def configure_logging(*, least: int = logging.INFO) -> None:
    """Let everything that is logged, warned about or raised by anyone in this process become such lines.

    Args:
        least: The level from which our own lines are written; a command, whose standard output is its answer, wants warnings only.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutWords())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.JSONRenderer(default=lambda value: type(value).__name__),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _WhereThereIsRoom())),
    )


class _WhereThereIsRoom:
    """Standard error as a file that takes what it can: a log on a full disk must not keep anybody from being answered."""

    def write(self, text: str) -> int:
        """Write, or let it go."""
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or let it go."""
        with suppress(OSError):
            sys.stderr.flush()


class WithoutWords(logging.Formatter):
    """Formats a library's record: which logger, how grave, where from; neither its text nor that of its exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON line."""
        raised = record.exc_info[1] if record.exc_info else None
        line: dict[str, Any] = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "at": f"{record.module}:{record.lineno}",
        }
        return json.dumps(line | ({"exception": list(kinds(raised))} if raised else {}))


def kinds(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """Give an exception, what caused it and what it groups as kind and places, the outermost first."""
    seen: set[int] = set()
    ahead = [error]
    while ahead:
        one = ahead.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield {
            "kind": f"{type(one).__module__}.{type(one).__qualname__}",
            "places": [
                f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(one.__traceback__)
            ],
        }
        ahead += [*(one.exceptions if isinstance(one, BaseExceptionGroup) else ()), one.__cause__ or one.__context__]


def _without_values(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Keep of an exception its kinds and places, and of texts nothing that looks like an identity or a credential."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    elif isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event["exception"] = list(kinds(raised))
    for key, value in event.items():
        if isinstance(value, str) and key not in _OURS:
            event[key] = _masked(value)
    return event


def _masked(text: str) -> str:
    return Redactor(lambda _word: False).redact(text)[:_MOST_VALUE]


def _uncaught(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    line = {"level": "critical", "logger": "uncaught", "exception": list(kinds(error)) or [{"kind": kind.__qualname__}]}
    print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201 - the last resort, where no logger may be left
