"""The stores of files: the local folder and a real S3 server do the same, and fail in the same words."""

import errno
import hashlib
import io
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
import pytest
from file_servers import s3_server
from pyramid.request import Request

from plein.app import build_site
from plein.blobs import BlobsAway, BlobStore, NoRoom
from plein.blobs.answers import send
from plein.blobs.local import LocalBlobStore
from plein.blobs.s3 import S3BlobStore
from plein.blobs.signing import signed
from plein.settings import SettingsError


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3BlobStore]:
    with s3_server(tmp_path_factory.mktemp("s3")) as values:
        yield S3BlobStore(
            "plein", "files", endpoint=values["plein.s3_endpoint"], region="us-east-1", key="key", secret="secret"
        )


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return LocalBlobStore(tmp_path / "files") if request.param == "local" else request.getfixturevalue("s3")


def test_what_is_stored_comes_back_whole_and_in_part(store: BlobStore) -> None:
    # More than a piece that goes up at once.
    for content in (b"", b"hallo", bytes(range(256)) * 50_000):
        digest, size = store.put(io.BytesIO(content))
        assert (digest, size) == (hashlib.sha256(content).hexdigest(), len(content))
        with store.open(digest) as file:
            assert file.read() == content
        found = store.find(digest)
        assert found is not None and found.size == size and datetime.now(UTC) - found.modified < timedelta(minutes=1)
    with store.open(digest, 1000, 10) as file:
        assert file.read(10) == content[1000:1010]
    assert digest in {one.digest for one in store}
    assert store.delete(digest) and store.find(digest) is None and store.delete(digest)
    with pytest.raises(FileNotFoundError):
        store.open(digest)


def test_what_was_stored_again_is_not_thrown_away(store: BlobStore) -> None:
    digest, _ = store.put(io.BytesIO(b"again"))
    assert not store.delete(digest, unless_since=datetime.now(UTC) - timedelta(hours=1))
    assert store.find(digest) is not None
    assert store.delete(digest, unless_since=datetime.now(UTC) + timedelta(hours=1))


def test_a_name_that_is_no_digest_reaches_no_file(store: BlobStore) -> None:
    for name in ("../../etc/passwd", "", "a" * 63, "A" * 64, "g" * 64):
        with pytest.raises(ValueError, match="SHA-256"):
            store.find(name)


CONTENT = b"0123456789" * 100


def answer(store: BlobStore, **headers: str) -> Any:
    digest, size = store.put(io.BytesIO(CONTENT))
    request = Request.blank("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    return send(request, store, digest, size, "image/png", keep="private"), f'"{digest}"'


def read(response: Any) -> bytes:
    try:
        return b"".join(response.app_iter)
    finally:
        getattr(response.app_iter, "close", lambda: None)()


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=990-", 206, 990, 999),
        ("bytes=-10", 206, 990, 999),
        ("bytes=990-5000", 206, 990, 999),
        ("bytes=-5000", 206, 0, 999),
        ("bytes=1000-", 416, 0, -1),
        ("bytes=-0", 416, 0, -1),
        ("bytes=9-3", 200, 0, 999),
        ("bytes=0-1,5-6", 200, 0, 999),
        ("lines=1-2", 200, 0, 999),
        ("bytes=-", 200, 0, 999),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(store: BlobStore, asked: str, status: int, first: int, last: int) -> None:
    response, _ = answer(store, Range=asked)
    assert response.status_int == status
    assert read(response) == CONTENT[first : last + 1]
    assert response.content_length == last + 1 - first
    ranges = {206: f"bytes {first}-{last}/1000", 416: "bytes */1000"}
    assert response.headers.get("Content-Range") == ranges.get(status)


def test_what_did_not_change_is_not_sent_again(store: BlobStore) -> None:
    whole, etag = answer(store)
    assert read(whole) == CONTENT
    response, _ = answer(store, If_None_Match=f'"other", W/{etag}')
    assert response.status_int == 304 and response.headers["ETag"] == etag and not read(response)
    response, _ = answer(store, Range="bytes=0-9", If_Range=etag)
    assert (response.status_int, read(response)) == (206, CONTENT[:10])
    response, _ = answer(store, Range="bytes=0-9", If_Range='"other"')
    assert (response.status_int, read(response)) == (200, CONTENT)


def test_a_signed_address_is_good_for_one_file_and_says_how_it_is_called(s3: S3BlobStore) -> None:
    digest, _ = s3.put(io.BytesIO(b"<script>"))
    address = s3.signed_url(digest, 60, 'één "plan".html')
    with urllib.request.urlopen(str(address)) as answered:
        assert answered.read() == b"<script>"
        assert answered.headers["Content-Type"] == "application/octet-stream"
        assert answered.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%A9%C3%A9n%20%22plan%22.html"
    assert dict(parse_qsl(urlsplit(str(address)).query))["X-Amz-Expires"] == "60"


def test_our_signature_is_that_of_obstore(s3: S3BlobStore) -> None:
    theirs = obstore.sign(s3._store, "GET", "ab/cd/x", timedelta(seconds=60))
    moment = dict(parse_qsl(urlsplit(theirs).query))["X-Amz-Date"]
    ours = signed(
        f"{s3.endpoint}/plein/files/ab/cd/x",
        region="us-east-1",
        key="key",
        secret="secret",
        seconds=60,
        now=datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
    )
    assert ours == theirs


def test_a_server_that_is_gone_is_said_soon() -> None:
    gone = S3BlobStore("plein", "", endpoint="http://127.0.0.1:9", region="x", key="k", secret="s")
    for ask in (lambda: gone.find("a" * 64), lambda: gone.open("a" * 64), lambda: gone.put(io.BytesIO(b"x"))):
        with pytest.raises(BlobsAway):
            ask()


def test_a_full_disk_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalBlobStore(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("plein.blobs.local.os.fsync", full)
    with pytest.raises(NoRoom):
        store.put(io.BytesIO(b"x" * 1000))
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"]


def test_half_stored_files_are_swept_when_they_are_old(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    (tmp_path / ".new-left").write_bytes(b"half")
    assert store.sweep(datetime.now(UTC) - timedelta(days=1)) == 0
    assert store.sweep(datetime.now(UTC) + timedelta(days=1)) == 1
    assert list(store) == []


def test_a_bucket_without_a_key_stops_the_start() -> None:
    values = {"plein.secret": "x" * 40, "plein.database_url": "sqlite://", "plein.files_store": "s3://bucket/a"}
    with pytest.raises(SettingsError, match=r"plein\.s3_key"):
        build_site(values)
    for wrong in ("s3://", "s3://UPPER", "http://x", "/srv"):
        with pytest.raises(SettingsError, match=r"plein\.files_store"):
            build_site({**values, "plein.files_store": wrong})


def test_sending_reads_no_more_than_a_piece_at_once() -> None:
    from plein.blobs.answers import Pieces

    class Endless(io.RawIOBase):
        most = 0

        def read(self, size: int = -1) -> bytes:
            self.most = max(self.most, size)
            return b"x" * size

    source: Any = Endless()
    total = sum(len(piece) for piece in Pieces(source, 50 << 20))
    assert total == 50 << 20 and source.most <= 1 << 20
