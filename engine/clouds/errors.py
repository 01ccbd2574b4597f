"""What can go wrong with a cloud call, named by what one can do about it.

Every SDK exception is translated at the door of its cloud folder; nothing beyond sees a vendor's exception.
"""


class CloudError(Exception):
    """A cloud call did not do what it should.

    Attributes:
        code: The vendor's own code, such as `UnauthorizedOperation`; safe to show.
        message: One sentence in plain words, without secrets.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Denied(CloudError):
    """The credentials may not do this; someone must grant it."""


class NotFound(CloudError):
    """The thing does not exist (any more)."""


class Conflict(CloudError):
    """The thing is in a state that does not allow this, or changed meanwhile; look again."""


class Invalid(CloudError):
    """The request itself is wrong; repeating it will not help."""


class Throttled(CloudError):
    """Too many calls; nothing was done; wait, then repeat.

    Attributes:
        retry_after: Seconds the cloud asked to wait, or None.
    """

    def __init__(self, code: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class NotSent(CloudError):
    """The call never left this machine (name look-up, refused connection): nothing was done."""


class Unanswered(CloudError):
    """The call was sent and no answer came (time-out, reset, 5xx): it may or may not have been done."""
