"""botocore's exceptions, translated into `engine.clouds.errors` at the door of this folder.

The decisive question is always the same: was nothing done for certain, or is it not known? Whatever is not on a list of
certain answers counts as not known.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as botocore_errors
from botocore.parsers import ResponseParserError

from engine.clouds.errors import (
    CloudError,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    NotSent,
    Throttled,
    Unanswered,
)

TIMED_OUT = frozenset({"ReadTimeoutError"})
# A region that the account has not opted into, or a service that does not exist there.
NOT_ENABLED = frozenset({"EndpointProviderError", "InvalidRegionError", "OptInRequired", "UnknownServiceError"})
# Codes of https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html and the services' own error lists.
_THROTTLED = frozenset({
    "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
    "SlowDown", "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException",
    "TransactionInProgressException",
})  # fmt: skip
_DENIED = frozenset({
    "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthFailure", "AuthorizationError", "Blocked",
    "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId",
    "NotAuthorized", "OptInRequired", "PendingVerification", "RequestExpired", "SignatureDoesNotMatch",
    "UnauthorizedOperation", "UnrecognizedClientException",
})  # fmt: skip
_CONFLICT = frozenset({
    "BucketNotEmpty", "ConditionalRequestConflict", "DBSnapshotAlreadyExists", "DependencyViolation",
    "IncorrectInstanceState", "IncorrectState", "InsufficientInstanceCapacity", "InvalidDBInstanceState",
    "InvalidDBInstanceStateFault", "InvalidDBSnapshotState", "OperationAborted", "OperationNotPermitted",
    "PreconditionFailed", "UnsupportedOperation", "VolumeInUse",
})  # fmt: skip
_NOT_SENT = (
    botocore_errors.ConnectTimeoutError,
    botocore_errors.EndpointConnectionError,
    botocore_errors.ProxyConnectionError,
    botocore_errors.SSLError,
)
_NO_CREDENTIALS = (
    botocore_errors.CredentialRetrievalError,
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.ProfileNotFound,
    botocore_errors.SSOError,
    botocore_errors.TokenRetrievalError,
)
_INVALID = (
    botocore_errors.EndpointProviderError,
    botocore_errors.InvalidRegionError,
    botocore_errors.NoRegionError,
    botocore_errors.ParamValidationError,
    botocore_errors.UnknownServiceError,
)
# Everything but an answer of the service that can be read; an answer that cannot be read tells nothing.
SILENCES = (botocore_errors.BotoCoreError, ResponseParserError, OSError)
_MOST_CHARACTERS = 300
_OPAQUE = " Encoded authorization failure message"
_FORBIDDEN = frozenset({401, 403})
_CONFLICTING = frozenset({409, 412})
_NOT_FOUND, _TOO_MANY, _SERVER_ERROR = 404, 429, 500


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise what the SDK raises inside as a `CloudError`; `doing` says what was being done: "stop i-0ab1"."""
    try:
        yield
    except botocore_errors.ClientError as error:
        raise from_answer(error, doing) from error
    except SILENCES as error:
        raise from_silence(error, doing) from error


def from_answer(error: botocore_errors.ClientError, doing: str) -> CloudError:
    """Translate an error that the service answered."""
    answer = error.response.get("Error", {})
    code, status = str(answer.get("Code", "")), int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = str(answer.get("Message", "")).partition(_OPAQUE)[0][:_MOST_CHARACTERS]
    message = f"could not {doing}: {said or 'no reason given'}"
    if code in _THROTTLED or status == _TOO_MANY:
        return Throttled(code, message, retry_after=_retry_after(error))
    if code in _DENIED:
        return Denied(code, message)
    if code in _CONFLICT:
        return Conflict(code, message)
    if status >= _SERVER_ERROR or not status:
        return Unanswered(code or "Unknown", message)
    return _by_shape(code, status)(code, message)


def _by_shape(code: str, status: int) -> type[CloudError]:
    """Judge a certain refusal (4xx) that is on no list by the form of its code, then by its status."""
    plain = code.removesuffix("Fault").removesuffix("Exception")
    if plain.endswith("NotFound") or code.startswith("NoSuch") or status == _NOT_FOUND:
        return NotFound
    if plain.endswith(("AlreadyExists", "InUse")) or status in _CONFLICTING:
        return Conflict
    if status in _FORBIDDEN:
        return Denied
    return Invalid


def from_silence(error: Exception, doing: str) -> CloudError:
    """Translate an error for which there is no answer of the service; `NotSent` only where nothing can have been done."""
    code = type(error).__name__
    if isinstance(error, _NOT_SENT):
        return NotSent(code, f"could not {doing}: AWS could not be reached")
    if isinstance(error, _NO_CREDENTIALS):
        return Denied(code, f"could not {doing}: there are no usable AWS credentials")
    if isinstance(error, _INVALID):
        return Invalid(code, f"could not {doing}: {str(error)[:_MOST_CHARACTERS]}")
    return Unanswered(code, f"tried to {doing}, but no usable answer came")


def _retry_after(error: botocore_errors.ClientError) -> float | None:
    asked = str(error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after", ""))
    return float(asked) if asked.isdecimal() else None
