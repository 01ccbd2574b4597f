"""Places for archives: one behaviour over a folder and over S3 (moto's server, boto3's real client)."""

import pytest

from engine.backup.targets import Folder, TargetUnavailable
from engine.clouds.aws.objects import Bucket, bucket
from tests.fakes.published import storage

FIRST, SECOND = "escher-20310301T000000Z-00000001.backup", "escher-20310301T010000Z-00000002.backup"


@pytest.fixture(scope="module")
def s3():
    """Moto's server with an empty bucket."""
    with storage() as running:
        yield running


@pytest.fixture(params=["folder", "s3"])
def target(request, tmp_path, s3):
    """A place for archives with nothing in it."""
    if request.param == "folder":
        return Folder(tmp_path / "kept")
    fresh = s3.emptied()
    return Bucket(fresh.client, fresh.bucket, "escher/")


@pytest.fixture
def content(tmp_path):
    """A file to keep."""
    file = tmp_path / "content"
    file.write_bytes(b"sealed" * 1000)
    return file


def test_what_was_kept_comes_back_and_goes(target, content, tmp_path):
    """Put, listed oldest first, fetched byte for byte, removed; removing again is no error."""
    assert target.names() == []
    target.put(SECOND, content)
    target.put(FIRST, content)
    assert target.names() == [FIRST, SECOND]
    target.fetch(FIRST, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content.read_bytes()
    target.remove(FIRST)
    target.remove(FIRST)
    assert target.names() == [SECOND]


def test_one_that_is_not_there_is_said_with_its_place(target, tmp_path):
    """A sentence, not a stack of somebody else's exceptions."""
    with pytest.raises(TargetUnavailable, match=r"(cannot|could not) be read"):
        target.fetch(FIRST, tmp_path / "back")


def test_other_things_at_the_place_are_no_archives(target, content):
    """They are neither listed nor counted."""
    target.put("notes.txt", content)
    target.put(f"{FIRST}.part", content)
    assert target.names() == []


def test_an_unfinished_copy_is_cleared_by_the_next(tmp_path, content):
    """As a killed runner leaves it in a folder."""
    kept = Folder(tmp_path / "kept")
    kept.path.mkdir()
    left = kept.path / f"{FIRST}.0a1b2c3d.part"
    left.write_bytes(b"half")
    kept.put(SECOND, content)
    assert [one.name for one in kept.path.iterdir()] == [SECOND]
    assert (kept.path / SECOND).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_says_so(tmp_path, content):
    """A file in its place, for example."""
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    with pytest.raises(TargetUnavailable, match="could not be written"):
        Folder(tmp_path / "kept").put(FIRST, content)


def test_a_bucket_that_does_not_exist_is_said_with_its_address(s3, content):
    """So that a typing mistake is seen at the first backup."""
    with pytest.raises(TargetUnavailable, match=r"s3://no-such-bucket/x could not be written: .*NoSuchBucket"):
        Bucket(s3.client, "no-such-bucket", "x/").put(FIRST, content)


def test_an_address_names_bucket_and_prefix(monkeypatch, s3, content):
    """With the credentials and the region that boto3 finds by itself."""
    fresh = s3.emptied()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    place = bucket(f"s3://{fresh.bucket}/team/escher/")
    place.put(FIRST, content)
    assert fresh.files() == [f"team/escher/{FIRST}"]
    assert place.words == f"s3://{fresh.bucket}/team/escher"
    with pytest.raises(TargetUnavailable, match="names no bucket"):
        bucket("s3://")
