"""Archives in S3: one object each, which is there whole or not at all.

The credentials are those that boto3 finds by itself (environment, profile, role of the machine). They need `s3:PutObject`,
`s3:GetObject`, `s3:ListBucket` and `s3:DeleteObject` on the bucket and prefix.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.backup.targets import NAME, TargetUnavailable

_SMALL = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket and a prefix in it.

    Args:
        client: boto3's S3 client.
        bucket: The bucket.
        prefix: What every key begins with; with a slash at the end, or empty.
    """

    client: Any
    bucket: str
    prefix: str = ""

    @property
    def words(self) -> str:
        """Its address."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def put(self, name: str, file: Path) -> None:
        """Upload a file; S3 shows an object only once all of it has arrived."""
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 - only where archives go to S3

        config = TransferConfig(multipart_threshold=_SMALL, use_threads=False)
        more = {"ServerSideEncryption": "AES256", "ContentType": "application/octet-stream"}
        self._do(
            "written", lambda: self.client.upload_file(str(file), self.bucket, self.prefix + name, more, None, config)
        )

    def names(self) -> list[str]:
        """Return the names of the archives under the prefix."""

        def listed() -> list[str]:
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
            return [one["Key"][len(self.prefix) :] for page in pages for one in page.get("Contents", ())]

        return sorted(name for name in self._do("listed", listed) if NAME.fullmatch(name))

    def fetch(self, name: str, file: Path) -> None:
        """Download one."""
        self._do("read", lambda: self.client.download_file(self.bucket, self.prefix + name, str(file)))

    def remove(self, name: str) -> None:
        """Delete one."""
        self._do("removed", lambda: self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name))

    def _do(self, what: str, call: Any) -> Any:
        from boto3.exceptions import Boto3Error  # noqa: PLC0415 - as above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        try:
            return call()
        except ClientError as error:
            said = error.response.get("Error", {})
            reason = f"{said.get('Code', 'error')}: {said.get('Message', '')}".rstrip(": ")
        except (Boto3Error, BotoCoreError, OSError) as error:
            reason = str(error)
        raise TargetUnavailable(f"the backup at {self.words} could not be {what}: {reason}")


def bucket(address: str) -> Bucket:
    """Return the bucket of an address such as `s3://bucket/prefix`.

    Raises:
        TargetUnavailable: The address names no bucket.
    """
    import boto3  # noqa: PLC0415 - as above
    from botocore.config import Config  # noqa: PLC0415 - as above

    name, _, prefix = address.removeprefix("s3://").partition("/")
    if not name:
        raise TargetUnavailable(f"{address} names no bucket; write s3://BUCKET/PREFIX")
    config = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4})
    prefix = prefix.strip("/")
    return Bucket(boto3.client("s3", config=config), name, f"{prefix}/" if prefix else "")
