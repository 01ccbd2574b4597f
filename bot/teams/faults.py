"""What each refusal of the connector means to the outbox.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit (429, and 412, 502, 504 worth a retry) and
https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-bot-conversational-apis
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import requests
from msrest.exceptions import ClientException, HttpOperationError

from bot.platform import Busy, Gone, Rejected, Unreachable

_DEFAULT_WAIT_SECONDS: Final = 5.0
_REJECTED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_GONE: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_GONE_CODES: Final = frozenset({"ActivityNotFoundInConversation", "ConversationNotFound", "BotNotInConversationRoster"})


class Unauthorised(Unreachable):
    """The connector does not take our token; another authority may give one that it takes."""


def code_of(error: HttpOperationError) -> str:
    """Return the connector's own error code, such as `ConversationNotFound`."""
    inner = getattr(error.error, "error", None)
    return str(getattr(inner, "code", "") or "")


def translated(error: HttpOperationError) -> Exception:
    """Return the port's exception for a refusal."""
    status = int(getattr(error.response, "status_code", 0) or 0)
    code = code_of(error)
    said = f"{status} {code}".strip()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Busy(_retry_after(error))
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorised(said)
    if code in _GONE_CODES or status in _GONE:
        return Gone(said)
    return Rejected(said) if status in _REJECTED else Unreachable(said)


@contextmanager
def port_faults() -> Iterator[None]:
    """Turn what the SDK raises into what the port raises."""
    try:
        yield
    except HttpOperationError as error:
        raise translated(error) from error
    except PermissionError as error:
        raise Unauthorised("no token for the connector") from error
    except (ClientException, requests.RequestException, TimeoutError, OSError) as error:
        raise Unreachable(type(error).__name__) from error


def _retry_after(error: HttpOperationError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    try:
        return max(float(headers.get("Retry-After", _DEFAULT_WAIT_SECONDS)), 0.1)
    except (TypeError, ValueError):
        return _DEFAULT_WAIT_SECONDS
