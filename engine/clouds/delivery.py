"""Whether a request can have left this machine: the decisive question after a call without an answer.

SDKs that stand on `requests` and `urllib3` wrap their errors in several layers; some of them call everything a failed
request that never was a connection. Only an error that occurs before a connection exists counts as not sent.
"""

from collections.abc import Iterator

# Classes of urllib3 and requests that are raised before the first byte is sent.
_BEFORE_SENDING = frozenset({"ConnectTimeout", "ConnectTimeoutError", "NameResolutionError", "NewConnectionError"})
_DEPTH = 8


def never_sent(error: BaseException) -> bool:
    """Return True only when an error, or one that it wraps, says that no connection was made."""
    return any(type(inner).__name__ in _BEFORE_SENDING for inner in _layers(error, _DEPTH))


def _layers(error: BaseException, depth: int) -> Iterator[BaseException]:
    yield error
    if depth == 0:
        return
    wrapped = (*error.args, getattr(error, "reason", None), getattr(error, "inner_exception", None), error.__cause__)
    for inner in wrapped:
        if isinstance(inner, BaseException) and inner is not error:
            yield from _layers(inner, depth - 1)
