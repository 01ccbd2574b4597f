"""All operations of all clouds, by id; and which of them serve an action on a type."""

from collections.abc import Iterable

from engine.clouds.aws.operations import COMPOSITES as AWS_COMPOSITES
from engine.clouds.aws.operations import OPERATIONS as AWS
from engine.clouds.azure.operations import COMPOSITES as AZURE_COMPOSITES
from engine.clouds.azure.operations import OPERATIONS as AZURE
from engine.clouds.gcp.operations import COMPOSITES as GCP_COMPOSITES
from engine.clouds.gcp.operations import OPERATIONS as GCP
from engine.clouds.operation import Composite, Operation
from engine.estate.resource import Cloud


class Catalog:
    """The closed vocabulary of what can be done."""

    def __init__(self, operations: Iterable[Operation], composites: Iterable[Composite] = ()) -> None:
        self.operations = {operation.id: operation for operation in operations}
        self.composites = {composite.id: composite for composite in composites}
        self._serving: dict[tuple[str, str], list[Operation | Composite]] = {}
        for found in self._all():
            self._serving.setdefault((found.action, found.type), []).append(found)

    def ids(self) -> tuple[str, ...]:
        """Return all ids, operations and composites, sorted."""
        return tuple(sorted((*self.operations, *self.composites)))

    def serving(self, action: str, resource_type: str, cloud: Cloud | None = None) -> Operation | Composite | None:
        """Return what serves `action` on `resource_type`: a composite before a single operation; None when nothing does.

        Some types have the same name on two clouds (`compute::disk`), so who has a resource says its cloud, too.
        """
        serving = self._serving.get((action, resource_type), ())
        return next((found for found in serving if cloud is None or cloud == found.cloud), None)

    def types_for(self, action: str) -> frozenset[str]:
        """Return the types on which `action` can be done."""
        return frozenset(found.type for found in self._all() if found.action == action)

    def _all(self) -> Iterable[Operation | Composite]:
        yield from self.composites.values()
        yield from self.operations.values()


def catalog() -> Catalog:
    """Return the catalogue of everything this version can do."""
    return Catalog((*AWS, *AZURE, *GCP), (*AWS_COMPOSITES, *AZURE_COMPOSITES, *GCP_COMPOSITES))
