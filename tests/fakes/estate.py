"""Resources, cells and a clock for tests of the estate."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from agent_server.embedding.port import DIMENSIONS, Vectors
from engine.estate.resource import CellScan, CellStatus, Cloud, Resource, ScanCell

ACCOUNT = "111122223333"


class MovableClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def forward(self, **delta: float) -> datetime:
        """Move on and return the new present."""
        self.now += timedelta(**delta)
        return self.now


class WordEmbedder:
    """Embeds a text as the sum of one fixed random direction per word, so that shared words mean closeness."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 per text."""
        self.texts += texts
        rows = np.array([np.sum([_direction(word) for word in text.casefold().split()], axis=0) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=DIMENSIONS)


def machine(
    name: str, *, region: str = "us-east-1", state: str = "running", account: str = ACCOUNT, **tags: str
) -> Resource:
    """Return an EC2 instance."""
    digest = hashlib.sha256(f"{region}{name}".encode()).hexdigest()[:17]
    return Resource(
        id=f"arn:aws:ec2:{region}:{account}:instance/i-{digest}",
        type="ec2::instance",
        cloud=Cloud.AWS,
        account=account,
        region=region,
        name=name,
        state=state,
        size="m5.large",
        tags=tags,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        facts={"private_ip": "10.1.2.3", "size_gb": 40},
    )


def cell(region: str = "us-east-1", service: str = "ec2", account: str = ACCOUNT) -> ScanCell:
    """Return an AWS cell."""
    return ScanCell(cloud=Cloud.AWS, account=account, region=region, service=service)


def scan(
    at: datetime, *resources: Resource, where: ScanCell | None = None, status: CellStatus = CellStatus.OK
) -> CellScan:
    """Return a reading."""
    return CellScan(
        cell=where or cell(),
        status=status,
        read_at=at,
        resources=resources,
        reason="" if status is CellStatus.OK else "said so",
    )
