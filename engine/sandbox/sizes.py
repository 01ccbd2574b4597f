"""The machine sizes that the local Azure and the local Google Cloud offer: families, and in which of their sizes."""

AZURE = frozenset(
    f"Standard_{name}"
    for name in (
        *("B1s", "B2s", "B2ms", "B4ms", "F2s_v2", "F4s_v2", "F8s_v2"),
        *(f"{family}{cores}s_v{version}" for family in "DE" for cores in (2, 4, 8, 16, 32) for version in (3, 4, 5)),
    )
)
AZURE_CLOSED = "Standard_NC6s_v3"
"""Listed in each region, and closed to these subscriptions."""

_KINDS = [f"{family}-{kind}" for family in ("e2", "n1", "n2") for kind in ("standard", "highmem", "highcpu")]
GCP = frozenset(
    (
        *("e2-micro", "e2-small", "e2-medium", "a2-highgpu-1g", "n1-standard-1"),
        *(f"{kind}-{cores}" for kind in (*_KINDS, "c2-standard") for cores in (2, 4, 8, 16)),
    )
)
