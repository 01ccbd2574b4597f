"""Which cells are read again before a change."""

from engine.estate.cells import touched
from engine.estate.resource import Cloud, ScanCell
from engine.estate.selector import Selector


def cell(region: str, service: str, cloud: Cloud = Cloud.AWS, account: str = "111111111111") -> ScanCell:
    """Return a cell."""
    return ScanCell(cloud=cloud, account=account, region=region, service=service)


CELLS = (
    cell("us-east-1", "ec2"),
    cell("us-east-1", "rds"),
    cell("eu-west-1", "ec2"),
    cell("global", "iam"),
    cell("us-central1", "compute", Cloud.GCP, "acme-data"),
)


def test_a_change_re_reads_only_the_cells_that_could_hold_its_targets() -> None:
    """Region, account, cloud and service rule cells out."""
    assert touched(Selector(types=frozenset({"ec2::instance"}), regions=frozenset({"us-east-1"})), CELLS) == (CELLS[0],)
    assert touched(Selector(clouds=frozenset({Cloud.GCP})), CELLS) == (CELLS[4],)
    assert touched(Selector(zones=frozenset({"us-central1-b"})), CELLS) == (CELLS[3], CELLS[4])
    assert touched(Selector(types=frozenset({"ec2::instance", "compute::instance"})), CELLS) == (
        CELLS[0],
        CELLS[2],
        CELLS[4],
    )


def test_a_type_that_no_cell_claims_keeps_all_cells_of_its_cloud() -> None:
    """Rather one cell too many than the one that mattered too few; once seen somewhere, it is read there."""
    networks = Selector(types=frozenset({"vpc::nat_gateway"}))
    assert touched(networks, CELLS) == CELLS[:4]
    assert touched(networks, CELLS, holds={(Cloud.AWS, "ec2"): {"vpc::nat_gateway"}}) == (CELLS[0], CELLS[2])
