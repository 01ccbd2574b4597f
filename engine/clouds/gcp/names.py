"""selfLink paths: the full ids of Compute Engine, read.

Source: https://cloud.google.com/compute/docs/reference/rest/v1/instances (`selfLink`); the path is the part from `projects/` on.
"""

import re
from dataclasses import dataclass

_ZONAL = re.compile(r"projects/(?P<project>[^/]+)/zones/(?P<zone>[^/]+)/(?P<kind>[^/]+)/(?P<name>[^/]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonalPath:
    """The parts of `projects/P/zones/Z/instances/N`."""

    project: str
    zone: str
    kind: str
    name: str

    @property
    def region(self) -> str:
        """`us-central1` of `us-central1-a`."""
        return self.zone.rsplit("-", 1)[0]


def path_of(link: str) -> str:
    """Return the path of a selfLink; a path stays as it is."""
    return link[link.index("projects/") :] if "projects/" in link else link


def parse(path: str) -> ZonalPath:
    """Return the parts of a path or a selfLink.

    Raises:
        ValueError: When it is not the path of something in a zone.
    """
    found = _ZONAL.fullmatch(path_of(path))
    if found is None:
        raise ValueError(f"not the path of something in a zone: {path}")
    return ZonalPath(**found.groupdict())


def last(link: str) -> str:
    """Return the last part of a link: the machine type, the disk's name."""
    return link.rsplit("/", 1)[-1]


def project_of(path: str) -> str:
    """Return the project of a path or a selfLink, zonal or global."""
    return path_of(path).split("/")[1]
