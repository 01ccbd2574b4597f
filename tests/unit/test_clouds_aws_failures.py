"""What botocore raises, named by what one can do about it."""

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from engine.clouds.aws.failures import from_answer, translated
from engine.clouds.errors import CloudError, Conflict, Denied, Invalid, NotFound, NotSent, Throttled, Unanswered

URL = "https://ec2.us-east-1.amazonaws.com"

ANSWERS: list[tuple[str, int, type[CloudError]]] = [
    ("RequestLimitExceeded", 503, Throttled),
    ("SlowDown", 503, Throttled),
    ("Throttling", 400, Throttled),
    ("Whatever", 429, Throttled),
    ("UnauthorizedOperation", 403, Denied),
    ("AccessDeniedException", 400, Denied),
    ("ExpiredToken", 400, Denied),
    ("SomethingNew", 403, Denied),
    ("InvalidInstanceID.NotFound", 400, NotFound),
    ("DBInstanceNotFoundFault", 404, NotFound),
    ("NoSuchBucket", 404, NotFound),
    ("IncorrectInstanceState", 400, Conflict),
    ("InsufficientInstanceCapacity", 500, Conflict),
    ("DBSnapshotAlreadyExists", 400, Conflict),
    ("BucketNotEmpty", 409, Conflict),
    ("InvalidParameterValue", 400, Invalid),
    ("MalformedPolicy", 400, Invalid),
    ("InternalError", 500, Unanswered),
    ("ServiceUnavailable", 503, Unanswered),
    ("", 0, Unanswered),
]

SILENCES: list[tuple[Exception, type[CloudError]]] = [
    (sdk.EndpointConnectionError(endpoint_url=URL), NotSent),
    (sdk.ConnectTimeoutError(endpoint_url=URL), NotSent),
    (sdk.ReadTimeoutError(endpoint_url=URL), Unanswered),
    (sdk.ConnectionClosedError(endpoint_url=URL), Unanswered),
    (ResponseParserError("no XML"), Unanswered),
    (ConnectionResetError("reset"), Unanswered),
    (sdk.NoCredentialsError(), Denied),
    (sdk.ProfileNotFound(profile="gone"), Denied),
    (sdk.ParamValidationError(report="Missing Bucket"), Invalid),
    (sdk.NoRegionError(), Invalid),
    (sdk.BotoCoreError(), Unanswered),
]


def answered(code: str, status: int, message: str = "said the cloud") -> sdk.ClientError:
    """An error answer of a service."""
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {"retry-after": "7"}}
    return sdk.ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "StopInstances")


@pytest.mark.parametrize(("code", "status", "kind"), ANSWERS, ids=[f"{code}-{status}" for code, status, _ in ANSWERS])
def test_an_answer_is_named_by_its_code_then_by_its_status(code: str, status: int, kind: type[CloudError]) -> None:
    """A certain refusal is told from "not known"; the vendor's code and what was being done stay readable."""
    error = from_answer(answered(code, status), "stop i-1")
    assert type(error) is kind
    assert error.code == (code or "Unknown")
    assert error.message == "could not stop i-1: said the cloud"


@pytest.mark.parametrize(("raised", "kind"), SILENCES, ids=[type(raised).__name__ for raised, _ in SILENCES])
def test_without_an_answer_only_what_was_surely_not_sent_counts_as_not_done(
    raised: Exception, kind: type[CloudError]
) -> None:
    """A refused connection and unusable credentials never left; a lost or unreadable answer is not known."""
    with pytest.raises(CloudError) as caught, translated("stop i-1"):
        raise raised
    assert type(caught.value) is kind


def test_a_throttled_answer_carries_the_wait_it_asks_for() -> None:
    """`Retry-After` in seconds reaches the executor."""
    error = from_answer(answered("Throttling", 400), "stop i-1")
    assert isinstance(error, Throttled)
    assert error.retry_after == 7.0


def test_an_opaque_authorization_text_is_cut_off() -> None:
    """The encoded part of EC2's message can hold request details and helps nobody in chat."""
    said = "You are not authorized. Encoded authorization failure message: " + "A" * 900
    assert from_answer(answered("UnauthorizedOperation", 403, said), "stop i-1").message.endswith(
        "You are not authorized."
    )


def test_a_defect_of_ours_is_not_dressed_up_as_the_clouds() -> None:
    """Only the SDK's and the network's exceptions are translated."""
    with pytest.raises(KeyError), translated("stop i-1"):
        raise KeyError("suffix")
