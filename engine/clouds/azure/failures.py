"""azure-core's exceptions, translated into `engine.clouds.errors` at the door of this folder.

The decisive question is always the same: was nothing done for certain, or is it not known? Whatever is not a certain answer
counts as not known.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from engine.clouds.delivery import never_sent
from engine.clouds.errors import CloudError, Conflict, Denied, Invalid, NotFound, NotSent, Throttled, Unanswered

TIMED_OUT = frozenset({"ServiceResponseTimeoutError"})
_MOST_CHARACTERS = 300
# ARM answers 404 for a subscription that the caller cannot see
# (https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors).
_UNSEEN = frozenset({"SubscriptionNotFound", "InvalidSubscriptionId"})
_BY_STATUS: Mapping[int, type[CloudError]] = {
    HTTPStatus.UNAUTHORIZED: Denied,
    HTTPStatus.FORBIDDEN: Denied,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.GONE: NotFound,
    HTTPStatus.PRECONDITION_FAILED: Conflict,
}


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise what the SDK raises inside as a `CloudError`; `doing` says what was being done: "deallocate web-1"."""
    try:
        yield
    except HttpResponseError as error:
        raise from_answer(error, doing) from error
    except (AzureError, OSError) as error:
        raise from_silence(error, doing) from error


def from_answer(error: HttpResponseError, doing: str) -> CloudError:
    """Translate an error that carries an answer of the service; one without an answer is no answer."""
    if error.response is None or error.status_code is None:
        return from_silence(error, doing)
    code = str(getattr(error.error, "code", None) or error.reason or error.status_code)
    said = str(getattr(error.error, "message", None) or error.reason or "no reason given")[:_MOST_CHARACTERS]
    message = f"could not {doing}: {said}"
    status = int(error.status_code)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(code, message, retry_after=_retry_after(error.response.headers))
    if code in _UNSEEN:
        return Denied(code, message)
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unanswered(code, message)
    return _BY_STATUS.get(status, Invalid)(code, message)


def from_silence(error: Exception, doing: str) -> CloudError:
    """Translate an error for which there is no answer of the service; `NotSent` only where nothing can have been done."""
    code = type(error).__name__
    if isinstance(error, ClientAuthenticationError):
        return Denied(code, f"could not {doing}: there are no usable Azure credentials")
    if never_sent(error):
        return NotSent(code, f"could not {doing}: Azure could not be reached")
    return Unanswered(code, f"tried to {doing}, but no answer came")


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    """Return the longest wait that any header asks for; Cost Management has several of its own."""
    asked = [str(value) for key, value in headers.items() if key.lower().endswith("retry-after")]
    return max((float(one) for one in asked if one.isdecimal()), default=None)
