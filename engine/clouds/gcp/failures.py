"""google-api-core's exceptions, translated into `engine.clouds.errors` at the door of this folder.

The decisive question is always the same: was nothing done for certain, or is it not known? Whatever is not a certain answer
counts as not known. A used-up rate quota of Compute Engine is a 403 like a denial; only its reason tells them apart
(https://cloud.google.com/compute/api-quota).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import requests
from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions

from engine.clouds.delivery import never_sent
from engine.clouds.errors import CloudError, Conflict, Denied, Invalid, NotFound, NotSent, Throttled, Unanswered

TIMED_OUT = frozenset({"ReadTimeout"})
_MOST_CHARACTERS = 300
_THROTTLED = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_CONFLICT = frozenset({
    "conditionNotMet", "quotaExceeded", "QUOTA_EXCEEDED", "resourceInUseByAnotherResource", "resourceNotReady",
})  # fmt: skip
_BY_STATUS: Mapping[int, type[CloudError]] = {
    HTTPStatus.UNAUTHORIZED: Denied,
    HTTPStatus.FORBIDDEN: Denied,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.PRECONDITION_FAILED: Conflict,
}


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise what the SDK raises inside as a `CloudError`; `doing` says what was being done: "stop etl-1"."""
    try:
        yield
    except exceptions.GoogleAPICallError as error:
        raise from_answer(error, doing) from error
    except auth_exceptions.GoogleAuthError as error:
        raise _from_credentials(error, doing) from error
    except exceptions.RetryError as error:
        raise _from_retries(error, doing) from error
    except (exceptions.GoogleAPIError, requests.RequestException, OSError) as error:
        raise from_silence(error, doing) from error


def from_answer(error: Any, doing: str) -> CloudError:
    """Translate an error that the service answered."""
    status = int(error.code or 0)
    reasons = [str(each.get("reason", "")) for each in error.errors if isinstance(each, Mapping)]
    code = next(filter(None, (*reasons, str(error.reason or ""))), type(error).__name__)
    said = str(error.message).partition(": ")[2] or str(error.message)
    message = f"could not {doing}: {said[:_MOST_CHARACTERS]}"
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _THROTTLED:
        return Throttled(code, message, retry_after=_retry_after(error.response))
    if code in _CONFLICT:
        return Conflict(code, message)
    if not status or status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unanswered(code, message)
    return _BY_STATUS.get(status, Invalid)(code, message)


def from_silence(error: Exception, doing: str) -> CloudError:
    """Translate an error for which there is no answer of the service; `NotSent` only where nothing can have been done."""
    code = type(error).__name__
    if never_sent(error):
        return NotSent(code, f"could not {doing}: Google Cloud could not be reached")
    return Unanswered(code, f"tried to {doing}, but no answer came")


def _from_retries(error: Any, doing: str) -> CloudError:
    """Translate the end of all retries of a read by what the last attempt was answered."""
    last = error.cause
    return from_answer(last, doing) if isinstance(last, exceptions.GoogleAPICallError) else from_silence(error, doing)


def _from_credentials(error: Exception, doing: str) -> CloudError:
    """Translate a failure to get a token: the call itself was not sent."""
    code = type(error).__name__
    if isinstance(error, auth_exceptions.TransportError):
        return NotSent(code, f"could not {doing}: Google's token service could not be reached")
    return Denied(code, f"could not {doing}: there are no usable Google Cloud credentials")


def _retry_after(response: Any) -> float | None:
    asked = str(getattr(response, "headers", {}).get("Retry-After", ""))
    return float(asked) if asked.isdecimal() else None
