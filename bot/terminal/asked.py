"""A request of a terminal that cannot be one."""


class BadRequest(Exception):
    """The method or its parameters mean nothing."""
