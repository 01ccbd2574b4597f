"""Log lines: JSON on standard error, a closed set of fields, nothing of what was said."""

import sys
from collections.abc import Mapping
from typing import Any

import structlog


def request_log() -> "_RequestLog":
    """Return what writes one line for each request."""
    logger = structlog.wrap_logger(
        structlog.PrintLogger(file=sys.stderr),
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
    )
    return _RequestLog(logger)


class _RequestLog:
    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def __call__(self, record: Mapping[str, Any]) -> None:
        self._logger.info("request", **record)
