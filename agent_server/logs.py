"""Log lines: JSON on standard error, a closed set of fields, nothing of what was said."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import structlog


def request_log() -> "_RequestLog":
    """Return what writes one line for each request."""
    return _RequestLog(_json_lines())


def notices() -> Callable[[str], None]:
    """Return what writes a line about the server itself."""
    logger = _json_lines()

    def notice(text: str) -> None:
        logger.warning(text)

    return notice


def _json_lines() -> Any:
    return structlog.wrap_logger(
        structlog.PrintLogger(file=sys.stderr),
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
    )


class _RequestLog:
    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def __call__(self, record: Mapping[str, Any]) -> None:
        self._logger.info("request", **record)
