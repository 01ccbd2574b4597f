"""Whole playbooks and their scripts in S3-compatible storage, under `tenant/playbook/version/`.

A version is claimed by writing its package only where nothing lies yet (`If-None-Match: *`,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html): of two who publish the same version at the same time, one wins
and the other is told. Links are pre-signed for a short while; whoever follows one compares the SHA-256 that came with it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from agent_server.contract.playbook import Language
from agent_server.registry.tenancy import stored_name
from agent_server.registry.unavailable import RegistryUnavailable

LINK_SECONDS = 900
FILE: Mapping[Language, str] = {
    Language.BASH: "main.sh",
    Language.PYTHON: "main.py",
    Language.CLI: "commands.txt",
}
PACKAGE = "playbook.json"
_MOST_BYTES = 2 * 1024 * 1024
_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_THERE = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one version of one tenant lies."""

    tenant: str
    playbook_id: str
    version: str

    def key(self, file: str) -> str:
        """Return the key of one of its files."""
        return f"{stored_name(self.tenant)}/{self.playbook_id}/{self.version}/{file}"


class Packages(Protocol):
    """Where packages and scripts are kept. Every method raises RegistryUnavailable when the store does not answer."""

    def claim(self, place: Place, package: bytes) -> bytes:
        """Write a package where nothing lies yet; return what lies there afterwards."""
        ...

    def package(self, place: Place) -> bytes | None:
        """Return a package, or None."""
        ...

    def put_script(self, place: Place, language: Language, script: str) -> str:
        """Write a script and return where it lies."""
        ...

    def script(self, place: Place, language: Language) -> bytes | None:
        """Return a script's bytes, or None."""
        ...

    def link(self, place: Place, language: Language) -> str:
        """Return an address at which the script can be fetched for `LINK_SECONDS`."""
        ...


class S3Packages:
    """`Packages` in a bucket, which must exist and should be private.

    Args:
        client: A boto3 S3 client.
        bucket: Its name.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def claim(self, place: Place, package: bytes) -> bytes:
        """Write a package where nothing lies yet; return what lies there afterwards."""
        try:
            self._put(place.key(PACKAGE), package, "application/json", IfNoneMatch="*")
        except _Occupied:
            held = self.package(place)
            if held is None:
                raise RegistryUnavailable("the storage of playbooks") from None
            return held
        return package

    def package(self, place: Place) -> bytes | None:
        """Return a package, or None."""
        return self._get(place.key(PACKAGE))

    def put_script(self, place: Place, language: Language, script: str) -> str:
        """Write a script and return where it lies."""
        key = place.key(FILE[language])
        self._put(key, script.encode(), "text/plain; charset=utf-8")
        return f"s3://{self._bucket}/{key}"

    def script(self, place: Place, language: Language) -> bytes | None:
        """Return a script's bytes, or None."""
        return self._get(place.key(FILE[language]))

    def link(self, place: Place, language: Language) -> str:
        """Return an address at which the script can be fetched for `LINK_SECONDS`; nothing is asked of the store."""
        with _reaching():
            return str(
                self._client.generate_presigned_url(
                    "get_object",
                    Params={"Bucket": self._bucket, "Key": place.key(FILE[language])},
                    ExpiresIn=LINK_SECONDS,
                )
            )

    def _put(self, key: str, body: bytes, content_type: str, **conditions: str) -> None:
        with _reaching():
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, **conditions)

    def _get(self, key: str) -> bytes | None:
        try:
            with _reaching():
                found: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read(_MOST_BYTES)
                return found
        except _Missing:
            return None


class _Missing(Exception):
    """Nothing lies there."""


class _Occupied(Exception):
    """Something lies there already."""


@contextmanager
def _reaching() -> Iterator[None]:
    """Tell "nothing there" and "something there" from a store that does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - a third of a second, with a registry only

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _GONE:
            raise _Missing from None
        if code in _THERE:
            raise _Occupied from None
        raise RegistryUnavailable("the storage of playbooks") from None
    except (BotoCoreError, OSError):
        raise RegistryUnavailable("the storage of playbooks") from None


def connect(*, bucket: str, endpoint: str = "", region: str = "") -> S3Packages:
    """Return the storage in a bucket; credentials are those of the process (boto3's usual chain)."""
    import boto3  # noqa: PLC0415 - with a registry only
    from botocore.config import Config  # noqa: PLC0415 - likewise

    # Another endpoint than Amazon's seldom has a host name for each bucket.
    style = {"addressing_style": "path" if endpoint else "auto"}
    client = boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or "us-east-1",
        config=Config(
            signature_version="s3v4", s3=style, connect_timeout=3, read_timeout=10, retries={"max_attempts": 2}
        ),
    )
    return S3Packages(client, bucket)


def digest(data: bytes) -> str:
    """Return the SHA-256 of stored bytes."""
    return hashlib.sha256(data).hexdigest()
