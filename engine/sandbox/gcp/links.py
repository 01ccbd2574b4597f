"""How Compute Engine writes addresses: full URLs in its bodies, paths from `projects/` on in its sentences."""

PREFIX = "https://www.googleapis.com/compute/v1/"


def link(path: str) -> str:
    """Return the selfLink of a path such as `projects/p/zones/z/instances/n`."""
    return PREFIX + path
