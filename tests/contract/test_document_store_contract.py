"""What every document store does, proved on a folder and on a bucket; and what each does on its own."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.errors import BadSetting, Conflict, Unavailable
from infra.documents import DocumentStore, FolderStore, S3Store, open_document_store
from infra.documents.s3 import Bucket, authorization
from infra.settings import load_settings
from tests.fixtures.bucket import PAGE, FakeBucket, served

SEALED = bytes(range(256)) * 40


@pytest.fixture
def bucket() -> Iterator[FakeBucket]:
    with served(FakeBucket()) as bucket:
        yield bucket


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    """Each test runs on both stores."""
    if request.param == "folder":
        return FolderStore(tmp_path / "documents")
    return S3Store(request.getfixturevalue("bucket").as_seen())


async def test_what_is_put_comes_back(store: DocumentStore) -> None:
    id = uuid4()
    assert await store.get(id) is None
    await store.put(id, SEALED)
    assert await store.get(id) == SEALED
    assert await store.get(uuid4()) is None


async def test_it_is_there_for_another_process(store: DocumentStore, tmp_path: Path) -> None:
    id = uuid4()
    await store.put(id, SEALED)
    other = FolderStore(tmp_path / "documents") if isinstance(store, FolderStore) else S3Store(store._bucket)  # type: ignore[attr-defined]
    assert await other.get(id) == SEALED


async def test_everything_is_listed_over_several_pages(store: DocumentStore) -> None:
    ids = {uuid4() for _ in range(2 * PAGE + 1)}
    for id in ids:
        await store.put(id, b"x")
    assert await store.ids() == ids


async def test_an_empty_store_has_nothing(store: DocumentStore) -> None:
    assert await store.ids() == set()
    await store.remove(uuid4())


async def test_what_is_removed_is_gone(store: DocumentStore) -> None:
    id = uuid4()
    await store.put(id, SEALED)
    await store.remove(id)
    await store.remove(id)
    assert await store.get(id) is None
    assert await store.ids() == set()


class TestFolder:
    async def test_a_content_is_never_replaced(self, tmp_path: Path) -> None:
        store, id = FolderStore(tmp_path), uuid4()
        await store.put(id, SEALED)
        with pytest.raises(Conflict):
            await store.put(id, b"other")
        assert await store.get(id) == SEALED

    async def test_only_the_service_reads_it_and_nothing_else_is_left(self, tmp_path: Path) -> None:
        store, id = FolderStore(tmp_path / "documents"), UUID("12345678-1234-4234-8234-1234567890ab")
        await store.put(id, SEALED)
        (file,) = (path for path in (tmp_path / "documents").rglob("*") if path.is_file())
        assert file.relative_to(tmp_path) == Path("documents/ab/12345678-1234-4234-8234-1234567890ab.mzd")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    async def test_an_unfinished_write_is_no_content(self, tmp_path: Path) -> None:
        (tmp_path / "ab").mkdir()
        (tmp_path / "ab" / ".0123").write_bytes(b"half")
        (tmp_path / "ab" / "notes.mzd").write_bytes(b"someone's")
        assert await FolderStore(tmp_path).ids() == set()

    async def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(Unavailable, match="文件库"):
            await FolderStore(tmp_path / "file").put(uuid4(), SEALED)


class TestBucket:
    async def test_objects_stand_under_the_prefix(self, bucket: FakeBucket) -> None:
        id = uuid4()
        await S3Store(bucket.as_seen()).put(id, SEALED)
        assert list(bucket.objects) == [f"minzheng/documents/{id}.mzd"]
        await S3Store(bucket.as_seen(prefix="")).put(id, SEALED)
        assert f"{id}.mzd" in bucket.objects
        assert await S3Store(bucket.as_seen()).ids() == {id}

    @pytest.mark.parametrize("change", [{"secret_key": "wrong"}, {"access_key": "other"}, {"region": "elsewhere"}])
    async def test_a_wrong_signature_is_refused(self, bucket: FakeBucket, change: dict[str, str]) -> None:
        with pytest.raises(Unavailable, match="拒绝访问"):
            await S3Store(bucket.as_seen(**change)).put(uuid4(), SEALED)
        assert bucket.objects == {}

    @pytest.mark.parametrize("status", [500, 503, 301])
    async def test_a_server_in_trouble(self, bucket: FakeBucket, status: int) -> None:
        bucket.fail = status
        with pytest.raises(Unavailable, match=str(status)):
            await S3Store(bucket.as_seen()).get(uuid4())

    async def test_a_missing_bucket_is_no_empty_store(self, bucket: FakeBucket) -> None:
        with pytest.raises(Unavailable, match="存储桶 other"):
            await S3Store(bucket.as_seen(name="other")).ids()

    async def test_a_missing_bucket_takes_nothing(self, bucket: FakeBucket) -> None:
        with pytest.raises(Unavailable, match="存储桶 other"):
            await S3Store(bucket.as_seen(name="other")).put(uuid4(), SEALED)

    async def test_nobody_there(self) -> None:
        with pytest.raises(Unavailable, match="无法访问"):
            await S3Store(FakeBucket(endpoint="http://127.0.0.1:9").as_seen()).get(uuid4())

    @pytest.mark.parametrize("endpoint", ["", "127.0.0.1:9000", "ftp://127.0.0.1", "http://127.0.0.1/path"])
    def test_an_endpoint_that_is_none(self, endpoint: str) -> None:
        with pytest.raises(BadSetting):
            S3Store(FakeBucket(endpoint=endpoint).as_seen())

    def test_its_secret_is_never_shown(self) -> None:
        assert "a secret of the test" not in repr(FakeBucket(endpoint="http://127.0.0.1:9").as_seen())


PUBLISHED = Bucket(
    "https://s3.amazonaws.com",
    "examplebucket",
    "",
    "us-east-1",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("path", "query", "more", "signature"),
    [
        (
            "/test.txt",
            "",
            {"range": "bytes=0-9"},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        ("/", "lifecycle=", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/", "max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_signatures_are_those_of_the_published_examples(
    path: str, query: str, more: dict[str, str], signature: str
) -> None:
    moment = datetime(2013, 5, 24, tzinfo=UTC)
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "x-amz-content-sha256": NOTHING,
        "x-amz-date": f"{moment:%Y%m%dT%H%M%SZ}",
        **more,
    }
    given = authorization(PUBLISHED, "GET", path, query, headers)
    assert given.endswith(f"Signature={signature}")
    assert given.startswith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,")


class TestSettings:
    def test_a_folder_unless_a_bucket_is_set(self, tmp_path: Path) -> None:
        assert isinstance(open_document_store(load_settings(data_dir=tmp_path)), FolderStore)

    def test_a_bucket(self, bucket: FakeBucket) -> None:
        settings = load_settings(
            documents="s3://papers/minzheng/documents",
            documents_endpoint=bucket.endpoint,
            documents_access_key="a",
            documents_secret_key="hidden",
        )
        assert isinstance(open_document_store(settings), S3Store)
        assert "hidden" not in repr(settings)

    def test_what_is_missing_is_named(self) -> None:
        settings = load_settings(documents="s3://papers", documents_endpoint="http://127.0.0.1:9")
        with pytest.raises(BadSetting, match="MINZHENG_DOCUMENTS_ACCESS_KEY, MINZHENG_DOCUMENTS_SECRET_KEY"):
            open_document_store(settings)

    @pytest.mark.parametrize("value", ["papers", "s3://", "file:///etc"])
    def test_what_is_no_bucket(self, value: str) -> None:
        with pytest.raises(BadSetting, match="s3://bucket/prefix"):
            load_settings(documents=value)
