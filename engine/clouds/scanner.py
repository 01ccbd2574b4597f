"""What every scanner is: it reads one service of an account, as `Resource`s."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from engine.estate.resource import Resource

Place_contra = TypeVar("Place_contra", contravariant=True)


class Scanner(Protocol[Place_contra]):
    """Reads one service. The parameter is where one reads in its cloud: the session, the account, the purpose."""

    @property
    def types(self) -> frozenset[str]:
        """The types of the resources it gives."""
        ...

    @property
    def parts(self) -> Sequence[Callable[[Place_contra], Iterable[Resource]]]:
        """The parts a cell is read in; each yields resources as pages arrive, and can fail by itself."""
        ...

    def read(self, place: Place_contra, resource: Resource) -> Resource | None:
        """Read one resource again; None when it is gone."""
        ...
