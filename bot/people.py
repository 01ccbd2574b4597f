"""Who uses this machine: the runner's own user, and in a try-out the second persons its settings name."""

import getpass
import os
import pwd

from engine.principal import Principal


def own() -> Principal:
    """Return the user this process runs as."""
    return of_uid(os.getuid())


def of_uid(uid: int) -> Principal:
    """Return a user of this machine by its numeric id, as the kernel vouches for it."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = getpass.getuser() if uid == os.getuid() else str(uid)
    return Principal(id=f"local:{name}", display=name)


def persona(identity: str) -> Principal:
    """Return a second person of a try-out, such as `local:reviewer`."""
    return Principal(id=identity, display=identity.partition(":")[2])
