"""Playbooks as people write them, and a registry over real stores on loopback."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from agent_server.contract.intent import Action
from agent_server.contract.playbook import (
    Category,
    Parameter,
    Playbook,
    PlaybookStep,
    PublishRequest,
    StorageStrategy,
)

REGION = "us-east-1"
BASH = '#!/usr/bin/env bash\nset -euo pipefail\naws rds stop-db-instance --db-instance-identifier "$1"\n'


def playbook(**fields: Any) -> Playbook:
    """Return a playbook that stops databases over the weekend, unless told otherwise."""
    known: dict[str, Any] = {
        "id": "weekend-shutdown",
        "version": "1.2.0",
        "name": "Weekend DB shutdown",
        "clouds": ["aws"],
        "category": Category.COST,
        "action": Action.STOP,
        "resource_types": ["rds::instance"],
        "summary": "Stops production databases over the weekend and keeps a snapshot.",
        "keywords": ["weekend", "database", "cost-saving"],
        "explain": ["Take a snapshot.", "Stop the database."],
        "parameters": [
            Parameter(
                name="snapshot", kind="string", description="Name of the snapshot.", pattern=r"[a-z][a-z0-9-]{0,40}"
            )
        ],
        "steps": [
            PlaybookStep(
                operation="aws.rds.create_db_snapshot",
                description="Keep a copy.",
                target="DBInstanceIdentifier",
                params={"DBSnapshotIdentifier": "{{snapshot}}"},
            ),
            PlaybookStep(
                operation="aws.rds.stop_db_instance",
                description="Stop it.",
                target="DBInstanceIdentifier",
                depends_on=[0],
            ),
        ],
        "scripts": {"bash": BASH},
        "risk": "medium",
        "rollback": "Start the databases again.",
    }
    return Playbook(**{**known, **fields})


def publish(strategy: str = "uploaded_trusted", note: str = "", **fields: Any) -> PublishRequest:
    """Return the upload of a playbook."""
    return PublishRequest(playbook=playbook(**fields), strategy=StorageStrategy(strategy), note=note)


_buckets = itertools.count()


@dataclass(frozen=True)
class Storage:
    """S3 on loopback: its address, a bucket of one's own and a client that sees everything in it."""

    url: str
    bucket: str
    client: Any

    def emptied(self) -> "Storage":
        """Return the same storage with an empty bucket of one's own."""
        bucket = f"escher-tenant-data-{next(_buckets)}"
        self.client.create_bucket(Bucket=bucket)
        return Storage(url=self.url, bucket=bucket, client=self.client)

    def files(self) -> list[str]:
        """Return every key in the bucket."""
        found = self.client.list_objects_v2(Bucket=self.bucket)
        return sorted(one["Key"] for one in found.get("Contents", ()))


@contextmanager
def storage() -> Iterator[Storage]:
    """Run moto's server with an empty bucket; the process gets credentials for it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.delenv("AWS_PROFILE", raising=False)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        server.start()
        try:
            host, port = server.get_host_and_port()
            url = f"http://{host}:{port}"
            client = boto3.client("s3", endpoint_url=url, region_name=REGION)
            yield Storage(url=url, bucket="", client=client).emptied()
        finally:
            server.stop()
