"""What an SDK's client is for, the same words for every cloud."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a client is for; it decides about retries and time-outs."""

    READ = "read"
    QUICK_READ = "quick_read"
    WRITE = "write"
