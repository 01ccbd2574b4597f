"""What is raised when one of the registry's two stores does not answer."""


class RegistryUnavailable(Exception):
    """A store cannot be reached or refuses us; trying again later may help.

    Attributes:
        retry_after: Seconds after which it is worth trying again.
    """

    def __init__(self, what: str, *, retry_after: int = 5) -> None:
        super().__init__(f"{what} cannot be reached")
        self.retry_after = retry_after
